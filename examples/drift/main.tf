# Guards a portal against changes that nobody reviewed: somebody turns a tool on, a
# server offers a new one, or words another differently for the model to read.
# baseline.json is what was agreed to. `terraform plan -detailed-exitcode` needs no
# state: it exits 0 as long as the portal is so, and else 2 with a line a change.
# Change portal_id, and write a baseline.json of your own; the one here is that of a
# made-up portal. To accept what is there now:
#
#   terraform plan -out=drift.tfplan
#   terraform show -json drift.tfplan |
#     jq -j '.prior_state.values.root_module.resources[] | select(.type == "mcp_portal_baseline").values.json' > baseline.json

terraform {
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

variable "portal_id" {
  type = string
}

# Whether a change after which agents can do more stops the pipeline, with exit code 1.
variable "stop_if_widened" { default = false }

data "mcp_portal_baseline" "this" {
  id       = var.portal_id
  accepted = try(file("${path.module}/baseline.json"), null)
}

# Null, which is no output at all, as long as the portal is as it was accepted. Without
# a baseline.json it is not: who deletes the file does not silence the plan.
output "drift" {
  value = data.mcp_portal_baseline.this.drifted == false ? null : coalesce(data.mcp_portal_baseline.this.summary, "Nothing has been accepted yet: baseline.json is missing or empty.")

  precondition {
    condition     = !var.stop_if_widened || data.mcp_portal_baseline.this.widened != true
    error_message = "Agents can do more than was agreed to:\n${join("\n", [for c in coalesce(data.mcp_portal_baseline.this.changes, []) : "  - ${c.text}" if c.widens])}"
  }
}
