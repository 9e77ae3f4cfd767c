# Guards every portal of an account at once: the rules of health, gateway,
# no-destructive-tools and closed-schemas, and the baseline of drift; with
# watch_access = true those of access, too, which need more permissions.
# Prints a warning for each rule, with portals, servers and tools by name, and one for
# the servers whose tools are not known, for which no rule on tools can be checked; and with
# -detailed-exitcode exits 2, without a state, when a portal differs from its folder in
# baselines/, has none, or is gone. To accept all that is there now, which changes every
# file or none:
#
#   terraform plan -out=drift.tfplan &&
#     terraform show -json drift.tfplan |
#     jq -j '.prior_state.values.root_module.resources[] | select(.type == "mcp_portal_baseline").values.files[].patch' |
#     git apply -p1
#
# Change max_age; take out the rules that aren't yours.

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

variable "max_age" {
  description = "How long ago a server's last successful synchronisation may be."
  type        = string
  default     = "24h"
}

variable "watch_waiting" {
  description = "Whether the health of servers with manual OAuth is watched that wait for an administrator's first credential. Until they have one, they do not synchronise."
  type        = bool
  default     = false
}

# Off, because the token needs permissions for it that the rest does not need: Access:
# Apps and Policies Read, and, where a rule refers to an Access group or a login method,
# Access: Organizations, Identity Providers, and Groups Read.
variable "watch_access" {
  description = "Whether it is watched who reaches portals and servers. All Access applications of the account are read once for each portal."
  type        = bool
  default     = false
}

variable "allowed_service_tokens" {
  description = "What service tokens may reach: from a portal's id to ids of its servers, and \"the portal\" for the portal itself."
  type        = map(set(string))
  default     = {}
}

variable "required" {
  description = "The rule that policies have to ask for where a tool is on that can destroy something, as in ../access/destructive-tools. Null: none."
  type        = any
  default     = null
}

data "mcp_portals" "all" {}

locals {
  portals = { for p in data.mcp_portals.all.portals : p.id => p if p.id != null }
  oldest  = timeadd(plantimestamp(), "-${var.max_age}")

  # Names and errors are the servers' own: control characters, which a terminal would
  # obey, are kept out of what is printed.
  control = "/\\p{C}/"

  unhealthy = flatten([for id, p in local.portals : [
    for s in p.servers : [
      for reason in compact([
        contains(["ready", "active"], coalesce(s.status, "unknown")) ? "" : "status is ${coalesce(s.status, "unknown")}",
        try(coalesce(s.error), ""),
        try(timecmp(s.last_successful_sync, local.oldest) >= 0, false) ? "" : try("not synchronised since ${coalesce(s.last_successful_sync)}", "never synchronised"),
      ]) : "${id}: ${coalesce(s.server_id, "(no id)")}: ${reason}"
    ] if var.watch_waiting || !(try(s.auth_config_summary.auth_mode == "manual", false) && try(s.status == "waiting", false))
  ]])

  unknown = flatten([for id, p in local.portals : [
    for s in p.servers : "${id}: ${coalesce(s.server_id, "(no id)")}" if !s.tools_known
  ]])

  bypassing_gateway = flatten([for id, p in local.portals : [
    for s in p.servers : "${id}: ${coalesce(s.server_id, "(no id)")}"
    if p.secure_web_gateway != true && s.secure_web_gateway != true
  ]])

  writing = flatten([for id, p in local.portals : [
    for t in p.effective_tools : "${id}: ${t.server_id}: ${replace(jsonencode(t.original_name), local.control, "?")}"
    if t.enabled && (t.destructive_hint == true || t.read_only_hint != true)
  ]])

  # The tool of a given index is the same in effective_tools and in this. The rule is
  # that of ../closed-schemas.
  closed = { for id, p in local.portals : id => [
    for text in [for tool in flatten(p.servers[*].tools) : coalesce(tool.input_schema, "{}")] :
    try(jsondecode(text).additionalProperties, jsondecode(text).unevaluatedProperties, true) == false &&
    length(regexall("\"(additional|unevaluated)Properties\":false", text)) >= length(regexall("\"type\":(\\[[^\\]]*)?\"object\"", text))
  ] }
  open_schemas = flatten([for id, p in local.portals : [
    for i, t in p.effective_tools : "${id}: ${t.server_id}: ${replace(jsonencode(t.original_name), local.control, "?")}"
    if t.enabled && !local.closed[id][i]
  ]])
}

check "healthy" {
  assert {
    condition     = length(local.unhealthy) == 0
    error_message = "Unhealthy servers:\n${join("\n", [for f in local.unhealthy : "  - ${replace(f, local.control, "?")}"])}"
  }
}

check "gateway" {
  assert {
    condition     = length(local.bypassing_gateway) == 0
    error_message = "Servers whose traffic bypasses Secure Web Gateway:\n${join("\n", [for f in local.bypassing_gateway : "  - ${f}"])}"
  }
}

check "tools_are_known" {
  assert {
    condition     = length(local.unknown) == 0
    error_message = "Servers whose tools are not known, so no rule can be checked for them:\n${join("\n", [for f in local.unknown : "  - ${f}"])}"
  }
}

check "read_only" {
  assert {
    condition     = length(local.writing) == 0
    error_message = "Tools in reach that don't say that they are read-only, or say that they are destructive:\n${join("\n", [for f in local.writing : "  - ${f}"])}"
  }
}

check "closed_schemas" {
  assert {
    condition     = length(local.open_schemas) == 0
    error_message = "Tools in reach whose input schema allows additional properties:\n${join("\n", [for f in local.open_schemas : "  - ${f}"])}"
  }
}

# Who reaches what: the rules are those of ../access/reach and ../access/destructive-tools.
data "mcp_portal_access" "each" {
  for_each = toset(var.watch_access ? keys(local.portals) : [])
  id       = each.key
}

locals {
  reach = flatten([for id, access in data.mcp_portal_access.each : [
    for r in access.reach : merge(r, { portal = id, place = r.server_id == null ? "the portal" : coalesce(r.server_id, "(no id)") })
  ]])
  reached_by_everyone      = [for r in local.reach : "${r.portal}: ${r.place}: ${r.text}" if r.everyone]
  unguarded                = [for r in local.reach : "${r.portal}: ${r.place}" if !r.guarded]
  reached_by_service_token = [for r in local.reach : "${r.portal}: ${r.place}: ${r.text}" if r.service_tokens && !contains(lookup(var.allowed_service_tokens, r.portal, []), r.place)]

  # By "portal: server", whether each application that guards it lets in nobody but by
  # policies that ask for var.required.
  strict = { for pair in flatten([for id, access in data.mcp_portal_access.each : [
    for a in access.applications : [
      for place in concat(a.portal ? ["the portal"] : [], a.server_ids) : {
        place = "${id}: ${place}"
        strict = a.policies != null && alltrue([
          for p in [for p in coalesce(a.policies, []) : {
            admits  = p.decision != "deny"
            include = [for r in coalesce(p.include, []) : try(jsonencode({ (r.selector) = jsondecode(r.json) }), "?")]
            require = [for r in coalesce(p.require, []) : try(jsonencode({ (r.selector) = jsondecode(r.json) }), "?")]
          }] : !p.admits || contains(p.require, jsonencode(var.required)) || join("", distinct(p.include)) == jsonencode(var.required)
        ])
      }
    ]
  ]]) : pair.place => pair.strict... }
  loose = flatten([for id in keys(data.mcp_portal_access.each) : [
    for t in local.portals[id].effective_tools : "${id}: ${t.server_id}: ${replace(jsonencode(t.original_name), local.control, "?")}"
    if t.enabled && (t.destructive_hint == true || t.destructive_hint == null && t.read_only_hint != true) &&
    !alltrue(lookup(local.strict, "${id}: the portal", [false])) && !alltrue(lookup(local.strict, "${id}: ${t.server_id}", [false]))
  ]])
}

check "reached_by_everyone" {
  assert {
    condition     = length(local.reached_by_everyone) == 0
    error_message = "Anybody reaches these, as far as can be told:\n${join("\n", [for text in local.reached_by_everyone : "  - ${text}"])}"
  }
}

check "guarded" {
  assert {
    condition     = length(local.unguarded) == 0
    error_message = "No Access application guards these:\n${join("\n", [for place in local.unguarded : "  - ${place}"])}"
  }
}

check "service_tokens" {
  assert {
    condition     = length(local.reached_by_service_token) == 0
    error_message = "Service tokens reach these:\n${join("\n", [for text in local.reached_by_service_token : "  - ${text}"])}"
  }
}

check "destructive_tools" {
  assert {
    condition     = var.required == null || length(local.loose) == 0
    error_message = "Tools that can destroy something, and of which not everybody who can use them has passed ${replace(jsonencode(var.required), local.control, "?")}:\n${join("\n", [for tool in local.loose : "  - ${tool}"])}"
  }
}

# What was accepted, portal by portal.
data "mcp_portal_baseline" "each" {
  for_each  = toset(keys(local.portals))
  id        = each.key
  directory = "${path.module}/baselines/${each.key}"
}

locals {
  accepted = toset([for name in fileset("${path.module}/baselines", "*/portal.json") : dirname(name)])
  drift = merge(
    { for id, b in data.mcp_portal_baseline.each : id => b.summary if b.summary != null },
    { for id in local.accepted : id => "- The portal is gone." if !contains(keys(local.portals), id) },
  )
}

# Null, which is no output at all, as long as every portal is as it was accepted.
output "drift" {
  description = "Portal by portal, what differs from what was accepted, the worst first."
  value       = length(local.drift) == 0 ? null : local.drift
}
