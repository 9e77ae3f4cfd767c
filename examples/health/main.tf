# Guards against servers that silently stopped working: not ready, in error, or
# without a successful synchronisation for a day.
# Prints a warning that names each such server and why, and goes on: the rest of the
# configuration still applies. With -var=stop=true it is an error (exit code 1), and
# nothing is applied.
# Change portal_id, and max_age if your servers may lag.

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
  description = "The id of the portal to watch."
  type        = string
}

variable "max_age" {
  description = "How long ago the last successful synchronisation may be. Servers synchronise about every two hours."
  type        = string
  default     = "24h"
}

variable "stop" {
  description = "Whether a server with a problem is an error that ends the plan, and not a warning."
  type        = bool
  default     = false
}

variable "watch_waiting" {
  description = "Whether servers with manual OAuth are watched that wait for an administrator's first credential. Until they have one, they do not synchronise."
  type        = bool
  default     = false
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  oldest = timeadd(plantimestamp(), "-${var.max_age}")

  # One that was given a credential and became stale is watched like any other.
  watched = [
    for s in data.mcp_portal.this.servers : s
    if var.watch_waiting || !(try(s.auth_config_summary.auth_mode == "manual", false) && try(s.status == "waiting", false))
  ]

  # Server by server, what is wrong with it. A status that is missing counts as not
  # ready, a time that is missing or cannot be read as never.
  problems = [
    for s in local.watched : {
      server = s.server_id
      reasons = compact([
        contains(["ready", "active"], coalesce(s.status, "unknown")) ? "" : "status is ${coalesce(s.status, "unknown")}",
        try("${coalesce(s.error)}${try(" (${coalesce(s.error_details.cause)})", "")}", ""),
        try(timecmp(s.last_successful_sync, local.oldest) >= 0, false) ? "" : try("not synchronised since ${coalesce(s.last_successful_sync)}", "never synchronised"),
      ])
    }
  ]

  # An error is in a server's own words: the replacement keeps control characters,
  # which a terminal would obey, out of what is printed.
  unhealthy = [
    for p in local.problems : replace("${coalesce(p.server, "(no id)")}: ${join("; ", p.reasons)}", "/\\p{C}/", "?")
    if length(p.reasons) > 0
  ]
  message = "Unhealthy servers behind portal ${var.portal_id}:\n${join("\n", [for u in local.unhealthy : "  - ${u}"])}"
}

check "servers_are_healthy" {
  assert {
    condition     = var.stop || length(local.unhealthy) == 0
    error_message = local.message
  }
}

output "unhealthy_servers" {
  description = "The ids of the servers that have a problem. The reasons stay out of it, because with their times it would differ at every plan."
  value       = [for p in local.problems : p.server if length(p.reasons) > 0]

  precondition {
    condition     = !var.stop || length(local.unhealthy) == 0
    error_message = local.message
  }
}

output "servers_not_watched" {
  description = "The ids of the servers with manual OAuth that wait for their first credential."
  value       = setsubtract(data.mcp_portal.this.servers[*].server_id, local.watched[*].server_id)
}
