# Names the servers that have not synchronised for a day. Stops with an error (exit
# code 1) that names them.
# Change portal_id, and the day.

terraform {
  required_version = ">= 1.5" # plantimestamp
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "portal_id" {
  description = "The id of the portal to watch."
  type        = string
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  yesterday = timeadd(plantimestamp(), "-24h")

  # timecmp fails on null; -1 lets a time that is missing count as old. A server with
  # manual OAuth that waits may never have been given a credential.
  old = [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)")
    if try(timecmp(s.last_successful_sync, local.yesterday), -1) < 0 && !(try(s.auth_config_summary.auth_mode == "manual", false) && try(s.status == "waiting", false))
  ]
}

output "not_synchronised" {
  value = local.old

  precondition {
    condition     = length(local.old) == 0
    error_message = "Not synchronised for a day: ${join(", ", local.old)}"
  }
}
