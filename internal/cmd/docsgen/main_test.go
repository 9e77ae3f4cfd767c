package main

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	const want = `{"format_version":"1.0","provider_schemas":{"mcp":{"data_source_schemas":{"mcp_portal":{"version":0}},"provider":{"version":0}}}}`
	tests := []struct {
		name, printed, address, want, wantErr string
	}{
		{
			name:    "Terraform",
			address: "registry.terraform.io/mcp-portals/mcp",
			printed: `{"format_version":"1.0","provider_schemas":{"registry.terraform.io/mcp-portals/mcp":{
				"provider":{"version":0},"data_source_schemas":{"mcp_portal":{"version":0}}}}}`,
			want: want,
		},
		{
			name:    "OpenTofu, and parts that only some CLIs print",
			address: "registry.opentofu.org/mcp-portals/mcp",
			printed: `{"format_version":"1.0","provider_schemas":{"registry.opentofu.org/mcp-portals/mcp":{
				"provider":{"version":0},"data_source_schemas":{"mcp_portal":{"version":0}},"list_resource_schemas":{},"action_schemas":{}},
				"terraform.io/builtin/terraform":{"provider":{}}}}`,
			want: want,
		},
		{
			name:    "another provider",
			address: "registry.terraform.io/mcp-portals/mcp",
			printed: `{"format_version":"1.0","provider_schemas":{"registry.opentofu.org/mcp-portals/mcp":{}}}`,
			wantErr: "has no provider registry.terraform.io/mcp-portals/mcp",
		},
		{
			name:    "not JSON",
			printed: "Error: something",
			wantErr: "invalid character",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := normalise([]byte(test.printed), test.address)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Errorf("error %v, want one with %q", err, test.wantErr)
				}
				return
			}
			if err != nil || strings.ReplaceAll(string(got), " ", "") != test.want {
				t.Errorf("got %s, %v\nwant %s", got, err, test.want)
			}
		})
	}
}
