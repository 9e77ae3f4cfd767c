package baseline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// manyAlike is from how many on the new, gone, turned on or turned off tools of a
// server are one entry.
const manyAlike = 11

// columns is the width of a summary: Terraform indents an output by eight.
const columns = 72

// section is a part of a summary: the changes that have its effect, and none of those
// before it.
type section struct {
	effect      effects
	mark, title string
}

var sections = []section{
	{widens, "! ", "Agents or people can do more, or a safeguard is gone"},
	{steers, "~ ", "Models read something else"},
	{breaks, "- ", "Agents lose something"},
	{undetermined, "? ", "Could not be compared"},
	{none, "  ", "No effect"},
}

// sectionOf returns in which section a change stands.
func sectionOf(e effects) int {
	return slices.IndexFunc(sections, func(s section) bool { return e&s.effect != none || s.effect == none })
}

// said is what is said of changes.
type said struct {
	// header are the lines above all.
	header []string
	// isFirst is whether nothing was accepted before: definitions are left out.
	isFirst bool
	changes []change
	items   []*item
}

// item is an entry: a change, or several that are said as one.
type item struct {
	section, rank int
	changes       []*change
	prefix        string
	saying        saying
	// seeReport is whether there is more about it in the report.
	seeReport bool
}

// sayPortal says all changes of a portal, and what could not be compared.
func sayPortal(id string, isFirst bool, changes []change, gaps []Gap) *said {
	name := called(id)
	s := &said{isFirst: isFirst, changes: changes, items: itemsOf(changes)}
	switch {
	case isFirst:
		s.header = append([]string{"Portal " + name + ": nothing has been accepted yet."}, overviewOf(changes)...)
	case len(changes) == 0:
		s.header = []string{"Portal " + name + ": whatever can be compared is as it was accepted."}
	default:
		s.header = differs("Portal " + name)
	}
	for _, gap := range gaps {
		it := &item{section: sectionOf(undetermined), prefix: "portal: "}
		words := strings.TrimPrefix(gap.Text, it.prefix)
		if gap.ServerID != nil {
			it.prefix = place{serverID: gap.ServerID}.where() + ": "
			words = strings.TrimPrefix(gap.Text, plain(it.prefix))
		}
		if rest, ok := strings.CutPrefix(words, "status "); ok { // in quotes, and from outside
			end := strings.LastIndexByte(rest, '"') + 1
			words = "status " + shown.Mark(rest[:end]) + rest[end:]
		}
		it.saying.head = lineOf(words)
		s.items = append(s.items, it)
	}
	slices.SortStableFunc(s.items, func(a, b *item) int {
		return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.rank, b.rank))
	})
	return s
}

// sayFile says the changes of one file.
func sayFile(name string, changes []change) *said {
	s := sayPortal("", false, changes, nil)
	s.header = differs(shown.Mark(name))
	if len(changes) > 0 && (changes[0].rule == serverAdded || changes[0].rule == notAccepted) {
		s.header = []string{"Nothing of " + shown.Mark(name) + " has been accepted yet."}
	}
	return s
}

// differs returns the lines that say that something differs, and how it is shown.
func differs(what string) []string {
	const that, how = " differs from what was accepted.", "Shown as accepted -> now."
	if len(plain(what)+that+" "+how) > columns {
		return []string{what + that, how}
	}
	return []string{what + that + " " + how}
}

// overviewOf says how much there is to accept first.
func overviewOf(changes []change) []string {
	servers := 0
	var all [2][]*entry
	for i := range changes {
		if ch := &changes[i]; ch.rule == serverAdded {
			servers++
			for j, k := range kinds {
				all[j] = append(all[j], entriesIn(ch.roots[1], k)...)
			}
		}
	}
	words := []string{count(servers, "server", "servers")}
	for j, k := range kinds {
		if len(all[j]) > 0 {
			words = append(words, fmt.Sprintf("%s, %d on", count(len(all[j]), k.noun, k.list), len(onlyOf(all[j], true))))
		}
	}
	lines := []string{strings.Join(words, "; ") + "."}
	var parts []string
	for _, g := range byHints(onlyOf(all[0], true)) {
		parts = append(parts, fmt.Sprintf("%s: %d", g.several, len(g.names)))
	}
	if len(parts) > 0 {
		lines = append(lines, "Of the tools that are on, "+strings.Join(parts, "; ")+".")
	}
	return lines
}

// entry returns the tool or prompt that a change is about, or nil.
func (ch *change) entry() *entry { return cmp.Or(ch.entries[1], ch.entries[0]) }

// rank orders the entries of a section: what people decide stands before what servers
// bring.
func (ch *change) rank() int {
	e := ch.entry()
	isOverride := len(ch.path) > 0 && ch.path[0].Name == "override"
	if ch.owner.kind == nil && (e == nil || isOverride || ch.rule == e.kind.enabled || ch.rule == e.kind.exposedAs) {
		return 0
	}
	return 1
}

// joinKey is one for changes that are one entry.
type joinKey struct {
	rule           *Rule
	effects        effects
	was, is        bool
	before, after  uint64
	place, because string
}

// manyKey is one for the new, gone, turned on or turned off tools of a server; false if
// a change is none of these.
func (ch *change) manyKey() (joinKey, bool) {
	e := ch.entry()
	k := joinKey{rule: ch.rule, effects: sections[sectionOf(ch.effects)].effect, was: ch.wasOn(), is: ch.isOn(), place: ch.at.file}
	return k, e != nil && (ch.rule == e.kind.added || ch.rule == e.kind.removed || ch.rule == e.kind.enabled)
}

// equalKey is one for changes that are equal but for the server, or for the tool or
// prompt. The change with a number is alone if more than its place is said.
func (ch *change) equalKey(number int) joinKey {
	k := joinKey{rule: ch.rule, effects: ch.effects, place: ch.path.String(), because: ch.because}
	if ch.before != nil {
		k.before = ch.before.Hash()
	}
	if ch.after != nil {
		k.after = ch.after.Hash()
	}
	e := ch.entry()
	if ch.path == nil || ch.at.serverID == nil || ch.owner.kind != nil || e != nil && ch.rule == e.kind.enabled && e.enabled {
		k.place = "\x00" + strconv.Itoa(number)
	}
	return k
}

// itemsOf returns the entries about changes. Nothing is joined but what has one key.
func itemsOf(changes []change) (all []*item) {
	many := map[joinKey]int{}
	for i := range changes {
		if k, can := changes[i].manyKey(); can {
			many[k]++
		}
	}
	items := map[joinKey]*item{}
	for i := range changes {
		ch := &changes[i]
		k, can := ch.manyKey()
		if can = can && many[k] >= manyAlike; !can {
			k = ch.equalKey(i)
		}
		it := items[k]
		if it == nil {
			it = &item{section: sectionOf(ch.effects), rank: ch.rank(), seeReport: can && ch.isOn()}
			if can {
				it.rank = 2 // after whatever is said by itself
			}
			items[k] = it
			all = append(all, it)
		}
		it.changes = append(it.changes, ch)
	}
	for _, it := range all {
		it.saying = it.changes[0].say()
		it.prefix = it.changes[0].prefix(&it.saying)
		switch {
		case it.rank == 2:
			it.sayMany()
		case len(it.changes) > 1:
			it.sayEqual()
		}
	}
	return all
}

// sayEqual says where a change was made many times.
func (it *item) sayEqual() {
	at := map[string][]string{}
	for _, ch := range it.changes {
		at[ch.at.where()] = append(at[ch.at.where()], ch.at.subject())
	}
	servers := slices.SortedFunc(maps.Keys(at), compareNatural)
	const few = 3
	if first := at[servers[0]]; len(servers) == 1 && len(first) <= few {
		it.prefix = servers[0] + ": " + strings.Join(first, ", ") + ": "
		return
	} else if first[0] == "" {
		it.prefix = count(len(servers), "server", "servers") + ": "
		it.saying.notes = append(it.saying.notes, line{words: "at ", names: servers})
		return
	}
	what := "tools"
	if it.changes[0].at.prompt != nil {
		what = "prompts"
	}
	it.prefix = fmt.Sprintf("%d %s: ", len(it.changes), what)
	if len(servers) == 1 {
		it.prefix = servers[0] + ": " + it.prefix
	}
	for _, server := range servers {
		slices.SortStableFunc(at[server], compareNatural)
		it.saying.notes = append(it.saying.notes, line{words: "at " + server + ": ", names: at[server]})
	}
}

// sayMany says that a server has many new, gone, turned on or turned off tools.
func (it *item) sayMany() {
	ch, k := it.changes[0], it.changes[0].entry().kind
	var entries []*entry
	for _, ch := range it.changes {
		entries = append(entries, ch.entry())
	}
	n := strconv.Itoa(len(entries))
	words := n + " " + k.list + ": " + onOff(ch.wasOn()) + " -> " + onOff(ch.isOn())
	switch ch.rule {
	case k.added:
		words = n + " new " + k.list + ", " + onOff(ch.isOn())
	case k.removed:
		words = n + " " + k.list + " are gone; they were " + onOff(ch.wasOn())
	}
	it.prefix = ch.at.where() + ": "
	it.saying = saying{head: line{words: words + ": "}, one: it.saying.one, many: it.saying.many}
	slices.SortStableFunc(entries, func(a, b *entry) int { return compareNatural(a.name, b.name) })
	groups := byHints(entries)
	for _, g := range groups {
		if len(groups) > 1 && ch.isOn() {
			it.saying.head.words = words + ":"
			it.saying.notes = append(it.saying.notes, line{words: g.several + ": ", names: g.names})
			continue
		}
		it.saying.head.names = append(it.saying.head.names, g.names...)
		if ch.isOn() && k.isTools() {
			it.saying.notes = []line{lineOf(g.all)}
		}
	}
	it.saying.definitions = definitionsOf(entries)
}
