# One instance for each exposed tool, under a unique key: of a module, a resource or, as
# here, a note that stays in the state.
# Fails with an error (exit code 1) while a server's tools are not known, because the
# plan would destroy the instances of all of them.
# Change portal_id, and replace the note by your own resource.

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
  description = "Ids of servers whose tools need not be known; their tools count as gone."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

locals {
  # A server's id has no slash, so no two tools share a key; t.name is not unique. The
  # dots group the entries of a server that lists a tool twice.
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
    error_message = "The tools of these servers are not known, so some may be gone: ${join(", ", local.stopping)}"
  }
}
