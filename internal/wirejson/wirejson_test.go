package wirejson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

type (
	closed struct {
		base
		Number *Number  `json:"number"`
		Texts  []string `json:"texts"`
		List   []open   `json:"list"`
		Inner  *inner   `json:"inner"`
		Value  *Value   `json:"value"`
		Values []Value  `json:"values"`
		Sparse []open   `json:"sparse" wirejson:"sparse"`
		NoList bool     `wirejson:"absent=list"`
	}
	base struct {
		Text  *string `json:"text"`
		Bool  *bool   `json:"bool"`
		Extra Extra
	}
	open struct {
		Text   *string `json:"text"`
		JSON   *Object `json:"json"`
		List   []open  `json:"list"`
		Values []Value `json:"values"`
		Extra  Extra   `wirejson:"open"`
	}
	inner struct {
		Text  *string `json:"text"`
		Extra Extra
	}
)

func decode[T any](t *testing.T, text string) (T, error) {
	t.Helper()
	var v T
	err := NewDecoder(t.Context(), []byte(text)).Decode(&v)
	return v, err
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]closed{
		`{}`:                      {NoList: true},
		`{"list":null}`:           {},
		`{"list":[],"texts":[]}`:  {List: []open{}, Texts: []string{}},
		`{"LIST":1}`:              {NoList: true, base: base{Extra: Extra{"LIST": "1"}}},
		`{"text":"","bool":true}`: {NoList: true, base: base{Text: new(""), Bool: new(true)}},
		`{"number":-0.0,"list":[{}, {"text":1,"json":[]}]}`: {
			Number: new(Number("-0.0")), List: []open{{}, {Extra: Extra{"text": "1", "json": "[]"}}},
		},
		`{"number":1e3,"texts":["a","\ud83d"]}`: {
			NoList: true, Texts: []string{"a", "\uFFFD"}, base: base{Extra: Extra{"number": "1e3", "texts": `["a","\ud83d"]`}},
		},
		// Values are kept whole, keys that stand twice as well.
		`{"value":{"b": 1e400,"b":[ ]},"values":[null,1, "e\u0301", {"a" :[true]}]}`: {
			NoList: true, Value: new(Value(`{"b":1e400,"b":[]}`)), Values: []Value{`null`, `1`, `"e\u0301"`, `{"a":[true]}`},
		},
		`{"value":null,"values":null}`: {NoList: true},
		`{"value":false,"values":[],"list":[{"values":[{}]},{"values":{}}]}`: {
			Value: new(Value("false")), Values: []Value{}, List: []open{{Values: []Value{"{}"}}, {Extra: Extra{"values": "{}"}}},
		},
		`{"te\u0078t":"a","\u0062ool":true}`: {NoList: true, base: base{Text: new("a"), Bool: new(true)}},
		`{"texts":["\uD83Da","b"]}`: {
			NoList: true, Texts: []string{"\uFFFDa", "b"}, base: base{Extra: Extra{"texts": `["\uD83Da","b"]`}},
		},
		// What a text can't hold stands in Extra in one spelling.
		`{"text":"\uD83D\u0061/\/"}`: {NoList: true, base: base{Text: new("\uFFFDa//"), Extra: Extra{"text": `"\ud83da//"`}}},
		// A list of an open object is read whole, or kept whole.
		`{"list":[{"list":[{"text":"a"},{"list":[]}]},{"list":[{"text":"a"}, 1]}]}`: {
			List: []open{{List: []open{{Text: new("a")}, {List: []open{}}}}, {Extra: Extra{"list": `[{"text":"a"},1]`}}},
		},
		// What is no object is left out of a sparse list, which then stands in Extra too.
		`{"sparse":[{"text":"a"},{}]}`: {NoList: true, Sparse: []open{{Text: new("a")}, {}}},
		`{"sparse": [ null, {"text":"a"},[ {} ], 1e400,{"list":[1]} ] ,"text":"t"}`: {
			NoList: true, Sparse: []open{{Text: new("a")}, {Extra: Extra{"list": "[1]"}}},
			base: base{Text: new("t"), Extra: Extra{"sparse": `[null,{"text":"a"},[{}],1e400,{"list":[1]}]`}},
		},
		`{"sparse":[null]}`: {NoList: true, Sparse: []open{}, base: base{Extra: Extra{"sparse": `[null]`}}},
		`{"sparse":null}`:   {NoList: true},
	} {
		got, err := decode[closed](t, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(closed{}, base{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// A list of values is read as a list of wire types is, but for their kind.
func TestDecodeValues(t *testing.T) {
	t.Parallel()
	got, err := decode[[]Value](t, `[ {"id" : 1}, "\u00e9", "é", null]`)
	if diff := cmp.Diff([]Value{`{"id":1}`, `"\u00e9"`, `"e\u0301"`, `null`}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := decode[[]Value](t, `{}`); err == nil {
		t.Errorf("an object was read as a list: %v", got)
	}
	if got, err := decode[[]Value](t, `[1,`); err == nil {
		t.Errorf("half a list was read: %v", got)
	}
	if _, err := decode[[]Value](t, "["+strings.Repeat("1,", MaxFields)+"1]"); !errors.Is(err, ErrTooMany) {
		t.Errorf("got %v, want ErrTooMany", err)
	}
}

func TestDecodeEmptiesItsTarget(t *testing.T) {
	t.Parallel()
	v := closed{base: base{Text: new("before"), Extra: Extra{"a": "1"}}}
	if err := NewDecoder(t.Context(), []byte(`{"list":[]}`)).Decode(&v); err != nil || v.Text != nil || v.Extra != nil {
		t.Errorf("got %+v, %v", v, err)
	}
}

func TestDecodeList(t *testing.T) {
	t.Parallel()
	got, err := decode[[]open](t, `[{},{"text":"a"},{"x":1}]`)
	if diff := cmp.Diff([]open{{}, {Text: new("a")}, {Extra: Extra{"x": "1"}}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := decode[[]open](t, `[]`); err != nil || got == nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	for text, want := range map[string]DecodeError{`{}`: {"", "a list", "an object"}, `null`: {"", "a list", "null"}, `[{},[]]`: {"[1]", "an object", "a list"}} {
		var got *DecodeError
		if _, err := decode[[]open](t, text); !errors.As(err, &got) || *got != want {
			t.Errorf("%s: got %v, want %+v", text, err, want)
		}
	}
}

func TestDecodeError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]DecodeError{
		`[]`:                               {"", "an object", "a list"},
		`{"text":1}`:                       {"text", "a string", "a number"},
		`{"text":"a","text":"a"}`:          {"text", "one value", "the key twice"},
		`{"text":null,"text":"a"}`:         {"text", "one value", "the key twice"},
		`{"a":null,"a":null}`:              {"a", "one value", "the key twice"},
		`{"list":[],"list":null}`:          {"list", "one value", "the key twice"},
		`{"texts":["a",null]}`:             {"texts[1]", "a string", "null"},
		`{"inner":{"text":{}}}`:            {"inner.text", "a string", "an object"},
		`{"values":{}}`:                    {"values", "a list", "an object"},
		`{"list":[{},"a"]}`:                {"list[1]", "an object", "a string"},
		`{"list":[{"text":1,"text":"a"}]}`: {"list[0].text", "one value", "the key twice"},
		`{"caf\u00e9":1,"café":2}`:         {"café", "one value", "the key twice"},
		"{\"cafe\\u0301\":1,\"cafe\u0301\":2}": {
			`cafe\u0301`, "one value", "the key twice",
		},
	} {
		_, err := decode[closed](t, text)
		var got *DecodeError
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%s: got %v, want %+v", text, err, want)
		}
	}
}

// A key in Extra is spelled so that no two become one, whatever Unicode makes of
// them.
func TestKeyOf(t *testing.T) {
	t.Parallel()
	for quoted, want := range map[string]string{
		`"a"`:                "a",
		`""`:                 "",
		`"\u0061 \"q\" \/"`:  `a "q" /`,
		`"café 🚀"`:           "café 🚀",
		`"caf\u00e9"`:        "café",
		"\"cafe\u0301\"":     `cafe\u0301`,
		`"cafe\u0301\u00e9"`: `cafe\u0301\u00e9`,
		`"a\\u0301"`:         `a\\u0301`,
		`"\\"`:               `\\`,
		`"\ud83d\"\t"`:       `\ud83d\"\u0009`,
		`"\uD83D🚀\\"`:        `\ud83d\ud83d\ude80\\`,
		"\"\u2126\u007f\"":   `\u2126\u007f`, // the ohm sign becomes an omega
	} {
		got := keyOf(jsontext.Value(quoted))
		if got != want || norm.NFC.String(got) != got {
			t.Errorf("%s: got %q, want %q", quoted, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for text, held := range map[string]bool{
		"0": true, "-0.0": true, "-1.10": true, "-32001": true, "9007199254740993": true,
		"18446744073709551615": true, "-18446744073709551615": true,
		"1e3": false, "0E5": false, "1e3000": false, "1e-999999999": false,
		"1234567890123456789012": false,
	} {
		n := Number(text)
		if got := n.holds(); got != held {
			t.Errorf("%s: holds() = %v", text, got)
		}
		if back, _, err := n.Float().Parse(n.Float().Text('g', -1), 10); held && (err != nil || back.Cmp(n.Float()) != 0 || n.Float().Prec() != numberPrecision) {
			t.Errorf("%s does not survive being written out: %v, %v", n, back, err)
		}
	}
}

func TestCompact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`0`:                               `0`,
		`{}`:                              `{}`,
		"{ \"a\" :\t[ 1 ,\r\n 2 ] }":      `{"a":[1,2]}`,
		`" a  b "`:                        `" a  b "`,
		`[ " \" , [ " , "\\" , "\\\" " ]`: `[" \" , [ ","\\","\\\" "]`,
		`{"\u0020 ":" \n"}`:               `{"\u0020 ":" \n"}`,
		`[1.10,  -0.0, 1E+2]`:             `[1.10,-0.0,1E+2]`,
		`["é", "\u00e9", "\ud83d"]`:       `["é","\u00e9","\ud83d"]`,
		"[\"\u00a0\u2028\", 1]":           "[\"\u00a0\u2028\",1]",
		"[\"e\u0301\", \"🚀\"]":            `["e\u0301","\ud83d\ude80"]`,
	} {
		if got := compact(jsontext.Value(text)); got != want {
			t.Errorf("compact(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	list := func(element string, n int) string {
		return `{"list":[` + strings.Repeat(element+",", n) + element + "]}"
	}
	var keys strings.Builder
	for i := range maxHeld / entrySize {
		fmt.Fprintf(&keys, `"%x":0,`, i)
	}
	for name, text := range map[string]string{
		"objects": list(`{}`, MaxFields/3),
		"maps":    list(`{"a":0}`, maxHeld/mapSize),
		"nested":  list(list(`{}`, 9), MaxFields/30),
		"texts":   `{"texts":[` + strings.Repeat(`"",`, MaxFields) + `""]}`,
		"strays":  `{"sparse":[` + strings.Repeat(`0,`, MaxFields) + `0]}`,
		"keys":    `{` + keys.String() + `"text":""}`,
	} {
		if _, err := decode[closed](t, text); !errors.Is(err, ErrTooMany) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	d := NewDecoder(t.Context(), []byte(`{"list":[{},{"x":1}]}`))
	if err := d.Decode(new(closed)); err != nil || d.Fields() != 9+4+4+1 {
		t.Errorf("%d fields, %v", d.Fields(), err)
	}
}

// A struct that can't be a wire type is a mistake in the code, which the first
// read of it shows.
func TestNoWireType(t *testing.T) {
	t.Parallel()
	with := func(fields int, more ...reflect.StructField) reflect.Type {
		for i := range fields {
			name := fmt.Sprint("F", i)
			more = append(more, reflect.StructField{Name: name, Type: reflect.TypeFor[*string](), Tag: reflect.StructTag(`json:"` + name + `"`)})
		}
		return reflect.StructOf(more)
	}
	extra := reflect.StructField{Name: "Extra", Type: reflect.TypeFor[Extra]()}
	for name, tt := range map[string]struct {
		t      reflect.Type
		panics bool
	}{
		"without Extra": {with(1), true},
		"64 fields":     {with(64, extra), false},
		"65 fields":     {with(65, extra), true},
	} {
		func() {
			defer func() {
				if panicked := recover() != nil; panicked != tt.panics {
					t.Errorf("%s: panics = %v", name, panicked)
				}
			}()
			layoutOf(tt.t)
		}()
	}
}

// Each of the two bounds is reached by itself, and not before it is passed.
func TestBounds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, beyond Decoder
	}{
		"memory": {Decoder{held: maxHeld - 2}, Decoder{held: maxHeld - 1}},
		"fields": {Decoder{fields: MaxFields - 1}, Decoder{fields: MaxFields}},
	} {
		tt.before.ctx, tt.beyond.ctx = t.Context(), t.Context()
		if err := tt.before.hold(2, 1); err != nil {
			t.Errorf("%s: at the bound: %v", name, err)
		}
		if err := tt.beyond.hold(2, 1); !errors.Is(err, ErrTooMany) {
			t.Errorf("%s: beyond it: %v", name, err)
		}
	}
	// A text that takes three times its size, in fields of which there are few.
	long := func(size int) string {
		return `{"text":"\ud83d` + strings.Repeat("x", size-len(`"\ud83d"`)) + `"}`
	}
	const room = maxHeld - 1024 // for what else counts
	if _, err := decode[closed](t, long(room/maxEscape)); err != nil {
		t.Errorf("a text just within the bound: %v", err)
	}
	if _, err := decode[closed](t, long(maxHeld/maxEscape)); !errors.Is(err, ErrTooMany) {
		t.Errorf("a text beyond it: %v", err)
	}
}

// Whatever is read counts, wherever it stands: a bound that a part of the text is
// left out of bounds nothing.
func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	base, element := int(reflect.TypeFor[closed]().Size()), int(reflect.TypeFor[open]().Size())
	// How many fields they have themselves.
	own, each, within := len(layoutOf(reflect.TypeFor[closed]()).fields), len(layoutOf(reflect.TypeFor[open]()).fields), len(layoutOf(reflect.TypeFor[inner]()).fields)
	const extra = entrySize + mapSize // the first field of an Extra
	for text, want := range map[string]struct{ held, fields int }{
		`{}`:                                          {base, own},
		`{"text":"abc","bool":true}`:                  {base, own},
		`{"a":1}`:                                     {base + extra, own + 1},
		`{"a":1,"b":[{},{}]}`:                         {base + extra + entrySize, own + 2},
		`{"number":1e3}`:                              {base + extra, own + 1},
		`{"texts":["a","b"]}`:                         {base + 2*entrySize, own + 2},
		`{"texts":["a","b"],"a":1}`:                   {base + 2*entrySize + extra, own + 3},
		`{"a":1,"texts":["a","b"]}`:                   {base + 2*entrySize + extra, own + 3},
		`{"texts":["a","\ud83d"]}`:                    {base + 2*entrySize + extra, own + 3},
		`{"list":[{},{}]}`:                            {base + 2*element, own + 2*each},
		`{"list":[{"list":[{},{}]}]}`:                 {base + 3*element, own + 3*each},
		`{"list":[{"list":[{}]},{}],"a":1}`:           {base + 3*element + extra, own + 3*each + 1},
		`{"list":[{"list":[{},1]}]}`:                  {base + 2*element + extra, own + 2*each + 1}, // those of the list that was given up as well
		`{"list":[{"json":{"a":1}}]}`:                 {base + element, own + each},
		`{"inner":{"text":"a"}}`:                      {base + int(reflect.TypeFor[inner]().Size()), own + within},
		"{\"list\":[{\"json\":{\"a\":\"e\u0301\"}}]}": {base + element + len(`\u0301`) - len("\u0301"), own + each},
		"{\"a\":\"e\u0301\"}":                         {base + extra + len(`\u0301`) - len("\u0301"), own + 1},
		"{\"text\":\"e\u0301\"}":                      {base + extra + maxEscape*len("\"e\u0301\""), own + 1},
		`{"text":"\ud83d"}`:                           {base + extra + maxEscape*len(`"\ud83d"`), own + 1},
	} {
		d := NewDecoder(t.Context(), []byte(text))
		err := d.Decode(new(closed))
		if err != nil || d.held != want.held || d.Fields() != want.fields {
			t.Errorf("%s: %d bytes and %d fields, want %d and %d (%v)", text, d.held, d.Fields(), want.held, want.fields, err)
		}
	}
}

// The time for reading bounds the work on what was read.
func TestDecodeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text := `{"list":[` + strings.Repeat(`{},`, 10_000) + `{}]}`
	if err := NewDecoder(ctx, []byte(text)).Decode(new(closed)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzText holds texts and keys to their promise: what is kept survives Unicode's
// normal form, and says what was received.
func FuzzText(f *testing.F) {
	for _, text := range []string{`""`, `"a"`, "\"cafe\u0301\"", `"cafe\u0301 \ud83d\uDE80 \ud83d"`, `"\\u0301\/\""`, "\"\u2126 \u212b \u1e9b\u0323\"", `"\ude80\ud83d"`, "\"\u0338<\u0338\""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !utf8.Valid(raw) || !json.Valid(raw) || bytes.TrimSpace(raw)[0] != '"' {
			return
		}
		raw = bytes.TrimSpace(raw)
		key, text := keyOf(raw), compact(raw)
		for _, kept := range []string{key, text} {
			if norm.NFC.String(kept) != kept || !utf8.ValidString(kept) {
				t.Errorf("%q is not kept by Terraform", kept)
			}
		}
		received := requote(raw)
		if got := requote(jsontext.Value(text)); got != received {
			t.Errorf("%s became %s", raw, text)
		}
		spelled := jsontext.Value(`"` + key + `"`)
		if !strings.Contains(key, `\`) {
			spelled, _ = jsontext.AppendQuote(nil, key)
		}
		if got := requote(spelled); got != received {
			t.Errorf("%s became the key %s", raw, key)
		}
		if got, exact := unquote(raw); exact != (norm.NFC.String(got) == got && !strings.Contains(received, `\ud`) || exact && strings.Contains(received, `\ud`)) {
			t.Errorf("%s: unquote = %q, %v", raw, got, exact)
		}
	})
}

// What was read can be written, and is read the same again.
func TestAppend(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"text":"a\"b","bool":false,"number":12,"texts":[],"list":[],"inner":{}}`,
		`{"texts":["a","\ud83d"],"number":1e3,"x\"y":1,"a\\b":2,"caf\u00e9":null,"e\u0301":[1]}`,
		`{"list":[{"text":1,"json":{"b":1e400,"b":2},"list":[{},{"text":"\ud83d"}],"values":[null,{"a":[]}]}],"value":{"z":1},"values":["e\u0301"]}`,
		`{"inner":{"text":"a","secret":"b","n":1}}`,
	} {
		first, err := decode[closed](t, text)
		if err != nil {
			t.Fatal(err)
		}
		written := string(Append(nil, &first))
		again, err := decode[closed](t, written)
		if err != nil {
			t.Errorf("%s was written as %s: %v", text, written, err)
			continue
		}
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%s was written as %s, which is read as %+v", text, written, again)
		}
		if without := string(Append(nil, &first, "texts", "list", "x")); strings.Contains(without, `"texts"`) || strings.Contains(without, `"list"`) {
			t.Errorf("what was to be omitted is in %s", without)
		}
	}
}

func TestMapExtra(t *testing.T) {
	t.Parallel()
	v, err := decode[closed](t, `{"a":1,"text":"\ud83d","inner":{"b":[2],"text":"t"},"list":[{"c":3,"json":[],"list":[{"d":4}]},{"c":5}],"sparse":[null,{"e":6}],"values":[{"f":7}]}`)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	MapExtra(&v, func(path, name, value string) string {
		told = append(told, path+" "+name+" "+value)
		return `"` + name + `"`
	}, "inner")
	slices.Sort(told)
	want := []string{" a 1", "list c 3", "list c 5", "list.list d 4", "sparse e 6"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v.Extra["a"] != `"a"` || v.Extra["text"] != `"\ud83d"` || v.List[0].Extra["json"] != "[]" || v.Inner.Extra["b"] != "[2]" {
		t.Errorf("got %+v", v)
	}
}
