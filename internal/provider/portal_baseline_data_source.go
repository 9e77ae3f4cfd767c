package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type portalBaselineModel struct {
	scopeModel
	ID              *string       `tfsdk:"id"`
	Hostname        *string       `tfsdk:"hostname"`
	Accepted        *string       `tfsdk:"accepted"`
	IncludeDisabled *bool         `tfsdk:"include_disabled"`
	IncludeExtra    []string      `tfsdk:"include_extra"`
	JSON            *string       `tfsdk:"json"`
	Changes         []changeModel `tfsdk:"changes"`
	Drifted         *bool         `tfsdk:"drifted"`
	Widened         *bool         `tfsdk:"widened"`
	Summary         *string       `tfsdk:"summary"`
}

func newPortalBaselineDataSource() datasource.DataSource {
	return &dataSource[portalBaselineModel, *portalBaselineModel]{
		name:       "mcp_portal_baseline",
		schema:     portalBaselineSchema,
		validators: portalValidators(),
		read:       readPortalBaseline,
	}
}

func portalBaselineSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Tells whether a portal is as it was agreed to be. It makes one text, to commit, of what people decided about a portal and of what agents meet there; " +
			"and, given the text that was committed, it says what differs now. It needs no state, and costs less than any other way to watch a portal.",
		Attributes: with(with(portalArguments(), scopeAttributes(ctx)), attributes{
			"accepted": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What was agreed to: a `json` of earlier, from a committed file, such as `file(\"${path.module}/baseline.json\")`. Null, or an empty file, means that nothing has been accepted yet.",
			},
			"include_disabled": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether tools and prompts that are off belong to the baseline. If not, one that is turned off is `removed`, one that is turned on is `added`, and what happens to it in between goes unnoticed. Default: true.",
			},
			"include_extra": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names of fields in `extra`, on any level, that count as configuration, such as `_meta`. Default: none, since nobody knows which of them change by themselves.",
			},
			"json":    text("The baseline as it is now, to be committed. The same content is the same text; this page says what it holds."),
			"changes": list("What differs from `accepted`: the portal first, then server by server in the order of their ids, and in each its tools and its prompts by name. Null without `accepted`.", changeAttributes()),
			"drifted": boolean("Whether anything differs from `accepted`. Null without `accepted`."),
			"widened": boolean("Whether a change widens what agents can do. Null without `accepted`."),
			"summary": text("The texts of the changes, one a line, those that widen first; from the fifty-first on they are only counted. Empty if there are none, null without `accepted`."),
		}),
	}
}

// readPortalBaseline makes the baseline of the portal that the configuration
// names, and compares it with the accepted one.
func readPortalBaseline(ctx context.Context, client *cloudflare.Client, m *portalBaselineModel, diags *diag.Diagnostics) error {
	portal, err := findPortal(ctx, client, m.AccountID.ValueString(), m.ID, m.Hostname, diags)
	if err != nil {
		return err
	}
	m.ID, m.Hostname = portal.ID, portal.Hostname
	current := baseline.New(portal, baseline.Options{
		EnabledOnly:  m.IncludeDisabled != nil && !*m.IncludeDisabled,
		IncludeExtra: m.IncludeExtra,
	})
	m.JSON = new(current.Text())
	if m.Accepted == nil || strings.TrimSpace(*m.Accepted) == "" {
		return nil
	}
	var changes []baseline.Change
	if *m.Accepted != *m.JSON { // usually it is the same, and need not be read
		if changes, err = current.Since(*m.Accepted); err != nil {
			addAcceptedError(diags, err)
			return nil
		}
	}
	m.Changes = neverNull(mapped(changes, newChangeModel))
	m.Drifted = new(len(changes) > 0)
	m.Widened = new(slices.ContainsFunc(changes, func(c baseline.Change) bool { return c.Widens }))
	m.Summary = new(baseline.Summary(changes))
	return nil
}

// addAcceptedError says what is wrong with accepted, without any of it.
func addAcceptedError(diags *diag.Diagnostics, err error) {
	remedy := "It must be what the attribute json was when the portal was reviewed, from a file that nobody edits by hand. To accept the portal as it is now, write json to that file anew."
	if wrong, ok := errors.AsType[*baseline.ParseError](err); ok && wrong.Newer {
		remedy = "Upgrade the provider to the version that wrote it, or a later one."
	}
	if _, ok := errors.AsType[*baseline.OtherPortalError](err); ok {
		remedy = "Check the path of the file, and which portal the data source names."
	}
	diags.AddAttributeError(path.Root("accepted"), "The accepted baseline can't be used", fmt.Sprintf("The text in accepted is not a baseline of this portal: %s.\n\n%s", err, remedy))
}
