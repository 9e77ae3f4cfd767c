package baseline

import (
	"maps"
	"slices"
	"strings"
)

// kind is tools or prompts.
type kind struct {
	list   string
	name   string
	prompt bool
}

var kinds = []kind{{"tools", "tool", false}, {"prompts", "prompt", true}}

// rule returns the id of the rule of tools, or of prompts.
func (k kind) rule(suffix string) string { return k.name + "_" + suffix }

// place returns the place of the tool, or prompt, of a name.
func (k kind) place(server place, name string) place {
	if k.prompt {
		server.prompt = &name
	} else {
		server.tool = &name
	}
	return server
}

// entry is a tool or prompt as a file has it.
type entry struct {
	node       *node
	definition *node
	overrides  []*node
	enabled    bool
	exposedAs  string
}

// named is the tools or prompts of one name.
type named struct {
	key     string // the name, as a text
	node    *node
	entries []entry
}

// entriesOf returns the tools or prompts of a file by name, those without one last.
func entriesOf(root *node, list string) []named {
	var all []named
	if n := root.member(list); n != nil && n.kind == '{' {
		for i := range n.items {
			all = append(all, newNamed(unquote(n.items[i].key), &n.items[i]))
		}
	}
	if n := root.member("unnamed_" + list); n != nil {
		all = append(all, newNamed("", n))
	}
	return all
}

func newNamed(key string, n *node) named {
	list := named{key: key, node: n}
	if n.kind == '[' {
		for i := range n.items {
			list.entries = append(list.entries, newEntry(&n.items[i]))
		}
		return list
	}
	list.entries = []entry{newEntry(n)}
	return list
}

func newEntry(n *node) entry {
	e := entry{node: n, definition: n.member("definition"), enabled: n.member("enabled").isTrue()}
	e.exposedAs, _ = n.member("exposed_as").str()
	e.overrides = overridesIn(n.member("override"))
	return e
}

func overridesIn(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == '[':
		all := make([]*node, len(n.items))
		for i := range n.items {
			all[i] = &n.items[i]
		}
		return all
	}
	return []*node{n}
}

// factsOf counts what a server's file has.
func factsOf(root *node) *facts {
	server := root.member("server")
	f := new(facts)
	f.hostname, _ = server.member("hostname").str()
	f.loginMode, _ = server.member("auth_type").str()
	f.onBehalf, f.gateway = server.member("on_behalf").isTrue(), server.member("secure_web_gateway").isTrue()
	f.defaultDisabled = server.member("default_disabled").isTrue()
	for i, count := range []*counts{&f.tools, &f.prompts} {
		count.unknown = isNull(root.member(kinds[i].list))
		for _, list := range entriesOf(root, kinds[i].list) {
			for _, e := range list.entries {
				it := item{name: list.key, prompt: kinds[i].prompt, on: e.enabled, definition: introduction(e.definition), override: keep(e.node.member("override"))}
				count.all++
				if e.enabled {
					count.on++
					it.destructive = !kinds[i].prompt && hintsOf(e.definition).destructive
				}
				if it.destructive {
					f.destructive++
				}
				f.items = append(f.items, it)
			}
		}
	}
	return f
}

// introduction keeps what is said of a tool or prompt of a server that appeared.
func introduction(definition *node) *node {
	n := node{kind: '{'}
	for _, name := range []string{"annotations", "description"} { // in their order
		if m := definition.member(name); m != nil {
			n.items = append(n.items, *keep(m))
		}
	}
	return &n
}

func isNull(n *node) bool { return n != nil && n.kind == 'n' }

// featureComparison compares a server's tools, or prompts.
type featureComparison struct {
	*comparison
	kind     kind
	at       place
	id       string
	disabled [2]bool // default_disabled, accepted and now
}

func (f *featureComparison) compare(accepted, current *node) {
	byKey := map[string]*[2]named{}
	for side, root := range []*node{accepted, current} {
		for _, list := range entriesOf(root, f.kind.list) {
			if byKey[list.key] == nil {
				byKey[list.key] = new([2]named)
			}
			byKey[list.key][side] = list
		}
	}
	var gone, come []named
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		f.tick()
		before, after := byKey[key][0].entries, byKey[key][1].entries
		before, after = withoutEqual(before, after)
		for len(before) > 0 && len(after) > 0 {
			f.entry(key, &before[0], &after[0])
			before, after = before[1:], after[1:]
		}
		for _, e := range before {
			gone = append(gone, named{key, e.node, []entry{e}})
		}
		for _, e := range after {
			come = append(come, named{key, e.node, []entry{e}})
		}
	}
	f.comeAndGone(gone, come, current.member("waiting").member(f.kind.list))
	f.waiting(byKey, accepted.member("waiting").member(f.kind.list), current.member("waiting").member(f.kind.list))
}

// withoutEqual returns the entries of one name that have no equal on the other side.
func withoutEqual(before, after []entry) ([]entry, []entry) {
	count := map[uint64]int{}
	for _, e := range before {
		count[e.node.hash]++
	}
	var restAfter []entry
	for _, e := range after {
		if count[e.node.hash] > 0 {
			count[e.node.hash]--
		} else {
			restAfter = append(restAfter, e)
		}
	}
	var restBefore []entry
	for _, e := range before {
		if count[e.node.hash] > 0 {
			count[e.node.hash]--
			restBefore = append(restBefore, e)
		}
	}
	return restBefore, restAfter
}

// add adds a change of a tool or prompt. What is off has no effect, but that it is
// off now.
func (f *featureComparison) change(rule, key, field string, before, after *entry, values [2]*node) {
	ch := by(rule, f.kind.place(f.at, key), field, values[0], values[1])
	ch.wasOn, ch.isOn = before != nil && before.enabled, after != nil && after.enabled
	on := ch.isOn
	if after == nil || strings.HasSuffix(rule, "_disabled") || strings.HasSuffix(rule, "_renamed") {
		on = ch.wasOn
	}
	if !on {
		ch.rule = &Rule{ID: ch.rule.ID}
	}
	f.add(ch)
}

// comeAndGone adds the tools that appeared and those that went. One that went and
// one that came with the same content are one that was renamed.
func (f *featureComparison) comeAndGone(gone, come []named, waiting *node) {
	byContent := map[uint64][]int{}
	for i, g := range gone {
		f.tick()
		if g.key != "" {
			content := contentOf(g.entries[0].definition)
			byContent[content] = append(byContent[content], i)
		}
	}
	renamed := map[int]bool{}
	for _, n := range come {
		f.tick()
		after := &n.entries[0]
		self := owner{f.id, n.key, f.kind.prompt}
		candidates := byContent[contentOf(after.definition)]
		if n.key == "" || len(candidates) == 0 {
			f.change(f.kind.rule("added"), n.key, "", nil, after, [2]*node{nil, after.node})
			f.claim(self, n.key, after)
			continue
		}
		i := candidates[0]
		byContent[contentOf(after.definition)] = candidates[1:]
		renamed[i] = true
		before := &gone[i].entries[0]
		rule := "renamed"
		if !before.enabled && after.enabled {
			rule = "renamed_on"
		}
		f.change(f.kind.rule(rule), n.key, "", before, after, [2]*node{textNode(gone[i].key), textNode(n.key)})
		if before.exposedAs != after.exposedAs {
			f.claim(self, n.key, after)
		}
		// What people say of the new name may be another thing than of the old one.
		f.overrides(before, after, func(rule, field string, b, a *node) {
			if rule != "override_field" { // that one stays behind is what a new name does
				f.change(rule, n.key, field, before, after, [2]*node{b, a})
			}
		})
	}
	for i, g := range gone {
		if renamed[i] {
			continue
		}
		f.change(f.kind.rule("removed"), g.key, "", &g.entries[0], nil, [2]*node{g.node, nil})
		if g.key != "" && waiting != nil && enables(memberOf(waiting, g.key)) {
			f.changes[len(f.changes)-1].facts = &facts{stays: true}
		}
	}
}

// contentOf returns the hash of a definition without its name.
func contentOf(definition *node) uint64 {
	if definition == nil {
		return 0
	}
	rest := *definition
	rest.items = slices.DeleteFunc(slices.Clone(definition.items), func(m node) bool { return m.key == `"name"` })
	rest.key = ""
	return rest.seal()
}

func (f *featureComparison) claim(self owner, key string, e *entry) {
	if e.enabled && e.exposedAs != "" {
		f.claims = append(f.claims, claim{e.exposedAs, self, f.kind.place(f.at, key)})
	}
}

// entry compares a tool or prompt with what was accepted of it.
func (f *featureComparison) entry(key string, before, after *entry) {
	add := func(rule, field string, b, a *node) {
		f.change(rule, key, field, before, after, [2]*node{b, a})
	}
	switch {
	case after.enabled && !before.enabled:
		add(f.kind.rule("enabled"), "enabled", before.node.member("enabled"), after.node.member("enabled"))
	case before.enabled && !after.enabled:
		add(f.kind.rule("disabled"), "enabled", before.node.member("enabled"), after.node.member("enabled"))
	}
	if before.exposedAs != after.exposedAs {
		add(f.kind.rule("exposed_as"), "exposed_as", before.node.member("exposed_as"), after.node.member("exposed_as"))
	}
	if before.exposedAs != after.exposedAs || after.enabled && !before.enabled {
		f.claim(owner{f.id, key, f.kind.prompt}, key, after)
	}
	f.overrides(before, after, add)
	f.definition(before.definition, after.definition, add)
}

// overrides compares the overrides of a tool or prompt. What they do to it, whether
// it is on and its name, has been told.
func (f *featureComparison) overrides(before, after *entry, add func(rule, field string, b, a *node)) {
	contradicted, contradicts := contradict(before.overrides, f.disabled[0]), contradict(after.overrides, f.disabled[1])
	if contradicts && !contradicted {
		add("overrides_contradict", "override", before.node.member("override"), after.node.member("override"))
		return
	}
	if len(before.overrides) > 1 || len(after.overrides) > 1 {
		if !equal(before.node.member("override"), after.node.member("override")) {
			// Several: which of them counts for a text is not looked into.
			rule := "override_field"
			if !equal(describing(before.overrides), describing(after.overrides)) {
				rule = f.kind.rule("description")
			}
			add(rule, "override", before.node.member("override"), after.node.member("override"))
		}
		return
	}
	one := func(list []*node) *node {
		if len(list) == 0 {
			return orEmpty(nil)
		}
		return list[0]
	}
	differences(one(before.overrides), one(after.overrides), []string{"override"}, func(d difference) {
		name := d.steps[len(d.steps)-1]
		if len(d.steps) > 1 {
			name = d.steps[1]
		}
		rule, known := fields["override"][name]
		switch {
		case rule == structure && (len(before.overrides) == 0 || len(after.overrides) == 0),
			rule == "tool_enabled" && before.enabled != after.enabled,
			rule == "tool_exposed_as" && before.exposedAs != after.exposedAs:
		case rule == "tool_description":
			add(f.kind.rule("description"), d.path, d.before, d.after)
		case !known && (holdsBoolean(d.before) || holdsBoolean(d.after)):
			add("unknown_boolean", d.path, d.before, d.after)
		default:
			add("override_field", d.path, d.before, d.after)
		}
	})
}

// describing returns the descriptions in overrides.
func describing(overrides []*node) *node {
	all := node{kind: '['}
	for _, o := range overrides {
		for i := range o.items {
			if fields["override"][unquote(o.items[i].key)] == "tool_description" {
				all.items = append(all.items, o.items[i])
			}
		}
	}
	all.seal()
	return &all
}

// contradict reports whether overrides of one name disagree on whether it is on.
func contradict(overrides []*node, defaultDisabled bool) bool {
	on, off := false, false
	for _, o := range overrides {
		enabled := o.member("enabled")
		if isOn := enabled.isTrue() || enabled == nil && !defaultDisabled; isOn {
			on = true
		} else {
			off = true
		}
	}
	return on && off
}

// waiting compares the overrides of what a server does not have. That one waits
// since its tool is gone, or does not wait any more since it is there, is told of
// the tool.
func (f *featureComparison) waiting(byKey map[string]*[2]named, before, after *node) {
	for key, pair := range members(before, after) {
		name := unquote(key)
		offered := byKey[name]
		b, a := pair[0], pair[1]
		if a == nil && offered != nil && offered[1].node != nil {
			continue
		}
		if b == nil && offered != nil && offered[0].node != nil {
			b = offered[0].entries[0].node.member("override") // its tool went
		}
		if equal(b, a) {
			continue
		}
		rule := "override_absent"
		if enables(a) && !enables(b) {
			rule = "override_enables_absent"
		}
		f.add(by(rule, f.kind.place(f.at, name), "waiting."+f.kind.list, b, a))
	}
}

// enables reports whether an override, or one of several, turns something on.
func enables(n *node) bool {
	return slices.ContainsFunc(overridesIn(n), func(o *node) bool { return o.member("enabled").isTrue() })
}

// definition compares what the server itself says of a tool or prompt.
func (f *featureComparison) definition(before, after *node, add func(rule, field string, b, a *node)) {
	for key, pair := range members(before, after) {
		if equal(pair[0], pair[1]) {
			continue
		}
		name := unquote(key)
		switch {
		case name == "name":
			// The key, or of several of one name the same.
			if f.kind.prompt {
				add("prompt_field", name, pair[0], pair[1])
			} else {
				add("tool_field", name, pair[0], pair[1])
			}
		case name == "description", name == "title":
			add(f.kind.rule(name), name, pair[0], pair[1])
		case name == "annotations" && !f.kind.prompt && isObjectOrNil(pair):
			f.annotations(pair[0], pair[1], add)
		case name == "annotations" && !f.kind.prompt:
			// What is no object claims nothing, and tells a model something all the same.
			add("tool_field", name, pair[0], pair[1])
			f.annotations(objectOrNil(pair[0]), objectOrNil(pair[1]), add)
		case name == "inputSchema" && !f.kind.prompt:
			f.compareSchemas(pair[0], pair[1], name, true, add)
		case name == "outputSchema" && !f.kind.prompt:
			f.compareSchemas(pair[0], pair[1], name, false, add)
		case name == "arguments" && f.kind.prompt:
			f.arguments(pair[0], pair[1], add)
		default:
			differences(pair[0], pair[1], []string{name}, func(d difference) {
				add(f.kind.rule("field"), d.path, d.before, d.after)
			})
		}
	}
}

func objectOrNil(n *node) *node {
	if !isObject(n) {
		return nil
	}
	return n
}

func isObjectOrNil(pair [2]*node) bool {
	return (pair[0] == nil || pair[0].kind == '{') && (pair[1] == nil || pair[1].kind == '{')
}

// arguments compares a prompt's arguments by their names.
func (f *featureComparison) arguments(before, after *node, add func(rule, field string, b, a *node)) {
	b, okBefore := argumentsByName(before)
	a, okAfter := argumentsByName(after)
	if !okBefore || !okAfter || sameOrder(before, after, b, a) {
		add("prompt_argument", "arguments", before, after)
		return
	}
	names := slices.Sorted(maps.Keys(b))
	for name := range a {
		if b[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		differences(b[name], a[name], []string{"arguments", name}, func(d difference) {
			add("prompt_argument", d.path, d.before, d.after)
		})
	}
}

// sameOrder reports whether two lists have the same arguments, so that nothing but
// their order differs.
func sameOrder(before, after *node, b, a map[string]*node) bool {
	return before != nil && after != nil && maps.EqualFunc(b, a, equal)
}

// argumentsByName returns the elements of a list by their names, if each has one of
// its own.
func argumentsByName(list *node) (map[string]*node, bool) {
	byName := map[string]*node{}
	if list == nil {
		return byName, true
	}
	if list.kind != '[' {
		return nil, false
	}
	for i := range list.items {
		name, ok := list.items[i].member("name").str()
		if !ok || byName[name] != nil {
			return nil, false
		}
		byName[name] = &list.items[i]
	}
	return byName, true
}

// hints is what a tool claims, with what MCP says of a hint that is absent.
type hints struct{ readOnly, destructive, idempotent, openWorld bool }

func hintsOf(definition *node) hints {
	return hintsIn(definition.member("annotations"))
}

func hintsIn(annotations *node) hints {
	unlessFalse := func(n *node) bool { return n == nil || n.kind != 'f' }
	h := hints{
		readOnly:   annotations.member("readOnlyHint").isTrue(),
		idempotent: annotations.member("idempotentHint").isTrue(),
		openWorld:  unlessFalse(annotations.member("openWorldHint")),
	}
	h.destructive = !h.readOnly && unlessFalse(annotations.member("destructiveHint"))
	return h
}

func (f *featureComparison) annotations(before, after *node, add func(rule, field string, b, a *node)) {
	was, is := hintsIn(before), hintsIn(after)
	differences(orEmpty(before), orEmpty(after), []string{"annotations"}, func(d difference) {
		rule := f.kind.rule("field")
		switch d.path {
		case "annotations.title":
			rule = f.kind.rule("title")
		case "annotations.readOnlyHint":
			rule = hintRule(was.readOnly, is.readOnly, false, "tool_read_only_gone")
		case "annotations.destructiveHint":
			rule = hintRule(was.destructive, is.destructive, true, "tool_destructive")
		case "annotations.openWorldHint":
			rule = hintRule(was.openWorld, is.openWorld, true, "tool_open_world")
		case "annotations.idempotentHint":
			rule = hintRule(was.idempotent, is.idempotent, false, "tool_hint")
		}
		add(rule, d.path, d.before, d.after)
	})
}

// hintRule returns the rule of a hint that was one thing and is another; worse is
// the value that claims more harm.
func hintRule(was, is, worse bool, rule string) string {
	switch {
	case was == is:
		return "tool_hint_same"
	case is == worse:
		return rule
	}
	return "tool_hint"
}
