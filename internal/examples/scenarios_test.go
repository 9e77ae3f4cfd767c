package examples

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const (
	readTool  = `{"name":%q,"inputSchema":{"type":"object","additionalProperties":false},"annotations":{"readOnlyHint":true}}`
	eraseTool = `{"name":"erase","inputSchema":{"type":"object"},"annotations":{"destructiveHint":true}}`

	// A terminal that is shown these erases a line, and turns round what follows.
	evil     = `evil\u001b[2Kfine\n\u202e\u009bx`
	evilSeen = `evil\u001b[2Kfine\n??x` // as a message shows it
	evilTool = `{"name":"` + evil + `","description":"` + evil + `","inputSchema":{"properties":{"` + evil + `":{}}},"annotations":{"title":"` + evil + `","destructiveHint":true}}`
	// A plan shows a text that is JSON as what it says, without the escapes.
	evilJSON = `{"name":"[\"\\u001b[2K\\n\"]","inputSchema":{"properties":{"[\"\\u001b[2K\\n\"]":{}}}}`
)

// scenarios are portals of which every example has to say something true: what a
// server is that gave no tools, whose names collide, and so on. Each has a server
// github, and otherwise nothing to complain of.
var scenarios = map[string]struct {
	portal  string   // fields of the portal
	github  string   // fields of its server github
	servers []string // further servers
}{
	"unknown":       {github: `"tools":null`},
	"collision":     {github: `"tools":[` + fmt.Sprintf(readTool, "b_c") + `]`, servers: []string{`"id":"github_b","tools":[` + fmt.Sprintf(readTool, "c") + `]`}},
	"contradiction": {github: `"tools":[` + eraseTool + `],"updated_tools":[{"name":"erase","enabled":false},{"name":"erase","enabled":true}]`},
	"control":       {github: `"tools":[` + evilTool + `,` + evilJSON + `],"updated_tools":[{"name":"` + evil + `","enabled":true},{"name":"` + evil + `","enabled":false}],"status":"error","error":"` + evil + `","error_details":{"cause":"` + evil + `"}`},
	"code mode":     {github: `"tools":[` + fmt.Sprintf(readTool, "read") + `]`, portal: `"code_mode":"enforced",`},
}

// expectation is what an example does with a portal.
type expectation struct {
	code int
	says []string
}

func exits(code int, says ...string) expectation { return expectation{code, says} }

// examplesInScenarios says for every example what it does in each scenario.
var examplesInScenarios = map[string]map[string]expectation{
	"access/destructive-tools": {
		"unknown":       exits(1, "not known, so no rule can be checked for them: - github"),
		"collision":     exits(0),
		"contradiction": exits(1, `- github: "erase"`),
		"control":       exits(1, `- github: "`+evilSeen+`"`),
		"code mode":     exits(0),
	},
	"access/reach": {
		// It looks at no tool, and a service token passes the portal. No application
		// guards the server github_b.
		"unknown": exits(1, "Service tokens reach"), "contradiction": exits(1), "control": exits(1), "code mode": exits(1),
		"collision": exits(1, "No Access application guards these of portal engineering: - github_b"),
	},
	"account-audit": {
		"unknown":       exits(0, "Servers whose tools are not known, so no rule can be checked for them: - engineering: github"),
		"collision":     exits(0),
		"contradiction": exits(0, `say that they are destructive: - engineering: github: "erase"`),
		"control": exits(0, "- engineering: github: status is error - engineering: github: evil?[2Kfine???x",
			`say that they are destructive: - engineering: github: "`+evilSeen+`"`, `additional properties: - engineering: github: "`+evilSeen+`"`),
		"code mode": exits(0),
	},
	"allow-list": {
		"unknown":       exits(1, "not known, so no rule can be checked for them: - github"),
		"collision":     exits(1, `- github: "b_c" appeared`, `- github_b: "c" appeared`),
		"contradiction": exits(1, `- github: "erase" appeared`),
		"control":       exits(1, `- github: "`+evilSeen+`" appeared`),
		"code mode":     exits(1, `- github: "read" appeared`),
	},
	"closed-schemas": {
		"unknown":       exits(1, "not known, so no rule can be checked for them: - github"),
		"collision":     exits(0),
		"contradiction": exits(1, `- github: "erase"`),
		"control":       exits(1, `- github: "`+evilSeen+`"`),
		"code mode":     exits(0),
	},
	"data-sources/mcp_portal": {
		"unknown":       exits(0, `+ unknown = [ + "github", ]`),
		"collision":     exits(0, `+ reachable_tools = [ + "github_b_c", + "github_b_c", ]`),
		"contradiction": exits(0, `+ reachable_tools = [ + "github_erase", ]`),
		"control":       exits(0, `+ "github_evil?[2Kfine???x"`, `github = "error: evil?[2Kfine???x"`),
		"code mode":     exits(0, `+ "github_read"`),
	},
	"data-sources/mcp_portal_access": {
		// It looks at no tool.
		"unknown": exits(0, "+ unguarded = []"), "contradiction": exits(0), "control": exits(0), "code mode": exits(0),
		"collision": exits(0, `+ unguarded = [ + "github_b", ]`),
	},
	"data-sources/mcp_portals": {
		"unknown":       exits(0, `+ unknown = [ + "github", ]`),
		"collision":     exits(0, `+ reachable_tools = [ + "github_b_c", + "github_b_c", ]`),
		"contradiction": exits(0, `+ reachable_tools = [ + "github_erase", ]`),
		"control":       exits(0, `+ "github_evil?[2Kfine???x"`),
		"code mode":     exits(0, `+ "github_read"`),
	},
	"data-sources/mcp_server": {
		"unknown":       exits(0, "No changes."), // null, which is no output
		"collision":     exits(0, "b_c = [ + true, ]"),
		"contradiction": exits(0, "erase = [ + null, ]"), // the server's own tools, whatever a portal decides
		"control":       exits(0, `"evil?[2Kfine???x" = [`),
		"code mode":     exits(0, "read = [ + true, ]"),
	},
	"data-sources/mcp_servers": {
		// It looks at no tool.
		"unknown": exits(0), "collision": exits(0), "contradiction": exits(0), "control": exits(0), "code mode": exits(0),
	},
	"from-a-script": {
		"unknown":       exits(0, `+ servers_whose_tools_are_not_known = [ + "github", ]`),
		"collision":     exits(0, `+ reachable_tools = [ + "github_b_c", + "github_b_c", ]`),
		"contradiction": exits(0, `+ destructive_tools = [ + "github_erase", ]`, `+ reachable_tools = [ + "github_erase", ]`),
		"control":       exits(0, `+ "github: evil?[2Kfine???x: evil?[2Kfine???x"`, `+ "github_evil?[2Kfine???x"`, `"evil?[2Kfine???x" = [ + [ + "evil?[2Kfine???x", ], ]`),
		"code mode":     exits(0, `+ "github_read"`),
	},
	"gateway": {
		// It looks at no tool, and all traffic goes through Gateway.
		"unknown": exits(0), "collision": exits(0), "contradiction": exits(0), "control": exits(0), "code mode": exits(0),
	},
	"health": {
		"unknown": exits(0, `+ unhealthy_servers = []`), "collision": exits(0), "contradiction": exits(0),
		"control":   exits(0, "- github: status is error; evil?[2Kfine???x (evil?[2Kfine???x)"),
		"code mode": exits(0),
	},
	"no-destructive-tools": {
		"unknown":       exits(1, "not known, so no rule can be checked for them: - github"),
		"collision":     exits(0),
		"contradiction": exits(1, `- github: "erase"`),
		"control":       exits(1, `- github: "`+evilSeen+`"`),
		"code mode":     exits(0),
	},
	"official-provider": {
		"unknown":       exits(1, "so that no entries can be written for them: github."),
		"collision":     exits(0, `+ name = "b_c"`),
		"contradiction": exits(0, `+ enabled = true + name = "erase"`), // as decisions.json says, not as the portal has it
		"control":       exits(1, `- github: "`+evilSeen+`"`),
		"code mode":     exits(0, `+ name = "read"`),
	},
	"recipes/not-synchronised": {
		// It looks at no tool, and all have just synchronised.
		"unknown": exits(0), "collision": exits(0), "contradiction": exits(0), "control": exits(0), "code mode": exits(0),
	},
	"recipes/staging-and-production": {
		// The two portals are the same one.
		"unknown":   exits(0, `+ not_known = [ + "production: github", + "staging: github", ]`),
		"collision": exits(0, "No changes."), "contradiction": exits(0, "No changes."), "control": exits(0, "No changes."), "code mode": exits(0, "No changes."),
	},
	"recipes/tools-by-key": {
		"unknown":       exits(1, "are not known, so some may be gone: github"),
		"collision":     exits(0, `terraform_data.tool["github/b_c"]`, `terraform_data.tool["github_b/c"]`),
		"contradiction": exits(0, `terraform_data.tool["github/erase"]`),
		"control":       exits(0, `terraform_data.tool["github/evil?[2Kfine???x"]`),
		"code mode":     exits(0, `terraform_data.tool["github/read"]`),
	},
	"recipes/tools-lists": {
		"unknown":   exits(1, "not known, so no rule can be checked for them: - engineering/github"),
		"collision": exits(0), "contradiction": exits(0), "control": exits(0, "tools_lists = (sensitive value)"), "code mode": exits(0),
	},
	"recipes/who-changed": {
		// It looks at no tool.
		"unknown": exits(0), "collision": exits(0), "contradiction": exits(0), "control": exits(0), "code mode": exits(0),
	},
	"terraform-test": {
		"unknown":       exits(1, "Servers whose tools are not known: github"),
		"collision":     exits(0),
		"contradiction": exits(1, `In reach, and maybe destructive: github: "erase"`),
		"control":       exits(1, `In reach, and maybe destructive: github: "`+evilSeen+`"`),
		"code mode":     exits(0),
	},
	"tools-list": {
		// It prints nothing of them; what it writes has a test of its own.
		"unknown":   exits(1, "not known, so no rule can be checked for them: - github"),
		"collision": exits(0), "contradiction": exits(0), "control": exits(0, "tools_list = (sensitive value)"), "code mode": exits(0),
	},
	"unique-names": {
		"unknown":       exits(1, "no rule can be checked for their names: - github"),
		"collision":     exits(1, "- github_b", `- "github_b_c (b_c of github)", "github_b_c (c of github_b)"`),
		"contradiction": exits(0),
		"control":       exits(1, `invisible ones: - github: "github_`+evilSeen+`"`),
		"code mode":     exits(0),
	},
	"who-can-do-what": {
		"unknown":       exits(0, "github ? ? no", "its tools are not known"),
		"collision":     exits(0, `github 1 0 `, `tools on: "b_c"`, `github_b 1 0 `, `tools on: "c"`),
		"contradiction": exits(0, `github 1 1 `, `tools on: ! "erase"`),
		"control":       exits(0, `github 2 2 `, `tools on: ! "[\"\\u001b[2K\\n\"]" (assumed) ! "`+evilSeen+`"`),
		"code mode":     exits(0, `github 1 0 `, `tools on: "read"`),
	},
}

// readNoPortalsTools are those of them that don't show a portal's tools, so that no
// warning about these is due.
var readNoPortalsTools = []string{"access/reach", "data-sources/mcp_portal_access", "data-sources/mcp_server", "data-sources/mcp_servers", "official-provider"}

// otherExamples need no row: what they say is tested with what is behind them.
var otherExamples = []string{
	"provider",                                                                // reads nothing
	"data-sources/mcp_portal_baseline",                                        // internal/baseline
	"drift",                                                                   // internal/baseline
	"official-provider/catalogue", "terraform-test/portal", "tools-list/list", // modules of examples above
}

func TestExamplesInScenarios(t *testing.T) {
	t.Parallel()
	for folder, expected := range examplesInScenarios {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			if mocks := map[bool]string{false: "1.7", true: "1.8"}[cli.OpenTofu]; folder == "terraform-test" && !cliIsAtLeast(t, mocks) {
				t.Skipf("%s has no mocks in its tests; %s has", cli.Name(), mocks)
			}
			e := open(t, folder, "portal_id="+engineering, "account_id="+account, "zone_id=fa4e00000000000000000000000000aa", "hostname=mcp.example.com",
				"staging="+engineering, "production="+engineering, `required={device_posture={integration_uid="managed"}}`)
			for _, name := range portalapi.FixtureNames() {
				var portal struct{ ID string }
				must(t, json.Unmarshal(portalapi.Fixture(name), &portal))
				e.api.Portal(portal.ID).Delete()
			}
			if strings.HasPrefix(folder, "data-sources/") {
				e.write("terraform.tf", requireProvider)
			}
			if folder == "official-provider" {
				e.env = append(e.env, "TF_CLI_CONFIG_FILE="+withOfficialProvider(t))
			}
			e.run("init").exits(0)
			for name := range scenarios {
				e.serve(name)
				want, ok := expected[name]
				if !ok {
					t.Errorf("nothing is expected in the scenario %q", name)
				}
				var r result
				if folder == "terraform-test" {
					r = e.run("test", "-filter=tests/portal.tftest.hcl")
				} else {
					r = e.run("plan")
				}
				r.exits(want.code).says(want.says...)
				if !slices.Contains(readNoPortalsTools, folder) && name == "contradiction" {
					r.says("Overrides contradict each other", `server "github": tool "erase"`)
				}
				printed := r.printed
				if folder == "account-audit" { // what its baseline shows is tested with that
					_, printed, _ = strings.Cut(printed, "Warning: ")
				}
				if i := strings.IndexFunc(printed, unprintable); i >= 0 {
					t.Errorf("%s: prints %+.40q", name, printed[i:])
				}
			}
		})
	}
}

// serve puts the portal of the scenario in the place of engineering, and its
// servers in that of the account's.
func (e *example) serve(scenario string) {
	e.t.Helper()
	s := scenarios[scenario]
	now := time.Now().UTC().Format(time.RFC3339)
	var servers []string
	for _, fields := range append([]string{`"id":"github",` + s.github}, s.servers...) {
		server := `{"status":"ready","error":"","last_synced":"` + now + `","last_successful_sync":"` + now + `","prompts":[],"auth_type":"oauth",` + fields + `}`
		if strings.Contains(fields, `"status"`) {
			server = strings.Replace(server, `"status":"ready","error":"",`, "", 1)
		}
		servers = append(servers, server)
	}
	e.api.Server("github").Put([]byte(servers[0]))
	e.api.Portal(engineering).Put(fmt.Appendf(nil,
		`{%s"id":%q,"hostname":"mcp.example.com","name":"Engineering","secure_web_gateway":true,"servers":[%s]}`, s.portal, engineering, strings.Join(servers, ",")))
}

// unprintable reports whether a terminal may obey r instead of showing it.
func unprintable(r rune) bool { return r != '\n' && unicode.In(r, unicode.C) }

// Who adds an example has to say what it does in each scenario, and which version
// of the provider it needs. It has a block for the provider.
func TestEveryExampleIsInScenarios(t *testing.T) {
	t.Parallel()
	must(t, fs.WalkDir(os.DirFS(tree), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".tf" {
			return err
		}
		folder := path.Dir(name)
		if examplesInScenarios[folder] == nil {
			if !slices.Contains(otherExamples, folder) {
				t.Errorf("examples/%s: not in examplesInScenarios", folder)
			}
			return nil
		}
		raw, err := fs.ReadFile(os.DirFS(tree), name)
		if strings.Contains(string(raw), "mcp-portals/mcp") && !strings.Contains(string(raw), `version = "~> 0.0"`) {
			t.Errorf("examples/%s: no version of the provider", name)
		}
		if text := string(raw); strings.Contains(text, "mcp-portals/mcp") && !strings.Contains(text, `provider "mcp" {}`) {
			t.Errorf("examples/%s: no provider block, so that Terraform speaks first if there are no credentials", name)
		}
		return err
	}))
}
