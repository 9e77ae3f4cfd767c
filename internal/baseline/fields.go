package baseline

import (
	"reflect"
	"strings"
	"sync"
)

// field is a field of a struct of a baseline, as differences takes it.
type field struct {
	name  string // in JSON
	index int
	kind  fieldKind
}

type fieldKind int

const (
	valueKind fieldKind = iota
	textKind
	objectKind
	optionalObjectKind
	mapKind // an Extra
)

var fields sync.Map // reflect.Type → []field

// fieldsOf returns the fields of a struct that differences compares.
func fieldsOf(t reflect.Type) []field {
	if list, ok := fields.Load(t); ok {
		return list.([]field)
	}
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if kind, ok := kindOf(f.Type); ok && name != "" {
			list = append(list, field{name, i, kind})
		}
	}
	fields.Store(t, list)
	return list
}

// kindOf returns how a field of a type is compared; false for one that holds
// servers, tools, prompts or overrides by name.
func kindOf(t reflect.Type) (fieldKind, bool) {
	switch {
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Pointer:
		return 0, false
	case t.Kind() == reflect.String:
		return textKind, true
	case t == reflect.TypeFor[Arguments]():
		return valueKind, true
	case t.Kind() == reflect.Struct:
		return objectKind, true
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		return optionalObjectKind, true
	case t == reflect.TypeFor[map[string]string]():
		return mapKind, true
	}
	return valueKind, true
}
