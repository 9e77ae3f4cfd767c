package baseline_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// decode reads a portal as the client does.
func decode(tb testing.TB, text string) *cloudflare.Portal {
	tb.Helper()
	portal := new(cloudflare.Portal)
	if err := wirejson.NewDecoder(tb.Context(), []byte(text)).Decode(portal); err != nil {
		tb.Fatal(err)
	}
	return portal
}

// edited returns JSON with some values set; a value that is no JSON is taken away. A
// path has a dot between its steps; -1 is behind the last element of a list.
func edited(tb testing.TB, text string, edits ...string) string {
	tb.Helper()
	root := jsontree.Parse(text)
	for i := 0; i < len(edits); i += 2 {
		steps := strings.Split(edits[i], ".")
		n := root
		for j, step := range steps {
			if edits[i+1] == "" && j == len(steps)-1 {
				if at, err := strconv.Atoi(step); err == nil && n.IsList() {
					n.Items = slices.Delete(slices.Clone(n.Items), at, at+1)
				} else {
					n.Items = slices.DeleteFunc(slices.Clone(n.Items), func(m jsontree.Node) bool { return m.Name() == step })
				}
				break
			}
			n = childOf(n, step)
		}
		if edits[i+1] != "" {
			key := n.Key
			*n = *jsontree.Parse(edits[i+1])
			n.Key = key
		}
		root.Seal()
	}
	return jsontree.Compact(root)
}

// childOf returns what a step leads to, which is made if it is not there.
func childOf(n *jsontree.Node, step string) *jsontree.Node {
	at, err := strconv.Atoi(step)
	switch {
	case n.IsList() && err == nil && at >= 0:
		return &n.Items[at]
	case n.IsList():
		n.Items = append(n.Items, jsontree.Node{Kind: jsontree.Object})
		return &n.Items[len(n.Items)-1]
	case !n.IsObject():
		*n = jsontree.Node{Key: n.Key, Kind: jsontree.Object}
	}
	i := slices.IndexFunc(n.Items, func(m jsontree.Node) bool { return m.Name() == step })
	if i < 0 {
		i = len(n.Items)
		n.Items = append(n.Items, jsontree.Node{Key: jsontree.Quote(step), Kind: jsontree.Object})
	}
	return &n.Items[i]
}

// accept makes a working directory in which a portal has been accepted, in the folder
// baseline.
func accept(tb testing.TB, portal string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, file := range compare(tb, dir, portal).Files {
		write(tb, filepath.Join(dir, "baseline", name), created(file.Patch))
	}
	return dir
}

// created returns the file that a patch creates.
func created(patch string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(patch) {
		if n++; n > 3 { // two names, and where the lines stand
			b.WriteString(strings.TrimPrefix(line, "+"))
		}
	}
	return b.String()
}

func write(tb testing.TB, name, content string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, name string) string {
	tb.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// compare compares a portal with the folder baseline in a working directory.
func compare(tb testing.TB, dir, portal string, ignored ...string) *baseline.Result {
	tb.Helper()
	result, err := tryCompare(tb.Context(), tb, dir, portal, ignored...)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

func tryCompare(ctx context.Context, tb testing.TB, dir, portal string, ignored ...string) (*baseline.Result, error) {
	tb.Helper()
	folder, err := baseline.ReadFolder(ctx, dir, "./baseline", false)
	if err != nil {
		return nil, err
	}
	result, err := baseline.Compare(ctx, decode(tb, portal), folder, baseline.Options{IgnoreFields: ignored})
	if err == nil {
		for _, c := range result.Changes {
			fired.Store(c.Rule, true)
		}
	}
	return result, err
}

// fired are the rules that were reported in a test.
var fired sync.Map

// TestMain fails if a rule was reported in no test, where all have run.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" && !testing.Short() {
		for _, rule := range baseline.Rules() {
			if _, ok := fired.Load(rule.ID); !ok && rule.ID != "too_long" { // which is no change of its own
				fmt.Printf("no test reports a change by the rule %s\n", rule.ID)
				code = 1
			}
		}
	}
	if accepted.dir != "" {
		_ = os.RemoveAll(accepted.dir) // it was ours alone
	}
	os.Exit(code)
}

// apply applies patches as a person does.
func apply(tb testing.TB, dir string, files map[string]baseline.File) {
	tb.Helper()
	var all strings.Builder
	for _, file := range files {
		all.WriteString(file.Patch)
	}
	git := exec.Command("git", "apply", "-p1")
	git.Dir = dir
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	git.Stdin = strings.NewReader(all.String())
	if out, err := git.CombinedOutput(); err != nil {
		tb.Fatalf("git apply: %v\n%s\n%.4000s", err, out, all.String())
	}
}
