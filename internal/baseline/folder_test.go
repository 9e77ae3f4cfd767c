package baseline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// A folder that can't be used is an error that says where and why, and repeats
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
		"empty":                              {"portal.json", func(string) string { return "" }, "the file portal.json can't be used: line 1 is no JSON"},
		"no JSON":                            {"servers/git.json", replace(`"enabled": true,`, `"enabled": tru`+secret+`,`), "the file servers/git.json can't be used: line 11 is no JSON"},
		"more behind it":                     {"portal.json", func(text string) string { return text + secret }, "the file portal.json can't be used: line 15 is no JSON"},
		"no UTF-8":                           {"portal.json", replace("For engineers", "For \xff"+secret), "the file portal.json can't be used: line 7 is no JSON"},
		"merge conflict":                     {"servers/git.json", replace(`  "server": {`, "<<<<<<< HEAD\n  \"server\": {"), "the file servers/git.json can't be used: line 15 begins an unresolved merge conflict"},
		"no format":                          {"portal.json", replace(`"format": "mcp-portal-baseline/1",`, ""), `the file portal.json is JSON, but no file of a baseline: it has no "format", and should be "mcp-portal-baseline/1"`},
		"another format":                     {"portal.json", replace("mcp-portal-baseline/1", "something\\u202e else"), `the file portal.json is JSON, but no file of a baseline: its "format" is "something\u202e else", and should be "mcp-portal-baseline/1"`},
		"a long format":                      {"portal.json", replace("mcp-portal-baseline/1", strings.Repeat("ab", 100)), `the file portal.json is JSON, but no file of a baseline: its "format" is "` + strings.Repeat("ab", 32) + `"…, and should be "mcp-portal-baseline/1"`},
		"a higher format":                    {"portal.json", replace("baseline/1", "baseline/2"), `the file portal.json is of the format "mcp-portal-baseline/2", and this version of the provider knows formats up to 1`},
		"another portal":                     {"servers/git.json", replace(`"portal_id": "p"`, `"portal_id": "q"`), `the file servers/git.json is of the portal "q", and this is the portal "p"`},
		"another server":                     {"servers/git.json", replace(`"server_id": "git"`, `"server_id": "gut"`), "the file servers/git.json can't be used: line 15 is the file of another server, by its server_id"},
		"a key twice":                        {"servers/git.json", replace(`  "server": {`, `  "tools": {}, "server": {`), "the file servers/git.json can't be used: line 36 has a key for the second time"},
		"a tool twice":                       {"servers/git.json", replace(`    "delete": {`, `    "write": {"enabled": false, "definition": {}}, "delete": {`), "the file servers/git.json can't be used: line 64 has a key for the second time"},
		"a key too many":                     {"portal.json", replace(`"portal_id"`, `"`+secret+`": 1, "portal_id"`), "the file portal.json can't be used: line 13 has a key that no file of a baseline has there"},
		"a wrong type":                       {"servers/git.json", replace(`"enabled": true,`, `"enabled": "`+secret+`",`), "the file servers/git.json can't be used: line 11 holds a value of the wrong type"},
		"a list":                             {"portal.json", func(string) string { return `["` + secret + `"]` }, `the file portal.json is JSON, but no file of a baseline: it has no "format", and should be "mcp-portal-baseline/1"`},
		"JSON in the folder of another kind": {"servers/package.json", func(string) string { return `{"name":"` + secret + `"}` }, `the file servers/package.json is JSON, but no file of a baseline: it has no "format", and should be "mcp-portal-baseline/1"`},
		"not in NFC":                         {"portal.json", replace("For engineers", "For e\u0301ngineers"), "the file portal.json can't be patched: Terraform would change line 7, which is not in Unicode's form NFC. Delete the file, to have it written anew"},
		"deep":                               {"portal.json", func(string) string { return strings.Repeat("[", 20000) + strings.Repeat("]", 20000) }, "the file portal.json can't be used: line 1 is no JSON"},
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

// A file of a lower format is written anew, and is no drift by itself.
func TestLowerFormat(t *testing.T) {
	t.Parallel()
	dir := accept(t, portalOfScenes)
	file := filepath.Join(dir, "baseline", "servers", "git.json")
	write(t, file, strings.Replace(read(t, file), "baseline/1", "baseline/0", 1))
	result := compare(t, dir, portalOfScenes)
	if result.Drifted || result.Summary != "" || len(result.Effects) > 0 || len(result.Files) != 1 || len(result.Files["servers/git.json"].Effects) > 0 {
		t.Errorf("it is drift: %+v", result)
	}
	apply(t, dir, result.Files)
	if result := compare(t, dir, portalOfScenes); len(result.Files) > 0 {
		t.Errorf("written anew, it still differs: %v", result.Files)
	}
}

func TestIgnoreFields(t *testing.T) {
	t.Parallel()
	dir := accept(t, portalOfScenes)
	portal := edited(t, portalOfScenes, "created_by", `"eve"`, git+"tools.0._meta", `{"v":2}`, git+"tools.-1", `{"name":"created_by"}`)
	requireLines(t, linesOf(compare(t, dir, portal, "created_by", "_meta")), []string{`tool_added [widens] git: created_by is new and on: it claims nothing, so it counts as destructive, it has no description`})
	// What was accepted before the option is no drift with it.
	apply(t, dir, compare(t, dir, portal).Files)
	if result := compare(t, dir, portalOfScenes, "created_by", "_meta"); len(result.Changes) != 1 || result.Changes[0].Rule != "tool_removed" {
		t.Errorf("got\n%s", result.Summary)
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
		if _, ok := errors.AsType[*baseline.FolderError](err); !ok || !strings.Contains(err.Error(), "outside of Terraform's working directory") || strings.Contains(err.Error(), outside) {
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
