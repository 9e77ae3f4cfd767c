package portalapi_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		servers, tools int
		size           int // bytes; 0 is not checked
	}{{0, 0, 0}, {1, 0, 0}, {1, 2, 0}, {6, 25, 170_000}} {
		raw := portalapi.Generate(test.servers, test.tools)
		var p portal
		noError(t, json.Unmarshal(raw, &p))
		if p.ID != portalapi.GeneratedID(test.servers, test.tools) || len(p.ID) > 32 || len(p.Servers) != test.servers {
			t.Errorf("got %q with %d servers", p.ID, len(p.Servers))
		}
		for _, s := range p.Servers {
			if len(s.Tools) != test.tools || len(s.UpdatedTools) != test.tools || len(s.Prompts) != 2 {
				t.Fatalf("%s: %d tools, %d overrides, %d prompts", s.ID, len(s.Tools), len(s.UpdatedTools), len(s.Prompts))
			}
		}
		if test.size > 0 && !near(len(raw), test.size) {
			t.Errorf("%d x %d: %d bytes", test.servers, test.tools, len(raw))
		}
		if !bytes.Equal(raw, portalapi.Generate(test.servers, test.tools)) {
			t.Errorf("a second call gave something else")
		}
	}
}

// TestGeneratedSizes looks at the lengths alone: decoding megabytes takes the
// race detector seconds.
func TestGeneratedSizes(t *testing.T) {
	t.Parallel()
	for tools, size := range map[int]int{30: 1_300_000, 100: 4_300_000, 250: 11_000_000} {
		if raw := portalapi.Generate(40, tools); !near(len(raw), size) {
			t.Errorf("40 x %d: %d bytes", tools, len(raw))
		}
	}
}

// near tells whether got is within 15 % of want.
func near(got, want int) bool { return 100*max(got-want, want-got) <= 15*want }
