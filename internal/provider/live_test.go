package provider_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// TestLivePortal reads a portal from Cloudflare, twice: nothing may change in
// between. It sends nothing but GET.
func TestLivePortal(t *testing.T) {
	t.Parallel()
	startsCLI(t)
	id := os.Getenv("MCP_PORTAL_ID")
	if id == "" || os.Getenv("CLOUDFLARE_API_TOKEN") == "" || os.Getenv("CLOUDFLARE_ACCOUNT_ID") == "" {
		t.Skip("the live test needs CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and MCP_PORTAL_ID in the environment")
	}
	config := fmt.Sprintf(`
data "mcp_portal" "live" { id = %q }
data "mcp_portals" "all" {}
data "mcp_servers" "all" {}
output "listed" { value = contains(data.mcp_portals.all.portals[*].id, data.mcp_portal.live.id) }`, id)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"mcp": func() (tfprotov6.ProviderServer, error) {
				return provider.NewServer(provider.Options{Version: "live-test"}), nil
			},
		},
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.mcp_portal.live", tfjsonpath.New("id"), knownvalue.StringExact(id)),
				statecheck.ExpectKnownOutputValue("listed", knownvalue.Bool(true)),
			}},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
