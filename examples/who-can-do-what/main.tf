# Who can do what through a portal, as one text for a review: for each server who
# reaches it, how many tools are on and how many of these can destroy something, and
# below, tool by tool, which. A "!" stands before a tool that can destroy something, and
# "?" for what nobody knows.
# It guards nothing: for rules see ../access and ../no-destructive-tools.
# Beside MCP Portals Read, the token needs the permission Access: Apps and Policies
# Read; and, where a rule refers to an Access group or a login method, Access:
# Organizations, Identity Providers, and Groups Read.
# Change portal_id. To write it, without a state, and to see what changed since it was
# committed:
#
#   terraform plan -out=who.tfplan
#   terraform show -json who.tfplan | jq -j .planned_values.outputs.who_can_do_what.value > who-can-do-what.txt
#   git diff who-can-do-what.txt

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
  description = "The id of the portal to read."
  type        = string
}

data "mcp_portal" "this" {
  id = var.portal_id
}

data "mcp_portal_access" "this" {
  id = var.portal_id
}

locals {
  # By server, so that the order in the portal is no difference. The portal itself comes
  # first in reach, without a server's id.
  known  = { for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)") => s.tools_known... }
  reach  = { for r in data.mcp_portal_access.this.reach : coalesce(r.server_id, "(no id)") => r... if r.server_id != null }
  portal = data.mcp_portal_access.this.reach[0]

  # A hint that is missing is no claim: MCP says to assume that a tool destroys unless it
  # only reads. A hint is only the server's word.
  # jsonencode and the replacement keep out of a terminal what it would obey: the names
  # are the servers' own. In text the provider has escaped it.
  tools = { for t in data.mcp_portal.this.effective_tools : coalesce(t.server_id, "(no id)") => {
    destroys = t.destructive_hint == true || t.destructive_hint == null && t.read_only_hint != true
    name     = replace(jsonencode(t.original_name), "/\\p{C}/", "?")
  }... if t.enabled }

  rows = concat(
    [{ server = "the portal", on = "", destructive = "", everyone = local.portal.everyone ? "yes" : "no", tokens = local.portal.service_tokens ? "yes" : "no", who = local.portal.text }],
    [for id in setunion(keys(local.known), keys(local.reach)) : {
      server      = id
      on          = alltrue(lookup(local.known, id, [false])) ? tostring(length(lookup(local.tools, id, []))) : "?"
      destructive = alltrue(lookup(local.known, id, [false])) ? tostring(length([for t in lookup(local.tools, id, []) : t if t.destroys])) : "?"
      everyone    = try(anytrue(local.reach[id][*].everyone) ? "yes" : "no", "?")
      tokens      = try(anytrue(local.reach[id][*].service_tokens) ? "yes" : "no", "?")
      who         = try(join("; ", local.reach[id][*].text), "?")
    }],
  )
  width = max([for row in local.rows : length(row.server)]...)
  line  = "%-${local.width}s  %8s  %11s  %8s  %14s  %s"

  table = concat(
    [format(local.line, "server", "tools on", "destructive", "everyone", "service tokens", "who passes its own policies")],
    [for row in local.rows : format(local.line, row.server, row.on, row.destructive, row.everyone, row.tokens, row.who)],
  )
  lists = flatten([for row in local.rows : concat(
    ["", "${row.server}: ${row.on == "?" ? "tools not known" : "${row.on} on, ${row.destructive} destructive"}"],
    sort([for t in lookup(local.tools, row.server, []) : "! ${t.name}" if t.destroys]),
    sort([for t in lookup(local.tools, row.server, []) : "  ${t.name}" if !t.destroys]),
  ) if row.on != ""])
}

output "who_can_do_what" {
  description = "For each server who reaches it, and which tools are on."
  value       = "${join("\n", concat(local.table, local.lists))}\n"
}
