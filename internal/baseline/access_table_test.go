package baseline

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// Each field of the wire types of Access is in the table. It has more, which are kept as
// they were received.
func TestEveryFieldOfAccessIsInTheTable(t *testing.T) {
	t.Parallel()
	for object, wire := range map[string]any{
		"application": cloudflare.Application{}, "oauth": cloudflare.OAuthConfiguration{}, "oauth.grant": cloudflare.OAuthGrant{},
		"oauth.dynamic_client_registration": cloudflare.DynamicClientRegistration{},
		"policy":                            cloudflare.Policy{}, "group": cloudflare.Group{}, "identity_provider": cloudflare.IdentityProvider{},
	} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(wire)) {
			if name, ok := f.Tag.Lookup("json"); ok {
				if _, known := accessFields[object][name]; !known {
					t.Errorf("the table has no %s.%s", object, name)
				}
			}
		}
	}
}

// accessWith returns access.json with one member in an object of the table.
func accessWith(object, member string) *jsontree.Node {
	if member != "" {
		member = "," + member
	}
	in := func(prefix string) string {
		if !strings.HasPrefix(object, prefix) {
			return ""
		}
		switch object {
		case "oauth":
			return `,"oauth_configuration":{"kept":1` + member + `}`
		case "oauth.grant", "oauth.dynamic_client_registration":
			return `,"oauth_configuration":{"enabled":true,"` + strings.TrimPrefix(object, "oauth.") + `":{"kept":1` + member + `}}`
		case "mfa":
			return `,"mfa_config":{"kept":1` + member + `}`
		case "identity_provider.config":
			return `,"config":{"kept":1` + member + `}`
		}
		return member
	}
	policy, group := in("policy")+in("mfa"), in("group")
	if !strings.Contains(policy, `"include"`) {
		policy += `,"include":[{"group":{"id":"g"}},{"login_method":{"id":"i"}}]`
	}
	if !strings.Contains(policy, `"decision"`) {
		policy += `,"decision":"allow"`
	}
	if !strings.Contains(group, `"include"`) {
		group += `,"include":[{"email":{"email":"a"}}]`
	}
	reach := ""
	if object == "reach" {
		reach = strings.TrimPrefix(member, ",")
	}
	application := in("application") + in("oauth")
	if !strings.Contains(application, `"policies"`) {
		application += `,"policies":[{"id":"p"` + policy + `},{"id":"q","decision":"deny","include":[{"group":{"id":"g"}}]}]`
	}
	text := fmt.Sprintf(`{"access":{"applications":{"a":{"kept":1%s}},"groups":{"g":{"kept":1%s}},"identity_providers":{"i":{"kept":1%s}},"reach":{"portal":{%s},"server x":{"kept":1},"server y":{"kept":1}}}}`,
		application, group, in("identity_provider"), reach)
	if at := jsontree.Invalid(text); at >= 0 {
		panic(text[at:])
	}
	n := new(jsontree.Parser).Parse(text)
	cleaner{}.file(n)
	n.Seal()
	return n
}

// The table against behaviour: each field of a full access.json is changed, taken away
// and added, and reported by the table's rule, with an effect unless there is a reason
// why there is none.
func TestEveryFieldOfAccessIsJudgedByItsRule(t *testing.T) {
	t.Parallel()
	values := []string{``, `"a"`, `"48h"`, `"deny"`, `true`, `false`, `7`, `{"a":"x"}`, `["x"]`, `["x","z"]`, `[{"y":1}]`, `[{"everyone":{}}]`, `[]`, `null`}
	for object, fields := range accessFields {
		for _, name := range append(slices.Collect(maps.Keys(fields)), "nobody knows") {
			f, known := fields[name]
			for i, before := range values {
				for _, after := range []string{before, values[(i+1)%len(values)], values[(i+5)%len(values)], ``, `true`, `"48h"`} {
					if (f.nullable || name == "decision") && (before == "" || after == "") {
						continue // of these, there is always one
					}
					var changes []change
					sides := [2]*jsontree.Node{}
					for i, value := range []string{before, after} {
						if value != "" {
							value = jsontree.Quote(name) + ":" + value
						}
						sides[i] = accessWith(object, value)
					}
					err := diffAccess(t.Context(), &cloudflare.Access{}, sides[0], sides[1], func(d *difference) { changes = append(changes, judge(d)) })
					if err != nil {
						t.Fatal(err)
					}
					what := fmt.Sprintf("%s.%s %s -> %s", object, name, before, after)
					if differs := !jsontree.Equal(sides[0], sides[1]); differs && !f.left && len(changes) == 0 || !differs && len(changes) > 0 {
						t.Errorf("%s: differs: %t, and is said to be %v", what, differs, changes)
					}
					for _, ch := range changes {
						if ch.effects == none && ch.because == "" {
							t.Errorf("%s has no effect, for no reason", what)
						}
						if ch.effects&^ch.rule.can != none {
							t.Errorf("%s: %s has the effects %v", what, ch.rule.ID, ch.effects.list())
						}
					}
					switch {
					case len(changes) == 0 || name == "policies" || name == "id":
					case !known:
						if changes[0].rule != unknownField || changes[0].effects != widens {
							t.Errorf("%s: %v by %s", what, changes[0].effects.list(), changes[0].rule.ID)
						}
					case f.object != "" || object == "mfa": // by what is in it, or by the rule of what has it
					case !slices.ContainsFunc(changes, func(ch change) bool { return ch.rule == f.rule }):
						t.Errorf("%s: judged by %s, not %s", what, changes[0].rule.ID, f.rule.ID)
					}
				}
			}
		}
	}
}

// However many changes there are, that something is open is said by itself, and no
// change of Access is one of many because there are many others.
func TestOpenGatesAreNeverFolded(t *testing.T) {
	t.Parallel()
	id := "s"
	opened := change{rule: accessOpen, effects: widens, at: place{file: accessFile, serverID: &id}, path: jsontree.Path{}.Fields("reach", "server s", "open")}
	tokens := change{rule: accessServiceTokens, effects: widens, at: place{file: accessFile, serverID: &id}, path: jsontree.Path{}.Fields("reach", "server s", "service_tokens")}
	policy := change{rule: accessPolicy, effects: widens, at: place{file: accessFile}}
	tool := "t"
	ofTool := change{rule: tools.other, effects: steers, at: place{file: "servers/s.json", serverID: &id, tool: &tool}}
	for name, all := range map[string][]change{
		"many of Access": append(slices.Repeat([]change{policy}, maxChanges), opened, tokens),
		"many others":    append(slices.Repeat([]change{ofTool}, 2*maxChanges), opened, policy, policy, tokens),
	} {
		c := &comparison{changes: slices.Clone(all)}
		c.join()
		count := map[*Rule]int{}
		for i := range c.changes {
			count[c.changes[i].rule]++
		}
		if len(c.changes) > maxChanges || count[accessOpen] != 1 || count[accessServiceTokens] != 1 || count[manyChanges] != 1 || name == "many others" && count[accessPolicy] != 2 {
			t.Errorf("%s: %d changes: %v", name, len(c.changes), count)
		}
	}
}
