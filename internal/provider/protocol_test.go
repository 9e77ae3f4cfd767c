package provider_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// The helpers here speak Terraform's plugin protocol to the provider, without a
// CLI: for what a CLI cannot show, such as bytes and deferral, and for what is
// tried thousands of times.

// testOptions returns the options of a provider that waits little before it
// tries again and that sees no environment.
func testOptions() provider.Options {
	return provider.Options{
		Version:      "test",
		Getenv:       func(string) string { return "" },
		MinRetryWait: time.Millisecond,
		MaxRetryWait: 5 * time.Millisecond,
	}
}

// peer is a provider that a test talks to as Terraform does.
type peer struct {
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newPeer(tb testing.TB, server tfprotov6.ProviderServer) *peer {
	tb.Helper()
	schemas, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	if len(schemas.Diagnostics) > 0 {
		tb.Fatalf("schema: %v", schemas.Diagnostics[0])
	}
	return &peer{server, schemas}
}

// newConfiguredPeer returns a peer that is configured to read from api.
func newConfiguredPeer(tb testing.TB, server tfprotov6.ProviderServer, api *portalapi.Server, more ...values) *peer {
	tb.Helper()
	p := newPeer(tb, server)
	config := values{
		"api_token":  portalapi.Token,
		"account_id": portalapi.AccountID,
		"base_url":   api.URL(),
	}
	for _, m := range more {
		maps.Copy(config, m)
	}
	response := p.configure(tb, config, false)
	if len(response.Diagnostics) > 0 {
		tb.Fatalf("configure: %s: %s", response.Diagnostics[0].Summary, response.Diagnostics[0].Detail)
	}
	return p
}

// values are attributes; those left out are null.
type values map[string]any

func (p *peer) configure(tb testing.TB, config values, deferral bool) *tfprotov6.ConfigureProviderResponse {
	tb.Helper()
	response, err := p.server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.99.0",
		Config:             encode(tb, p.schemas.Provider.ValueType(), config),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferral},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return response
}

func (p *peer) stateType(dataSource string) tftypes.Type {
	return p.schemas.DataSourceSchemas[dataSource].ValueType()
}

func (p *peer) read(tb testing.TB, dataSource string, config values) *tfprotov6.ReadDataSourceResponse {
	tb.Helper()
	return p.readContext(tb.Context(), tb, dataSource, config)
}

func (p *peer) readContext(ctx context.Context, tb testing.TB, dataSource string, config values) *tfprotov6.ReadDataSourceResponse {
	tb.Helper()
	response, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSource,
		Config:   encode(tb, p.stateType(dataSource), config),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return response
}

// mustRead returns the state; an error fails the test, a warning does not.
func (p *peer) mustRead(tb testing.TB, dataSource string, config values) tftypes.Value {
	tb.Helper()
	response := p.read(tb, dataSource, config)
	for _, d := range response.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			tb.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
	state, err := response.State.Unmarshal(p.stateType(dataSource))
	if err != nil {
		tb.Fatal(err)
	}
	return state
}

// encode returns an object of the type in which what is left out of vs is null.
func encode(tb testing.TB, t tftypes.Type, vs values) *tfprotov6.DynamicValue {
	tb.Helper()
	attributes := map[string]tftypes.Value{}
	types := t.(tftypes.Object).AttributeTypes
	for name, attributeType := range types {
		attributes[name] = tftypes.NewValue(attributeType, nil)
	}
	for name, v := range vs {
		attributeType, ok := types[name]
		if !ok {
			tb.Fatalf("no attribute %s", name)
		}
		if nested, ok := v.(values); ok {
			inner := map[string]tftypes.Value{}
			for innerName, innerType := range attributeType.(tftypes.Object).AttributeTypes {
				inner[innerName] = tftypes.NewValue(innerType, nested[innerName])
			}
			v = inner
		}
		attributes[name] = tftypes.NewValue(attributeType, v)
	}
	encoded, err := tfprotov6.NewDynamicValue(t, tftypes.NewValue(t, attributes))
	if err != nil {
		tb.Fatal(err)
	}
	return &encoded
}

// plain returns a value of Terraform's as Go has it: nil, string, bool,
// *big.Float, []any or map[string]any.
func plain(tb testing.TB, v tftypes.Value) any {
	tb.Helper()
	if v.IsNull() {
		return nil
	}
	fail := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		var s string
		fail(v.As(&s))
		return s
	case t.Is(tftypes.Bool):
		var b bool
		fail(v.As(&b))
		return b
	case t.Is(tftypes.Number):
		return numberOf(tb, v)
	case t.Is(tftypes.List{}), t.Is(tftypes.Set{}):
		var elements []tftypes.Value
		fail(v.As(&elements))
		result := make([]any, len(elements))
		for i, element := range elements {
			result[i] = plain(tb, element)
		}
		return result
	default:
		var elements map[string]tftypes.Value
		fail(v.As(&elements))
		result := make(map[string]any, len(elements))
		for name, element := range elements {
			result[name] = plain(tb, element)
		}
		return result
	}
}
