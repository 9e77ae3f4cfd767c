package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

func newServersDataSource() datasource.DataSource { return &serversDataSource{} }

type serversDataSource struct{ reader }

type serversDataSourceModel struct {
	scopeModel
	Search  types.String            `tfsdk:"search"`
	Servers []standaloneServerModel `tfsdk:"servers"`
}

// Metadata names the data source.
func (d *serversDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "mcp_servers"
}

// Schema describes the data source.
func (d *serversDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads every MCP server of an account, all pages, whether it stands in a portal or not. What belongs to a portal's mapping of a server (`default_disabled`, `on_behalf`) is on the servers of `mcp_portal`.",
		Attributes: with(scopeAttributes(ctx), attributes{
			"search":  search("servers"),
			"servers": list("The servers, in the API's order. Empty if there are none; never null.", serverAttributes()),
		}),
	}
}

// Read reads the servers.
func (d *serversDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model serversDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.begin(ctx, &model.scopeModel, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	servers, err := d.session.client.Servers(ctx, model.AccountID.ValueString(), model.Search.ValueString())
	if err != nil {
		addError(&resp.Diagnostics, err, req.Config)
		return
	}
	model.Servers = neverNull(mapped(servers, newStandaloneServerModel))
	resp.Diagnostics.Append(fastread.SetState(ctx, &resp.State, &model)...)
}
