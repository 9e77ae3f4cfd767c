# A server by its id, whether it stands in a portal or not.
data "mcp_server" "github" {
  id = "github"
}

# The names and claims of its tools, before any portal turned one off.
output "tools" {
  value = {
    for t in data.mcp_server.github.tools :
    t.name => t.annotations if t.name != null
  }
}
