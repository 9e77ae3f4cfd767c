package examples

import "testing"

// A plan tells drift by its exit code, without a state: an output that is null is
// no change.
func TestBaselineNeedsNoState(t *testing.T) {
	t.Parallel()
	e := open(t, "data-sources/mcp_portal_baseline")
	e.write("terraform.tf", `terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}`)
	e.run("init").exits(0)
	e.plan().exits(2).says("Nothing has been accepted yet.")

	portal := e.api.Portal(engineering)
	e.write("baseline.json", baselineOf(t, portal))
	e.plan().exits(0).says("No changes.")

	portal.Server("github").Set("status", `"error"`)
	e.plan().exits(0)

	portal.Server("github").Tool("delete_branch").Enable(true)
	e.plan().exits(2).says(`+ drift = "github: tool delete_branch was turned on"`)

	portal.Server("github").Tool("delete_branch").Enable(false)
	e.plan().exits(0)
}
