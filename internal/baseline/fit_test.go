package baseline_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

const maxCharacters = 60_000

// pages returns the summary and the reports, of the portal and of a file.
func pages(tb testing.TB, r *baseline.Result, file string) map[string]string {
	tb.Helper()
	all := map[string]string{"summary": r.Summary, "report": r.Report, "file's report": r.Files[file].Report}
	for name, page := range all {
		if n := utf8.RuneCountInString(page); n > maxCharacters {
			tb.Errorf("the %s has %d characters", name, n)
		}
		if name != "summary" {
			requireInert(tb, page)
		}
	}
	return all
}

// What is too long is cut: definitions, then texts, and names last. It is said what is
// missing, and no server pushes another one out of sight.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	const undecided = "This cannot be decided from this text"
	tools := func(n int, format string) string {
		var all []string
		for i := range n {
			all = append(all, strings.ReplaceAll(format, "N", fmt.Sprintf("%05d", i)))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	paragraph := strings.Repeat("N lorem ipsum ", 60)
	other := []string{docs + "updated_tools.-1", `{"name":"ask","enabled":true}`}
	for name, tt := range map[string]struct {
		before, after string
		names         int // that have to be there
		decides       bool
		joined        int // changes that stand for many
	}{
		"definitions":   {`[]`, tools(400, `{"name":"tool_N","description":"`+paragraph+`"}`), 400, true, 0},
		"names":         {`[]`, tools(20000, `{"name":"tool_N"}`), 0, false, 1},
		"long names":    {`[]`, tools(50, `{"name":"tool_N`+strings.Repeat(" xy", 2000)+`"}`), 0, false, 0},
		"one long name": {`[]`, tools(1, `{"name":"tool_N`+strings.Repeat(" xy", 100_000)+`","description":"D."}`), 0, false, 0},
		"texts": {
			tools(200, `{"name":"tool_N","description":"Before."}`),
			tools(200, `{"name":"tool_N","description":"`+paragraph+`"}`), 200, false, 0,
		},
		"many changes": {
			tools(4000, `{"name":"tool_N","title":"Before N"}`),
			tools(4000, `{"name":"tool_N","title":"After N"}`), 0, false, 0,
		},
		"too many changes": {
			tools(200, `{"name":"tool_N","_meta":{`+strings.TrimSuffix(strings.Repeat(`"kX":1,`, 30), ",")+`}}`), ``, 200, false, 200,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := tt.before, tt.after
			if after == "" { // keys that differ, and values that change
				for i := range 30 {
					before = strings.ReplaceAll(before, `"kX":1`, fmt.Sprintf(`"k%d":1`, i))
				}
				var all []string
				for i := range 200 {
					var keys []string
					for k := range 30 {
						keys = append(keys, fmt.Sprintf(`"k%d":"%d"`, k, i))
					}
					all = append(all, fmt.Sprintf(`{"name":"tool_%05d","_meta":{%s}}`, i, strings.Join(keys, ",")))
				}
				before, after = tools(200, `{"name":"tool_N","_meta":{}}`), "["+strings.Join(all, ",")+"]"
			}
			dir := accept(t, edited(t, portalOfScenes, git+"tools", before, git+"updated_tools", `[]`))
			result := compare(t, dir, edited(t, portalOfScenes, append(other, git+"tools", after, git+"updated_tools", `[]`)...))
			joined := 0
			for _, c := range result.Changes {
				if c.Rule == "many_changes" {
					joined++
				}
			}
			if joined != tt.joined {
				t.Errorf("%d changes stand for many", joined)
			}
			for page, text := range pages(t, result, "servers/git.json") {
				if refuses := strings.HasPrefix(strings.TrimPrefix(text, "*This is already live. Merge to accept it. To undo it, change it at the portal; the request then\ncloses by itself.*\n\n"), undecided); refuses == tt.decides {
					t.Errorf("the %s begins\n%.300s", page, text)
				}
				if len(text) < maxCharacters*2/3 && !tt.decides && name != "one long name" && tt.joined == 0 {
					t.Errorf("the %s has %d bytes", page, len(text))
				}
				for i := range tt.names {
					if tool := fmt.Sprintf("tool_%05d", i); !strings.Contains(text, tool) {
						t.Fatalf("the %s does not name %s", page, tool)
					}
				}
				if entry := "docs: ask: off -> on"; page != "file's report" && !strings.Contains(strings.ReplaceAll(text, "`", ""), entry) {
					t.Errorf("the %s lacks %s", page, entry)
				}
			}
			if tt.decides && !strings.Contains(result.Report, " not shown: see the diff of the request.") {
				t.Errorf("the report begins %.500s", result.Report)
			}
		})
	}
}

// Whatever one of many servers does, what happened at the others is shown.
func TestServersShare(t *testing.T) {
	t.Parallel()
	var servers, changed []string
	for i := range 30 {
		tools := `[{"name":"a","description":"A."}]`
		if i > 0 {
			tools = `[{"name":"a","description":"` + strings.Repeat("ab ", 5000) + `"}]`
		}
		if i == 15 {
			tools = `[{"name":"a","description":"` + strings.Repeat("ab ", 500_000) + `"}]`
		}
		servers = append(servers, fmt.Sprintf(`{"id":"s%02d","tools":[{"name":"a","description":"B."}],"prompts":[]}`, i))
		changed = append(changed, fmt.Sprintf(`{"id":"s%02d","tools":%s,"prompts":[]}`, i, strings.ReplaceAll(tools, "ab", fmt.Sprintf("s%02d", i))))
	}
	portal := func(servers []string) string { return `{"id":"p","servers":[` + strings.Join(servers, ",") + `]}` }
	result := compare(t, accept(t, portal(servers)), portal(changed))
	for page, text := range pages(t, result, "servers/s15.json") {
		if page == "file's report" {
			continue
		}
		for i := 1; i < 30; i++ {
			if n := strings.Count(text, fmt.Sprintf("s%02d ", i)); n < 250 || n > 450 {
				t.Errorf("the %s has %d words of server %d", page, n, i)
			}
		}
	}
}
