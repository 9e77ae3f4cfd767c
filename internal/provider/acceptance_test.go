package provider_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// The acceptance tests run the real CLI against the stand-in for the API. They
// need no account and no network.

func TestMain(m *testing.M) {
	flag.Parse()
	if !testing.Short() {
		useCLI()
	}
	schemas, err := provider.NewServer(testOptions()).GetProviderSchema(testContext(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	portalShape.learn(schemas.DataSourceSchemas["mcp_portal"].Block.Attributes)
	code := m.Run()
	if folder := builtFolder.Load(); folder != nil {
		_ = os.RemoveAll(*folder)
	}
	os.Exit(code)
}

// useCLI tells the framework for acceptance tests which CLI to start.
func useCLI() {
	cli, err := tfcli.Find(testContext())
	if err != nil {
		fmt.Fprintln(os.Stderr, "no CLI for the acceptance tests:", err)
		os.Exit(1)
	}
	for name, value := range map[string]string{
		"TF_ACC_TERRAFORM_PATH": cli.Path,
		// The address under which the CLI looks for the provider that the test serves.
		"TF_ACC_PROVIDER_HOST":      cli.RegistryHost(),
		"TF_ACC_PROVIDER_NAMESPACE": "mcp-portals",
		"TF_CLI_CONFIG_FILE":        os.DevNull, // not the developer's own
		"CHECKPOINT_DISABLE":        "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
}

// startsCLI skips the test with -short.
func startsCLI(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a CLI")
	}
}

// factories serve the provider to the CLI.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"mcp": func() (tfprotov6.ProviderServer, error) { return provider.NewServer(testOptions()), nil },
	}
}

// newAPI returns a stand-in that is closed with the test.
func newAPI(t *testing.T, options ...portalapi.Option) *portalapi.Server {
	t.Helper()
	api := portalapi.New(options...)
	t.Cleanup(api.Close)
	return api
}

// configured returns a configuration that reads from api.
func configured(api *portalapi.Server, rest string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    mcp = {
      source = "mcp-portals/mcp"
    }
  }
}

provider "mcp" {
  api_token  = %q
  account_id = %q
  base_url   = %q
}

%s`, portalapi.Token, portalapi.AccountID, api.URL(), rest)
}

// unitTest runs steps with the provider.
func unitTest(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	startsCLI(t)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

// words matches text however the CLI breaks its lines.
func words(text string) *regexp.Regexp {
	var parts []string
	for word := range strings.FieldsSeq(text) {
		parts = append(parts, regexp.QuoteMeta(word))
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}
