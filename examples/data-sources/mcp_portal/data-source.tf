# By its id.
data "mcp_portal" "engineering" {
  id = "engineering"
}

# By the host name that MCP clients are given.
data "mcp_portal" "by_hostname" {
  hostname = "mcp.example.com"
}

# The names of the tools that the configuration exposes. Servers choose names and
# errors; the replacement keeps control characters out of the terminal.
output "reachable_tools" {
  value = [for t in data.mcp_portal.engineering.effective_tools : replace(t.name, "/\\p{C}/", "?") if t.enabled]
}

# Servers whose tools are not known, nor what they expose.
output "unknown" {
  value = [for s in data.mcp_portal.engineering.servers : s.server_id if !s.tools_known]
}

# The status of each server.
output "servers" {
  value = {
    for s in data.mcp_portal.by_hostname.servers :
    s.server_id => replace("${coalesce(s.status, "unknown")}: ${try(coalesce(s.error), "no error")}", "/\\p{C}/", "?")
  }
}
