// Package provider is the Terraform side: the provider, its data sources, their
// models and diagnostics. It knows nothing of HTTP; that is package cloudflare.
//
// The data takes one straight way: package cloudflare reads the API's answer
// into wire types, the function newXModel of an x_model.go maps those to the
// model, and package fastread writes the model into the state.
package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
)

// Address is the provider's address in the Terraform Registry.
const Address = "registry.terraform.io/mcp-portals/mcp"

// Options are what a build or a test decides about the provider.
type Options struct {
	// Version is the provider's version, which the User-Agent carries.
	Version string
	// Getenv looks up the environment; nil means os.Getenv.
	Getenv func(string) string
	// MinRetryWait and MaxRetryWait shorten the waits before retries in tests;
	// 0 leaves them as they are.
	MinRetryWait, MaxRetryWait time.Duration
	// WorkingDir is the directory in which Terraform runs; "" means the process's own.
	// In a test the process is not Terraform's.
	WorkingDir string
}

// NewServer returns the provider as Terraform's plugin protocol 6 has it, as
// main serves it.
func NewServer(options Options) tfprotov6.ProviderServer {
	return fastread.Wrap(NewFrameworkServer(options))
}

// NewFrameworkServer returns the provider without the faster way to the state
// of package fastread. Its answers are the same; tests and benchmarks compare.
func NewFrameworkServer(options Options) tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(New(options))()
}

// New returns the provider.
func New(options Options) provider.Provider {
	return &mcpProvider{options}
}

type mcpProvider struct{ options Options }

// Metadata names the provider, which is the prefix of its data sources.
func (p *mcpProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "mcp"
	resp.Version = p.options.Version
}

// Resources returns none: the provider only reads.
func (p *mcpProvider) Resources(context.Context) []func() resource.Resource { return nil }

// DataSources returns the data sources.
func (p *mcpProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newPortalDataSource,
		newPortalsDataSource,
		func() datasource.DataSource { return newPortalBaselineDataSource(p.options.WorkingDir) },
		newPortalAccessDataSource,
		newServerDataSource,
		newServersDataSource,
	}
}

// Configure makes the one client that all data sources share. It sends nothing.
func (p *mcpProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model configurationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if unknown := model.unknown(); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
			return
		}
		resp.Diagnostics.Append(unknown...)
		return
	}
	settings, diags := model.resolve(p.getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, err := cloudflare.New(cloudflare.Config{
		BaseURL:     settings.baseURL,
		Credentials: settings.credentials,
		UserAgent:   userAgent(p.options.Version, req.TerraformVersion, p.getenv(envUserAgent)),
		MaxRetries:  settings.maxRetries,
		MinWait:     p.options.MinRetryWait,
		MaxWait:     p.options.MaxRetryWait,
		Logger:      newLogger(),
	})
	if err != nil {
		// resolve has checked everything at its attribute.
		resp.Diagnostics.AddError("The provider cannot be configured", sentence(err.Error()))
		return
	}
	resp.DataSourceData = &session{client, settings.accountID}
}

// session is what a data source gets from the configured provider.
type session struct {
	client    *cloudflare.Client
	accountID string
}

// userAgent returns what every request says of who sends it. Nothing tells a
// provider which CLI it serves, so this is true of both. People add to it with
// TF_APPEND_USER_AGENT, as with other providers.
func userAgent(version, cli, more string) string {
	agent := "terraform-provider-mcp/" + version
	if cli != "" {
		agent += " (Terraform or OpenTofu " + cli + ")"
	}
	printable := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1 // what cannot stand in a header
		}
		return r
	}, more)
	return strings.TrimSpace(agent + " " + strings.TrimSpace(printable))
}
