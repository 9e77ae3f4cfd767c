# Requires that the traffic of every server goes through Secure Web Gateway, with your
# policies and logs: set on the portal, or else on each server.
# Fails with an error (exit code 1) that names each server that bypasses it.
# The tools of a server need not be known.
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

variable "allowed" {
  description = "Servers that may bypass Gateway, by their id."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  # Not set counts as false.
  bypassing = [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)")
    if data.mcp_portal.this.secure_web_gateway != true && s.secure_web_gateway != true
  ]
  unwanted = setsubtract(local.bypassing, var.allowed)
}

output "servers_that_bypass_gateway" {
  description = "The servers whose traffic bypasses Gateway and which are accepted."
  value       = local.bypassing

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Servers behind portal ${var.portal_id} whose traffic bypasses Secure Web Gateway:\n${join("\n", [for id in local.unwanted : "  - ${id}"])}"
  }
}
