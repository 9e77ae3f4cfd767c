data "mcp_portal_baseline" "engineering" {
  hostname  = "mcp.example.com"
  directory = "${path.module}/baseline" # the accepted files
}

# Null, which is no output at all, as long as the portal is as it was accepted.
output "drift" {
  value = data.mcp_portal_baseline.engineering.summary
}

# What agents can do that nobody accepted.
output "widened" {
  value = [for c in data.mcp_portal_baseline.engineering.changes : c.text if contains(c.effects, "widens")]
}
