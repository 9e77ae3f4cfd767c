package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// accessFixtures puts a portal with all that mcp_portal_access tells: a group in a
// group, one that is gone, every place for extra.
func accessFixtures(api *portalapi.Server) {
	api.Portal("p").Put([]byte(`{"id":"p","name":"P","hostname":"p.example.net","servers":[{"id":"a","name":"A","on_behalf":false},{"id":"b","name":"B"}]}`))
	api.AccessApp("zz-p").Put([]byte(`{"id":"zz-p","name":"Portal","type":"mcp_portal","domain":"P.example.net","session_duration":"24h","allowed_idps":["i"],
		"allow_authenticate_via_warp":false,"aud":"x","scim_config":{"authentication":{"scheme":"httpbasic","user":"u","password":"hush"}},"policies":[
		{"id":"2","name":"staff","precedence":2,"decision":"allow","include":[{"group":{"id":"zz-g"}}],"require":[],"exclude":[{"geo":{"country_code":"GB"}}],
		 "session_duration":"1h","approval_required":true,"approval_groups":[{"approvals_needed":1.0}],"purpose_justification_required":true,"isolation_required":false,
		 "mfa_config":{"mfa_disabled":true},"created_at":"2026-01-01T00:00:00Z"},
		{"id":"1","name":"ci","precedence":1,"decision":"non_identity","include":[{"service_token":{"token_id":"t1"}}]}],
		"oauth_configuration":{"enabled":true,"x":1,"dynamic_client_registration":{"enabled":true,"allowed_uris":["https://a"],"allow_any_on_localhost":false,"allow_any_on_loopback":true,"y":[ ]},
		 "grant":{"access_token_lifetime":"15m","session_duration":"24h","z":null}}}`))
	api.AccessApp("zz-s").Put([]byte(`{"id":"zz-s","type":"mcp","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"a"}],
		"policies":[{"id":"3","decision":"allow","include":[{"saml":{"attribute_name":"a","attribute_value":"b"}},{"group":{"id":"zz-gone"}}]},
		{"id":"1","decision":"non_identity","include":[{"any_valid_service_token":{}}]}]}`))
	api.IdentityProvider("i").Put([]byte(`{"id":"i","name":"Members","type":"cloudflare","config":{"restrict_to_account_members":true,"z":1,"client_secret":"hush","a":[ ]},"read_only":false}`))
	api.AccessGroup("zz-g").Put([]byte(`{"id":"zz-g","name":"Staff","include":[{"email_domain":{"domain":"example.com"}}],"require":[],"is_default":false}`))
}

// redacted matches JSON text in which R stands for a digest.
func redacted(want string) knownvalue.Check {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "R", `\[redacted sha256:[0-9a-f]{32}\]`)
	return knownvalue.StringRegexp(regexp.MustCompile("^" + pattern + "$"))
}

func TestPortalAccess(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	accessFixtures(api)
	rule := func(selector, value, json knownvalue.Check) knownvalue.Check {
		return exactly(object{"selector": selector, "value": value, "json": json})
	}
	policy := func(set object) knownvalue.Check {
		all := object{}
		for _, name := range []string{"id", "name", "precedence", "decision", "include", "require", "exclude", "session_duration", "approval_required", "approval_groups",
			"purpose_justification_required", "isolation_required", "mfa_config", "extra"} {
			all[name] = null()
			if set[name] != nil {
				all[name] = set[name]
			}
		}
		return exactly(all)
	}
	want := object{
		"id": text("p"), "hostname": text("p.example.net"), "account_id": text(portalapi.AccountID), "timeouts": null(),
		"applications": items(
			exactly(object{
				"id": text("zz-p"), "name": text("Portal"), "type": text("mcp_portal"), "domain": text("P.example.net"), "portal": boolean(true), "server_ids": items(),
				"session_duration": text("24h"), "allowed_idps": items(text("i")), "allow_authenticate_via_warp": boolean(false), "extra": extra(object{"aud": text(`"x"`), "scim_config": redacted(`{"authentication":{"scheme":"httpbasic","user":"u","password":"R"}}`)}),
				"policies": items(
					policy(object{
						"id": text("1"), "name": text("ci"), "precedence": number(1), "decision": text("non_identity"),
						"include": items(rule(text("service_token"), text("t1"), text(`{"token_id":"t1"}`))),
					}),
					policy(object{
						"id": text("2"), "name": text("staff"), "precedence": number(2), "decision": text("allow"),
						"include": items(rule(text("group"), text("zz-g"), text(`{"id":"zz-g"}`))), "require": items(),
						"exclude":          items(rule(text("geo"), text("GB"), text(`{"country_code":"GB"}`))),
						"session_duration": text("1h"), "approval_required": boolean(true), "approval_groups": text(`[{"approvals_needed":1.0}]`),
						"purpose_justification_required": boolean(true), "isolation_required": boolean(false), "mfa_config": text(`{"mfa_disabled":true}`),
						"extra": extra(object{"created_at": text(`"2026-01-01T00:00:00Z"`)}),
					}),
				),
				"oauth_configuration": exactly(object{
					"enabled": boolean(true), "extra": extra(object{"x": text("1")}),
					"dynamic_client_registration": exactly(object{
						"enabled": boolean(true), "allowed_uris": items(text("https://a")), "allow_any_on_localhost": boolean(false), "allow_any_on_loopback": boolean(true),
						"extra": extra(object{"y": text("[]")}),
					}),
					"grant": exactly(object{"access_token_lifetime": text("15m"), "session_duration": text("24h"), "extra": extra(object{"z": text("null")})}),
				}),
			}),
			exactly(object{
				"id": text("zz-s"), "name": null(), "type": text("mcp"), "domain": null(), "portal": boolean(false), "server_ids": items(text("a")),
				"session_duration": null(), "allowed_idps": null(), "allow_authenticate_via_warp": null(), "oauth_configuration": null(),
				"extra": extra(object{"destinations": text(`[{"type":"via_mcp_server_portal","mcp_server_id":"a"}]`)}),
				"policies": items(
					policy(object{"id": text("3"), "decision": text("allow"), "include": items(
						rule(text("saml"), null(), text(`{"attribute_name":"a","attribute_value":"b"}`)),
						rule(text("group"), text("zz-gone"), text(`{"id":"zz-gone"}`)),
					)}),
					policy(object{"id": text("1"), "decision": text("non_identity"), "include": items(rule(text("any_valid_service_token"), null(), text("{}")))}),
				),
			}),
		),
		"groups": knownvalue.MapExact(object{"zz-g": exactly(object{
			"name": text("Staff"), "include": items(rule(text("email_domain"), text("example.com"), text(`{"domain":"example.com"}`))),
			"require": items(), "exclude": null(), "extra": extra(object{"is_default": text("false")}),
		})}),
		"identity_providers": knownvalue.MapExact(object{"i": exactly(object{
			"name": text("Members"), "type": text("cloudflare"), "restrict_to_account_members": boolean(true),
			"extra": extra(object{"config": redacted(`{"a":[],"client_secret":"R","z":1}`), "read_only": text("false")}),
		})}),
		"reach": items(
			exactly(object{
				"server_id": null(), "application_ids": items(text("zz-p")), "guarded": boolean(true), "open": boolean(false), "everyone": boolean(false), "service_tokens": boolean(true),
				"text": text("service token t1 (policy ci); group Staff, except country GB (policy staff); people log in only by Members of type cloudflare"),
			}),
			exactly(object{
				"server_id": text("a"), "application_ids": items(text("zz-s")), "guarded": boolean(true), "open": boolean(true), "everyone": boolean(false), "service_tokens": boolean(true),
				"text": text("anybody, as far as can be told: group zz-gone is not there (policy 3); any valid service token (policy 1); " +
					"SAML attribute a with the value b (contents not read), group zz-gone, which is not there (policy 3)"),
			}),
			exactly(object{
				"server_id": text("b"), "application_ids": items(), "guarded": boolean(false), "open": boolean(true), "everyone": boolean(false), "service_tokens": boolean(true),
				"text": text("anybody who passes the portal, as far as can be told: no Access application guards the server (Cloudflare documents that one without a policy is not shown)"),
			}),
		),
	}
	unitTest(t, resource.TestStep{
		Config:            configured(api, `data "mcp_portal_access" "this" { hostname = "P.EXAMPLE.net" }`),
		ConfigStateChecks: everyAttribute("data.mcp_portal_access.this", want),
	})
}

// A token that may read portals alone reads everything as before, but for who may
// reach them: that is an error which names what is missing.
func TestPortalAccessNeedsPermissions(t *testing.T) {
	t.Parallel()
	const token = "portals-alone-0000000000000000000000000"
	for missing, granted := range map[string][]portalapi.Permission{
		string(portalapi.AccessAppsRead): {portalapi.PortalsRead},
		string(portalapi.AccessOrgsRead): {portalapi.PortalsRead, portalapi.AccessAppsRead},
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t, portalapi.WithToken(token, granted...))
			p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"api_token": token})
			for dataSource, config := range map[string]values{
				"mcp_portal": {"id": portalapi.PortalIDFull}, "mcp_portals": {}, "mcp_server": {"id": portalapi.ServerIDUnattached}, "mcp_servers": {},
				"mcp_portal_baseline": {"id": portalapi.PortalIDFull, "directory": "none"},
			} {
				p.mustRead(t, dataSource, config)
			}
			response := p.read(t, "mcp_portal_access", values{"id": portalapi.PortalIDFull})
			var said []*tfprotov6.Diagnostic
			for _, d := range response.Diagnostics {
				if d.Severity == tfprotov6.DiagnosticSeverityError {
					said = append(said, d)
				}
			}
			if len(said) != 1 || !strings.HasPrefix(said[0].Summary, "Not allowed to read ") || said[0].Attribute != nil ||
				!strings.Contains(said[0].Detail, "needs the permission "+missing+" for account") || !strings.Contains(said[0].Detail, "beside MCP Portals Read") ||
				!strings.Contains(said[0].Detail, "10000: Authentication error") {
				t.Errorf("got %v", said)
			}
		})
	}
}

// Where nothing guards the portal, a person is warned, and it reads as open.
func TestPortalAccessWarnsOfUnguarded(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	response := p.read(t, "mcp_portal_access", values{"id": portalapi.PortalIDMinimal})
	if len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != "Nothing guards the portal" ||
		response.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
		!regexp.MustCompile(`portal "minimal", its hostname "[^"]+" with the path /mcp`).MatchString(response.Diagnostics[0].Detail) {
		t.Errorf("got %v", response.Diagnostics)
	}
}
