package conformance

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// The tests below list what the SDK knows of applications and identity providers, with
// what becomes of it, and try each. To see the lists: make conformance TESTFLAGS=-v.

// applicationTypes is what an application of each type is to a portal's address.
var applicationTypes = map[string]string{
	"self_hosted":    "guards",
	"mcp":            "guards",
	"mcp_portal":     "guards",
	"ssh":            "guards",
	"vnc":            "guards",
	"rdp":            "guards",
	"bookmark":       "guards nothing: a link in the App Launcher",
	"saas":           "guards nothing: it has no address of its own",
	"app_launcher":   "guards nothing: the App Launcher itself",
	"warp":           "guards nothing: who may enrol a device",
	"biso":           "guards nothing: who may use the isolated browser",
	"dash_sso":       "guards nothing: who may log in to Cloudflare's dashboard",
	"infrastructure": "guards nothing: targets of its own",
	"proxy_endpoint": "guards nothing: an endpoint of Gateway",
	"end_user":       "open: Cloudflare's own policy lets in every user of its populations", // newer than the SDK
}

func TestEveryApplicationType(t *testing.T) {
	t.Parallel()
	inSDK := append(constants(t, "accessapplication.go", "ApplicationType"), "end_user")
	slices.Sort(inSDK)
	if diff := cmp.Diff(inSDK, slices.Sorted(maps.Keys(applicationTypes))); diff != "" {
		t.Errorf("add what is new here, and to guardTypes or otherTypes in internal/cloudflare/access_outline.go (-SDK +here):\n%s", diff)
	}
	for kind, becomes := range applicationTypes {
		access := accessBy(t, fmt.Sprintf(`{"id":"a","type":%q,"domain":"mcp.example.com","policies":[]}`, kind))
		t.Logf("an application of type %s %s", kind, becomes)
		is := "guards"
		switch r := access.Reach[0]; {
		case !r.Guarded:
			is = "guards nothing"
		case r.Open:
			is = "open"
		}
		if got, _, _ := strings.Cut(becomes, ":"); got != is {
			t.Errorf("%s: %s, and here it is %s", kind, is, becomes)
		}
	}
}

// identityProviderTypes is who can log in by an identity provider of each type.
var identityProviderTypes = map[string]string{
	"azureAD":     "an organisation's people",
	"centrify":    "an organisation's people",
	"google-apps": "an organisation's people",
	"oidc":        "an organisation's people",
	"okta":        "an organisation's people",
	"onelogin":    "an organisation's people",
	"pingone":     "an organisation's people",
	"saml":        "an organisation's people",
	"cloudflare":  "anybody, unless restrict_to_account_members is true",
	"facebook":    "anybody",
	"github":      "anybody",
	"google":      "anybody",
	"linkedin":    "anybody",
	"onetimepin":  "anybody",
	"yandex":      "anybody",
}

func TestEveryIdentityProviderType(t *testing.T) {
	t.Parallel()
	inSDK := constants(t, "identityprovider.go", "IdentityProviderType")
	slices.Sort(inSDK)
	if diff := cmp.Diff(inSDK, slices.Sorted(maps.Keys(identityProviderTypes))); diff != "" {
		t.Errorf("add what is new here, and to closedProviders in internal/cloudflare/access_visitor.go if an organisation decides who has an account (-SDK +here):\n%s", diff)
	}
	const app = `{"id":"a","type":"mcp_portal","domain":"mcp.example.com","policies":[{"id":"p","decision":"allow","include":[{"login_method":{"id":"i"}}]}]}`
	for kind, who := range identityProviderTypes {
		access := accessBy(t, app, fmt.Sprintf(`{"id":"i","type":%q,"config":{}}`, kind))
		t.Logf("an identity provider of type %s lets in %s", kind, who)
		if access.Reach[0].Open != strings.HasPrefix(who, "anybody") {
			t.Errorf("%s lets in %s, and the gate is open: %v", kind, who, access.Reach[0].Open)
		}
	}
	if accessBy(t, app, `{"id":"i","type":"cloudflare","config":{"restrict_to_account_members":true}}`).Reach[0].Open {
		t.Error("members of the account are not anybody")
	}
}

// Fields of an identity provider's configuration, with what becomes of each in a state.
const (
	inClear = "stands in extra"
	hidden  = "is redacted in extra"
	shown   = "has an attribute"
)

var identityProviderFields = map[string]string{
	"apps_domain": inClear, "attributes": inClear, "auth_url": inClear, "authorization_server_id": inClear, "centrify_account": inClear, "centrify_app_id": inClear,
	"certs_url": inClear, "claims": inClear, "client_id": inClear, "client_secret": hidden, "conditional_access_enabled": inClear, "directory_id": inClear,
	"email_attribute_name": inClear, "email_claim_name": inClear, "enable_encryption": inClear, "header_attributes": inClear, "idp_public_certs": inClear,
	"issuer_url": inClear, "okta_account": inClear, "onelogin_account": inClear, "ping_env_id": inClear, "pkce_enabled": inClear, "prompt": inClear,
	"redirect_url": inClear, "restrict_to_account_members": shown, "scopes": inClear, "sign_request": inClear, "sso_target_url": inClear,
	"support_groups": inClear, "token_url": hidden,
	// Of scim_config.
	"enabled": inClear, "identity_update_behavior": inClear, "scim_base_url": inClear, "seat_deprovision": inClear, "secret": hidden, "user_deprovision": inClear,
}

func TestEveryFieldOfIdentityProviders(t *testing.T) {
	t.Parallel()
	inSDK := fields(t, "identityprovider.go", regexp.MustCompile(`^((AzureAD|GenericOAuth|IdentityProviderListResponseAccess\w+)Config|IdentityProviderSCIMConfig)$`))
	if diff := cmp.Diff(inSDK, slices.Sorted(maps.Keys(identityProviderFields))); diff != "" {
		t.Errorf("fields of config and scim_config: add what is new here (-SDK +here):\n%s", diff)
	}
	for name, becomes := range identityProviderFields {
		t.Logf("the field %s of an identity provider %s", name, becomes)
		if becomes == shown {
			continue // TestEveryIdentityProviderType
		}
		access := accessBy(t, `{"id":"a","type":"mcp_portal","domain":"mcp.example.com","allowed_idps":["i"],"policies":[]}`,
			fmt.Sprintf(`{"id":"i","type":"okta","config":{%q:"its value"}}`, name))
		want := `"its value"`
		if becomes == hidden {
			want = `"[redacted sha256:`
		}
		if got := access.IdentityProviders["i"].Config.Extra[name]; !strings.HasPrefix(got, want) {
			t.Errorf("%s %s, and extra has %s", name, becomes, got)
		}
	}
}

// accessBy returns who gets to a portal at mcp.example.com past an application.
func accessBy(t *testing.T, application string, providers ...string) *cloudflare.Access {
	t.Helper()
	api := portalapi.New(portalapi.WithoutFixtures())
	t.Cleanup(api.Close)
	api.AccessApp("a").Put([]byte(application))
	for _, p := range providers {
		api.IdentityProvider("i").Put([]byte(p))
	}
	client, err := cloudflare.New(cloudflare.Config{BaseURL: api.URL(), Credentials: cloudflare.Credentials{Token: portalapi.Token}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	access, err := client.PortalAccess(t.Context(), portalapi.AccountID, &cloudflare.Portal{Hostname: new("mcp.example.com")})
	if err != nil {
		t.Fatal(err)
	}
	return access
}

// source returns a file of the SDK, parsed: reflection knows no constants, and no
// types that nothing names.
func source(t *testing.T, name string) *ast.File {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/cloudflare/cloudflare-go/v7").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "zero_trust", name), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// constants returns the values of the constants of a type.
func constants(t *testing.T, file, typeName string) []string {
	t.Helper()
	var values []string
	ast.Inspect(source(t, file), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == typeName {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
		return true
	})
	return values
}

// fields returns the names in JSON of the fields of all structs whose name matches.
func fields(t *testing.T, file string, name *regexp.Regexp) []string {
	t.Helper()
	names := map[string]bool{}
	ast.Inspect(source(t, file), func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !name.MatchString(spec.Name.Name) {
			return true
		}
		object, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, f := range object.Fields.List {
			if f.Tag == nil {
				continue
			}
			tag, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			if field, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); field != "" && field != "-" {
				names[field] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(names))
}
