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
		MarkdownDescription: "Compares a portal with a folder of files that were reviewed and committed, and reports every difference, so that a person can decide from the report alone whether it may stay. " +
			"It needs no state.",
		Attributes: with(with(portalArguments(), scopeAttributes(ctx)), attributes{
			"directory": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The folder of the accepted files, such as `\"${path.module}/baseline\"`, inside the directory in which Terraform runs. The provider reads `portal.json`, `servers/*.json` and, with `include_access`, `access.json` in it, and ignores other files. A folder that is missing or empty means that nothing has been accepted yet.",
			},
			"include_access": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to compare who may reach the portal as well: the Access applications, policies and groups of `mcp_portal_access`, in the file `access.json`. It needs the permissions of that data source. Default: false.",
			},
			"ignore_fields": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Fields that are not compared, each with its object before it, such as `server.region`. The objects are `portal`, `server`, `override`, `login`, `application`, `policy` and `group`. A field whose change has an effect is an error, and nothing of tools and prompts can be ignored. Default: none.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(ignorable{})},
			},
			"drifted":      boolean("Whether anything differs, or nothing has been accepted yet. What is undetermined alone is no drift. Never null."),
			"effects":      textSet("The effects of all changes, and `undetermined` if anything could not be compared. Empty if nothing differs and everything was compared."),
			"changes":      list("The changes, one for each smallest place that differs: the portal first, then server by server by their ids, then Access. Beyond 5,000 changes, those of a tool are one, then those of a server.", changeAttributes()),
			"undetermined": list("What could not be compared, because the API does not tell it now: neither a pass nor a drift.", undeterminedAttributes()),
			"summary":      text("All changes, for a terminal. Null while nothing differs and nothing is undetermined."),
			"report":       text("All changes as Markdown, for a pull request, in at most 60,000 characters. Nothing in it that came from outside becomes a link, a mention, HTML or a heading. Null like `summary`."),
			"files":        objects("The files of the folder that differ, by their names there, such as `servers/github.json`. Apply the patches to accept the portal as it is now.", fileAttributes()),
		}),
	}
}

// readPortalBaseline compares the portal that the configuration names with the files
// in which it was accepted.
func readPortalBaseline(ctx context.Context, client *cloudflare.Client, workingDir string, m *portalBaselineModel, diags *diag.Diagnostics) error {
	var options baseline.Options
	for _, name := range m.IgnoreFields {
		if name == nil {
			diags.AddAttributeError(path.Root("ignore_fields"), "Not a field to ignore", "ignore_fields contains null. Remove it, for example with compact().")
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
	remedy := "To accept the portal as it is now, delete the file, plan again and apply the patch in files. To go back to what was accepted, restore the file from version control."
	switch {
	case wrong.Outside:
		remedy = "Use a folder inside that directory. An absolute path works, as long as it leads there: Terragrunt runs Terraform in a copy of the module, where \"${get_terragrunt_dir()}/baseline\" is outside; a folder that the root module gives to a module from git, such as \"${path.root}/baseline\", is inside."
	case wrong.Newer:
		remedy = "Upgrade the provider to the version that wrote it, or a later one."
	case wrong.OtherPortal:
		remedy = "Check directory, and the portal that this data source names."
	case wrong.File == "":
		remedy = "directory must be a folder inside the directory in which Terraform runs, such as \"${path.module}/baseline\", or one that does not exist yet."
	}
	diags.AddAttributeError(path.Root("directory"), "The accepted files cannot be used", sentence(wrong.Error())+"\n\n"+remedy)
	return nil
}

// ignorable checks the name of a field that is to be ignored.
type ignorable struct{}

// Description says what is accepted.
func (v ignorable) Description(context.Context) string {
	return "a field with its object before it, such as server.region, whose change has no known effect"
}

// MarkdownDescription says what is accepted.
func (v ignorable) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString adds an error for a field that cannot be ignored.
func (v ignorable) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validate(req, resp, "Not a field to ignore", baseline.CanIgnore)
}
