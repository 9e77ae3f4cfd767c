# Allows exactly the tools that a reviewed, committed file lists.
# Fails with an error (exit code 1) that names each tool that appeared or is gone, and
# each server whose tools are not known.
# Change portal_id. Write the file at the start, and again whenever you want a change:
#   terraform apply -var enforce=false && terraform output -raw reachable_tools > reachable-tools.json

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

variable "file" {
  description = "The JSON file with the allowed tools: from a server's id to the list of its tools' own names. Without it, nothing is allowed."
  type        = string
  default     = "reachable-tools.json"
}

variable "allowed_unknown" {
  description = "Servers that are accepted although their tools are not known, by their id."
  type        = set(string)
  default     = []
}

variable "enforce" {
  description = "Whether a difference is an error."
  type        = bool
  default     = true
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  path    = "${path.module}/${var.file}"
  allowed = jsondecode(fileexists(local.path) ? file(local.path) : "{}")

  unknown = [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)")
    if !s.tools_known && !contains(var.allowed_unknown, coalesce(s.server_id, "(no id)"))
  ]

  # Server id => names of its exposed tools. The file has the tools' own names, because
  # an alias says nothing about what a tool does.
  reachable = { for t in data.mcp_portal.this.effective_tools : t.server_id => t.original_name... if t.enabled }

  # Servers choose the names: jsonencode and the replacement keep out control
  # characters, which a terminal would obey.
  differences = flatten([
    for id in setunion(keys(local.allowed), keys(local.reachable)) : [
      [for name in setsubtract(try(local.reachable[id], []), try(local.allowed[id], [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")} appeared"],
      [for name in setsubtract(try(local.allowed[id], []), try(local.reachable[id], [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")} is gone"],
    ]
  ])
}

output "reachable_tools" {
  description = "The tools that are reachable now, in the form of the file."
  value = "{${join(",", [
    for id, names in local.reachable :
    "\n  ${jsonencode(id)}: [${join(",", [for name in sort(distinct(names)) : "\n    ${jsonencode(name)}"])}\n  ]"
  ])}\n}\n"
  sensitive = true # no secret, but a plan would print its names unescaped

  precondition {
    condition     = !var.enforce || length(local.unknown) == 0
    error_message = "Servers behind portal ${var.portal_id} whose tools are not known, so no rule can be checked for them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }

  precondition {
    condition     = !var.enforce || length(local.differences) == 0
    error_message = "The tools that agents can reach through portal ${var.portal_id} differ from ${var.file}:\n${join("\n", [for d in local.differences : "  - ${d}"])}"
  }
}
