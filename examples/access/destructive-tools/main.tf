# Guards who can use tools that can destroy something: such a tool may only be on where
# every policy that lets somebody into the portal, or every one that lets somebody into
# its server, asks for what you say, such as a device posture check or an Access group.
# There is no policy by tool: whoever gets in reaches all that is on.
# Stops with an error (exit code 1) that names each tool that more can use, and the
# policies by which they do, and each server whose tools are not known.
# Beside MCP Portals Read, the token needs the permission Access: Apps and Policies
# Read; and, where a rule refers to an Access group or a login method, Access:
# Organizations, Identity Providers, and Groups Read.
# Change portal_id and required, and put into allowed what you decided to accept.

terraform {
  required_version = ">= 1.5" # check blocks
  required_providers {
    mcp = {
      source  = "mcp-portals/mcp"
      version = "~> 0.0"
    }
  }
}

provider "mcp" {} # CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment

variable "portal_id" {
  description = "The id of the portal to guard."
  type        = string
}

# The whole rule and not a text of it: two identity providers can have a group of the
# same name.
variable "required" {
  description = "The rule that policies have to ask for, as the API has it: its selector, and the value whole, such as { device_posture = { integration_uid = \"…\" } } or { group = { id = \"…\" } }."
  type        = any
  nullable    = false

  validation {
    condition     = try(length(keys(var.required)) == 1 && can(keys(values(var.required)[0])), false)
    error_message = "A rule is an object with one key, the selector, whose value is an object."
  }
}

# By server and own name, because an alias says nothing of what a tool does, and two
# servers' tools can have one name for clients.
variable "allowed" {
  description = "Tools that are accepted although more people can use them: from a server's id to the list of its tools' own names, such as { github = [\"delete_branch\"] }."
  type        = map(set(string))
  default     = {}
}

variable "allowed_unknown" {
  description = "Servers that are accepted although their tools are not known, by their id."
  type        = set(string)
  default     = []
}

data "mcp_portal" "this" {
  id = var.portal_id
}

data "mcp_portal_access" "this" {
  id = var.portal_id
}

locals {
  required = jsonencode(var.required)

  # What each application guards, and the names of its policies that let somebody in
  # without asking for the rule. A policy asks for it by requiring it, or by including
  # nothing else. All but "deny" let somebody in, a decision that nobody knows as well;
  # an application without policies lets in nobody, and one of which the API did not
  # tell them may let in anybody.
  applications = [for a in data.mcp_portal_access.this.applications : {
    guards = concat(a.portal ? ["the portal"] : [], a.server_ids)
    lax = a.policies == null ? ["(policies that the API did not tell)"] : [
      for p in [for p in a.policies : {
        name    = coalesce(p.name, p.id, "(no name)")
        admits  = p.decision != "deny"
        include = [for r in coalesce(p.include, []) : try(jsonencode({ (r.selector) = jsondecode(r.json) }), "?")]
        require = [for r in coalesce(p.require, []) : try(jsonencode({ (r.selector) = jsondecode(r.json) }), "?")]
      }] : p.name
      if p.admits && !contains(p.require, local.required) && join("", distinct(p.include)) != local.required
    ]
  }]

  # Server id => those policies of all applications that guard it; "the portal" is the
  # portal. What nothing guards is not in it.
  lax = {
    for pair in flatten([for a in local.applications : [for place in a.guards : { place = place, lax = a.lax }]]) :
    pair.place => pair.lax...
  }
  strict = [for place, lax in local.lax : place if length(flatten(lax)) == 0]

  lax_servers = contains(local.strict, "the portal") ? [] : [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)") if !contains(local.strict, coalesce(s.server_id, "(no id)"))
  ]
  unknown = [
    for s in data.mcp_portal.this.servers : coalesce(s.server_id, "(no id)")
    if !s.tools_known && contains(local.lax_servers, coalesce(s.server_id, "(no id)")) && !contains(var.allowed_unknown, coalesce(s.server_id, "(no id)"))
  ]

  # Server id => names of its tools that are on and can destroy something. A hint that is
  # missing is no claim: MCP says to assume that a tool destroys unless it only reads. A
  # hint is only the server's word.
  destructive = {
    for t in data.mcp_portal.this.effective_tools : t.server_id => t.original_name...
    if t.enabled && (t.destructive_hint == true || t.destructive_hint == null && t.read_only_hint != true)
  }
  loose = { for id, names in local.destructive : id => names if contains(local.lax_servers, coalesce(id, "(no id)")) }

  # jsonencode and the replacement keep control characters, which a terminal would
  # obey, out of what is printed: the names are the servers' own.
  unwanted = flatten([for id, names in local.loose : [
    for name in setsubtract(names, lookup(var.allowed, id, [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
  ]])
  idle = flatten([for id, names in var.allowed : [
    for name in setsubtract(names, lookup(local.loose, id, [])) : "${id}: ${replace(jsonencode(name), "/\\p{C}/", "?")}"
  ]])
  # For each server with such a tool, and for the portal, why not everybody has passed it.
  by = [for place in concat(["the portal"], [for id, names in local.loose : id if length(setsubtract(names, lookup(var.allowed, id, []))) > 0]) : "${place}: ${
    !contains(keys(local.lax), place) ? "no Access application guards it" : join(", ", [for name in flatten(local.lax[place]) : replace(jsonencode(name), "/\\p{C}/", "?")])
  }"]
}

output "destructive_tools" {
  description = "How many tools that are on can destroy something, server by server."
  value       = { for id, names in local.destructive : id => length(names) }

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "Servers behind portal ${var.portal_id} whose tools are not known, so no rule can be checked for them:\n${join("\n", [for id in local.unknown : "  - ${id}"])}"
  }

  precondition {
    condition     = length(local.unwanted) == 0
    error_message = "Tools through portal ${var.portal_id} that can destroy something, and of which not everybody who can use them has passed ${replace(local.required, "/\\p{C}/", "?")}:\n${join("\n", [for tool in local.unwanted : "  - ${tool}"])}\nPolicies that don't ask for it:\n${join("\n", [for policies in local.by : "  - ${policies}"])}"
  }
}

check "allowed_is_up_to_date" {
  assert {
    condition     = length(local.idle) == 0
    error_message = "Accepted, but not on, not destructive, or guarded by now; take them out of allowed:\n${join("\n", [for tool in local.idle : "  - ${tool}"])}"
  }
}
