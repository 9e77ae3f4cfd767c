package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

const otherToken = "FAKE-another-token-that-opens-nothing-00"

// TestWhereConfigurationComesFrom reads a portal and looks at what was sent.
func TestWhereConfigurationComesFrom(t *testing.T) {
	t.Parallel()
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	pair := map[string]string{"X-Auth-Key": portalapi.Key, "X-Auth-Email": portalapi.Email}
	tests := map[string]struct {
		config  values
		env     map[string]string
		want    map[string]string
		account string // default: portalapi.AccountID
		agent   string // default: that of a test without additions
	}{
		"token": {
			config: values{"api_token": portalapi.Token},
			want:   bearer(portalapi.Token),
		},
		"token of the environment": {
			env:  map[string]string{"CLOUDFLARE_API_TOKEN": portalapi.Token},
			want: bearer(portalapi.Token),
		},
		"configured token beats that of the environment": {
			config: values{"api_token": otherToken},
			env:    map[string]string{"CLOUDFLARE_API_TOKEN": portalapi.Token},
			want:   bearer(otherToken),
		},
		"key and e-mail address": {
			config: values{"api_key": portalapi.Key, "email": portalapi.Email},
			want:   pair,
		},
		"key and e-mail address of the environment": {
			env:  map[string]string{"CLOUDFLARE_API_KEY": portalapi.Key, "CLOUDFLARE_EMAIL": portalapi.Email},
			want: pair,
		},
		"token beats key in the configuration": {
			config: values{"api_token": portalapi.Token, "api_key": portalapi.Key, "email": portalapi.Email},
			want:   bearer(portalapi.Token),
		},
		"token beats key in the environment": {
			env:  map[string]string{"CLOUDFLARE_API_TOKEN": portalapi.Token, "CLOUDFLARE_API_KEY": portalapi.Key, "CLOUDFLARE_EMAIL": portalapi.Email},
			want: bearer(portalapi.Token),
		},
		"token beats half a pair in the environment": {
			env:  map[string]string{"CLOUDFLARE_API_TOKEN": portalapi.Token, "CLOUDFLARE_EMAIL": portalapi.Email},
			want: bearer(portalapi.Token),
		},
		"configured key beats token of the environment": {
			config: values{"api_key": portalapi.Key, "email": portalapi.Email},
			env:    map[string]string{"CLOUDFLARE_API_TOKEN": portalapi.Token},
			want:   pair,
		},
		"the other half of a configured pair comes from the environment": {
			config: values{"api_key": portalapi.Key},
			env:    map[string]string{"CLOUDFLARE_EMAIL": portalapi.Email, "CLOUDFLARE_API_TOKEN": portalapi.Token},
			want:   pair,
		},
		"empty variables count as unset": {
			env:  map[string]string{"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_KEY": portalapi.Key, "CLOUDFLARE_EMAIL": portalapi.Email},
			want: pair,
		},
		"beside a token an unknown key does not matter": {
			config: values{"api_token": portalapi.Token, "api_key": tftypes.UnknownValue, "email": tftypes.UnknownValue},
			want:   bearer(portalapi.Token),
		},
		"account of the environment": {
			config:  values{"api_token": portalapi.Token, "account_id": nil},
			env:     map[string]string{"CLOUDFLARE_ACCOUNT_ID": portalapi.EmptyAccountID},
			want:    bearer(portalapi.Token),
			account: portalapi.EmptyAccountID,
		},
		"configured account beats that of the environment": {
			config: values{"api_token": portalapi.Token},
			env:    map[string]string{"CLOUDFLARE_ACCOUNT_ID": portalapi.EmptyAccountID},
			want:   bearer(portalapi.Token),
		},
		"more for the User-Agent": {
			config: values{"api_token": portalapi.Token},
			env:    map[string]string{"TF_APPEND_USER_AGENT": " team/1.0 (a\r\nX-Evil: b\x00 ü)\n"},
			want:   bearer(portalapi.Token),
			agent:  "terraform-provider-mcp/test (Terraform or OpenTofu 1.99.0) team/1.0 (aX-Evil: b )",
		},
		"configured base URL beats that of the environment": {
			config: values{"api_token": portalapi.Token},
			env:    map[string]string{"CLOUDFLARE_BASE_URL": "https://api.invalid/client/v4"},
			want:   bearer(portalapi.Token),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t, portalapi.WithToken(otherToken))
			p := newPeer(t, provider.NewServer(optionsWith(test.env)))
			config := values{"account_id": portalapi.AccountID, "base_url": api.URL()}
			maps.Copy(config, test.config)
			if response := p.configure(t, config, false); len(response.Diagnostics) > 0 {
				t.Fatalf("%s: %s", response.Diagnostics[0].Summary, response.Diagnostics[0].Detail)
			}
			p.mustRead(t, "mcp_portals", nil)
			requests := api.Requests()
			if len(requests) != 1 {
				t.Fatalf("%d requests", len(requests))
			}
			if account := test.account; !strings.Contains(requests[0].Path, "/accounts/"+orDefault(account, portalapi.AccountID)+"/") {
				t.Errorf("path %s", requests[0].Path)
			}
			if diff := cmp.Diff(test.want, sentCredentials(requests[0].Header)); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
			if agent := requests[0].Header.Get("User-Agent"); agent != orDefault(test.agent, "terraform-provider-mcp/test (Terraform or OpenTofu 1.99.0)") {
				t.Errorf("User-Agent %q", agent)
			}
		})
	}
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func optionsWith(env map[string]string) provider.Options {
	options := testOptions()
	options.Getenv = func(variable string) string { return env[variable] }
	return options
}

func sentCredentials(header http.Header) map[string]string {
	sent := map[string]string{}
	for _, name := range []string{"Authorization", "X-Auth-Key", "X-Auth-Email"} {
		if value := header.Get(name); value != "" {
			sent[name] = value
		}
	}
	return sent
}

// TestUnusableConfiguration checks that an unusable configuration is refused
// where it is wrong, that the words say what to do, and that no secret is in them.
func TestUnusableConfiguration(t *testing.T) {
	t.Parallel()
	const secret = "secret-value-that-must-not-be-shown"
	tests := map[string]struct {
		config    values
		env       map[string]string
		attribute string
		want      []string
	}{
		"nothing": {
			want: []string{"CLOUDFLARE_API_TOKEN", "api_token", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "MCP Portals Read"},
		},
		"empty variables": {
			env:  map[string]string{"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_KEY": "", "CLOUDFLARE_EMAIL": ""},
			want: []string{"No credentials"},
		},
		"key without e-mail address": {
			config: values{"api_key": secret}, want: []string{"CLOUDFLARE_EMAIL", "Set email"},
		},
		"key without e-mail address in the environment": {
			env: map[string]string{"CLOUDFLARE_API_KEY": secret}, want: []string{"needs an e-mail address", "CLOUDFLARE_EMAIL"},
		},
		"e-mail address without key": {
			config: values{"email": "a@example.com"}, want: []string{"CLOUDFLARE_API_KEY", "Set api_key"},
		},
		"token with a line break in the environment": {
			env: map[string]string{"CLOUDFLARE_API_TOKEN": secret + "\n"}, want: []string{"CLOUDFLARE_API_TOKEN", "line break"},
		},
		"plain http in the environment": {
			config: values{"api_token": secret, "base_url": nil},
			env:    map[string]string{"CLOUDFLARE_BASE_URL": "http://api.example.com/client/v4"},
			want:   []string{"CLOUDFLARE_BASE_URL", "https is needed"},
		},
		"account in the environment": {
			config: values{"api_token": secret, "account_id": nil},
			env:    map[string]string{"CLOUDFLARE_ACCOUNT_ID": "not an id"},
			want:   []string{"CLOUDFLARE_ACCOUNT_ID", "' '"},
		},
	}
	for _, name := range []string{"api_token", "api_key", "email", "account_id", "base_url", "max_retries"} {
		config := values{"api_token": secret}
		if name == "api_key" || name == "email" {
			config = values{} // next to a token it would not matter
		}
		config[name] = tftypes.UnknownValue
		attribute := name
		if name != "account_id" && name != "max_retries" {
			attribute = "" // its line may show a secret
		}
		tests["unknown "+name] = struct {
			config    values
			env       map[string]string
			attribute string
			want      []string
		}{config: config, attribute: attribute, want: []string{"provider's " + name + " is not known yet", "-target"}}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, provider.NewServer(optionsWith(test.env)))
			diagnostics := p.configure(t, test.config, false).Diagnostics
			if len(diagnostics) != 1 {
				t.Fatalf("%d diagnostics", len(diagnostics))
			}
			requireWords(t, diagnostics[0], test.attribute, test.want)
			if strings.Contains(diagnostics[0].Summary+diagnostics[0].Detail, secret) {
				t.Error("it shows the secret")
			}
		})
	}
}

func requireWords(t *testing.T, d *tfprotov6.Diagnostic, attribute string, want []string) {
	t.Helper()
	shown := d.Summary + "\n" + d.Detail
	for _, word := range want {
		if !strings.Contains(shown, word) {
			t.Errorf("%q is not in:\n%s", word, shown)
		}
	}
	got := ""
	if d.Attribute != nil {
		got = d.Attribute.String()
	}
	expected := ""
	if attribute != "" {
		expected = tftypes.NewAttributePath().WithAttributeName(attribute).String()
	}
	if got != expected {
		t.Errorf("it stands at %s, want %s", got, expected)
	}
}

func TestConfigurationIsValidated(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ arguments, want string }{
		"empty token":         {`api_token = ""`, "The API token is empty; to take it from the environment, leave the attribute out or make it null."},
		"token with blanks":   {`api_token = "a b"`, "The API token holds a blank, a line break or a character outside ASCII"},
		"plain http":          {`base_url = "http://api.example.com"`, "https is needed (http only for the loopback interface)."},
		"password in the URL": {`base_url = "https://user:pass@api.example.com"`, "it holds a user name or password"},
		"no URL":              {`base_url = "api.example.com"`, "it has no host"},
		"query":               {`base_url = "https://api.example.com/?a=b"`, "it has a query or a fragment"},
		"negative retries":    {`max_retries = -1`, "Attribute max_retries value must be between 0 and 100"},
		"account":             {`account_id = "a/b"`, "The account id holds the character '/'"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			arguments := test.arguments
			for name, value := range map[string]string{"api_token": portalapi.Token, "account_id": portalapi.AccountID, "base_url": api.URL()} {
				if !strings.HasPrefix(arguments, name) {
					arguments += fmt.Sprintf("\n%s = %q", name, value)
				}
			}
			unitTest(t, resource.TestStep{
				Config:      "provider \"mcp\" {\n" + arguments + "\n}\ndata \"mcp_portal\" \"p\" { id = \"x\" }",
				ExpectError: words(test.want),
			})
			if n := len(api.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// TestUnknownConfigurationUnderTheCLI configures the provider from a value that
// is only known after an apply.
func TestUnknownConfigurationUnderTheCLI(t *testing.T) {
	t.Parallel()
	startsCLI(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_4_0)}, // terraform_data
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{
			Config: `
resource "terraform_data" "account" { input = "fa4e0000000000000000000000000001" }
provider "mcp" {
  api_token  = "x"
  account_id = terraform_data.account.output
}
data "mcp_portal" "p" { id = "x" }`,
			ExpectError: words("The provider's account_id is not known yet"),
		}},
	})
}
