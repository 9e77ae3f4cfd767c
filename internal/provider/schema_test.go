package provider_test

import (
	_ "embed"
	"maps"
	"regexp"
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
	var sensitive []string
	for name, schema := range everySchema(t) {
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if a.Sensitive {
				sensitive = append(sensitive, path)
			} else if secret.MatchString(a.Name) {
				t.Errorf("%s is not sensitive", path)
			}
		})
	}
	sort.Strings(sensitive)
	if diff := cmp.Diff([]string{"provider.api_key", "provider.api_token"}, sensitive); diff != "" {
		t.Errorf("sensitive attributes (-want +got):\n%s", diff)
	}
}

// settledInterface has a line for each attribute of the settled design: its path
// and its type, with ? for optional, ! for required, and + for computed.
//
//go:embed testdata/interface.txt
var settledInterface string

// TestInterface holds the names and types to the settled design: a change here
// is a change of people's configurations. What is new may be there as well; a
// release adds it to the list.
func TestInterface(t *testing.T) {
	t.Parallel()
	got := map[string]bool{}
	for name, schema := range everySchema(t) {
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			got[path+" "+kindOf(a)] = true
		})
	}
	if len(got) < 100 {
		t.Fatalf("only %d attributes were found", len(got))
	}
	for line := range strings.Lines(settledInterface) {
		if line = strings.TrimSpace(line); !got[line] {
			t.Errorf("not in the schema: %s", line)
		}
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
