package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// baselineOf returns what is accepted of the portal if it is accepted as it is.
func baselineOf(t *testing.T, portal portalapi.Portal) string {
	t.Helper()
	current := new(cloudflare.Portal)
	must(t, wirejson.NewDecoder(t.Context(), portal.JSON()).Decode(current))
	return baseline.New(current, baseline.Options{}).Text()
}

// commented returns the commands that the comment at the top of an example shows.
func commented(t *testing.T, folder string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(tree, filepath.FromSlash(folder), "main.tf"))
	must(t, err)
	var script strings.Builder
	for line := range strings.Lines(string(raw)) {
		if command, ok := strings.CutPrefix(line, "#   "); ok {
			script.WriteString(command)
		}
	}
	if script.Len() == 0 {
		t.Fatalf("examples/%s shows no command", folder)
	}
	return script.String()
}

// shell runs a script in the example's folder, in which terraform is the CLI.
func (e *example) shell(script string, env ...string) {
	e.t.Helper()
	needsShell(e.t)
	cmd := exec.CommandContext(e.t.Context(), "bash", "-eo", "pipefail", "-c", `terraform() { "$CLI" "$@"; }`+"\n"+script)
	cmd.Dir = e.dir
	cmd.Env = append(mirror.Env(e.env...), append(env, "CLI="+cli.Path)...)
	output, err := cmd.CombinedOutput()
	e.t.Logf("%s\n%s", script, output)
	must(e.t, err)
}

// needsShell skips the test where the commands of a pipeline can't be run.
func needsShell(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the pipelines run on Linux")
	}
	for _, name := range []string{"bash", "git", "jq", "base64"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no %s", name)
		}
	}
}

func (e *example) read(name string) string {
	e.t.Helper()
	raw, err := os.ReadFile(filepath.Join(e.dir, name))
	must(e.t, err)
	return string(raw)
}

// The file beside the example is that of the portal it was made from. A portal that
// only synced is no drift, whatever its servers' state became; a single tool that was
// turned on is, and the plan names it and nothing else.
func TestDrift(t *testing.T) {
	t.Parallel()
	e := initialised(t, "drift", "portal_id="+engineering)
	e.plan().exits(0).says("No changes.")

	portal := e.api.Portal(engineering)
	portal.Sync(time.Now())
	expireLogin(portal.Server("github"))
	portal.Server("github").Set("authentication_status", `"stale"`)
	portal.Server("slack").Set("status", `"ready"`)
	portal.Server("linear").Set("error", `""`).Remove("error_details")
	e.plan().exits(0).says("No changes.")

	portal.Server("github").Tool("delete_branch").Enable(true)
	e.plan().exits(2).
		says(`Changes to Outputs: + drift = "github: tool delete_branch was turned on"`).
		omits("search_repositories", "jira", "last_synced", "modified_at")

	// What widens comes first.
	portal.Server("browser").Set("description", `"Another."`)
	e.plan().exits(2).says("+ drift = <<-EOT github: tool delete_branch was turned on browser: description")

	e.write("baseline.json", baselineOf(t, portal))
	e.plan().exits(0).says("No changes.")
	if _, err := os.Stat(filepath.Join(e.dir, "terraform.tfstate")); err == nil {
		t.Error("there is a state")
	}
}

// Only what widens stops a pipeline that asks for that; the rest is reported.
func TestDriftStops(t *testing.T) {
	t.Parallel()
	e := initialised(t, "drift", "portal_id="+engineering, "stop_if_widened=true")
	e.plan().exits(0)
	portal := e.api.Portal(engineering)
	portal.Server("browser").Set("description", `"Another."`)
	e.plan().exits(2).says(`+ drift = "browser: description`)
	portal.Server("github").Tool("delete_branch").Enable(true)
	e.plan().exits(1).says("Agents can do more than was agreed to: - github: tool delete_branch was turned on").omits("browser: description")
}

// Nothing is accepted before somebody has, and a file that is gone silences nobody.
// The command that the example shows writes what the plan read, byte for byte.
func TestDriftIsAccepted(t *testing.T) {
	t.Parallel()
	e := initialised(t, "drift", "portal_id="+engineering, "stop_if_widened=true")
	want := e.read("baseline.json")
	must(t, os.Remove(filepath.Join(e.dir, "baseline.json")))
	e.plan().exits(2).says(`+ drift = "Nothing has been accepted yet: baseline.json is missing or empty."`)
	e.write("baseline.json", "")
	e.plan().exits(2).says(`+ drift = "Nothing has been accepted yet: baseline.json is missing or empty."`)

	// Nor does it take anything else that the configuration reads.
	e.write("look.tf", "data \"mcp_portal\" \"look\" {\n  id = var.portal_id\n}\n")
	accept := commented(t, "drift")
	e.shell(accept)
	if got := e.read("baseline.json"); got != want || want != baselineOf(t, e.api.Portal(engineering)) {
		t.Errorf("examples/drift/baseline.json should be\n%s", got)
	}
	e.plan().exits(0)

	// What was not plain text comes back as it was.
	e.api.Portal(engineering).Server("github").Tool("delete_branch").
		Set("description", `"'$(touch x) ${x} %{if} \u001b[2K\u202e\u0000 <&> é\n"`)
	e.shell(accept)
	e.plan().exits(0)
	if got := e.read("baseline.json"); got != baselineOf(t, e.api.Portal(engineering)) {
		t.Errorf("written: %s", got)
	}
}

func TestDriftOnOddPortals(t *testing.T) {
	t.Parallel()
	e := initialised(t, "drift", "portal_id="+odd)
	setOdd(t, e.api)
	e.plan().exits(1).says(`portal "engineering"`) // whose baseline it is
	// A server without an id, one whose id occurs twice, and an override of nothing.
	portal := e.api.Portal(odd)
	portal.
		Add("servers", `{"name":"Nameless","tools":[{"name":"lost"}]}`).
		Add("servers", `{"id":"bare","name":"Another","tools":[{"name":"bear"}],"updated_tools":[{"enabled":true},{"name":null},{"name":"gone","enabled":true}]}`)
	e.write("baseline.json", baselineOf(t, portal))
	e.plan().exits(0)
	portal.Sync(time.Now())
	e.plan().exits(0)
	portal.Server("both-keys").Tool("odd.name with spaces").Override.Set("enabled", "false")
	e.plan().exits(2).says("tool odd.name with spaces was turned off")
	portal.Server("both-keys").Add("tools", evilTool)
	r := e.plan().exits(2)
	if i := strings.IndexFunc(r.printed, unprintable); i >= 0 {
		t.Errorf("prints %+.40q", r.printed[i:])
	}

	e.write("baseline.json", "")
	e.plan("-var=portal_id=" + portalapi.PortalIDEmpty).exits(2).omits("Error")
}

// Every portal is watched, and one that is new or gone is named.
func TestAccountAudit(t *testing.T) {
	t.Parallel()
	e := initialised(t, "account-audit")
	for _, portal := range []string{"ugly", "synced-never", "minimal"} {
		e.api.Portal(portal).Delete()
	}
	e.plan().exits(2).says(
		`engineering = "Nothing has been accepted yet: baselines/engineering.json is missing or empty."`,
		"- engineering: slack: status is waiting - engineering: slack: never synchronised", "- engineering: figma: status is error",
		"Servers whose traffic bypasses Secure Web Gateway: - engineering: github",
		"Servers whose tools are not known, so that nothing can be said of them: - engineering: slack",
		`- engineering: browser: "run_script"`,
		`input schema allows additional properties: - engineering: github: "run_workflow" - engineering: docs: "2fa.setup"`).
		omits("engineering: linear: status")
	must(t, os.Mkdir(filepath.Join(e.dir, "baselines"), 0o755))
	e.shell(commented(t, "account-audit"))
	if got := e.read("baselines/engineering.json"); got != baselineOf(t, e.api.Portal(engineering)) {
		t.Errorf("written: %s", got)
	}
	e.plan().exits(0)
	e.api.Portal(engineering).Sync(time.Now())
	e.plan().exits(0)

	e.api.Portal(engineering).Server("github").Tool("delete_branch").Enable(true)
	e.api.Portal("my-mcp-portal").Delete()
	e.plan().exits(2).says(`engineering = "github: tool delete_branch was turned on"`, `my-mcp-portal = "The portal is gone."`).
		omits("Nothing has been accepted")
}

// An account of odd portals, and one without any.
func TestAccountAuditOnOddPortals(t *testing.T) {
	t.Parallel()
	e := initialised(t, "account-audit")
	e.api.Portal(engineering).Delete()
	e.run("plan").exits(0).omits("Error").says("- ugly: bare: status is unknown - ugly: bare: never synchronised", `- ugly: both-keys: "true_schema"`)

	e.env = append(e.env, "CLOUDFLARE_ACCOUNT_ID="+portalapi.EmptyAccountID)
	e.plan().exits(0).omits("Error", "Warning")
}
