package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// TestParallelReads is for the race detector. Terraform reads many data sources at
// the same time, through the plugin's own server. Its logger has fields, which all
// log calls of a request share. Each portal here has rules that name many groups.
func TestParallelReads(t *testing.T) {
	const portals, groups = 10, 40
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("TF_LOG", "DEBUG")
	t.Setenv("TF_ACC_LOG_PATH", log)
	api := newAPI(t)
	var rules []string
	for i := range groups {
		id := fmt.Sprintf("g%d", i)
		api.AccessGroup(id).Put(fmt.Appendf(nil, `{"id":%q,"name":%q,"include":[{"email":{"email":"a@example.com"}}]}`, id, id))
		rules = append(rules, fmt.Sprintf(`{"group":{"id":%q}}`, id))
	}
	for i := range portals {
		id := fmt.Sprintf("race-%d", i)
		api.Portal(id).Put(portalapi.MinimalPortal(id, id+".example.com", id))
		api.AccessApp("app-" + id).Put(fmt.Appendf(nil, `{"id":"app-%s","type":"mcp_portal","domain":"%s.example.com","policies":[{"id":"1","decision":"allow","include":[%s]}]}`,
			id, id, strings.Join(rules, ",")))
	}
	unitTest(t, resource.TestStep{
		Config: configured(api, fmt.Sprintf(`
data "mcp_portal_access" "all" {
  count = %d
  id    = "race-${count.index}"
}
output "open" { value = [for a in data.mcp_portal_access.all : a.reach[0].open] }`, portals)),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("open", items(slices.Repeat([]knownvalue.Check{boolean(false)}, portals)...))},
	})
	logged, err := os.ReadFile(log)
	if err != nil || strings.Count(string(logged), "request to Cloudflare's API") < 3*portals {
		t.Errorf("%v; the log has %d bytes, and does not show the requests", err, len(logged))
	}
}
