package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/fastread"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// `make bench` runs these, and benchstat prints the ratios between them. To
// compare two commits, keep the .cache/bench.txt of one and give both to benchstat.

var benchSizes = []struct{ servers, tools int }{{1, 2}, {6, 25}, {40, 30}, {40, 100}, {40, 250}}

// BenchmarkFloor is the least that a read can cost: the JSON into the wire
// types, and the finished state into MessagePack.
func BenchmarkFloor(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("portal=%dx%d", size.servers, size.tools), func(b *testing.B) {
			body := portalapi.Generate(size.servers, size.tools)
			model := &portalDataSourceModel{portalModel: newPortalModel(decodePortal(b, body))}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				decodePortal(b, body)
				if _, err := fastread.Marshal(model); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func decodePortal(b *testing.B, body []byte) *cloudflare.Portal {
	b.Helper()
	portal := new(cloudflare.Portal)
	if err := wirejson.NewDecoder(b.Context(), body).Decode(portal); err != nil {
		b.Fatal(err)
	}
	return portal
}

// BenchmarkServed is ReadDataSource as the provider serves it, from the API's
// answer on the loopback interface to the state.
func BenchmarkServed(b *testing.B) { benchmarkRead(b, NewServer) }

// BenchmarkFramework is the same on the framework's own way to the state.
func BenchmarkFramework(b *testing.B) { benchmarkRead(b, NewFrameworkServer) }

// BenchmarkBaseline is BenchmarkServed of mcp_portal_baseline, with a folder of
// accepted files that agree.
func BenchmarkBaseline(b *testing.B) {
	dir := b.TempDir()
	benchmarkReads(b, Options{WorkingDir: dir}, NewServer, "mcp_portal_baseline", func(portal *cloudflare.Portal) map[string]string {
		acceptForBench(b, dir, portal)
		return map[string]string{"directory": *portal.ID}
	})
}

// acceptForBench accepts a portal in a folder of its id.
func acceptForBench(b *testing.B, dir string, portal *cloudflare.Portal) {
	b.Helper()
	folder, err := baseline.ReadFolder(b.Context(), dir, *portal.ID, false)
	if err != nil {
		b.Fatal(err)
	}
	result, err := baseline.Compare(b.Context(), portal, folder, baseline.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if !result.Drifted {
		return // it was accepted by the run before
	}
	git := exec.Command("git", "apply", "-p1")
	git.Dir = dir
	var patches strings.Builder
	for _, file := range result.Files {
		patches.WriteString(file.Patch)
	}
	git.Stdin = strings.NewReader(patches.String())
	if out, err := git.CombinedOutput(); err != nil {
		b.Fatalf("git apply: %v\n%s", err, out)
	}
}

func benchmarkRead(b *testing.B, newServer func(Options) tfprotov6.ProviderServer) {
	b.Helper()
	benchmarkReads(b, Options{}, newServer, "mcp_portal", func(*cloudflare.Portal) map[string]string { return map[string]string{} })
}

func benchmarkReads(b *testing.B, options Options, newServer func(Options) tfprotov6.ProviderServer, dataSource string, arguments func(*cloudflare.Portal) map[string]string) {
	b.Helper()
	api := portalapi.New()
	b.Cleanup(api.Close)
	server := newServer(options)
	config := configureForBench(b, server, api)
	for _, size := range benchSizes {
		id := portalapi.GeneratedID(size.servers, size.tools)
		raw := portalapi.Generate(size.servers, size.tools)
		api.Portal(id).Put(raw)
		b.Run(fmt.Sprintf("portal=%dx%d", size.servers, size.tools), func(b *testing.B) {
			given := arguments(decodePortal(b, raw))
			given["id"] = id
			request := &tfprotov6.ReadDataSourceRequest{TypeName: dataSource, Config: config(dataSource, given)}
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				response, err := server.ReadDataSource(context.Background(), request)
				if err != nil || len(response.Diagnostics) > 0 {
					b.Fatal(err, response)
				}
			}
		})
	}
}

// configureForBench configures the server, and returns a function that returns
// the configuration of a data source with these arguments.
func configureForBench(b *testing.B, server tfprotov6.ProviderServer, api *portalapi.Server) func(dataSource string, given map[string]string) *tfprotov6.DynamicValue {
	b.Helper()
	ctx := context.Background()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	encode := func(t tftypes.Type, given map[string]string) *tfprotov6.DynamicValue {
		all := map[string]tftypes.Value{}
		for name, attributeType := range t.(tftypes.Object).AttributeTypes {
			all[name] = tftypes.NewValue(attributeType, nil)
		}
		for name, value := range given {
			all[name] = tftypes.NewValue(tftypes.String, value)
		}
		encoded, err := tfprotov6.NewDynamicValue(t, tftypes.NewValue(t, all))
		if err != nil {
			b.Fatal(err)
		}
		return &encoded
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: encode(schemas.Provider.ValueType(), map[string]string{
		"api_token": portalapi.Token, "account_id": portalapi.AccountID, "base_url": api.URL(),
	})})
	if err != nil || len(configured.Diagnostics) > 0 {
		b.Fatal(err, configured)
	}
	return func(dataSource string, given map[string]string) *tfprotov6.DynamicValue {
		return encode(schemas.DataSourceSchemas[dataSource].ValueType(), given)
	}
}

// BenchmarkStart is what a plan pays before it reads anything: a provider, its
// schemas, and a configuration.
func BenchmarkStart(b *testing.B) {
	api := portalapi.New()
	b.Cleanup(api.Close)
	b.ReportAllocs()
	for b.Loop() {
		configureForBench(b, NewServer(Options{Version: "bench"}), api)
	}
}

// BenchmarkJSON is encoding/json reading the same body into maps, as
// data "http" with jsondecode begins to.
func BenchmarkJSON(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("portal=%dx%d", size.servers, size.tools), func(b *testing.B) {
			raw := portalapi.Generate(size.servers, size.tools)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := json.Unmarshal(raw, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
