package baseline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// A folder that cannot be used is an error that says where and why, and repeats
// nothing of a file but its format and its portal's id.
func TestFoldersThatCantBeUsed(t *testing.T) {
	t.Parallel()
	replace := func(old, now string) func(string) string {
		return func(text string) string {
			if !strings.Contains(text, old) {
				panic("the file has no " + old)
			}
			return strings.Replace(text, old, now, 1)
		}
	}
	const secret = "hunter2"
	for name, test := range map[string]struct {
		file string
		edit func(string) string
		want string
	}{
		"empty":                              {"portal.json", func(string) string { return "" }, "the file portal.json cannot be used: line 1 is not JSON"},
		"no JSON":                            {"servers/git.json", replace(`"enabled": true,`, `"enabled": tru`+secret+`,`), "the file servers/git.json cannot be used: line 11 is not JSON"},
		"more behind it":                     {"portal.json", func(text string) string { return text + secret }, "the file portal.json cannot be used: line 14 is not JSON"},
		"no UTF-8":                           {"portal.json", replace("For engineers", "For \xff"+secret), "the file portal.json cannot be used: line 6 is not JSON"},
		"merge conflict":                     {"servers/git.json", replace(`  "server": {`, "<<<<<<< HEAD\n  \"server\": {"), "the file servers/git.json cannot be used: line 15 begins an unresolved merge conflict"},
		"no format":                          {"portal.json", replace(`"format": "mcp-portal-baseline/1",`, ""), `the file portal.json is not a file of a baseline: it has no "format", expected "mcp-portal-baseline/1"`},
		"another format":                     {"portal.json", replace("mcp-portal-baseline/1", "something\\u202e else"), `the file portal.json is of the format "something\u202e else", expected "mcp-portal-baseline/1"`},
		"a long format":                      {"portal.json", replace("mcp-portal-baseline/1", strings.Repeat("ab", 100)), `the file portal.json is of the format "` + strings.Repeat("ab", 32) + `"…, expected "mcp-portal-baseline/1"`},
		"a higher format":                    {"portal.json", replace("baseline/1", "baseline/2"), `the file portal.json is of the format "mcp-portal-baseline/2", expected "mcp-portal-baseline/1"`},
		"another portal":                     {"servers/git.json", replace(`"portal_id": "p"`, `"portal_id": "q"`), `the file servers/git.json is of the portal "q", expected "p"`},
		"another server":                     {"servers/git.json", replace(`"server_id": "git"`, `"server_id": "gut"`), "the file servers/git.json cannot be used: line 15 is the file of another server, by its server_id"},
		"a key twice":                        {"servers/git.json", replace(`  "server": {`, `  "tools": {}, "server": {`), "the file servers/git.json cannot be used: line 34 has a key for the second time"},
		"a key of the portal twice":          {"portal.json", replace(`"hostname"`, `"name": "Q", "hostname"`), "the file portal.json cannot be used: line 9 has a key for the second time"},
		"a key of the server twice":          {"servers/git.json", replace(`    "auth_type"`, `    "on_behalf": false, "auth_type"`), "the file servers/git.json cannot be used: line 31 has a key for the second time"},
		"a key of the login twice":           {"servers/git.json", replace(`"token_endpoint"`, `"issuer": "x", "token_endpoint"`), "the file servers/git.json cannot be used: line 18 has a key for the second time"},
		"a key of a definition twice":        {"servers/git.json", replace(`"description": "Review."`, `"description": "x", "description": "Review."`), "the file servers/git.json cannot be used: line 8 has a key for the second time"},
		"a tool twice":                       {"servers/git.json", replace(`    "delete": {`, `    "write": {"enabled": false, "definition": {}}, "delete": {`), "the file servers/git.json cannot be used: line 62 has a key for the second time"},
		"a key too many":                     {"portal.json", replace(`"portal_id"`, `"`+secret+`": 1, "portal_id"`), "the file portal.json cannot be used: line 12 has a key that no file of a baseline has there"},
		"a wrong type":                       {"servers/git.json", replace(`"enabled": true,`, `"enabled": "`+secret+`",`), "the file servers/git.json cannot be used: line 11 holds a value of the wrong type"},
		"a list":                             {"portal.json", func(string) string { return `["` + secret + `"]` }, `the file portal.json is not a file of a baseline: it has no "format", expected "mcp-portal-baseline/1"`},
		"JSON in the folder of another kind": {"servers/package.json", func(string) string { return `{"name":"` + secret + `"}` }, `the file servers/package.json is not a file of a baseline: it has no "format", expected "mcp-portal-baseline/1"`},
		"not in NFC":                         {"portal.json", replace("For engineers", "For e\u0301ngineers"), "the file portal.json cannot be patched: Terraform would change line 6, which is not in Unicode's form NFC. Delete the file, to have it written anew"},
		"deep":                               {"portal.json", func(string) string { return strings.Repeat("[", 20000) + strings.Repeat("]", 20000) }, "the file portal.json cannot be used: line 1 is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := accept(t, portalOfScenes)
			file := filepath.Join(dir, "baseline", test.file)
			before, _ := os.ReadFile(file)
			write(t, file, test.edit(string(before)))
			_, err := tryCompare(t.Context(), t, dir, portalOfScenes)
			if _, ok := errors.AsType[*baseline.FolderError](err); !ok || err.Error() != test.want || strings.Contains(err.Error(), secret) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// What people and systems do to a file without changing what it says is no drift.
func TestContentIsCompared(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(string) string{
		"Windows' line ends": func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
		"byte order mark":    func(text string) string { return "\uFEFF" + text },
		"indented otherwise": func(text string) string { return strings.ReplaceAll(text, "  ", "\t") },
		"on one line":        func(text string) string { return strings.ReplaceAll(text, "\n", "") },
		"nulls": func(text string) string {
			return strings.Replace(text, `"server": {`, `"server": {"status":"x","nothing":null,"empty":[],`, 1)
		},
		"no end of line": strings.TrimSpace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := accept(t, portalOfScenes)
			file := filepath.Join(dir, "baseline", "servers", "git.json")
			write(t, file, edit(read(t, file)))
			if result := compare(t, dir, portalOfScenes); result.Drifted || len(result.Files) > 0 {
				t.Errorf("it differs:\n%s", result.Summary)
			}
			// A patch of it applies, and leaves what it is written in.
			portal := edited(t, portalOfScenes, git+"tools.0.description", `"Search more."`, git+"tools.-1", `{"name":"zz"}`)
			apply(t, dir, compare(t, dir, portal).Files)
			if result := compare(t, dir, portal); result.Drifted {
				t.Errorf("patched, it differs:\n%s", result.Summary)
			}
			if crlf := strings.Contains(read(t, file), "\r\n"); crlf != (name == "Windows' line ends") {
				t.Errorf("patched, lines end in CRLF: %t", crlf)
			}
		})
	}
}

func TestIgnoreFields(t *testing.T) {
	t.Parallel()
	dir := accept(t, portalOfScenes)
	portal := edited(t, portalOfScenes, "created_by", `"eve"`, git+"region", `"eu"`, git+"auth_config_summary.registration_info.pkce", `true`, git+"tools.-1", `{"name":"region","region":"eu"}`)
	ignored := []string{"portal.created_by", "server.region", "login.pkce"}
	requireLines(t, linesOf(compare(t, dir, portal, ignored...)), []string{`tool_added [widens] git region`})
	// What was accepted before a field was ignored is no drift.
	apply(t, dir, compare(t, dir, portal).Files)
	requireLines(t, linesOf(compare(t, dir, portalOfScenes, ignored...)), []string{`tool_removed [breaks] git region`})
}

// Nobody can silence a rule: what may be ignored has no known effect.
func TestCanIgnore(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "open", "destinations", "email", "outputSchema", "server", "server.", "tool.description", "server.tools", "server.hostname", "server.on_behalf",
		"portal.code_mode", "override.enabled", "override.portal_alias", "override.description", "override.name", "login.issuer", "login.scope", "login.config",
		"server.auth_config_summary", "server.auth_config_summary.config", "tools.search.title", "annotations.title", "prompt.arguments", "server.server_id", "reach.open",
	} {
		if baseline.CanIgnore(name) == "" {
			t.Errorf("%q can be ignored", name)
		}
	}
	for _, name := range []string{"portal.created_by", "portal.modified_by", "server.region", "login.client_secret_version", "login.anything", "override.note"} {
		if wrong := baseline.CanIgnore(name); wrong != "" {
			t.Errorf("%q cannot be ignored: %s", name, wrong)
		}
	}
}

// Patches lead from the working directory to the folder, whatever it is called.
func TestDirectories(t *testing.T) {
	t.Parallel()
	for _, directory := range []string{"baseline", "./baseline/", "a b/ü", `q"uo\te`, "deep/er/../er", "."} {
		dir := t.TempDir()
		folder, err := baseline.ReadFolder(t.Context(), dir, directory, false)
		if err != nil {
			t.Fatal(err)
		}
		result, err := baseline.Compare(t.Context(), decode(t, portalOfScenes), folder, baseline.Options{})
		if err != nil {
			t.Fatal(err)
		}
		apply(t, dir, result.Files)
		for _, same := range []string{directory, filepath.Join(dir, directory)} {
			folder, err = baseline.ReadFolder(t.Context(), dir, same, false)
			if err != nil {
				t.Fatal(err)
			}
			if result, err = baseline.Compare(t.Context(), decode(t, portalOfScenes), folder, baseline.Options{}); err != nil || result.Drifted {
				t.Errorf("%s: %v, drifted", same, err)
			}
		}
	}
	dir := accept(t, portalOfScenes)
	outside := t.TempDir()
	for _, directory := range []string{"..", "../x", outside, "baseline/../../x"} {
		_, err := baseline.ReadFolder(t.Context(), dir, directory, false)
		if _, ok := errors.AsType[*baseline.FolderError](err); !ok || !strings.Contains(err.Error(), " is outside of "+dir) {
			t.Errorf("%s: %v", directory, err)
		}
	}
	write(t, filepath.Join(dir, "file"), "")
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "x.json"), filepath.Join(dir, "baseline", "servers", "x.json")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outside, "x.json"), "{}")
	for _, directory := range []string{"file", "link", "baseline"} {
		if _, err := baseline.ReadFolder(t.Context(), dir, directory, false); err == nil {
			t.Errorf("%s was read", directory)
		}
	}
}

// Ids that a file system can't hold, or can't tell apart, make other names.
func TestFileNames(t *testing.T) {
	t.Parallel()
	portal := edited(t, portalOfScenes, "servers", `[{"id":"a_B-1","tools":[],"prompts":[]},{"id":"a_b-1","tools":[],"prompts":[]},{"id":"con","tools":[],"prompts":[]},{"id":"../x","tools":[],"prompts":[]},
		{"id":"com1","tools":[],"prompts":[]},{"tools":[{"name":"x"}],"prompts":[]},{"id":"two","hostname":"https://b","tools":[],"prompts":[]},{"id":"two","hostname":"https://a","tools":[],"prompts":[]}]`)
	result := compare(t, t.TempDir(), portal)
	for _, name := range []string{"portal.json", "servers/a_%42-1.json", "servers/a_b-1.json", "servers/%63on.json", "servers/%63om1.json", "servers/%2e%2e%2fx.json", "servers/%.json", "servers/two.json", "servers/two%2.json"} {
		if _, ok := result.Files[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
	dir := t.TempDir()
	apply(t, dir, result.Files)
	if result := compare(t, dir, portal); result.Drifted || len(result.Files) > 0 {
		t.Errorf("accepted, it differs:\n%s", result.Summary)
	}
}
