package baseline

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// Each field of the wire types has its rule, or is listed as having none of its own.
func TestEveryFieldHasItsPlace(t *testing.T) {
	t.Parallel()
	for object, wire := range map[string]any{
		"portal": cloudflare.Portal{}, "server": cloudflare.PortalServer{},
		"login": cloudflare.AuthConfigSummary{}, "login.config": cloudflare.AuthConfig{}, "login.registration_info": cloudflare.RegistrationInfo{},
		"override": cloudflare.Override{}, "tool": cloudflare.Tool{}, "annotations": cloudflare.Annotations{},
		"application": cloudflare.Application{}, "oauth": cloudflare.OAuthConfiguration{},
		"oauth.dynamic_client_registration": cloudflare.DynamicClientRegistration{}, "oauth.grant": cloudflare.OAuthGrant{},
		"policy": cloudflare.Policy{}, "group": cloudflare.Group{}, "identity_provider": cloudflare.IdentityProvider{},
		"prompt": cloudflare.Prompt{}, "argument": cloudflare.Argument{},
	} {
		var names []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(wire)) {
			if name, ok := f.Tag.Lookup("json"); ok {
				names = append(names, name)
				if _, ok := fields[object][name]; !ok {
					t.Errorf("%s.%s is not in fields: say which rule reports it, such as %s_field if none of its own does", object, name, strings.Split(object, ".")[0])
				}
			}
		}
		for name, rule := range fields[object] {
			if !slices.Contains(names, name) {
				t.Errorf("fields has %s.%s, which no wire type has", object, name)
			}
			if rule != structure && rule != left && rulesByID[rule] == nil {
				t.Errorf("fields says of %s.%s the rule %q, which is none", object, name, rule)
			}
			if (rule == left) != slices.Contains(changing, name) && (object == "portal" || object == "server") {
				t.Errorf("%s.%s is left out in one place alone", object, name)
			}
		}
	}
}

// A rule is in the table, and is reported in a test: see ruleLog.
func TestRulesAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.ID] || !strings.HasSuffix(r.Sentence, ".") || !slices.Equal(r.Effects, sorted(r.Effects)) {
			t.Errorf("the rule %s is there twice, has no sentence, or its effects are not in order", r.ID)
		}
		seen[r.ID] = true
	}
}

func TestIgnoredFields(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"created_by": true, "_meta": true, "nobody_knows": true, "has_client_secret": true,
		"description": false, "name": false, "enabled": false, "inputSchema": false, "hostname": false, "on_behalf": false, "tools": false, "server_id": false, "scope": false,
	} {
		if got := CanIgnore(name); got != want {
			t.Errorf("CanIgnore(%q) = %t", name, got)
		}
	}
}
