package examples

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// makeKnown lets each server of the portal that gave no tools synchronise, and have none.
func makeKnown(t *testing.T, api *portalapi.Server, portal string) {
	t.Helper()
	for _, id := range serverIDs(t, api, portal) {
		api.Portal(portal).Server(id).Edit(func(raw json.RawMessage) json.RawMessage {
			var server map[string]json.RawMessage
			must(t, json.Unmarshal(raw, &server))
			if tools := server["tools"]; tools == nil || string(tools) == "null" || string(tools) == "[]" {
				server["tools"], server["status"] = json.RawMessage("[]"), json.RawMessage(`"ready"`)
			}
			return json.RawMessage(text(t, server))
		})
	}
}

func TestHealthWarns(t *testing.T) {
	t.Parallel()
	e := initialised(t, "health", "portal_id="+engineering)
	makeHealthy(t, e.api, engineering)
	e.run("plan").exits(0).omits("Check block")

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
	e := initialised(t, "health", "stop=true", "portal_id="+engineering)
	makeHealthy(t, e.api, engineering)
	e.run("plan").exits(0)

	expireLogin(e.api.Portal(engineering).Server("github"))
	e.run("plan").exits(1).omits("jira").says("Module output value precondition failed",
		"Unhealthy servers behind portal engineering: - github: status is stale; Credential expired (refresh token expired); not synchronised since 2026-02-27T13:00:49Z")

	// A server with manual OAuth synchronises once it has a credential: a stale one is a
	// fault, and one that waits is none.
	e.api.Portal(engineering).Server("github").Set("auth_config_summary", `{"auth_mode":"manual"}`)
	e.run("plan").exits(1).says("- github: status is stale;")
	e.api.Portal(engineering).Server("github").Set("status", `"waiting"`)
	e.run("plan").exits(0).says(`+ servers_not_watched = [ + "github", ]`)
	e.run("plan", "-var=watch_waiting=true").exits(1).says("- github: status is waiting;")
	e.api.Portal(engineering).Server("github").Set("auth_config_summary", `{"auth_mode":"dcr"}`)
	e.run("plan").exits(1).says("- github: status is waiting;")

	e.meetsOddPortals(1, "- id-only: status is unknown", "- crm: status is error; Authentication required (the server answered 401)", "- notion: status is waiting; never")
}

func TestAllowList(t *testing.T) {
	t.Parallel()
	e := initialised(t, "allow-list", "portal_id="+engineering)
	e.run("plan").exits(1).says("Servers behind portal engineering whose tools are not known, so no rule can be checked for them: - slack - figma").
		omits("appeared")
	e.run("plan", `-var=allowed_unknown=["figma","slack"]`).exits(0)
	makeKnown(t, e.api, engineering)
	e.run("plan").exits(0)

	e.api.Portal(engineering).Server("github").Tool("delete_branch").Enable(true)
	e.api.Portal(engineering).Server("docs").Add("tools", `{"name":"publish"}`)
	e.api.Portal(engineering).Server("linear").Tool("list_projects").Delete()
	e.run("plan").exits(1).omits("jira").says("The tools that agents can reach through portal engineering differ from reachable-tools.json:",
		`- docs: "publish" appeared`, `- github: "delete_branch" appeared`, `- linear: "list_projects" is gone`)

	// The change is wanted: the file is made anew in the way that the example tells,
	// and has the committed one's form. So is the first one.
	committed, err := os.ReadFile(filepath.Join(e.dir, "reachable-tools.json"))
	must(t, err)
	must(t, os.Remove(filepath.Join(e.dir, "reachable-tools.json")))
	e.run("plan").exits(1).says(`- jira: "getIssue" appeared`)
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
	e.meetsOddPortals(1, `- both-keys: "odd.name with spaces" appeared`, `- both-keys: "true_schema" appeared`, "- server-id-only")
}

// A rule accepts what a tool is, a server's under its own name, and not what it is
// called: an alias of an accepted name, or another server's tool that has the same
// name for clients, gets nothing past it.
func meetsOtherToolsOfTheName(e *example, accepted string) {
	e.t.Helper()
	const tool = `{"name":%q,"inputSchema":{"type":"object"%s},"annotations":{"readOnlyHint":%t}}`
	good := fmt.Sprintf(tool, "read", `,"additionalProperties":false`, true)
	server := func(id, tool, overrides string) string {
		return fmt.Sprintf(`{"id":%q,"tools":[%s],"updated_tools":[%s]}`, id, tool, overrides)
	}
	bad := func(name string) string { return fmt.Sprintf(tool, name, "", false) }
	e.api.Portal("names").Put(portalapi.MinimalPortal("names", "names.example.com", "Names"))
	for _, s := range []string{
		server("a", bad("b_c"), ""),
		server("a_b", bad("c"), ""),
		server("docs", good+","+bad("erase")+","+bad("write"), `{"name":"erase","alias":"write"}`),
	} {
		e.api.Portal("names").Add("servers", s)
	}
	e.run("plan", "-var=portal_id=names", `-var=allowed={"a_b":["c"],"docs":["write"]}`).exits(1).
		says(accepted+` - a: "b_c" - docs: "erase"`).omits(`- a_b`, `"write"`, `"read"`)
	e.run("plan", "-var=portal_id=names", `-var=allowed={"a":["b_c"],"a_b":["c"],"docs":["erase","write"]}`).exits(0).omits("Warning")
}

func TestNoDestructiveTools(t *testing.T) {
	t.Parallel()
	e := initialised(t, "no-destructive-tools", "portal_id="+engineering)
	accepted := map[string][]string{
		"github": {"create_issue", "run_workflow"}, "sentry": {"resolve_issue"}, "grafana": {"silence_alert"},
		"browser": {"open_page", "screenshot", "run_script"}, "calendar": {"create_event"},
	}
	e.run("plan", "-var=allowed="+text(t, accepted)).exits(1).says("whose tools are not known, so no rule can be checked for them: - slack - figma").omits("may", "jira")
	e.run("plan", "-var=allowed="+text(t, accepted), `-var=allowed_unknown=["figma","slack"]`).exits(0).omits("Check block")
	makeKnown(t, e.api, engineering)
	e.run("plan", "-var=allowed="+text(t, accepted)).exits(0).omits("Check block")

	e.api.Portal(engineering).Server("github").Tool("delete_branch").Enable(true)
	e.api.Portal(engineering).Server("sentry").Tool("resolve_issue").Enable(false)
	accepted["github"] = accepted["github"][1:]
	e.run("plan", "-var=allowed="+text(t, accepted)).exits(1).omits("run_workflow", "merge_pull_request").says(
		"Agents can reach tools through portal engineering that are declared destructive, or not declared read-only:",
		`- github: "create_issue" - github: "delete_branch"`,
		`In allowed, but not exposed or no longer writing; remove them: - sentry: "resolve_issue"`)

	meetsOtherToolsOfTheName(e, "or not declared read-only:")
	e.meetsOddPortals(1, `- both-keys: "odd.name with spaces"`, `- both-keys: "true_schema"`, "- notion")
}

func TestClosedSchemas(t *testing.T) {
	t.Parallel()
	e := initialised(t, "closed-schemas", "portal_id="+engineering)
	accepted := "-var=allowed=" + text(t, map[string][]string{
		"docs": {"2fa.setup"}, "browser": {"open_page", "screenshot", "run_script"},
		"github": {"run_workflow"}, "grafana": {"silence_alert"}, // with an open object inside
	})
	e.run("plan", accepted).exits(1).says("whose tools are not known, so no rule can be checked for them: - slack - figma").omits("additional properties")
	e.run("plan", accepted, `-var=allowed_unknown=["figma","slack"]`).exits(0)
	makeKnown(t, e.api, engineering)
	e.run("plan", accepted).exits(0)

	for tool, schema := range map[string]string{
		"search_repositories": `null`,
		"get_file_contents":   `{"type":"object","additionalProperties":{"type":"string"}}`,
		"delete_branch":       `{}`, // is off
	} {
		e.api.Portal(engineering).Server("github").Tool(tool).Set("inputSchema", schema)
	}
	e.run("plan", accepted).exits(1).omits("2fa.setup", "delete_branch", "create_issue", "run_workflow").says(
		`whose input schema allows additional properties: - github: "get_file_contents" - github: "search_repositories"`)

	meetsOtherToolsOfTheName(e, "allows additional properties:")
	e.meetsOddPortals(1, `additional properties: - both-keys: "hints" - both-keys: "true_schema"`, "- bare")
}

// What counts as closed; the guide says what is reported although it is closed.
func TestClosedSchemasLookIntoSchemas(t *testing.T) {
	t.Parallel()
	e := initialised(t, "closed-schemas", "portal_id=schemas")
	schemas := map[string]string{
		"closed":              `{"type":"object","additionalProperties":false}`,
		"closed_nested":       `{"type":"object","properties":{"a":{"additionalProperties":false,"type":["null","object"]}},"additionalProperties":false}`,
		"closed_unevaluated":  `{"type":"object","allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}`,
		"closed_words":        `{"type":"object","additionalProperties":false,"description":"{\"type\":\"object\"}"}`,
		"open":                `{"type":"object"}`,
		"open_schema":         `{"type":"object","additionalProperties":{}}`,
		"open_twice":          `{"type":"object","additionalProperties":true,"unevaluatedProperties":false}`,
		"open_nested":         `{"type":"object","properties":{"a":{"type":"object"}},"additionalProperties":false}`,
		"open_nullable":       `{"type":"object","properties":{"a":{"type":["null","object"]}},"additionalProperties":false}`,
		"open_in_items":       `{"type":"object","properties":{"a":{"items":{"type":"object"},"type":"array"}},"additionalProperties":false}`,
		"open_outside":        `{"type":"object","properties":{"a":{"type":"object","additionalProperties":false}}}`,
		"open_words":          `{"type":"object","properties":{"a":{"type":"object","description":"\"additionalProperties\":false"}},"additionalProperties":false}`,
		"reported_all_of":     `{"allOf":[{"type":"object","additionalProperties":false}]}`,
		"reported_ref":        `{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","additionalProperties":false}}}`,
		"passes_by_a_default": `{"type":"object","properties":{"a":{"type":"object","default":{"additionalProperties":false}}},"additionalProperties":false}`,
		"passes_without_type": `{"type":"object","properties":{"a":{"properties":{}}},"additionalProperties":false}`,
	}
	var want []string
	e.api.Portal("schemas").Put(portalapi.MinimalPortal("schemas", "schemas.example.com", "Schemas")).Add("servers", `{"id":"s","tools":[]}`)
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		e.api.Portal("schemas").Server("s").Add("tools", fmt.Sprintf(`{"name":%q,"inputSchema":%s}`, name, schemas[name]))
		if strings.HasPrefix(name, "open") || strings.HasPrefix(name, "reported") {
			want = append(want, `- s: "`+name+`"`)
		}
	}
	e.run("plan").exits(1).says("additional properties: "+strings.Join(want, " ")).omits(`"closed`, `"passes`)
}

func TestUniqueNames(t *testing.T) {
	t.Parallel()
	e := initialised(t, "unique-names", "portal_id="+engineering)
	e.run("plan").exits(1).says(
		"whose tools are not known, so no rule can be checked for their names: - slack - figma",
		"Server ids behind portal engineering that lead to names of other servers, or of the portal's own tools: - data_warehouse").
		omits("share a name")
	makeKnown(t, e.api, engineering)
	e.run("plan", `-var=allowed_ids=["data_warehouse"]`).exits(0)

	for name, test := range map[string]struct{ servers, want string }{
		"different":      {`{"id":"a","tools":[{"name":"b"},{"name":"c"},{"name":"B"}]},{"id":"c","tools":[{"name":"b"}]}`, ""},
		"off":            {`{"id":"a","tools":[{"name":"b.c"},{"name":"b-c"}],"updated_tools":[{"name":"b-c","enabled":false}]}`, ""},
		"the same twice": {`{"id":"a","tools":[{"name":"b"},{"name":"b"}]}`, `- "a_b (b of a)", "a_b (b of a)"`},
		"servers":        {`{"id":"a","tools":[{"name":"b_c"}]},{"id":"a_b","tools":[{"name":"c"}]}`, `- "a_b_c (b_c of a)", "a_b_c (c of a_b)"`},
		"alias":          {`{"id":"a","tools":[{"name":"read"},{"name":"erase"}],"updated_tools":[{"name":"erase","alias":"read"}]}`, `- "a_read (read of a)", "a_read (erase of a)"`},
		"hyphen and dot": {`{"id":"a-x","tools":[{"name":"b.c"}]},{"id":"a_x","tools":[{"name":"b-c"}]}`, `- "a-x_b.c (b.c of a-x)", "a_x_b-c (b-c of a_x)"`},
		"digit":          {`{"id":"a","tools":[{"name":"2fa"},{"name":"_2fa"}]}`, `- "a_2fa (2fa of a)", "a__2fa (_2fa of a)"`},
		"digit of an id": {`{"id":"2fa","tools":[{"name":"b"}]},{"id":"_2fa","tools":[{"name":"b"}]}`, `- "2fa_b (b of 2fa)", "_2fa_b (b of _2fa)"`},
		"reserved word":  {`{"id":"a","tools":[{"name":"delete"},{"name":"delete_"},{"name":"deleted"}]}`, `- "a_delete (delete of a)", "a_delete_ (delete_ of a)"`},
	} {
		e.api.Portal("names").Put([]byte(`{"id":"names","servers":[` + test.servers + `]}`))
		r := e.run("plan", "-var=portal_id=names", `-var=allowed_ids=["a_b","a_x","_2fa"]`)
		if test.want == "" {
			r.exits(0)
			continue
		}
		r.exits(1).says("share a name, for clients or as an identifier in Code Mode: " + test.want)
		if t.Failed() {
			t.Fatal(name)
		}
	}

	e.api.Portal("names").Put([]byte(`{"id":"names","servers":[{"id":"portal","tools":[{"name":"x\u200by"}]},{"id":"portals","tools":[]}]}`))
	e.run("plan", "-var=portal_id=names").exits(1).says("of the portal's own tools: - portal ", `contain control characters or invisible ones: - portal: "portal_x?y"`)

	e.meetsOddPortals(1, "- server-id-only", "- notion")
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
