package examples

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// A time that is null, absent or not readable is old, as one of two days ago is.
func TestNotSynchronised(t *testing.T) {
	t.Parallel()
	e := initialised(t, "recipes/not-synchronised", "portal_id="+engineering)
	makeHealthy(t, e.api, engineering)
	e.run("plan").exits(0)

	portal := e.api.Portal(engineering)
	portal.Server("github").Set("last_successful_sync", "null")
	portal.Server("docs").Remove("last_successful_sync")
	portal.Server("sentry").Set("last_successful_sync", `""`)
	portal.Server("jira").Set("last_successful_sync", text(t, time.Now().UTC().Add(-25*time.Hour).Format(time.DateTime)))
	portal.Server("browser").Set("last_successful_sync", text(t, time.Now().UTC().Add(-23*time.Hour).Format(time.DateTime)))
	portal.Server("linear").Set("last_successful_sync", "null").Set("status", `"waiting"`) // manual OAuth, without a credential
	e.run("plan").exits(1).says("Not synchronised for a day: github, jira, sentry, docs").omits("browser", "linear")
	portal.Server("linear").Set("status", `"stale"`)
	e.run("plan").exits(1).says("Not synchronised for a day: github, jira, sentry, docs, linear").omits("browser")

	e.meetsOddPortals(1, "Not synchronised for a day: ", "server-id-only")
}

// A server in trouble destroys nothing; one that is gone does, and so does a tool.
func TestToolsByKey(t *testing.T) {
	t.Parallel()
	e := initialised(t, "recipes/tools-by-key", "portal_id=tools")
	e.api.Portal("tools").Put([]byte(`{"id":"tools","servers":[
		{"id":"a","status":"ready","tools":[{"name":"b_c"},{"name":"twice"},{"name":"twice"},{"name":"off"}],"updated_tools":[{"name":"off","enabled":false}]},
		{"id":"a_b","status":"ready","tools":[{"name":"c"}]}]}`))
	e.run("apply", "-auto-approve").exits(0).says(`terraform_data.tool["a/b_c"]`, `terraform_data.tool["a/twice"]`, `terraform_data.tool["a_b/c"]`, "3 added")

	server := e.api.Portal("tools").Server("a")
	was := server.JSON()
	for name, trouble := range map[string]func(){
		"tools not told":     func() { server.Remove("tools") },
		"no tools, in error": func() { server.Set("tools", "[]").Set("status", `"error"`) },
		"no tools, waiting":  func() { server.Set("tools", "[]").Remove("status") },
	} {
		trouble()
		e.plan().exits(1).says("The tools of these servers are not known, so some may be gone: a")
		e.plan(`-var=allowed_unknown=["a"]`).exits(2).says("2 to destroy")
		server.Put(was)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	server.Set("status", `"error"`) // and its tools are there
	e.plan().exits(0)
	server.Set("status", `"ready"`).Set("tools", "[]")
	e.plan().exits(2).says("2 to destroy")
	server.Delete()
	e.plan().exits(2).says("2 to destroy")

	e.meetsOddPortals(1, "are not known, so some may be gone: ")
}

func TestWhoChanged(t *testing.T) {
	t.Parallel()
	e := initialised(t, "recipes/who-changed", "portal_id="+engineering)
	portal := e.api.Portal(engineering)
	portal.Set("modified_by", `"ada@example.com"`)
	portal.Server("github").Set("modified_by", `"eve@example.com"`).Set("modified_at", `"2026-03-12 01:02:03"`)
	e.run("plan").exits(0).says(
		`id = "engineering" + modified_at = `, `modified_by = "ada@example.com"`,
		`+ { + created_by = "dana@example.com" + id = "github" + modified_at = "2026-03-12T01:02:03Z" + modified_by = "eve@example.com" }`)

	setOdd(t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(0)
}

func TestStagingAndProduction(t *testing.T) {
	t.Parallel()
	e := initialised(t, "recipes/staging-and-production", "staging=staging", "production="+engineering)
	makeKnown(t, e.api, engineering)
	staging := e.api.Portal("staging")
	staging.Put(e.api.Portal(engineering).JSON()).Set("id", `"staging"`)
	e.plan().exits(0)

	// What is off on both sides, and what no client is given, does not count.
	staging.Server("jira").Tool("deleteIssue").Set("description", `"Another."`)
	staging.Server("github").Set("modified_by", `"eve@example.com"`)
	e.plan().exits(0)

	staging.Server("github").Tool("delete_branch").Enable(true)
	staging.Server("github").Tool("create_issue").Set("inputSchema", `{"type":"object","properties":{"title":{"description":"Now other."}}}`)
	staging.Server("linear").Tool("list_projects").Delete()
	staging.Server("docs").Add("tools", evilTool)
	staging.Server("slack").Remove("tools")
	e.plan().exits(2).says(
		`not_known = [ + "staging: slack", ]`,
		`only_production = [ + "linear/list_projects", ]`,
		`only_staging = [ + "docs/evil?[2Kfine???x", + "github/delete_branch", ]`,
		`different = [ + "github/create_issue", ]`)

	setOdd(t, e.api)
	e.plan("-var=staging="+odd, "-var=production="+odd).exits(2).says("only_production = []", "only_staging = []", "different = []")
}

// One file for each portal, each as tools-list writes it.
func TestToolsLists(t *testing.T) {
	t.Parallel()
	e := initialised(t, "recipes/tools-lists")
	e.run("plan").exits(1).says("Servers whose tools are not known, so no rule can be checked for them:", "- engineering/figma - engineering/slack")

	for _, id := range []string{portalapi.PortalIDUgly, portalapi.PortalIDSyncedNever, portalapi.PortalIDReference, portalapi.PortalIDMinimal, engineering} {
		e.api.Portal(id).Delete()
	}
	for _, id := range []string{"one", "two"} {
		e.api.Portal(id).Put(fmt.Appendf(nil, `{"id":%q,"servers":[{"id":"s","tools":[{"name":%q,"inputSchema":{"type":"object","maximum":1e400}}]}]}`, id, "of_"+id))
	}
	must(t, os.Mkdir(filepath.Join(e.dir, "tools"), 0o700))
	e.shell(commented(t, e.folder))
	for _, id := range []string{"one", "two"} {
		want := `{"tools":[{"name":"s_of_` + id + `","inputSchema":{"type":"object","maximum":1e400}}]}` + "\n"
		if got := e.read("tools/" + id + ".json"); got != want {
			t.Errorf("tools/%s.json is %s, want %s", id, got, want)
		}
	}
	var none struct{ Tools []any }
	must(t, json.Unmarshal([]byte(e.read("tools/"+portalapi.PortalIDEmpty+".json")), &none))
	if none.Tools == nil || len(none.Tools) > 0 {
		t.Errorf("a portal without servers: %v", none.Tools)
	}
}
