# Checks a portal with `terraform test`: no state, each rule passes or fails, and the
# exit code is 1 if one fails.
# tests/portal.tftest.hcl runs the rules against the real portal, and
# tests/rules.tftest.hcl tests them with invented portals, without an account.
# tests/drift.tftest.hcl tests the configuration of ../drift: copy that as well, or delete
# the file. Change portal_id and the rules. To run one file:
# terraform test -filter=tests/portal.tftest.hcl

terraform {
  # Mocked providers need Terraform 1.7 or OpenTofu 1.8.
  required_version = ">= 1.7"
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "portal_id" {
  description = "The id of the portal to test."
  type        = string
}

module "portal" {
  source = "./portal"
  id     = var.portal_id
}

locals {
  portal    = module.portal.portal
  reachable = [for t in local.portal.effective_tools : t if t.enabled]
}

output "unhealthy_servers" {
  description = "The servers that are not ready, or have an error."
  value = [
    for s in local.portal.servers : coalesce(s.server_id, "(no id)")
    if try(s.auth_config_summary.auth_mode, null) != "manual" && ( # see ../health
      !contains(["ready", "active"], coalesce(s.status, "unknown")) || try(coalesce(s.error), "") != ""
    )
  ]
}

output "bypassing_gateway" {
  description = "The servers whose traffic bypasses Secure Web Gateway."
  value = [
    for s in local.portal.servers : coalesce(s.server_id, "(no id)")
    if local.portal.secure_web_gateway != true && s.secure_web_gateway != true
  ]
}

output "unknown_servers" {
  description = "The servers whose tools are not known."
  value       = [for s in local.portal.servers : coalesce(s.server_id, "(no id)") if !s.tools_known]
}

# Servers choose the names: jsonencode and the replacement keep out control characters,
# which a terminal would obey.
output "destructive_tools" {
  description = "The exposed tools that are declared destructive, or not declared read-only, by server and own name."
  value = [
    for t in local.reachable : "${t.server_id}: ${replace(jsonencode(t.original_name), "/\\p{C}/", "?")}"
    if t.destructive_hint == true || t.read_only_hint != true
  ]
}
