# The real portal. Give its id with -var portal_id=…

run "every_server_is_healthy" {
  command = plan

  assert {
    condition     = length(output.unhealthy_servers) == 0
    error_message = "Not ready, or in error: ${join(", ", output.unhealthy_servers)}"
  }
}

run "all_traffic_goes_through_gateway" {
  command = plan

  assert {
    condition     = length(output.bypassing_gateway) == 0
    error_message = "Not through Secure Web Gateway: ${join(", ", output.bypassing_gateway)}"
  }
}

run "every_tool_is_known" {
  command = plan

  assert {
    condition     = length(output.unknown_servers) == 0
    error_message = "Servers whose tools are not known: ${join(", ", output.unknown_servers)}"
  }
}

run "no_destructive_tool_is_in_reach" {
  command = plan

  assert {
    condition     = length(output.destructive_tools) == 0
    error_message = "In reach, and maybe destructive: ${join(", ", output.destructive_tools)}"
  }
}
