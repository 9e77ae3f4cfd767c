# Says in a plan whether a portal is as it was accepted: somebody turned a tool on, a
# server brought a new one, or words a description of an argument otherwise for the model
# to read. What was accepted stands in the folder baseline/, a file for the portal and one
# for each server. `terraform plan -detailed-exitcode` needs no state: it exits 0 as long
# as the portal is so, and else 2. Change portal_id. To accept all that is there now, which
# changes every file or none:
#
#   terraform plan -out=drift.tfplan &&
#     terraform show -json drift.tfplan |
#     jq -j '.prior_state.values.root_module.resources[] | select(.type == "mcp_portal_baseline").values.files[].patch' |
#     git apply -p1
#
# One server is one file: files["servers/github.json"].patch in place of files[].patch.

terraform {
  required_providers { mcp = { source = "mcp-portals/mcp", version = "~> 0.0" } }
}
provider "mcp" {}
variable "portal_id" { type = string }
# What stops a pipeline, with exit code 1, such as ["widens", "steers", "undetermined"].
variable "stop_for" {
  type    = set(string)
  default = []
}
data "mcp_portal_baseline" "this" {
  id        = var.portal_id
  directory = "${path.module}/baseline"
}
output "drift" {
  value = data.mcp_portal_baseline.this.summary # null, which is no output, as long as nothing differs
  precondition {
    condition     = length(var.stop_for) == 0 || !contains(data.mcp_portal_baseline.this.changes[*].rule, "not_accepted") && length(setintersection(data.mcp_portal_baseline.this.effects, var.stop_for)) == 0
    error_message = coalesce(data.mcp_portal_baseline.this.summary, "Nothing differs.")
  }
}
