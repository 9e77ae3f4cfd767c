# Reads the portal. It is a module of its own so that tests can replace it by an invented
# portal. (Terraform cannot invent the elements of a data source's lists.)

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

variable "id" {
  description = "The id of the portal to read."
  type        = string
}

data "mcp_portal" "this" {
  id = var.id
}

output "portal" {
  description = "The portal."
  value       = data.mcp_portal.this
}
