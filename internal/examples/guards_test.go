package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const (
	account     = portalapi.AccountID
	engineering = portalapi.PortalIDFull
)

// odd is a portal that a test puts together from every odd one.
const odd = "odd"

// setOdd puts all servers of the portals with odd shapes into one, so that one run
// of a guard meets them all.
func setOdd(t *testing.T, api *portalapi.Server) {
	t.Helper()
	var servers []json.RawMessage
	for _, fixture := range []string{"ugly", "synced_never", "minimal", "reference"} {
		var portal struct{ Servers []json.RawMessage }
		must(t, json.Unmarshal(portalapi.Fixture(fixture), &portal))
		servers = append(servers, portal.Servers...)
	}
	api.Portal(odd).Put(portalapi.MinimalPortal(odd, "odd.example.com", "Odd")).Set("servers", text(t, servers))
}

// meetsOddPortals plans with the odd portal and with two without servers. Null
// lists, missing names, hints and schemas of another type neither break a guard
// nor get past it. A portal without servers breaks no rule; where the API says
// null for them, it is the provider that warns.
func (e *example) meetsOddPortals(code int, says ...string) {
	e.t.Helper()
	setOdd(e.t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(code).says(says...).omits("Invalid", "Unsupported", "must not be null")
	e.api.Portal("none").Put([]byte(`{"id":"none","servers":[]}`))
	e.run("plan", "-var=portal_id=none").exits(0).omits("Warning")
	e.run("plan", "-var=portal_id="+portalapi.PortalIDEmpty).exits(0).says(
		`Cloudflare's API answered with null for the servers of "empty".`).omits("Check block")
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}

// serverIDs returns the ids of the portal's servers.
func serverIDs(t *testing.T, api *portalapi.Server, portal string) []string {
	t.Helper()
	var p struct{ Servers []struct{ ID string } }
	must(t, json.Unmarshal(api.Portal(portal).JSON(), &p))
	ids := make([]string, len(p.Servers))
	for i, s := range p.Servers {
		ids[i] = s.ID
	}
	return ids
}

// makeHealthy makes every server of the portal ready, as of now.
func makeHealthy(t *testing.T, api *portalapi.Server, portal string) {
	t.Helper()
	for _, id := range serverIDs(t, api, portal) {
		api.Portal(portal).Server(id).
			Set("status", `"ready"`).
			Set("error", `""`).
			Remove("error_details").
			Set("last_successful_sync", text(t, time.Now().UTC().Format(time.DateTime)))
	}
}

// expireLogin does what happens to a server whose credential expired yesterday.
func expireLogin(server portalapi.MCPServer) {
	server.Set("status", `"stale"`).
		Set("error", `"Credential expired"`).
		Set("error_details", `{"cause":"refresh token expired"}`).
		Set("last_successful_sync", `"2026-02-27 13:00:49"`)
}

func TestHealthWarns(t *testing.T) {
	t.Parallel()
	e := initialised(t, "health/warn", "portal_id="+engineering)
	makeHealthy(t, e.api, engineering)
	e.run("plan").exits(0).omits("Warning")

	expireLogin(e.api.Portal(engineering).Server("github"))
	e.run("plan").exits(0).omits("Error:", "jira").says("Warning: Check block assertion failed",
		"Unhealthy servers behind portal engineering: - github: status is stale; Credential expired (refresh token expired); not synchronised since 2026-02-27T13:00:49Z")

	e.meetsOddPortals(0,
		"- server-id-only: status is paused; upstream said: <html><body>502</body></html>; never synchronised",
		"- bare: status is unknown; never synchronised",
		"- notion: status is waiting; never synchronised",
		"- crm: status is error; Authentication required (the server answered 401); never synchronised")
}

func TestHealthStops(t *testing.T) {
	t.Parallel()
	e := initialised(t, "health/stop", "portal_id="+engineering)
	makeHealthy(t, e.api, engineering)
	e.run("plan").exits(0)

	expireLogin(e.api.Portal(engineering).Server("github"))
	e.run("plan").exits(1).omits("jira").says("Resource postcondition failed",
		"Servers that are not ready behind portal engineering: - github: status is stale",
		"Servers in error behind portal engineering: - github: Credential expired (refresh token expired)",
		"Servers without a successful synchronisation in the last 24h behind portal engineering: - github: not since 2026-02-27T13:00:49Z")

	e.meetsOddPortals(1, "- id-only: status is unknown", "- crm: Authentication required (the server answered 401)", "- notion: never")
}

func TestAllowList(t *testing.T) {
	t.Parallel()
	e := initialised(t, "allow-list", "portal_id="+engineering)
	e.run("plan").exits(0)

	e.api.Portal(engineering).Server("github").Tool("delete_branch").Enable(true)
	e.api.Portal(engineering).Server("docs").Add("tools", `{"name":"publish"}`)
	e.api.Portal(engineering).Server("linear").Tool("list_projects").Delete()
	e.run("plan").exits(1).omits("jira").says("What agents can reach through portal engineering isn't what reachable-tools.json allows:",
		"- docs: publish appeared", "- github: delete_branch appeared", "- linear: list_projects is gone")

	// The change is wanted: the file is made anew in the way that the example tells,
	// and has the committed one's form.
	committed, err := os.ReadFile(filepath.Join(e.dir, "reachable-tools.json"))
	must(t, err)
	e.run("apply", "-auto-approve", "-var=enforce=false").exits(0)
	anew := e.run("output", "-raw", "reachable_tools").exits(0).stdout
	want := strings.NewReplacer(
		"\"delete\",\n", "\"delete\",\n    \"publish\",\n",
		"\"create_issue\",\n", "\"create_issue\",\n    \"delete_branch\",\n",
		"  \"linear\": [\n    \"list_projects\"\n  ],\n", "",
	).Replace(string(committed))
	if anew != want {
		t.Errorf("the file is\n%s\nwant\n%s", anew, want)
	}
	e.write("reachable-tools.json", anew)
	e.run("plan").exits(0)

	e.write("reachable-tools.json", "{}")
	e.meetsOddPortals(1, "- both-keys: odd.name with spaces appeared", "- both-keys: true_schema appeared")
}

func TestNoDestructiveTools(t *testing.T) {
	t.Parallel()
	e := initialised(t, "no-destructive-tools", "portal_id="+engineering)
	accepted := []string{
		"github_open_issue", "github_run_workflow", "sentry_resolve_issue", "grafana_silence_alert",
		"browser_open_page", "browser_screenshot", "browser_run_script", "calendar_new_event",
	}
	e.run("plan", "-var=allowed="+text(t, accepted)).exits(0).omits("Warning")

	e.api.Portal(engineering).Server("github").Tool("delete_branch").Enable(true)
	e.api.Portal(engineering).Server("sentry").Tool("resolve_issue").Enable(false)
	e.run("plan", "-var=allowed="+text(t, accepted[1:])).exits(1).omits("run_workflow", "merge_pull_request").says(
		"Agents can reach tools through portal engineering that may destroy something:",
		"- github_delete_branch says that it is destructive",
		"- github_open_issue doesn't say that it is read-only",
		"Accepted, but not in reach or no longer writing: sentry_resolve_issue.")

	e.meetsOddPortals(1,
		"- both-keys_odd.name with spaces doesn't say that it is read-only",
		"- both-keys_true_schema doesn't say that it is read-only")
}

func TestClosedSchemas(t *testing.T) {
	t.Parallel()
	e := initialised(t, "closed-schemas", "portal_id="+engineering)
	accepted := "-var=allowed=" + text(t, []string{"docs_2fa.setup", "browser_open_page", "browser_screenshot", "browser_run_script"})
	e.run("plan", accepted).exits(0)

	for tool, schema := range map[string]string{
		"search_repositories": `null`,
		"get_file_contents":   `{"type":"object","additionalProperties":{"type":"string"}}`,
		"delete_branch":       `{}`, // is off
	} {
		e.api.Portal(engineering).Server("github").Tool(tool).Set("inputSchema", schema)
	}
	e.run("plan", accepted).exits(1).omits("docs_2fa.setup", "delete_branch", "open_issue").says(
		"whose input schema allows additional properties:",
		"- github_search_repositories", "- github_read_file")

	e.meetsOddPortals(1, "additional properties: - both-keys_true_schema")
}

func TestGateway(t *testing.T) {
	t.Parallel()
	e := initialised(t, "gateway", "portal_id="+engineering)
	e.run("plan").exits(1).omits("sentry", "browser").says(
		"Servers behind portal engineering whose traffic bypasses Secure Web Gateway:",
		"- calendar - docs - figma - github - jira - linear - slack")
	e.run("plan", `-var=allowed=["calendar","docs","figma","github","jira","linear"]`).exits(1).omits("github").says("- slack")

	e.api.Portal(engineering).Set("secure_web_gateway", "true")
	e.run("plan").exits(0)

	e.meetsOddPortals(1, "- bare - both-keys - crm - empty-id - id-only - my-mcp-server - notion - only - server-id-only - weather")
}
