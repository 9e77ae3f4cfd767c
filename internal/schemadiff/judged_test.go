package schemadiff_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

// tries is how many values are tried for each direction of a pair.
const tries = 150

// tally counts what the oracle made of the answers.
type tally struct{ pairs, skipped, more, told, confirmed, narrows, cried int }

// judge compares two schemas, and has the oracle judge the answer.
func (y *tally) judge(t *testing.T, before, after string, tries int, seed uint64) {
	t.Helper()
	b, err := newOracle(before)
	if err != nil {
		y.skipped++
		return
	}
	a, err := newOracle(after)
	if err != nil {
		y.skipped++
		return
	}
	y.pairs++
	result := schemadiff.Compare(parse(t, before), parse(t, after))
	more, less := compare(b, a, tries, seed)
	if more.witness != nil {
		y.more++
	}
	if result.More != nil {
		y.told++
		if more.confirmed {
			y.confirmed++
		}
	}
	if !more.confirmed && less.witness != nil {
		y.narrows++
		if result.More != nil {
			y.cried++
		}
	}
	if more.witness != nil && result.More == nil {
		t.Errorf("more is missed:\n%s\n%s\naccepts %s", before, after, textOf(more.witness))
	}
	if less.witness != nil && result.Less == nil {
		t.Errorf("less is missed:\n%s\n%s\nrejects %s", before, after, textOf(less.witness))
	}
}

// MCP_ORACLE_PAIRS says how many pairs are judged; see make oracle.
func TestOracle(t *testing.T) {
	t.Parallel()
	pairs := 2000
	if testing.Short() {
		pairs = 200
	}
	if text := os.Getenv("MCP_ORACLE_PAIRS"); text != "" {
		var err error
		if pairs, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	var y tally
	for seed := uint64(0); y.pairs < pairs && !t.Failed(); seed++ {
		m := newMaker(seed)
		before := m.root()
		y.judge(t, textOf(before), textOf(m.near(before)), tries, seed)
	}
	t.Logf("%+v", y)
}

// Catalogues are what servers answered to tools/list, several versions of each, in
// files named SERVER@VERSION.json. Those in testdata are made up; with a folder of
// recorded ones in MCP_CATALOGUES, these are judged too.
func TestCatalogues(t *testing.T) {
	t.Parallel()
	folders := []string{"testdata/catalogues"}
	if folder := os.Getenv("MCP_CATALOGUES"); folder != "" {
		folders = append(folders, folder)
	}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*@*.json"))
		if err != nil || len(names) < 2 {
			t.Fatalf("no catalogues in a folder: %v", err)
		}
		var y tally
		for _, before := range names {
			for _, after := range names {
				if before != after && serverOf(before) == serverOf(after) {
					y.judgeCatalogues(t, before, after)
				}
			}
		}
		t.Logf("%s: %+v, %d %% of more confirmed", filepath.Base(folder), y, 100*y.confirmed/max(1, y.told))
		if y.confirmed*100 < y.told*98 {
			t.Errorf("%s: %d of %d upgrades that are told as more are confirmed, want 98 %%", filepath.Base(folder), y.confirmed, y.told)
		}
	}
}

func serverOf(name string) string { return name[:strings.LastIndex(name, "@")] }

func (y *tally) judgeCatalogues(t *testing.T, before, after string) {
	t.Helper()
	b, a := catalogue(t, before), catalogue(t, after)
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if a[name] != "" && a[name] != b[name] {
			told := y.told - y.confirmed
			if y.judge(t, b[name], a[name], 2000, 1); y.told-y.confirmed > told {
				t.Logf("%s to %s, %s: not confirmed", filepath.Base(before), filepath.Base(after), name)
			}
		}
	}
}

// catalogue returns the input schemas of a server's tools.
func catalogue(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Tools []struct {
			Name        string          `json:"name"`
			InputSchema json.RawMessage `json:"inputSchema"`
		} `json:"tools"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	schemas := map[string]string{}
	for _, tool := range c.Tools {
		var compact bytes.Buffer
		if err := json.Compact(&compact, tool.InputSchema); err != nil {
			t.Fatal(err)
		}
		schemas[tool.Name] = compact.String()
	}
	return schemas
}
