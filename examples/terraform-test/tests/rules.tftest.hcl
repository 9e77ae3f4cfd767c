# Tests the rules with invented portals. The provider is mocked, so no account is needed.
# An invented server or tool needs only the attributes that the rules read.

mock_provider "mcp" {}

variables {
  portal_id = "made-up"
}

run "an_empty_portal_breaks_no_rule" {
  command = plan

  override_module {
    target = module.portal
    outputs = {
      portal = { secure_web_gateway = null, servers = [], effective_tools = [] }
    }
  }

  assert {
    condition     = length(concat(output.unhealthy_servers, output.bypassing_gateway, output.unknown_servers, output.destructive_tools)) == 0
    error_message = "Found something in an empty portal."
  }
}

run "an_expired_login_a_bypass_and_unknown_tools_are_found" {
  command = plan

  override_module {
    target = module.portal
    outputs = {
      portal = {
        secure_web_gateway = false
        servers = [
          { server_id = "docs", status = "ready", error = "", secure_web_gateway = null, tools_known = true },
          { server_id = "github", status = "stale", error = "Credential expired", secure_web_gateway = true, tools_known = false },
        ]
        effective_tools = []
      }
    }
  }

  assert {
    condition     = jsonencode(output.unhealthy_servers) == jsonencode(["github"])
    error_message = "Want github alone, got ${jsonencode(output.unhealthy_servers)}."
  }

  assert {
    condition     = jsonencode(output.bypassing_gateway) == jsonencode(["docs"])
    error_message = "Want docs alone, got ${jsonencode(output.bypassing_gateway)}."
  }

  assert {
    condition     = jsonencode(output.unknown_servers) == jsonencode(["github"])
    error_message = "Want github alone, got ${jsonencode(output.unknown_servers)}."
  }
}

run "a_destructive_tool_is_found_if_it_is_on" {
  command = plan

  override_module {
    target = module.portal
    outputs = {
      portal = {
        secure_web_gateway = true
        servers            = []
        effective_tools = [
          { server_id = "github", original_name = "get_issue", enabled = true, read_only_hint = true, destructive_hint = false },
          { server_id = "github", original_name = "delete_branch", enabled = true, read_only_hint = false, destructive_hint = true },
          { server_id = "github", original_name = "run_workflow", enabled = true, read_only_hint = null, destructive_hint = null },
          { server_id = "github", original_name = "delete_repository", enabled = false, read_only_hint = false, destructive_hint = true },
        ]
      }
    }
  }

  assert {
    condition     = jsonencode(output.destructive_tools) == jsonencode(["github: \"delete_branch\"", "github: \"run_workflow\""])
    error_message = "Found ${jsonencode(output.destructive_tools)}."
  }
}
