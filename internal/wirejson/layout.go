package wirejson

import (
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// layout is how a wire type is read, worked out once per type from its tags.
type layout struct {
	fields map[string]field
	names  []string // of fields, in the type's order
	extra  []int    // index of the field Extra
	open   bool
	absent []absence
}

// field is a field of a wire type.
type field struct {
	index   []int
	ordinal int // among the type's fields, for telling which have been seen
	kind    kind
	elem    reflect.Type // of objects and of lists of them
	sparse  bool         // of a list, whether what is no object may stand in it
}

// absence is a bool that says that a field was absent.
type absence struct {
	index []int
	name  string
}

type kind int

const (
	stringKind kind = iota
	boolKind
	numberKind
	jsonKind
	stringsKind
	valueKind
	valuesKind
	objectKind
	listKind
)

// String names the kind as a person reads it in a DecodeError.
func (k kind) String() string {
	switch k {
	case stringKind:
		return "a string"
	case boolKind:
		return "a boolean"
	case numberKind:
		return "a number"
	case jsonKind, objectKind:
		return "an object"
	case valueKind:
		return "a value"
	default:
		return "a list"
	}
}

// accepts reports whether a value that begins so is one of the kind.
func (k kind) accepts(found jsontext.Kind) bool {
	switch k {
	case stringKind:
		return found == '"'
	case boolKind:
		return found == 't' || found == 'f'
	case numberKind:
		return found == '0'
	case jsonKind, objectKind:
		return found == '{'
	case valueKind:
		return true
	default:
		return found == '['
	}
}

// NameOf names what was found as a person reads it in a [DecodeError], such as
// "a list".
func NameOf(found jsontext.Kind) string {
	switch found {
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

var layouts sync.Map // reflect.Type → *layout

func layoutOf(t reflect.Type) *layout {
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := &layout{fields: make(map[string]field, t.NumField())}
	l.add(t, nil)
	if l.extra == nil || len(l.fields) > 64 {
		panic("wirejson: " + t.String() + " has no Extra, or more than 64 fields")
	}
	layouts.Store(t, l)
	return l
}

// add adds the fields of a struct that is, or is embedded in, the wire type.
func (l *layout) add(t reflect.Type, prefix []int) {
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(append([]int{}, prefix...), i)
		option := sf.Tag.Get("wirejson")
		absent, isAbsence := strings.CutPrefix(option, "absent=")
		switch {
		case sf.Anonymous:
			l.add(sf.Type, index)
		case sf.Type == reflect.TypeFor[Extra]():
			l.extra, l.open = index, option == "open"
		case isAbsence:
			l.absent = append(l.absent, absence{index, absent})
		default:
			name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
			f := field{index: index, ordinal: len(l.fields), sparse: option == "sparse"}
			f.kind, f.elem = kindOf(sf.Type)
			l.fields[name] = f
			l.names = append(l.names, name)
		}
	}
}

func kindOf(t reflect.Type) (kind, reflect.Type) {
	switch t {
	case reflect.TypeFor[*string]():
		return stringKind, nil
	case reflect.TypeFor[*bool]():
		return boolKind, nil
	case reflect.TypeFor[*Number]():
		return numberKind, nil
	case reflect.TypeFor[*Object]():
		return jsonKind, nil
	case reflect.TypeFor[[]string]():
		return stringsKind, nil
	case reflect.TypeFor[*Value]():
		return valueKind, nil
	case reflect.TypeFor[[]Value]():
		return valuesKind, nil
	}
	if t.Kind() == reflect.Slice {
		return listKind, t.Elem()
	}
	return objectKind, t.Elem()
}
