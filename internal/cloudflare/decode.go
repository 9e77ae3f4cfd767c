package cloudflare

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Extra is what the API returned in an object beyond the fields that its wire
// type has: from the field's name to its value as JSON text, compact, with keys
// in the API's order and numbers as received. Nil if there is nothing.
//
// A wire type is open if its Extra says so with the tag `json:",open"`: then a
// known field whose value has an unexpected type is kept here as well. In a
// closed one that is a [DecodeError]. In both, a value of the expected type
// that no UTF-8 text or no [big.Float] can hold (half of a surrogate pair,
// 1e999999999) is kept here.
type Extra map[string]string

// Number is a JSON number as received.
type Number string

// JSONObject is the text of a JSON object, compact, with keys in the API's order
// and numbers as received.
type JSONObject string

// maxHeld bounds how much memory, in bytes, the wire types of one answer may
// take beside their texts. A portal at the documented limits takes some 5 MB; a
// body of the size limit made of nothing but "{}," would take a hundred times
// its own size.
const maxHeld = MaxBodySize

// What a map takes of its own, and for each of its entries beside the texts.
const (
	mapSize   = 320
	entrySize = 64
)

var errTooManyValues = errors.New("is made of too many small objects")

// decoder reads wire types from a stream of JSON tokens. Lexing is left to
// jsontext; what is here is what encoding/json can't do: match names to the
// letter, keep what is unknown, and say where in the answer a value is wrong.
type decoder struct {
	*jsontext.Decoder
	held int // bytes, see maxHeld
}

// plan is how a wire type is read, worked out once per type from its json tags.
type plan struct {
	fields map[string]field
	extra  int // index of the field Extra
	open   bool
}

type field struct {
	index int
	kind  fieldKind
	elem  reflect.Type // of lists and objects
}

type fieldKind int

const (
	stringField fieldKind = iota
	boolField
	numberField
	jsonField
	objectField
	listField
)

// expected names each kind as a person reads it in a DecodeError.
var expected = map[fieldKind]string{
	stringField: "a string",
	boolField:   "a boolean",
	numberField: "a number",
	jsonField:   "an object",
	objectField: "an object",
	listField:   "a list",
}

func found(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return "nothing"
}

// accepts reports whether a value of kind k is one of the field's type.
func (f field) accepts(k jsontext.Kind) bool {
	switch f.kind {
	case stringField:
		return k == '"'
	case boolField:
		return k == 't' || k == 'f'
	case numberField:
		return k == '0'
	case listField:
		return k == '['
	default:
		return k == '{'
	}
}

var plans sync.Map // reflect.Type → *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{fields: make(map[string]field, t.NumField())}
	for i := range t.NumField() {
		sf := t.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Type == reflect.TypeFor[Extra]() {
			p.extra, p.open = i, options == "open"
			continue
		}
		p.fields[name] = fieldOf(i, sf.Type)
	}
	plans.Store(t, p)
	return p
}

func fieldOf(index int, t reflect.Type) field {
	switch t {
	case reflect.TypeFor[*string]():
		return field{index: index, kind: stringField}
	case reflect.TypeFor[*bool]():
		return field{index: index, kind: boolField}
	case reflect.TypeFor[*Number]():
		return field{index: index, kind: numberField}
	case reflect.TypeFor[*JSONObject]():
		return field{index: index, kind: jsonField}
	}
	if t.Kind() == reflect.Slice {
		return field{index: index, kind: listField, elem: t.Elem()}
	}
	return field{index: index, kind: objectField, elem: t.Elem()}
}

// value reads the next value into v, a wire type or a slice of one.
func (d *decoder) value(v reflect.Value) error {
	f := field{kind: objectField}
	if v.Kind() == reflect.Slice {
		f.kind = listField
	}
	if k := d.PeekKind(); !f.accepts(k) {
		return d.mismatch(f, k)
	}
	if f.kind == listField {
		return d.list(v)
	}
	return d.object(v)
}

// mismatch skips the next value and returns the error for it, or, if it is not
// JSON, the error for that.
func (d *decoder) mismatch(f field, k jsontext.Kind) error {
	if err := d.SkipValue(); err != nil {
		return err
	}
	return &DecodeError{Expected: expected[f.kind], Found: found(k)}
}

func (d *decoder) list(v reflect.Value) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // [] is not null
	object := field{kind: objectField}
	for n := 0; ; n++ {
		k := d.PeekKind()
		if k == ']' {
			_, err := d.ReadToken()
			return err
		}
		if k == 0 {
			_, err := d.ReadToken()
			return err
		}
		if !object.accepts(k) {
			return within(index(n), d.mismatch(object, k))
		}
		if n == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		if err := d.object(v.Index(n)); err != nil {
			return within(index(n), err)
		}
	}
}

func (d *decoder) object(v reflect.Value) error {
	if err := d.hold(int(v.Type().Size())); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	p := planOf(v.Type())
	extra := v.Field(p.extra).Addr().Interface().(*Extra)
	var seen uint64
	for {
		switch d.PeekKind() {
		case '}':
			_, err := d.ReadToken()
			return err
		case 0:
			_, err := d.ReadToken()
			return err
		}
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		name, f, known, err := p.lookUp(raw)
		if err != nil {
			return err
		}
		bit := uint64(1) << f.index
		if _, twice := (*extra)[name]; twice || known && seen&bit != 0 {
			return &DecodeError{Path: name, Expected: "one value", Found: "the key twice"}
		}
		if known {
			seen |= bit
			err = d.field(v.Field(f.index), f, name, extra, p.open)
		} else {
			err = d.keep(name, extra)
		}
		if err != nil {
			return err
		}
	}
}

// lookUp returns the name that raw quotes and the field of that name. The name
// of a known field costs no allocation.
func (p *plan) lookUp(raw jsontext.Value) (name string, f field, known bool, err error) {
	if f, known = p.fields[string(raw[1:len(raw)-1])]; known {
		return string(raw[1 : len(raw)-1]), f, true, nil
	}
	name, ok := unquote(raw)
	if !ok {
		return "", field{}, false, &DecodeError{Path: string(raw), Expected: "a key", Found: "half of a surrogate pair in it"}
	}
	f, known = p.fields[name] // written with escapes
	return name, f, known, nil
}

// field reads the next value into v, the field f of an object.
func (d *decoder) field(v reflect.Value, f field, name string, extra *Extra, open bool) error {
	k := d.PeekKind()
	switch {
	case k == 'n':
		_, err := d.ReadToken()
		return err
	case !f.accepts(k) && open:
		return d.keep(name, extra)
	case !f.accepts(k):
		return within(name, d.mismatch(f, k))
	case f.kind == objectField:
		v.Set(reflect.New(f.elem))
		return within(name, d.object(v.Elem()))
	case f.kind == listField && open:
		return d.openList(v, name, extra)
	case f.kind == listField:
		return within(name, d.list(v))
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	if !setScalar(v, f.kind, raw) {
		return d.add(name, raw, extra)
	}
	return nil
}

// openList reads a list of an open object: all of it or, if an element is not
// an object, none.
func (d *decoder) openList(v reflect.Value, name string, extra *Extra) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	elements := newDecoder(raw)
	elements.held = d.held
	err = elements.list(v)
	d.held = elements.held
	if _, ok := errors.AsType[*DecodeError](err); ok {
		v.SetZero()
		return d.add(name, raw, extra)
	}
	return err
}

// setScalar sets v from raw, unless Terraform could not hold the value as it is.
func setScalar(v reflect.Value, kind fieldKind, raw jsontext.Value) bool {
	switch target := v.Addr().Interface().(type) {
	case **string:
		s, ok := unquote(raw)
		if ok {
			*target = &s
		}
		return ok
	case **bool:
		b := raw.Kind() == 't'
		*target = &b
	case **Number:
		n := Number(raw)
		if !n.holds() {
			return false
		}
		*target = &n
	case **JSONObject:
		text := JSONObject(compact(raw))
		*target = &text
	default:
		panic(fmt.Sprintf("kind %d of %T", kind, target))
	}
	return true
}

// keep reads the next value into extra.
func (d *decoder) keep(name string, extra *Extra) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	return d.add(name, raw, extra)
}

func (d *decoder) add(name string, raw jsontext.Value, extra *Extra) error {
	size := entrySize
	if *extra == nil {
		*extra = make(Extra, 1)
		size += mapSize
	}
	if err := d.hold(size); err != nil {
		return err
	}
	(*extra)[name] = compact(raw)
	return nil
}

// hold counts size bytes towards maxHeld.
func (d *decoder) hold(size int) error {
	d.held += size
	if d.held > maxHeld {
		return errTooManyValues
	}
	return nil
}

// within puts a step before the path of a DecodeError; other errors pass.
func within(step string, err error) error {
	var wrong *DecodeError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.Path != "" && wrong.Path[0] != '[' {
		step += "."
	}
	wrong.Path = step + wrong.Path
	return wrong
}

func index(n int) string { return "[" + strconv.Itoa(n) + "]" }

// unquote returns the text of a JSON string. It is false if that text is not
// valid UTF-8: JSON can hold half of a surrogate pair (an emoji cut in two).
func unquote(raw jsontext.Value) (string, bool) {
	if slices.Contains(raw, '\\') {
		text, err := jsontext.AppendUnquote(nil, raw)
		return string(text), err == nil
	}
	return string(raw[1 : len(raw)-1]), true
}

// compact returns valid JSON without the white space between its tokens, and
// every token as it was.
func compact(raw jsontext.Value) string {
	var out []byte // nil as long as nothing was left out
	inString := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inString && c == '\\':
			if out != nil {
				out = append(out, c)
			}
			i++
			c = raw[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			if out == nil {
				out = append(make([]byte, 0, len(raw)), raw[:i]...)
			}
			continue
		}
		if out != nil {
			out = append(out, c)
		}
	}
	if out == nil {
		return string(raw)
	}
	return string(out)
}

const (
	// numberPrecision is the number of bits with which Terraform holds numbers.
	numberPrecision = 512
	// maxNumberLength and maxNumberExponent (of two) bound the numbers that are
	// held: 512 bits are 154 decimal digits, and a number is sent to Terraform
	// written out, so that 1e999999999 would take a gigabyte.
	maxNumberLength   = 150
	maxNumberExponent = 10_000
)

// holds reports whether Terraform's numbers can hold n.
func (n Number) holds() bool {
	if len(n) > maxNumberLength {
		return false
	}
	f, _, err := big.ParseFloat(string(n), 10, numberPrecision, big.ToNearestEven)
	if err != nil || f.IsInf() {
		return false
	}
	if f.Sign() == 0 {
		// 1e-999999999 is not 0.
		mantissa, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
		return strings.Trim(mantissa, "-0.") == ""
	}
	exponent := f.MantExp(nil)
	return -maxNumberExponent < exponent && exponent < maxNumberExponent
}

// Float returns the number with the precision that Terraform has: 512 bits.
func (n Number) Float() *big.Float {
	f, _, err := big.ParseFloat(string(n), 10, numberPrecision, big.ToNearestEven)
	if err != nil {
		panic("cloudflare: a Number that is not a number: " + string(n))
	}
	return f
}
