package tfcli

import (
	"slices"
	"testing"
)

func TestPatchesOf(t *testing.T) {
	t.Parallel()
	got, err := patchesOf([]byte(`{"prior_state":{"values":{"root_module":{"resources":[
		{"type":"mcp_portal","values":{"files":"of something else"}},
		{"type":"mcp_portal_baseline","values":{"files":{"portal.json":{"patch":"1"},"servers/b.json":{"patch":"2"}}}},
		{"type":"mcp_portal_baseline","values":{"files":{}}}]}}}}`))
	slices.Sort(got) // files are a map
	if want := []string{"1", "2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, plan := range []string{`{}`, `no JSON`} {
		if got, err := patchesOf([]byte(plan)); len(got) > 0 || (err == nil) != (plan == `{}`) {
			t.Errorf("of %s: %q, %v", plan, got, err)
		}
	}
}
