package baseline

import (
	"context"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

// A file that differs is split into its smallest differences here. What they mean is
// judged in judge*.go.

// yieldFunc receives a difference.
type yieldFunc func(*difference)

// diffObject yields the differences of an object of the table, either side of which
// may be nil.
func diffObject(object string, base difference, before, after *jsontree.Node, yield yieldFunc) {
	jsontree.Diff(before, after, base.path, openBelow(object, len(base.path)), func(found jsontree.Difference) {
		d := base
		d.path, d.before, d.after = found.Path, found.Before, found.After
		below := found.Path[len(base.path):]
		var depth int
		d.object, d.field, depth, d.known = locate(object, below)
		d.rest = below[depth:]
		d.values = [2]*jsontree.Node{at(before, below[:depth]), at(after, below[:depth])}
		if depth > 0 {
			d.parents = [2]*jsontree.Node{at(before, below[:depth-1]), at(after, below[:depth-1])}
		}
		yield(&d)
	})
}

// openBelow is isOpen for paths with some steps before those in the object.
func openBelow(object string, skip int) func(jsontree.Path) bool {
	open := isOpen(object)
	return func(path jsontree.Path) bool { return open(path[skip:]) }
}

// at returns the node that a path leads to, or nil.
func at(n *jsontree.Node, path jsontree.Path) *jsontree.Node {
	for _, step := range path {
		switch {
		case step.Index < 0:
			n = n.Named(step.Name)
		case n.IsList() && step.Index < len(n.Items):
			n = &n.Items[step.Index]
		default:
			return nil
		}
	}
	return n
}

// diffServer yields the differences of a server's file, either of which may be nil.
func diffServer(ctx context.Context, at place, accepted, current *jsontree.Node, yield yieldFunc) error {
	base := difference{change: change{at: at, root: jsontree.Path{}.Fields("server"), roots: [2]*jsontree.Node{accepted, current}}}
	switch {
	case accepted == nil:
		base.rule = serverAdded
		yield(&base)
	case current == nil:
		base.rule = serverRemoved
		yield(&base)
		return nil
	default:
		diffObject("server", base, accepted.Member("server"), current.Member("server"), yield)
	}
	for _, k := range kinds {
		if err := diffFeatures(ctx, k, base, yield); err != nil {
			return err
		}
		diffUnmatched(k, base, yield)
	}
	return nil
}

// diffFeatures yields the differences of a server's tools, or prompts. Those of a
// server that appeared are no differences of their own.
func diffFeatures(ctx context.Context, k *kind, base difference, yield yieldFunc) error {
	accepted, current := base.roots[0], base.roots[1]
	if accepted == nil {
		return nil
	}
	if was, is := accepted.Member(k.list), current.Member(k.list); was.IsNull() != is.IsNull() && len(entriesIn(current, k)) == 0 {
		d := base
		d.rule, d.because, d.before, d.after = noEffect, "the API tells its "+k.list+" now: it has none", was, is
		d.root, d.path = nil, jsontree.Path{}.Fields(k.list)
		yield(&d)
	}
	// Entries of one name that is there once on both sides are compared; any others
	// are gone, or new, as a whole.
	was, is := byName(accepted, k), byName(current, k)
	var gone, come []*entry
	for name, before := range was {
		after := is[name]
		if len(before) == 1 && len(after) == 1 && name != "" {
			continue
		}
		left, right := withoutEqual(before, after)
		gone, come = append(gone, left...), append(come, right...)
	}
	for name, after := range is {
		if _, both := was[name]; !both {
			come = append(come, after...)
		}
	}
	sortEntries(gone)
	sortEntries(come)
	for _, e := range entriesIn(accepted, k) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(was[e.name]) == 1 && len(is[e.name]) == 1 && e.name != "" {
			diffEntry(base, was[e.name][0], is[e.name][0], yield)
		}
	}
	for _, pair := range renames(gone, come) {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := base
		d.entries = pair
		switch before, after := pair[0], pair[1]; {
		case before == nil:
			d.rule, d.after, d.at = k.added, after.node, k.place(base.at, after.name)
			yield(&d)
		case after == nil:
			d.rule, d.before, d.at = k.removed, before.node, k.place(base.at, before.name)
			yield(&d)
		case before.name == after.name: // one of several of the name
			diffEntry(base, before, after, yield)
		default:
			d.rule, d.at = k.renamed, k.place(base.at, after.name)
			d.before, d.after = jsontree.NewString(before.name), jsontree.NewString(after.name)
			yield(&d)
			diffEntry(base, before, after, yield)
		}
	}
	return nil
}

// byName returns the tools, or prompts, of a file by name. Those without one share "".
func byName(root *jsontree.Node, k *kind) map[string][]*entry {
	all := map[string][]*entry{}
	for _, e := range entriesIn(root, k) {
		all[e.name] = append(all[e.name], e)
	}
	return all
}

// withoutEqual returns the entries of one name that have no equal on the other side.
func withoutEqual(before, after []*entry) (left, right []*entry) {
	count := map[uint64]int{}
	for _, e := range before {
		count[e.node.Hash()]++
	}
	for _, e := range after {
		if count[e.node.Hash()]--; count[e.node.Hash()] < 0 {
			right = append(right, e)
		}
	}
	for _, e := range before {
		if count[e.node.Hash()] > 0 {
			count[e.node.Hash()]--
			left = append(left, e)
		}
	}
	return left, right
}

func sortEntries(entries []*entry) {
	slices.SortStableFunc(entries, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
}

// renames pairs what is gone with what appeared and has the same content, and at least
// a description or a schema: it was renamed. Whatever has no pair stands alone.
func renames(gone, come []*entry) [][2]*entry {
	byContent := map[uint64][]*entry{}
	for _, e := range gone {
		if content, ok := contentOf(e); ok {
			byContent[content] = append(byContent[content], e)
		}
	}
	var pairs [][2]*entry
	renamed := map[*entry]bool{}
	for _, e := range come {
		pair := [2]*entry{nil, e}
		if content, ok := contentOf(e); ok && len(byContent[content]) > 0 {
			pair[0], byContent[content] = byContent[content][0], byContent[content][1:]
			renamed[pair[0]] = true
		}
		pairs = append(pairs, pair)
	}
	for _, e := range gone {
		if !renamed[e] {
			pairs = append(pairs, [2]*entry{e, nil})
		}
	}
	return pairs
}

// contentOf returns the hash of a definition without its name; false if it has neither
// a name nor anything by which one could tell it from another.
func contentOf(e *entry) (uint64, bool) {
	if e.name == "" || e.definition.Member("description") == nil && e.definition.Member("inputSchema") == nil && e.definition.Member("arguments") == nil {
		return 0, false
	}
	return withoutName(e.definition), true
}

// withoutName returns the hash of a definition but for its name.
func withoutName(n *jsontree.Node) uint64 {
	rest := *n
	rest.Items = slices.DeleteFunc(slices.Clone(rest.Items), func(m jsontree.Node) bool { return m.Key == `"name"` })
	return rest.Seal()
}

// diffEntry yields the differences of a tool or prompt that is there on both sides,
// under its name or, if it was renamed, under another.
func diffEntry(base difference, before, after *entry, yield yieldFunc) {
	k, isRename := before.kind, before.name != after.name
	base.entries, base.at = [2]*entry{before, after}, k.place(base.at, after.name)
	base.root = jsontree.Path{}.Fields(k.list, after.name)
	report := func(rule *Rule, path jsontree.Path, b, a *jsontree.Node) {
		d := base
		d.rule, d.path, d.before, d.after = rule, path, b, a
		yield(&d)
	}
	member := func(name string) (b, a *jsontree.Node, differs bool) {
		b, a = before.node.Member(name), after.node.Member(name)
		return b, a, !jsontree.Equal(b, a)
	}
	// What clients are given follows from several fields. Where it changed, one
	// difference shows it as it was and is given, and the fields are none of their own.
	b, a, enabled := member("enabled")
	if enabled && !isRename { // else the renaming says so
		report(k.enabled, jsontree.Path{}.Fields("enabled"), b, a)
	}
	b, a, exposed := member("exposed_as")
	own := func(e *entry) bool { return e.exposedAs == deref(base.at.serverID)+"_"+e.name }
	if bothOwn := own(before) && own(after); exposed && (!isRename || !bothOwn) {
		report(k.exposedAs, jsontree.Path{}.Fields("exposed_as"), b, a)
	}
	described := !jsontree.Equal(before.description, after.description)
	if described {
		path := after.describedBy
		if after.description == nil {
			path = before.describedBy
		}
		report(k.description, path, before.description, after.description)
	}
	shown := map[string]bool{asEnabled: enabled || isRename, asExposed: exposed || isRename, notGiven: described, itsName: true}
	field := func(d *difference) {
		isNewName := isRename && d.object == k.object && d.path.String() == "definition.name"
		if !shown[d.field.because] && !isNewName {
			yield(d)
		}
	}
	b, a, overridden := member("override")
	switch {
	case !b.IsList() && !a.IsList():
		base.path = jsontree.Path{}.Fields("override")
		diffObject("override", base, orEmpty(b), orEmpty(a), field)
	case overridden:
		report(severalOverrides, jsontree.Path{}.Fields("override"), b, a)
	}
	if contradict(after, base.roots[1].Member("server")) && !contradict(before, base.roots[0].Member("server")) {
		report(overridesContradict, jsontree.Path{}.Fields("override"), b, a)
	}
	base.path = jsontree.Path{}.Fields("definition")
	var schema []*difference
	diffObject(k.object, base, before.definition, after.definition, func(d *difference) {
		if d.field.rule == toolInputSchema {
			schema = append(schema, d)
		} else {
			field(d)
		}
	})
	diffSchema(schema)
	for _, d := range schema {
		yield(d)
	}
}

// diffSchema finds out which of the differences of an input schema may make it accept
// more, or less: those at, above or below a place where the proof failed that it does
// not, and all of them where that place is none of theirs.
func diffSchema(differences []*difference) {
	if len(differences) == 0 || !differences[0].isOn() {
		return
	}
	result := schemadiff.Compare(differences[0].values[0], differences[0].values[1])
	mark := func(places []jsontree.Path, set func(*difference)) {
		found := false
		for _, d := range differences {
			if slices.ContainsFunc(places, func(p jsontree.Path) bool { return p.Contains(d.rest) || d.rest.Contains(p) }) {
				set(d)
				found = true
			}
		}
		for _, d := range differences {
			if !found && len(places) > 0 {
				set(d)
			}
		}
	}
	mark(result.More, func(d *difference) { d.more = true })
	mark(result.Less, func(d *difference) { d.less = true })
}

func orEmpty(n *jsontree.Node) *jsontree.Node {
	if n == nil {
		n = jsontree.Parse("{}")
	}
	return n
}

// diffUnmatched yields the differences of the overrides of what a server does not
// have. One that was or is that of a tool or prompt is compared with it.
func diffUnmatched(k *kind, base difference, yield yieldFunc) {
	accepted, current := base.roots[0], base.roots[1]
	was, is := accepted.At("unmatched_overrides", k.list), current.At("unmatched_overrides", k.list)
	for key, pair := range jsontree.Pairs(was, is) {
		name := jsontree.Unquote(key)
		if pair[0] == nil {
			pair[0] = accepted.Member(k.list).ByKey(key).Member("override")
		}
		if pair[1] == nil && current.Member(k.list).ByKey(key) != nil {
			continue // the tool or prompt appeared, which is a difference of its own
		}
		if jsontree.Equal(pair[0], pair[1]) {
			continue
		}
		d := base
		d.rule, d.at = overrideUnmatched, k.place(base.at, name)
		d.root = jsontree.Path{}.Fields("unmatched_overrides", k.list)
		d.path = jsontree.Path{}.Fields(name)
		d.before, d.after = pair[0], pair[1]
		yield(&d)
	}
}
