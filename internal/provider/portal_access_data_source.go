package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type portalAccessDataSourceModel struct {
	scopeModel
	ID           *string                     `tfsdk:"id"`
	Hostname     *string                     `tfsdk:"hostname"`
	Applications []applicationModel          `tfsdk:"applications"`
	Groups       map[string]accessGroupModel `tfsdk:"groups"`
	Reach        []reachModel                `tfsdk:"reach"`
}

func newPortalAccessDataSource() datasource.DataSource {
	return &dataSource[portalAccessDataSourceModel, *portalAccessDataSourceModel]{
		name:       "mcp_portal_access",
		schema:     portalAccessSchema,
		validators: portalValidators(),
		read:       readPortalAccess,
	}
}

func portalAccessSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads who may reach an MCP server portal and the servers behind it: the Access applications that guard them, with their policies, the Access groups that these refer to, and what follows. " +
			"An API token needs the permission *" + permissionApplications + "* for it, beside *" + permission + "*, and, where a rule refers to an Access group or a login method, *" + permissionGroups + "*.",
		Attributes: with(with(portalArguments(), scopeAttributes(ctx)), attributes{
			"applications": list("The applications that guard the portal or one of its servers, or cover some of the portal's host, in the API's order. Empty if there are none; never null.", applicationAttributes()),
			"groups":       objects("The Access groups that a policy of these applications refers to, or a group of it, by id. One that is not there is left out, and `text` of `reach` says so. Never null.", accessGroupAttributes()),
			"reach":        list("Who gets in: the portal first, then each server in the portal's order.", reachAttributes()),
		}),
	}
}

func readPortalAccess(ctx context.Context, client *cloudflare.Client, m *portalAccessDataSourceModel, diags *diag.Diagnostics) error {
	portal, err := readPortalOf(ctx, client, m.AccountID.ValueString(), m.ID, m.Hostname)
	if err != nil {
		return err
	}
	warnOfUnknownServers(diags, portal) // what overrides come to says nothing of who
	access, err := client.PortalAccess(ctx, m.AccountID.ValueString(), portal)
	if err != nil {
		return err
	}
	warnOfUnguarded(diags, portal, access)
	m.ID, m.Hostname = portal.ID, portal.Hostname
	m.Applications = neverNull(mapped(access.Applications, newApplicationModel))
	m.Groups = newAccessGroupModels(access.Groups)
	m.Reach = mapped(access.Reach, newReachModel)
	return nil
}
