# baseline.json is what was reviewed, committed beside this file. As long as it is
# not there, nothing has been accepted.
data "mcp_portal_baseline" "engineering" {
  id       = "engineering"
  accepted = try(file("${path.module}/baseline.json"), null)
}

# Null, which is no output at all, as long as the portal is as it was accepted. So
# `terraform plan -detailed-exitcode` exits 0, without a state, and else 2: also where
# the file is missing, so that who deletes it does not silence the plan.
output "drift" {
  value = data.mcp_portal_baseline.engineering.drifted == false ? null : coalesce(data.mcp_portal_baseline.engineering.summary, "Nothing has been accepted yet.")
}
