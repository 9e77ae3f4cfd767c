# Reads the portal, and nothing else: a module of its own, so that tests can put a
# made-up portal in its place. (Mocking the data source itself won't do: Terraform
# can't make up the elements of its lists.)

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
