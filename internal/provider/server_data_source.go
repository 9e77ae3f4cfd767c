package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type serverDataSourceModel struct {
	serverModel
	scopeModel
}

func newServerDataSource() datasource.DataSource {
	return &dataSource[serverDataSourceModel, *serverDataSourceModel]{
		name:   "mcp_server",
		schema: serverSchema,
		read:   readServer,
	}
}

func serverSchema(ctx context.Context) schema.Schema {
	all := with(serverAttributes(), scopeAttributes(ctx))
	all["id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The id of the server to read: 1 to 32 characters of `A-Za-z0-9_-`.",
		Validators:          []validator.String{identifier("id")},
	}
	return schema.Schema{
		MarkdownDescription: "Reads one MCP server of an account, whether it stands in a portal or not. What belongs to a portal's mapping of a server (`default_disabled`, `on_behalf`) is on the servers of `mcp_portal`.",
		Attributes:          all,
	}
}

func readServer(ctx context.Context, client *cloudflare.Client, m *serverDataSourceModel, diags *diag.Diagnostics) error {
	server, err := client.Server(ctx, m.AccountID.ValueString(), *m.ID)
	if err != nil {
		return err
	}
	if server.Identity() == nil {
		server.ID = m.ID
	}
	warnOfStrays(diags, server.Strays())
	m.serverModel = newServerModel(server)
	return nil
}
