# Guards against tools that take arguments nobody described: the input schema of
# every tool that agents can reach must set additionalProperties to false.
# Stops with an error (exit code 1) that names each tool that doesn't.
# Change portal_id, and put into allowed what you decided to accept.

terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

variable "portal_id" {
  description = "The id of the portal to guard."
  type        = string
}

variable "allowed" {
  description = "Tools that are accepted with an open schema, by the name that an MCP client sees."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  # effective_tools goes server by server and tool by tool, as this does, so the
  # tool of a given index is the same in both.
  definitions = flatten(data.mcp_portal.this.servers[*].tools)

  # Only the outermost object is looked at. No schema, or one that can't be read,
  # forbids nothing and so counts as open.
  open = [
    for i, t in data.mcp_portal.this.effective_tools : t.name
    if t.enabled && try(jsondecode(local.definitions[i].input_schema).additionalProperties, true) != false
  ]
  unwanted = distinct([for name in local.open : name if !contains(var.allowed, name)])
}

output "tools_with_open_schemas" {
  description = "The tools in reach whose schema is open, and which are accepted."
  value       = distinct(local.open)

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Tools in reach through portal ${var.portal_id} whose input schema allows additional properties:\n${join("\n", [for name in local.unwanted : "  - ${name}"])}"
  }
}
