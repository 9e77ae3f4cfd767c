# The tools that agents reach through a portal, as the result of MCP's tools/list:
# what scanners of tool descriptions read offline. Names and descriptions are those
# that a client sees, after the portal's overrides. Change portal_id. To write it,
# without a state:
#
#   terraform plan -out=tools.tfplan
#   terraform show -json tools.tfplan | jq -j .planned_values.outputs.tools_list.value > tools.json

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
  description = "The id of the portal to read."
  type        = string
}

data "mcp_portal" "this" {
  id = var.portal_id
}

variable "allowed_unknown" {
  description = "Ids of servers whose tools need not be known. Those of others must be, so that no tool is missing."
  type        = set(string)
  default     = []
}

locals {
  # The tool of a given index is the same in effective_tools and in this.
  own = flatten(data.mcp_portal.this.servers[*].tools)

  # Schemas are put in as they were received: decoded, a number such as 1e400 would not
  # come back. MCP wants a schema, and an object; a tool without one takes anything.
  tools = [for i, t in data.mcp_portal.this.effective_tools : join(",", compact([
    "\"name\":${jsonencode(t.name)}",
    try("\"title\":${jsonencode(coalesce(local.own[i].title))}", ""),
    try("\"description\":${jsonencode(coalesce(t.description))}", ""),
    "\"inputSchema\":${try(startswith(local.own[i].input_schema, "{"), false) ? local.own[i].input_schema : "{\"type\":\"object\"}"}",
    try(startswith(local.own[i].output_schema, "{"), false) ? "\"outputSchema\":${local.own[i].output_schema}" : "",
    try("\"annotations\":${jsonencode({ for name, value in {
      title           = local.own[i].annotations.title
      readOnlyHint    = local.own[i].annotations.read_only_hint
      destructiveHint = local.own[i].annotations.destructive_hint
      idempotentHint  = local.own[i].annotations.idempotent_hint
      openWorldHint   = local.own[i].annotations.open_world_hint
    } : name => value if value != null })}", ""),
  ])) if t.enabled && t.name != null]

  unknown = [for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)") if !s.tools_known && !contains(var.allowed_unknown, coalesce(s.server_id, "(no id)"))]
}

output "tools_list" {
  description = "The tools in reach, as the result of MCP's tools/list."
  sensitive   = true # it is not, but a plan would show JSON with control characters, which a terminal obeys
  value       = "{\"tools\":[${join(",", [for tool in local.tools : "{${tool}}"])}]}\n"

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers whose tools are not known, so that nothing can be said of them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }
}
