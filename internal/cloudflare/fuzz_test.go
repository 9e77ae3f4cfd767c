package cloudflare

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

const (
	fuzzToken = "FAKE-token-0123456789"
	fuzzKey   = "FAKE-key-0123456789"
)

// wantFit fails unless text is fit to be shown.
func wantFit(t *testing.T, where, text string) {
	t.Helper()
	if strings.Contains(text, fuzzToken) || strings.Contains(text, fuzzKey) {
		t.Errorf("%s shows a secret: %q", where, text)
	}
	if !utf8.ValidString(text) {
		t.Errorf("%s is not valid UTF-8: %q", where, text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
		t.Errorf("%s has a control character: %q", where, text)
	}
}

func addNastyJSON(f *testing.F) {
	f.Helper()
	for _, text := range []string{
		`{}`, `[]`, `null`, `""`, `0`, `{"id":null}`, `{"":{"":[]}}`, `{"id":"\ud83d"}`, `{"\ud83d":1}`, `{"id":"a","id":"b"}`,
		`{"ID":1,"\u0069d":"a"}`, `{"servers":[{"tools":[{"name":42,"annotations":{"title":1}},{"foo":"bar"}]}]}`,
		`{"servers":[{"tools":[null]}]}`, `{"servers":[{"tools":null,"prompts":[],"updated_tools":[]}]}`,
		`{"servers":[{"prompts":[{"arguments":[{"name":"a"},1]},{"arguments":[]},{"arguments":[{"name":1,"name":2}]}]}]}`,
		`{"servers":[{"error_details":{"mcp_code":1e400,"status_code":-0.0}}]}`,
		`{"servers":[{"error_details":{"mcp_code":1e999999999,"status_code":1e-999999999}}]}`,
		`{"servers":[{"tools":[{"inputSchema":{ "a" : 9007199254740993 , "a" : "\ud83d" }}]}]}`,
		`{"servers":[{"id":"","server_id":"b","default_disabled":true,"tools":[{"name":"x"}],"updated_tools":[{"name":"x","enabled":true,"alias":""}]}]}`,
		`{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, "\ufeff{}", "{\"name\":\"\xff\"}", "{\"a\":\"\u2028\\u0000\"}",
	} {
		f.Add([]byte(text))
	}
}

// FuzzPortal decodes portals: each is either an error, or holds all of what was
// sent, and what is derived from it can be derived.
func FuzzPortal(f *testing.F) {
	addNastyJSON(f)
	for _, name := range portalapi.FixtureNames() {
		f.Add([]byte(portalapi.Fixture(name)))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		if !json.Valid(source) || !utf8.Valid(source) {
			return // FuzzEnvelope's
		}
		var portal Portal
		env, err := decodeEnvelope(t.Context(), inEnvelope(string(source)), &portal)
		var wrong *DecodeError
		switch {
		case errors.As(err, &wrong):
			if wrong.Path == "" || wrong.Expected == "" || wrong.Found == "" || !env.success {
				t.Errorf("got %+v", wrong)
			}
			return
		case errors.Is(err, wirejson.ErrTooMany):
			return
		case err != nil:
			t.Fatalf("valid JSON, but %v", err)
		case !env.success || !env.hasResult && tree(t, string(source)) != nil:
			t.Fatalf("got %+v", env)
		case !env.hasResult:
			return
		}
		wantSame(t, source, &portal)
		wantFitPortal(t, &portal)
	})
}

// wantFitPortal checks what Terraform relies on: texts are UTF-8, numbers can be
// held, JSON is JSON, and every tool is exposed once.
func wantFitPortal(t *testing.T, portal *Portal) {
	t.Helper()
	walk(t, reflect.ValueOf(portal).Elem())
	tools, prompts := 0, 0
	for _, server := range portal.Servers {
		tools, prompts = tools+len(server.Tools), prompts+len(server.Prompts)
	}
	if got := portal.EffectiveTools(); len(got) != tools {
		t.Errorf("%d effective tools of %d", len(got), tools)
	}
	if got := portal.EffectivePrompts(); len(got) != prompts {
		t.Errorf("%d effective prompts of %d", len(got), prompts)
	}
	for _, e := range portal.EffectiveTools() {
		if e.Enabled && (e.Name == nil || *e.Name == "" || e.ServerID == nil || e.OriginalName == nil) {
			t.Errorf("a tool without a name is exposed: %+v", e)
		}
	}
}

func walk(t *testing.T, v reflect.Value) {
	t.Helper()
	switch x := v.Interface().(type) {
	case *string:
		if x != nil && !utf8.ValidString(*x) {
			t.Errorf("a text that is not UTF-8: %q", *x)
		}
		return
	case *bool, bool:
		return
	case []string:
		for _, text := range x {
			walk(t, reflect.ValueOf(&text))
		}
		return
	case *wirejson.Number:
		if x != nil && !json.Valid([]byte(x.Float().Text('g', -1))) {
			t.Errorf("a number that is none: %s", *x)
		}
		return
	case *wirejson.Object:
		if x != nil && (!json.Valid([]byte(*x)) || (*x)[0] != '{') {
			t.Errorf("an object that is none: %s", *x)
		}
		return
	case wirejson.Extra:
		for name, text := range x {
			if !json.Valid([]byte(text)) || !utf8.ValidString(name) || !utf8.ValidString(text) {
				t.Errorf("%q: JSON that is none: %s", name, text)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(t, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(t, v.Index(i))
		}
	default:
		for _, field := range v.Fields() {
			walk(t, field)
		}
	}
}

// FuzzEnvelope answers with any status, content type and body: what comes of it
// is a portal or an *Error with a text that is fit to be shown.
func FuzzEnvelope(f *testing.F) {
	reference := string(portalapi.Fixture("reference"))
	for _, body := range []string{
		string(inEnvelope(reference)), string(inEnvelope(`null`)), string(inEnvelope(`[]`)), string(inEnvelope(`{"id":1}`)),
		`{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`,
		`{"errors":[{"code":"6003","message":"Invalid request headers","documentation_url":"https://d","source":{"pointer":"/a"},"error_chain":[{"code":6111,"message":"m"}]}],"success":false}`,
		`{"success":false,"errors":["a",1,null,[],{},{"code":{},"message":1}],"result":{"id":2}}`,
		`{"success":false,"errors":{"code":1}}`, `{"success":true,"result":{},"result":{}}`, `{"success":"true"}`,
		`{"success":true,"result":{}}x`, "\ufeff{}", "<html>", "", " ", "{\"a\":\"\xff\"}", `{"success":tru`, `{"success":true,"result":{"id":"a`,
		`{"success":true,"result":` + strings.Repeat("[", 300), `{"` + fuzzToken + `":1}`, "\x1b[2J", `{"success":false,"errors":[{"message":"` + fuzzToken + `\u001b"}]}`,
		`{"success":true,"result":{"\ud83d` + fuzzToken + `":1}}`, `{"success":true,"result":{"` + fuzzToken + `":1,"` + fuzzToken + `":2}}`,
	} {
		for _, status := range []int{200, 302, 403, 503} {
			f.Add(status, "application/json", "https://example.com/x", []byte(body))
		}
	}
	f.Add(429, "text/html; charset=\"", "://"+fuzzToken, []byte("<"))
	f.Add(200, fuzzKey+"/"+fuzzToken, "http://"+fuzzKey, []byte("["))
	f.Fuzz(func(t *testing.T, status int, contentType, location string, body []byte) {
		var log strings.Builder
		client, err := New(Config{
			Credentials: Credentials{Token: fuzzToken, Key: fuzzKey, Email: "admin@example.com"},
			Logger:      slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		client.transport = &script{steps: []func(*http.Request) (*http.Response, error){
			func(*http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: status, ContentLength: int64(len(body)), ProtoMajor: 1, Body: io.NopCloser(strings.NewReader(string(body))),
					Header: http.Header{"Content-Type": {contentType}, "Location": {location}, "Cf-Ray": {contentType}, "Retry-After": {location}},
				}, nil
			},
		}}
		portal, err := client.Portal(t.Context(), "acc", "eng")
		wantFit(t, "the log", strings.ReplaceAll(log.String(), "\n", " "))
		if err == nil {
			if status != http.StatusOK || portal == nil {
				t.Fatalf("status %d became %v", status, portal)
			}
			wantFitPortal(t, portal)
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Status != status || e.Attempts != 1 || portal != nil {
			t.Fatalf("got %#v", err)
		}
		wantFit(t, "the error", err.Error())
		if strings.Contains(err.Error(), "<html") && !strings.Contains(string(body), `"`) && !strings.Contains(client.sanitizer.clean(contentType+location), "<html") {
			t.Errorf("HTML in %v", err)
		}
	})
}

// FuzzErrorText hides a secret in a text, cut in two by another: whatever they
// are, what is shown is fit for it.
func FuzzErrorText(f *testing.F) {
	for _, text := range []string{"", "Authentication error", "\x00", "\x1b[31m", "\u202e\u2066", "\n", "\xff", "é🚀", fuzzToken, "FAKE-", "[redacted]", "\u200d", strings.Repeat("é", maxMessage)} {
		f.Add(text, "", 5, text)
		f.Add("x", text, 7, "y")
	}
	s := newSanitizer(Credentials{Token: fuzzToken, Key: fuzzKey})
	f.Fuzz(func(t *testing.T, before, between string, at int, after string) {
		at = min(max(at, 0), len(fuzzKey))
		text := before + fuzzToken[:at] + between + fuzzToken[at:] + after + fuzzKey[:at] + between + fuzzKey[at:]
		got := s.clean(text)
		wantFit(t, "the text", got)
		if len(got) > maxMessage+len("…") {
			t.Errorf("%d bytes", len(got))
		}
		e := &Error{
			Object: Object{Kind: "MCP portal", ID: before}, AccountID: after,
			Errors: s.errors([]APIError{{Message: text, Pointer: text, DocumentationURL: text, Chain: []APIError{{Message: text}}}}),
		}
		if !strings.Contains(before+after, fuzzToken) && !strings.Contains(before+after, fuzzKey) {
			wantFit(t, "the error", e.Error())
		}
	})
}
