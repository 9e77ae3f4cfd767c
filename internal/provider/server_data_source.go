package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

func newServerDataSource() datasource.DataSource { return &serverDataSource{} }

type serverDataSource struct{ reader }

type serverDataSourceModel struct {
	standaloneServerModel
	scopeModel
}

// Metadata names the data source.
func (d *serverDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "mcp_server"
}

// Schema describes the data source.
func (d *serverDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	all := with(serverAttributes(), scopeAttributes(ctx))
	all["id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The id of the server to read: 1 to 32 characters of `A-Za-z0-9_-`.",
		Validators:          []validator.String{identifier("id")},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one MCP server of an account, whether it stands in a portal or not. What belongs to a portal's mapping of a server (`default_disabled`, `on_behalf`) is on the servers of `mcp_portal`.",
		Attributes:          all,
	}
}

// Read reads the server.
func (d *serverDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model serverDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.begin(ctx, &model.scopeModel, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	server, err := d.session.client.Server(ctx, model.AccountID.ValueString(), *model.ID)
	if err != nil {
		addError(&resp.Diagnostics, err, req.Config)
		return
	}
	if server.Identity() == nil {
		server.ID = model.ID
	}
	model.standaloneServerModel = newStandaloneServerModel(server)
	resp.Diagnostics.Append(fastread.SetState(ctx, &resp.State, &model)...)
}
