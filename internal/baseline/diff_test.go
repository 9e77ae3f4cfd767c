package baseline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

func decode(tb testing.TB, raw []byte) *cloudflare.Portal {
	tb.Helper()
	p := new(cloudflare.Portal)
	if err := wirejson.NewDecoder(tb.Context(), raw).Decode(p); err != nil {
		tb.Fatalf("%v in %s", err, raw)
	}
	return p
}

// edited returns the baseline of the stand-in's full portal after an edit.
func edited(t *testing.T, o Options, edit func(portalapi.Portal)) *Baseline {
	t.Helper()
	api := portalapi.New()
	t.Cleanup(api.Close)
	portal := api.Portal(portalapi.PortalIDFull)
	if edit != nil {
		edit(portal)
	}
	return New(decode(t, portal.JSON()), o)
}

// lines returns changes as the tables here have them: an exclamation mark if one
// widens, its kind if that is not changed, and its text.
func lines(changes []Change) []string {
	out := []string{}
	for _, c := range changes {
		line := c.Text
		if c.Kind != Changed {
			line = string(c.Kind) + " " + line
		}
		if c.Widens {
			line = "! " + line
		}
		out = append(out, line)
	}
	return out
}

const aTool = `{"name":"force_push","description":"Push.","inputSchema":{"type":"object","properties":{"branch":{}}},"annotations":{"readOnlyHint":false}}`

// TestOneThingIsOneChange has a row for each thing that may happen to a portal.
func TestOneThingIsOneChange(t *testing.T) {
	t.Parallel()
	type portal = portalapi.Portal
	for name, test := range map[string]struct {
		first func(portal) // before it is accepted
		then  func(portal)
		want  []string
	}{
		"nothing": {},
		"tool on": {
			then: func(p portal) { p.Server("github").Tool("delete_branch").Enable(true) },
			want: []string{"! github: tool delete_branch was turned on"},
		},
		"tool off": {
			then: func(p portal) { p.Server("github").Tool("search_repositories").Enable(false) },
			want: []string{"github: tool search_repositories was turned off"},
		},
		"tool new": {
			then: func(p portal) { p.Server("github").Add("tools", aTool) },
			want: []string{"! added github: tool force_push is new, and on"},
		},
		"tool new and off": {
			then: func(p portal) { p.Server("jira").Add("tools", aTool) },
			want: []string{"added jira: tool force_push is new, and off"},
		},
		"tool gone, its override stays": {
			then: func(p portal) { p.Server("github").Tool("create_issue").Delete() },
			want: []string{"removed github: tool create_issue is gone, it was on"},
		},
		"tool that is waited for comes": {
			then: func(p portal) { p.Server("data_warehouse").Add("tools", `{"name":"drop_table"}`) },
			want: []string{"! added data_warehouse: tool drop_table is new, and on"},
		},
		"tool aliased": {
			then: func(p portal) { p.Server("docs").Tool("delete").Override.Set("portal_alias", `"on_deleting"`) },
			want: []string{`docs: tool delete: name changed from "docs_delete" to "docs_on_deleting"`},
		},
		"tool reworded": {
			then: func(p portal) { p.Server("browser").Tool("open_page").Set("description", `"Open any page."`) },
			want: []string{`browser: tool open_page: description changed from "Open a page." to "Open any page."`},
		},
		"tool reworded under a description of the portal": {
			then: func(p portal) { p.Server("github").Tool("get_file_contents").Set("description", `"x"`) },
		},
		"tool titled": {
			then: func(p portal) { p.Server("browser").Tool("open_page").Set("title", `"Open"`) },
			want: []string{`browser: tool open_page: title is "Open" now, it was not set`},
		},
		"schema grown by an argument": {
			then: func(p portal) {
				p.Server("browser").Tool("open_page").Set("inputSchema", `{"type":"object","properties":{"url":{"type":"string"},"force":{}},"required":["url"]}`)
			},
			want: []string{"browser: tool open_page: input_schema changed: new argument force"},
		},
		"schema changed within": {
			then: func(p portal) {
				p.Server("browser").Tool("open_page").Set("inputSchema", `{"properties":{"url":{"type":"string","maxLength":9}}}`)
			},
			want: []string{"browser: tool open_page: input_schema changed, with the same arguments"},
		},
		"schema gone": {
			then: func(p portal) { p.Server("browser").Tool("open_page").Remove("inputSchema") },
			want: []string{"browser: tool open_page: input_schema is gone: argument gone: url"},
		},
		"output schema": {
			then: func(p portal) {
				p.Server("browser").Tool("open_page").Set("outputSchema", `{"properties":{"a":{}}}`)
			},
			want: []string{"browser: tool open_page: output_schema is there now, it was not set"},
		},
		"read-only no more": {
			then: func(p portal) {
				p.Server("github").Tool("search_repositories").Set("annotations", `{"title":"Search repositories","openWorldHint":true}`)
			},
			want: []string{"! github: tool search_repositories: annotations.read_only_hint is not set any more, it was true"},
		},
		"read-only no more, of a tool that is off": {
			first: func(p portal) { p.Server("github").Tool("search_repositories").Enable(false) },
			then: func(p portal) {
				p.Server("github").Tool("search_repositories").Set("annotations", `{"title":"Search repositories","readOnlyHint":false,"openWorldHint":true}`)
			},
			want: []string{"github: tool search_repositories: annotations.read_only_hint changed from true to false"},
		},
		"destructive": {
			then: func(p portal) {
				p.Server("docs").Tool("delete").Set("annotations", `{"title":"The page on deleting","readOnlyHint":true,"destructiveHint":true}`)
			},
			want: []string{"! docs: tool delete: annotations.destructive_hint changed from false to true"},
		},
		"all annotations gone": {
			then: func(p portal) { p.Server("docs").Tool("delete").Remove("annotations") },
			want: []string{
				"! docs: tool delete: annotations.destructive_hint is not set any more, it was false",
				"! docs: tool delete: annotations.read_only_hint is not set any more, it was true",
				`docs: tool delete: annotations.title is not set any more, it was "The page on deleting"`,
			},
		},
		"prompt reworded": {
			then: func(p portal) { p.Server("docs").Prompt("explain").Set("description", `"Explain it all."`) },
			want: []string{`docs: prompt explain: description is "Explain it all." now, it was not set`},
		},
		"prompt new": {
			then: func(p portal) { p.Server("docs").Add("prompts", `{"name":"summarise"}`) },
			want: []string{"! added docs: prompt summarise is new, and on"},
		},
		"prompt on": {
			then: func(p portal) { p.Server("github").Prompt("release_notes").Enable(true) },
			want: []string{"! github: prompt release_notes was turned on"},
		},
		"server new": {
			then: func(p portal) {
				p.Add("servers", `{"id":"new","hostname":"https://new.example.net","tools":[{"name":"a"},{"name":"b"}],"prompts":[],"updated_tools":[{"name":"a","enabled":false}]}`)
			},
			want: []string{"! added new: new server at https://new.example.net, tools: 2, 1 on (b)"},
		},
		"server new, all known and off": {
			then: func(p portal) {
				p.Add("servers", `{"id":"new","hostname":"https://new.example.net","default_disabled":true,"tools":[{"name":"a"}],"prompts":[]}`)
			},
			want: []string{"added new: new server at https://new.example.net, tools: 1, none on"},
		},
		"server new, nothing known": {
			then: func(p portal) { p.Add("servers", `{"id":"new","status":"waiting","default_disabled":true}`) },
			want: []string{"! added new: new server, its tools are not known (status: waiting)"},
		},
		"server gone": {
			then: func(p portal) { p.Server("docs").Delete() },
			want: []string{"removed docs: the server is gone"},
		},
		"server moved": {
			then: func(p portal) { p.Server("docs").Set("hostname", `"https://docs.example.org/mcp"`) },
			want: []string{`! docs: hostname changed from "https://docs.example.com/mcp" to "https://docs.example.org/mcp"`},
		},
		"logins shared": {
			then: func(p portal) { p.Server("github").Set("on_behalf", "false") },
			want: []string{"! github: on_behalf changed from true to false"},
		},
		"logins of each user's own": {
			then: func(p portal) { p.Server("docs").Set("on_behalf", "true") },
			want: []string{"docs: on_behalf changed from false to true"},
		},
		"on by default": {
			then: func(p portal) { p.Server("payments").Set("default_disabled", "null") },
			want: []string{
				"! payments: default_disabled is not set any more, it was true",
				"! payments: tool get_balance was turned on",
				"! payments: prompt reconcile was turned on",
			},
		},
		"authentication gone": {
			then: func(p portal) { p.Server("sentry").Set("auth_type", `"unauthenticated"`) },
			want: []string{`! sentry: auth_type changed from "bearer" to "unauthenticated"`},
		},
		"another authentication": {
			then: func(p portal) { p.Server("sentry").Set("auth_type", `"oauth"`) },
			want: []string{`sentry: auth_type changed from "bearer" to "oauth"`},
		},
		"OAuth scope": {
			then: func(p portal) {
				p.Server("linear").Set("auth_config_summary", `{"auth_mode":"manual","client_secret_version":2,"has_client_secret":true,"config":{"issuer":"https://linear.example.net"},`+
					`"registration_info":{"client_id":"7f3a","redirect_uris":[],"scope":"read write","token_endpoint_auth_method":"client_secret_basic"}}`)
			},
			want: []string{`linear: auth_config_summary.registration_info.scope changed from "read" to "read write"`},
		},
		"another client secret": {
			then: func(p portal) {
				p.Server("linear").Set("auth_config_summary", `{"auth_mode":"manual","client_secret_version":3,"has_client_secret":true,"config":{"issuer":"https://linear.example.net"},`+
					`"registration_info":{"client_id":"7f3a","redirect_uris":[],"scope":"read","token_endpoint_auth_method":"client_secret_basic"}}`)
			},
			want: []string{`linear: auth_config_summary.client_secret_version changed from 2 to 3`},
		},
		"login is not told any more": {
			then: func(p portal) { p.Server("linear").Set("auth_config_summary", `null`) },
			want: []string{"linear: auth_config_summary is gone"},
		},
		"gateway off at a server": {
			then: func(p portal) { p.Server("sentry").Set("secure_web_gateway", "false") },
			want: []string{"! sentry: secure_web_gateway changed from true to false"},
		},
		"gateway off at a server, on at the portal": {
			first: func(p portal) { p.Set("secure_web_gateway", "true") },
			then:  func(p portal) { p.Server("sentry").Set("secure_web_gateway", "false") },
			want:  []string{"sentry: secure_web_gateway changed from true to false"},
		},
		"gateway off at the portal": {
			first: func(p portal) { p.Set("secure_web_gateway", "true") },
			then:  func(p portal) { p.Remove("secure_web_gateway") },
			want:  []string{"! portal: secure_web_gateway is not set any more, it was true"},
		},
		"gateway off at the portal, on at each server": {
			first: func(p portal) {
				p.Set("secure_web_gateway", "true").Set("servers", `[{"id":"a","secure_web_gateway":true}]`)
			},
			then: func(p portal) { p.Set("secure_web_gateway", "false") },
			want: []string{"portal: secure_web_gateway changed from true to false"},
		},
		"gateway off at a portal without servers": {
			first: func(p portal) { p.Set("secure_web_gateway", "true").Set("servers", `[]`) },
			then:  func(p portal) { p.Set("secure_web_gateway", "false") },
			want:  []string{"! portal: secure_web_gateway changed from true to false"},
		},
		"gateway moves from the servers to the portal": {
			first: func(p portal) { p.Set("servers", `[{"id":"a","secure_web_gateway":true}]`) },
			then: func(p portal) {
				p.Set("secure_web_gateway", "true")
				p.Server("a").Set("secure_web_gateway", "null")
			},
			want: []string{
				"portal: secure_web_gateway changed from false to true",
				"a: secure_web_gateway is not set any more, it was true",
			},
		},
		"Code Mode on": {
			first: func(p portal) { p.Set("code_mode", `"off"`).Set("allow_code_mode", "false") },
			then:  func(p portal) { p.Set("code_mode", `"enforced"`).Set("allow_code_mode", "true") },
			want:  []string{`! portal: code_mode changed from "off" to "enforced"`},
		},
		"Code Mode on, in the older form alone": {
			first: func(p portal) { p.Set("code_mode", "null").Set("allow_code_mode", "false") },
			then:  func(p portal) { p.Set("allow_code_mode", "true") },
			want:  []string{"! portal: allow_code_mode changed from false to true"},
		},
		"Code Mode told in the newer form": {
			first: func(p portal) { p.Set("code_mode", "null").Set("allow_code_mode", "false") },
			then:  func(p portal) { p.Set("code_mode", `"off"`) },
			want:  []string{`portal: code_mode is "off" now, it was not set`},
		},
		"Code Mode by default": {
			then: func(p portal) { p.Set("code_mode", `"default_on"`) },
			want: []string{`portal: code_mode changed from "opt_in" to "default_on"`},
		},
		"Code Mode contradicts itself": {
			first: func(p portal) { p.Set("code_mode", `"off"`).Set("allow_code_mode", "false") },
			then:  func(p portal) { p.Set("allow_code_mode", "true") },
			want:  []string{"! portal: allow_code_mode changed from false to true"},
		},
		"portal renamed": {
			then: func(p portal) { p.Set("name", `"Platform"`) },
			want: []string{`portal: name changed from "Engineering" to "Platform"`},
		},
		"a time in the API's other form": {
			then: func(p portal) { p.Set("created_at", `"2025-11-03 08:00:00.000"`) },
		},
		"portal made anew": {
			then: func(p portal) { p.Set("created_at", `"2026-04-01T00:00:00Z"`) },
			want: []string{`portal: created_at changed from "2025-11-03T08:00:00.000Z" to "2026-04-01T00:00:00Z"`},
		},
		"tools not known any more": {
			then: func(p portal) {
				p.Server("github").Set("tools", "null").Set("prompts", "null").Set("status", `"error"`)
			},
			want: []string{"undetermined github: its tools and prompts are not known any more (status: error)"},
		},
		"tools not known any more, nor what they were": {
			then: func(p portal) { p.Server("github").Remove("tools").Remove("updated_tools").Remove("status") },
			want: []string{"undetermined github: its tools are not known any more (status: none given)"},
		},
		"tools known at last": {
			first: func(p portal) { p.Server("github").Remove("tools").Remove("prompts") },
			then: func(p portal) {
				p.Server("github").Set("tools", `[{"name":"a"},{"name":"delete_branch"},{"name":"b"}]`).Set("prompts", "[]")
			},
			want: []string{"! github: its tools are known now, which they were not: 3, 2 on (a, b); its prompts are known now, which they were not: none"},
		},
		"tools known at last, and off": {
			first: func(p portal) { p.Server("jira").Remove("tools") },
			then:  func(p portal) { p.Server("jira").Set("tools", `[{"name":"a"}]`) },
			want:  []string{"jira: its tools are known now, which they were not: 1, none on"},
		},
		"never known, the status changed": {
			first: func(p portal) { p.Server("github").Remove("tools").Set("status", `"waiting"`) },
			then:  func(p portal) { p.Server("github").Set("tools", "null").Set("status", `"error"`) },
		},
		"never known, an override more": {
			first: func(p portal) { p.Server("github").Remove("tools") },
			then:  func(p portal) { p.Server("github").Add("updated_tools", `{"name":"force_push","enabled":true}`) },
			want:  []string{"added github: tool force_push, which the server does not have, has an override now"},
		},
		"override of what is not there": {
			then: func(p portal) { p.Server("docs").Set("updated_tools", `[{"name":"rm","enabled":true}]`) },
			want: []string{"added docs: tool rm, which the server does not have, has an override now"},
		},
		"override of what is not there changed": {
			then: func(p portal) { p.Server("data_warehouse").Tool("drop_table").Override.Set("enabled", "false") },
			want: []string{`data_warehouse: tool drop_table, which the server does not have: its override changed from {"enabled":true,"portal_alias":"drop"} to {"enabled":false,"portal_alias":"drop"}`},
		},
		"override of what is not there gone": {
			then: func(p portal) { p.Server("data_warehouse").Tool("drop_table").Override.Delete() },
			want: []string{"removed data_warehouse: tool drop_table, which the server does not have, has no override any more"},
		},
		"second override": {
			then: func(p portal) {
				p.Server("github").Add("updated_tools", `{"name":"delete_branch","enabled":true}`)
			},
			want: []string{"github: tool delete_branch: it has 2 overrides, it had at most one override; which of several counts is documented nowhere"},
		},
		"one of two overrides turned": {
			first: func(p portal) { p.Server("github").Add("updated_tools", `{"name":"delete_branch","alias":"x"}`) },
			then:  func(p portal) { p.Server("github").Tool("delete_branch").Override.Set("portal_description", `"y"`) },
			want: []string{
				`github: tool delete_branch: description changed from "Delete a branch. What is on it alone is lost." to "y"`,
				"github: tool delete_branch: its 2 overrides changed; which of several counts is documented nowhere",
			},
		},
		"every server in error": {
			then: func(p portal) {
				for _, s := range fullServers {
					p.Server(s).Set("status", `"error"`).Set("error", `"no"`).Set("error_details", `{"cause":"x"}`).Set("authentication_status", `"stale"`)
				}
			},
		},
		"nobody's doing": {
			then: func(p portal) {
				p.Set("modified_at", `"2027-01-01T00:00:00Z"`).Set("modified_by", `"x"`).Set("unheard_of", "1")
				for _, s := range fullServers {
					p.Server(s).Set("modified_at", `"2027-01-01T00:00:00Z"`).Set("last_synced", `"x"`).Set("last_successful_sync", `"y"`).Set("modified_by", `"z"`)
				}
			},
		},
		"another order": {
			then: func(p portal) {
				p.Reverse("servers")
				p.Server("github").Reverse("tools").Reverse("updated_tools").Reverse("prompts").Reverse("updated_prompts")
				p.Server("browser").Tool("open_page").Set("inputSchema", `{"required":[ "url"], "properties":{"url":{"format":"uri","type":"string"}},"type":"object","$schema":"https:\/\/json-schema.org/draft/2020-12/schema"}`)
			},
			want: nil,
		},
		"unheard-of": {
			then: func(p portal) { p.Server("browser").Tool("open_page").Set("description", `["Open", "a page"]`) },
			want: []string{
				`browser: tool open_page: description is not set any more, it was "Open a page."`,
				`browser: tool open_page: extra.description is there now, it was not set`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted := edited(t, Options{}, test.first).Text()
			current := edited(t, Options{}, func(p portal) {
				if test.first != nil {
					test.first(p)
				}
				if test.then != nil {
					test.then(p)
				}
			})
			changes, err := current.Since(accepted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{}, test.want...), lines(changes)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (current.Text() == accepted) != (len(changes) == 0) {
				t.Errorf("%d changes, and the texts are the same: %t", len(changes), current.Text() == accepted)
			}
			for _, c := range changes {
				if !strings.Contains(Summary(changes), c.Text) {
					t.Errorf("the summary lacks %q", c.Text)
				}
			}
		})
	}
}

var fullServers = []string{"github", "jira", "slack", "sentry", "docs", "linear", "grafana", "data_warehouse", "browser", "calendar", "payments", "figma"}

func TestSummary(t *testing.T) {
	t.Parallel()
	var changes []Change
	for i := range 60 {
		changes = append(changes, Change{Text: fmt.Sprintf("line %02d", i), Widens: i%10 == 9})
	}
	got := strings.Split(Summary(changes), "\n")
	if len(got) != 51 || got[0] != "line 09" || got[5] != "line 59" || got[6] != "line 00" || got[49] != "line 47" || got[50] != "… and 10 more" {
		t.Errorf("%d lines: %q", len(got), got)
	}
	if got := Summary(nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	if got := Summary(changes[:50]); strings.Contains(got, "more") {
		t.Errorf("fifty are cut: %q", got)
	}
}
