package examples

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The file that the example says how to write is what a client of the portal is
// told, with every schema as the server sent it.
func TestToolsList(t *testing.T) {
	t.Parallel()
	e := initialised(t, "tools-list", "portal_id="+engineering)
	e.run("plan").exits(1).says("Servers whose tools are not known, so no rule can be checked for them: - slack")

	e.env = append(e.env, `TF_VAR_allowed_unknown=["slack"]`)
	makeHealthy(t, e.api, engineering)
	portal := e.api.Portal(engineering)
	for _, server := range serverIDs(t, e.api, engineering) {
		if server != "github" {
			portal.Server(server).Set("tools", "[]")
		}
	}
	portal.Server("github").Set("tools", `[
		{"name":"all","title":"All","description":"A <b> \"quoted\" ${text}.","inputSchema":{"z":1e400,"a":{"maximum":1e999999999,"text":"%{x}${y}"}},"outputSchema":{"type":"object"},
		 "annotations":{"title":"T","readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true}},
		{"name":"bare"},
		{"name":"bool","description":"","inputSchema":true,"annotations":{}},
		{"name":"off"},{"name":"old","description":"Old."},{}
	]`).Set("default_disabled", "false").Set("updated_tools", `[{"name":"off","enabled":false},{"name":"old","portal_alias":"new","portal_description":"New."}]`)
	e.run("plan").exits(0)
	e.shell(commented(t, "tools-list"))
	const want = `{"tools":[` +
		`{"name":"github_all","title":"All","description":"A \u003cb\u003e \"quoted\" ${text}.","inputSchema":{"z":1e400,"a":{"maximum":1e999999999,"text":"%{x}${y}"}},"outputSchema":{"type":"object"},` +
		`"annotations":{"destructiveHint":true,"idempotentHint":false,"openWorldHint":true,"readOnlyHint":false,"title":"T"}},` +
		`{"name":"github_bare","inputSchema":{"type":"object"}},` +
		`{"name":"github_bool","inputSchema":{"type":"object"},"annotations":{}},` +
		`{"name":"github_new","description":"New.","inputSchema":{"type":"object"}}]}` + "\n"
	if got := e.read("tools.json"); got != want {
		t.Errorf("tools.json is\n%s, want\n%s", got, want)
	}

	setOdd(t, e.api)
	e.env = append(e.env, "TF_VAR_portal_id="+odd)
	must(t, os.Remove(e.dir+"/tools.json"))
	e.env = append(e.env, `TF_VAR_allowed_unknown=["`+strings.Join(append(serverIDs(t, e.api, odd), "server-id-only", "empty-id"), `","`)+`"]`)
	e.shell(commented(t, "tools-list"))
	var list struct{ Tools []struct{ Name string } }
	must(t, json.Unmarshal([]byte(e.read("tools.json")), &list))
	if len(list.Tools) == 0 {
		t.Error("no tool of the odd portal")
	}
}
