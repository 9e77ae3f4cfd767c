package wirejson

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Append appends the JSON object that the wire type which target points to was
// read from, compact, without the fields named in omit: what was absent or null
// is left out, and the order of keys is not the received one. Every value is as
// it was received; text in its own spelling of it.
func Append(dst []byte, target any, omit ...string) []byte {
	return appendObject(dst, reflect.ValueOf(target).Elem(), omit)
}

func appendObject(dst []byte, v reflect.Value, omit []string) []byte {
	l := layoutOf(v.Type())
	extra := v.FieldByIndex(l.extra).Interface().(Extra)
	start := len(dst)
	key := func(name string) {
		if len(dst) > start {
			dst = append(dst, ',')
		} else {
			dst = append(dst, '{')
		}
		dst = append(append(append(dst, '"'), name...), '"', ':')
	}
	for _, name := range l.names {
		value := v.FieldByIndex(l.fields[name].index)
		if _, better := extra[name]; value.IsNil() || better || slices.Contains(omit, name) {
			continue
		}
		key(name)
		dst = appendField(dst, value)
	}
	for name, value := range extra {
		if !slices.Contains(omit, name) {
			key(spelling(name))
			dst = append(dst, value...)
		}
	}
	if len(dst) == start {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}

// MapExtra replaces each unknown field in a wire type, and in those within it, by what
// f returns for it: path leads to the object that the field stands in, such as
// "auth_config_summary.config", without positions in lists. Fields of the type that
// are named in omit are passed over. Extra also holds the exact value of a known field
// that has none: that is no unknown field.
func MapExtra(target any, f func(path, name, value string) string, omit ...string) {
	mapExtra(reflect.ValueOf(target).Elem(), "", f, omit)
}

func mapExtra(v reflect.Value, path string, f func(path, name, value string) string, omit []string) {
	l := layoutOf(v.Type())
	extra := v.FieldByIndex(l.extra).Interface().(Extra)
	for name, value := range extra {
		if _, known := l.fields[name]; !known {
			extra[name] = f(path, name, value)
		}
	}
	for _, name := range l.names {
		kind, value := l.fields[name].kind, v.FieldByIndex(l.fields[name].index)
		if slices.Contains(omit, name) || kind != objectKind && kind != listKind || value.IsNil() {
			continue
		}
		inner := name
		if path != "" {
			inner = path + "." + name
		}
		if kind == objectKind {
			mapExtra(value.Elem(), inner, f, nil)
			continue
		}
		for i := range value.Len() {
			mapExtra(value.Index(i), inner, f, nil)
		}
	}
}

func appendField(dst []byte, v reflect.Value) []byte {
	switch value := v.Interface().(type) {
	case *string:
		return Quote(dst, *value)
	case *bool:
		return strconv.AppendBool(dst, *value)
	case *Number:
		return append(dst, *value...)
	case *Object:
		return append(dst, *value...)
	case *Value:
		return append(dst, *value...)
	case []string:
		return appendList(dst, len(value), func(dst []byte, i int) []byte { return Quote(dst, value[i]) })
	case []Value:
		return appendList(dst, len(value), func(dst []byte, i int) []byte { return append(dst, value[i]...) })
	}
	if v.Kind() == reflect.Slice {
		return appendList(dst, v.Len(), func(dst []byte, i int) []byte { return appendObject(dst, v.Index(i), nil) })
	}
	return appendObject(dst, v.Elem(), nil)
}

func appendList(dst []byte, n int, element func(dst []byte, i int) []byte) []byte {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(dst, i)
	}
	return append(dst, ']')
}

// Quote appends text, which is valid UTF-8, as a JSON string.
func Quote(dst []byte, text string) []byte {
	dst, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		panic(fmt.Sprintf("wirejson: text that is no UTF-8: %q", text)) // Decode reads none
	}
	return dst
}

// spelling returns a key of an [Extra] as it stands between JSON's quotes.
func spelling(name string) string {
	for i := range len(name) {
		// One with a backslash is spelled so already: see keyOf.
		if c := name[i]; c == '\\' {
			return name
		} else if c == '"' || c < ' ' {
			quoted := Quote(nil, name)
			return string(quoted[1 : len(quoted)-1])
		}
	}
	return name
}
