package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

func TestRename(t *testing.T) {
	t.Parallel()
	const address = "registry.opentofu.org/mcp-portals/mcp"
	for printed, want := range map[string]string{
		`{"provider_schemas":{"registry.opentofu.org/mcp-portals/mcp":{"provider":{"version":0}}}}`: `{"provider_schemas":{"mcp":{"provider":{"version":0}}}}`,
		`{"provider_schemas":{"registry.terraform.io/mcp-portals/mcp":{}}}`:                         "",
		"Error: something": "",
	} {
		got, err := rename([]byte(printed), address)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %s, %v", printed, got, err)
		}
	}
}

// The page says each rule as the code has it.
func TestRulesAreOnThePage(t *testing.T) {
	t.Parallel()
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "data-sources", "portal_baseline.md"))
	if err != nil {
		t.Fatal(err)
	}
	table := rulesTable(baseline.Rules())
	if !strings.Contains(string(page), table) {
		t.Error("the page of mcp_portal_baseline has other rules than internal/baseline: run make docs")
	}
	for row := range strings.SplitSeq(table, "\n") {
		if strings.Count(row, "|") != 4 {
			t.Errorf("%s has a cell too many: a sentence of a rule can't have a |", row)
		}
	}
}

func TestInsertRules(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	for page, ok := range map[string]bool{"a\n" + rulesHere + "\nb\n": true, "none": false, rulesHere + rulesHere: false} {
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := insertRules(file); (err == nil) != ok {
			t.Errorf("%q: %v", page, err)
		}
		got, err := os.ReadFile(file)
		if want := "a\n" + rulesTable(baseline.Rules()) + "\nb\n"; err != nil || ok && string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
