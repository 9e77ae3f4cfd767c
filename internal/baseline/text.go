package baseline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// The format of the text is its name and the number of its version, which grows
// when more is kept.
const (
	formatName   = "mcp-portal-baseline/"
	formatNumber = 1
)

var format = formatName + strconv.Itoa(formatNumber)

// Text returns the baseline as it is committed. The same content gives the same
// bytes, and Terraform, which normalises text, leaves every one of them alone.
func (b *Baseline) Text() string {
	return string(escape(indent([]byte(marshal(b)))))
}

// maxBroken is the depth down to which every value has a line of its own: that of
// a tool's fields. A list of arguments, or a tool's annotations, are on one line:
// a reviewer sees what belongs together, and a file of ten thousand tools is a
// quarter smaller.
const maxBroken = 5

// indent returns JSON without white space as people read it.
func indent(compact []byte) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/2)
	depth := 0
	newline := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := endOfString(compact, i)
			out = append(out, compact[i:end]...)
			i = end - 1
		case ':':
			out = append(out, ": "...)
		case ',':
			if out = append(out, c); depth > maxBroken {
				out = append(out, ' ')
			} else {
				newline()
			}
		case '{', '[':
			out = append(out, c)
			if depth++; depth <= maxBroken && !isClosing(compact[i+1]) {
				newline()
			}
		case '}', ']':
			depth--
			if depth < maxBroken && !isOpening(compact[i-1]) {
				newline()
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '\n')
}

func isOpening(c byte) bool { return c == '{' || c == '[' }
func isClosing(c byte) bool { return c == '}' || c == ']' }

// escape returns JSON in which every character is seen and survives: one that a
// person does not see, or that a terminal obeys, is escaped, and so are all of a
// line that Unicode's form NFC would change.
func escape(text []byte) []byte {
	if !slices.ContainsFunc(text, func(c byte) bool { return c >= 0x7f }) {
		return text
	}
	escaped := make([]byte, 0, len(text)+len(text)/8)
	for line := range bytes.Lines(text) {
		normal := norm.NFC.IsNormal(line)
		for len(line) > 0 {
			r, size := utf8.DecodeRune(line)
			switch {
			case r < 0x7f || normal && !isHidden(r):
				escaped = append(escaped, line[:size]...)
			default:
				escaped = appendEscape(escaped, r)
			}
			line = line[size:]
		}
	}
	return escaped
}

func appendEscape(b []byte, r rune) []byte {
	for _, unit := range utf16.AppendRune(nil, r) {
		b = fmt.Appendf(b, `\u%04x`, unit)
	}
	return b
}

// isHidden reports whether a person would not see the character as one, or a
// terminal would obey it: controls, those that turn the direction of text,
// those without a width, tags. Text for models has been hidden in them. The two
// that say how an emoji is drawn are left alone.
func isHidden(r rune) bool {
	if r == '\uFE0E' || r == '\uFE0F' {
		return false
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// ParseError says why a text is not a baseline. It repeats nothing of the text.
type ParseError struct {
	Reason string
	// Newer is true if a later version of the provider wrote the text.
	Newer bool
}

// Error returns the reason.
func (e *ParseError) Error() string { return e.Reason }

// Parse reads what [Baseline.Text] wrote; the order of keys and white space may
// be another. The errors are of type [*ParseError].
func Parse(text string) (*Baseline, error) {
	text = strings.TrimPrefix(text, "\uFEFF") // some editors put one there
	raw := []byte(text)
	b := new(Baseline)
	err := json.Unmarshal(raw, b, json.RejectUnknownMembers(true), bounded(len(raw)))
	if err != nil || b.Format != format {
		if wrong := wrongFormat(raw); wrong != nil {
			return nil, wrong
		}
	}
	if err != nil {
		return nil, &ParseError{Reason: describe(err, raw)}
	}
	dropNulls(b.Servers)
	for _, s := range b.Servers {
		dropNulls(s.Tools)
		dropNulls(s.Prompts)
		dropNulls(s.Waiting.Tools)
		dropNulls(s.Waiting.Prompts)
	}
	return b, nil
}

// dropNulls drops what is null in a text that somebody edited: it is absent.
func dropNulls[T any](items map[string]*T) {
	maps.DeleteFunc(items, func(_ string, item *T) bool { return item == nil })
}

// wrongFormat returns the error for JSON that is not of the format, or nil: if it
// is, and if it is no JSON.
func wrongFormat(raw []byte) error {
	var head struct {
		Format jsontext.Value `json:"format"`
	}
	err := json.Unmarshal(raw, &head)
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return nil
	}
	if found := string(head.Format); found == strconv.Quote(format) {
		return nil
	} else if number, ok := strings.CutPrefix(found, `"`+formatName); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(number, `"`))
		if err == nil && n > formatNumber {
			return &ParseError{Newer: true, Reason: fmt.Sprintf("it is of format %s%d, and this version of the provider knows formats up to %d", formatName, n, formatNumber)}
		}
	}
	return &ParseError{Reason: "it is JSON, but no baseline: its \"format\" is not " + strconv.Quote(format)}
}

// describe says in words what is wrong with a text, and where, without any of it.
func describe(err error, raw []byte) string {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		what := "is no JSON"
		if errors.Is(syntax, jsontext.ErrDuplicateName) {
			what = "has a key for the second time"
		}
		return fmt.Sprintf("line %d %s", line(raw, syntax.ByteOffset), what)
	}
	if errors.Is(err, errTooMany) {
		return errTooMany.Error()
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		what := "holds a value of the wrong type"
		if errors.Is(semantic, json.ErrUnknownName) {
			what = "has a key that no baseline has"
		}
		return fmt.Sprintf("line %d %s", line(raw, semantic.ByteOffset), what)
	}
	return "it can't be read"
}

// line returns the number of the line on which the value at an offset, or after
// it, begins.
func line(raw []byte, offset int64) int {
	before := raw[:min(max(offset, 0), int64(len(raw)))]
	after := raw[len(before):]
	blank := len(after) - len(bytes.TrimLeft(after, " \t\r\n,:"))
	return 1 + bytes.Count(raw[:len(before)+blank], []byte("\n"))
}

var errTooMany = errors.New("it is made of too many small objects")

// bounded returns the option that bounds how much memory, beside its texts, is
// taken by what is read from a text of that size. What is read of a baseline takes
// a third of its text; of one made of nothing but "a":{} it would be fifty times.
func bounded(size int) json.Options {
	left := 1<<20 + 3*size
	take := func(bytes uintptr) error {
		if left -= int(bytes); left < 0 {
			return errTooMany
		}
		return errors.ErrUnsupported // read it in the usual way
	}
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(_ *jsontext.Decoder, s *Server) error { return take(unsafe.Sizeof(*s)) }),
		json.UnmarshalFromFunc(func(_ *jsontext.Decoder, i *Item) error { return take(unsafe.Sizeof(*i)) }),
		json.UnmarshalFromFunc(func(_ *jsontext.Decoder, o *Override) error { return take(unsafe.Sizeof(*o)) }),
		json.UnmarshalFromFunc(func(_ *jsontext.Decoder, a *Argument) error { return take(unsafe.Sizeof(*a)) }),
	))
}

// number is a JSON number as received.
type number wirejson.Number

// MarshalJSONTo writes the number.
func (n number) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteValue(jsontext.Value(n))
}

// UnmarshalJSONFrom reads a number; its error for anything else says so.
func (n *number) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err == nil && value.Kind() != '0' {
		err = errors.New("no number")
	}
	*n = number(value)
	return err
}

// marshal returns a part of a baseline as JSON on one line.
func marshal(value any) string {
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		panic("baseline: " + err.Error()) // as in Text
	}
	return string(text)
}

// MarshalJSONTo writes names as a list, and what is known by name as an object.
func (a Arguments) MarshalJSONTo(e *jsontext.Encoder) error {
	if a.ByName != nil {
		return json.MarshalEncode(e, a.ByName)
	}
	return json.MarshalEncode(e, a.Names)
}

// UnmarshalJSONFrom reads what MarshalJSONTo wrote.
func (a *Arguments) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '{' {
		return json.UnmarshalDecode(d, &a.ByName)
	}
	return json.UnmarshalDecode(d, &a.Names)
}

var layouts sync.Map // reflect.Type of a wire type → map[string][]int

// isUnheld reports whether name is a field of the wire type that wire points to,
// and holds nothing.
func isUnheld(wire any, name string) bool {
	v := reflect.ValueOf(wire).Elem()
	layout, ok := layouts.Load(v.Type())
	if !ok {
		fields := map[string][]int{}
		for _, f := range reflect.VisibleFields(v.Type()) {
			if name := f.Tag.Get("json"); name != "" {
				fields[name] = f.Index
			}
		}
		layout, _ = layouts.LoadOrStore(v.Type(), fields)
	}
	index, known := layout.(map[string][]int)[name]
	return known && v.FieldByIndex(index).IsZero()
}

func sortedKeys[T any](sets ...map[string]T) []string {
	n := 0
	for _, m := range sets {
		n = max(n, len(m))
	}
	keys := make([]string, 0, n)
	for i, m := range sets {
		for key := range m {
			if _, twice := sets[0][key]; i == 0 || !twice {
				keys = append(keys, key)
			}
		}
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}
