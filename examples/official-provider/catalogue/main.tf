# Reads the tools of each server, and generates `servers` for the official provider's
# cloudflare_zero_trust_access_ai_controls_mcp_portal: an entry for every tool, in the
# API's order, with your decision or the default.
# It reads the servers, not the portal, so it works before the portal exists.

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

variable "account_id" {
  description = "The account of the servers. Default: the provider's."
  type        = string
  default     = null
}

variable "decisions" {
  description = "The decisions, by the id of each server that belongs in the portal: `default_disabled`, `on_behalf`, and under `tools` and `prompts`, by name, `enabled`, `alias` and `description`."
  type = map(object({
    default_disabled = optional(bool, false)
    on_behalf        = optional(bool, true)
    tools = optional(map(object({
      enabled     = optional(bool)
      alias       = optional(string)
      description = optional(string)
    })), {})
    prompts = optional(map(object({
      enabled     = optional(bool)
      alias       = optional(string)
      description = optional(string)
    })), {})
  }))
}

data "mcp_servers" "all" {
  account_id = var.account_id
}

locals {
  chosen = [for s in data.mcp_servers.all.servers : s if contains(keys(var.decisions), coalesce(s.id, "(no id)"))]

  # distinct keeps the order, and the first of equal names.
  names = { for s in local.chosen : s.id => {
    tools   = distinct([for t in s.tools : t.name if try(coalesce(t.name), "") != ""])
    prompts = distinct([for p in s.prompts : p.name if try(coalesce(p.name), "") != ""])
  } }

  # Names that a plan cannot show: a terminal obeys control characters, and a plan undoes
  # JSON's escapes.
  unprintable = flatten([for id, names in local.names : [
    for name in concat(names.tools, names.prompts) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
    if can(regex("[\\p{C}\\\\]", name))
  ]])
}

output "servers" {
  description = "The value of the official resource's attribute `servers`, in the API's order."
  value = [
    for s in local.chosen : {
      server_id        = s.id
      default_disabled = var.decisions[s.id].default_disabled
      on_behalf        = var.decisions[s.id].on_behalf
      updated_tools = [for name in local.names[s.id].tools : {
        name        = name
        enabled     = try(coalesce(var.decisions[s.id].tools[name].enabled), !var.decisions[s.id].default_disabled)
        alias       = try(var.decisions[s.id].tools[name].alias, null)
        description = try(var.decisions[s.id].tools[name].description, null)
      }]
      updated_prompts = [for name in local.names[s.id].prompts : {
        name        = name
        enabled     = try(coalesce(var.decisions[s.id].prompts[name].enabled), !var.decisions[s.id].default_disabled)
        alias       = try(var.decisions[s.id].prompts[name].alias, null)
        description = try(var.decisions[s.id].prompts[name].description, null)
      }]
    }
  ]

  # The decisions about their tools would be lost.
  precondition {
    condition     = alltrue([for s in local.chosen : s.tools_known])
    error_message = "Servers whose tools are not known, so that no entries can be written for them: ${join(", ", [for s in local.chosen : s.id if !s.tools_known])}."
  }

  precondition {
    condition     = length(local.unprintable) == 0
    error_message = "Names of tools and prompts that contain control characters, invisible ones or backslashes:\n${join("\n", [for name in local.unprintable : "  - ${name}"])}"
  }
}

output "unknown" {
  description = "Decisions about servers, tools and prompts that do not exist."
  value = flatten([
    for id, decided in var.decisions : [
      contains(keys(local.names), id) ? [] : ["server ${id}"],
      [for name in setsubtract(keys(decided.tools), try(local.names[id].tools, keys(decided.tools))) : "tool ${name} of ${id}"],
      [for name in setsubtract(keys(decided.prompts), try(local.names[id].prompts, keys(decided.prompts))) : "prompt ${name} of ${id}"],
    ]
  ])
}
