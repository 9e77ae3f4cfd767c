package tfcli

import (
	"slices"
	"testing"
)

func TestPatchesOf(t *testing.T) {
	t.Parallel()
	got, err := patchesOf([]byte(`{"prior_state":{"values":{"root_module":{"resources":[
		{"type":"mcp_portal","values":{"files":"of something else"}},
		{"type":"mcp_portal_baseline","values":{"files":{"servers/b.json":{"patch":"2"},"portal.json":{"patch":"1"}}}},
		{"type":"mcp_portal_baseline","values":{"files":{}}}]}}}}`))
	if want := []string{"1", "2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := patchesOf([]byte(`{}`)); err != nil || len(got) > 0 {
		t.Errorf("of no plan: %q, %v", got, err)
	}
}
