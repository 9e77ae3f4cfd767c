# Guards who reaches the servers behind a portal, by three rules: nothing that anybody
# reaches, nothing that no Access application guards, and service tokens only where
# you say so. What cannot be determined counts as open, as mcp_portal_access says.
# Stops with an error (exit code 1) that names each server that breaks one of them,
# and says who reaches it.
# It looks at servers, not at their tools, so it need not know these.
# Beside MCP Portals Read, the token needs the permission Access: Apps and Policies
# Read; and, where a rule refers to an Access group or a login method, Access:
# Organizations, Identity Providers, and Groups Read.
# Change portal_id, and put into the allowed_… what you decided to accept.

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

# No server's id has a space in it, so "the portal" cannot be one.
variable "allowed_everyone" {
  description = "What anybody may reach: servers by their id, and \"the portal\" for the portal itself."
  type        = set(string)
  default     = []
}

variable "allowed_unguarded" {
  description = "What no Access application need guard: servers by their id, and \"the portal\"."
  type        = set(string)
  default     = []
}

variable "allowed_service_tokens" {
  description = "What service tokens may reach: servers by their id, and \"the portal\", which a token passes on its way to any of them."
  type        = set(string)
  default     = []
}

data "mcp_portal_access" "this" {
  id = var.portal_id
}

locals {
  reach = [for r in data.mcp_portal_access.this.reach : merge(r, {
    place = r.server_id == null ? "the portal" : coalesce(r.server_id, "(no id)")
  })]

  everyone       = [for r in local.reach : r.place if r.everyone]
  unguarded      = [for r in local.reach : r.place if !r.guarded]
  service_tokens = [for r in local.reach : r.place if r.service_tokens]

  # The provider has escaped what a terminal would obey in text.
  who = { for r in local.reach : r.place => "${r.place}: ${r.text}"... }
  unwanted = {
    everyone       = flatten([for place in setsubtract(local.everyone, var.allowed_everyone) : local.who[place]])
    unguarded      = setsubtract(local.unguarded, var.allowed_unguarded)
    service_tokens = flatten([for place in setsubtract(local.service_tokens, var.allowed_service_tokens) : local.who[place]])
  }
  idle = concat(
    [for place in setsubtract(var.allowed_everyone, local.everyone) : "allowed_everyone: ${place}"],
    [for place in setsubtract(var.allowed_unguarded, local.unguarded) : "allowed_unguarded: ${place}"],
    [for place in setsubtract(var.allowed_service_tokens, local.service_tokens) : "allowed_service_tokens: ${place}"],
  )
}

output "who" {
  description = "Who reaches the portal, and who each server behind it."
  value       = flatten(values(local.who))

  precondition {
    condition     = length(local.unwanted.everyone) == 0
    error_message = "Anybody reaches these through portal ${var.portal_id}, as far as can be told:\n${join("\n", [for text in local.unwanted.everyone : "  - ${text}"])}"
  }

  precondition {
    condition     = length(local.unwanted.unguarded) == 0
    error_message = "No Access application guards these of portal ${var.portal_id}:\n${join("\n", [for place in local.unwanted.unguarded : "  - ${place}"])}"
  }

  precondition {
    condition     = length(local.unwanted.service_tokens) == 0
    error_message = "Service tokens reach these through portal ${var.portal_id}:\n${join("\n", [for text in local.unwanted.service_tokens : "  - ${text}"])}"
  }
}

check "allowed_is_up_to_date" {
  assert {
    condition     = length(local.idle) == 0
    error_message = "Accepted, but no longer so, or not there; take them out:\n${join("\n", [for place in local.idle : "  - ${place}"])}"
  }
}
