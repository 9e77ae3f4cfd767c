package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

func newPortalsDataSource() datasource.DataSource { return &portalsDataSource{} }

type portalsDataSource struct{ reader }

type portalsDataSourceModel struct {
	scopeModel
	Search  types.String  `tfsdk:"search"`
	Portals []portalModel `tfsdk:"portals"`
}

// Metadata names the data source.
func (d *portalsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "mcp_portals"
}

// Schema describes the data source.
func (d *portalsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads every MCP server portal of an account, all pages, each as whole as `mcp_portal` reads it.",
		Attributes: with(scopeAttributes(ctx), attributes{
			"search":  search("portals"),
			"portals": list("The portals, in the API's order. Empty if there are none; never null.", portalAttributes()),
		}),
	}
}

// search is the attribute that narrows a list of things.
func search(things string) schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Text that narrows the list to the " + things + " that the API finds with it; it looks at id, name and hostname.",
	}
}

// Read reads the portals.
func (d *portalsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model portalsDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.begin(ctx, &model.scopeModel, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	portals, err := d.session.client.Portals(ctx, model.AccountID.ValueString(), model.Search.ValueString())
	if err != nil {
		addError(&resp.Diagnostics, err, req.Config)
		return
	}
	model.Portals = neverNull(mapped(portals, newPortalModel))
	resp.Diagnostics.Append(fastread.SetState(ctx, &resp.State, &model)...)
}
