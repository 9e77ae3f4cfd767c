package provider_test

import (
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// A portal of whose servers the API says null is read as one without servers,
// and never without a word.
func TestUnknownServersAreAWarning(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Portal("none").Put([]byte(`{"id":"none","servers":[]}`))
	api.Portal("other").Put([]byte(`{"id":"other","servers":null}`))
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	const intro = `Cloudflare's API answered with null for the servers of `
	for name, test := range map[string]struct {
		dataSource string
		config     values
		want       string
	}{
		"by id":           {"mcp_portal", values{"id": portalapi.PortalIDEmpty}, intro + `"empty".`},
		"by hostname":     {"mcp_portal", values{"hostname": "mcp.example.com.example.net"}, intro + `"empty".`},
		"baseline":        {"mcp_portal_baseline", values{"id": portalapi.PortalIDEmpty}, intro + `"empty".`},
		"all":             {"mcp_portals", nil, intro + `"empty", "other".`},
		"an empty list":   {"mcp_portal", values{"id": "none"}, ""},
		"none is found":   {"mcp_portals", values{"search": "nothing has this"}, ""},
		"those are known": {"mcp_portal", values{"id": portalapi.PortalIDFull}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := p.read(t, test.dataSource, test.config)
			requireDiagnostics(t, response.Diagnostics, false, test.want != "")
			for _, d := range response.Diagnostics {
				if d.Summary != "The servers of a portal are not known" || !strings.HasPrefix(d.Detail, test.want) {
					t.Errorf("%s: %s", d.Summary, d.Detail)
				}
			}
		})
	}
}
