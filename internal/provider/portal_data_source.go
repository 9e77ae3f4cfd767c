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
		name:       "mcp_portal",
		schema:     portalSchema,
		validators: portalValidators(),
		read:       readPortal,
	}
}

func portalSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads one MCP server portal, whole: its servers with their state, their tools and prompts, what people decided about those, and which tools and prompts that exposes in the end. " +
			"It is read at every refresh, so a plan shows what changed. Times are in RFC 3339. Names and order are those of Cloudflare's API.",
		Attributes: with(with(portalAttributes(), portalArguments()), scopeAttributes(ctx)),
	}
}

// portalArguments are those that name one portal.
func portalArguments() attributes {
	return attributes{
		"id": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: "The portal's id: 1 to 32 characters of `A-Za-z0-9_-`. Exactly one of `id` and `hostname` says which portal to read.",
			Validators:          []validator.String{identifier("id")},
		},
		"hostname": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: "The host name at which MCP clients reach the portal, such as `mcp.example.com`; in DNS a CNAME to `gateway.agents.cloudflare.com`. Given instead of `id`, it says which portal to read; upper and lower case are the same. The state holds what the API returned.",
			Validators:          []validator.String{hostname{}},
		},
	}
}

func portalValidators() []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("hostname")),
	}
}

// readPortal reads the portal that the configuration names.
func readPortal(ctx context.Context, client *cloudflare.Client, m *portalDataSourceModel, diags *diag.Diagnostics) error {
	portal, err := findPortal(ctx, client, m.AccountID.ValueString(), m.ID, m.Hostname, diags)
	if err == nil {
		m.portalModel = newPortalModel(portal)
	}
	return err
}

// findPortal reads the portal of an id or, if that is nil, of a host name, and
// warns of what is odd about it.
func findPortal(ctx context.Context, client *cloudflare.Client, account string, id, hostname *string, diags *diag.Diagnostics) (*cloudflare.Portal, error) {
	portal, err := readPortalOf(ctx, client, account, id, hostname)
	if err != nil {
		return nil, err
	}
	warnOfUnknownServers(diags, portal)
	warnOfContradictions(diags, portal)
	warnOfStraysIn(diags, portal)
	return portal, nil
}

// readPortalOf reads the portal of an id or, if that is nil, of a host name.
func readPortalOf(ctx context.Context, client *cloudflare.Client, account string, id, hostname *string) (portal *cloudflare.Portal, err error) {
	if id != nil {
		portal, err = client.Portal(ctx, account, *id)
	} else {
		portal, err = client.PortalByHostname(ctx, account, *hostname)
	}
	if err != nil {
		return nil, err
	}
	if portal.ID == nil {
		portal.ID = id
	}
	return portal, nil
}
