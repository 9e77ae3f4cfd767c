# Returns the exposed tools of a portal as the result of MCP's tools/list. The caller
# passes the portal, from data "mcp_portal" or data "mcp_portals".

variable "portal" {
  description = "The portal."
  type        = any
}

locals {
  # The tool of a given index is the same in effective_tools and in this.
  own = flatten(var.portal.servers[*].tools)

  # Schemas are inserted as received: decoding would lose a number such as 1e400. MCP
  # requires an object; a tool without a schema accepts anything.
  tools = [for i, t in var.portal.effective_tools : join(",", compact([
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
}

output "json" {
  description = "The exposed tools, as the result of MCP's tools/list."
  value       = "{\"tools\":[${join(",", [for tool in local.tools : "{${tool}}"])}]}\n"
}

output "unknown" {
  description = "The ids of the servers whose tools are not known, and are missing."
  value       = [for s in var.portal.servers : coalesce(s.server_id, "(no id)") if !s.tools_known]
}
