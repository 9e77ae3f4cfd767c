# Tests the configuration of ../drift with invented comparisons, to show that a pipeline
# stops when it should. The provider is mocked, so no account is needed. Set what the
# configuration reads, except `changes`: Terraform cannot invent the elements of a list.

mock_provider "mcp" {}

variables {
  portal_id = "made-up"
  stop_for  = ["widens", "undetermined"]
}

run "what_only_steers_is_shown" {
  command = plan

  module {
    source = "../drift"
  }

  override_data {
    target = data.mcp_portal_baseline.this
    values = { effects = ["steers"], summary = "~ docs: search: description:\n    - Find.\n    + Find it." }
  }

  assert {
    condition     = startswith(output.drift, "~ docs: search: description")
    error_message = "It says ${output.drift}"
  }
}

run "what_widens_stops" {
  command = plan

  module {
    source = "../drift"
  }

  override_data {
    target = data.mcp_portal_baseline.this
    values = { effects = ["widens", "steers"], summary = "! github: delete_branch: off -> on" }
  }

  expect_failures = [output.drift]
}

run "what_cannot_be_compared_stops" {
  command = plan

  module {
    source = "../drift"
  }

  override_data {
    target = data.mcp_portal_baseline.this
    values = { effects = ["undetermined"], summary = "? github: its tools and prompts cannot be compared" }
  }

  expect_failures = [output.drift]
}

run "nothing_stops_by_default" {
  command = plan

  module {
    source = "../drift"
  }

  variables {
    stop_for = []
  }

  override_data {
    target = data.mcp_portal_baseline.this
    values = { effects = ["widens"], summary = "! github: delete_branch: off -> on" }
  }

  assert {
    condition     = output.drift == "! github: delete_branch: off -> on"
    error_message = "It says ${output.drift}"
  }
}
