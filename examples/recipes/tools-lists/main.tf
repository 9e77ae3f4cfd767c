# Copy ../../tools-list/list as well, and set `source` to where it is then.
#
# The exposed tools of each portal of an account, as the result of MCP's tools/list, for
# scanners of tool descriptions. To write a file for each portal, without a state (first:
# mkdir tools):
#
#   terraform plan -out=tools.tfplan
#   terraform show -json tools.tfplan |
#     jq -r '.planned_values.outputs.tools_lists.value | to_entries[] | "\(.key) \(.value | @base64)"' |
#     while read -r id text; do echo "$text" | base64 --decode > "tools/$id.json"; done

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "allowed_unknown" {
  description = "Servers whose tools need not be known, as portal/server. Those of all others must be, so that none is missing."
  type        = set(string)
  default     = []
}

data "mcp_portals" "all" {}

module "tools_list" {
  source   = "../../tools-list/list"
  for_each = { for p in data.mcp_portals.all.portals : p.id => p if p.id != null }

  portal = each.value
}

locals {
  unknown = setsubtract(flatten([for id, list in module.tools_list : [for server in list.unknown : "${id}/${server}"]]), var.allowed_unknown)
}

output "tools_lists" {
  description = "The exposed tools of each portal, by its id, as the result of MCP's tools/list."
  sensitive   = true # no secret, but a plan would print control characters, which a terminal obeys
  value       = { for id, list in module.tools_list : id => list.json }

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers whose tools are not known, so no rule can be checked for them:\n${join("\n", [for server in local.unknown : "  - ${server}"])}"
  }
}
