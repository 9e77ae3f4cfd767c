terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

data "mcp_portal_baseline" "this" {
  id       = "engineering"
  accepted = file("baseline.json")
}

output "drift" {
  value = data.mcp_portal_baseline.this.drifted == true ? data.mcp_portal_baseline.this.changes[*].text : null
}
