# Guards against tools that can destroy something: every tool that agents can reach
# must say that it is read-only and must not say that it is destructive.
# Stops with an error (exit code 1) that names each tool that doesn't, and why.
# Change portal_id, and put into allowed what you decided to accept.

terraform {
  required_version = ">= 1.5" # check blocks
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

variable "portal_id" {
  description = "The id of the portal to guard."
  type        = string
}

variable "allowed" {
  description = "Tools that are accepted although they write, by the name that an MCP client sees, such as github_create_issue."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  reachable = [for t in data.mcp_portal.this.effective_tools : t if t.enabled]

  # A hint that is missing is no claim, and MCP says to assume the worse. A hint is
  # only the server's word: for servers that you don't trust, use ../allow-list.
  writing = {
    for t in local.reachable : t.name => t.destructive_hint == true ? "says that it is destructive" : "doesn't say that it is read-only"...
    if t.destructive_hint == true || t.read_only_hint != true
  }
  unwanted = [for name, reasons in local.writing : "${name} ${reasons[0]}" if !contains(var.allowed, name)]
}

output "writing_tools" {
  description = "The tools in reach that write, and are accepted."
  value       = keys(local.writing)

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Agents can reach tools through portal ${var.portal_id} that may destroy something:\n${join("\n", [for u in local.unwanted : "  - ${u}"])}"
  }
}

check "allowed_is_up_to_date" {
  assert {
    condition     = length(setsubtract(var.allowed, keys(local.writing))) == 0
    error_message = "Accepted, but not in reach or no longer writing: ${join(", ", setsubtract(var.allowed, keys(local.writing)))}. Take them out of allowed."
  }
}
