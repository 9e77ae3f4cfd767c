# Guards a portal against changes that nobody reviewed: somebody turns a tool on, a
# server offers a new one, or words another differently for the model to read.
# `terraform plan -detailed-exitcode` prints what differs from the accepted
# baseline, tool by tool, and exits 2; it exits 0 if the portal only synced.
# Change portal_id, and put the state where your pipeline finds it again (backend).

terraform {
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

data "mcp_portal" "this" {
  id = var.portal_id
}

module "baseline" {
  source = "../modules/portal-baseline"
  portal = data.mcp_portal.this
}

output "baseline" {
  description = "What `terraform apply` accepted last, without what changes by itself."
  value       = module.baseline.baseline
}
