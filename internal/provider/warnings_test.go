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
		"baseline":        {"mcp_portal_baseline", values{"id": portalapi.PortalIDEmpty, "directory": "none"}, intro + `"empty".`},
		"all":             {"mcp_portals", nil, intro + `"empty", "other".`},
		"an empty list":   {"mcp_portal", values{"id": "none"}, ""},
		"none is found":   {"mcp_portals", values{"search": "nothing has this"}, ""},
		"those are known": {"mcp_portal", values{"id": portalapi.PortalIDFull}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := p.read(t, test.dataSource, test.config)
			got := ""
			for _, d := range response.Diagnostics {
				if d.Summary == "The servers of a portal are not known" {
					got += d.Detail
				}
			}
			if got == "" != (test.want == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Overrides of one tool that disagree are one warning, which names them all.
func TestContradictingOverridesAreAWarning(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	github := api.Portal(portalapi.PortalIDFull).Server("github")
	api.Portal(portalapi.PortalIDFull).Server("data_warehouse").Add("updated_tools", `{"name":"refresh_view","enabled":true}`)
	github.Add("updated_tools", `{"name":"delete_branch","enabled":true}`)
	github.Add("updated_prompts", `{"name":"release\n_notes","enabled":true}`).Add("updated_prompts", `{"name":"release\n_notes","enabled":false}`)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	for _, dataSource := range []string{"mcp_portal", "mcp_portal_baseline", "mcp_portals"} {
		config := values{"id": portalapi.PortalIDFull}
		switch dataSource {
		case "mcp_portals":
			config = values{"search": portalapi.PortalIDFull}
		case "mcp_portal_baseline":
			config["directory"] = "none"
		}
		response := p.read(t, dataSource, config)
		requireDiagnostics(t, response.Diagnostics, false, 1)
		if len(response.Diagnostics) != 1 {
			continue
		}
		for _, want := range []string{
			`portal "engineering", server "github": tool "delete_branch"`,
			`portal "engineering", server "github": prompt "release\n_notes"`,
			`portal "engineering", server "data_warehouse": tool "refresh_view"`,
		} {
			if d := response.Diagnostics[0]; d.Summary != "Overrides contradict each other" || !strings.Contains(d.Detail, want) {
				t.Errorf("%s: %s: %s lacks %s", dataSource, d.Summary, d.Detail, want)
			}
		}
	}
}

// A tool or prompt that is no object keeps nothing from being read: it is left out,
// stands in extra as it was received, and is named in a warning.
func TestStraysAreAWarning(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	const list = `[{"name":"a"},null,"b"]`
	api.Portal("p").Put([]byte(`{"id":"p","servers":[{"id":"ok","tools":[{}]},{"id":"s","tools":` + list + `,"prompts":[[]]}]}`))
	api.Server("s").Put([]byte(`{"id":"s","name":"S","prompts":` + list + `}`))
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	for dataSource, test := range map[string]struct {
		config values
		want   string
	}{
		"mcp_portal":          {values{"id": "p"}, "  portal \"p\", servers[1].tools[1]\n  portal \"p\", servers[1].tools[2]\n  portal \"p\", servers[1].prompts[0]\n"},
		"mcp_portals":         {values{"search": "p"}, "  portal \"p\", servers[1].tools[1]\n"},
		"mcp_portal_baseline": {values{"id": "p", "directory": "none"}, "servers[1].prompts[0]\n"},
		"mcp_server":          {values{"id": "s"}, "  prompts[1]\n  prompts[2]\n"},
		"mcp_servers":         {values{"search": "s"}, "].prompts[1]\n"},
	} {
		response := p.read(t, dataSource, test.config)
		found := false
		for _, d := range response.Diagnostics {
			found = found || d.Summary == "A server's list holds something that is no tool or prompt" && strings.Contains(d.Detail, test.want)
			if isError(d) {
				t.Errorf("%s: %s: %s", dataSource, d.Summary, d.Detail)
			}
		}
		if !found {
			t.Errorf("%s: got %v", dataSource, response.Diagnostics)
		}
	}
	state := plain(t, p.mustRead(t, "mcp_portal", values{"id": "p"})).(map[string]any)
	server := state["servers"].([]any)[1].(map[string]any)
	if tools := server["tools"].([]any); len(tools) != 1 || server["extra"].(map[string]any)["tools"] != list || len(state["effective_tools"].([]any)) != 2 {
		t.Errorf("tools %v, extra %v", tools, server["extra"])
	}
	// What Cloudflare itself writes is an error, as before.
	api.Portal("p").Put([]byte(`{"id":"p","servers":[{"id":"s","updated_tools":[null]}]}`))
	if response := p.read(t, "mcp_portal", values{"id": "p"}); len(response.Diagnostics) != 1 || !isError(response.Diagnostics[0]) {
		t.Errorf("got %v", response.Diagnostics)
	}
}
