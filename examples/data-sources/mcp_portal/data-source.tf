# By its id.
data "mcp_portal" "engineering" {
  id = "engineering"
}

# By the host name that MCP clients are given.
data "mcp_portal" "by_hostname" {
  hostname = "mcp.example.com"
}

# The names of the tools that an MCP client sees.
output "reachable_tools" {
  value = [for t in data.mcp_portal.engineering.effective_tools : t.name if t.enabled]
}

# Each server and how it is doing.
output "servers" {
  value = {
    for s in data.mcp_portal.by_hostname.servers :
    s.server_id => join(": ", compact([s.status, s.error]))
  }
}
