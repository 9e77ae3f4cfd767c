# Every server of the account, whether or not a portal uses it.
data "mcp_servers" "all" {}

data "mcp_portals" "all" {}

# Servers that no portal uses.
output "servers_in_no_portal" {
  value = setsubtract(
    [for s in data.mcp_servers.all.servers : s.id],
    flatten([for p in data.mcp_portals.all.portals : p.servers[*].id]),
  )
}

# Servers whose login needs attention.
output "servers_that_need_a_login" {
  value = [
    for s in data.mcp_servers.all.servers : s.id
    if contains(["required", "stale"], coalesce(s.authentication_status, "unknown"))
  ]
}
