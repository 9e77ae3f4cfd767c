data "mcp_portal_baseline" "engineering" {
  hostname  = "mcp.example.com"
  directory = "${path.module}/baseline" # the accepted files
}

# Null, and so no output at all, while nothing differs.
output "drift" {
  value = data.mcp_portal_baseline.engineering.summary
}

# What agents can do now that nobody accepted.
output "widened" {
  value = [for c in data.mcp_portal_baseline.engineering.changes : c.text if contains(c.effects, "widens")]
}
