package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type portalDataSourceModel struct {
	portalModel
	scopeModel
}

func newPortalDataSource() datasource.DataSource {
	return &dataSource[portalDataSourceModel, *portalDataSourceModel]{
		name:   "mcp_portal",
		schema: portalSchema,
		validators: []datasource.ConfigValidator{
			datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("hostname")),
		},
		read: readPortal,
	}
}

func portalSchema(ctx context.Context) schema.Schema {
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
	return schema.Schema{
		MarkdownDescription: "Reads one MCP server portal, whole: its servers with their state, their tools and prompts, what people decided about those, and which tools and prompts an MCP client can reach in the end. " +
			"It is read at every refresh, so a plan shows what changed. Times are in RFC 3339. Names and order are those of Cloudflare's API.",
		Attributes: all,
	}
}

// readPortal reads the portal that the configuration names.
func readPortal(ctx context.Context, client *cloudflare.Client, m *portalDataSourceModel, diags *diag.Diagnostics) error {
	portal, err := findPortal(ctx, client, m)
	if err != nil {
		return err
	}
	if portal.ID == nil {
		portal.ID = m.ID
	}
	warnOfAnother("portal", m.ID, portal.ID, diags)
	m.portalModel = newPortalModel(portal)
	return nil
}

func findPortal(ctx context.Context, client *cloudflare.Client, m *portalDataSourceModel) (*cloudflare.Portal, error) {
	account := m.AccountID.ValueString()
	if m.ID != nil {
		return client.Portal(ctx, account, *m.ID)
	}
	return client.PortalByHostname(ctx, account, *m.Hostname)
}
