package wirejson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrTooMany is the error of JSON that is beyond maxHeld or [MaxFields]. Once it is
// read, it would take many times its size, as no genuine answer does.
var ErrTooMany = errors.New("is made to take many times its size in memory")

const (
	// maxHeld is how much memory, in bytes, the wire types of one value may take
	// beside the texts as they were received: 64 MiB. A portal at the documented limits
	// takes some 5 MB. JSON of nothing but "{}," would take a hundred times its size.
	maxHeld = 64 << 20
	// MaxFields is how many fields the wire types of one value may have together, null
	// ones as well. Each is an attribute in Terraform's state, and Terraform takes
	// 12 µs and more for one: a megabyte of "{}," would keep it busy for most of a
	// minute. Eighty servers (the documented limit) of ninety-two tools (the most that
	// was seen), each with annotations and an override, have 150,000 fields.
	MaxFields = 400_000
)

// maxEscape is how many times its size a text may take in escapes: two bytes
// become six.
const maxEscape = 3

// What a map takes of its own, and for each of its entries beside the texts.
const (
	mapSize   = 320
	entrySize = 64
)

// Decoder reads wire types from a stream of JSON tokens. Lexing is left to
// jsontext. Make one with [NewDecoder].
type Decoder struct {
	*jsontext.Decoder
	body   []byte // all that is decoded
	ctx    context.Context
	held   int // bytes, see maxHeld
	fields int // see MaxFields
}

// NewDecoder returns a decoder of body, which must be valid UTF-8. When ctx
// ends, decoding does too, with its error: it bounds the work on what was read.
func NewDecoder(ctx context.Context, body []byte) *Decoder {
	return &Decoder{ctx: ctx, body: body, Decoder: jsontext.NewDecoder(bytes.NewBuffer(body),
		// JSON that is kept as text may hold a key twice. An object that is read
		// field by field refuses it.
		jsontext.AllowDuplicateNames(true),
		// What is left of it in valid UTF-8 are halves of surrogate pairs: an emoji
		// that was cut in two must not keep the rest from being read.
		jsontext.AllowInvalidUTF8(true),
	)}
}

// Fields returns how many fields were read, null ones as well: see [MaxFields].
func (d *Decoder) Fields() int { return d.fields }

// Decode reads the next value into the wire type, or the slice of one or of
// [Value], that target points to. It empties the target first. The errors are a
// [*DecodeError], [ErrTooMany], an error of jsontext, or the context's.
func (d *Decoder) Decode(target any) error {
	v := reflect.ValueOf(target).Elem()
	v.SetZero()
	k := objectKind
	if v.Kind() == reflect.Slice {
		k = listKind
	}
	if found := d.PeekKind(); !k.accepts(found) {
		return d.mismatch(k, found)
	}
	switch {
	case v.Type() == reflect.TypeFor[[]Value]():
		return d.values(v)
	case k == listKind:
		return d.list(v)
	}
	return d.object(v)
}

// mismatch skips the next value and returns the error for it, or, if it is not
// JSON, the error for that.
func (d *Decoder) mismatch(expected kind, found jsontext.Kind) error {
	if err := d.SkipValue(); err != nil {
		return err
	}
	return &DecodeError{Expected: expected.String(), Found: NameOf(found)}
}

// elements reads the next value, which is a list, and calls element for each of its
// elements. An element of another kind than k is an error.
func (d *Decoder) elements(k kind, element func(n int) error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		found := d.PeekKind()
		if found == ']' || found == 0 {
			_, err := d.ReadToken()
			return err
		}
		var err error
		if k.accepts(found) {
			err = element(n)
		} else {
			err = d.mismatch(k, found)
		}
		if err != nil {
			return Within("["+strconv.Itoa(n)+"]", err)
		}
	}
}

func (d *Decoder) list(v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // [] is not null
	return d.elements(objectKind, func(int) error { return d.appendObject(v) })
}

// appendObject reads the next value, an object, to the end of a slice.
func (d *Decoder) appendObject(v reflect.Value) error {
	n := v.Len()
	if n == v.Cap() {
		v.Grow(1)
	}
	v.SetLen(n + 1)
	v.Index(n).SetZero()
	return d.object(v.Index(n))
}

// sparseList reads a list, and leaves out what is no object. If anything is, the list
// as it was received goes to extra.
func (d *Decoder) sparseList(v reflect.Value, name string, extra *Extra) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	whole := true
	start := d.InputOffset()
	err := d.elements(valueKind, func(int) error {
		if objectKind.accepts(d.PeekKind()) {
			return d.appendObject(v)
		}
		whole = false
		if err := d.SkipValue(); err != nil {
			return err
		}
		return d.hold(entrySize, 1)
	})
	if err != nil || whole {
		return Within(name, err)
	}
	return d.add(name, bytes.TrimLeft(d.body[start:d.InputOffset()], ": \t\r\n"), extra)
}

func (d *Decoder) object(v reflect.Value) error {
	l := layoutOf(v.Type())
	if err := d.hold(int(v.Type().Size()), len(l.fields)); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	extra := v.FieldByIndex(l.extra).Addr().Interface().(*Extra)
	var seen uint64
	for found := d.PeekKind(); found != '}' && found != 0; found = d.PeekKind() {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		name, f, known := l.lookUp(raw)
		bit := uint64(1) << f.ordinal
		if _, twice := (*extra)[name]; twice || known && seen&bit != 0 {
			return &DecodeError{Path: name, Expected: "one value", Found: "the key twice"}
		}
		if known {
			seen |= bit
			err = d.field(v.FieldByIndex(f.index), f, name, extra, l)
		} else {
			err = d.keep(name, extra)
		}
		if err != nil {
			return err
		}
	}
	for _, a := range l.absent {
		v.FieldByIndex(a.index).SetBool(seen&(1<<l.fields[a.name].ordinal) == 0)
	}
	_, err := d.ReadToken()
	return err
}

// lookUp returns the name that raw quotes, as it stands in [Extra], and the
// field of that name. The name of a known field costs no allocation.
func (l *layout) lookUp(raw jsontext.Value) (name string, f field, known bool) {
	if f, known = l.fields[string(raw[1:len(raw)-1])]; known {
		return string(raw[1 : len(raw)-1]), f, true
	}
	name = keyOf(raw)
	f, known = l.fields[name] // written with escapes
	return name, f, known
}

// field reads the next value into v, the field f of an object.
func (d *Decoder) field(v reflect.Value, f field, name string, extra *Extra, l *layout) error {
	found := d.PeekKind()
	switch {
	case found == 'n':
		_, err := d.ReadToken()
		return err
	case !f.kind.accepts(found) && l.open:
		return d.keep(name, extra)
	case !f.kind.accepts(found):
		return Within(name, d.mismatch(f.kind, found))
	case f.kind == objectKind:
		v.Set(reflect.New(f.elem))
		return Within(name, d.object(v.Elem()))
	case f.kind == listKind && f.sparse:
		return d.sparseList(v, name, extra)
	case f.kind == listKind && !l.open:
		return Within(name, d.list(v))
	case f.kind == valuesKind:
		return d.values(v)
	}
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch f.kind {
	case listKind:
		return d.openList(v, name, raw, extra)
	case stringsKind:
		return Within(name, d.strings(v, name, raw, extra))
	}
	exact, err := d.scalar(v, raw)
	if exact || err != nil {
		return err
	}
	if f.kind == stringKind {
		if err := d.hold(maxEscape*len(raw), 0); err != nil {
			return err
		}
		// In its one spelling, so that texts can be compared.
		raw = jsontext.Value(requote(raw))
	}
	return d.add(name, raw, extra)
}

// openList reads a list of an open object: all of it or, if an element is not
// an object, none.
func (d *Decoder) openList(v reflect.Value, name string, raw jsontext.Value, extra *Extra) error {
	inner := d.inner(raw)
	err := inner.list(v)
	d.held, d.fields = inner.held, inner.fields
	if _, ok := asDecodeError(err); ok {
		v.SetZero()
		return d.add(name, raw, extra)
	}
	return err
}

// strings reads a list of texts.
func (d *Decoder) strings(v reflect.Value, name string, raw jsontext.Value, extra *Extra) error {
	texts, exact := []string{}, true
	inner := d.inner(raw)
	err := inner.elements(stringKind, func(int) error {
		quoted, err := inner.ReadValue()
		if err != nil {
			return err
		}
		text, isExact := unquote(quoted)
		texts, exact = append(texts, text), exact && isExact
		return inner.hold(entrySize, 1)
	})
	d.held, d.fields = inner.held, inner.fields
	if err != nil {
		return err
	}
	v.Set(reflect.ValueOf(texts))
	if !exact {
		return d.add(name, raw, extra)
	}
	return nil
}

// values reads a list of values, whatever they are.
func (d *Decoder) values(v reflect.Value) error {
	values := []Value{} // [] is not null
	err := d.elements(valueKind, func(int) error {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		text, err := d.compact(raw)
		if err != nil {
			return err
		}
		values = append(values, Value(text))
		return d.hold(entrySize, 1)
	})
	v.Set(reflect.ValueOf(values))
	return err
}

// inner returns a decoder of a value within what d decodes.
func (d *Decoder) inner(raw jsontext.Value) *Decoder {
	inner := NewDecoder(d.ctx, raw)
	inner.held, inner.fields = d.held, d.fields
	return inner
}

// scalar sets v from raw. It is false if v does not hold the value as it is.
func (d *Decoder) scalar(v reflect.Value, raw jsontext.Value) (exact bool, err error) {
	switch target := v.Addr().Interface().(type) {
	case **string:
		text, exact := unquote(raw)
		*target = &text
		return exact, nil
	case **bool:
		b := raw.Kind() == 't'
		*target = &b
	case **Number:
		n := Number(raw)
		if !n.holds() {
			return false, nil
		}
		*target = &n
	case **Object:
		text, err := d.compact(raw)
		if err != nil {
			return false, err
		}
		*target = new(Object(text))
	case **Value:
		text, err := d.compact(raw)
		if err != nil {
			return false, err
		}
		*target = new(Value(text))
	default:
		panic(fmt.Sprintf("wirejson: a field of type %T", target))
	}
	return true, nil
}

// compact is the function [compact], and counts by how much escapes lengthen the text.
func (d *Decoder) compact(raw jsontext.Value) (string, error) {
	text := compact(raw)
	return text, d.hold(max(len(text)-len(raw), 0), 0)
}

// keep reads the next value, which no field is for, into extra.
func (d *Decoder) keep(name string, extra *Extra) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	return d.add(name, raw, extra)
}

func (d *Decoder) add(name string, raw jsontext.Value, extra *Extra) error {
	size := entrySize
	if *extra == nil {
		*extra = make(Extra, 1)
		size += mapSize
	}
	if err := d.hold(size, 1); err != nil {
		return err
	}
	text, err := d.compact(raw)
	(*extra)[name] = text
	return err
}

// hold counts bytes and fields, and returns an error once they are beyond maxHeld or
// MaxFields. Every 4096 fields it looks whether the context has ended.
func (d *Decoder) hold(size, fields int) error {
	d.held += size
	before := d.fields
	d.fields += fields
	if d.held > maxHeld || d.fields > MaxFields {
		return ErrTooMany
	}
	if before>>12 != d.fields>>12 {
		return d.ctx.Err()
	}
	return nil
}

// asDecodeError returns err as a DecodeError if it is one.
func asDecodeError(err error) (*DecodeError, bool) {
	return errors.AsType[*DecodeError](err)
}
