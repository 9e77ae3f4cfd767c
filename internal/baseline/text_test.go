package baseline

import (
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// TestText shows a whole text.
func TestText(t *testing.T) {
	t.Parallel()
	portal := decode(t, []byte(`{"id":"p","name":"P","description":"","allow_code_mode":false,"servers":[
		{"id":"b","tools":null,"prompts":[],"updated_tools":[{"name":"x","enabled":true}]},
		{"server_id":"a","id":"c","on_behalf":true,"auth_config_summary":{"config":{},"registration_info":{"redirect_uris":["z","y"]}},"tools":[
			{"name":"on","description":"e\u0301 \u202e \u007f \ud83d\ude80 \u200b","inputSchema":{"properties":{"b":{},"a":{"type":"string"}}},"annotations":{"readOnlyHint":true}},
			{"name":"off"}, {"name":"on","title":"2"}, {"name":"on#2"}, {"annotations":1}
		],"prompts":[{"name":"ask","arguments":[{"name":"since","required":true},{"name":"to"}]}],
		"updated_tools":[{"name":"off","enabled":false},{"name":"off","alias":"x"},{"name":"gone","enabled":true},{"name":"said nothing"}]}]}`))
	const want = `{
  "format": "mcp-portal-baseline/1",
  "portal": {
    "allow_code_mode": false,
    "id": "p",
    "name": "P"
  },
  "servers": {
    "a": {
      "auth_config_summary": {
        "registration_info": {
          "redirect_uris": ["y", "z"]
        }
      },
      "id": "c",
      "on_behalf": true,
      "prompts": {
        "ask": {
          "arguments": {"since": {"required": true}, "to": {}},
          "enabled": true,
          "name": "a_ask"
        }
      },
      "tools": {
        "": {
          "enabled": false,
          "extra": {"annotations": "1"}
        },
        "off": {
          "enabled": false,
          "name": "a_off",
          "overrides": [{"alias": "x"}, {"enabled": false}]
        },
        "on": {
          "annotations": {"read_only_hint": true},
          "arguments": ["a", "b"],
          "description": "e\u0301 \u202e \u007f \ud83d\ude80 \u200b",
          "enabled": true,
          "input_schema": "d6283235abc7867fe5d197caf390244b8dca08f65114d8b16f35f6e750010a63",
          "name": "a_on"
        },
        "on#2": {
          "enabled": true,
          "name": "a_on#2"
        },
        "on#3": {
          "enabled": true,
          "name": "a_on",
          "title": "2"
        }
      },
      "waiting": {
        "tools": {
          "gone": {"enabled": true}
        }
      }
    },
    "b": {
      "tools_known": false,
      "waiting": {
        "tools": {
          "x": {"enabled": true}
        }
      }
    }
  }
}
`
	got := New(portal, Options{}).Text()
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if norm.NFC.String(got) != got || strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && isHidden(r) }) {
		t.Error("not every character is seen and survives")
	}
}

// TestTextSurvives takes texts as a file may bring them back.
func TestTextSurvives(t *testing.T) {
	t.Parallel()
	for _, name := range portalapi.FixtureNames() {
		b := New(decode(t, portalapi.Fixture(name)), Options{})
		text := b.Text()
		sorted, _ := json.Marshal(parsed(t, text))
		for how, came := range map[string]string{
			"as it was":     text,
			"CRLF":          strings.ReplaceAll(text, "\n", "\r\n"),
			"no break":      strings.TrimSpace(text),
			"BOM":           "\uFEFF" + text,
			"by a tool":     string(sorted),
			"normalised":    norm.NFC.String(text),
			"another order": reversed(t, text),
		} {
			if changes, err := b.Since(came); err != nil || len(changes) > 0 {
				t.Errorf("%s, %s: %v, %v", name, how, err, lines(changes))
			}
		}
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	var value any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// reversed returns JSON with the keys of every object the other way round.
func reversed(t *testing.T, text string) string {
	t.Helper()
	value := parsed(t, text)
	var b strings.Builder
	var write func(any)
	write = func(value any) {
		object, ok := value.(map[string]any)
		if !ok {
			raw, _ := json.Marshal(value)
			b.Write(raw)
			return
		}
		b.WriteString("{")
		keys := sortedKeys(object)
		slices.Reverse(keys)
		for i, key := range keys {
			if i > 0 {
				b.WriteString(" ,\t")
			}
			raw, _ := json.Marshal(key)
			b.Write(raw)
			b.WriteString(" : ")
			write(object[key])
		}
		b.WriteString("}")
	}
	write(value)
	return b.String()
}

func TestParseError(t *testing.T) {
	t.Parallel()
	const head = `{"format":"mcp-portal-baseline/1","portal":{"id":"p"}`
	for text, want := range map[string]string{
		"secret":                             "line 1 is no JSON",
		head:                                 "line 1 is no JSON",
		"\n\n" + head + "}}":                 "line 3 is no JSON",
		head + "} {}":                        "line 1 is no JSON",
		"\xff":                               "line 1 is no JSON",
		`[]`:                                 `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`"secret"`:                           `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`null`:                               `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`{"secret":1}`:                       `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`{"format":"secret"}`:                `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`{"format":1}`:                       `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`{"format":"mcp-portal-baseline/0"}`: `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1"`,
		`{"secret":{},"format":"mcp-portal-baseline/2"}`:                                 "it is of format mcp-portal-baseline/2, and this version of the provider knows formats up to 1",
		head + ",\n\"secret\":{}}":                                                       "line 2 has a key that no baseline has",
		head + ",\n\"servers\":{\"a\":{\"secret\":1}}}":                                  "line 2 has a key that no baseline has",
		head + ",\n\"servers\":[]}":                                                      "line 2 holds a value of the wrong type",
		head + ",\"servers\":{\"a\":\n{\"tools\":{\"a\":\n1}}}}":                         "line 3 holds a value of the wrong type",
		head + ",\"servers\":{\"a\":\n{\"name\":\n{}}}}":                                 "line 3 holds a value of the wrong type",
		head + ",\"servers\":{\"a\":{},\n\"a\":{}}}":                                     "line 2 has a key for the second time",
		head + `,"servers":{"a":{"auth_config_summary":{"client_secret_version":"1"}}}}`: "line 1 holds a value of the wrong type",
	} {
		_, err := Parse(text)
		wrong, ok := errors.AsType[*ParseError](err)
		if !ok || wrong.Reason != want || strings.Contains(wrong.Reason, "secret") {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
		if ok && wrong.Newer != strings.Contains(text, "/2") {
			t.Errorf("%s: Newer is %t", text, wrong.Newer)
		}
	}
}

func TestSinceAnotherPortal(t *testing.T) {
	t.Parallel()
	b := New(&cloudflare.Portal{ID: new("q")}, Options{})
	_, err := b.Since(New(&cloudflare.Portal{ID: new("p\u202e")}, Options{}).Text())
	if want := `it is the baseline of the portal "p\u202e", and this is the portal "q"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestNonsenseCostsLittle holds what megabytes of nonsense may cost: a small
// multiple of their size.
//
//nolint:paralleltest // It measures what the whole process allocates.
func TestNonsenseCostsLittle(t *testing.T) {
	const head = `{"format":"mcp-portal-baseline/1","portal":{"id":"p"},"servers":{`
	const size = 8 << 20
	many := func(one string) string { return strings.Repeat(one, size/len(one)) }
	var empty strings.Builder
	for i := 0; empty.Len() < size; i++ {
		empty.WriteString(`"` + string(rune(0x100+i%0x5000)) + string(rune(0x100+i/0x5000)) + `":{},`)
	}
	for name, text := range map[string]string{
		"braces":        many(`{`),
		"deep":          head + many(`"a":{`),
		"deep lists":    `{"format":` + many(`[`),
		"digits":        `{"format":` + many(`9`),
		"blanks":        head + many(" "),
		"text":          many("lorem ipsum "),
		"null servers":  head + many(`"a":null,`),
		"empty servers": head + empty.String(),
		"empty tools":   head + `"a":{"tools":{` + empty.String(),
		"unknown":       `{"a":[` + many(`{},`) + `{}]}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse(text)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 25*size {
			t.Errorf("%s: %d bytes for each", name, took/size)
		}
	}
}

// TestNullsAreAbsent takes texts that nobody wrote, but that somebody may.
func TestNullsAreAbsent(t *testing.T) {
	t.Parallel()
	b := New(&cloudflare.Portal{ID: new("p"), Servers: []cloudflare.PortalServer{{Server: cloudflare.Server{ID: new("a"), Tools: []cloudflare.Tool{}, Prompts: []cloudflare.Prompt{}}}}}, Options{})
	for _, text := range []string{
		`{"format":"mcp-portal-baseline/1","portal":{"id":"p","name":null,"extra":{}},"servers":{"a":{"tools":{},"prompts":null,"waiting":{},"auth_config_summary":{"config":{}},"tools_known":true},"b":null}}`,
		`{"format":"mcp-portal-baseline/1","portal":{"id":"p","name":""},"servers":{"a":{"tools":{"x":null},"waiting":{"tools":{"x":null}}}}}`,
	} {
		if changes, err := b.Since(text); err != nil || len(changes) > 0 {
			t.Errorf("%s: %v, %v", text, err, lines(changes))
		}
	}
}

// leftOut lists the fields of the wire types that no baseline holds, with the
// reason. Whoever adds a field to a wire type keeps it in a baseline, or lists it.
var leftOut = map[string]string{
	"Portal.modified_at":           "a synchronisation moves it",
	"Portal.modified_by":           "goes with modified_at",
	"Server.modified_at":           "a synchronisation moves it",
	"Server.modified_by":           "goes with modified_at",
	"Server.last_synced":           "a synchronisation moves it",
	"Server.last_successful_sync":  "a synchronisation moves it",
	"Server.status":                "the state of a server, not its configuration",
	"Server.error":                 "the state of a server, not its configuration",
	"Server.error_details":         "the state of a server, not its configuration",
	"Server.authentication_status": "the state of a login, not its configuration",
	"ErrorDetails.cause":           "as error_details",
	"ErrorDetails.is_upstream":     "as error_details",
	"ErrorDetails.mcp_code":        "as error_details",
	"ErrorDetails.retryable":       "as error_details",
	"ErrorDetails.status_code":     "as error_details",
	"ErrorDetails.extra":           "as error_details",
}

// TestNoFieldIsForgotten changes each field of the wire types in turn, wherever
// it stands: what is not listed above must make a change, and what is listed none.
func TestNoFieldIsForgotten(t *testing.T) {
	t.Parallel()
	full := `{"id":"p","hostname":"h","name":"n","description":"d","allow_code_mode":true,"code_mode":"opt_in","secure_web_gateway":true,"created_at":"c","created_by":"b","modified_at":"m","modified_by":"m","x":1,"servers":[
		{"id":"s","server_id":"s2","name":"n","hostname":"h","auth_type":"oauth","authentication_status":"a","description":"d","status":"s","error":"e","secure_web_gateway":false,"is_shared_oauth_callback_enabled":true,
		"created_at":"c","created_by":"b","modified_at":"m","modified_by":"m","last_synced":"l","last_successful_sync":"l","default_disabled":true,"on_behalf":true,"x":1,
		"error_details":{"cause":"c","is_upstream":true,"mcp_code":1,"retryable":true,"status_code":1,"x":1},
		"auth_config_summary":{"auth_mode":"a","client_secret_version":1,"has_client_secret":true,"x":1,"config":{"authorization_endpoint":"a","issuer":"i","resource":"r","revocation_endpoint":"r","token_endpoint":"t","x":1},
			"registration_info":{"client_id":"c","redirect_uris":["r"],"scope":"s","token_endpoint_auth_method":"t","x":1}},
		"tools":[{"name":"t","title":"t","description":"d","inputSchema":{"a":1},"outputSchema":{"a":1},"x":1,"annotations":{"title":"t","readOnlyHint":true,"destructiveHint":true,"idempotentHint":true,"openWorldHint":true,"x":1}}],
		"prompts":[{"name":"p","title":"t","description":"d","x":1,"arguments":[{"name":"a","title":"t","description":"d","required":true,"x":1}]}],
		"updated_tools":[{"name":"w","enabled":true,"alias":"a","description":"d","portal_alias":"p","portal_description":"p","server_alias":"s","server_description":"s","x":1}],
		"updated_prompts":[{"name":"w","enabled":true,"alias":"a","description":"d","portal_alias":"p","portal_description":"p","server_alias":"s","server_description":"s","x":1}]}]}`
	options := Options{IncludeExtra: []string{"x"}}
	accepted := New(decode(t, []byte(full)), options).Text()
	seen := 0
	eachLeaf(reflect.ValueOf(decode(t, []byte(full))).Elem(), "Portal", "", func(name, path string, _ reflect.Value) {
		seen++
		portal := decode(t, []byte(full))
		eachLeaf(reflect.ValueOf(portal).Elem(), "Portal", "", func(_, at string, v reflect.Value) {
			if at == path {
				alter(t, v)
			}
		})
		if path == "/id" {
			return // another portal
		}
		changes, err := New(portal, options).Since(accepted)
		if err != nil {
			t.Fatal(err)
		}
		if _, listed := leftOut[name]; listed == (len(changes) > 0) {
			t.Errorf("%s (%s): listed as left out: %t, changes %q", name, path, listed, lines(changes))
		}
	})
	if seen < 90 {
		t.Errorf("only %d fields were found", seen)
	}
}

// eachLeaf calls f for each field of a wire type, at every depth: with its type's
// name and its own, with its path, and itself. A nil field is an error of the
// test above: it would not be altered.
func eachLeaf(v reflect.Value, typeName, path string, f func(name, path string, v reflect.Value)) {
	for i := range v.NumField() {
		field, tag := v.Type().Field(i), v.Type().Field(i).Tag.Get("json")
		fv := v.Field(i)
		switch {
		case field.Anonymous:
			eachLeaf(fv, fv.Type().Name(), path, f)
		case field.Name == "Extra":
			f(typeName+".extra", path+"/extra", fv)
		case tag == "":
			// ServersAbsent, with which a portal is not read.
		case fv.Kind() == reflect.Slice && fv.Type().Elem().Kind() == reflect.Struct:
			eachLeaf(fv.Index(0), fv.Type().Elem().Name(), path+"/"+tag, f)
		case fv.Kind() == reflect.Pointer && fv.Type().Elem().Kind() == reflect.Struct:
			eachLeaf(fv.Elem(), fv.Type().Elem().Name(), path+"/"+tag, f)
		default:
			f(typeName+"."+tag, path+"/"+tag, fv)
		}
	}
}

func alter(t *testing.T, v reflect.Value) {
	t.Helper()
	switch value := v.Addr().Interface().(type) {
	case **string:
		*value = new(**value + "!")
	case **bool:
		*value = new(!**value)
	case **wirejson.Number:
		*value = new(wirejson.Number("7"))
	case **wirejson.Object:
		*value = new(wirejson.Object(`{"b":1}`))
	case *[]string:
		*value = append(*value, "!")
	case *wirejson.Extra:
		*value = wirejson.Extra{"x": "2"}
	default:
		t.Fatalf("a field of type %s", v.Type())
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                      "plain",
		"\x1b[31m\r\n\t\u202e\u2028": `\u001b[31m\u000d\n\t\u202e\u2028`,
		"tag \U000E0041":             `tag \udb40\udc41`,
		"⚠️ é 🚀":                     "⚠️ é 🚀",
		strings.Repeat("é", 81):      strings.Repeat("é", 80) + "…",
	} {
		if got := shown(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
	long := strings.Repeat("é", 100_000)
	got := "changed " + fromTo(long+`a"`, long+"b")
	if want := `changed from "…` + strings.Repeat("é", 12) + `a\"" to "…` + strings.Repeat("é", 12) + `b"`; got != want || !utf8.ValidString(got) {
		t.Errorf("got %s", got)
	}
}
