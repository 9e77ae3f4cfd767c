package cloudflare

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// digests matches what stands in the place of a credential.
var digests = regexp.MustCompile(`\[redacted sha256:[0-9a-f]{32}\]`)

// redactedAs reads an object as the client does, and returns it as JSON, with R for
// each digest.
func redactedAs[T any](t *testing.T, text string) string {
	t.Helper()
	v := decodeAs[T](t, text)
	redact(&v)
	return digests.ReplaceAllString(string(wirejson.Append(nil, &v)), "R")
}

// What may be a credential is hidden, wherever it stands, and what is none is not. In
// each text, "S" is the credential.
func TestRedact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		read func(*testing.T, string) string
		text string
		want string
	}{
		// How a portal logs in to a server: whatever is unknown there, but for switches and numbers.
		{redactedAs[Server], `{"auth_config_summary":{"client_secret":"S","x":"S","y":["S"],"z":{"a":"S"},"rotated":true,"age":3,"none":null}}`,
			`{"auth_config_summary":{"client_secret":"R","x":"R","y":"R","z":"R","rotated":true,"age":3,"none":null}}`},
		{redactedAs[Server], `{"auth_config_summary":{"auth_mode":"dcr","client_secret_version":2,"config":{"issuer":"i","x":"S","new_url":{"a":"S"}},"registration_info":{"registration_access_token":"S","scope":"a b","redirect_uris":["u\ud83d"]}}}`,
			`{"auth_config_summary":{"auth_mode":"dcr","client_secret_version":2,"config":{"issuer":"i","x":"R","new_url":"R"},"registration_info":{"registration_access_token":"R","scope":"a b","redirect_uris":["u\ud83d"]}}}`},
		// Its addresses stand in clear, without what may be a credential in them.
		{redactedAs[Server], `{"auth_config_summary":{"config":{"registration_endpoint":"https://a.example/r","jwks_uri":"https://u:S@a.example:8443/k%2Fl?key=S#S","post_uris":["https://a.example","https://a.example/?S",7],"token_url":"S","x_endpoint":null}}}`,
			`{"auth_config_summary":{"config":{"registration_endpoint":"https://a.example/r","jwks_uri":"https://R@a.example:8443/k%2Fl?R#R","post_uris":["https://a.example","https://a.example/?R","R"],"token_url":"R","x_endpoint":null}}}`},
		// A field whose name says so, at any depth, and in any spelling.
		{redactedAs[Server], `{"name":"n","auth_credentials":"S","headers":{"x-api-key":"S","X-Other":"v","list":[{"Access-Token":["S"],"a":1}]},"updated_tools":[{"name":"t","webhookSecret":{"a":"S"}}],"error_details":{"password":"S","cause":"c"}}`,
			`{"name":"n","auth_credentials":"R","headers":{"x-api-key":"R","X-Other":"v","list":[{"Access-Token":"R","a":1}]},"updated_tools":[{"name":"t","webhookSecret":"R"}],"error_details":{"password":"R","cause":"c"}}`},
		{redactedAs[Portal], `{"id":"p","\u0073ecret":"S","servers":[{"id":"s","private_key":"S","private_key_known":true,"token_version":4}]}`,
			`{"id":"p","secret":"R","servers":[{"id":"s","private_key":"R","private_key_known":true,"token_version":4}]}`},
		// Tools and prompts are the servers' own, and shown to every client.
		{redactedAs[Server], `{"tools":[{"name":"t","token":"a","_meta":{"secret":"b"},"inputSchema":{"properties":{"password":{"description":"c"}}}}],"prompts":[{"arguments":[{"name":"x","secret":"d"}]}]}`,
			`{"tools":[{"name":"t","token":"a","_meta":{"secret":"b"},"inputSchema":{"properties":{"password":{"description":"c"}}}}],"prompts":[{"arguments":[{"name":"x","secret":"d"}]}]}`},
		// Applications.
		{redactedAs[Application], `{"id":"a","saas_app":{"client_id":"c","client_secret":"S","custom_attributes":[{"name":"n"}]},"custom_deny_url":"https://u:p@a.example"}`,
			`{"id":"a","saas_app":{"client_id":"c","client_secret":"R","custom_attributes":[{"name":"n"}]},"custom_deny_url":"https://u:p@a.example"}`},
		{redactedAs[Application], `{"scim_config":{"enabled":true,"remote_uri":"https://a.example","authentication":{"scheme":"httpbasic","user":"u","password":"S","pin":7,"none":null}}}`,
			`{"scim_config":{"enabled":true,"remote_uri":"https://a.example","authentication":{"scheme":"httpbasic","user":"u","password":"R","pin":"R","none":null}}}`},
		{redactedAs[Application], `{"scim_config":{"authentication":[{"scheme":"oauth2","client_id":"S","scopes":["S"]},{"scheme":"oauthbearertoken","token":"S"},"S"]}}`,
			`{"scim_config":{"authentication":[{"scheme":"oauth2","client_id":"R","scopes":"R"},{"scheme":"oauthbearertoken","token":"R"},"R"]}}`},
		{redactedAs[Application], `{"scim_config":{"authentication":"S"},"policies":[{"id":"p","mfa_config":{"mfa_disabled":true,"seed_secret":"S"},"approval_groups":[{"email_addresses":["e"],"approval_token":"S"}],"x":[[{"tokens":"S"}]]}],"oauth_configuration":{"grant":{"access_token_lifetime":"15m","signing_private_key":"S"}}}`,
			`{"scim_config":{"authentication":"R"},"policies":[{"id":"p","mfa_config":{"mfa_disabled":true,"seed_secret":"R"},"approval_groups":[{"email_addresses":["e"],"approval_token":"R"}],"x":[[{"tokens":"R"}]]}],"oauth_configuration":{"grant":{"access_token_lifetime":"15m","signing_private_key":"R"}}}`},
		// Rules: selectors and what is known of them are no credentials.
		{redactedAs[Application], `{"policies":[{"include":[{"service_token":{"token_id":"t1"}},{"any_valid_service_token":{}},{"linked_app_token":{"app_uid":"u"}},{"new_token_check":{"check":"c","secret":"S"}},"everyone",null,{"new_secret":"kept"}],"require":[{"saml":{"attribute_name":"a","attribute_value":"v","x_token":"S"}}],"exclude":[{"oidc":{"claim_name":"token","claim_value":"v"}}]}]}`,
			`{"policies":[{"include":[{"service_token":{"token_id":"t1"}},{"any_valid_service_token":{}},{"linked_app_token":{"app_uid":"u"}},{"new_token_check":{"check":"c","secret":"R"}},"everyone",null,{"new_secret":"kept"}],"require":[{"saml":{"attribute_name":"a","attribute_value":"v","x_token":"R"}}],"exclude":[{"oidc":{"claim_name":"token","claim_value":"v"}}]}]}`},
		{redactedAs[Group], `{"id":"g","include":[{"x":{"api_token":"S"}}],"secret":"S"}`, `{"id":"g","include":[{"x":{"api_token":"R"}}],"secret":"R"}`},
		// Identity providers.
		{redactedAs[IdentityProvider], `{"id":"i","type":"okta","config":{"client_id":"c","client_secret":"S","api_token":"S","sign_request":true},"scim_config":{"secret":"S","enabled":true}}`,
			`{"id":"i","type":"okta","config":{"client_id":"c","client_secret":"R","api_token":"R","sign_request":true},"scim_config":{"secret":"R","enabled":true}}`},
	} {
		got := tree(t, test.read(t, test.text))
		if diff := cmp.Diff(tree(t, test.want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

// A value is redacted without disorder: what stands around it is as it was received.
func TestRedactKeepsOrder(t *testing.T) {
	t.Parallel()
	v := decodeAs[Application](t, `{"z":{"b":1e400,"a":"e\u0301","secret":{"y":1},"\u0061b":[ 1.0, {"c":{} , "b":[]} ]}}`)
	redact(&v)
	const want = `{"b":1e400,"a":"e\u0301","secret":"R","\u0061b":[1.0,{"c":{},"b":[]}]}`
	if got := digests.ReplaceAllString(v.Extra["z"], "R"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// One value has one digest, and changing it, or where it stands, makes another.
func TestDigests(t *testing.T) {
	t.Parallel()
	digest := func(app string) string {
		v := decodeAs[Application](t, app)
		redact(&v)
		return digests.FindString(string(wirejson.Append(nil, &v)))
	}
	secret := digest(`{"id":"a","x":[{"secret":{"k":"S","l":[1,"\u00e9"]}}]}`)
	for app, same := range map[string]bool{
		`{"id":"a","x":[{"secret":{ "l" : [1,"é"],"\u006b":"S"}}],"y":1}`: true,
		`{"id":"a","x":[7,{"secret":{"k":"S","l":[1,"é"]}}]}`:             true, // another position
		`{"id":"b","x":[{"secret":{"k":"S","l":[1,"é"]}}]}`:               false,
		`{"id":"a","y":[{"secret":{"k":"S","l":[1,"é"]}}]}`:               false,
		`{"id":"a","x":[{"secret":{"k":"T","l":[1,"é"]}}]}`:               false,
		`{"id":"a","x":[{"secret":{"k":"S","l":["é",1]}}]}`:               false,
		`{"id":"a","x":[{"secret":{"k":"S","l":[1.0,"é"]}}]}`:             false,
	} {
		if got := digest(app); got == "" || (got == secret) != same {
			t.Errorf("%s: %s and %s", app, got, secret)
		}
	}
}

// What nests deeper than any genuine value is hidden whole, and costs no more time
// than its size.
func TestRedactDeep(t *testing.T) {
	t.Parallel()
	const depth = 9000
	v := decodeAs[Application](t, `{"id":"a","x":`+strings.Repeat(`{"a":`, depth)+`{"secret":"S"}`+strings.Repeat("}", depth)+`}`)
	redact(&v)
	if text := v.Extra["x"]; strings.Contains(text, `"S"`) || len(digests.FindAllString(text, -1)) != 1 || !json.Valid([]byte(text)) {
		t.Errorf("got %.1000s", text)
	}
}

// A redacted object is an object: rules are read from it as they were.
func TestRedactedRules(t *testing.T) {
	t.Parallel()
	for _, selector := range Selectors() {
		member := selectors[selector].key
		if member == "" {
			member = "x"
		}
		raw := fmt.Sprintf(`{%q:{%q:"secret"}}`, selector, member)
		p := Application{Policies: []Policy{{Include: []wirejson.Value{wirejson.Value(raw)}}}}
		redact(&p)
		if got := string(p.Policies[0].Include[0]); got != raw {
			t.Errorf("got %s, want %s", got, raw)
		}
	}
}
