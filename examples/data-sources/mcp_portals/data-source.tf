# Every portal of the account, from all pages.
data "mcp_portals" "all" {}

# The portals that the API finds by id, name or host name.
data "mcp_portals" "staging" {
  search = "staging"
}

# One instance for each portal: of a module, a resource or, as here, a note that stays
# in the state. Servers choose the names; the replacement keeps control characters out
# of the terminal.
resource "terraform_data" "report" {
  for_each = { for p in data.mcp_portals.all.portals : p.id => p }

  input = {
    hostname        = each.value.hostname
    servers         = [for s in each.value.servers : s.server_id]
    reachable_tools = [for t in each.value.effective_tools : replace(t.name, "/\\p{C}/", "?") if t.enabled]
    unknown         = [for s in each.value.servers : s.server_id if !s.tools_known]
  }
}

output "portals_in_staging" {
  value = [for p in data.mcp_portals.staging.portals : p.hostname]
}
