package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type serversDataSourceModel struct {
	scopeModel
	Search  types.String  `tfsdk:"search"`
	Servers []serverModel `tfsdk:"servers"`
}

func newServersDataSource() datasource.DataSource {
	return &dataSource[serversDataSourceModel, *serversDataSourceModel]{
		name:   "mcp_servers",
		schema: serversSchema,
		read:   readServers,
	}
}

func serversSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads every MCP server of an account, all pages, whether it stands in a portal or not. What belongs to a portal's mapping of a server (`default_disabled`, `on_behalf`) is on the servers of `mcp_portal`.",
		Attributes: with(scopeAttributes(ctx), attributes{
			"search":  search("servers"),
			"servers": list("The servers, in the API's order. Empty if there are none; never null.", serverAttributes()),
		}),
	}
}

func readServers(ctx context.Context, client *cloudflare.Client, m *serversDataSourceModel, diags *diag.Diagnostics) error {
	servers, err := client.Servers(ctx, m.AccountID.ValueString(), m.Search.ValueString())
	var strays []string
	for i := range servers {
		for _, place := range servers[i].Strays() {
			strays = append(strays, fmt.Sprintf("servers[%d].%s", i, place))
		}
	}
	warnOfStrays(diags, strays)
	m.Servers = neverNull(mapped(servers, newServerModel))
	return err
}
