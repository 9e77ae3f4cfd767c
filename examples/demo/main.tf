# What `make demo` runs: one portal, its servers with their state, and the tools
# that an agent can reach through it. The provider takes its credentials and the
# account from the environment (CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID).

terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "portal_id" {
  description = "The id of the portal to read."
  type        = string
}

data "mcp_portal" "demo" {
  id = var.portal_id
}

output "portal" {
  description = "The portal in a line."
  value       = "${coalesce(data.mcp_portal.demo.name, var.portal_id)} at ${coalesce(data.mcp_portal.demo.hostname, "no hostname")}"
}

output "servers" {
  description = "Each server with its state."
  value = {
    for s in data.mcp_portal.demo.servers :
    coalesce(s.id, "(without an id)") => join(", ", compact([s.status, s.auth_type, s.error]))
  }
}

output "reachable_tools" {
  description = "The tools that an MCP client sees at the portal."
  value       = [for t in data.mcp_portal.demo.effective_tools : t.name if t.enabled]
}
