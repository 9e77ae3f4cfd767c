package fastread

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// writer is an encoder that can also write what was encoded before. It stops when the
// state is too large or the context has ended.
type writer struct {
	*msgpack.Encoder
	buffer  *bytes.Buffer
	ctx     context.Context
	limit   int // bytes
	objects int
}

// proceed returns an error if the state is too large or, at every 4096th object, if
// the context has ended.
func (w *writer) proceed() error {
	if w.buffer.Len() > w.limit {
		return fmt.Errorf("it exceeds the %d MiB that a message from a provider to Terraform may have", w.limit>>20)
	}
	w.objects++
	if w.objects%4096 == 0 {
		return w.ctx.Err()
	}
	return nil
}

func (w *writer) encode(model any) error {
	v := reflect.ValueOf(model).Elem()
	return encoderOf(v.Type())(w, v)
}

// encoder writes a value of one Go type.
type encoder func(w *writer, v reflect.Value) error

var encoders sync.Map // reflect.Type → encoder

// encoderOf returns the encoder of t, built once per type. It supports the types that
// the framework's own conversion supports: a struct is an object, a pointer is
// its element or null, a slice is a list, and a map is a map; nil is null. An encoder
// writes what tftypes writes (package tftypes, value_msgpack.go): the attributes of an
// object in alphabetical order, and null ones as nil. It also sorts the keys of a map,
// whose order is random in tftypes.
func encoderOf(t reflect.Type) encoder {
	if e, ok := encoders.Load(t); ok {
		return e.(encoder)
	}
	e := newEncoder(t)
	encoders.Store(t, e)
	return e
}

func newEncoder(t reflect.Type) encoder {
	switch {
	case t == reflect.TypeFor[*big.Float]():
		return encodeNumber
	case t.Implements(reflect.TypeFor[attr.Value]()):
		return encodeFrameworkValue
	}
	switch t.Kind() {
	case reflect.String:
		return func(w *writer, v reflect.Value) error { return w.EncodeString(v.String()) }
	case reflect.Bool:
		return func(w *writer, v reflect.Value) error { return w.EncodeBool(v.Bool()) }
	case reflect.Pointer:
		return orNull(func(w *writer, v reflect.Value, element encoder) error { return element(w, v.Elem()) }, t.Elem())
	case reflect.Slice:
		return orNull(encodeList, t.Elem())
	case reflect.Map:
		switch {
		case t == reflect.TypeFor[map[string]string]():
			return encodeMap
		case t.Key().Kind() == reflect.String:
			return orNull(encodeObjects, t.Elem())
		}
	case reflect.Struct:
		return objectEncoder(t)
	}
	panic(fmt.Sprintf("fastread: no encoder for %s", t))
}

// orNull returns an encoder that writes nil for nil.
func orNull(encode func(*writer, reflect.Value, encoder) error, elem reflect.Type) encoder {
	element := encoderOf(elem)
	return func(w *writer, v reflect.Value) error {
		if v.IsNil() {
			return w.EncodeNil()
		}
		return encode(w, v, element)
	}
}

func encodeList(w *writer, v reflect.Value, element encoder) error {
	if err := w.EncodeArrayLen(v.Len()); err != nil {
		return err
	}
	for i := range v.Len() {
		if err := element(w, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func encodeMap(w *writer, v reflect.Value) error {
	m := v.Interface().(map[string]string)
	if m == nil {
		return w.EncodeNil()
	}
	if err := w.EncodeMapLen(len(m)); err != nil {
		return err
	}
	for _, key := range sortedKeys(m) {
		if err := w.EncodeString(key); err != nil {
			return err
		}
		if err := w.EncodeString(m[key]); err != nil {
			return err
		}
	}
	return nil
}

// encodeObjects writes a map whose values are objects, not texts.
func encodeObjects(w *writer, v reflect.Value, element encoder) error {
	if err := w.EncodeMapLen(v.Len()); err != nil {
		return err
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if err := w.EncodeString(key.String()); err != nil {
			return err
		}
		if err := element(w, v.MapIndex(key)); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// attribute is a field of a struct, with its encoded name.
type attribute struct {
	name   string
	header []byte
	index  []int
	encode encoder
}

func objectEncoder(t reflect.Type) encoder {
	attributes := attributesOf(t)
	slices.SortFunc(attributes, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return func(w *writer, v reflect.Value) error {
		if err := w.proceed(); err != nil {
			return err
		}
		if err := w.EncodeMapLen(len(attributes)); err != nil {
			return err
		}
		for i := range attributes {
			a := &attributes[i]
			w.buffer.Write(a.header)
			if err := a.encode(w, v.FieldByIndex(a.index)); err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
		}
		return nil
	}
}

// attributesOf returns the attributes of a struct and of those embedded in it.
func attributesOf(t reflect.Type) []attribute {
	var attributes []attribute
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, a := range attributesOf(f.Type) {
				a.index = append([]int{i}, a.index...)
				attributes = append(attributes, a)
			}
			continue
		}
		name := f.Tag.Get("tfsdk")
		header, err := msgpack.Marshal(name)
		if err != nil || name == "" {
			panic(fmt.Sprintf("fastread: field %s of %s has no tfsdk tag", f.Name, t))
		}
		attributes = append(attributes, attribute{name, header, []int{i}, encoderOf(f.Type)})
	}
	return attributes
}

// encodeNumber writes a number in the shortest of the forms that Terraform
// reads: an integer, a float, or its decimal digits.
func encodeNumber(w *writer, v reflect.Value) error {
	n := v.Interface().(*big.Float)
	if n == nil {
		return w.EncodeNil()
	}
	if whole, accuracy := n.Int64(); accuracy == big.Exact {
		return w.EncodeInt(whole)
	}
	return encodeTerraformValue(w, tftypes.NewValue(tftypes.Number, n))
}

// encodeFrameworkValue writes one of the few values of the configuration, such as
// timeouts.
func encodeFrameworkValue(w *writer, v reflect.Value) error {
	value, err := v.Interface().(attr.Value).ToTerraformValue(context.Background())
	if err != nil {
		return err
	}
	return encodeTerraformValue(w, value)
}

func encodeTerraformValue(w *writer, value tftypes.Value) error {
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		return err
	}
	w.buffer.Write(encoded.MsgPack)
	return nil
}
