terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

variable "portal_id" {
  type = string
}

data "mcp_portal_baseline" "this" {
  id       = var.portal_id
  accepted = file("baseline.json")
}

output "drift" {
  value = data.mcp_portal_baseline.this.drifted == true ? data.mcp_portal_baseline.this.changes[*].text : null
}
