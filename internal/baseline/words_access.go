package baseline

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// sayAccess says what changed of an application, a policy, a group or a login method.
func sayAccess(ch *change) saying {
	f := ch.facts
	kind, subject, plain := ch.accessObject()
	s := saying{head: lineOf(subject + ":"), one: plain + " changed", many: kind + " changes"}
	rest := ch.path[len(f.path):]
	switch {
	case len(rest) == 0 && (ch.before == nil || ch.after == nil):
		words, verb := "new ", " added"
		if ch.after == nil {
			words, verb = "gone: ", " removed"
		}
		s.head.words, s.one = words+s.head.words+" ", plain+verb
		s.sayWhole(ch, kind)
	case len(f.added)+len(f.removed) > 0:
		if f.words == nil { // of many rules, once
			f.words = append(f.rules(f.added, "added "), f.rules(f.removed, "removed ")...)
		}
		s.head = line{words: s.head.words + " " + rest.String() + ": ", names: f.words}
	case rest.String() == "policies" && ch.before.IsList() && ch.after.IsList():
		s.head = line{words: s.head.words + " policies in another order: ", names: calledAll(ch.after)}
		s.notes = append(s.notes, line{words: "accepted: ", names: calledAll(ch.before)})
	default:
		if len(rest) > 0 {
			s.head.words += " " + shown.Mark(shown.JSON.Show(rest.String())) + ":"
		}
		s.values = &[2]value{newValue(ch.before, true), newValue(ch.after, true)}
		for side, n := range []*jsontree.Node{ch.before, ch.after} {
			switch {
			case n != nil:
			case rest.String() == "session_duration" && f.application != [2]*jsontree.Node{}: // which is not written
				s.values[side] = newValue(f.sessionOf(side, nil), true)
			case cmp.Or(ch.before, ch.after).IsTrue():
				s.values[side] = value{style: shown.JSON, text: "false"}
			}
		}
	}
	return s
}

// accessObject returns what a change is about: its kind, and its name for a report and
// for a title.
func (ch *change) accessObject() (kind, words, plain string) {
	f := ch.facts
	named := func(sides [2]*jsontree.Node) string {
		return cmp.Or(nameIn(sides[1]), nameIn(sides[0]), ch.path[1].Name)
	}
	of := ""
	switch ch.path[0].Name {
	case "groups":
		kind = "group"
	case "identity_providers":
		kind = "login method"
	default:
		kind = "application"
		if len(f.path) > 2 {
			kind, of = "policy", " of "+called(named(f.application))
		}
	}
	name := named(f.object)
	return kind, kind + " " + called(name) + of, kind + " " + plainName(name)
}

// sayWhole introduces what came, or tells what it was that is gone.
func (s *saying) sayWhole(ch *change, kind string) {
	f, n := ch.facts, cmp.Or(ch.after, ch.before)
	if kind != "application" {
		s.head.names = f.parts(n)
		return
	}
	guarded := calledAll(n.Member("guards_servers"))
	if n.Member("guards_portal").IsTrue() {
		guarded = append([]string{"the portal"}, guarded...)
	}
	s.head.words += "guards " + cmp.Or(strings.Join(guarded, ", "), "a part of the portal's host") + ": "
	policies := n.Member("policies")
	for i := range policies.Elements() {
		p := &policies.Items[i]
		s.head.names = append(s.head.names, "policy "+called(nameIn(p))+" ("+strings.Join(f.parts(p), ", ")+")")
	}
	switch {
	case !policies.IsList():
		s.head.names = []string{"its policies are not known"}
	case len(s.head.names) == 0:
		s.head.names = []string{"no policy"}
	}
	for _, id := range n.Member("guards_servers").Elements() {
		if !guards(ch.roots[0], id.Value()) {
			s.notes = append(s.notes, lineOf("nothing guarded "+called(id.Value())+": it was shown to nobody"))
		} else if !guards(ch.roots[1], id.Value()) {
			s.notes = append(s.notes, lineOf("nothing guards "+called(id.Value())+" now"))
		}
	}
}

// guards reports whether an application of a file guards a server.
func guards(root *jsontree.Node, serverID string) bool {
	return slices.ContainsFunc(root.At("access", "applications").Members(), func(application jsontree.Node) bool {
		return slices.ContainsFunc(application.Member("guards_servers").Elements(), func(id jsontree.Node) bool { return id.Value() == serverID })
	})
}

// maxSaid is how many rules are put into words: no page has room for as many.
const maxSaid = 4000

// rules says what rules select, those that anybody may meet first.
func (f *accessFacts) rules(all []*jsontree.Node, before string) []string {
	known := cloudflare.Selectors()
	rank := func(n *jsontree.Node) int {
		m := n.Members()
		if len(m) == 1 && slices.Contains(known, m[0].Name()) && m[0].Key != `"everyone"` && m[0].Key != `"any_valid_service_token"` {
			return 1
		}
		return 0
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *jsontree.Node) int { return rank(a) - rank(b) })
	words := make([]string, len(all))
	for i, n := range all {
		if words[i] = before + "a rule"; i < maxSaid {
			r := cloudflare.RuleOf(wirejson.Value(jsontree.Compact(n)))
			words[i] = before + shown.Mark(r.Words(func(_, id string) string {
				name, _ := shown.NameUpTo(cmp.Or(f.names[id], id), maxName)
				return name
			}))
		}
	}
	return words
}

// parts says all of a policy, group or login method: what a policy does first, and then
// with whom.
func (f *accessFacts) parts(n *jsontree.Node) (all []string) {
	if n.IsNull() {
		return []string{"it does not exist"}
	}
	said := append([]string{"id", "name", "decision"}, ruleLists...)
	if decision := n.Member("decision"); decision != nil {
		all = append(all, newValue(decision, true).brief())
	}
	for _, list := range ruleLists {
		all = append(all, f.rules(newRules(nil, n.Member(list)), list+" ")...)
	}
	if n.Member("type") == nil && !isRules(n.Member("include")) {
		all = append(all, "whom it includes is not known")
	}
	for i := range n.Members() {
		if m := &n.Items[i]; !slices.Contains(said, m.Name()) {
			all = append(all, called(m.Name())+" "+newValue(m, true).brief())
		}
	}
	return all
}

func calledAll(list *jsontree.Node) (all []string) {
	for i := range list.Elements() {
		all = append(all, called(list.Items[i].Value()))
	}
	return all
}

// sayReach says who gets in now, whatever else is said.
func sayReach(ch *change) saying {
	key := ch.path[1].Name
	place, plain := placeOf(key)
	passing := "anybody"
	if key != reachOfPortal {
		passing = "whoever passes the portal"
	}
	is := cmp.Or(ch.after.Member("open"), ch.after).IsTrue()
	var s saying
	switch {
	case len(ch.path) == 2 && ch.after == nil:
		return saying{head: lineOf(place + " is gone"), one: plain + " removed", many: "servers removed"}
	case len(ch.path) == 2 && !is:
		s = saying{head: lineOf(place + " is new, and not open to " + passing), one: plain + " added", many: "servers added"}
	case ch.rule.ID == "access_service_tokens" && is:
		s = saying{head: lineOf("a service token reaches " + place), one: "service tokens reach " + plain, many: "places are reached by service tokens"}
	case ch.rule.ID == "access_service_tokens":
		s = saying{head: lineOf("no service token reaches " + place), one: "no service token reaches " + plain, many: "places are reached by no service token"}
	case is:
		s = saying{head: lineOf(place + " is open to " + passing), one: plain + " is open", many: "places are open"}
	default:
		s = saying{head: lineOf(place + " is no longer open to " + passing), one: plain + " is not open", many: "places are not open"}
	}
	s.head.words += ":"
	s.text = &value{style: shown.ASCII | shown.JSON, text: ch.facts.reach[key]} // which escapes the names in it
	return s
}

// placeOf names the portal or a server by its key, for a report and for a title.
func placeOf(key string) (words, plain string) {
	if id, isServer := strings.CutPrefix(key, reachOfServer); isServer {
		return called(id), plainName(id)
	}
	return "the portal", "portal"
}

// sayEveryReach says who gets in, by place.
func sayEveryReach(f *accessFacts) (all []line) {
	for _, key := range slices.Sorted(maps.Keys(f.reach)) {
		place, _ := placeOf(key)
		all = append(all, line{words: place + ": ", names: []string{shown.Mark(shown.ASCII.Show(f.reach[key]))}})
	}
	return all
}
