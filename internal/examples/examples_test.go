package examples

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestFormatted(t *testing.T) {
	t.Parallel()
	e := open(t, ".")
	e.run("fmt", "-check", "-recursive", "-diff").exits(0)
}

// requireProvider is what the excerpts under data-sources/ leave out.
const requireProvider = `terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}`

// The examples of the reference documentation do what they show.
func TestReferenceExamples(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string][]string{
		"provider":                {"No changes."},
		"data-sources/mcp_portal": {`"github_read_file"`, `linear = "stale: Credential expired"`, `+ unknown = [ + "slack", + "figma", ]`},
		"data-sources/mcp_portal_access": {
			`+ reached_by_everyone = []`, `+ unguarded = [ + "figma", ]`,
			`= "group Engineers, only with login method Okta of type okta (policy Engineers); people log in only by Okta of type okta"`,
		},
		"data-sources/mcp_portal_baseline": {`+ drift = <<-EOT Portal engineering: nothing has been accepted yet.`},
		"data-sources/mcp_portals":         {`terraform_data.report["engineering"]`, `terraform_data.report["synced-never"]`, "portals_in_staging = []"},
		"data-sources/mcp_server":          {"delete_branch = [ + false, ]"},
		"data-sources/mcp_servers":         {`"` + portalapi.ServerIDUnattached + `"`, `"figma"`},
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			e := open(t, folder, "portal_id="+engineering, "acquired_company_token=made-up")
			if strings.HasPrefix(folder, "data-sources/") {
				// They are excerpts; where the provider comes from stands in examples/provider.
				e.write("terraform.tf", requireProvider)
			}
			e.run("init").exits(0)
			e.run("plan").exits(0).says(want...)
		})
	}
}

// Without credentials, the first error says so. In a configuration without a block
// for the provider Terraform would ask for one first, which helps nobody.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	e := initialised(t, "gateway", "portal_id="+engineering)
	e.env = slices.DeleteFunc(e.env, func(v string) bool { return strings.HasPrefix(v, "CLOUDFLARE_") })
	first := func() string {
		_, after, _ := strings.Cut(e.run("plan").exits(1).text(), "Error: ")
		return after
	}
	const want = "No credentials for Cloudflare's API"
	if got := first(); !strings.HasPrefix(got, want) {
		t.Errorf("the first error is %.80q, want %q", got, want)
	}

	main := strings.Replace(e.read("main.tf"), `provider "mcp" {}`, "", 1)
	e.write("main.tf", main)
	if got := first(); !cli.OpenTofu && strings.HasPrefix(got, want) {
		t.Error("the block is not needed any more: Terraform hands on the provider's error first")
	}
}

// The configurations of the README are whole, and may stand in one file.
func TestREADME(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(tree, "..", "README.md"))
	must(t, err)
	var blocks []string
	for _, after := range strings.Split(string(raw), "```terraform\n")[1:] {
		block, _, _ := strings.Cut(after, "```")
		blocks = append(blocks, block)
	}
	if len(blocks) != 2 {
		t.Fatalf("%d configurations, want 2", len(blocks))
	}
	e := open(t, "gateway")
	e.write("main.tf", strings.Join(blocks, "\n"))
	e.run("fmt", "-check", "-diff").exits(0)
	e.run("init").exits(0)
	e.run("plan").exits(0).says(`+ exposed_tools = [`, `"github_read_file"`, "+ drift", "accepted")
}

func TestFromAScript(t *testing.T) {
	t.Parallel()
	e := initialised(t, "from-a-script", "portal_id="+engineering)
	e.api.Portal(engineering).Server("github").Set("last_synced", text(t, time.Now().UTC().Format(time.DateTime)))
	e.run("plan").exits(0).says(
		`+ not_ready = [ + "slack", + "linear", + "grafana", + "figma", ]`,
		`+ "linear: Credential expired: refresh token expired",`,
		`+ "github_read_file",`,
		`+ destructive_tools = [ + "browser_run_script", ]`,
		`+ list_projects = [ + [], ]`, `+ get_event = [ + [ + "eventId", ], ]`,
		`+ synced_today = [ + "github", ]`,
		`+ toolsets = [ + "repos", ]`,
	).omits("github_delete_branch")

	setOdd(t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(0).says(
		`"server-id-only: upstream said: <html><body>502</body></html>"`, `"both-keys_true_schema"`, `+ "café",`)
}

func TestTerraformTest(t *testing.T) {
	t.Parallel()
	if mocks := map[bool]string{false: "1.7", true: "1.8"}[cli.OpenTofu]; !cliIsAtLeast(t, mocks) {
		t.Skipf("%s has no mocks in its tests; %s has", cli.Name(), mocks)
	}
	e := initialised(t, "terraform-test", "portal_id="+engineering)
	e.run("test").exits(1).says(
		"7 passed, 4 failed.",
		"Not ready, or in error: slack, grafana, figma",
		"Servers whose tools are not known: slack, figma",
		"Not through Secure Web Gateway: github, jira, slack, docs, linear, calendar, figma",
		`In reach, and maybe destructive: github: "create_issue",`)

	makeHealthy(t, e.api, engineering)
	e.api.Portal(engineering).Set("secure_web_gateway", "true")
	for _, server := range serverIDs(t, e.api, engineering) {
		e.api.Portal(engineering).Server(server).Set("tools", "[]")
	}
	e.run("test", "-filter=tests/portal.tftest.hcl").exits(0).says("4 passed, 0 failed.")

	// What is made up needs no account, and nothing is asked.
	e.api.ResetRequests()
	e.env = nil
	e.run("test", "-filter=tests/rules.tftest.hcl").exits(0).says("3 passed, 0 failed.")
	e.run("test", "-filter=tests/drift.tftest.hcl").exits(0).says("4 passed, 0 failed.")
	if n := len(e.api.Requests()); n > 0 {
		t.Errorf("%d requests for made-up portals", n)
	}

	// A configuration that stops for nothing fails its tests.
	e.write("../drift/main.tf", strings.Replace(e.read("../drift/main.tf"), "!local.stop", "!local.stop || true", 1))
	e.run("test", "-filter=tests/drift.tftest.hcl").exits(1).says("what_widens_stops\"... fail")
}

// What the official resource would be given: every tool, in the catalogue's order.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	e := initialised(t, "official-provider/catalogue")
	decisions, err := os.ReadFile(path.Join(e.dir, "..", "decisions.json"))
	must(t, err)
	e.run("apply", "-auto-approve", "-var=decisions="+string(decisions)).exits(0)

	type override struct {
		Name        string
		Enabled     bool
		Alias       *string
		Description *string
	}
	var servers []struct {
		ServerID        string     `json:"server_id"`
		DefaultDisabled bool       `json:"default_disabled"`
		OnBehalf        bool       `json:"on_behalf"`
		UpdatedTools    []override `json:"updated_tools"`
		UpdatedPrompts  []override `json:"updated_prompts"`
	}
	must(t, json.Unmarshal([]byte(e.run("output", "-json", "servers").exits(0).stdout), &servers))
	if len(servers) != 2 || servers[0].ServerID != "github" || servers[1].ServerID != "jira" {
		t.Fatalf("servers %+v", servers)
	}
	alias, description := "read_file", "Read a file of one of our repositories."
	want := []override{
		{"search_repositories", true, nil, nil},
		{"get_file_contents", true, &alias, &description},
		{"create_issue", true, nil, nil},
		{"merge_pull_request", false, nil, nil},
		{"delete_branch", false, nil, nil},
		{"run_workflow", true, nil, nil},
	}
	if !reflect.DeepEqual(servers[0].UpdatedTools, want) {
		t.Errorf("github's tools %+v", servers[0].UpdatedTools)
	}
	want = []override{{"searchIssues", true, nil, nil}, {"getIssue", true, nil, nil}, {"transitionIssue", false, nil, nil}, {"deleteIssue", false, nil, nil}}
	if !servers[1].DefaultDisabled || !reflect.DeepEqual(servers[1].UpdatedTools, want) {
		t.Errorf("jira %+v", servers[1])
	}

	e.run("plan", `-var=decisions={"github":{"tools":{"delete_brnch":{"enabled":false}}},"gone":{}}`).exits(0).says(
		`"tool delete_brnch of github"`, `"server gone"`)
}
