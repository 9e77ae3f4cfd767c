# Refuses destructive tools: every exposed tool must be declared read-only, and must
# not be declared destructive.
# Fails with an error (exit code 1) that names each other tool, and each server whose
# tools are not known.
# Change portal_id, and list the exceptions in allowed.

terraform {
  required_version = ">= 1.5" # check blocks
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
  description = "Tools that are accepted although they write: from a server's id to the list of its tools' own names, such as { github = [\"create_issue\"] }."
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

  # Server id => names of its exposed tools that write. Where a hint is missing, MCP
  # assumes the worse. Servers declare their own hints: for servers that you do not
  # trust, use ../allow-list.
  writing = {
    for t in data.mcp_portal.this.effective_tools : t.server_id => t.original_name...
    if t.enabled && (t.destructive_hint == true || t.read_only_hint != true)
  }

  # Servers choose the names: jsonencode and the replacement keep out control
  # characters, which a terminal would obey.
  unwanted = flatten([for id, names in local.writing : [
    for name in setsubtract(names, lookup(var.allowed, id, [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
  ]])
  idle = flatten([for id, names in var.allowed : [
    for name in setsubtract(names, lookup(local.writing, id, [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
  ]])
}

output "writing_tools" {
  description = "How many exposed tools write and are accepted, by server."
  value       = { for id, names in local.writing : id => length(names) }

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers behind portal ${var.portal_id} whose tools are not known, so no rule can be checked for them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Agents can reach tools through portal ${var.portal_id} that are declared destructive, or not declared read-only:\n${join("\n", [for tool in local.unwanted : "  - ${tool}"])}"
  }
}

check "allowed_is_up_to_date" {
  assert {
    condition     = length(local.idle) == 0
    error_message = "In allowed, but not exposed or no longer writing; remove them:\n${join("\n", [for tool in local.idle : "  - ${tool}"])}"
  }
}
