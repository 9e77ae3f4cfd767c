package baseline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// What servers published, several versions of each, is what this is for: with a
// folder of it in MCP_CATALOGUES, one version is accepted and the other compared.
// Each file is named SERVER@VERSION.json, and holds "tools" and "prompts".
func TestCatalogues(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("MCP_CATALOGUES")
	if folder == "" {
		t.Skip("no recorded catalogues: set MCP_CATALOGUES to a folder of them")
	}
	names, err := filepath.Glob(filepath.Join(folder, "*@*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogues in MCP_CATALOGUES: %v", err)
	}
	versions := map[string][]string{}
	for _, name := range names {
		server := name[:strings.LastIndex(name, "@")]
		versions[server] = append(versions[server], name)
	}
	var changed, widen int
	rules := map[string]int{}
	for _, of := range versions {
		for _, before := range of {
			dir := accept(t, catalogue(t, before))
			for _, after := range of {
				c, w := compareCatalogues(t, dir, before, after, rules)
				changed, widen = changed+c, widen+w
			}
		}
	}
	t.Logf("%d tools changed under their names; of these %d widen; changes by rule: %v", changed, widen, rules)
}

type published struct {
	Tools   []map[string]any  `json:"tools"`
	Prompts []json.RawMessage `json:"prompts"`
}

func catalogue(t *testing.T, name string) string {
	t.Helper()
	var c map[string]json.RawMessage
	if err := json.Unmarshal([]byte(read(t, name)), &c); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"tools", "prompts"} {
		if len(c[list]) == 0 || string(c[list]) == "null" {
			c[list] = json.RawMessage("[]")
		}
	}
	return fmt.Sprintf(`{"id":"p","hostname":"mcp.example.com","name":"P","servers":[{"id":"s","tools":%s,"prompts":%s}]}`, c["tools"], c["prompts"])
}

func compareCatalogues(t *testing.T, dir, before, after string, rules map[string]int) (changed, widen int) {
	t.Helper()
	result := compare(t, dir, catalogue(t, after))
	var b, a published
	for i, target := range []*published{&b, &a} {
		if err := json.Unmarshal([]byte(read(t, []string{before, after}[i])), target); err != nil {
			t.Fatal(err)
		}
	}
	byName := func(p published) map[string]any {
		tools := map[string]any{}
		for _, tool := range p.Tools {
			tools[tool["name"].(string)] = tool
		}
		return tools
	}
	toolsBefore, toolsAfter := byName(b), byName(a)
	var want []string
	for name, tool := range toolsAfter {
		if !reflect.DeepEqual(tool, toolsBefore[name]) {
			want = append(want, name)
		}
	}
	for name := range toolsBefore {
		if toolsAfter[name] == nil {
			want = append(want, name)
		}
	}
	var got []string
	widening := map[string]bool{}
	for _, c := range result.Changes {
		rules[c.Rule]++
		if c.Tool == nil {
			continue
		}
		got = append(got, *c.Tool)
		if strings.HasPrefix(c.Rule, "tool_renamed") {
			got = append(got, *c.Before)
		}
		if toolsBefore[*c.Tool] != nil && toolsAfter[*c.Tool] != nil {
			changed++
			if slices.Contains(c.Effects, baseline.Widens) {
				widening[*c.Tool] = true
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("%s to %s: changes name %q, want %q", filepath.Base(before), filepath.Base(after), got, want)
	}
	var patches strings.Builder
	for _, f := range result.Files {
		patches.WriteString(f.Patch)
	}
	// A line of a renamed tool may stand in the accepted file already.
	patches.WriteString(read(t, filepath.Join(dir, "baseline", "servers", "s.json")))
	for name, tool := range toolsAfter {
		if !reflect.DeepEqual(tool, toolsBefore[name]) {
			requireTexts(t, name, toolsBefore[name], tool, patches.String())
		}
	}
	applied := copyOf(t, dir)
	if len(result.Files) > 0 {
		apply(t, applied, result.Files)
	}
	if again := compare(t, applied, catalogue(t, after)); again.Drifted || len(again.Files) > 0 {
		t.Errorf("%s to %s: applied, it still differs:\n%s", filepath.Base(before), filepath.Base(after), again.Summary)
	}
	names := map[string]bool{}
	for _, c := range result.Changes {
		if c.Tool != nil && toolsBefore[*c.Tool] != nil && toolsAfter[*c.Tool] != nil {
			names[*c.Tool] = true
		}
	}
	return len(names), len(widening)
}

// requireTexts fails unless each line of the texts that are new stands in patches.
func requireTexts(t *testing.T, name string, before, after any, patches string) {
	t.Helper()
	if reflect.DeepEqual(before, after) {
		return
	}
	switch a := after.(type) {
	case map[string]any:
		b, _ := before.(map[string]any)
		for key, value := range a {
			requireTexts(t, name, b[key], value, patches)
		}
	case []any:
		b, _ := before.([]any)
		for i, value := range a {
			var was any
			if i < len(b) {
				was = b[i]
			}
			requireTexts(t, name, was, value, patches)
		}
	case string:
		was, _ := before.(string)
		for line := range strings.SplitSeq(a, "\n") {
			if slices.Contains(strings.Split(was, "\n"), line) {
				continue
			}
			if quoted, _ := json.Marshal(line); line != "" && isPlain(line) && !strings.Contains(patches, strings.Trim(unescapeHTML(string(quoted)), `"`)) {
				t.Errorf("%s: a text is not in the patch: %q", name, line)
			}
		}
	}
}

func isPlain(line string) bool {
	return !strings.ContainsFunc(line, func(r rune) bool { return r >= 0x7f || r < ' ' })
}

func unescapeHTML(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(text)
}

func copyOf(tb testing.TB, dir string) string {
	tb.Helper()
	to := tb.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		tb.Fatal(err)
	}
	return to
}
