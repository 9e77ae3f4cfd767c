package baseline

import (
	"context"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// accessFacts are what the judgement and the words about a difference of Access need
// beside the place.
type accessFacts struct {
	// application is the one that it is about, accepted and now; object is that, or
	// the policy, group or login method. path leads to the object.
	application, object [2]*jsontree.Node
	path                jsontree.Path
	// added and removed are the rules that came and went, of a list include, require
	// or exclude; words are what is said of them.
	added, removed []*jsontree.Node
	words          []string
	// names are those of groups and login methods, by id.
	names map[string]string
	// reach is who gets in now, in words, by the key of the place.
	reach map[string]string
}

// accessDiff finds the differences of access.json.
type accessDiff struct {
	yield yieldFunc
	refs  *references
}

// diffAccess yields the differences of access.json, of which accepted is nil if there
// is none.
func diffAccess(ctx context.Context, a *cloudflare.Access, accepted, current *jsontree.Node, yield yieldFunc) error {
	facts := accessFacts{names: map[string]string{}, reach: map[string]string{}}
	for i := range a.Reach {
		facts.reach[reachKey(&a.Reach[i])] = a.Reach[i].Text
	}
	base := difference{change: change{at: place{file: accessFile}, roots: [2]*jsontree.Node{accepted, current}, facts: &facts}}
	if accepted == nil {
		base.rule = notAccepted
		yield(&base)
		return nil
	}
	before, after := accepted.Member("access"), current.Member("access")
	for _, side := range []*jsontree.Node{before, after} {
		for _, part := range []string{"groups", "identity_providers"} {
			for _, object := range side.Member(part).Members() {
				if name, ok := object.Member("name").Str(); ok {
					facts.names[object.Name()] = name
				}
			}
		}
	}
	x := &accessDiff{yield, referencesIn(before, after)}
	for key, pair := range jsontree.Pairs(before, after) {
		if part := jsontree.Unquote(key); accessParts[part] == "" {
			d := base
			d.rule, d.path, d.before, d.after, d.because = unknownField, jsontree.Path{}.Fields(part), pair[0], pair[1], "it was empty"
			yield(&d)
		}
	}
	for _, part := range []string{"reach", "applications", "groups", "identity_providers"} { // what follows stands first
		for key, pair := range jsontree.Pairs(before.Member(part), after.Member(part)) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if jsontree.Equal(pair[0], pair[1]) {
				continue
			}
			id := jsontree.Unquote(key)
			d := base.about(pair, jsontree.Path{}.Fields(part, id))
			switch part {
			case "reach":
				x.reach(d, id)
			case "applications":
				x.application(d)
			case "groups":
				x.referred(d, accessGroup, "group "+id)
			default:
				x.referred(d, accessLoginMethod, "login_method "+id)
			}
		}
	}
	return nil
}

// about returns the difference of an object as a whole.
func (d difference) about(object [2]*jsontree.Node, path jsontree.Path) difference {
	facts := *d.facts
	facts.object, facts.path = object, path
	d.facts, d.path, d.before, d.after = &facts, path, object[0], object[1]
	return d
}

// whole yields a difference that is not split, of which it was found out here what it
// does, and why if it does nothing.
func (x *accessDiff) whole(d difference, rule *Rule, judgement effects, because string) {
	d.rule, d.because = rule, because
	d.field.judge = func(*difference) effects { return judgement }
	x.yield(&d)
}

// without returns an object without some of its members.
func without(n *jsontree.Node, names ...string) *jsontree.Node {
	rest := *n
	rest.Items = slices.DeleteFunc(slices.Clone(n.Items), func(m jsontree.Node) bool { return slices.Contains(names, m.Name()) })
	rest.Seal()
	return &rest
}

// application yields the differences of an application.
func (x *accessDiff) application(d difference) {
	before, after := d.before, d.after
	d.facts.application = d.facts.object
	d.at.serverID = serverOf(before, after)
	if !before.IsObject() || !after.IsObject() {
		d.rule, d.field.judge = accessApplication, judgeApplication
		x.yield(&d)
		return
	}
	diffObject("application", d, without(before, "policies"), without(after, "policies"), func(of *difference) {
		if of.field.rule == accessPolicy {
			of.field.rule = accessApplication // mfa_config, which a policy may have as well
		}
		x.yield(of)
	})
	if b, a := before.Member("policies"), after.Member("policies"); !b.IsList() || !a.IsList() {
		if !jsontree.Equal(b, a) {
			d.path, d.before, d.after = d.path.Fields("policies"), b, a
			x.whole(d, accessPolicy, widens, "")
		}
	} else if !jsontree.Equal(b, a) {
		x.policies(d)
	}
}

// serverOf returns the one server that an application guards, accepted and now; nil if
// it guards another as well, or the portal.
func serverOf(sides ...*jsontree.Node) *string {
	var only *string
	for _, application := range sides {
		for _, server := range application.Member("guards_servers").Elements() {
			id := server.Value()
			if only != nil && *only != id {
				return nil
			}
			only = &id
		}
		if application.Member("guards_portal").IsTrue() {
			return nil
		}
	}
	return only
}

// policies yields the differences of the policies of an application.
func (x *accessDiff) policies(d difference) {
	path := d.path.Fields("policies")
	list := policiesOf(d.facts.application)
	isMoved, last := false, -1
	for _, p := range list.all {
		at := p.index[1]
		if p.sides[1] == nil {
			at = p.index[0]
		}
		one := d.about(p.sides, path.Then(jsontree.Step{Index: at}))
		switch {
		case p.sides[1] == nil:
			x.whole(one, accessPolicy, polarity{p.was.admits, p.was.denies, p.falls}.judge(false, true), "")
			continue
		case p.sides[0] == nil:
			x.whole(one, accessPolicy, p.is.judge(true, false), "")
			continue
		case !p.sides[0].IsObject() || !p.sides[1].IsObject():
			if !jsontree.Equal(p.sides[0], p.sides[1]) {
				x.whole(one, accessPolicy, widens, "")
			}
		default:
			x.rules("policy", accessPolicy, one, p.polarity())
		}
		isMoved = isMoved || p.index[0] < last
		last = p.index[0]
	}
	if isMoved {
		d.path, d.before, d.after = path, namesIn(d.before), namesIn(d.after)
		x.whole(d, accessPolicy, list.moved(), "policies that bypass Access and those of Service Auth count first, in any order, and none of the others passed one that decides otherwise")
	}
}

var ruleLists = []string{"include", "require", "exclude"}

// rules yields the differences of a policy or group.
func (x *accessDiff) rules(object string, rule *Rule, d difference, p polarity) {
	before, after := d.before, d.after
	diffObject(object, d, without(before, ruleLists...), without(after, ruleLists...), x.yield)
	for _, name := range ruleLists {
		b, a := before.Member(name), after.Member(name)
		if jsontree.Equal(b, a) {
			continue
		}
		facts, one := *d.facts, d
		one.facts, one.path, one.before, one.after = &facts, d.path.Fields(name), b, a
		if name == "include" && (!isRules(b) || !isRules(a)) || b != nil && !b.IsList() || a != nil && !a.IsList() {
			x.whole(one, rule, widens, "") // whom it includes is, or was, not known
			continue
		}
		facts.added, facts.removed = newRules(b, a), newRules(a, b)
		grows, shrinks := len(facts.added) > 0, len(facts.removed) > 0
		if name != "include" {
			grows, shrinks = shrinks, grows
		}
		x.whole(one, rule, p.judge(grows, shrinks), "a rule stood there twice, or does now")
	}
}

// isRules reports whether a list says whom a policy includes: an empty one does not.
func isRules(n *jsontree.Node) bool { return n.IsList() && len(n.Items) > 0 }

// newRules returns the rules of a list that the other has not, each once.
func newRules(old, list *jsontree.Node) (all []*jsontree.Node) {
	had := map[uint64]bool{}
	for i := range old.Elements() {
		had[old.Items[i].Hash()] = true
	}
	for i := range list.Elements() {
		if n := &list.Items[i]; !had[n.Hash()] {
			had[n.Hash()] = true
			all = append(all, n)
		}
	}
	return all
}

// referred yields the differences of a group or login method. One that nothing referred
// to before, or that nothing refers to now, came or went with what refers to it.
func (x *accessDiff) referred(d difference, rule *Rule, ref string) {
	id, isGroup := strings.CutPrefix(ref, "group ")
	p, known := x.refs.groups[id]
	switch {
	case d.before == nil && !x.refs.from[0][ref], d.after == nil && !x.refs.from[1][ref]:
		x.whole(d, rule, none, "what refers to it is listed")
	case !d.before.IsObject() || !d.after.IsObject():
		x.whole(d, rule, widens, "") // it is, or was, not known
	case !isGroup:
		diffObject("identity_provider", d, d.before, d.after, x.yield)
	case known:
		x.rules("group", rule, d, p)
	default: // which somebody wrote by hand
		x.rules("group", rule, d, eitherWay)
	}
}

// reach yields the differences of who gets to the portal or a server.
func (x *accessDiff) reach(d difference, key string) {
	if id, ok := strings.CutPrefix(key, reachOfServer); ok {
		d.at.serverID = &id
	}
	if !d.before.IsObject() || !d.after.IsObject() {
		x.whole(d, accessOpen, widens.when(d.after.Member("open").IsTrue()), "the server itself has an entry of its own")
		return
	}
	diffObject("reach", d, d.before, d.after, x.yield)
}

// namesIn returns the names of an application's policies, as a list.
func namesIn(application *jsontree.Node) *jsontree.Node {
	list := &jsontree.Node{Kind: jsontree.List}
	for _, p := range application.Member("policies").Elements() {
		list.Items = append(list.Items, *jsontree.NewString(nameIn(&p)))
	}
	list.Seal()
	return list
}

// nameIn returns the name of an object of Access, or its id.
func nameIn(n *jsontree.Node) string {
	for _, field := range []string{"name", "id"} {
		if text, ok := n.Member(field).Str(); ok && text != "" {
			return text
		}
	}
	return ""
}
