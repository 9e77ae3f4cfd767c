package provider_test

import (
	"context"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func testContext() context.Context { return context.Background() }

// checks of values, short enough to stand one per line.
type object = map[string]knownvalue.Check

func text(s string) knownvalue.Check               { return knownvalue.StringExact(s) }
func boolean(b bool) knownvalue.Check              { return knownvalue.Bool(b) }
func number(n int64) knownvalue.Check              { return knownvalue.NumberExact(big.NewFloat(float64(n))) }
func exactly(o object) knownvalue.Check            { return knownvalue.ObjectExact(o) }
func items(c ...knownvalue.Check) knownvalue.Check { return knownvalue.ListExact(c) }
func null() knownvalue.Check                       { return knownvalue.Null() }
func extra(o object) knownvalue.Check              { return knownvalue.MapExact(o) }

// everyAttribute checks the state of a data source, attribute by attribute, so
// that a failure names the one at fault.
func everyAttribute(address string, want object) []statecheck.StateCheck {
	var all []statecheck.StateCheck
	for name, check := range want {
		all = append(all, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check))
	}
	return all
}

// orNull returns want with null for each attribute that it leaves out. The attributes
// are those of mcp_portal, or of the objects to which the path leads in it, such as
// servers.tools: so a new one needs no line in each test of a whole object.
func orNull(t *testing.T, path string, want object) object {
	t.Helper()
	attributes := everySchema(t)["mcp_portal"].Block.Attributes
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' }) {
		at := slices.IndexFunc(attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == step })
		if at < 0 {
			t.Fatalf("no attribute %s of %s", step, path)
		}
		attributes = attributes[at].NestedType.Attributes
	}
	for _, a := range attributes {
		if want[a.Name] == nil {
			want[a.Name] = null()
		}
	}
	return want
}

func TestPortalOfTheReference(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	config := configured(api, `data "mcp_portal" "p" { id = "my-mcp-portal" }`)
	const day = "2019-12-27T18:11:19.117Z"
	override := exactly(orNull(t, "servers.updated_tools", object{
		"name":               text("name"),
		"enabled":            boolean(true),
		"alias":              null(),
		"description":        null(),
		"portal_alias":       text("portal-tool-alias"),
		"portal_description": text("portal-level description"),
		"server_alias":       text("server-tool-alias"),
		"server_description": text("server-level description"),
		"extra":              null(),
	}))
	foo := extra(object{"foo": text(`"bar"`)})
	server := exactly(orNull(t, "servers", object{
		"id":                    text("my-mcp-server"),
		"server_id":             text("my-mcp-server"),
		"name":                  text("My MCP Server"),
		"hostname":              text("https://example.com/mcp"),
		"auth_type":             text("unauthenticated"),
		"authentication_status": null(),
		"description":           text("This is one remote mcp server"),
		"status":                text("status"),
		"error":                 text("error"),
		"error_details": exactly(orNull(t, "servers.error_details", object{
			"cause":       text("cause"),
			"is_upstream": boolean(true),
			"mcp_code":    number(0),
			"retryable":   boolean(true),
			"status_code": number(0),
			"extra":       null(),
		})),
		"default_disabled":                 boolean(true),
		"on_behalf":                        boolean(true),
		"secure_web_gateway":               boolean(false),
		"is_shared_oauth_callback_enabled": boolean(true),
		"created_at":                       text(day),
		"created_by":                       text("created_by"),
		"modified_at":                      text(day),
		"modified_by":                      text("modified_by"),
		"last_synced":                      text(day),
		"last_successful_sync":             text(day),
		"tools_known":                      boolean(true),
		"tools":                            items(exactly(orNull(t, "servers.tools", object{"extra": foo}))),
		"prompts":                          items(exactly(orNull(t, "servers.prompts", object{"extra": foo}))),
		"updated_tools":                    items(override),
		"updated_prompts":                  items(override),
		"extra":                            null(),
	}))
	nameless := object{
		"name": null(), "server_id": text("my-mcp-server"), "original_name": null(), "description": null(), "enabled": boolean(false),
	}
	namelessTool := object{"read_only_hint": null(), "destructive_hint": null()}
	maps.Copy(namelessTool, nameless)
	want := orNull(t, "", object{
		"id":                 text("my-mcp-portal"),
		"account_id":         text(portalapi.AccountID),
		"hostname":           text("exmaple.com"),
		"name":               text("My MCP Portal"),
		"description":        text("This is my custom MCP Portal"),
		"allow_code_mode":    boolean(true),
		"code_mode":          null(),
		"secure_web_gateway": boolean(false),
		"created_at":         text(day),
		"created_by":         text("created_by"),
		"modified_at":        text(day),
		"modified_by":        text("modified_by"),
		"servers":            items(server),
		"effective_tools":    items(exactly(namelessTool)),
		"effective_prompts":  items(exactly(nameless)),
		"extra":              null(),
		"timeouts":           null(),
	})
	unitTest(t,
		resource.TestStep{Config: config, ConfigStateChecks: everyAttribute("data.mcp_portal.p", want)},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}},
	)
}

func TestEmptyListsAndNulls(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("p").Put([]byte(`{"id":"p","description":"","servers":[
		{"server_id":"a","tools":null,"updated_tools":[],"error":""},
		{"id":"b","tools":[],"prompts":[{"name":"x","arguments":[]},{"name":"y"}],"updated_prompts":null}]}`))
	api.Portal("none").Put([]byte(`{"id":"none","servers":null}`))
	server := tfjsonpath.New("servers")
	check := func(path tfjsonpath.Path, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.mcp_portal.p", path, want)
	}
	unitTest(t, resource.TestStep{
		Config: configured(api, `
data "mcp_portal" "p" { id = "p" }
data "mcp_portal" "none" { id = "none" }`),
		ConfigStateChecks: []statecheck.StateCheck{
			check(tfjsonpath.New("description"), text("")),
			check(server.AtSliceIndex(0).AtMapKey("id"), text("a")),
			check(server.AtSliceIndex(0).AtMapKey("tools"), items()),
			check(server.AtSliceIndex(0).AtMapKey("prompts"), items()),
			check(server.AtSliceIndex(0).AtMapKey("updated_tools"), items()),
			check(server.AtSliceIndex(0).AtMapKey("updated_prompts"), null()),
			check(server.AtSliceIndex(0).AtMapKey("error"), text("")),
			check(server.AtSliceIndex(1).AtMapKey("server_id"), text("b")),
			check(server.AtSliceIndex(1).AtMapKey("error"), null()),
			check(server.AtSliceIndex(1).AtMapKey("updated_tools"), null()),
			check(server.AtSliceIndex(1).AtMapKey("prompts").AtSliceIndex(0).AtMapKey("arguments"), items()),
			check(server.AtSliceIndex(1).AtMapKey("prompts").AtSliceIndex(1).AtMapKey("arguments"), null()),
			statecheck.ExpectKnownValue("data.mcp_portal.none", server, items()),
			statecheck.ExpectKnownValue("data.mcp_portal.none", tfjsonpath.New("effective_tools"), items()),
			statecheck.ExpectKnownValue("data.mcp_portal.none", tfjsonpath.New("effective_prompts"), items()),
		},
	})
}

func TestNumbersTimesAndExtraSurviveTheCLI(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("p").Put([]byte(`{"id":"p","new":{"b": 1, "a": 1e400},"created_at":"2026-03-11 15:00:45","modified_at":"2026-03-11T16:06:01.767Z",
		"servers":[{"id":"a","error_details":{"mcp_code":9007199254740993,"status_code":0.1,"message":"old"},
		"tools":[{"name":42,"inputSchema":{"z": 9007199254740993, "a": 1e400, "n": -0.0},"annotations":{"readOnlyHint":"yes","x":null}}]}]}`))
	server := tfjsonpath.New("servers").AtSliceIndex(0)
	tool := server.AtMapKey("tools").AtSliceIndex(0)
	check := func(path tfjsonpath.Path, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.mcp_portal.p", path, want)
	}
	unitTest(t, resource.TestStep{
		Config: configured(api, `
data "mcp_portal" "p" { id = "p" }
output "code" { value = tostring(data.mcp_portal.p.servers[0].error_details.mcp_code) }
output "status" { value = data.mcp_portal.p.servers[0].error_details.status_code == 0.1 }`),
		ConfigStateChecks: []statecheck.StateCheck{
			check(tfjsonpath.New("extra"), extra(object{"new": text(`{"b":1,"a":1e400}`)})),
			check(tfjsonpath.New("created_at"), text("2026-03-11T15:00:45Z")),
			check(tfjsonpath.New("modified_at"), text("2026-03-11T16:06:01.767Z")),
			check(server.AtMapKey("error_details").AtMapKey("extra"), extra(object{"message": text(`"old"`)})),
			check(tool.AtMapKey("name"), null()),
			check(tool.AtMapKey("extra"), extra(object{"name": text("42")})),
			check(tool.AtMapKey("input_schema"), text(`{"z":9007199254740993,"a":1e400,"n":-0.0}`)),
			check(tool.AtMapKey("annotations"), exactly(orNull(t, "servers.tools.annotations", object{
				"extra": extra(object{"readOnlyHint": text(`"yes"`), "x": text("null")}),
			}))),
			statecheck.ExpectKnownOutputValue("code", text("9007199254740993")),
			statecheck.ExpectKnownOutputValue("status", boolean(true)),
		},
	})
}

func TestEveryFixtureIsReadByTheCLI(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	config := configured(api, `
data "mcp_portals" "all" {}
data "mcp_portal" "each" {
  count = length(data.mcp_portals.all.portals)
  id    = data.mcp_portals.all.portals[count.index].id
}
output "same" {
  value = alltrue([for i, p in data.mcp_portals.all.portals : jsonencode(p) == jsonencode({
    for name, value in data.mcp_portal.each[i] : name => value if !contains(["account_id", "timeouts"], name)
  })])
}
output "number" { value = length(data.mcp_portals.all.portals) }`)
	unitTest(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownOutputValue("same", boolean(true)),
		statecheck.ExpectKnownOutputValue("number", knownvalue.Int64Exact(int64(len(portalapi.FixtureNames())))),
	}})
}

func TestChangeAtThePortalIsDrift(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	config := configured(api, `
data "mcp_portal" "p" { id = "engineering" }
output "tools" { value = [for t in data.mcp_portal.p.effective_tools : t.name if t.enabled && t.server_id == "jira"] }`)
	unitTest(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("tools", items(text("jira_search_issues"), text("jira_get_issue"))),
		}},
		resource.TestStep{
			PreConfig: func() { api.Portal(portalapi.PortalIDFull).Server("jira").Tool("deleteIssue").Enable(true) },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownOutputValue("tools", items(text("jira_search_issues"), text("jira_get_issue"), text("jira_deleteIssue"))),
			}},
		},
	)
}

func TestPortalByHostname(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	unitTest(t,
		resource.TestStep{
			Config: configured(api, `
data "mcp_portal" "p" { hostname = "MCP.example.com" }
data "mcp_portal" "q" { id = data.mcp_portal.p.id }
output "same" { value = data.mcp_portal.p.servers == data.mcp_portal.q.servers }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.mcp_portal.p", tfjsonpath.New("id"), text(portalapi.PortalIDFull)),
				statecheck.ExpectKnownValue("data.mcp_portal.p", tfjsonpath.New("hostname"), text("mcp.example.com")),
				statecheck.ExpectKnownOutputValue("same", boolean(true)),
			},
		},
		resource.TestStep{
			Config:      configured(api, `data "mcp_portal" "p" { hostname = "mcp.exampel.com" }`),
			ExpectError: words(`No MCP portal has the hostname "mcp.exampel.com"`),
		},
		resource.TestStep{
			Config:      configured(api, `data "mcp_portal" "p" { hostname = "mcp.exampel.com" }`),
			ExpectError: words(`The closest hostnames in this account are: mcp.example.com,`),
		},
	)
}

func TestPortalArguments(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	tests := map[string]struct{ arguments, want string }{
		"neither id nor hostname": {``, "Exactly one of these attributes must be configured: [id,hostname]"},
		"both id and hostname":    {"id = \"a\"\nhostname = \"b\"", "Exactly one of these attributes must be configured: [id,hostname]"},
		"empty id":                {`id = ""`, "The id has 0 characters; it must have 1 to 32."},
		"long id":                 {`id = "` + strings.Repeat("a", 33) + `"`, "The id has 33 characters; it must have 1 to 32."},
		"slash in id":             {`id = "a/b"`, "The id holds the character '/'; it may hold A-Za-z0-9_- alone."},
		"a dot as hostname":       {`hostname = "."`, "A host name alone is needed, such as mcp.example.com"},
		"URL as hostname":         {`hostname = "https://mcp.example.com"`, "A host name alone is needed, such as mcp.example.com, without https:// and without a path."},
		"account":                 {"id = \"a\"\naccount_id = \"a b\"", "The account id holds the character ' '"},
		"duration":                {"id = \"a\"\ntimeouts = { read = \"soon\" }", `"soon"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := configured(api, "data \"mcp_portal\" \"p\" {\n"+test.arguments+"\n}")
			unitTest(t, resource.TestStep{Config: config, ExpectError: words(test.want)})
		})
	}
	t.Cleanup(func() {
		if n := len(api.Requests()); n > 0 {
			t.Errorf("%d requests were sent for invalid configurations", n)
		}
	})
}
