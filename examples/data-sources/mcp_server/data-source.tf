# A server by its id, whether or not a portal uses it.
data "mcp_server" "github" {
  id = "github"
}

# Whether each tool is declared read-only, by name; null if the tools are not known.
# The server chooses the names; the replacement keeps control characters out of the
# terminal.
output "read_only" {
  value = data.mcp_server.github.tools_known ? {
    for t in data.mcp_server.github.tools :
    replace(t.name, "/\\p{C}/", "?") => try(t.annotations.read_only_hint, null)... if t.name != null
  } : null
}
