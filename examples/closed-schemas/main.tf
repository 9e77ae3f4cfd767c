# Refuses tools that accept undescribed arguments: the input schema of every exposed
# tool must close its objects with additionalProperties (or unevaluatedProperties)
# = false.
# Fails with an error (exit code 1) that names each tool that does not, and each
# server whose tools are not known.
# Change portal_id, and list the exceptions in allowed.

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

# By server and own name, because an alias says nothing about what a tool does, and two
# servers' tools can have the same name for clients.
variable "allowed" {
  description = "Tools that are accepted with an open schema: from a server's id to the list of its tools' own names, such as { browser = [\"open_page\"] }."
  type        = map(set(string))
  default     = {}
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

  # effective_tools goes server by server and tool by tool, as this does, so the
  # tool of a given index is the same in both.
  schemas = [for tool in flatten(data.mcp_portal.this.servers[*].tools) : coalesce(tool.input_schema, "{}")]

  # HCL cannot walk down a schema. So the outermost object must be closed, and in the
  # whole text as many objects must be closed as there are. The guide says what this
  # misses, and which closed schemas it reports.
  closed = [
    for text in local.schemas :
    try(jsondecode(text).additionalProperties, jsondecode(text).unevaluatedProperties, true) == false &&
    length(regexall("\"(additional|unevaluated)Properties\":false", text)) >= length(regexall("\"type\":(\\[[^\\]]*)?\"object\"", text))
  ]

  # Server id => names of its exposed tools whose schema is open.
  open = {
    for i, t in data.mcp_portal.this.effective_tools : t.server_id => t.original_name...
    if t.enabled && !local.closed[i]
  }

  # Servers choose the names: jsonencode and the replacement keep out control
  # characters, which a terminal would obey.
  unwanted = flatten([for id, names in local.open : [
    for name in setsubtract(names, lookup(var.allowed, id, [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
  ]])
}

output "tools_with_open_schemas" {
  description = "How many exposed tools have an open schema and are accepted, by server."
  value       = { for id, names in local.open : id => length(names) }

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers behind portal ${var.portal_id} whose tools are not known, so no rule can be checked for them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Tools in reach through portal ${var.portal_id} whose input schema allows additional properties:\n${join("\n", [for tool in local.unwanted : "  - ${tool}"])}"
  }
}
