# The exposed tools of a portal as the result of MCP's tools/list, for scanners of tool
# descriptions. Names and descriptions are those that clients see, after the portal's
# overrides. Change portal_id, and copy the folder list as well.
# To write a file, without a state:
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
  description = "Ids of servers whose tools need not be known. Those of all others must be, so that none is missing."
  type        = set(string)
  default     = []
}

module "tools_list" {
  source = "./list"
  portal = data.mcp_portal.this
}

locals {
  unknown = [for id in module.tools_list.unknown : id if !contains(var.allowed_unknown, id)]
}

output "tools_list" {
  description = "The exposed tools, as the result of MCP's tools/list."
  sensitive   = true # no secret, but a plan would print control characters, which a terminal obeys
  value       = module.tools_list.json

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers whose tools are not known, so no rule can be checked for them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }
}
