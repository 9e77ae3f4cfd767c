package examples

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// The official provider is not at hand. In its place this test's own executable
// serves one that has just the two resources that the example uses, with the
// attributes that Cloudflare documents, so that the example is validated and
// planned, if not applied.
const officialExecutable = "terraform-provider-cloudflare_v5.0.0"

func TestOfficialProvider(t *testing.T) {
	t.Parallel()
	e := open(t, "official-provider", "account_id=fa4e0000000000000000000000000001", "zone_id=fa4e00000000000000000000000000aa", "hostname=mcp.example.com")
	e.env = append(e.env, "TF_CLI_CONFIG_FILE="+withOfficialProvider(t))
	e.run("init").exits(0)
	e.run("validate").exits(0)
	r := e.run("plan").exits(0).omits("Warning").says(
		`resource "cloudflare_dns_record" "this" { + content = "gateway.agents.cloudflare.com"`, `+ name = "mcp.example.com"`,
		`{ + default_disabled = false + on_behalf = true + server_id = "github"`)
	var at []int
	for _, tool := range []string{"search_repositories", "get_file_contents", "create_issue", "merge_pull_request", "delete_branch", "run_workflow", "searchIssues"} {
		at = append(at, strings.Index(r.printed, `"`+tool+`"`))
	}
	for i := range at {
		if at[i] < 0 || i > 0 && at[i] < at[i-1] {
			t.Errorf("not in the catalogue's order: %v", at)
		}
	}

	e.write("decisions.json", `{"github": {"tools": {"delete_brnch": {"enabled": false}}}, "gone": {}}`)
	e.run("plan").exits(0).says("decisions.json names servers, tools or prompts that do not exist: - tool delete_brnch of github - server gone")
}

// withOfficialProvider returns a CLI configuration with which init finds the
// stand-in for the official provider beside this repository's own.
func withOfficialProvider(t *testing.T) string {
	t.Helper()
	startsCLI(t)
	self, err := os.Executable()
	must(t, err)
	both, err := tfcli.NewMirror(t.TempDir(), mirror)
	must(t, err)
	folder := filepath.Join(both.Dir, cli.RegistryHost(), "cloudflare", "cloudflare", "5.0.0", runtime.GOOS+"_"+runtime.GOARCH)
	must(t, os.MkdirAll(folder, 0o755))
	name := filepath.Join(folder, officialExecutable+strings.TrimSuffix(filepath.Ext(self), ".test")) // .exe on Windows
	if os.Link(self, name) != nil {
		data, err := os.ReadFile(self)
		must(t, err)
		must(t, os.WriteFile(name, data, 0o755))
	}
	return both.ConfigFile
}

// isOfficialProvider tells whether a CLI started this executable as the official
// provider.
func isOfficialProvider() bool {
	return strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-cloudflare")
}

func serveOfficialProvider() error {
	return tf6server.Serve("registry.terraform.io/cloudflare/cloudflare", providerserver.NewProtocol6(official{}))
}

type official struct{}

func (official) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "cloudflare"
}

func (official) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (official) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (official) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (official) Resources(context.Context) []func() resource.Resource {
	override := schema.ListNestedAttribute{
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":        schema.StringAttribute{Required: true},
			"alias":       schema.StringAttribute{Optional: true},
			"description": schema.StringAttribute{Optional: true},
			"enabled":     schema.BoolAttribute{Optional: true},
		}},
	}
	return []func() resource.Resource{
		func() resource.Resource {
			return officialResource{"cloudflare_zero_trust_access_ai_controls_mcp_portal", map[string]schema.Attribute{
				"account_id":         schema.StringAttribute{Required: true},
				"id":                 schema.StringAttribute{Required: true},
				"hostname":           schema.StringAttribute{Required: true},
				"name":               schema.StringAttribute{Required: true},
				"description":        schema.StringAttribute{Optional: true},
				"allow_code_mode":    schema.BoolAttribute{Optional: true},
				"secure_web_gateway": schema.BoolAttribute{Optional: true},
				"servers": schema.ListNestedAttribute{
					Optional: true,
					NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
						"server_id":        schema.StringAttribute{Required: true},
						"default_disabled": schema.BoolAttribute{Optional: true},
						"on_behalf":        schema.BoolAttribute{Optional: true},
						"updated_tools":    override,
						"updated_prompts":  override,
					}},
				},
			}}
		},
		func() resource.Resource {
			return officialResource{"cloudflare_dns_record", map[string]schema.Attribute{
				"zone_id": schema.StringAttribute{Required: true},
				"name":    schema.StringAttribute{Required: true},
				"type":    schema.StringAttribute{Required: true},
				"ttl":     schema.Float64Attribute{Required: true},
				"content": schema.StringAttribute{Optional: true},
				"proxied": schema.BoolAttribute{Optional: true},
				"comment": schema.StringAttribute{Optional: true},
			}}
		},
	}
}

// officialResource can be planned and nothing else.
type officialResource struct {
	name       string
	attributes map[string]schema.Attribute
}

func (r officialResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.name
}

func (r officialResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: r.attributes}
}

var errPlanOnly = errors.New("this stand-in for the official provider can only plan")

func (officialResource) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.AddError("Create", errPlanOnly.Error())
}

func (officialResource) Read(_ context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.AddError("Read", errPlanOnly.Error())
}

func (officialResource) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("Update", errPlanOnly.Error())
}

func (officialResource) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("Delete", errPlanOnly.Error())
}
