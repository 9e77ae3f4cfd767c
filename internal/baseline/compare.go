package baseline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// change is one thing that differs: data, of which the words make sentences.
type change struct {
	rule    *Rule
	effects []Effect
	at      place
	field   string // the path in the file; "" for a whole server, tool or prompt
	before  *node  // nil where there is none; sealed
	after   *node
	wasOn   bool   // of a tool or prompt
	isOn    bool   //
	facts   *facts // of a server that appeared or went, and of a name that was taken; else nil
	text    string // the line for a person, once it is made
}

// place is where a change is.
type place struct {
	file     string
	serverID *string
	tool     *string
	prompt   *string
}

// facts is what a person has to know of a server that appeared or went, or of who
// had a name.
type facts struct {
	tools, prompts      counts
	destructive         int // of the tools that are on
	onBehalf, gateway   bool
	defaultDisabled     bool
	hostname, loginMode string
	items               []item
	hadBy               owner
	who                 who               // of Access
	stays               bool              // an override that enables what went
	reach               map[string]string // who gets in, in words, by the place
}

// counts is how many tools or prompts there are, and how many are on.
type counts struct {
	unknown bool
	all, on int
}

// item is a tool or prompt of a server that appeared.
type item struct {
	name        string
	prompt, on  bool
	definition  *node
	override    *node // or several, or nil
	destructive bool
}

// comparison collects the changes of a portal, file by file.
type comparison struct {
	*clock
	changes []change
	// first is true if nothing has been accepted.
	first bool
	// portalGateway is whether the portal's own switch is on, accepted and now.
	portalGateway [2]bool
	// exposed is which tool or prompt was accepted under a name that clients see.
	exposed map[string]owner
	// told is the list of a login whose elements have been told.
	told loginList
	// claims are the names that are seen now, and were not those of who has them.
	claims []claim
}

// loginList is a list, or a text of several words, in the login of a server.
type loginList struct{ file, name string }

// owner is who is called something.
type owner struct {
	serverID, key string
	prompt        bool
}

type claim struct {
	name string
	by   owner
	at   place
}

func (c *comparison) add(ch change) {
	for _, e := range ch.rule.Effects {
		if !slices.Contains(ch.effects, e) {
			ch.effects = append(ch.effects, e)
		}
	}
	c.changes = append(c.changes, ch)
	c.tick()
}

// rule returns a change by a rule.
func by(rule string, at place, field string, before, after *node) change {
	return change{rule: rulesByID[rule], at: at, field: field, before: keep(before), after: keep(after)}
}

// keep returns a node that outlives the parser whose memory it is in.
func keep(n *node) *node {
	if n == nil {
		return nil
	}
	kept := *n
	kept.items = make([]node, len(n.items))
	for i := range n.items {
		kept.items[i] = *keep(&n.items[i])
	}
	return &kept
}

// difference is the smallest place at which two values differ.
type difference struct {
	path          string
	steps         []string
	before, after *node
}

// differences yields the smallest places at which two values differ, of which
// either may be nil. A list is one place, unless both have the same length.
func differences(before, after *node, steps []string, yield func(difference)) {
	if equal(before, after) {
		return
	}
	if before != nil && after != nil && before.kind == after.kind && !tooDeep(steps) {
		switch {
		case before.kind == '{' && !hasTwins(before) && !hasTwins(after):
			for key, pair := range members(before, after) {
				differences(pair[0], pair[1], below(steps, unquote(key)), yield)
			}
			return
		case before.kind == '[' && len(before.items) == len(after.items):
			for i := range before.items {
				differences(&before.items[i], &after.items[i], below(steps, "["+strconv.Itoa(i)+"]"), yield)
			}
			return
		}
	}
	yield(difference{pathOf(steps), steps, before, after})
}

// below returns the steps to a place within the place that steps lead to.
func below(steps []string, more ...string) []string { return append(slices.Clip(steps), more...) }

// tooDeep reports whether a place is so deep, or its path so long, that what is in
// it is told as one: a path is made for each place.
func tooDeep(steps []string) bool {
	const maxSteps, maxPath = 64, 2000
	length := 0
	for _, step := range steps {
		length += len(step)
	}
	return len(steps) > maxSteps || length > maxPath
}

// hasTwins reports whether a key stands twice in an object, as it may in a schema.
func hasTwins(n *node) bool {
	for i := 1; i < len(n.items); i++ {
		if n.items[i-1].key == n.items[i].key {
			return true
		}
	}
	return false
}

// members yields the members of two objects, either of which may be nil or none, by
// key.
func members(before, after *node) func(yield func(key string, pair [2]*node) bool) {
	items := func(n *node) []node {
		if n == nil || n.kind != '{' {
			return nil
		}
		return n.items
	}
	return func(yield func(string, [2]*node) bool) {
		b, a := items(before), items(after)
		for len(b) > 0 || len(a) > 0 {
			var pair [2]*node
			var order int
			switch {
			case len(a) == 0:
				order = -1
			case len(b) == 0:
				order = 1
			default:
				order = compareKeys(b[0].key, a[0].key)
			}
			key := ""
			if order <= 0 {
				key, pair[0] = b[0].key, &b[0]
				b = b[1:]
			}
			if order >= 0 {
				key, pair[1] = a[0].key, &a[0]
				a = a[1:]
			}
			if !yield(key, pair) {
				return
			}
		}
	}
}

// pathOf writes the steps of a path as a person reads it.
func pathOf(steps []string) string {
	var path strings.Builder
	for _, step := range steps {
		switch {
		case strings.HasPrefix(step, "["):
			path.WriteString(step)
		case step == "" || !consistsOf(step, &plainKey):
			path.WriteString("[" + quote(step) + "]")
		default:
			if path.Len() > 0 {
				path.WriteByte('.')
			}
			path.WriteString(step)
		}
	}
	return path.String()
}

var (
	plainKey  = bytesOf(alphanumeric + "_$-/")
	plainName = bytesOf(alphanumeric + "_-/.:")
)

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func bytesOf(text string) (set [256]bool) {
	for _, c := range []byte(text) {
		set[c] = true
	}
	return set
}

func consistsOf(text string, set *[256]bool) bool {
	for i := range len(text) {
		if !set[text[i]] {
			return false
		}
	}
	return true
}

// inOrder sorts changes as a person reads them: the portal first, then server by
// server, in each its own fields, its tools and its prompts.
func (c *comparison) inOrder() {
	slices.SortStableFunc(c.changes, func(a, b change) int {
		c.tick()
		text := func(s *string) string {
			if s == nil {
				return ""
			}
			return *s
		}
		rank := func(p place) int {
			switch {
			case p.serverID == nil:
				return 0
			case p.tool != nil:
				return 2
			case p.prompt != nil:
				return 3
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(text(a.at.serverID), text(b.at.serverID)),
			strings.Compare(afterOthers(a.at.file), afterOthers(b.at.file)),
			cmp.Compare(rank(a.at), rank(b.at)),
			cmp.Compare(text(a.at.tool), text(b.at.tool)),
			cmp.Compare(text(a.at.prompt), text(b.at.prompt)),
			cmp.Compare(a.field, b.field),
		)
	})
}

// afterOthers returns a file's name as files are ordered: access.json comes last.
func afterOthers(file string) string {
	if file == accessFile {
		return "~" + file
	}
	return file
}
