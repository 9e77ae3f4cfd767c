package cloudflare

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

func decodeAs[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := wirejson.NewDecoder(t.Context(), []byte(text)).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func wrong(path, expected, found string) DecodeError {
	return DecodeError{Path: path, Expected: expected, Found: found}
}

func num(s string) *wirejson.Number { return new(wirejson.Number(s)) }
func obj(s string) *wirejson.Object { return new(wirejson.Object(s)) }
func tools(list ...Tool) []Tool     { return append([]Tool{}, list...) }

func TestDecodePortal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		json string
		want Portal
	}{
		"empty object":        {`{}`, Portal{ServersAbsent: true}},
		"null is absent":      {`{"id":null,"allow_code_mode":null,"servers":null}`, Portal{}},
		"empty text stays":    {`{"id":"","name":""}`, Portal{ServersAbsent: true, ID: new(""), Name: new("")}},
		"empty list stays":    {`{"servers":[]}`, Portal{Servers: []PortalServer{}}},
		"false is not absent": {`{"secure_web_gateway":false}`, Portal{ServersAbsent: true, SecureWebGateway: new(false)}},
		"names match to the letter": {
			`{"id":"a","ID":"b","Id":1,"host_name":"c","allowCodeMode":true}`,
			Portal{ServersAbsent: true, ID: new("a"), Extra: wirejson.Extra{"ID": `"b"`, "Id": "1", "host_name": `"c"`, "allowCodeMode": "true"}},
		},
		"names written with escapes match": {
			`{"\u0069d":"a","caf\u00e9":1}`,
			Portal{ServersAbsent: true, ID: new("a"), Extra: wirejson.Extra{"café": "1"}},
		},
		"empty key":              {`{"":0}`, Portal{ServersAbsent: true, Extra: wirejson.Extra{"": "0"}}},
		"the wire type's Extra":  {`{"Extra":{},"extra":[]}`, Portal{ServersAbsent: true, Extra: wirejson.Extra{"Extra": "{}", "extra": "[]"}}},
		"unknown null is kept":   {`{"x":null}`, Portal{ServersAbsent: true, Extra: wirejson.Extra{"x": "null"}}},
		"unknown is compact":     {`{"x": { "b" : [ 1.10 , " a  b " ] , "a" : null } }`, Portal{ServersAbsent: true, Extra: wirejson.Extra{"x": `{"b":[1.10," a  b "],"a":null}`}}},
		"escapes in text":        {`{"name":"tab\t \"q\" \\ \/ \u00e9 \ud83d\ude80"}`, Portal{ServersAbsent: true, Name: new("tab\t \"q\" \\ / é 🚀")}},
		"half a surrogate":       {`{"name":"cut \ud83d"}`, Portal{ServersAbsent: true, Name: new("cut \uFFFD"), Extra: wirejson.Extra{"name": `"cut \ud83d"`}}},
		"NUL in text":            {`{"name":"a\u0000b"}`, Portal{ServersAbsent: true, Name: new("a\x00b")}},
		"duplicates inside JSON": {`{"x":{"a":1,"a":2}}`, Portal{ServersAbsent: true, Extra: wirejson.Extra{"x": `{"a":1,"a":2}`}}},
		"Extra at every level": {
			`{"p":1,"servers":[{"s":2,"error_details":{"e":3},"tools":[{"t":4,"annotations":{"a":5}}],
			  "prompts":[{"q":6,"arguments":[{"r":7}]}],"updated_tools":[{"u":8}],"updated_prompts":[{"v":9}]}]}`,
			Portal{Extra: wirejson.Extra{"p": "1"}, Servers: []PortalServer{{Server: Server{
				Extra:          wirejson.Extra{"s": "2"},
				ErrorDetails:   &ErrorDetails{Extra: wirejson.Extra{"e": "3"}},
				Tools:          tools(Tool{Extra: wirejson.Extra{"t": "4"}, Annotations: &Annotations{Extra: wirejson.Extra{"a": "5"}}}),
				Prompts:        []Prompt{{Extra: wirejson.Extra{"q": "6"}, Arguments: []Argument{{Extra: wirejson.Extra{"r": "7"}}}}},
				UpdatedTools:   []Override{{Extra: wirejson.Extra{"u": "8"}}},
				UpdatedPrompts: []Override{{Extra: wirejson.Extra{"v": "9"}}},
			}}}},
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
		"auth_config_summary": {
			`{"auth_config_summary":{"auth_mode":"manual","client_secret_version":3,"has_client_secret":true,"config":{"issuer":"https://a"},
			  "registration_info":{"client_id":"c","redirect_uris":["https://b",""],"scope":"read write"}}}`,
			Server{AuthConfigSummary: &AuthConfigSummary{
				AuthMode: new("manual"), ClientSecretVersion: num("3"), HasClientSecret: new(true),
				Config:           &AuthConfig{Issuer: new("https://a")},
				RegistrationInfo: &RegistrationInfo{ClientID: new("c"), RedirectURIs: []string{"https://b", ""}, Scope: new("read write")},
			}},
		},
		"error_details null":  {`{"error_details":null}`, Server{}},
		"error_details empty": {`{"error_details":{}}`, Server{ErrorDetails: &ErrorDetails{}}},
		"numbers as received": {
			`{"error_details":{"mcp_code":-32001.0,"status_code":9007199254740993}}`,
			Server{ErrorDetails: &ErrorDetails{MCPCode: num("-32001.0"), StatusCode: num("9007199254740993")}},
		},
		"numbers that cannot be held": {
			`{"error_details":{"mcp_code":1e3000,"status_code":1e-999999999}}`,
			Server{ErrorDetails: &ErrorDetails{Extra: wirejson.Extra{"mcp_code": "1e3000", "status_code": "1e-999999999"}}},
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
		"foo bar": {`{"tools":[{"foo":"bar"},{}]}`, Server{Tools: tools(Tool{Extra: wirejson.Extra{"foo": `"bar"`}}, Tool{})}},
		"wrong types": {
			`{"tools":[{"name":42,"title":false,"description":["a", "b"],"inputSchema":true,"outputSchema":"s","annotations":[ ]}]}`,
			Server{Tools: tools(Tool{Extra: wirejson.Extra{
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
				Extra:           wirejson.Extra{"title": "1", "readOnlyHint": `"yes"`, "idempotentHint": "0"},
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
					{Extra: wirejson.Extra{"name": "1", "required": `"no"`, "x": "[1,2]"}},
					{},
				}},
				{Arguments: []Argument{}},
			}},
		},
		"arguments not a list": {`{"prompts":[{"arguments":{"a":1}}]}`, Server{Prompts: []Prompt{{Extra: wirejson.Extra{"arguments": `{"a":1}`}}}}},
		"argument not an object": {
			`{"prompts":[{"arguments":[{"name":"a"}, "b", null]}]}`,
			Server{Prompts: []Prompt{{Extra: wirejson.Extra{"arguments": `[{"name":"a"},"b",null]`}}}},
		},
		"argument null":            {`{"prompts":[{"arguments":[null]}]}`, Server{Prompts: []Prompt{{Extra: wirejson.Extra{"arguments": `[null]`}}}}},
		"key twice in an argument": {`{"prompts":[{"arguments":[{"name":"a","name":"b"}]}]}`, Server{Prompts: []Prompt{{Extra: wirejson.Extra{"arguments": `[{"name":"a","name":"b"}]`}}}}},
		"half a surrogate":         {`{"tools":[{"name":"\ude80","x":"\ud83d"}]}`, Server{Tools: tools(Tool{Name: new("\uFFFD"), Extra: wirejson.Extra{"name": `"\ude80"`, "x": `"\ud83d"`}})}},
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
		"object is a list":       {portal, `[]`, wrong("result", "an object", "a list")},
		"object is a text":       {portal, `"x"`, wrong("result", "an object", "a string")},
		"object is false":        {portal, `false`, wrong("result", "an object", "a boolean")},
		"list is an object":      {portals, `{}`, wrong("result", "a list", "an object")},
		"list element is null":   {portals, `[{},null]`, wrong("result[1]", "an object", "null")},
		"text is a number":       {portal, `{"id":1}`, wrong("id", "a string", "a number")},
		"text is a boolean":      {portal, `{"name":true}`, wrong("name", "a string", "a boolean")},
		"boolean is a text":      {portal, `{"servers":[{},{},{},{"default_disabled":"no"}]}`, wrong("servers[3].default_disabled", "a boolean", "a string")},
		"boolean is a number":    {portal, `{"allow_code_mode":1}`, wrong("allow_code_mode", "a boolean", "a number")},
		"list is null inside":    {portal, `{"servers":[{"updated_tools":[null]}]}`, wrong("servers[0].updated_tools[0]", "an object", "null")},
		"list is a text":         {portal, `{"servers":"none"}`, wrong("servers", "a list", "a string")},
		"nested list":            {portal, `{"servers":[[]]}`, wrong("servers[0]", "an object", "a list")},
		"tools in a list result": {portals, `[{},{},{"servers":[{"tools":{}}]}]`, wrong("result[2].servers[0].tools", "a list", "an object")},
		"number is a text":       {server, `{"error_details":{"mcp_code":"1"}}`, wrong("error_details.mcp_code", "a number", "a string")},
		"object is a number":     {server, `{"error_details":5}`, wrong("error_details", "an object", "a number")},
		"override":               {server, `{"updated_tools":[{},{"enabled":{}}]}`, wrong("updated_tools[1].enabled", "a boolean", "an object")},
		"known key twice":        {portal, `{"id":"a","id":"a"}`, wrong("id", "one value", "the key twice")},
		"known key twice, null":  {portal, `{"id":null,"id":"a"}`, wrong("id", "one value", "the key twice")},
		"known key twice, half":  {portal, `{"id":"\ud83d","id":"a"}`, wrong("id", "one value", "the key twice")},
		"escaped key twice":      {portal, `{"id":"a","\u0069\u0064":"b"}`, wrong("id", "one value", "the key twice")},
		"unknown key twice":      {portal, `{"servers":[{"x":1,"x":1}]}`, wrong("servers[0].x", "one value", "the key twice")},
		"twice in a tool":        {server, `{"tools":[{"name":1,"name":"a"}]}`, wrong("tools[0].name", "one value", "the key twice")},
		"twice after a stray":    {server, `{"tools":[null,{"name":1,"name":"a"}]}`, wrong("tools[1].name", "one value", "the key twice")},
		"twice in annotations":   {server, `{"tools":[{},{"annotations":{"title":"a","title":"b"}}]}`, wrong("tools[1].annotations.title", "one value", "the key twice")},
		"half a key twice":       {portal, `{"\ud83d":1,"\uD83D":2}`, wrong(`\ud83d`, "one value", "the key twice")},
		"redirect URI":           {server, `{"auth_config_summary":{"registration_info":{"redirect_uris":["a",1]}}}`, wrong("auth_config_summary.registration_info.redirect_uris[1]", "a string", "a number")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeEnvelope(t.Context(), inEnvelope(tt.json), tt.target())
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
			_, err := decodeEnvelope(t.Context(), inEnvelope(text), new(Portal))
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
				_, err := decodeEnvelope(t.Context(), body, new(Portal))
				return err
			})
			if !errors.Is(err, wirejson.ErrTooMany) && name != "lists" {
				t.Errorf("got %v, want %v", err, wirejson.ErrTooMany)
			}
			if limit := uint64(8 * MaxBodySize); allocated > limit {
				t.Errorf("%d MiB for a body of %d MiB", allocated>>20, len(body)>>20)
			}
		})
	}
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
