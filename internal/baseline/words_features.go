package baseline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// hint says what a tool declares about itself.
type hint struct {
	// order is lower for what needs more care.
	order int
	// one is said of one tool, several before the names of some, all of all.
	one, several, all string
}

// declared returns what a tool declares. Whatever it does not declare, MCP assumes.
func (e *entry) declared() hint {
	annotations := e.definition.Member("annotations")
	readOnly, destructive := annotations.Member("readOnlyHint"), annotations.Member("destructiveHint")
	const assumed = " (MCP then assumes destructive)"
	same := func(order int, words string) hint {
		if annotations.Member("openWorldHint").IsTrue() {
			words += ", open-world"
		}
		return hint{order, words, words, "all " + words}
	}
	switch {
	case readOnly.IsTrue() && destructive.IsTrue():
		return same(0, "declared destructive and read-only")
	case destructive.IsTrue():
		return same(0, "declared destructive")
	case readOnly.IsTrue():
		return same(3, "declared read-only")
	case destructive.IsFalse():
		return same(2, "declared not destructive")
	case readOnly.IsFalse():
		return same(1, "declared not read-only"+assumed)
	}
	return hint{1, "declares no hints" + assumed, "no hints declared" + assumed, "none declares hints; MCP then assumes destructive"}
}

// onOff says whether something is on.
func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// introduce adds what a person wants to know of a tool or prompt that clients have now:
// the hints it declares, and the description that clients are given.
func (s *saying) introduce(e *entry) {
	described := newValue(e.description, false)
	words := ""
	if e.kind.isTools() {
		words = e.declared().one
	}
	switch {
	case described.absent:
		s.notes = append(s.notes, lineOf(strings.TrimPrefix(words+"; no description", "; ")))
	default:
		s.lead, s.text = cmp.Or(words, "description")+":", &described
	}
	s.definitions = append(s.definitions, definitionsOf([]*entry{e})...)
}

// isTools reports whether the kind is tools: the variable of that name refers to rules,
// which refer to their words.
func (k *kind) isTools() bool { return k.list == "tools" }

// definitionsOf returns the definitions of what is on.
func definitionsOf(entries []*entry) (all []definition) {
	for _, e := range entries {
		if e.enabled && e.definition != nil {
			all = append(all, definition{"Definition of " + e.kind.noun + " ", e.name, e.definition})
		}
	}
	return all
}

func sayFeatureAdded(ch *change) saying {
	e := ch.entries[1]
	s := saying{
		names: true, head: lineOf("new " + e.kind.noun + " " + nameOfEntry(e) + ", " + onOff(e.enabled)),
		one: "new " + e.kind.noun + " " + plainName(e.name), many: "new " + e.kind.list,
	}
	if e.enabled {
		s.introduce(e)
	}
	return s
}

func sayFeatureRemoved(ch *change) saying {
	e := ch.entries[0]
	s := saying{
		names: true, head: lineOf(e.kind.noun + " " + nameOfEntry(e) + " is gone; it was " + onOff(e.enabled)),
		one: plainName(e.name) + " is gone", many: e.kind.list + " are gone",
	}
	if ch.overrideStays(e) {
		s.notes = append(s.notes, lineOf("the override that turns it on stays: what appears under this name is on at once"))
	}
	return s
}

func sayFeatureRenamed(ch *change) saying {
	was, is := ch.entries[0], ch.entries[1]
	s := saying{
		names: true, head: lineOf(nameOfEntry(was) + " renamed to " + nameOfEntry(is)),
		one: plainName(was.name) + " renamed to " + plainName(is.name), many: is.kind.list + " renamed",
	}
	if !is.kind.isTools() {
		s.head.words = "prompt " + s.head.words
	}
	if was.enabled != is.enabled {
		s.head.words += ": " + onOff(was.enabled) + " -> " + onOff(is.enabled)
	}
	if jsontree.Equal(was.description, is.description) {
		s.head.words += ", otherwise the same"
	}
	if was.enabled && is.enabled {
		s.notes = append(s.notes, lineOf("clients no longer find the old name"))
	}
	if is.enabled && !was.enabled {
		if ch.roots[1].At("unmatched_overrides", is.kind.list).Named(was.name) != nil {
			s.notes = append(s.notes, lineOf("its override is still under the old name"))
		}
		s.introduce(is)
	}
	return s
}

func sayFeatureEnabled(ch *change) saying {
	e := ch.entries[1]
	s := saying{head: lineOf(onOff(ch.wasOn()) + " -> " + onOff(ch.isOn()))}
	s.one, s.many = plainName(e.name)+" turned "+onOff(ch.isOn()), e.kind.list+" turned "+onOff(ch.isOn())
	if ch.isOn() {
		s.introduce(e)
	}
	return s
}

func sayFeatureExposedAs(ch *change) saying {
	name := func(n *jsontree.Node) string {
		if text, ok := n.Str(); ok {
			return called(text)
		}
		return "absent"
	}
	s := saying{
		head: lineOf("the name that clients see: " + name(ch.before) + " -> " + name(ch.after)),
		one:  ch.titleSubject() + "exposed under another name", many: ch.entries[1].kind.list + " exposed under other names",
	}
	if ch.effects&breaks != none {
		s.notes = append(s.notes, lineOf("clients no longer find the old name"))
	}
	return s
}

func sayFeatureNameTaken(ch *change) saying {
	name, _ := ch.after.Str()
	owner := place{serverID: &ch.owner.serverID}
	words := "clients knew another " + ch.owner.kind.noun + " under its name " + called(name) + ": "
	if ch.owner.shared {
		words = "clients see another " + ch.owner.kind.noun + " under its name " + called(name) + ": "
	}
	if ch.owner.serverID == *ch.at.serverID {
		words += called(ch.owner.name)
	} else {
		words += called(ch.owner.name) + " of " + owner.where()
	}
	return saying{head: lineOf(words), one: ch.titleSubject() + "took another name", many: "names taken"}
}

// nameOfEntry names a tool or prompt among words.
func nameOfEntry(e *entry) string {
	if e.name == "" {
		return "without a name"
	}
	return called(e.name)
}

// group is the tools that declare the same, or prompts.
type group struct {
	hint
	names []string
}

// byHints returns tools by what they declare, those that need more care first. Prompts
// declare nothing, and are one group.
func byHints(entries []*entry) (all []group) {
	index := map[string]int{}
	for _, e := range entries {
		var h hint
		if e.kind.isTools() {
			h = e.declared()
		}
		if _, seen := index[h.one]; !seen {
			index[h.one] = len(all)
			all = append(all, group{hint: h})
		}
		g := &all[index[h.one]]
		g.names = append(g.names, e.name)
	}
	for i := range all {
		all[i].names = inNaturalOrder(all[i].names)
	}
	slices.SortFunc(all, func(a, b group) int { return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.one, b.one)) })
	return all
}

// inNaturalOrder returns names among words, in an order that counts: x_2 before x_10.
func inNaturalOrder(names []string) []string {
	slices.SortStableFunc(names, compareNatural)
	for i, name := range names {
		if names[i] = called(name); name == "" {
			names[i] = "one without a name"
		}
	}
	return names
}

func compareNatural(a, b string) int {
	digits := func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		m, n := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n)); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return cmp.Compare(len(a), len(b))
}

// overview says how many tools, or prompts, there are, and names all of them.
func (k *kind) overview(entries []*entry) []line {
	if len(entries) == 0 {
		return []line{lineOf("no " + k.list)}
	}
	on, off := byHints(onlyOf(entries, true)), byHints(onlyOf(entries, false))
	total := count(len(entries), k.noun, k.list)
	if len(off) == 0 && len(on) == 1 {
		all := line{words: total + ", on: ", names: on[0].names}
		if k.isTools() {
			all.after = " (" + strings.NewReplacer(" (", "; ", ")", "").Replace(on[0].said()) + ")"
		}
		return []line{all}
	}
	var names []string
	for _, g := range off {
		names = append(names, g.names...)
	}
	if len(on) == 0 {
		return []line{{words: total + ", off: ", names: names}}
	}
	some := "all"
	if len(names) > 0 {
		some = strconv.Itoa(len(entries) - len(names))
	}
	all := []line{lineOf(total + ", " + some + " on")}
	for _, g := range on {
		all = append(all, line{words: strings.TrimSuffix("on, "+g.several, ", ") + ": ", names: g.names})
	}
	if len(names) > 0 {
		all = append(all, line{words: "off: ", names: names})
	}
	return all
}

// said returns what is said of the group, which is all there is.
func (g *group) said() string {
	if len(g.names) == 1 {
		return g.one
	}
	return g.all
}

// onlyOf returns the entries that are on, or those that are off.
func onlyOf(entries []*entry, on bool) []*entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e *entry) bool { return e.enabled != on })
}
