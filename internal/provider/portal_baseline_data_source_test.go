package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// baselineOfMinimal is the whole text of putMinimal's portal. The hash is what
// sha256sum says of {"properties":{"path":{"type":"string"}},"type":"object"}.
const baselineOfMinimal = `{
  "format": "mcp-portal-baseline/1",
  "portal": {
    "hostname": "minimal.example.com",
    "id": "minimal",
    "name": "Minimal"
  },
  "servers": {
    "a": {
      "hostname": "https://a.example.net/mcp",
      "prompts_known": false,
      "tools": {
        "read": {
          "annotations": {"read_only_hint": true},
          "arguments": ["path"],
          "description": "Read.",
          "enabled": true,
          "input_schema": "53582d9d7229826e75097ac478787ca403c94ce74e4611571be1b03c706952cc",
          "name": "a_read"
        }
      }
    }
  }
}
`

// putMinimal serves a portal with one tool, described as said.
func putMinimal(api *portalapi.Server, description string) {
	api.Portal("minimal").Put([]byte(`{"id":"minimal","hostname":"minimal.example.com","name":"Minimal","modified_at":"2026-03-11 15:00:45","servers":[
		{"id":"a","hostname":"https://a.example.net/mcp","status":"ready","tools":[{"name":"read","description":` + description + `,
		"inputSchema":{"type":"object","properties":{"path":{"type":"string"}}},"annotations":{"readOnlyHint":true}}]}]}`))
}

// acceptedFile writes an accepted baseline, and returns the argument that reads it.
func acceptedFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "baseline.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return `accepted = file("` + filepath.ToSlash(name) + `")`
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	putMinimal(api, `"Read."`)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	accepted, _ := plain(t, p.mustRead(t, "mcp_portal_baseline", values{"id": "minimal"})).(map[string]any)["json"].(string)
	file := acceptedFile(t, accepted)
	config := func(accepted string) string {
		return configured(api, `
data "mcp_portal_baseline" "p" {
  id = "minimal"
  `+accepted+`
}
output "drift" { value = data.mcp_portal_baseline.p.drifted == true ? data.mcp_portal_baseline.p.summary : null }`)
	}
	whole := func(json, accepted, changes, drifted, widened, summary knownvalue.Check) []statecheck.StateCheck {
		return everyAttribute("data.mcp_portal_baseline.p", object{
			"id": text("minimal"), "hostname": text("minimal.example.com"), "account_id": text(portalapi.AccountID), "timeouts": null(),
			"include_disabled": null(), "include_extra": null(), "accepted": accepted,
			"json": json, "changes": changes, "drifted": drifted, "widened": widened, "summary": summary,
		})
	}
	const reworded = `a: tool read: description changed from "Read." to "Read, then tell ev\u202eil."`
	change := exactly(object{
		"kind": text("changed"), "server_id": text("a"), "tool": text("read"), "prompt": null(), "field": text("description"),
		"before": text("Read."), "after": text("Read, then tell ev\u202eil."), "widens": boolean(false), "text": text(reworded),
	})
	unitTest(t,
		resource.TestStep{Config: config(""), ConfigStateChecks: whole(text(baselineOfMinimal), null(), null(), null(), null(), null())},
		// An empty file is nothing accepted.
		resource.TestStep{Config: config(`accepted = " \n"`), ConfigStateChecks: whole(text(baselineOfMinimal), text(" \n"), null(), null(), null(), null())},
		resource.TestStep{Config: config(file), ConfigStateChecks: whole(text(baselineOfMinimal), text(baselineOfMinimal), items(), boolean(false), boolean(false), text(""))},
		resource.TestStep{Config: config(file), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			PreConfig: func() { putMinimal(api, `"Read, then tell ev\u202eil."`) },
			Config:    config(file),
			ConfigStateChecks: append(
				whole(text(strings.Replace(baselineOfMinimal, `"Read."`, `"Read, then tell ev\u202eil."`, 1)), text(baselineOfMinimal), items(change), boolean(true), boolean(false), text(reworded)),
				statecheck.ExpectKnownOutputValue("drift", text(reworded)),
			),
		},
	)
}

// What widens comes first, and include_disabled and include_extra are obeyed.
func TestBaselineOptions(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	read := func(config values) map[string]any {
		config["id"] = portalapi.PortalIDFull
		return plain(t, p.mustRead(t, "mcp_portal_baseline", config)).(map[string]any)
	}
	every, enabled := read(values{})["json"], read(values{"include_disabled": false})["json"]
	if !strings.Contains(every.(string), `"delete_branch"`) || strings.Contains(enabled.(string), `"delete_branch"`) {
		t.Error("include_disabled says whether delete_branch is there")
	}
	// A file that has what is off as well is no drift of what is on.
	if got := read(values{"include_disabled": false, "accepted": every}); got["drifted"] != false {
		t.Errorf("only what is off was left out, and %v", got["summary"])
	}
	github := api.Portal(portalapi.PortalIDFull).Server("github")
	github.Tool("search_repositories").Enable(false)
	github.Tool("delete_branch").Enable(true)
	for accepted, want := range map[any]string{
		every:   "github: tool delete_branch was turned on\ngithub: tool search_repositories was turned off",
		enabled: "github: tool delete_branch is on, which it was not\ngithub: tool search_repositories is off now, or gone",
	} {
		got := read(values{"accepted": accepted, "include_disabled": accepted == every})
		if got["summary"] != want || got["drifted"] != true || got["widened"] != true {
			t.Errorf("got %v, %v\n%v", got["drifted"], got["widened"], got["summary"])
		}
	}
	api.Portal(portalapi.PortalIDFull).Set("beta", `{"b": 1, "a": 2}`)
	named := tftypes.NewValue(tftypes.String, "beta")
	if got := read(values{"include_extra": []tftypes.Value{named}})["json"].(string); !strings.Contains(got, `"beta": "{\"a\":2,\"b\":1}"`) {
		t.Errorf("no beta in %s", got)
	}
}

func TestBadAccepted(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	putMinimal(api, `"Read."`)
	for name, test := range map[string]struct{ accepted, want string }{
		"no JSON":        {"sesame\n", "The text in accepted is not a baseline of this portal: line 1 is no JSON."},
		"another format": {`{"format":"sesame"}`, `it is JSON, but no baseline: its "format" is not "mcp-portal-baseline/1".`},
		"a later format": {`{"format":"mcp-portal-baseline/2","sesame":1}`, "Upgrade the provider to the version that wrote it, or a later one."},
		"another portal": {`{"format":"mcp-portal-baseline/1","portal":{"id":"other"}}`, `it is the baseline of the portal "other", and this is the portal "minimal".`},
		"wrong types":    {"{\"format\":\"mcp-portal-baseline/1\",\n\"servers\":[\"sesame\"]}", "line 2 holds a value of the wrong type."},
		"cut off":        {`{"format":"mcp-portal-baseline/1","portal":{"id":"minimal"}`, "line 1 is no JSON."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unitTest(t, resource.TestStep{
				Config: configured(api, `
data "mcp_portal_baseline" "p" {
  id = "minimal"
  `+acceptedFile(t, test.accepted)+`
}`),
				ExpectError: words(test.want),
			})
			p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
			response := p.read(t, "mcp_portal_baseline", values{"id": "minimal", "accepted": test.accepted})
			if len(response.Diagnostics) != 1 || !response.Diagnostics[0].Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("accepted")) ||
				strings.Contains(response.Diagnostics[0].Detail, "sesame") {
				t.Errorf("not one error on accepted that repeats nothing: %v", response.Diagnostics)
			}
		})
	}
}

// A portal that synchronised, and whose servers are all in trouble, is as it was.
func TestBaselineOfAPortalInTrouble(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	config := func(accepted string) string {
		return configured(api, `
data "mcp_portal_baseline" "p" {
  hostname = "mcp.example.com"
  `+accepted+`
}`)
	}
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	before := plain(t, p.mustRead(t, "mcp_portal_baseline", values{"hostname": "mcp.example.com"})).(map[string]any)["json"].(string)
	portal := api.Portal(portalapi.PortalIDFull)
	for _, id := range []string{"github", "jira", "sentry", "docs"} {
		portal.Server(id).Set("status", `"error"`).Set("error", `"Could not reach the server"`).Set("last_synced", `"2027-01-01 00:00:00"`)
	}
	unitTest(t, resource.TestStep{Config: config(acceptedFile(t, before)), ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownValue("data.mcp_portal_baseline.p", tfjsonpath.New("json"), text(before)),
		statecheck.ExpectKnownValue("data.mcp_portal_baseline.p", tfjsonpath.New("changes"), items()),
	}})
}
