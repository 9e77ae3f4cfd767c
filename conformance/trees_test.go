package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// What either side read is turned into a tree as encoding/json makes one: bool,
// json.Number, string, []any and map[string]any. Numbers and times of the SDK
// stay float64 and time.Time. Null and absent are the same to both, so nulls are
// left out.

// tree is an object of the API.
type tree = map[string]any

// wireTree returns what the provider's client read: v is a wire type, or a
// pointer or slice of one.
func wireTree(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case *string:
		return *x
	case *bool:
		return *x
	case *wirejson.Number:
		return parse(string(*x))
	case *wirejson.Object:
		return parse(string(*x))
	case *wirejson.Value:
		return parse(string(*x))
	case wirejson.Value:
		return parse(string(x))
	case string:
		return x
	}
	switch v.Kind() {
	case reflect.Pointer:
		return wireTree(v.Elem())
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = wireTree(v.Index(i))
		}
		return list
	}
	object := tree{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		value := v.FieldByIndex(f.Index)
		if extra, ok := reflect.TypeAssert[wirejson.Extra](value); ok {
			for name, text := range extra {
				object[name] = parse(text)
			}
		} else if name := jsonName(f); name != "" && !value.IsNil() {
			object[name] = wireTree(value)
		}
	}
	return object
}

// sdkField is what the SDK notes down about a field of an answer (the type is
// internal to the SDK).
type sdkField interface {
	IsNull() bool // or absent
	IsInvalid() bool
	Raw() string
}

// sdkTree returns what the SDK read: v is one of its response types, or a value
// in one.
func sdkTree(v reflect.Value) any {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Float64:
		return v.Float()
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = sdkTree(v.Index(i))
		}
		return list
	case reflect.Interface:
		if v.Elem().Kind() == reflect.Struct || v.Elem().Kind() == reflect.Slice {
			return sdkTree(v.Elem()) // one of a union's types
		}
		return v.Interface() // as encoding/json has it
	case reflect.Map: // likewise
		return v.Interface()
	case reflect.Int64:
		return float64(v.Int())
	case reflect.Struct:
		if t, ok := reflect.TypeAssert[time.Time](v); ok {
			return t
		}
		if _, union := v.Type().FieldByName("union"); union {
			// Which of its types the SDK takes it for is a guess; what came is noted.
			return parse(v.FieldByName("JSON").Interface().(interface{ RawJSON() string }).RawJSON())
		}
		return sdkObject(v)
	}
	panic(fmt.Sprintf("the SDK has a value of type %s, which sdkTree does not know yet", v.Type()))
}

func sdkObject(v reflect.Value) tree {
	notes := v.FieldByName("JSON")
	object := tree{}
	for extra := notes.FieldByName("ExtraFields").MapRange(); extra.Next(); {
		object[extra.Key().String()] = parse(extra.Value().Interface().(sdkField).Raw())
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Name == "JSON" {
			continue
		}
		switch note := notes.FieldByName(f.Name).Interface().(sdkField); {
		case note.IsNull():
		case note.IsInvalid():
			object[jsonName(f)] = parse(note.Raw())
		default:
			object[jsonName(f)] = sdkTree(v.Field(i))
		}
	}
	return object
}

// jsonName returns the name of a field in the API's JSON.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func parse(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		panic(fmt.Sprintf("%v in %s", err, strconv.Quote(text)))
	}
	return value
}

// requireAgreement fails, and names the paths, where the two sides read something else.
func requireAgreement(t *testing.T, sdk, wire any) {
	t.Helper()
	fromSDK := withoutNulls(sdkTree(reflect.ValueOf(sdk)))
	redact(fromSDK)
	fromWire := withoutDigests(withoutNulls(wireTree(reflect.ValueOf(wire))))
	if diff := cmp.Diff(fromSDK, fromWire, sameTime, sameNumber); diff != "" {
		t.Errorf("the SDK and internal/cloudflare read the same answer differently (-SDK +internal/cloudflare):\n%s", diff)
	}
}

// withoutDigests takes the digests out of what the client redacted.
func withoutDigests(value any) any {
	switch x := value.(type) {
	case tree:
		for name, member := range x {
			x[name] = withoutDigests(member)
		}
	case []any:
		for i := range x {
			x[i] = withoutDigests(x[i])
		}
	case string:
		if strings.HasPrefix(x, "[redacted sha256:") {
			return "[redacted]"
		}
	}
	return value
}

// redact replaces what the client does not keep: unknown fields of how a server
// logs in, which may hold a secret.
func redact(value any) {
	switch x := value.(type) {
	case tree:
		if summary, ok := x["auth_config_summary"].(tree); ok {
			redactUnknown(summary, reflect.TypeFor[cloudflare.AuthConfigSummary]())
		}
		for _, member := range x {
			redact(member)
		}
	case []any:
		for _, element := range x {
			redact(element)
		}
	}
}

func redactUnknown(object tree, wire reflect.Type) {
	fields := map[string]reflect.Type{}
	for f := range wire.Fields() {
		fields[jsonName(f)] = f.Type
	}
	for name, value := range object {
		known, ok := fields[name]
		switch x := value.(type) {
		case tree:
			if ok {
				redactUnknown(x, known.Elem())
				continue
			}
			object[name] = "[redacted]"
		case string:
			if isAddress := strings.HasSuffix(name, "_uri") && strings.HasPrefix(x, "https://"); !ok && !isAddress {
				object[name] = "[redacted]"
			}
		case []any:
			if !ok {
				object[name] = "[redacted]"
			}
		}
	}
}

// withoutNulls takes the nulls out of the objects of a tree.
func withoutNulls(value any) any {
	switch x := value.(type) {
	case tree:
		for name, member := range x {
			if x[name] = withoutNulls(member); member == nil {
				delete(x, name)
			}
		}
	case []any:
		for i := range x {
			x[i] = withoutNulls(x[i])
		}
	}
	return value
}

// sameTime compares a time of the SDK with the text of a wire type. Times
// without a zone are in UTC.
var sameTime = cmp.FilterValues(func(a, b any) bool {
	_, aIsTime := a.(time.Time)
	_, bIsTime := b.(time.Time)
	return aIsTime != bIsTime
}, cmp.Comparer(func(a, b any) bool {
	at, aOK := asTime(a)
	bt, bOK := asTime(b)
	return aOK && bOK && at.Equal(bt)
}))

func asTime(value any) (time.Time, bool) {
	if t, ok := value.(time.Time); ok {
		return t, true
	}
	text, _ := value.(string)
	for _, layout := range []string{time.RFC3339, time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// sameNumber compares numbers as the SDK holds them: as float64.
var sameNumber = cmp.FilterValues(func(a, b any) bool {
	_, aIsFloat := a.(float64)
	_, bIsFloat := b.(float64)
	return aIsFloat != bIsFloat
}, cmp.Comparer(func(a, b any) bool {
	af, aOK := asFloat(a)
	bf, bOK := asFloat(b)
	return aOK && bOK && af == bf
}))

func asFloat(value any) (float64, bool) {
	if f, ok := value.(float64); ok {
		return f, true
	}
	number, ok := value.(json.Number)
	f, err := number.Float64()
	return f, ok && (err == nil || errors.Is(err, strconv.ErrRange)) // 1e400 is infinite to the SDK
}
