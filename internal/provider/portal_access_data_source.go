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
	ID                *string                          `tfsdk:"id"`
	Hostname          *string                          `tfsdk:"hostname"`
	Applications      []applicationModel               `tfsdk:"applications"`
	Groups            map[string]accessGroupModel      `tfsdk:"groups"`
	IdentityProviders map[string]identityProviderModel `tfsdk:"identity_providers"`
	Reach             []reachModel                     `tfsdk:"reach"`
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
		MarkdownDescription: "Reads who may reach an MCP server portal and the servers behind it: the Access applications that guard them with their policies, the Access groups and identity providers that these refer to, and who gets in by them. " +
			"Beside *" + permission + "*, an API token needs the permission *" + permissionApplications + "* **for the whole account**. A token whose role is scoped to some applications gets a list of those alone, and nothing in the answer shows it. " +
			"If a rule names an Access group or a login method, or an application has `allowed_idps`, the token also needs *" + permissionGroups + "*.",
		Attributes: with(with(portalArguments(), scopeAttributes(ctx)), attributes{
			"applications":       list("The applications that guard the portal or one of its servers, or cover some of the portal's host, in the API's order. Applications of the types `bookmark`, `saas`, `app_launcher`, `warp`, `biso`, `dash_sso`, `infrastructure` and `proxy_endpoint` guard nothing and are left out. Empty if there are none; never null.", applicationAttributes()),
			"groups":             objects("The Access groups that a policy of these applications names, and those that such a group names, by id. A group that does not exist is left out, and `text` of `reach` says so. Never null.", accessGroupAttributes()),
			"identity_providers": objects("The identity providers that a rule names as `login_method`, or an application in `allowed_idps`, by id. One that does not exist is left out, and `text` of `reach` says so. Never null.", identityProviderAttributes()),
			"reach":              list("Who gets in: the portal first, then each server in the portal's order.", reachAttributes()),
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
	m.IdentityProviders = newIdentityProviderModels(access.IdentityProviders)
	m.Reach = mapped(access.Reach, newReachModel)
	return nil
}
