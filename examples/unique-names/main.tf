# Requires that each exposed tool has a name of its own, for MCP clients and in Code
# Mode, so that no call reaches another tool than was meant.
# Fails with an error (exit code 1) that names the tools that share a name, the servers
# whose id leads to that, and each server whose tools are not known.
# Change portal_id, and list the exceptions in allowed_ids.

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "portal_id" {
  description = "The id of the portal to guard."
  type        = string
}

variable "allowed_ids" {
  description = "Server ids that are accepted although they contain an underscore, or are \"portal\"."
  type        = set(string)
  default     = []
}

variable "allowed_unknown" {
  description = "Servers that are accepted although their tools are not known, by their id."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  unknown = [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)")
    if !s.tools_known && !contains(var.allowed_unknown, coalesce(s.server_id, "(no id)"))
  ]

  # A portal splits a name at its first underscore, so Cloudflare forbids underscores
  # in server ids, though its API takes them. Its own tools begin with portal_.
  odd_ids = [
    for s in data.mcp_portal.this.servers : s.server_id
    if can(regex("_|^portal$", s.server_id)) && !contains(var.allowed_ids, coalesce(s.server_id, "(no id)"))
  ]

  # In Code Mode a name becomes a JavaScript identifier: - and . become _, a leading
  # digit gets a _ before it, and a reserved word one after it.
  reserved = "await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield"

  # Each tool under the names by which it may be called: the whole name, that name as an
  # identifier, and, within its server, the name without the server's id as an identifier.
  called = flatten([
    for t in data.mcp_portal.this.effective_tools : [
      for name in distinct([
        t.name,
        replace(replace(t.name, "/[-.]/", "_"), "/^[0-9]/", "_$0"),
        "${t.server_id} ${replace(replace(replace(trimprefix(t.name, "${t.server_id}_"), "/[-.]/", "_"), "/^[0-9]/", "_$0"), "/^(${local.reserved})$/", "$${1}_")}",
      ]) : { name = name, tool = "${t.name} (${t.original_name} of ${t.server_id})" }
    ] if t.enabled
  ])

  # Servers choose the names: jsonencode and the replacement keep out control
  # characters, which a terminal would obey.
  shared = distinct([
    for tools in values({ for c in local.called : c.name => c.tool... }) :
    join(", ", [for tool in tools : replace(jsonencode(tool), "/\\p{C}/", "?")]) if length(tools) > 1
  ])
  unprintable = [
    for t in data.mcp_portal.this.effective_tools : "${t.server_id}: ${replace(jsonencode(t.name), "/\\p{C}/", "?")}"
    if t.enabled && can(regex("\\p{C}", t.name))
  ]
}

output "names" {
  description = "How many names there are, each for one tool."
  value       = length([for t in data.mcp_portal.this.effective_tools : t.name if t.enabled])

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers behind portal ${var.portal_id} whose tools are not known, so no rule can be checked for their names:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }

  precondition {
    condition     = length(local.odd_ids) == 0
    error_message = "Server ids behind portal ${var.portal_id} that lead to names of other servers, or of the portal's own tools:\n${join("\n", [for id in local.odd_ids : "  - ${id}"])}"
  }

  precondition {
    condition     = length(local.shared) == 0
    error_message = "Tools behind portal ${var.portal_id} that share a name, for clients or as an identifier in Code Mode:\n${join("\n", [for tools in local.shared : "  - ${tools}"])}"
  }

  precondition {
    condition     = length(local.unprintable) == 0
    error_message = "Names of tools behind portal ${var.portal_id} that contain control characters or invisible ones:\n${join("\n", [for name in local.unprintable : "  - ${name}"])}"
  }
}
