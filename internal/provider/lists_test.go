package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

func TestPortals(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	config := configured(api, `
data "mcp_portals" "all" {}
data "mcp_portals" "some" { search = "UGLY" }
data "mcp_portals" "none" { account_id = "`+portalapi.EmptyAccountID+`" }
output "ids" { value = data.mcp_portals.all.portals[*].id }`)
	var ids []knownvalue.Check
	for _, name := range portalapi.FixtureNames() {
		ids = append(ids, text(fmt.Sprint(parse(t, string(portalapi.Fixture(name))).(map[string]any)["id"])))
	}
	unitTest(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("ids", items(ids...)),
			statecheck.ExpectKnownValue("data.mcp_portals.all", tfjsonpath.New("account_id"), text(portalapi.AccountID)),
			statecheck.ExpectKnownValue("data.mcp_portals.all", tfjsonpath.New("search"), null()),
			statecheck.ExpectKnownValue("data.mcp_portals.some", tfjsonpath.New("portals"), knownvalue.ListSizeExact(1)),
			statecheck.ExpectKnownValue("data.mcp_portals.some", tfjsonpath.New("portals").AtSliceIndex(0).AtMapKey("id"), text(portalapi.PortalIDUgly)),
			statecheck.ExpectKnownValue("data.mcp_portals.none", tfjsonpath.New("portals"), items()),
			statecheck.ExpectKnownValue("data.mcp_portals.none", tfjsonpath.New("account_id"), text(portalapi.EmptyAccountID)),
		}},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}},
	)
}

func TestServers(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.Server("lone").Put([]byte(`{"id":"lone","name":"Lone","status":"ready","default_disabled":true,"tools":[{"name":"a"}],"new":1}`))
	unitTest(t, resource.TestStep{
		Config: configured(api, `
data "mcp_servers" "all" {}
data "mcp_server" "each" {
  count = length(data.mcp_servers.all.servers)
  id    = data.mcp_servers.all.servers[count.index].id
}
data "mcp_server" "lone" { id = "lone" }
data "mcp_servers" "none" { account_id = "`+portalapi.EmptyAccountID+`" }
output "same" {
  value = alltrue([for i, s in data.mcp_servers.all.servers : jsonencode(s) == jsonencode({
    for name, value in data.mcp_server.each[i] : name => value if !contains(["account_id", "timeouts"], name)
  })])
}
output "unattached" { value = contains(data.mcp_servers.all.servers[*].id, "`+portalapi.ServerIDUnattached+`") }`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("same", boolean(true)),
			statecheck.ExpectKnownOutputValue("unattached", boolean(true)),
			statecheck.ExpectKnownValue("data.mcp_servers.none", tfjsonpath.New("servers"), items()),
			statecheck.ExpectKnownValue("data.mcp_server.lone", tfjsonpath.New("server_id"), text("lone")),
			// What belongs to a portal's mapping is not lost if the API gives it here.
			statecheck.ExpectKnownValue("data.mcp_server.lone", tfjsonpath.New("extra"), extra(object{"default_disabled": text("true"), "new": text("1")})),
		},
	})
}

func TestUnknownServer(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	unitTest(t, resource.TestStep{
		Config:      configured(api, `data "mcp_server" "s" { id = "nope" }`),
		ExpectError: words(`MCP server "nope" not found`),
	})
}

// TestErrorsAreTheSameOnEveryDataSource lets the same fault meet each of them.
func TestErrorsAreTheSameOnEveryDataSource(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.FailAlways(portalapi.APIError(403, portalapi.Error{Code: 10000, Message: "Authentication error"}))
	for _, config := range []string{
		`data "mcp_portal" "x" { id = "x" }`,
		`data "mcp_portal" "x" { hostname = "x.example.com" }`,
		`data "mcp_portals" "x" {}`,
		`data "mcp_server" "x" { id = "x" }`,
		`data "mcp_servers" "x" {}`,
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			unitTest(t, resource.TestStep{Config: configured(api, config), ExpectError: words("10000: Authentication error")})
		})
	}
}

// A server that leaves out both of its ids has the one that was asked for. One with
// another id is an error.
func TestServerWithoutAnID(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	for answer, want := range map[string]any{
		`{"name":"S"}`: "lone",
		`{"name":"S","id":null,"server_id":null}`: "lone",
		`{"name":"S","server_id":"lone"}`:         "lone",
		`{"name":"S","id":"other"}`:               nil,
	} {
		api.ClearFaults()
		api.FailAlways(portalapi.Result(answer))
		response := p.read(t, "mcp_server", values{"id": "lone"})
		if want == nil {
			requireDiagnostics(t, response.Diagnostics, true, 0)
			continue
		}
		state := plain(t, p.mustRead(t, "mcp_server", values{"id": "lone"})).(map[string]any)
		if state["id"] != want || state["server_id"] != want {
			t.Errorf("%s: id %v, server_id %v", answer, state["id"], state["server_id"])
		}
	}
}

// A slip in a file of the stand-in is not blamed on Cloudflare.
func TestSlipInAFileOfTheStandIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "portals"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "portals", "p.json"), []byte("{\n\"id\": \"p\",\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	api := newAPI(t, portalapi.WithFolder(dir, func(error) {}))
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	response := p.read(t, "mcp_portal", values{"id": "p"})
	requireDiagnostics(t, response.Diagnostics, true, 0)
	shown := response.Diagnostics[0].Summary + response.Diagnostics[0].Detail
	if !strings.Contains(shown, "This is a stand-in for Cloudflare's API, and it cannot serve a file: ") || !strings.Contains(shown, "p.json: line 3: ") ||
		strings.Contains(shown, "cloudflarestatus") || len(api.Requests()) != 1 {
		t.Errorf("after %d requests: %s", len(api.Requests()), shown)
	}
}
