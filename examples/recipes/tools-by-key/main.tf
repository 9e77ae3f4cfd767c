# One instance for each tool in reach, under a key that is unique: of a module, of a
# resource, or, as here, of a note that stays in the state.
# Stops with an error (exit code 1) while a server is in trouble and its tools are not
# there, since the plan would destroy the instances of all of them.
# Change portal_id, and put your own resource in the place of the note.

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

variable "allowed_unknown" {
  description = "Ids of servers in trouble that the plan may pass over; their tools count as gone."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  # No slash is in a server's id, so no two tools share a key; t.name is not unique. The
  # dots are for a server that lists a tool twice: they make a list of the two.
  tools = {
    for t in data.mcp_portal.this.effective_tools :
    "${t.server_id}/${replace(t.original_name, "/[\\p{C}\\\\]/", "?")}" => t... if t.enabled
  }

  # A server in trouble may have lost its tools: then they are not known.
  in_trouble = [for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)") if !s.tools_known]
  stopping   = setsubtract(local.in_trouble, var.allowed_unknown)
}

resource "terraform_data" "tool" {
  for_each = local.tools

  input = each.value[*].read_only_hint
}

output "tools" {
  value = length(local.tools)

  precondition {
    condition     = length(local.stopping) == 0
    error_message = "In trouble, so that nobody knows which of their tools are gone: ${join(", ", local.stopping)}"
  }
}
