package provider

import (
	"context"
	"fmt"
	"os"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// The environment variables that Cloudflare's own tools read.
const (
	envToken     = "CLOUDFLARE_API_TOKEN" //nolint:gosec // the name of a variable
	envKey       = "CLOUDFLARE_API_KEY"
	envEmail     = "CLOUDFLARE_EMAIL"
	envAccountID = "CLOUDFLARE_ACCOUNT_ID"
	envBaseURL   = "CLOUDFLARE_BASE_URL"

	// envUserAgent is one that providers of Terraform read.
	envUserAgent = "TF_APPEND_USER_AGENT"
)

// permission is the one that an API token needs.
const permission = "MCP Portals Read"

// Those that it needs as well for what Access says.
//
// Source: Cloudflare's API reference, "List Access applications"; and the
// documentation of Cloudflare's own Terraform provider for groups and identity
// providers.
const (
	permissionApplications = "Access: Apps and Policies Read"
	permissionGroups       = "Access: Organizations, Identity Providers, and Groups Read"
)

// configurationModel is the provider's block in a configuration.
type configurationModel struct {
	APIToken   types.String `tfsdk:"api_token"`
	APIKey     types.String `tfsdk:"api_key"`
	Email      types.String `tfsdk:"email"`
	AccountID  types.String `tfsdk:"account_id"`
	BaseURL    types.String `tfsdk:"base_url"`
	MaxRetries types.Int64  `tfsdk:"max_retries"`
}

// Schema describes the provider's configuration.
func (p *mcpProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads Cloudflare [MCP server portals](https://developers.cloudflare.com/cloudflare-one/access-controls/ai-controls/mcp-portals/) and the MCP servers behind them, so that a Terraform plan shows which tools an agent can reach, and what changed. The provider only ever reads.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "An API token with the permission *" + permission + "* (or *MCP Portals Write*). The preferred way to authenticate; it wins over a key. Environment variable: `" + envToken + "`.",
			},
			"api_key": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "A global API key, the older way to authenticate. It needs `email`. Environment variable: `" + envKey + "`.",
			},
			"email": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The e-mail address of the user that `api_key` belongs to. It needs `api_key`. Environment variable: `" + envEmail + "`.",
			},
			"account_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The id of the account that data sources read from unless they name another one. Environment variable: `" + envAccountID + "`.",
				Validators:          []validator.String{identifier("account id")},
			},
			"base_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Where the API is. Default: `" + cloudflare.DefaultBaseURL + "`. It must be `https`; `http` is accepted for the loopback interface alone. Environment variable: `" + envBaseURL + "`.",
			},
			"max_retries": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How often a request is sent again when the API is busy or out of order, or the connection fails. Default: %d. 0 turns retries off. Waits double each time, and where the API says how long to wait, that is obeyed.", cloudflare.DefaultMaxRetries),
				Validators:          []validator.Int64{int64validator.Between(0, 100)},
			},
		},
	}
}

// ValidateConfig checks what may hold a secret: credentials, and the base URL,
// into which people write them. Terraform prints the line of the attribute that
// an error stands on, so these stand on the block and name the attribute in words.
func (p *mcpProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m configurationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, a := range []struct {
		name  string
		value types.String
		check func(string) string
	}{
		{"api_token", m.APIToken, headerText("API token").check},
		{"api_key", m.APIKey, headerText("API key").check},
		{"email", m.Email, headerText("e-mail address").check},
		{"base_url", m.BaseURL, checkBaseURL},
	} {
		if a.value.IsNull() || a.value.IsUnknown() {
			continue
		}
		if wrong := a.check(a.value.ValueString()); wrong != "" {
			resp.Diagnostics.AddError("The provider's "+a.name+" is not usable", sentence(wrong))
		}
	}
}

// hasToken reports whether a token is configured and known. Then nothing else is
// needed to authenticate.
func (m configurationModel) hasToken() bool { return m.APIToken.ValueString() != "" }

// unknown returns an error for each value that is not known yet.
func (m configurationModel) unknown() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, a := range []struct {
		name  string
		value attr.Value
	}{
		{"api_token", m.APIToken}, {"api_key", m.APIKey}, {"email", m.Email},
		{"account_id", m.AccountID}, {"base_url", m.BaseURL}, {"max_retries", m.MaxRetries},
	} {
		needless := m.hasToken() && (a.name == "api_key" || a.name == "email")
		if a.value.IsUnknown() && !needless {
			summary := fmt.Sprintf("The provider's %s is not known yet", a.name)
			detail := fmt.Sprintf("The value of %s depends on something that is only known after an apply, and the portals are read before. "+
				"Apply what it depends on first (with -target), or give the value by a variable or the environment.", a.name)
			if a.name == "account_id" || a.name == "max_retries" {
				diags.AddAttributeError(path.Root(a.name), summary, detail)
			} else { // part of it may be a secret in clear: see ValidateConfig
				diags.AddError(summary, detail)
			}
		}
	}
	return diags
}

// settings is the provider's configuration once the environment is considered.
type settings struct {
	credentials cloudflare.Credentials
	accountID   string
	baseURL     string
	maxRetries  int
}

// resolve fills in from the environment what is not configured, and checks what
// comes from there: validators only see the configuration.
func (m configurationModel) resolve(getenv func(string) string) (settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := settings{
		credentials: m.credentials(getenv, &diags),
		accountID:   fromEnvironment(m.AccountID, getenv, envAccountID, identifier("account id").check, &diags),
		baseURL:     fromEnvironment(m.BaseURL, getenv, envBaseURL, checkBaseURL, &diags),
		maxRetries:  cloudflare.DefaultMaxRetries,
	}
	if !m.MaxRetries.IsNull() {
		s.maxRetries = int(m.MaxRetries.ValueInt64())
	}
	return s, diags
}

// fromEnvironment returns the configured value or, if there is none, that of an
// environment variable, checked. An empty variable counts as unset.
func fromEnvironment(configured types.String, getenv func(string) string, variable string, check func(string) string, diags *diag.Diagnostics) string {
	if !configured.IsNull() {
		return configured.ValueString()
	}
	value := getenv(variable)
	if value == "" {
		return ""
	}
	if wrong := check(value); wrong != "" {
		diags.AddError("The environment variable "+variable+" is not usable", sentence(wrong))
	}
	return value
}

// credentials returns what to authenticate with. What is configured beats the
// environment, and within each the token beats the key. The other half of a
// configured pair of key and e-mail address may come from the environment.
func (m configurationModel) credentials(getenv func(string) string, diags *diag.Diagnostics) cloudflare.Credentials {
	secret := func(configured types.String, variable, what string) string {
		return fromEnvironment(configured, getenv, variable, headerText(what).check, diags)
	}
	configuredPair := !m.APIKey.IsNull() || !m.Email.IsNull()
	if !m.APIToken.IsNull() || !configuredPair && getenv(envToken) != "" {
		return cloudflare.Credentials{Token: secret(m.APIToken, envToken, "API token")}
	}
	c := cloudflare.Credentials{
		Key:   secret(m.APIKey, envKey, "API key"),
		Email: secret(m.Email, envEmail, "e-mail address"),
	}
	switch {
	case c.Key == "" && c.Email == "":
		diags.AddError("No credentials for Cloudflare's API",
			"The provider needs one of:\n\n"+
				"  - an API token with the permission "+permission+", in api_token or the environment variable "+envToken+" (preferred);\n"+
				"  - a global API key in api_key or "+envKey+", together with the e-mail address of its user in email or "+envEmail+".\n\n"+
				"API tokens are made in Cloudflare's dashboard under My Profile, API Tokens, or for the account under Manage Account, Account API Tokens.")
	case c.Email == "":
		diags.AddError("The API key needs an e-mail address",
			"A global API key only works together with the e-mail address of its user. Set email or the environment variable "+envEmail+", or use an API token (api_token or "+envToken+") instead.")
	case c.Key == "":
		diags.AddError("The e-mail address needs an API key",
			"An e-mail address only authenticates together with a global API key. Set api_key or the environment variable "+envKey+", or use an API token (api_token or "+envToken+") without an e-mail address instead.")
	}
	return c
}

func (p *mcpProvider) getenv(variable string) string {
	if p.options.Getenv != nil {
		return p.options.Getenv(variable)
	}
	return os.Getenv(variable)
}

// sentence returns text with a capital first letter and a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}
