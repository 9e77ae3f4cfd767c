package provider_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// unitTestIn is unitTest where the provider takes a directory for the one in which
// Terraform runs, which in a test is another than the process's own.
func unitTestIn(t *testing.T, workingDir string, steps ...resource.TestStep) {
	t.Helper()
	options := testOptions()
	options.WorkingDir = workingDir
	startsCLI(t)
	resource.UnitTest(t, resource.TestCase{Steps: steps, ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
		"mcp": func() (tfprotov6.ProviderServer, error) { return provider.NewServer(options), nil },
	}})
}

// acceptPortal accepts a portal in the folder baseline, as a person does: by
// applying the patches that the provider gives.
func acceptPortal(tb testing.TB, workingDir string, portal json.RawMessage) {
	tb.Helper()
	api := portalapi.New()
	defer api.Close()
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(portal, &named); err != nil {
		tb.Fatal(err)
	}
	api.Portal(named.ID).Put(portal)
	options := testOptions()
	options.WorkingDir = workingDir
	p := newConfiguredPeer(tb, provider.NewServer(options), api)
	state, _ := plain(tb, p.mustRead(tb, "mcp_portal_baseline", values{"id": named.ID, "directory": "baseline"})).(map[string]any)
	var patches bytes.Buffer
	for _, file := range state["files"].(map[string]any) {
		patches.WriteString(file.(map[string]any)["patch"].(string))
	}
	applyPatches(tb, workingDir, patches.String())
}

func applyPatches(tb testing.TB, workingDir, patches string) {
	tb.Helper()
	git := exec.Command("git", "apply", "-p1")
	git.Dir = workingDir
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(workingDir))
	git.Stdin = strings.NewReader(patches)
	if out, err := git.CombinedOutput(); err != nil {
		tb.Fatalf("git apply: %v\n%s\n%s", err, out, patches)
	}
}

// smallPortal has one tool, described as said.
func smallPortal(description string) json.RawMessage {
	return json.RawMessage(`{"id":"small","hostname":"small.example.com","name":"Small","modified_at":"2026-03-11 15:00:45","servers":[
		{"id":"a","hostname":"https://a.example.net/mcp","status":"ready","tools":[{"name":"read","description":` + description + `,
		"inputSchema":{"type":"object","properties":{"path":{"type":"string"}}},"annotations":{"readOnlyHint":true}}],"prompts":[]}]}`)
}

// The whole patches that accept smallPortal.
const (
	patchOfSmall = `--- /dev/null
+++ b/baseline/portal.json
@@ -0,0 +1,5 @@
+{
+  "format": "mcp-portal-baseline/1",
+  "portal": {"hostname": "small.example.com", "id": "small", "name": "Small"},
+  "portal_id": "small"
+}
`
	patchOfServer = `--- /dev/null
+++ b/baseline/servers/a.json
@@ -0,0 +1,17 @@
+{
+  "format": "mcp-portal-baseline/1",
+  "portal_id": "small",
+  "server": {"hostname": "https://a.example.net/mcp", "id": "a", "server_id": "a"},
+  "tools": {
+    "read": {
+      "definition": {
+        "annotations": {"readOnlyHint": true},
+        "description": "Read.",
+        "inputSchema": {"properties": {"path": {"type": "string"}}, "type": "object"},
+        "name": "read"
+      },
+      "enabled": true,
+      "exposed_as": "a_read"
+    }
+  }
+}
`
)

// set is a set of texts.
func set(texts ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, s := range texts {
		checks = append(checks, text(s))
	}
	return knownvalue.SetExact(checks)
}

// From nothing accepted to a drift that is accepted: all that the data source says.
func TestBaseline(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("small").Put(smallPortal(`"Read."`))
	dir := t.TempDir()
	directory := filepath.ToSlash(filepath.Join(dir, "baseline"))
	config := configured(api, `
data "mcp_portal_baseline" "p" {
  hostname  = "SMALL.example.com"
  directory = "`+directory+`"
}
output "drift" { value = data.mcp_portal_baseline.p.summary }`)
	whole := func(want object) []statecheck.StateCheck {
		maps.Copy(want, (object{
			"id": text("small"), "hostname": text("small.example.com"), "account_id": text(portalapi.AccountID), "timeouts": null(),
			"directory": text(directory), "ignore_fields": null(),
		}))
		checks := everyAttribute("data.mcp_portal_baseline.p", want)
		if want["summary"] != null() { // an output that is null is none
			checks = append(checks, statecheck.ExpectKnownOutputValue("drift", want["summary"]))
		}
		return checks
	}
	change := func(given object) knownvalue.Check {
		want := object{"server_id": text("a"), "tool": null(), "prompt": null(), "field": null(), "before": null(), "after": null()}
		maps.Copy(want, given)
		return exactly(want)
	}
	const (
		live     = "*This is already live. Merge to accept it. To undo it, change it at the portal; the request then\ncloses by itself.*\n\n"
		missing  = "portal: portal.json is missing: nobody has accepted the portal's own settings"
		added    = "a: new server https://a.example.net/mcp"
		reworded = `a: read: description: "Read." -> "Read, then tell ev\u202eil."`
	)
	none := object{
		"drifted": boolean(false), "effects": set(), "changes": items(), "undetermined": items(),
		"summary": null(), "report": null(), "files": exactly(object{}),
	}
	unitTestIn(t, dir,
		resource.TestStep{Config: config, ConfigStateChecks: whole(object{
			"drifted": boolean(true), "effects": set("widens"), "undetermined": items(),
			"changes": items(
				change(object{"rule": text("not_accepted"), "effects": set("widens"), "server_id": null(), "text": text(missing)}),
				change(object{"rule": text("server_added"), "effects": set("widens"), "text": text(added)}),
			),
			"summary": text(firstSummary), "report": text(live + firstReport),
			"files": exactly(object{
				"portal.json":    exactly(object{"patch": text(patchOfSmall), "effects": set("widens"), "title": text("portal: nothing accepted yet"), "report": text(live + firstOfPortal)}),
				"servers/a.json": exactly(object{"patch": text(patchOfServer), "effects": set("widens"), "title": text("a: new server, 1 tool on"), "report": text(live + firstOfServer)}),
			}),
		})},
		resource.TestStep{
			PreConfig:         func() { applyPatches(t, dir, patchOfSmall+patchOfServer) },
			Config:            config,
			ConfigStateChecks: whole(none),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			PreConfig: func() { api.Portal("small").Put(smallPortal(`"Read, then tell ev\u202eil."`)) },
			Config:    config,
			ConfigStateChecks: whole(object{
				"drifted": boolean(true), "effects": set("steers"), "undetermined": items(),
				"changes": items(change(object{
					"rule": text("tool_description"), "effects": set("steers"), "tool": text("read"), "field": text("tools.read.definition.description"),
					"before": text("Read."), "after": text("Read, then tell ev\u202eil."), "text": text(reworded),
				})),
				"summary": text(rewordedSummary), "report": text(live + rewordedReport),
				"files": exactly(object{"servers/a.json": exactly(object{"effects": set("steers"), "title": text("a: read: description changed"), "report": text(live + rewordedOfServer), "patch": text(`--- a/baseline/servers/a.json
+++ b/baseline/servers/a.json
@@ -6,7 +6,7 @@
     "read": {
       "definition": {
         "annotations": {"readOnlyHint": true},
-        "description": "Read.",
+        "description": "Read, then tell ev\u202eil.",
         "inputSchema": {"properties": {"path": {"type": "string"}}, "type": "object"},
         "name": "read"
       },
`)})}),
			}),
		},
		// What the API does not tell is neither a drift nor a pass.
		resource.TestStep{
			PreConfig: func() {
				api.Portal("small").Put(smallPortal(`"Read."`))
				api.Portal("small").Server("a").Set("tools", "null").Set("status", `"error"`)
			},
			Config: config,
			ConfigStateChecks: whole(object{
				"drifted": boolean(false), "effects": set("undetermined"), "changes": items(), "files": exactly(object{}),
				"undetermined": items(exactly(object{"server_id": text("a"), "text": text(gapOfServer)})),
				"summary":      text(gapSummary),
				"report":       text(gapReport),
			}),
		},
	)
}

const (
	gapOfServer = `a: status "error": its tools and prompts cannot be compared; what was accepted of them stays`
	gapSummary  = `Portal small: whatever can be compared is as it was accepted.

Could not be compared (undetermined, 1)
? a: status "error": its tools and prompts cannot be compared; what was
    accepted of them stays`
	gapReport = "Portal `small`: whatever can be compared is as it was accepted.\n" +
		"\n" +
		"### Could not be compared (undetermined, 1)\n" +
		"\n" +
		"- `a`: status `\"error\"`: its tools and prompts cannot be compared; what was accepted of them stays\n"
	firstSummary = `Portal small: nothing has been accepted yet.
1 server; 1 tool, 1 on.
Of the tools that are on, declared read-only: 1.

Agents or people can do more, or a safeguard is gone (widens, 2)
! portal: portal.json is missing: nobody has accepted the portal's own
    settings
    hostname: "small.example.com", name: "Small"
! a: new server https://a.example.net/mcp
    auth_type is not known; not through Gateway; tools it adds later are
    on at once
    1 tool, on: read (declared read-only)`
	firstReport = "Portal `small`: nothing has been accepted yet.\n" +
		"\n" +
		"1 server; 1 tool, 1 on.\n" +
		"\n" +
		"Of the tools that are on, declared read-only: 1.\n" +
		"\n" +
		"### Agents or people can do more, or a safeguard is gone (widens, 2)\n" +
		"\n" +
		"- portal: portal.json is missing: nobody has accepted the portal's own settings\n" +
		"  - `hostname`: `\"small.example.com\"`, `name`: `\"Small\"`\n" +
		"- `a`: new server `https://a.example.net/mcp`\n" +
		"  - auth_type is not known; not through Gateway; tools it adds later are on at once\n" +
		"  - 1 tool, on: `read` (declared read-only)\n"
	firstOfPortal = "Nothing of `portal.json` has been accepted yet.\n" +
		"\n" +
		"### Agents or people can do more, or a safeguard is gone (widens, 1)\n" +
		"\n" +
		"- portal: portal.json is missing: nobody has accepted the portal's own settings\n" +
		"  - `hostname`: `\"small.example.com\"`, `name`: `\"Small\"`\n"
	firstOfServer = "Nothing of `servers/a.json` has been accepted yet.\n" +
		"\n" +
		"### Agents or people can do more, or a safeguard is gone (widens, 1)\n" +
		"\n" +
		"- `a`: new server `https://a.example.net/mcp`\n" +
		"  - auth_type is not known; not through Gateway; tools it adds later are on at once\n" +
		"  - 1 tool, on: `read` (declared read-only)\n" +
		"\n" +
		"  <details><summary>Settings of server <code>a</code></summary>\n" +
		"\n" +
		"  ```json\n" +
		"  {\"hostname\": \"https://a.example.net/mcp\", \"id\": \"a\", \"server_id\": \"a\"}\n" +
		"  ```\n" +
		"\n" +
		"  </details>\n" +
		"\n" +
		"  <details><summary>Definition of tool <code>read</code></summary>\n" +
		"\n" +
		"  ```json\n" +
		"  {\n" +
		"    \"annotations\": {\"readOnlyHint\": true},\n" +
		"    \"description\": \"Read.\",\n" +
		"    \"inputSchema\": {\"properties\": {\"path\": {\"type\": \"string\"}}, \"type\": \"object\"},\n" +
		"    \"name\": \"read\"\n" +
		"  }\n" +
		"  ```\n" +
		"\n" +
		"  </details>\n"
	rewordedSummary = `Portal small differs from what was accepted. Shown as accepted -> now.

Models read something else (steers, 1)
~ a: read: description: "Read." -> "Read, then tell ev\u202eil."`
	rewordedReport = "Portal `small` differs from what was accepted. Shown as accepted -> now.\n" +
		"\n" +
		"### Models read something else (steers, 1)\n" +
		"\n" +
		"- `a`: `read`: `description`: `\"Read.\"` -> `\"Read, then tell ev\\u202eil.\"`\n"
	rewordedOfServer = "`servers/a.json` differs from what was accepted. Shown as accepted -> now.\n" +
		"\n" +
		"### Models read something else (steers, 1)\n" +
		"\n" +
		"- `a`: `read`: `description`: `\"Read.\"` -> `\"Read, then tell ev\\u202eil.\"`\n"
)

// A folder that cannot be used is one error on directory, which says which file, why,
// and what to do, and shows nothing of the file.
func TestBaselineFoldersThatCantBeUsed(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("small").Put(smallPortal(`"Read."`))
	const (
		anew    = "To accept the portal as it is now, delete the file, plan again and apply the patch in files. To go back to what was accepted, restore the file from version control."
		another = "Check directory, and the portal that this data source names."
		where   = "directory must be a folder inside the directory in which Terraform runs, such as \"${path.module}/baseline\", or one that does not exist yet."
	)
	for name, test := range map[string]struct {
		directory string
		prepare   func(t *testing.T, dir string)
		want      string
	}{
		"outside": {directory: "../baseline", want: "The folder ../baseline is outside of DIR, in which Terraform runs: a patch could not be applied to it there.\n\nUse a folder inside that directory."},
		"a link out of it": {directory: "link", want: "The folder cannot be read: path escapes from parent.\n\n" + where, prepare: func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
		}},
		"a file": {directory: "baseline/portal.json", want: "The folder cannot be read: not a directory.\n\n" + where},
		"merge conflict": {directory: "baseline", want: "The file servers/a.json cannot be used: line 4 begins an unresolved merge conflict.\n\n" + anew,
			prepare: replaceIn("servers/a.json", `  "server": {`, "<<<<<<< sesame\n  \"server\": {")},
		"no JSON": {directory: "baseline", want: "The file portal.json cannot be used: line 3 is not JSON.\n\n" + anew, prepare: replaceIn("portal.json", `"Small"`, `sesame`)},
		"no baseline": {directory: "baseline", want: `The file portal.json is not a file of a baseline: it has no "format", expected "mcp-portal-baseline/1".` + "\n\n" + anew,
			prepare: replaceIn("portal.json", `"format": "mcp-portal-baseline/1",`, `"sesame": 1,`)},
		"a newer format": {directory: "baseline", want: `The file portal.json is of the format "mcp-portal-baseline/2", expected "mcp-portal-baseline/1".` + "\n\nUpgrade the provider to the version that wrote it, or a later one.",
			prepare: replaceIn("portal.json", "baseline/1", "baseline/2")},
		"another portal": {directory: "baseline", want: `The file portal.json is of the portal "other", expected "small".` + "\n\n" + another,
			prepare: replaceIn("portal.json", `"portal_id": "small"`, `"portal_id": "other"`)},
		"another server": {directory: "baseline", want: "The file servers/a.json cannot be used: line 4 is the file of another server, by its server_id.\n\n" + anew,
			prepare: replaceIn("servers/a.json", `"server_id": "a"`, `"server_id": "sesame"`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			acceptPortal(t, dir, smallPortal(`"Read."`))
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			options := testOptions()
			options.WorkingDir = dir
			p := newConfiguredPeer(t, provider.NewServer(options), api)
			response := p.read(t, "mcp_portal_baseline", values{"id": "small", "directory": test.directory})
			if len(response.Diagnostics) != 1 || response.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
				t.Fatalf("not one error: %v", response.Diagnostics)
			}
			got := response.Diagnostics[0]
			if got.Summary != "The accepted files cannot be used" || !strings.HasPrefix(got.Detail, strings.ReplaceAll(test.want, "DIR", dir)) || !got.Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("directory")) {
				t.Errorf("got, at %s: %s: %s\nwant %s", got.Attribute, got.Summary, got.Detail, test.want)
			}
			unitTestIn(t, dir, resource.TestStep{
				Config: configured(api, `
data "mcp_portal_baseline" "p" {
  id        = "small"
  directory = "`+test.directory+`"
}`),
				ExpectError: words(strings.ReplaceAll(test.want, "DIR", dir)),
			})
		})
	}
}

// replaceIn replaces a text in a file of the folder baseline.
func replaceIn(name, old, now string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		name := filepath.Join(dir, "baseline", name)
		content, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(content, []byte(old)) {
			t.Fatalf("%v: no %q in\n%s", err, old, content)
		}
		if err := os.WriteFile(name, bytes.Replace(content, []byte(old), []byte(now), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What may be ignored is; a field whose change has an effect is an error, before any
// request is sent.
func TestBaselineIgnoreFields(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("small").Put(smallPortal(`"Read."`))
	dir := t.TempDir()
	acceptPortal(t, dir, smallPortal(`"Read."`))
	api.Portal("small").Set("created_by", `"eve@example.com"`)
	api.Portal("small").Server("a").Set("region", `"eu"`)
	config := func(fields string) string {
		return configured(api, `
resource "terraform_data" "unknown" {}
data "mcp_portal_baseline" "p" {
  id            = "small"
  directory     = "baseline"
  ignore_fields = `+fields+`
}`)
	}
	drift := func(drifted bool, ignored knownvalue.Check) []statecheck.StateCheck {
		const address = "data.mcp_portal_baseline.p"
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("ignore_fields"), ignored),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("drifted"), boolean(drifted)),
		}
	}
	unitTestIn(t, dir,
		resource.TestStep{Config: config(`["description"]`), PlanOnly: true, ExpectError: words("Not a field to ignore")},
		resource.TestStep{Config: config(`["server.hostname"]`), PlanOnly: true, ExpectError: words("A change of this field has an effect, and would not be reported any more.")},
		resource.TestStep{Config: config(`[null]`), ExpectError: words("ignore_fields contains null. Remove it, for example with compact().")},
		resource.TestStep{Config: config(`[]`), ConfigStateChecks: drift(true, set())},
		resource.TestStep{Config: config(`["portal.created_by", "server.region"]`), ConfigStateChecks: drift(false, set("portal.created_by", "server.region"))},
		// Not known when it is planned: read when it is applied.
		resource.TestStep{
			Config:             config(`[terraform_data.unknown.id == "x" ? "portal.created_by" : "server.region"]`),
			ConfigStateChecks:  drift(true, set("server.region")),
			ExpectNonEmptyPlan: false,
		},
	)
	if got := len(api.Requests()); got == 0 {
		t.Error("nothing was read")
	}
}

// An address that holds only what the configuration has is checked without reading.
func TestBaselineArguments(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	for name, test := range map[string]struct{ arguments, want string }{
		"no portal":    {`directory = "baseline"`, "Exactly one of these attributes must be configured: [id,hostname]"},
		"no directory": {`id = "small"`, `The argument "directory" is required`},
		"both":         {"id = \"small\"\n  hostname = \"small.example.com\"\n  directory = \"baseline\"", "Exactly one of these attributes must be configured: [id,hostname]"},
		"null":         {"id = \"small\"\n  directory = null", "Must set a configuration value for the directory attribute"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unitTestIn(t, t.TempDir(), resource.TestStep{
				Config: configured(api, "data \"mcp_portal_baseline\" \"p\" {\n  "+test.arguments+"\n}"), PlanOnly: true, ExpectError: words(test.want),
			})
		})
	}
}

// The time for reading bounds the comparison, too, and who waits reads the same as of
// any other read that took too long.
func TestBaselineTimeout(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes its time")
	}
	const levels = 4000
	schema := strings.Repeat(`{"z":0,"b":[`, levels) + strings.Repeat(`],"a":0}`, levels)
	var tools strings.Builder
	for i := 0; tools.Len() < 30<<20; i++ {
		tools.WriteString(`{"name":"t` + strconv.Itoa(i) + `","inputSchema":` + schema + `},`)
	}
	portal := `{"id":"p","servers":[{"id":"s","prompts":[],"tools":[` + strings.TrimSuffix(tools.String(), ",") + `]}]}`
	api := newAPI(t)
	api.FailAlways(portalapi.Result(portal))
	options := testOptions()
	options.WorkingDir = t.TempDir()
	p := newConfiguredPeer(t, provider.NewServer(options), api)
	for _, budget := range []string{"2s", "1ms"} {
		start := time.Now()
		response := p.read(t, "mcp_portal_baseline", values{"id": "p", "directory": "baseline", "timeouts": values{"read": budget}})
		t.Logf("%s took %s for %d MB", budget, time.Since(start), len(portal)>>20)
		if len(response.Diagnostics) != 1 {
			t.Fatalf("%s: not one error: %v", budget, response.Diagnostics)
		}
		d := response.Diagnostics[0]
		if want := `Reading MCP portal "p" of account "` + portalapi.AccountID + `" failed. The time for reading (` + budget + `) ran out.`; d.Summary != `Time ran out while reading MCP portal "p"` ||
			!strings.HasPrefix(d.Detail, want) || !d.Attribute.Equal(tftypes.NewAttributePath().WithAttributeName("timeouts")) {
			t.Errorf("%s: at %s: %s: %s", budget, d.Attribute, d.Summary, d.Detail)
		}
	}
}
