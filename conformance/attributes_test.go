package conformance

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// TestEveryFieldIsAnAttribute closes the chain from the SDK to a person's
// configuration: each field of the wire types is an attribute of its kind, in
// every data source that shows the object.
func TestEveryFieldIsAnAttribute(t *testing.T) {
	t.Parallel()
	response, err := provider.NewServer(provider.Options{}).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	root := func(dataSource string) []*tfprotov6.SchemaAttribute {
		return response.DataSourceSchemas[dataSource].Block.Attributes
	}
	portal, server := reflect.TypeFor[cloudflare.Portal](), reflect.TypeFor[cloudflare.Server]()
	requireAttributes(t, "mcp_portal", portal, root("mcp_portal"))
	requireAttributes(t, "mcp_portals.portals", portal, nested(root("mcp_portals"), "portals"))
	requireAttributes(t, "mcp_server", server, root("mcp_server"))
	requireAttributes(t, "mcp_servers.servers", server, nested(root("mcp_servers"), "servers"))
	requireAttributes(t, "mcp_portal_access.applications", reflect.TypeFor[cloudflare.Application](), nested(root("mcp_portal_access"), "applications"))
	requireAttributes(t, "mcp_portal_access.identity_providers", reflect.TypeFor[providerInMap](), nested(root("mcp_portal_access"), "identity_providers"))
	requireAttributes(t, "mcp_portal_access.groups", reflect.TypeFor[groupInMap](), nested(root("mcp_portal_access"), "groups"))
}

// providerInMap is an identity provider without its id, which is the key of the map,
// and with what is shown of its configuration.
type providerInMap struct {
	Name                     *string `json:"name"`
	Type                     *string `json:"type"`
	RestrictToAccountMembers *bool   `json:"restrict_to_account_members"`
	Extra                    wirejson.Extra
}

// groupInMap is a group without its id, which is the key of the map.
type groupInMap struct {
	Name    *string          `json:"name"`
	Include []wirejson.Value `json:"include"`
	Require []wirejson.Value `json:"require"`
	Exclude []wirejson.Value `json:"exclude"`
	Extra   wirejson.Extra
}

func attribute(list []*tfprotov6.SchemaAttribute, name string) *tfprotov6.SchemaAttribute {
	for _, a := range list {
		if a.Name == name {
			return a
		}
	}
	return nil
}

func nested(list []*tfprotov6.SchemaAttribute, name string) []*tfprotov6.SchemaAttribute {
	if a := attribute(list, name); a != nil && a.NestedType != nil {
		return a.NestedType.Attributes
	}
	return nil
}

// requireAttributes compares a wire type with the attributes of the object that shows it.
func requireAttributes(t *testing.T, path string, wire reflect.Type, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, f := range reflect.VisibleFields(wire) {
		if f.Anonymous || f.Type.Kind() == reflect.Bool { // its fields follow; what was absent is no field
			continue
		}
		name := attributeName(f)
		a := attribute(attributes, name)
		switch {
		case a == nil:
			t.Errorf("%s has no attribute %s for the field %s.%s of the wire types", path, name, wire.Name(), f.Name)
		case kindOfAttribute(a) != kindOfField(f.Type):
			t.Errorf("%s.%s is %s, and the field %s.%s of the wire types %s", path, name, kindOfAttribute(a), wire.Name(), f.Name, kindOfField(f.Type))
		case f.Type == reflect.TypeFor[[]wirejson.Value](): // rules, which have attributes of their own
		case a.NestedType != nil:
			requireAttributes(t, path+"."+name, f.Type.Elem(), a.NestedType.Attributes)
		}
	}
}

var capital = regexp.MustCompile(`[A-Z]`)

// attributeName returns the attribute's name for a field: that of the API, in
// snake case.
func attributeName(f reflect.StructField) string {
	if f.Type == reflect.TypeFor[wirejson.Extra]() {
		return "extra"
	}
	return strings.ToLower(capital.ReplaceAllString(jsonName(f), "_$0"))
}

func kindOfField(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[wirejson.Extra]():
		return "a map of texts"
	case reflect.TypeFor[*wirejson.Object](), reflect.TypeFor[*wirejson.Value]():
		return "text"
	case reflect.TypeFor[[]wirejson.Value]():
		return "a list of objects"
	}
	return kindOf(t)
}

func kindOfAttribute(a *tfprotov6.SchemaAttribute) string {
	if a.NestedType != nil {
		if a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeList {
			return "a list of objects"
		}
		return "an object"
	}
	switch {
	case a.Type.Is(tftypes.String):
		return "text"
	case a.Type.Is(tftypes.Bool):
		return "a boolean"
	case a.Type.Is(tftypes.Number):
		return "a number"
	case a.Type.Is(tftypes.List{ElementType: tftypes.String}):
		return "a list of texts"
	case a.Type.Is(tftypes.Map{ElementType: tftypes.String}):
		return "a map of texts"
	}
	return a.Type.String()
}
