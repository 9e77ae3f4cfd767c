package baseline

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

const (
	// maxWhole is how many characters a changed text may have to be shown whole; of a
	// longer one, the difference is, with as many characters around it as around.
	maxWhole, around = 300, 40
	// maxShownName is how many characters of one name or path are shown.
	maxShownName = 4000
	// lost stands in words where a name is not shown whole.
	lost = "\x03"
)

// line is words, in which whatever is from outside is marked: see [shown.Mark].
type line struct {
	words string
	// names stand after the words. They are left out if all is too long.
	names []string
	after string
}

func lineOf(words string) line { return line{words: words} }

// saying is what is said of a change, but for its place.
type saying struct {
	// names is whether the words name the tool or prompt themselves.
	names bool
	head  line
	// values are what was accepted and what is there now; nil if the words say it.
	values *[2]value
	notes  []line
	// text stands below the notes, after the words that lead to it, or after the first
	// words if there are none; nil if there is none.
	lead        string
	text        *value
	definitions []definition
	// one says the change in a title; many says several by the same rule, after their
	// number. The names of both are plain.
	one, many string
}

// definition is something that a report shows whole.
type definition struct {
	of, name string
	node     *jsontree.Node
}

// value is a value from outside; absent if there is none.
type value struct {
	style  shown.Style
	text   string
	isText bool // and no JSON
	absent bool
}

// newValue returns a node as a value. One in ascii is no text for people or models.
func newValue(n *jsontree.Node, ascii bool) value {
	if n == nil {
		return value{absent: true}
	}
	text, isText := n.Str()
	switch {
	case !isText:
		return value{style: shown.JSON, text: string(appendSpaced(nil, n))}
	case ascii, strings.Contains(text, "://") && !strings.Contains(text, " "):
		return value{style: shown.ASCII, text: text, isText: true}
	}
	return value{text: text, isText: true}
}

// appendSpaced appends JSON on one line, with blanks after commas and colons.
func appendSpaced(out []byte, n *jsontree.Node) []byte {
	if n.Kind != jsontree.Object && n.Kind != jsontree.List {
		return append(out, n.Text...)
	}
	out = append(out, byte(n.Kind))
	for i := range n.Items {
		if i > 0 {
			out = append(out, ", "...)
		}
		if n.Kind == jsontree.Object {
			out = append(append(out, n.Items[i].Key...), ": "...)
		}
		out = appendSpaced(out, &n.Items[i])
	}
	return append(out, byte(n.Kind)+2)
}

// upTo returns the value among words, and whether it has at most as many characters;
// else it is cut.
func (v value) upTo(most int) (words string, fits bool) {
	if v.absent {
		return "absent", true
	}
	style, quote := v.style, ""
	if v.isText {
		style, quote = style|shown.Quoted, `"`
	}
	text, missing := style.UpTo(v.text, most)
	if words = shown.Mark(quote + text + quote); missing > 0 {
		words += fmt.Sprintf(" (and %d more characters)", missing)
	}
	return words, missing == 0
}

// brief returns the value among words, cut.
func (v value) brief() string {
	words, _ := v.upTo(2 * maxWhole)
	return words
}

// isProse reports whether a value is a text of several words, which is read in lines.
func (v value) isProse() bool { return v.isText && strings.ContainsAny(v.text, " \n") }

// cutAround returns of two long values the parts that differ, with some characters
// around them, and how many characters of each are left out.
func cutAround(before, after value) (b, a value, same int) {
	if before.absent || after.absent || max(utf8.RuneCountInString(before.text), utf8.RuneCountInString(after.text)) <= maxWhole {
		return before, after, 0
	}
	x, y := before.text, after.text
	from, end := 0, 0
	for from < min(len(x), len(y)) && x[from] == y[from] {
		from++
	}
	for end < min(len(x), len(y))-from && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	for range around { // part of a character counts as one
		_, size := utf8.DecodeLastRuneInString(x[:from])
		from -= size
		_, size = utf8.DecodeRuneInString(x[len(x)-end:])
		end -= size
	}
	same = utf8.RuneCountInString(x[:from]) + utf8.RuneCountInString(x[len(x)-end:])
	before.text, after.text = x[from:len(x)-end], y[from:len(y)-end]
	for _, v := range []*value{&before, &after} {
		if from > 0 {
			v.text = "…" + v.text
		}
		if end > 0 {
			v.text += "…"
		}
	}
	return before, after, same
}

// called returns a name among words.
func called(name string) string {
	text, missing := shown.NameUpTo(name, maxShownName)
	if missing > 0 {
		return shown.Mark(text) + lost + fmt.Sprintf(" (and %d more characters)", missing)
	}
	return shown.Mark(text)
}

// where returns with which words a change begins that is about a place.
func (p place) where() string {
	switch {
	case p.file == accessFile:
		return "access"
	case p.serverID == nil:
		return "portal"
	case *p.serverID == "":
		return "(server without an id)"
	case *p.serverID == "portal", *p.serverID == "access":
		return shown.Mark(shown.Quote(*p.serverID))
	}
	return called(*p.serverID)
}

// subject names the tool or prompt; "" if it is about none.
func (p place) subject() string {
	name, kind := p.tool, ""
	if p.prompt != nil {
		name, kind = p.prompt, "prompt "
	}
	if name == nil {
		return ""
	}
	if _, isField := table["server"][*name]; isField { // of which a name must not remind
		return kind + shown.Mark(shown.Quote(*name))
	}
	if *name == "" {
		return cmp.Or(kind, "tool ") + "without a name"
	}
	return kind + called(*name)
}

// prefix returns the place of a change as its words begin.
func (ch *change) prefix(s *saying) string {
	if subject := ch.at.subject(); subject != "" && !s.names {
		return ch.at.where() + ": " + subject + ": "
	}
	return ch.at.where() + ": "
}

// shownPath returns the path of a field, for a person: without what says for each
// field of a definition, or of a login, that it is one.
func (ch *change) shownPath() string {
	path, before := ch.path, ""
	name := func(i int) string {
		if i < len(path) && path[i].Index < 0 {
			return path[i].Name
		}
		return ""
	}
	isEntry := ch.entries[0] != nil || ch.entries[1] != nil
	switch {
	case isEntry && name(0) == "definition" && name(1) == "annotations" && len(path) == 3 && strings.HasSuffix(name(2), "Hint"):
		path = path[2:]
	case isEntry && name(0) == "definition" && len(path) > 1:
		switch name(1) {
		case "override", "definition", "enabled", "exposed_as":
		default:
			if !strings.HasSuffix(name(1), "Hint") {
				path = path[1:]
			}
		}
	case !isEntry && ch.at.serverID != nil && name(0) == "auth_config_summary" && len(path) > 1:
		path, before = path[1:], "login "
		if (name(0) == "config" || name(0) == "registration_info") && len(path) > 1 {
			path = path[1:]
		}
	}
	text := path.String()
	if len(text) <= maxShownName {
		return shown.Mark(before + shown.JSON.Show(text))
	}
	return shown.Mark(before+shown.JSON.Show(text[:maxShownName])) + lost + fmt.Sprintf(" (and %d more characters)", len(text)-maxShownName)
}

// say returns the words for a change.
func (ch *change) say() saying {
	var s saying
	switch {
	case ch.rule.say != nil:
		s = ch.rule.say(ch)
	case ch.facts != nil && ch.facts.path != nil:
		s = sayAccess(ch)
	default:
		s = ch.sayField()
	}
	explained := ch.rule.can & widens
	if explained == none {
		explained = ch.rule.can
	}
	switch {
	case ch.effects == none && ch.because != "" && !s.names: // else the words say it
		s.notes = append(s.notes, lineOf(ch.because))
	case ch.rule == serverAuthType && ch.after != nil && ch.after.Value() == "unauthenticated":
		s.notes = append(s.notes, lineOf("the server is called without credentials"))
	case ch.rule.means != "" && (ch.effects&explained != none || ch.rule == portalCodeMode):
		s.notes = append(s.notes, lineOf(ch.rule.means))
	case ch.rule.loses != "" && ch.effects == breaks:
		s.notes = append(s.notes, lineOf(ch.rule.loses))
	}
	if ch.rule == toolInputSchema {
		if ch.effects&widens != none {
			s.notes = append(s.notes, lineOf("accepts more arguments or values"))
		}
		if ch.effects&breaks != none {
			s.notes = append(s.notes, lineOf("accepts fewer arguments or values"))
		}
	}
	if ch.effects&steers != none && ch.rule.can&steers == none && ch.entries[1] == nil {
		s.notes = append(s.notes, lineOf("very long: it may hide something"))
	}
	return s
}

// sayField returns the words for a field whose rule has none.
func (ch *change) sayField() saying {
	isEntry := ch.entries[0] != nil || ch.entries[1] != nil
	ascii := !isEntry && ch.rule != serverText && ch.rule != portalText
	path := ch.shownPath()
	s := saying{head: lineOf(path + ":"), values: &[2]value{newValue(ch.before, ascii), newValue(ch.after, ascii)}}
	field := strings.TrimPrefix(shown.Plain(path), "login ")
	if isEntry {
		field, _, _ = strings.Cut(field, ".")
	} else if object := strings.TrimSuffix(ch.at.file, ".json"); ch.at.file != accessFile {
		if ch.at.serverID != nil {
			object = "server"
		}
		if _, f, depth, _ := locate(object, ch.path); depth == len(ch.path) && f.same != "" { // which is not written
			for i := range s.values {
				if s.values[i].absent {
					s.values[i] = value{style: shown.JSON, text: f.same}
				}
			}
		}
	}
	verb := " changed"
	if now := s.values[1]; !now.isText && !isEntry && (now.text == "true" || now.text == "false") {
		verb = " turned " + onOff(now.text == "true")
	}
	s.one, s.many = ch.titleSubject()+plainName(field)+verb, plainName(field)+" changes"
	return s
}

// text says a change to a person, in one line.
func (ch *change) text() string {
	s := ch.say()
	words := ch.prefix(&s) + s.head.words + joinNames(s.head.names, maxShownName) + s.head.after
	if s.values != nil {
		before, after, _ := cutAround(s.values[0], s.values[1])
		words += " " + before.brief() + " -> " + after.brief()
	} else if s.text != nil && s.lead == "" {
		words += " " + s.text.brief()
	}
	return plain(words)
}

// plain returns words without the marks in them.
func plain(words string) string { return strings.ReplaceAll(shown.Plain(words), lost, "") }

// joinNames returns as many of the names as have most characters, and how many more
// there are.
func joinNames(names []string, most int) string {
	var out strings.Builder
	for i, name := range names {
		if i > 0 {
			name = ", " + name
		}
		if most -= utf8.RuneCountInString(name); most < 0 {
			return out.String() + strings.Repeat(lost, len(names)-i) + fmt.Sprintf("%s and %d more, not shown", ","[:min(i, 1)], len(names)-i)
		}
		out.WriteString(name)
	}
	return out.String()
}

// count returns a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
