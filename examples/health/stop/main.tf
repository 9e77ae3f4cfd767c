# Guards against servers that silently stopped working: not ready, in error, or
# without a successful synchronisation for a day.
# Stops with an error (exit code 1) that names each such server; nothing that uses
# the portal is planned or applied. See ../warn for a warning.
# Change portal_id, and max_age if your servers may lag.

terraform {
  required_version = ">= 1.5" # plantimestamp
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

variable "portal_id" {
  description = "The id of the portal to watch."
  type        = string
}

variable "max_age" {
  description = "How long ago the last successful synchronisation may be. Servers synchronise about every two hours."
  type        = string
  default     = "24h"
}

locals {
  oldest = timeadd(plantimestamp(), "-${var.max_age}")
}

data "mcp_portal" "this" {
  id = var.portal_id

  lifecycle {
    # A status that is missing counts as not ready.
    postcondition {
      condition = alltrue([for s in self.servers : contains(["ready", "active"], coalesce(s.status, "unknown"))])
      error_message = "Servers that are not ready behind portal ${var.portal_id}:\n${join("\n", [
        for s in self.servers : "  - ${coalesce(s.server_id, "(no id)")}: status is ${coalesce(s.status, "unknown")}"
        if !contains(["ready", "active"], coalesce(s.status, "unknown"))
      ])}"
    }

    postcondition {
      condition = alltrue([for s in self.servers : s.error == null || s.error == ""])
      error_message = "Servers in error behind portal ${var.portal_id}:\n${join("\n", [
        for s in self.servers : "  - ${coalesce(s.server_id, "(no id)")}: ${s.error}${try(" (${coalesce(s.error_details.cause)})", "")}"
        if s.error != null && s.error != ""
      ])}"
    }

    # A time that is missing, or that can't be read, counts as never.
    postcondition {
      condition = alltrue([for s in self.servers : try(timecmp(s.last_successful_sync, local.oldest) >= 0, false)])
      error_message = "Servers without a successful synchronisation in the last ${var.max_age} behind portal ${var.portal_id}:\n${join("\n", [
        for s in self.servers : "  - ${coalesce(s.server_id, "(no id)")}: ${try("not since ${coalesce(s.last_successful_sync)}", "never")}"
        if !try(timecmp(s.last_successful_sync, local.oldest) >= 0, false)
      ])}"
    }
  }
}

output "healthy_servers" {
  description = "The servers, all of them ready, without error and in sync."
  value       = data.mcp_portal.this.servers[*].server_id
}
