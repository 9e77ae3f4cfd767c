# Compares what agents get through two portals: tools that only one exposes, and tools
# with a different name, description or input schema. The output is null while nothing
# differs, so terraform plan -detailed-exitcode exits with 0, and otherwise with 2.
# Change the two ids. For portals in two accounts, set account_id of one data source, or
# give it another provider block (provider = mcp.staging).

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "staging" {
  description = "The id of the portal that is changed first."
  type        = string
}

variable "production" {
  description = "The id of the portal that follows."
  type        = string
}

data "mcp_portal" "staging" {
  id = var.staging
}

data "mcp_portal" "production" {
  id = var.production
}

locals {
  portals = { staging = data.mcp_portal.staging, production = data.mcp_portal.production }

  # The tool of a given index is the same in effective_tools and in this.
  own = { for side, p in local.portals : side => flatten(p.servers[*].tools) }

  # By server and own name, what clients are given of each exposed tool.
  tools = { for side, p in local.portals : side => {
    for i, t in p.effective_tools : "${t.server_id}/${replace(t.original_name, "/[\\p{C}\\\\]/", "?")}" =>
    [t.name, t.description, local.own[side][i].input_schema]... if t.enabled
  } }

  on_both = setintersection(keys(local.tools.staging), keys(local.tools.production))

  differences = {
    only_staging    = setsubtract(keys(local.tools.staging), keys(local.tools.production))
    only_production = setsubtract(keys(local.tools.production), keys(local.tools.staging))
    different       = toset([for key in local.on_both : key if local.tools.staging[key] != local.tools.production[key]])
    not_known       = toset(flatten([for side, p in local.portals : [for s in p.servers : "${side}: ${coalesce(s.server_id, "(no id)")}" if !s.tools_known]]))
  }
}

output "differences" {
  value = length(setunion(values(local.differences)...)) == 0 ? null : local.differences
}
