# A server by its id, whether it stands in a portal or not.
data "mcp_server" "github" {
  id = "github"
}

# Whether its tools say that they are read-only, by name, before any portal turned one
# off; null if the server gave no list of them. Names are the server's own; the
# replacement keeps control characters out of the terminal.
output "read_only" {
  value = data.mcp_server.github.tools_known ? {
    for t in data.mcp_server.github.tools :
    replace(t.name, "/\\p{C}/", "?") => try(t.annotations.read_only_hint, null)... if t.name != null
  } : null
}
