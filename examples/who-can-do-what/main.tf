# Who can do what through a portal, as a table for a review: for each server how many
# tools are on, how many of these count as destructive, and whether everyone or a service
# token gets in; below, who is let in and which tools are on. "?" stands for what is not
# known. No line is longer than 72 characters, or 80 in a plan, unless a name is.
# It guards nothing: for rules, see ../access and ../no-destructive-tools.
# Besides MCP Portals Read, the token needs Access: Apps and Policies Read and, where a
# rule refers to an Access group or a login method, Access: Organizations, Identity
# Providers, and Groups Read.
# Change portal_id. To write the text to a file without a state, and to see what changed
# since that file was committed:
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
  # Sorted by server, so that the order in the portal makes no difference. The first
  # element of reach is the portal itself.
  known  = { for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)") => s.tools_known... }
  reach  = { for r in data.mcp_portal_access.this.reach : coalesce(r.server_id, "(no id)") => r... if r.server_id != null }
  portal = data.mcp_portal_access.this.reach[0]

  # A server declares its own hints. Where they are missing, MCP assumes that a tool
  # destroys unless it only reads.
  # Servers choose the names: jsonencode and the replacement keep out control characters,
  # which a terminal would obey. The provider has escaped them in text.
  tools = { for t in data.mcp_portal.this.effective_tools : coalesce(t.server_id, "(no id)") => {
    destructive = t.destructive_hint == true || t.destructive_hint == null && t.read_only_hint != true
    name        = "${replace(jsonencode(t.original_name), "/\\p{C}/", "?")}${t.destructive_hint == null && t.read_only_hint != true ? " (assumed)" : ""}"
  }... if t.enabled }

  rows = concat(
    [{ server = "the portal", on = "", destructive = "", everyone = [local.portal.everyone], tokens = [local.portal.service_tokens], who = [local.portal.text] }],
    [for id in setunion(keys(local.known), keys(local.reach)) : {
      server      = id
      on          = alltrue(lookup(local.known, id, [false])) ? tostring(length(lookup(local.tools, id, []))) : "?"
      destructive = alltrue(lookup(local.known, id, [false])) ? tostring(length([for t in lookup(local.tools, id, []) : t if t.destructive])) : "?"
      everyone    = try(local.reach[id][*].everyone, [])
      tokens      = try(local.reach[id][*].service_tokens, [])
      who         = try(local.reach[id][*].text, [])
    }],
  )
  line = "%-${max([for row in local.rows : length(row.server)]...)}s  %8s  %11s  %8s  %6s"

  table = concat(
    [format(local.line, "server", "tools on", "destructive", "everyone", "tokens")],
    [for row in local.rows : format(local.line, row.server, row.on, row.destructive,
      length(row.everyone) == 0 ? "?" : anytrue(row.everyone) ? "yes" : "no",
      length(row.tokens) == 0 ? "?" : anytrue(row.tokens) ? "yes" : "no",
    )],
    [
      "",
      "destructive: declared so by its server or, without a hint, assumed",
      "everyone, tokens: whether anybody, or a service token, passes the portal",
      "and the server both. What cannot be determined counts as yes.",
    ],
  )

  # Who is let in, one a line: text separates them by semicolons, quotes names that hold
  # one, and is wrapped between words.
  who = { for row in local.rows : row.server => flatten([
    for item in regexall("(?:\"(?:[^\"\\\\]|\\\\.)*\"|[^;\"])+", join(";", row.who)) : [
      for i, part in regexall(".{1,66}(?: |$)|\\S+", trimspace(item)) : "${i == 0 ? "  " : "    "}${trimspace(part)}"
    ]
  ]) }

  lists = flatten([for row in local.rows : concat(
    ["", "${row.server} lets in:"], length(local.who[row.server]) == 0 ? ["  ?"] : local.who[row.server],
    row.on == "" ? [] : [row.on == "?" ? "its tools are not known" : row.on == "0" ? "no tool is on" : "tools on:"],
    row.on == "?" ? [] : concat(
      sort([for t in lookup(local.tools, row.server, []) : "! ${t.name}" if t.destructive]),
      sort([for t in lookup(local.tools, row.server, []) : "  ${t.name}" if !t.destructive]),
    ),
  )])
}

output "who_can_do_what" {
  description = "For each server, who is let in and which tools are on."
  value       = "${join("\n", concat(local.table, local.lists))}\n"
}
