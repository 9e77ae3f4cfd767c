package cloudflare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func decodeAs[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if _, err := decodeEnvelope(inEnvelope(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func num(s string) *Number      { return new(Number(s)) }
func obj(s string) *JSONObject  { return new(JSONObject(s)) }
func tools(list ...Tool) []Tool { return append([]Tool{}, list...) }

func TestDecodePortal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		json string
		want Portal
	}{
		"empty object":        {`{}`, Portal{}},
		"null is absent":      {`{"id":null,"allow_code_mode":null,"servers":null}`, Portal{}},
		"empty text stays":    {`{"id":"","name":""}`, Portal{ID: new(""), Name: new("")}},
		"empty list stays":    {`{"servers":[]}`, Portal{Servers: []Server{}}},
		"false is not absent": {`{"secure_web_gateway":false}`, Portal{SecureWebGateway: new(false)}},
		"names match to the letter": {
			`{"id":"a","ID":"b","Id":1,"host_name":"c","allowCodeMode":true}`,
			Portal{ID: new("a"), Extra: Extra{"ID": `"b"`, "Id": "1", "host_name": `"c"`, "allowCodeMode": "true"}},
		},
		"names written with escapes match": {
			`{"\u0069d":"a","caf\u00e9":1}`,
			Portal{ID: new("a"), Extra: Extra{"café": "1"}},
		},
		"empty key":              {`{"":0}`, Portal{Extra: Extra{"": "0"}}},
		"the wire type's Extra":  {`{"Extra":{},"extra":[]}`, Portal{Extra: Extra{"Extra": "{}", "extra": "[]"}}},
		"unknown null is kept":   {`{"x":null}`, Portal{Extra: Extra{"x": "null"}}},
		"unknown is compact":     {`{"x": { "b" : [ 1.10 , " a  b " ] , "a" : null } }`, Portal{Extra: Extra{"x": `{"b":[1.10," a  b "],"a":null}`}}},
		"escapes in text":        {`{"name":"tab\t \"q\" \\ \/ \u00e9 \ud83d\ude80"}`, Portal{Name: new("tab\t \"q\" \\ / é 🚀")}},
		"half a surrogate":       {`{"name":"cut \ud83d"}`, Portal{Extra: Extra{"name": `"cut \ud83d"`}}},
		"NUL in text":            {`{"name":"a\u0000b"}`, Portal{Name: new("a\x00b")}},
		"duplicates inside JSON": {`{"x":{"a":1,"a":2}}`, Portal{Extra: Extra{"x": `{"a":1,"a":2}`}}},
		"Extra at every level": {
			`{"p":1,"servers":[{"s":2,"error_details":{"e":3},"tools":[{"t":4,"annotations":{"a":5}}],
			  "prompts":[{"q":6,"arguments":[{"r":7}]}],"updated_tools":[{"u":8}],"updated_prompts":[{"v":9}]}]}`,
			Portal{Extra: Extra{"p": "1"}, Servers: []Server{{
				Extra:          Extra{"s": "2"},
				ErrorDetails:   &ErrorDetails{Extra: Extra{"e": "3"}},
				Tools:          tools(Tool{Extra: Extra{"t": "4"}, Annotations: &Annotations{Extra: Extra{"a": "5"}}}),
				Prompts:        []Prompt{{Extra: Extra{"q": "6"}, Arguments: []Argument{{Extra: Extra{"r": "7"}}}}},
				UpdatedTools:   []Override{{Extra: Extra{"u": "8"}}},
				UpdatedPrompts: []Override{{Extra: Extra{"v": "9"}}},
			}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decodeAs[Portal](t, tt.json)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantSame(t, []byte(tt.json), &got)
		})
	}
}

func TestDecodeServer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		json string
		want Server
	}{
		"lists absent": {`{}`, Server{}},
		"lists null":   {`{"tools":null,"prompts":null,"updated_tools":null,"updated_prompts":null}`, Server{}},
		"lists empty": {
			`{"tools":[],"prompts":[],"updated_tools":[],"updated_prompts":[]}`,
			Server{Tools: []Tool{}, Prompts: []Prompt{}, UpdatedTools: []Override{}, UpdatedPrompts: []Override{}},
		},
		"error_details null":  {`{"error_details":null}`, Server{}},
		"error_details empty": {`{"error_details":{}}`, Server{ErrorDetails: &ErrorDetails{}}},
		"numbers as received": {
			`{"error_details":{"mcp_code":-32001.0,"status_code":9007199254740993}}`,
			Server{ErrorDetails: &ErrorDetails{MCPCode: num("-32001.0"), StatusCode: num("9007199254740993")}},
		},
		"numbers that can't be held": {
			`{"error_details":{"mcp_code":1e999999999,"status_code":1e-999999999}}`,
			Server{ErrorDetails: &ErrorDetails{Extra: Extra{"mcp_code": "1e999999999", "status_code": "1e-999999999"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decodeAs[Server](t, tt.json)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantSame(t, []byte(tt.json), &got)
		})
	}
}

// Tools and prompts are open: nothing in them can be wrong.
func TestDecodeOpen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		json string
		want Server
	}{
		"foo bar": {`{"tools":[{"foo":"bar"},{}]}`, Server{Tools: tools(Tool{Extra: Extra{"foo": `"bar"`}}, Tool{})}},
		"wrong types": {
			`{"tools":[{"name":42,"title":false,"description":["a", "b"],"inputSchema":true,"outputSchema":"s","annotations":[ ]}]}`,
			Server{Tools: tools(Tool{Extra: Extra{
				"name": "42", "title": "false", "description": `["a","b"]`,
				"inputSchema": "true", "outputSchema": `"s"`, "annotations": "[]",
			}})},
		},
		"null is absent": {
			`{"tools":[{"name":null,"inputSchema":null,"annotations":null}],"prompts":[{"arguments":null}]}`,
			Server{Tools: tools(Tool{}), Prompts: []Prompt{{}}},
		},
		"annotations": {
			`{"tools":[{"annotations":{"title":1,"readOnlyHint":"yes","destructiveHint":false,"idempotentHint":0,"openWorldHint":null}}]}`,
			Server{Tools: tools(Tool{Annotations: &Annotations{
				DestructiveHint: new(false),
				Extra:           Extra{"title": "1", "readOnlyHint": `"yes"`, "idempotentHint": "0"},
			}})},
		},
		"schemas as received": {
			`{"tools":[{"inputSchema":{"b":1e400, "a" : 9007199254740993 ,"-":-0.0,"z":1.10,"b":2,"u":"\ud83d x","\ud83d":1},"outputSchema":{}}]}`,
			Server{Tools: tools(Tool{
				InputSchema:  obj(`{"b":1e400,"a":9007199254740993,"-":-0.0,"z":1.10,"b":2,"u":"\ud83d x","\ud83d":1}`),
				OutputSchema: obj(`{}`),
			})},
		},
		"arguments": {
			`{"prompts":[{"name":"p","arguments":[{"name":"a","required":true},{"name":1,"required":"no","x":[1, 2]},{}]},{"arguments":[]}]}`,
			Server{Prompts: []Prompt{
				{Name: new("p"), Arguments: []Argument{
					{Name: new("a"), Required: new(true)},
					{Extra: Extra{"name": "1", "required": `"no"`, "x": "[1,2]"}},
					{},
				}},
				{Arguments: []Argument{}},
			}},
		},
		"arguments not a list": {`{"prompts":[{"arguments":{"a":1}}]}`, Server{Prompts: []Prompt{{Extra: Extra{"arguments": `{"a":1}`}}}}},
		"argument not an object": {
			`{"prompts":[{"arguments":[{"name":"a"}, "b", null]}]}`,
			Server{Prompts: []Prompt{{Extra: Extra{"arguments": `[{"name":"a"},"b",null]`}}}},
		},
		"argument null":            {`{"prompts":[{"arguments":[null]}]}`, Server{Prompts: []Prompt{{Extra: Extra{"arguments": `[null]`}}}}},
		"key twice in an argument": {`{"prompts":[{"arguments":[{"name":"a","name":"b"}]}]}`, Server{Prompts: []Prompt{{Extra: Extra{"arguments": `[{"name":"a","name":"b"}]`}}}}},
		"half a surrogate":         {`{"tools":[{"name":"\ude80","x":"\ud83d"}]}`, Server{Tools: tools(Tool{Extra: Extra{"name": `"\ude80"`, "x": `"\ud83d"`}})}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decodeAs[Server](t, tt.json)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeError(t *testing.T) {
	t.Parallel()
	var (
		portal  = func() any { return new(Portal) }
		portals = func() any { return new([]Portal) }
		server  = func() any { return new(Server) }
	)
	for name, tt := range map[string]struct {
		target func() any
		json   string
		want   DecodeError
	}{
		"object is a list":       {portal, `[]`, DecodeError{"result", "an object", "a list"}},
		"object is a text":       {portal, `"x"`, DecodeError{"result", "an object", "a string"}},
		"object is false":        {portal, `false`, DecodeError{"result", "an object", "a boolean"}},
		"list is an object":      {portals, `{}`, DecodeError{"result", "a list", "an object"}},
		"list element is null":   {portals, `[{},null]`, DecodeError{"result[1]", "an object", "null"}},
		"text is a number":       {portal, `{"id":1}`, DecodeError{"id", "a string", "a number"}},
		"text is a boolean":      {portal, `{"name":true}`, DecodeError{"name", "a string", "a boolean"}},
		"boolean is a text":      {portal, `{"servers":[{},{},{},{"default_disabled":"no"}]}`, DecodeError{"servers[3].default_disabled", "a boolean", "a string"}},
		"boolean is a number":    {portal, `{"allow_code_mode":1}`, DecodeError{"allow_code_mode", "a boolean", "a number"}},
		"list is null inside":    {portal, `{"servers":[{"tools":[null]}]}`, DecodeError{"servers[0].tools[0]", "an object", "null"}},
		"list is a text":         {portal, `{"servers":"none"}`, DecodeError{"servers", "a list", "a string"}},
		"nested list":            {portal, `{"servers":[[]]}`, DecodeError{"servers[0]", "an object", "a list"}},
		"tools in a list result": {portals, `[{},{},{"servers":[{"tools":{}}]}]`, DecodeError{"result[2].servers[0].tools", "a list", "an object"}},
		"number is a text":       {server, `{"error_details":{"mcp_code":"1"}}`, DecodeError{"error_details.mcp_code", "a number", "a string"}},
		"object is a number":     {server, `{"error_details":5}`, DecodeError{"error_details", "an object", "a number"}},
		"override":               {server, `{"updated_tools":[{},{"enabled":{}}]}`, DecodeError{"updated_tools[1].enabled", "a boolean", "an object"}},
		"known key twice":        {portal, `{"id":"a","id":"a"}`, DecodeError{"id", "one value", "the key twice"}},
		"known key twice, null":  {portal, `{"id":null,"id":"a"}`, DecodeError{"id", "one value", "the key twice"}},
		"known key twice, half":  {portal, `{"id":"\ud83d","id":"a"}`, DecodeError{"id", "one value", "the key twice"}},
		"escaped key twice":      {portal, `{"id":"a","\u0069\u0064":"b"}`, DecodeError{"id", "one value", "the key twice"}},
		"unknown key twice":      {portal, `{"servers":[{"x":1,"x":1}]}`, DecodeError{"servers[0].x", "one value", "the key twice"}},
		"twice in a tool":        {server, `{"tools":[{"name":1,"name":"a"}]}`, DecodeError{"tools[0].name", "one value", "the key twice"}},
		"twice in annotations":   {server, `{"tools":[{},{"annotations":{"title":"a","title":"b"}}]}`, DecodeError{"tools[1].annotations.title", "one value", "the key twice"}},
		"half a key, closed":     {portal, `{"\ud83d":1}`, DecodeError{`"\ud83d"`, "a key", "half of a surrogate pair in it"}},
		"half a key, open":       {server, `{"tools":[{"\ud83d":1}]}`, DecodeError{`tools[0]."\ud83d"`, "a key", "half of a surrogate pair in it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeEnvelope(inEnvelope(tt.json), tt.target())
			var got *DecodeError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a *DecodeError", err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeFixtures(t *testing.T) {
	t.Parallel()
	sources := map[string]json.RawMessage{"generated": portalapi.Generate(5, 12)}
	for _, name := range portalapi.FixtureNames() {
		sources[name] = portalapi.Fixture(name)
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := decodeAs[Portal](t, string(source))
			wantSame(t, source, &portal)
			list := decodeAs[[]Portal](t, "["+string(source)+","+string(source)+"]")
			if diff := cmp.Diff([]Portal{portal, portal}, list); diff != "" {
				t.Errorf("a list reads otherwise than an object (-object +list):\n%s", diff)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for text, held := range map[string]bool{
		"0": true, "-0": true, "-0.0": true, "0e5": true, "0.00E-7": true,
		"1": true, "-1.10": true, "1.10": true, "9007199254740993": true,
		"1e400": true, "1E+400": true, "1e-400": true,
		"1e3009": true, "1e-3009": true,
		"1e3011": false, "1e-3011": false,
		"1e999999999": false, "-1e999999999": false, "1e-999999999": false,
		"1e99999999999999999999": false, "1e-99999999999999999999": false,
		strings.Repeat("9", maxNumberLength): true,
		strings.Repeat("9", 200):             false,
		"0." + strings.Repeat("1", 200):      false,
	} {
		t.Run(fmt.Sprintf("%.30s", text), func(t *testing.T) {
			t.Parallel()
			n := Number(text)
			if got := n.holds(); got != held {
				t.Fatalf("holds() = %v, want %v", got, held)
			}
			if !held {
				return
			}
			f := n.Float()
			if f.Prec() != numberPrecision {
				t.Errorf("precision %d, want %d", f.Prec(), numberPrecision)
			}
			back, _, err := f.Parse(f.Text('g', -1), 10)
			if err != nil || back.Cmp(n.Float()) != 0 {
				t.Errorf("%s does not survive being written out: %v, %v", n, back, err)
			}
		})
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
	} {
		if got := compact(jsontext.Value(text)); got != want {
			t.Errorf("compact(%q) = %q, want %q", text, got, want)
		}
	}
	for _, name := range portalapi.FixtureNames() {
		var want bytes.Buffer
		if err := json.Compact(&want, portalapi.Fixture(name)); err != nil {
			t.Fatal(err)
		}
		if got := compact(jsontext.Value(portalapi.Fixture(name))); got != want.String() {
			t.Errorf("compact(%s) differs from json.Compact", name)
		}
	}
}

func TestNesting(t *testing.T) {
	t.Parallel()
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	t.Run("deep and legal", func(t *testing.T) {
		t.Parallel()
		text := `{"x":` + nest(9_000) + `,"servers":[{"tools":[{"inputSchema":{"a":` + nest(9_000) + `}}]}]}`
		got := decodeAs[Portal](t, text)
		if got.Extra["x"] != nest(9_000) {
			t.Error("x is not as it was sent")
		}
		if want := `{"a":` + nest(9_000) + `}`; string(*got.Servers[0].Tools[0].InputSchema) != want {
			t.Error("inputSchema is not as it was sent")
		}
	})
	for name, text := range map[string]string{
		"result":    nest(200_000),
		"unknown":   `{"x":` + nest(200_000) + `}`,
		"schema":    `{"servers":[{"tools":[{"inputSchema":{"a":` + nest(200_000) + `}}]}]}`,
		"arguments": `{"servers":[{"prompts":[{"arguments":` + nest(200_000) + `}]}]}`,
		"open only": `{"x":` + strings.Repeat("[", 200_000),
		"objects":   strings.Repeat(`{"servers":`, 200_000),
	} {
		t.Run("too deep: "+name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeEnvelope(inEnvelope(text), new(Portal))
			if err == nil {
				t.Fatal("no error")
			}
		})
	}
}

// A body made of the smallest objects there are must not take a hundred times
// its size.
//
//nolint:paralleltest // it measures the memory of the process
func TestTooManyValues(t *testing.T) {
	if RaceDetector {
		t.Skip("measures memory")
	}
	const size = 8 << 20
	repeat := func(head, body, tail string) string {
		return head + strings.Repeat(body, size/len(body)) + strings.TrimSuffix(body, ",") + tail
	}
	for name, text := range map[string]string{
		"servers":   repeat(`{"servers":[`, `{},`, `]}`),
		"tools":     repeat(`{"servers":[{"tools":[`, `{},`, `]}]}`),
		"arguments": repeat(`{"servers":[{"prompts":[`, `{"arguments":[{},{},{},{},{}]},`, `]}]}`),
		"lists":     repeat(`{"servers":[{"prompts":[`, `{"arguments":[]},`, `]}]}`),
		"extra":     repeat(`{"servers":[`, `{"a":0},`, `]}`),
	} {
		t.Run(name, func(t *testing.T) {
			body := inEnvelope(text)
			allocated, err := allocates(func() error {
				_, err := decodeEnvelope(body, new(Portal))
				return err
			})
			if !errors.Is(err, errTooManyValues) && name != "lists" {
				t.Errorf("got %v, want %v", err, errTooManyValues)
			}
			if limit := uint64(8 * MaxBodySize); allocated > limit {
				t.Errorf("%d MiB for a body of %d MiB", allocated>>20, len(body)>>20)
			}
		})
	}
	t.Run("unknown keys", func(t *testing.T) {
		var b strings.Builder
		b.WriteString(`{`)
		for i := range maxHeld/entrySize + 2 {
			fmt.Fprintf(&b, `"%x":0,`, i)
		}
		b.WriteString(`"id":"a"}`)
		_, err := decodeEnvelope(inEnvelope(b.String()), new(Portal))
		if !errors.Is(err, errTooManyValues) {
			t.Errorf("got %v, want %v", err, errTooManyValues)
		}
	})
}

// allocates returns how many bytes f allocated, freed ones as well.
func allocates(f func() error) (uint64, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// The decoder keeps the keys it has seen in the bits of one word, and knows the
// wire types by their tags alone.
func TestWireTypes(t *testing.T) {
	t.Parallel()
	for _, wire := range []reflect.Type{
		reflect.TypeFor[Portal](), reflect.TypeFor[Server](), reflect.TypeFor[ErrorDetails](), reflect.TypeFor[Override](),
		reflect.TypeFor[Tool](), reflect.TypeFor[Annotations](), reflect.TypeFor[Prompt](), reflect.TypeFor[Argument](),
		reflect.TypeFor[wireError](), reflect.TypeFor[wireSource](), reflect.TypeFor[wireInfo](),
	} {
		p := planOf(wire)
		if n := wire.NumField(); n > 64 || len(p.fields) != n-1 {
			t.Errorf("%s: %d fields, %d of them known by name", wire, n, len(p.fields))
		}
		if _, unnamed := p.fields[""]; unnamed {
			t.Errorf("%s has a field without a name", wire)
		}
		if wire.Field(p.extra).Type != reflect.TypeFor[Extra]() {
			t.Errorf("%s has no Extra", wire)
		}
	}
}
