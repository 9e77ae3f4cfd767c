package provider

import (
	"context"
	"errors"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

type portalBaselineModel struct {
	scopeModel
	ID            *string              `tfsdk:"id"`
	Hostname      *string              `tfsdk:"hostname"`
	Directory     *string              `tfsdk:"directory"`
	IncludeAccess *bool                `tfsdk:"include_access"`
	IgnoreFields  []*string            `tfsdk:"ignore_fields"`
	Drifted       *bool                `tfsdk:"drifted"`
	Effects       []string             `tfsdk:"effects"`
	Changes       []changeModel        `tfsdk:"changes"`
	Undetermined  []undeterminedModel  `tfsdk:"undetermined"`
	Summary       *string              `tfsdk:"summary"`
	Report        *string              `tfsdk:"report"`
	Files         map[string]fileModel `tfsdk:"files"`
}

// newPortalBaselineDataSource returns the data source for a working directory, which
// is the process's own where it is "".
func newPortalBaselineDataSource(workingDir string) datasource.DataSource {
	return &dataSource[portalBaselineModel, *portalBaselineModel]{
		name:       "mcp_portal_baseline",
		schema:     portalBaselineSchema,
		validators: portalValidators(),
		read: func(ctx context.Context, client *cloudflare.Client, m *portalBaselineModel, diags *diag.Diagnostics) error {
			if workingDir == "" {
				var err error
				if workingDir, err = os.Getwd(); err != nil {
					diags.AddError("The working directory is not known", sentence(err.Error()))
					return nil
				}
			}
			return readPortalBaseline(ctx, client, workingDir, m, diags)
		},
	}
}

func portalBaselineSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Says whether a portal is as it was accepted, and what differs, so that a person can decide from it alone whether it may stay so. " +
			"What was accepted stands in a folder of files that were reviewed and committed. It needs no state, and costs less than any other way to watch a portal.",
		Attributes: with(with(portalArguments(), scopeAttributes(ctx)), attributes{
			"directory": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The folder of the accepted files, such as `\"${path.module}/baseline\"`, in the directory in which Terraform runs. The provider reads in it `portal.json`, `servers/*.json` and, with `include_access`, `access.json`, and leaves other files alone. If it is missing or empty, nothing has been accepted yet.",
			},
			"include_access": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether who may reach the portal belongs to it, too: the Access applications, policies and groups of `mcp_portal_access`, in the file `access.json`. It needs the permissions of that data source. Default: false.",
			},
			"ignore_fields": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Names of fields, as the API has them, that are left out at any level outside of schemas, such as `created_by`. A name that a rule with an effect reads is an error. Default: none.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(ignorable{})},
			},
			"drifted":      boolean("Whether anything differs, or nothing has been accepted yet. What is undetermined alone is no drift. Never null."),
			"effects":      textSet("What all changes together do: `widens`, agents can do more or a safeguard is gone; `steers`, a model is told something else; `breaks`, agents lose something; `undetermined`, something can't be compared at the moment."),
			"changes":      list("What differs: the portal first, then server by server in the order of their ids, and in each its own fields, its tools and its prompts by name.", changeAttributes()),
			"undetermined": list("What can't be compared, because the API does not tell it at the moment: neither a pass nor a drift.", undeterminedAttributes()),
			"summary":      text("All of it for a terminal: a line for each change, and one for many of a kind, the worst first. Null as long as nothing differs and nothing is undetermined."),
			"report":       text("All of it as Markdown, for a person on a forge, in at most 60,000 characters. Nothing in it that came from outside can become a link, a mention, HTML or a heading. Null like `summary`."),
			"files":        objects("Each file of the folder that is not as it should be, by its name there, such as `servers/github.json`. To accept what is there now is to apply the patches.", fileAttributes()),
		}),
	}
}

// readPortalBaseline compares the portal that the configuration names with the files
// in which it was accepted.
func readPortalBaseline(ctx context.Context, client *cloudflare.Client, workingDir string, m *portalBaselineModel, diags *diag.Diagnostics) error {
	var options baseline.Options
	for _, name := range m.IgnoreFields {
		if name == nil {
			diags.AddAttributeError(path.Root("ignore_fields"), "Not the name of a field", "ignore_fields holds null. Leave it out, or take it out by compact().")
			return nil
		}
		options.IgnoreFields = append(options.IgnoreFields, *name)
	}
	asked := cloudflare.Object{Kind: "MCP portal"}
	if m.ID != nil {
		asked.ID = *m.ID
	} else {
		asked.Hostname = *m.Hostname
	}
	fail := func(err error) error {
		if ctx.Err() != nil {
			return cloudflare.Ended(ctx, m.AccountID.ValueString(), asked)
		}
		return folderError(diags, err)
	}
	includeAccess := m.IncludeAccess != nil && *m.IncludeAccess
	accepted, err := baseline.ReadFolder(ctx, workingDir, *m.Directory, includeAccess)
	if err != nil {
		return fail(err)
	}
	portal, err := findPortal(ctx, client, m.AccountID.ValueString(), m.ID, m.Hostname, diags)
	if err != nil {
		return err
	}
	m.ID, m.Hostname = portal.ID, portal.Hostname
	if includeAccess {
		if options.Access, err = client.PortalAccess(ctx, m.AccountID.ValueString(), portal); err != nil {
			return err
		}
		warnOfUnguarded(diags, portal, options.Access)
	}
	result, err := baseline.Compare(ctx, portal, accepted, options)
	if err != nil {
		return fail(err)
	}
	m.Drifted = &result.Drifted
	m.Effects = effectNames(result.Effects)
	m.Changes = neverNull(mapped(result.Changes, newChangeModel))
	m.Undetermined = neverNull(mapped(result.Gaps, newUndeterminedModel))
	if result.Summary != "" {
		m.Summary, m.Report = &result.Summary, &result.Report
	}
	m.Files = make(map[string]fileModel, len(result.Files))
	for name, file := range result.Files {
		m.Files[name] = newFileModel(file)
	}
	return nil
}

// folderError says what is wrong with the folder of accepted files. Any other error
// it returns.
func folderError(diags *diag.Diagnostics, err error) error {
	wrong, ok := errors.AsType[*baseline.FolderError](err)
	if !ok {
		return err
	}
	remedy := "To accept the portal as it is now, delete the file and apply the patch that is in files then; to go back to what was accepted, take the file from version control."
	switch {
	case wrong.Newer:
		remedy = "Upgrade the provider to the version that wrote it, or a later one."
	case wrong.OtherPortal:
		remedy = "Check directory, and which portal the data source names."
	case wrong.File == "":
		remedy = "directory must be a folder in the directory in which Terraform runs, such as \"${path.module}/baseline\", or one that is not there yet."
	}
	diags.AddAttributeError(path.Root("directory"), "The accepted files can't be used", sentence(wrong.Error())+"\n\n"+remedy)
	return nil
}

// ignorable checks the name of a field that is to be ignored.
type ignorable struct{}

// Description says what is accepted.
func (v ignorable) Description(context.Context) string {
	return "the name of a field that no rule with an effect reads"
}

// MarkdownDescription says what is accepted.
func (v ignorable) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString adds an error for the name of a field that a rule reads.
func (v ignorable) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validate(req, resp, "Not a field to ignore", func(name string) string {
		if !baseline.CanIgnore(name) {
			return "a rule reads this field, and what it says would not be reported any more"
		}
		return ""
	})
}
