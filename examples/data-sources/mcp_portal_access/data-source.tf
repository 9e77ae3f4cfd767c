data "mcp_portal_access" "engineering" {
  id = "engineering"
}

locals {
  # By server, "the portal" for the portal itself.
  reach = { for r in data.mcp_portal_access.engineering.reach : coalesce(r.server_id, "the portal") => r }
}

# Who has access to what.
output "who" {
  value = { for name, r in local.reach : name => r.text }
}

# What is open to anybody, as far as can be determined.
output "reached_by_everyone" {
  value = [for name, r in local.reach : name if r.everyone]
}

# What no Access application guards.
output "unguarded" {
  value = [for name, r in local.reach : name if !r.guarded]
}

# Servers that somebody can reach without a login by Okta.
output "without_okta" {
  value = distinct(flatten([
    for a in data.mcp_portal_access.engineering.applications : [
      for p in coalesce(a.policies, []) : a.server_ids
      if p.decision != "deny" && !anytrue([for r in coalesce(p.require, []) : r.selector == "login_method" && r.value == "fa4e0003-0000-4000-8000-000000000001"])
    ]
  ]))
}
