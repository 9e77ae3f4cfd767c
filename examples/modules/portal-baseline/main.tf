# What people decided about a portal and what its servers offer, without what
# changes by itself. As an output of the root module it makes a plan differ when
# somebody changed something, and not when the portal only synced.
# Change include_disabled and extra_fields where you call it, if at all.
#
# Left out, because a synchronisation or an expired login changes it while nobody
# touches the configuration:
#   - last_synced, last_successful_sync, modified_at: every synchronisation moves them;
#   - status, error, error_details, authentication_status: the state of a server and
#     of the login to it, which examples/health watches;
#   - modified_by: it goes with modified_at, and an edit that was taken back would
#     leave a difference that nobody can undo.
# Kept is created_at: another value means deleted and made anew under the same id.
#
# Servers stand under their id and tools under their name. So the difference in a
# plan is the tool that changed, not the whole list, and another order is none.

variable "portal" {
  description = "A portal: `data.mcp_portal.<name>`, or one of `data.mcp_portals.<name>.portals`."
  type        = any
}

variable "include_disabled" {
  description = "Whether tools and prompts that are off belong to the baseline. If not, a change to them goes unnoticed until somebody turns them on."
  type        = bool
  default     = true
}

variable "extra_fields" {
  description = "Fields of `extra`, on any level, that count as configuration: one that the provider has no attribute for, and those that land there when a server sends another type than MCP says. All others may change by themselves and are left out."
  type        = set(string)
  default     = ["auth_config_summary", "annotations", "arguments", "description", "inputSchema", "outputSchema", "title"]
}

locals {
  # The JSON of a value that nobody needs to see. The API gives null, "" or nothing
  # for the same thing, which must not count as a change.
  nothing = ["null", "\"\"", "{}", "0"]
  no_id   = "(no id)"

  # effective_tools goes server by server and tool by tool, as these do, so the tool
  # of a given index is the same in both. Names wouldn't do: some occur twice, and
  # some tools have none. Of a schema a fingerprint is enough; it is taken of the
  # content, because some servers shuffle the order of the keys at every start.
  tool_definitions = [for t in flatten([for s in var.portal.servers : s.tools]) : {
    title         = t.title
    annotations   = try({ for k, v in t.annotations : k => v if v != null }, null)
    input_schema  = t.input_schema == null ? null : sha256(try(jsonencode(jsondecode(t.input_schema)), t.input_schema))
    output_schema = t.output_schema == null ? null : sha256(try(jsonencode(jsondecode(t.output_schema)), t.output_schema))
    extra         = try({ for k, v in t.extra : k => v if contains(var.extra_fields, k) && v != "null" }, {})
  }]
  prompt_definitions = [for p in flatten([for s in var.portal.servers : s.prompts]) : {
    title     = p.title
    arguments = p.arguments == null ? null : sha256(jsonencode(p.arguments))
    extra     = try({ for k, v in p.extra : k => v if contains(var.extra_fields, k) && v != "null" }, {})
  }]

  # Server id => all its tools: the original name, and what a client sees.
  tools = {
    for i, t in var.portal.effective_tools : coalesce(t.server_id, local.no_id) => {
      original_name = try(coalesce(t.original_name), "")
      shown = {
        for k, v in merge(local.tool_definitions[i], { enabled = t.enabled, name = t.name, description = t.description }) :
        k => v if !contains(local.nothing, jsonencode(v))
      }
    }... if t.enabled || var.include_disabled
  }
  prompts = {
    for i, p in var.portal.effective_prompts : coalesce(p.server_id, local.no_id) => {
      original_name = try(coalesce(p.original_name), "")
      shown = {
        for k, v in merge(local.prompt_definitions[i], { enabled = p.enabled, name = p.name, description = p.description }) :
        k => v if !contains(local.nothing, jsonencode(v))
      }
    }... if p.enabled || var.include_disabled
  }

  # Server id => name => the tools of that name: one, unless the server is odd.
  tools_by_name   = { for id, ts in local.tools : id => { for t in ts : t.original_name => t.shown... if t.original_name != "" } }
  prompts_by_name = { for id, ps in local.prompts : id => { for p in ps : p.original_name => p.shown... if p.original_name != "" } }

  # Decisions about tools that the server doesn't have. They expose nothing until it
  # offers a tool of that name.
  waiting_names = [for s in var.portal.servers : setsubtract(
    [for o in try(coalesce(s.updated_tools), []) : o.name if try(coalesce(o.name), "") != ""],
    [for t in s.tools : t.name if try(coalesce(t.name), "") != ""],
  )]
  decisions_in_waiting = [for i, s in var.portal.servers : {
    for o in try(coalesce(s.updated_tools), []) : o.name => {
      for k, v in o : k => v if !contains(["name", "extra"], k) && !contains(local.nothing, jsonencode(v))
    }... if try(contains(local.waiting_names[i], o.name), false)
  }]

  # Server id => the servers of that id: one, unless the API is odd.
  servers = {
    for i, s in var.portal.servers : coalesce(s.server_id, s.id, local.no_id) => {
      name                             = s.name
      hostname                         = s.hostname
      description                      = s.description
      auth_type                        = s.auth_type
      default_disabled                 = s.default_disabled
      on_behalf                        = s.on_behalf
      secure_web_gateway               = s.secure_web_gateway
      is_shared_oauth_callback_enabled = s.is_shared_oauth_callback_enabled
      created_at                       = s.created_at
      extra                            = try({ for k, v in s.extra : k => v if contains(var.extra_fields, k) && v != "null" }, {})
      decisions_in_waiting             = { for name, decisions in local.decisions_in_waiting[i] : name => decisions[0] }
    }...
  }
}

output "baseline" {
  description = "The portal as people configured it; its servers by id; their tools and prompts by name. What is null or empty is left out."
  value = {
    for k, v in {
      hostname           = var.portal.hostname
      name               = var.portal.name
      description        = var.portal.description
      code_mode          = var.portal.code_mode
      allow_code_mode    = var.portal.allow_code_mode
      secure_web_gateway = var.portal.secure_web_gateway
      created_at         = var.portal.created_at
      extra              = try({ for k, v in var.portal.extra : k => v if contains(var.extra_fields, k) && v != "null" }, {})

      servers = { for id, same_id in local.servers : id => {
        for k, v in merge(same_id[0], {
          tools   = { for name, same_name in try(local.tools_by_name[id], {}) : name => same_name[0] }
          prompts = { for name, same_name in try(local.prompts_by_name[id], {}) : name => same_name[0] }

          # Nothing of this where ids and names are unique and tools have names.
          more_servers_of_the_id   = { for n, server in slice(same_id, 1, length(same_id)) : n + 2 => server }
          more_tools_of_the_name   = { for name, same_name in try(local.tools_by_name[id], {}) : name => slice(same_name, 1, length(same_name)) if length(same_name) > 1 }
          more_prompts_of_the_name = { for name, same_name in try(local.prompts_by_name[id], {}) : name => slice(same_name, 1, length(same_name)) if length(same_name) > 1 }
          tools_without_a_name     = length([for t in try(local.tools[id], []) : t if t.original_name == ""])
        }) : k => v if !contains(local.nothing, jsonencode(v))
      } }
    } : k => v if !contains(local.nothing, jsonencode(v))
  }
}
