package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type portalsDataSourceModel struct {
	scopeModel
	Search  types.String  `tfsdk:"search"`
	Portals []portalModel `tfsdk:"portals"`
}

func newPortalsDataSource() datasource.DataSource {
	return &dataSource[portalsDataSourceModel, *portalsDataSourceModel]{
		name:   "mcp_portals",
		schema: portalsSchema,
		read:   readPortals,
	}
}

func portalsSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
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

func readPortals(ctx context.Context, client *cloudflare.Client, m *portalsDataSourceModel, diags *diag.Diagnostics) error {
	portals, err := client.Portals(ctx, m.AccountID.ValueString(), m.Search.ValueString())
	all := make([]*cloudflare.Portal, len(portals))
	for i := range portals {
		all[i] = &portals[i]
	}
	warnOfUnknownServers(diags, all...)
	warnOfContradictions(diags, all...)
	warnOfStraysIn(diags, all...)
	m.Portals = neverNull(mapped(portals, newPortalModel))
	return err
}
