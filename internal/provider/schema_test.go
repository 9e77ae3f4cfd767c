package provider_test

import (
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// visit calls f for every attribute of a schema, at every depth.
func visit(path string, list []*tfprotov6.SchemaAttribute, f func(path string, a *tfprotov6.SchemaAttribute)) {
	for _, a := range list {
		f(path+"."+a.Name, a)
		if a.NestedType != nil {
			visit(path+"."+a.Name, a.NestedType.Attributes, f)
		}
	}
}

func everySchema(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	response := newPeer(t, provider.NewServer(testOptions())).schemas
	all := map[string]*tfprotov6.Schema{"provider": response.Provider}
	maps.Copy(all, response.DataSourceSchemas)
	if len(response.ResourceSchemas) > 0 {
		t.Error("the provider only reads, but has resources")
	}
	return all
}

// TestDescriptions requires a description of every attribute at every depth,
// and one that is a sentence.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for name, schema := range everySchema(t) {
		if schema.Block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if len(schema.Block.BlockTypes) > 0 {
			t.Errorf("%s has blocks", name)
		}
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if len(a.Description) < 15 || !strings.HasSuffix(a.Description, ".") {
				t.Errorf("%s: description %q", path, a.Description)
			}
		})
	}
}

// TestSecretsAreSensitive looks for attributes whose names speak of secrets.
func TestSecretsAreSensitive(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(`(?i)token|secret|password|api_key`)
	// These only speak of secrets: whether there is one, which, and where.
	harmless := []string{"access_token_lifetime", "service_tokens", "has_client_secret", "client_secret_version", "token_endpoint", "token_endpoint_auth_method"}
	var sensitive []string
	for name, schema := range everySchema(t) {
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if a.Sensitive {
				sensitive = append(sensitive, path)
			} else if secret.MatchString(a.Name) && !slices.Contains(harmless, a.Name) {
				t.Errorf("%s is not sensitive", path)
			}
		})
	}
	sort.Strings(sensitive)
	if diff := cmp.Diff([]string{"provider.api_key", "provider.api_token"}, sensitive); diff != "" {
		t.Errorf("sensitive attributes (-want +got):\n%s", diff)
	}
}

// interfaceFile has a line for each attribute: its path and its type, with ? for
// optional, ! for required, and + for computed.
const interfaceFile = "testdata/interface.txt"

var updateInterface = flag.Bool("update", false, "write testdata/interface.txt from the schema")

// TestInterface settles each name and type when it is merged: from then on a
// change here is a change of people's configurations.
func TestInterface(t *testing.T) {
	t.Parallel()
	var lines []string
	for name, schema := range everySchema(t) {
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			lines = append(lines, path+" "+kindOf(a)+"\n")
		})
	}
	slices.Sort(lines)
	got := strings.Join(lines, "")
	if *updateInterface {
		if err := os.WriteFile(interfaceFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	settled, err := os.ReadFile(interfaceFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(settled), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the schema is not the settled one; if it is meant to change: go test ./internal/provider -run TestInterface -update (-settled +schema):\n%s", diff)
	}
}

// kindOf returns an attribute's type and how it is used.
func kindOf(a *tfprotov6.SchemaAttribute) string {
	kind := ""
	switch {
	case a.NestedType == nil:
		kind = strings.NewReplacer("tftypes.", "", "[", "(", "]", ")").Replace(strings.ToLower(a.Type.String()))
	case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeList:
		kind = "list of objects"
	case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap:
		kind = "map of objects"
	case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
		kind = "object"
	}
	for mark, set := range map[string]bool{"!": a.Required, "?": a.Optional} {
		if set {
			kind += mark
		}
	}
	if a.Computed {
		kind += "+"
	}
	return kind
}
