# What a script asks of a portal with curl and jq, asked of the provider instead.
# Prints the answers as outputs. The comment above each is the question in jq, where $p
# is the portal: .result of the API's answer.
# Change portal_id, and keep the questions you need.

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
  description = "The id of the portal to ask."
  type        = string
}

data "mcp_portal" "this" {
  id = var.portal_id
}

# Servers choose names and errors. These characters are replaced before printing: a
# terminal obeys control characters, and a plan undoes JSON's escapes.
locals {
  control = "/[\\p{C}\\\\]/"
}

# $p.servers[] | select(.status != "ready" and .status != "active") | .id
output "not_ready" {
  value = [
    for s in data.mcp_portal.this.servers : s.server_id
    if !contains(["ready", "active"], coalesce(s.status, "unknown"))
  ]
}

# $p.servers[] | select((.error // "") != "") | .id + ": " + .error + ": " + (.error_details.cause // "")
output "errors" {
  value = [
    for s in data.mcp_portal.this.servers :
    replace(join(": ", compact([s.server_id, s.error, try(s.error_details.cause, null)])), local.control, "?")
    if try(coalesce(s.error), "") != ""
  ]
}

# $p.servers[] | .updated_tools[]? | select(.enabled) | .name
# That misses tools that are on because nobody turned them off, and includes tools that
# the server no longer has. effective_tools gets both right. Neither has the tools of a
# server whose tools are not known.
output "reachable_tools" {
  value = [for t in data.mcp_portal.this.effective_tools : replace(t.name, local.control, "?") if t.enabled]
}

# $p.servers[] | select(.tools == null) | .id
output "servers_whose_tools_are_not_known" {
  value = [for s in data.mcp_portal.this.servers : s.server_id if !s.tools_known]
}

# $p.servers[] | .tools[]? | select(.annotations.destructiveHint) | .name
output "destructive_tools" {
  value = [for t in data.mcp_portal.this.effective_tools : replace(t.name, local.control, "?") if t.enabled && t.destructive_hint == true]
}

# $p.servers[] | .tools[]? | {(.name): (.inputSchema.properties // {} | keys)}
# Schemas are JSON text. A tool may have no name, and two tools the same name.
output "arguments" {
  value = {
    for t in flatten(data.mcp_portal.this.servers[*].tools) :
    replace(t.name, local.control, "?") => [for name in try(keys(jsondecode(t.input_schema).properties), []) : replace(name, local.control, "?")]... if t.name != null
  }
}

# $p.servers[] | select(.last_synced | fromdate > (now - 86400)) | .id
# fromdate fails on 2026-03-11 15:00:45 and on 2026-03-11T15:00:45.310Z, and the API
# returns both. Here all times are RFC 3339.
output "synced_today" {
  value = [
    for s in data.mcp_portal.this.servers : s.server_id
    if try(timecmp(s.last_synced, timeadd(plantimestamp(), "-24h")) >= 0, false)
  ]
}

# $p.servers[].tools[]?._meta["example.net/toolset"] // empty
# A field without an attribute is in extra, under the API's name, as JSON text.
output "toolsets" {
  value = compact([for t in flatten(data.mcp_portal.this.servers[*].tools) : try(replace(jsondecode(t.extra["_meta"])["example.net/toolset"], local.control, "?"), "")])
}
