package conformance

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/zero_trust"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// leftToExtra are the fields of the SDK's types that have no field in the wire
// types, and so no attribute: from the path of the field to the reason. What the
// API returns in them stands in extra.
var leftToExtra = map[string]string{}

// answers are the SDK's types for what the provider reads, each with the wire
// type for it.
var answers = []struct {
	path      string
	sdk, wire reflect.Type
}{
	{"portal", reflect.TypeFor[zero_trust.AccessAIControlMcpPortalReadResponse](), reflect.TypeFor[cloudflare.Portal]()},
	{"portal", reflect.TypeFor[zero_trust.AccessAIControlMcpPortalListResponse](), reflect.TypeFor[cloudflare.Portal]()},
	{"server", reflect.TypeFor[zero_trust.AccessAIControlMcpServerReadResponse](), reflect.TypeFor[cloudflare.Server]()},
	{"server", reflect.TypeFor[zero_trust.AccessAIControlMcpServerListResponse](), reflect.TypeFor[cloudflare.Server]()},
}

// TestEveryFieldOfTheSDK fails when the SDK's types have a field that the
// provider neither shows nor leaves to extra on purpose.
func TestEveryFieldOfTheSDK(t *testing.T) {
	t.Parallel()
	c := newComparison(leftToExtra)
	for _, a := range answers {
		c.objects(a.path, a.sdk, a.wire)
	}
	for _, problem := range c.problems() {
		t.Error(problem)
	}
}

// comparison collects how the SDK's types differ from the wire types.
type comparison struct {
	left  map[string]string
	used  map[string]bool
	found map[string]bool
}

func newComparison(left map[string]string) *comparison {
	return &comparison{left, map[string]bool{}, map[string]bool{}}
}

// problems returns what was found, and the entries of the list that are for
// nothing, in alphabetical order.
func (c *comparison) problems() []string {
	for path, reason := range c.left {
		if reason == "" {
			c.found[path+": leftToExtra gives no reason"] = true
		}
		if !c.used[path] {
			c.found[path+": leftToExtra lists it, but the SDK has no such field, or the wire types have it by now: take it off the list"] = true
		}
	}
	return slices.Sorted(maps.Keys(c.found))
}

// objects compares the fields of two types at path.
func (c *comparison) objects(path string, sdk, wire reflect.Type) {
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(wire) {
		fields[jsonName(f)] = f
	}
	for f := range sdk.Fields() {
		if f.Name == "JSON" {
			continue
		}
		name := jsonName(f)
		field := path + "." + name
		known, ok := fields[name]
		switch {
		case ok && !strings.EqualFold(f.Name, known.Name):
			// The tags alone would not show that two fields were mixed up.
			c.found[fmt.Sprintf("%s: the SDK's field is %s.%s, and that of the wire type %s.%s", field, sdk.Name(), f.Name, wire.Name(), known.Name)] = true
		case ok:
			c.values(field, f.Type, known.Type)
		case c.left[field] != "":
			c.used[field] = true
		default:
			c.found[fmt.Sprintf("%s: the SDK has the field %s.%s (%s), and cloudflare.%s has none. "+
				"Add it as CONTRIBUTING.md says under \"Add a field\"; or, if it should stay in extra, list %q with the reason in leftToExtra, in conformance/coverage_test.go",
				field, sdk.Name(), f.Name, f.Type, wire.Name(), field)] = true
		}
	}
}

// values compares the types of a field.
func (c *comparison) values(path string, sdk, wire reflect.Type) {
	sdkKind, wireKind := kindOf(sdk), kindOf(wire)
	if sdkKind != wireKind {
		c.found[fmt.Sprintf("%s: the SDK has %s (%s), the wire type %s (%s)", path, sdkKind, sdk, wireKind, wire)] = true
		return
	}
	for sdk.Kind() == reflect.Slice {
		sdk, wire = sdk.Elem(), wire.Elem()
	}
	if wire.Kind() == reflect.Pointer {
		wire = wire.Elem()
	}
	// Of an MCP server's own objects (tools, prompts) the SDK knows nothing.
	if sdkKind != "text" && sdk.Kind() == reflect.Struct {
		c.objects(path, sdk, wire)
	}
}

// kindOf returns what a type holds, in words: of the SDK's types as of the wire types.
func kindOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "text"
	case reflect.TypeFor[*wirejson.Number]():
		return "a number"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "a boolean"
	case reflect.Float64, reflect.Int64:
		return "a number"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list of " + strings.TrimPrefix(strings.TrimPrefix(kindOf(t.Elem()), "an "), "a ") + "s"
	}
	return t.String()
}

// TestGrownSDK shows what a person reads once Cloudflare's API has grown.
func TestGrownSDK(t *testing.T) {
	t.Parallel()
	type details struct {
		Since *string `json:"since"`
	}
	type wire struct {
		ID        *string          `json:"id"`
		OwnedBy   *string          `json:"owned_by"`
		Ready     *bool            `json:"ready"`
		Tags      []details        `json:"tags"`
		Now       *details         `json:"now"`
		OwnerName *wirejson.Number `json:"rank"`
		Extra     wirejson.Extra
	}
	type grownDetails struct {
		Since time.Time `json:"since"`
		Until time.Time `json:"until"`
	}
	type grown struct {
		ID        string         `json:"id"`
		OwnedBy   string         `json:"owned_by"`
		Ready     string         `json:"ready"`
		Tags      []grownDetails `json:"tags"`
		Now       grownDetails   `json:"now"`
		Rank      float64        `json:"rank"`
		OwnerTeam string         `json:"owner_team"`
		Secret    string         `json:"secret"`
	}
	c := newComparison(map[string]string{"thing.secret": "not for a state", "thing.id": "an attribute by now", "thing.gone": ""})
	c.objects("thing", reflect.TypeFor[grown](), reflect.TypeFor[wire]())
	want := []string{
		`thing.gone: leftToExtra gives no reason`,
		`thing.gone: leftToExtra lists it`,
		`thing.id: leftToExtra lists it`,
		`thing.now.until: the SDK has the field grownDetails.Until (time.Time), and cloudflare.details has none`,
		`thing.owner_team: the SDK has the field grown.OwnerTeam (string), and cloudflare.wire has none. Add it as CONTRIBUTING.md`,
		`thing.rank: the SDK's field is grown.Rank, and that of the wire type wire.OwnerName`,
		`thing.ready: the SDK has text (string), the wire type a boolean (*bool)`,
		`thing.tags.until: the SDK has the field grownDetails.Until`,
	}
	got := c.problems()
	if len(got) != len(want) {
		t.Fatalf("got %d problems, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got  %s\nwant %s…", got[i], want[i])
		}
	}
}
