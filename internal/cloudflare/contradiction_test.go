package cloudflare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

func TestContradictions(t *testing.T) {
	t.Parallel()
	var p Portal
	if err := wirejson.NewDecoder(t.Context(), []byte(`{"servers":[
		{"id":"a","updated_tools":[
			{"name":"t","enabled":true},{"name":"t","enabled":false},{"name":"t","enabled":false},
			{"name":"agree","enabled":true},{"name":"agree","alias":"x"},
			{"enabled":true},{"enabled":false}]},
		{"id":"b","default_disabled":true,"updated_tools":[{"name":"t","enabled":true},{"name":"t","alias":"x"}],
			"updated_prompts":[{"name":"t","enabled":true},{"name":"p\ud83d","enabled":true},{"name":"p\ude80","enabled":false}]},
		{"id":"c","updated_prompts":[{"name":"p","enabled":false},{"name":"p"}]}]}`)).Decode(&p); err != nil {
		t.Fatal(err)
	}
	want := []Contradiction{{"a", "tool", "t"}, {"b", "tool", "t"}, {"c", "prompt", "p"}}
	if diff := cmp.Diff(want, p.Contradictions()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
