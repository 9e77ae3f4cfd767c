package main

import "testing"

func TestRename(t *testing.T) {
	t.Parallel()
	const address = "registry.opentofu.org/mcp-portals/mcp"
	for printed, want := range map[string]string{
		`{"provider_schemas":{"registry.opentofu.org/mcp-portals/mcp":{"provider":{"version":0}}}}`: `{"provider_schemas":{"mcp":{"provider":{"version":0}}}}`,
		`{"provider_schemas":{"registry.terraform.io/mcp-portals/mcp":{}}}`:                         "",
		"Error: something": "",
	} {
		got, err := rename([]byte(printed), address)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %s, %v", printed, got, err)
		}
	}
}
