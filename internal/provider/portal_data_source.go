package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"

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

// warnOfUnknownServers warns of the portals of whose servers the API said null:
// in the state that is the empty list, over which every rule passes.
func warnOfUnknownServers(diags *diag.Diagnostics, portals ...*cloudflare.Portal) {
	var names []string
	for _, p := range portals {
		if p.Servers == nil {
			names = append(names, fmt.Sprintf("%q", *cmp.Or(p.ID, p.Hostname, new("without an id"))))
		}
	}
	if len(names) == 0 {
		return
	}
	diags.AddWarning("The servers of a portal are not known",
		"Cloudflare's API answered with null for the servers of "+strings.Join(names, ", ")+". It is read as a portal without servers, and a rule over its servers or tools finds nothing in it. "+
			"Before you rely on that, look in the dashboard whether it has none.")
}

// maxContradictions is how many overrides a warning names.
const maxContradictions = 20

// warnOfContradictions warns, once for all of them, of overrides that disagree on
// whether a tool or prompt is on: nobody documents which one Cloudflare takes, so
// that it stands in the state as on, and may be off for agents.
func warnOfContradictions(diags *diag.Diagnostics, portals ...*cloudflare.Portal) {
	var lines []string
	for _, p := range portals {
		for _, c := range p.Contradictions() {
			lines = append(lines, fmt.Sprintf("  portal %q, server %q: %s %.100q", *cmp.Or(p.ID, p.Hostname, new("without an id")), c.ServerID, c.Kind, c.Name))
		}
	}
	if len(lines) == 0 {
		return
	}
	if more := len(lines) - maxContradictions; more > 0 {
		lines = append(lines[:maxContradictions], fmt.Sprintf("  and %d more", more))
	}
	diags.AddWarning("Overrides contradict each other",
		"Several entries of one server's updated_tools or updated_prompts are about the same tool or prompt, and disagree on whether it is on. Which of them counts is documented nowhere, so the provider reads it as on.\n\n"+
			strings.Join(lines, "\n")+"\n\nTurn each of them on or off anew in Cloudflare's dashboard, so that one entry is left.")
}
