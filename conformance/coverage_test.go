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
var leftToExtra = map[string]string{
	"application.aud":                          "names the application to who checks its tokens; says nothing of who gets in",
	"application.auto_redirect_to_identity":    "how a login looks",
	"application.custom_deny_message":          "what who is refused reads",
	"application.custom_deny_url":              "where who is refused is sent",
	"application.custom_non_identity_deny_url": "where who is refused is sent",
	"application.custom_pages":                 "how pages look",
	"application.destinations":                 "what they come to is portal and server_ids",
	"application.http_only_cookie_attribute":   "how a browser keeps a session",
	"application.logo_url":                     "how a page looks",
	"application.options_preflight_bypass":     "lets through preflight requests alone, which call nothing",
	"application.same_site_cookie_attribute":   "how a browser keeps a session",
	"application.scim_config":                  "provisioning of users to an application, of which MCP has none; what may be a credential in it is redacted",
	"application.tags":                         "how the App Launcher is filtered",

	"policy.account_id":                                 "the account that was asked for",
	"policy.connection_rules":                           "about RDP and SSH, which MCP has none of",
	"policy.created_at":                                 "changes nothing for who gets in",
	"policy.purpose_justification_prompt":               "what people read; whether they have to answer has an attribute",
	"policy.updated_at":                                 "changes nothing for who gets in",
	"application.policies.account_id":                   "as policy.account_id",
	"application.policies.connection_rules":             "as policy.connection_rules",
	"application.policies.created_at":                   "as policy.created_at",
	"application.policies.purpose_justification_prompt": "as policy.purpose_justification_prompt",
	"application.policies.updated_at":                   "as policy.updated_at",

	"group.is_default": "of two types of the SDK's itself: a boolean, and a list of rules",

	"identity provider.read_only":               "is about who may change it",
	"identity provider.saml_certificate_set":    "certificates, which say nothing of who gets in",
	"identity provider.saml_certificate_set_id": "as the set itself",
	"identity provider.scim_config":             "is about who is provisioned, not about who can log in; what may be a credential in it is redacted",
}

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
	{"application", reflect.TypeFor[zero_trust.AccessApplicationListResponseMcpServerApplication](), reflect.TypeFor[cloudflare.Application]()},
	{"application", reflect.TypeFor[zero_trust.AccessApplicationListResponseMcpServerPortalApplication](), reflect.TypeFor[cloudflare.Application]()},
	{"policy", reflect.TypeFor[zero_trust.AccessApplicationPolicyListResponseObject](), reflect.TypeFor[cloudflare.Policy]()},
	{"group", reflect.TypeFor[zero_trust.AccessGroupGetResponse](), reflect.TypeFor[cloudflare.Group]()},
	{"identity provider", reflect.TypeFor[zero_trust.IdentityProviderListResponse](), reflect.TypeFor[cloudflare.IdentityProvider]()},
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
		if f.Name == "JSON" || !f.IsExported() {
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

// values compares the types of a field. What the wire type keeps as JSON, whole,
// has no fields to compare.
func (c *comparison) values(path string, sdk, wire reflect.Type) {
	sdkKind, wireKind := kindOf(sdk), kindOf(wire)
	switch wire {
	case reflect.TypeFor[*wirejson.Value]():
		return
	case reflect.TypeFor[*cloudflare.IdentityProviderConfig]():
		return // a union of the SDK's: see TestEveryFieldOfIdentityProviders
	case reflect.TypeFor[[]wirejson.Value]():
		if sdk.Kind() != reflect.Slice {
			c.found[fmt.Sprintf("%s: the SDK has %s (%s), the wire type a list of any values", path, sdkKind, sdk)] = true
		}
		return
	case reflect.TypeFor[*wirejson.Object]():
		if sdkKind != "an object" {
			c.found[fmt.Sprintf("%s: the SDK has %s (%s), the wire type an object, whole", path, sdkKind, sdk)] = true
		}
		return
	}
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
