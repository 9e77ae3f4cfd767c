package tfcli

import (
	"slices"
	"testing"
)

func TestPatchesOf(t *testing.T) {
	t.Parallel()
	got := patchesOf([]byte(`{"prior_state":{"values":{"root_module":{"resources":[
		{"type":"mcp_portal","values":{"files":"of something else"}},
		{"type":"mcp_portal_baseline","values":{"files":{"portal.json":{"patch":"1"},"servers/b.json":{"patch":"2"}}}},
		{"type":"mcp_portal_baseline","values":{"files":{}}}]}}}}`))
	if want := []string{"1", "2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := patchesOf([]byte(`{}`)); len(got) > 0 {
		t.Errorf("of no plan: %q", got)
	}
}
