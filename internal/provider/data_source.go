package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

// defaultReadTimeout is long enough to sit out the five minutes for which
// Cloudflare blocks whoever sends too many requests.
const defaultReadTimeout = 10 * time.Minute

// scopeModel is what every data source takes: where to read, and for how long.
type scopeModel struct {
	AccountID types.String   `tfsdk:"account_id"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

// scopeAttributes are the attributes of scopeModel. timeouts is a nested attribute and
// not a block: where a schema has no blocks, nobody has to tell null from empty, and the
// framework's passes over blocks have nothing to do.
func scopeAttributes(ctx context.Context) attributes {
	limits := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: "How long reading may take, waits and retries included, such as `30s` or `2h45m`. Default: `10m`, long enough for a five-minute rate-limit block.",
	})
	if nested, ok := limits.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long operations may take."
		limits = nested
	}
	return attributes{
		"account_id": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: "The id of the account to read from. Default: the provider's `account_id`. The one that was used is stored.",
			Validators:          []validator.String{identifier("account id")},
		},
		"timeouts": limits,
	}
}

func (s *scopeModel) scope() *scopeModel { return s }

// dataSource is what all data sources have in common; the constructor of each
// says what is its own. M is its model, a struct that embeds scopeModel.
type dataSource[M any, P model[M]] struct {
	name       string
	schema     func(context.Context) schema.Schema
	validators []datasource.ConfigValidator
	// read fills in the model what the configuration left out. An error of the
	// client is explained to the person by whoever calls it.
	read func(ctx context.Context, client *cloudflare.Client, model P, diags *diag.Diagnostics) error

	session *session
}

// model is a pointer to a data source's model.
type model[M any] interface {
	*M
	scope() *scopeModel
}

// Metadata names the data source.
func (d *dataSource[M, P]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.name
}

// Schema describes the data source.
func (d *dataSource[M, P]) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.schema(ctx)
}

// ConfigValidators returns what checks several arguments together.
func (d *dataSource[M, P]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.validators
}

// Read reads the object, and stores it.
func (d *dataSource[M, P]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m M
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.begin(ctx, P(&m).scope(), &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if err := d.read(ctx, d.session.client, &m, &resp.Diagnostics); err != nil {
		addError(&resp.Diagnostics, err, req.Config)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(fastread.SetState(ctx, &resp.State, &m)...)
}

// Configure takes the provider's session over. There is none while Terraform
// only validates.
func (d *dataSource[M, P]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	switch s := req.ProviderData.(type) {
	case nil:
	case *session:
		d.session = s
	default:
		resp.Diagnostics.AddError("The data source was given something else than the provider's session",
			fmt.Sprintf("It has the type %T. Please report this.", s))
	}
}

// begin makes ready for reading: it fills in the account, and returns a context
// that ends when the time for reading does.
func (d *dataSource[M, P]) begin(ctx context.Context, scope *scopeModel, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	noop := func() {}
	if d.session == nil {
		diags.AddError("The provider is not configured", "The data source was read before the provider was configured. Please report this.")
		return ctx, noop
	}
	if scope.AccountID.IsUnknown() {
		// Terraform reads no data source whose configuration is unknown.
		diags.AddAttributeError(path.Root("account_id"), "The account is not known yet", "The data source can only be read once its account_id is known.")
		return ctx, noop
	}
	if scope.AccountID.IsNull() {
		if d.session.accountID == "" {
			diags.AddAttributeError(path.Root("account_id"), "No account to read from",
				"Set account_id here, account_id of the provider, or the environment variable "+envAccountID+". "+
					"Cloudflare's dashboard shows the id in its address and on the account's overview page.")
			return ctx, noop
		}
		scope.AccountID = types.StringValue(d.session.accountID)
	}
	timeout, timeoutDiags := scope.Timeouts.Read(ctx, defaultReadTimeout)
	diags.Append(timeoutDiags...)
	if timeout <= 0 && !diags.HasError() {
		diags.AddAttributeError(path.Root("timeouts").AtName("read"), "No time to read", "timeouts.read must be longer than nothing, such as \"10m\".")
	}
	if diags.HasError() {
		return ctx, noop
	}
	return cloudflare.WithTimeout(ctx, timeout)
}
