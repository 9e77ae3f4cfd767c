# Prints who created a portal and each of its servers, and who changed them last. The
# guide says what that does not tell.
# Change portal_id.

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
  description = "The id of the portal to ask about."
  type        = string
}

data "mcp_portal" "this" {
  id = var.portal_id
}

output "who" {
  value = [for what in concat([data.mcp_portal.this], data.mcp_portal.this.servers) : {
    id          = what.id
    created_by  = what.created_by
    modified_by = what.modified_by
    modified_at = what.modified_at
  }]
}
