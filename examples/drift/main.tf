# Says in a plan whether a portal is as it was accepted. It reports that somebody turned a
# tool on, that a server brought a new one, or that a model reads another description. The
# folder baseline/ holds what was accepted: a file for the portal, and one for each server.
# `terraform plan -detailed-exitcode` needs no state. It exits with 0 as long as the portal
# is as accepted, and with 2 otherwise. Change portal_id. To accept all that is there now,
# which changes every file or none:
#
#   terraform plan -out=drift.tfplan && terraform show -json drift.tfplan |
#     jq -j '[.prior_state.values.root_module.resources[]? | select(.type == "mcp_portal_baseline").values.files]
#       | if . == [] then error("Terraform deferred the baseline, so nothing was compared")
#         else (map(.[].patch) | add) // ("nothing to accept\n" | halt_error(0)) end' |
#     git apply -p1 --allow-empty
#
# One server is one file: .["servers/github.json"].patch in place of .[].patch.

terraform {
  required_providers { mcp = { source = "mcp-portals/mcp", version = "~> 0.0" } }
}
provider "mcp" {}
variable "portal_id" {
  description = "The portal's id, as `data \"mcp_portals\"` lists it."
  type        = string
}
variable "stop_for" {
  description = "The effects that stop a pipeline with exit code 1, such as [\"widens\", \"steers\", \"undetermined\"]."
  type        = set(string)
  default     = []
  validation {
    condition     = length(setsubtract(var.stop_for, ["widens", "steers", "breaks", "undetermined"])) == 0
    error_message = "The effects are widens, steers, breaks and undetermined."
  }
}
data "mcp_portal_baseline" "this" {
  id        = var.portal_id
  directory = "${path.module}/baseline"
  # include_access = true # who can reach the portal, too; the token needs more permissions
}
locals {
  nothing_accepted = contains(data.mcp_portal_baseline.this.changes[*].rule, "not_accepted")
  stop             = length(var.stop_for) > 0 && (local.nothing_accepted || length(setintersection(data.mcp_portal_baseline.this.effects, var.stop_for)) > 0)
}
output "drift" {
  value = data.mcp_portal_baseline.this.summary # null, which is no output, as long as nothing differs
  precondition {
    condition     = !local.stop
    error_message = coalesce(data.mcp_portal_baseline.this.summary, "Nothing differs.")
  }
}
