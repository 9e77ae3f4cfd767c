package cloudflare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// rebuild returns the JSON that a wire type, or a slice of one, was read from:
// the inverse of the decoder, with null fields left out.
func rebuild(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case *string:
		text, err := json.Marshal(*x)
		if err != nil {
			panic(err)
		}
		return string(text)
	case *bool:
		return fmt.Sprint(*x)
	case *wirejson.Number:
		return string(*x)
	case *wirejson.Object:
		return string(*x)
	case []string:
		text, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return rebuild(v.Elem())
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = rebuild(v.Index(i))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		return rebuildObject(v)
	}
}

func rebuildObject(v reflect.Value) string {
	members := map[string]string{}
	addMembers(v, members)
	var parts []string
	for name, text := range members {
		parts = append(parts, name+":"+text)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// addMembers adds the members of an object, from the name in quotes to the value.
// What stands in Extra as well was received as it stands there.
func addMembers(v reflect.Value, members map[string]string) {
	extra := wirejson.Extra{}
	for f, value := range v.Fields() {
		switch {
		case f.Anonymous:
			addMembers(value, members)
		case f.Type == reflect.TypeFor[wirejson.Extra]():
			extra = value.Interface().(wirejson.Extra)
		case f.Type.Kind() != reflect.Bool && !value.IsNil():
			members[`"`+jsonName(f)+`"`] = rebuild(value)
		}
	}
	for name, text := range extra {
		members[quotedKey(name)] = text
	}
}

// quotedKey returns the name of a field in Extra as JSON: one with a backslash
// is spelled as it stands between quotes.
func quotedKey(name string) string {
	if strings.Contains(name, `\`) {
		return `"` + name + `"`
	}
	key, err := json.Marshal(name)
	if err != nil {
		panic(err)
	}
	return string(key)
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// tree returns JSON as encoding/json reads it, numbers as they are written.
func tree(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Errorf("%v in %.200q", err, text)
	}
	return v
}

// withoutNulls removes from what was read of a wire type the fields that are
// null: null and absent are the same there, and nowhere else.
func withoutNulls(v any, t reflect.Type) any {
	switch t {
	case reflect.TypeFor[[]string](), reflect.TypeFor[*string](), reflect.TypeFor[*bool](), reflect.TypeFor[*wirejson.Number](), reflect.TypeFor[*wirejson.Object]():
		return v
	}
	switch t.Kind() {
	case reflect.Pointer:
		return withoutNulls(v, t.Elem())
	case reflect.Slice:
		if list, ok := v.([]any); ok {
			for i := range list {
				list[i] = withoutNulls(list[i], t.Elem())
			}
		}
		return v
	}
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for _, f := range reflect.VisibleFields(t) {
		name := jsonName(f)
		value, present := object[name]
		switch {
		case name == "" || !present:
		case value == nil:
			delete(object, name)
		default:
			object[name] = withoutNulls(value, f.Type)
		}
	}
	return object
}

// wantSame fails unless target, a pointer to a wire type or to a slice of one,
// holds all of the JSON that it was read from.
func wantSame(t *testing.T, source []byte, target any) {
	t.Helper()
	v := reflect.ValueOf(target).Elem()
	want := withoutNulls(tree(t, string(source)), v.Type())
	got := withoutNulls(tree(t, rebuild(v)), v.Type())
	// Not cmp.Diff, which takes for ever where lists nest deeply.
	if !reflect.DeepEqual(want, got) {
		t.Errorf("what was read is not what was sent\nsent: %.4000s\nread: %.4000s", sorted(t, want), sorted(t, got))
	}
}

func sorted(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return text
}

// inEnvelope returns a successful answer with that result.
func inEnvelope(result string) []byte {
	var b bytes.Buffer
	b.WriteString(`{"success":true,"errors":[],"messages":[],"result":`)
	b.WriteString(result)
	b.WriteString(`}`)
	return b.Bytes()
}
