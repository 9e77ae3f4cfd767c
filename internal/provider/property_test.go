package provider_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// The generators below draw the text of JSON values, so that what Go's encoder
// would never write is drawn as well: odd escapes, white space, long numbers.

var (
	jsonNumber = rapid.SampledFrom([]string{
		"0", "-0", "1", "-32001", "404", "3.25", "0.1", "1.10", "-0.0", "1e3", "1E-7",
		"9007199254740993", "123456789012345678901234567890", "1e400", "-1.5e-300", "5e-324",
	})
	// hugeNumber is what Terraform's numbers cannot hold.
	hugeNumber = rapid.SampledFrom([]string{"1e999999999", "1e-999999999", strings.Repeat("7", 400)})

	jsonString = rapid.OneOf(
		rapid.Map(rapid.String(), quote),
		rapid.SampledFrom([]string{
			`""`, `"\u00e9"`, `"\ud83d\ude00"`, `"cut \ud83d"`, `"\udc00 alone"`, `"\/"`, `"a\\\"b"`, `"\u0000"`,
			`"  two  blanks  "`, `"e\u0301"`, `"<b>&amp;</b>"`, `"\u2028"`, `"${var.x} %{ if }"`,
		}),
	)
	jsonTime = rapid.SampledFrom([]string{
		`"2026-03-11T16:06:01.767Z"`, `"2026-03-11 15:00:45"`, `"2026-03-11T15:00:45"`, `"2026-03-11 15:00:45.120"`,
		`"2026-02-30 15:00:45"`, `"2026-03-11 15:00:45+02:00"`, `"2026-03-11T15:00:45+02:00"`, `""`, `"never"`, `"2026-03-11"`,
		`"2026-03-11 15:00:45,5"`, `"2026-03-11 24:00:00"`,
	})
	jsonBool = rapid.SampledFrom([]string{"true", "false"})
	gap      = rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r\n  "})
)

func quote(s string) string {
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// jsonValue draws any JSON value.
func jsonValue(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 5
		if depth > 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return "null"
		case 1:
			return jsonBool.Draw(t, "bool")
		case 2:
			return jsonNumber.Draw(t, "number")
		case 3:
			return hugeNumber.Draw(t, "number")
		case 4:
			return jsonString.Draw(t, "string")
		case 5:
			return jsonList(jsonValue(depth-1)).Draw(t, "list")
		}
		return jsonObject(depth).Draw(t, "object")
	})
}

func jsonList(element *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		elements := rapid.SliceOfN(element, 0, 3).Draw(t, "elements")
		return "[" + gap.Draw(t, "gap") + strings.Join(elements, ","+gap.Draw(t, "gap")) + "]"
	})
}

func jsonObject(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return members{}.with(t, depth, unknownKeys).text(t)
	})
}

// members are those of an object: a key's text, such as "name", to its value's.
type members map[string]string

// unknownKeys are keys for which no attribute exists, or not everywhere.
var unknownKeys = rapid.OneOf(
	rapid.SampledFrom([]string{`""`, `"ID"`, `"Name"`, `"extra"`, `"account_id"`, `"input_schema"`, `"effective_tools"`, `"a.b c"`, `"\u00e9t\u00e9"`, `"_meta"`, `"message"`}),
	rapid.Map(rapid.StringMatching(`x[a-zA-Z0-9_./ -]{0,8}`), quote),
)

func (m members) with(t *rapid.T, depth int, keys *rapid.Generator[string]) members {
	for range rapid.IntRange(0, 2).Draw(t, "unknown") {
		m[keys.Draw(t, "key")] = jsonValue(depth-1).Draw(t, "value")
	}
	return m
}

// known adds a key, unless it is to be absent.
func (m members) known(t *rapid.T, key string, value *rapid.Generator[string]) members {
	switch rapid.IntRange(0, 4).Draw(t, key) {
	case 0: // absent
	case 1:
		m[quote(key)] = "null"
	default:
		m[quote(key)] = value.Draw(t, key)
	}
	return m
}

func (m members) all(t *rapid.T, value *rapid.Generator[string], keys ...string) members {
	for _, key := range keys {
		m.known(t, key, value)
	}
	return m
}

func (m members) text(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("{")
	separator := ""
	for _, key := range slices.Sorted(maps.Keys(m)) { // what is drawn must not depend on chance
		b.WriteString(separator + gap.Draw(t, "gap") + key + gap.Draw(t, "gap") + ":" + m[key])
		separator = ","
	}
	return b.String() + gap.Draw(t, "gap") + "}"
}

// orAnything draws a value of an open object's field: one of the expected type,
// or any other.
func orAnything(expected *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(expected, expected, jsonValue(2))
}

// orStray draws an object or, now and then, what is none.
func orStray(object *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.OneOf(object, object, object, object, rapid.SampledFrom([]string{"null", "7", `"tool"`, "[{}]", "true"}))
}

func custom(draw func(t *rapid.T, m members)) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		m := members{}
		draw(t, m)
		return m.with(t, 2, unknownKeys).text(t)
	})
}

var (
	overrideText = custom(func(t *rapid.T, m members) {
		m.all(t, jsonString, "name", "alias", "description", "portal_alias", "portal_description", "server_alias", "server_description")
		m.known(t, "enabled", jsonBool)
	})
	annotationsText = custom(func(t *rapid.T, m members) {
		m.known(t, "title", orAnything(jsonString))
		m.all(t, orAnything(jsonBool), "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
	})
	toolText = custom(func(t *rapid.T, m members) {
		m.all(t, orAnything(jsonString), "name", "title", "description")
		m.all(t, orAnything(jsonObject(3)), "inputSchema", "outputSchema")
		m.known(t, "annotations", orAnything(annotationsText))
	})
	argumentText = custom(func(t *rapid.T, m members) {
		m.all(t, orAnything(jsonString), "name", "title", "description")
		m.known(t, "required", orAnything(jsonBool))
	})
	promptText = custom(func(t *rapid.T, m members) {
		m.all(t, orAnything(jsonString), "name", "title", "description")
		m.known(t, "arguments", orAnything(jsonList(argumentText)))
	})
	errorDetailsText = custom(func(t *rapid.T, m members) {
		m.known(t, "cause", jsonString)
		m.all(t, jsonBool, "is_upstream", "retryable")
		m.all(t, rapid.OneOf(jsonNumber, hugeNumber), "mcp_code", "status_code")
	})
	authConfigText = custom(func(t *rapid.T, m members) {
		m.all(t, jsonString, "authorization_endpoint", "issuer", "resource", "revocation_endpoint", "token_endpoint")
	})
	registrationInfoText = custom(func(t *rapid.T, m members) {
		m.all(t, jsonString, "client_id", "scope", "token_endpoint_auth_method")
		m.known(t, "redirect_uris", jsonList(jsonString))
	})
	authConfigSummaryText = custom(func(t *rapid.T, m members) {
		m.known(t, "auth_mode", jsonString)
		m.known(t, "client_secret_version", rapid.OneOf(jsonNumber, hugeNumber))
		m.known(t, "has_client_secret", jsonBool)
		m.known(t, "config", authConfigText)
		m.known(t, "registration_info", registrationInfoText)
	})
	serverText = custom(func(t *rapid.T, m members) {
		m.all(t, jsonString, "id", "server_id", "name", "hostname", "auth_type", "authentication_status", "description", "status", "error", "created_by", "modified_by")
		m.all(t, jsonBool, "default_disabled", "on_behalf", "secure_web_gateway", "is_shared_oauth_callback_enabled")
		m.all(t, jsonTime, "created_at", "modified_at", "last_synced", "last_successful_sync")
		m.known(t, "error_details", errorDetailsText)
		m.known(t, "auth_config_summary", authConfigSummaryText)
		m.known(t, "tools", jsonList(orStray(toolText)))
		m.known(t, "prompts", jsonList(orStray(promptText)))
		m.all(t, jsonList(overrideText), "updated_tools", "updated_prompts")
	})
	portalText = custom(func(t *rapid.T, m members) {
		m.known(t, "id", rapid.Just(`"p"`))
		m[`"name"`] = quote("n" + rapid.String().Draw(t, "name")) // what names nothing is refused
		m.all(t, jsonString, "hostname", "description", "code_mode", "created_by", "modified_by")
		m.all(t, jsonBool, "allow_code_mode", "secure_web_gateway")
		m.all(t, jsonTime, "created_at", "modified_at")
		m[`"servers"`] = rapid.OneOf(rapid.Just("null"), jsonList(serverText)).Draw(t, "servers") // required
	})
)

// TestEveryPortalIsReadWithoutLoss draws portals of every legal shape.
func TestEveryPortalIsReadWithoutLoss(t *testing.T) {
	t.Parallel()
	api := portalapi.New()
	t.Cleanup(api.Close)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	rapid.Check(t, func(rt *rapid.T) {
		raw := portalText.Draw(rt, "portal")
		api.Portal("p").Put([]byte(raw))
		response := p.read(t, "mcp_portal", values{"id": "p"})
		if failed := slices.ContainsFunc(response.Diagnostics, isError); failed {
			rt.Fatalf("%v\nin %s", response.Diagnostics, raw)
		}
		decoded, err := response.State.Unmarshal(p.stateType("mcp_portal"))
		if err != nil {
			rt.Fatalf("%v in %s", err, raw)
		}
		state := plain(t, decoded).(map[string]any)
		requireSameOrder(t, state)
		if diff := lossOf(t, "p", raw, state); diff != "" {
			rt.Errorf("the state does not hold what the API returned (-API +state):\n%s\nin %s", diff, raw)
		}
	})
}

// FuzzEveryPortalIsReadWithoutLoss mutates portals: each is either read without
// loss or refused with a diagnostic, and never anything in between.
func FuzzEveryPortalIsReadWithoutLoss(f *testing.F) {
	for _, name := range portalapi.FixtureNames() {
		f.Add([]byte(portalapi.Fixture(name)))
	}
	f.Add([]byte(`{"id":"p","servers":[{"tools":[{"foo":"bar"},{"name":42,"annotations":[]}],"prompts":[{"arguments":[1]}]}]}`))
	f.Add([]byte(`{"servers":[{"tools":[{"name":"cafe\u0301","caf\u00e9":1,"cafe\u0301":2,"\ud83d":3,"a\\b":4},{"name":"delete_all\ud83d","inputSchema":{"e\u0301":1e3000}}]}]}`))
	f.Add([]byte(`{"servers":[{"server_id":"a","error_details":{"mcp_code":1e400},"updated_tools":[]}]}`))
	api := portalapi.New()
	f.Cleanup(api.Close)
	p := newConfiguredPeer(f, provider.NewServer(testOptions()), api, values{"max_retries": 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		api.ClearFaults()
		api.FailAlways(portalapi.Result(string(raw)))
		response := p.read(t, "mcp_portal", values{"id": "p"})
		if slices.ContainsFunc(response.Diagnostics, isError) {
			return
		}
		decoded, err := response.State.Unmarshal(p.stateType("mcp_portal"))
		if err != nil {
			t.Fatal(err)
		}
		state := plain(t, decoded).(map[string]any)
		if again := p.read(t, "mcp_portal", values{"id": "p"}); !bytes.Equal(again.State.MsgPack, response.State.MsgPack) {
			t.Error("the same answer gives another state")
		}
		if diff := lossOf(t, "p", string(raw), state); diff != "" {
			t.Errorf("the state does not hold what the API returned (-API +state):\n%s", diff)
		}
	})
}

func isError(d *tfprotov6.Diagnostic) bool {
	return d.Severity == tfprotov6.DiagnosticSeverityError
}

// lossOf returns how the object that is rebuilt from the state differs from the
// API's, by the three rules.
func lossOf(tb testing.TB, id, raw string, state map[string]any) string {
	tb.Helper()
	want := portalShape.expect(parse(tb, raw).(map[string]any))
	got := portalShape.rebuild(tb, state)
	if want["id"] == nil && got["id"] == id {
		want["id"] = id // absent in the answer
	}
	return cmp.Diff(want, got, sameNumber)
}
