package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

func newPortalDataSource() datasource.DataSource { return &portalDataSource{} }

type portalDataSource struct{ reader }

type portalDataSourceModel struct {
	portalModel
	scopeModel
}

// Metadata names the data source.
func (d *portalDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "mcp_portal"
}

// Schema describes the data source.
func (d *portalDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	all := with(portalAttributes(), scopeAttributes(ctx))
	all["id"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The portal's id: 1 to 32 characters of `A-Za-z0-9_-`. Exactly one of `id` and `hostname` says which portal to read.",
		Validators:          []validator.String{identifier("id")},
	}
	all["hostname"] = schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "The host name at which MCP clients reach the portal, such as `mcp.example.com`; in DNS a CNAME to `gateway.agents.cloudflare.com`. Given instead of `id`, it says which portal to read; upper and lower case are the same. The state holds what the API returned.",
		Validators:          []validator.String{hostname{}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one MCP server portal, whole: its servers with their state, their tools and prompts, what people decided about those, and which tools and prompts an MCP client can reach in the end. " +
			"It is read at every refresh, so a plan shows what changed. Times are in RFC 3339. Names and order are those of Cloudflare's API.",
		Attributes: all,
	}
}

// ConfigValidators says that a portal is named in one way.
func (d *portalDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("hostname")),
	}
}

// Read reads the portal.
func (d *portalDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model portalDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.begin(ctx, &model.scopeModel, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	portal, err := d.find(ctx, model)
	if err != nil {
		addError(&resp.Diagnostics, err, req.Config)
		return
	}
	d.checkID(portal, model.ID, &resp.Diagnostics)
	model.portalModel = newPortalModel(portal)
	resp.Diagnostics.Append(fastread.SetState(ctx, &resp.State, &model)...)
}

// find reads the portal that the configuration names.
func (d *portalDataSource) find(ctx context.Context, model portalDataSourceModel) (*cloudflare.Portal, error) {
	account := model.AccountID.ValueString()
	if model.ID != nil {
		return d.session.client.Portal(ctx, account, *model.ID)
	}
	return d.session.client.PortalByHostname(ctx, account, *model.Hostname)
}

// checkID fills in the id that was asked for, should the API have left it out,
// and warns if the API gave another one: the portal is then not the one that
// the configuration names.
func (d *portalDataSource) checkID(portal *cloudflare.Portal, asked *string, diags *diag.Diagnostics) {
	if portal.ID == nil {
		portal.ID = asked
		return
	}
	if asked != nil && *asked != *portal.ID {
		diags.AddAttributeWarning(path.Root("id"), "Cloudflare's API answered with another portal",
			fmt.Sprintf("The portal %q was asked for, and the answer says that it is %q. The state holds what the answer says.", *asked, *portal.ID))
	}
}
