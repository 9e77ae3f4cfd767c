package baseline

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// wireTypes are the wire types of the objects in the table.
var wireTypes = map[string]any{
	"portal": cloudflare.Portal{}, "server": cloudflare.PortalServer{},
	"login": cloudflare.AuthConfigSummary{}, "login.config": cloudflare.AuthConfig{}, "login.registration_info": cloudflare.RegistrationInfo{},
	"override": cloudflare.Override{}, "tool": cloudflare.Tool{}, "annotations": cloudflare.Annotations{}, "prompt": cloudflare.Prompt{},
}

// Each field of the wire types is in the table, and no other.
func TestEveryFieldIsInTheTable(t *testing.T) {
	t.Parallel()
	for object, wire := range wireTypes {
		var names []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(wire)) {
			if name, ok := f.Tag.Lookup("json"); ok {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if have := slices.Sorted(maps.Keys(table[object])); !slices.Equal(names, have) {
			t.Errorf("the wire type of %s has the fields\n%v, the table\n%v", object, names, have)
		}
	}
	for object, fields := range table {
		for name, f := range fields {
			if noReason := f.because == "" && (f.rule == noEffect || f.left); noReason || f.object != "" && table[f.object] == nil {
				t.Errorf("the table gives no reason for %s.%s, or names an object that it has not", object, name)
			}
		}
	}
}

func TestRulesAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range allRules {
		if seen[r.ID] || !strings.HasSuffix(r.Sentence, ".") || strings.Contains(r.Sentence, "|") {
			t.Errorf("the rule %s is there twice, or its sentence is none", r.ID)
		}
		seen[r.ID] = true
	}
	for object, fields := range table {
		for name, f := range fields {
			if f.rule != nil && !seen[f.rule.ID] {
				t.Errorf("the table says of %s.%s the rule %s, which is not in the list", object, name, f.rule.ID)
			}
		}
	}
}

// The table against behaviour: each field of a full object is changed, taken away and
// added, and reported by the table's rule, with at least one effect unless the table
// gives a reason why there is none.
func TestEveryFieldIsJudgedByItsRule(t *testing.T) {
	t.Parallel()
	values := []string{`"a"`, `"b"`, `true`, `7`, `{"a":"x"}`, `["x"]`, `[{"y":1}]`}
	for object, fields := range portalFields {
		for name, f := range fields {
			if f.left || f.rule == nil {
				continue
			}
			for _, before := range append(values, "") {
				for _, after := range append(values, "") {
					if before == after {
						continue
					}
					changes := judgedIn(object, name, before, after)
					for _, ch := range changes {
						if isElsewhere := f.elsewhere && ch.rule.can != none; ch.rule != f.rule && !isElsewhere {
							t.Errorf("%s.%s %s -> %s: judged by %s, not %s", object, name, before, after, ch.rule.ID, f.rule.ID)
						}
						if ch.effects == none && ch.because == "" {
							t.Errorf("%s.%s %s -> %s has no effect, for no reason", object, name, before, after)
						}
						if ch.effects&^(ch.rule.can|tooLong.can) != none {
							t.Errorf("%s.%s %s -> %s: %s has the effects %v", object, name, before, after, ch.rule.ID, ch.effects.list())
						}
					}
					if len(changes) == 0 && !f.elsewhere {
						t.Errorf("%s.%s %s -> %s is not reported", object, name, before, after)
					}
				}
			}
		}
		// What the table does not know has an effect, unless it is empty on both sides.
		for _, before := range append(values, "", "false", "0", "{}", "[]", `""`, "null") {
			for _, after := range append(values, "", "false", "0", "{}", "[]", `""`, "null") {
				isDefinition := object == "tool" || object == "prompt" || object == "annotations"
				empty := func(v string) bool { return slices.Contains([]string{"", "false", "0", "{}", "[]", `""`, "null"}, v) }
				if before == after || !isDefinition && empty(before) && empty(after) {
					continue
				}
				changes := judgedIn(object, "nobody knows", before, after)
				if len(changes) != 1 || isDefinition != (changes[0].effects == steers) || !isDefinition && changes[0].effects != widens {
					t.Errorf("%s: an unknown field %s -> %s: %v", object, before, after, changes)
				}
			}
		}
	}
}

// judgedIn returns the changes that follow from a field of an object that is on.
func judgedIn(object, name, before, after string) []change {
	root := func(value string) *jsontree.Node {
		member := ""
		if value != "" {
			member = jsontree.Quote(name) + ":" + value
		}
		var text string
		entry := func(list, definition, override string) string {
			return `{"server":{"server_id":"s"},"` + list + `":{"t":{"enabled":true,"definition":{` + definition + `},"override":{` + override + `}}}}`
		}
		switch object {
		case "tool":
			text = entry("tools", member, "")
		case "annotations":
			text = entry("tools", `"annotations":{`+member+`}`, "")
		case "prompt":
			text = entry("prompts", member, "")
		case "override":
			text = entry("tools", "", member)
		case "login":
			text = `{"server":{"auth_config_summary":{` + member + `}}}`
		case "login.config", "login.registration_info":
			text = `{"server":{"auth_config_summary":{"` + strings.TrimPrefix(object, "login.") + `":{` + member + `}}}}`
		default:
			text = `{"` + object + `":{` + member + `}}`
		}
		return jsontree.Parse(text)
	}
	id := "s"
	at := place{file: "servers/s.json", serverID: &id}
	roots := [2]*jsontree.Node{root(before), root(after)}
	var changes []change
	add := func(d *difference) { changes = append(changes, judge(d)) }
	if object == "portal" {
		diffObject("portal", difference{change: change{at: place{file: portalFile}, roots: roots}}, roots[0].Member("portal"), roots[1].Member("portal"), add)
	} else if err := diffServer(context.Background(), at, roots[0], roots[1], add); err != nil {
		panic(err)
	}
	return changes
}
