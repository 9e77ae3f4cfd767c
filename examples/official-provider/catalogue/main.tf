# Reads which tools each server offers, and works out `servers` for the official
# provider's cloudflare_zero_trust_access_ai_controls_mcp_portal: an entry for every
# tool, in the API's order, with what you decided and the default for the rest.
# It reads the servers, not the portal, so it works before there is a portal.

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

variable "account_id" {
  description = "The account of the servers. The provider's, if it is left out."
  type        = string
  default     = null
}

variable "decisions" {
  description = "From the id of each server that belongs in the portal to what was decided about it: `default_disabled`, `on_behalf`, and under `tools` and `prompts`, by name, `enabled`, `alias` and `description`."
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

  # distinct keeps the first of a name that occurs twice, and the order.
  names = { for s in local.chosen : s.id => {
    tools   = distinct([for t in s.tools : t.name if try(coalesce(t.name), "") != ""])
    prompts = distinct([for p in s.prompts : p.name if try(coalesce(p.name), "") != ""])
  } }

  # Names that a plan can't show as they are: a terminal obeys control characters, and
  # a plan undoes JSON's escapes.
  unprintable = flatten([for id, names in local.names : [
    for name in concat(names.tools, names.prompts) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
    if can(regex("[\\p{C}\\\\]", name))
  ]])
}

output "servers" {
  description = "The servers that `decisions` names, in the API's order, for the official resource's attribute `servers`."
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

  # What was decided about its tools would be lost.
  precondition {
    condition     = alltrue([for s in local.chosen : s.tools_known])
    error_message = "Servers whose tools are not known, so that no entries can be written for them: ${join(", ", [for s in local.chosen : s.id if !s.tools_known])}."
  }

  precondition {
    condition     = length(local.unprintable) == 0
    error_message = "Names of tools and prompts that hold control characters, invisible ones or backslashes:\n${join("\n", [for name in local.unprintable : "  - ${name}"])}"
  }
}

output "unknown" {
  description = "Decisions about servers, tools and prompts that don't exist."
  value = flatten([
    for id, decided in var.decisions : [
      contains(keys(local.names), id) ? [] : ["server ${id}"],
      [for name in setsubtract(keys(decided.tools), try(local.names[id].tools, keys(decided.tools))) : "tool ${name} of ${id}"],
      [for name in setsubtract(keys(decided.prompts), try(local.names[id].prompts, keys(decided.prompts))) : "prompt ${name} of ${id}"],
    ]
  ])
}
