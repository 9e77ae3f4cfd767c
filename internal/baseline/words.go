package baseline

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a person reads of a text from outside: names, values and lists of names
// are cut, so that none floods a terminal.
const (
	maxShown = 80 // characters
	maxNames = 10
	maxLines = 50
)

// Summary returns the texts of changes, one a line, those that widen first. From
// the fifty-first on they are only counted. "" if there are none.
func Summary(changes []Change) string {
	lines := make([]string, 0, len(changes))
	for _, widens := range []bool{true, false} {
		for _, c := range changes {
			if c.Widens == widens {
				lines = append(lines, c.Text)
			}
		}
	}
	if more := len(lines) - maxLines; more > 0 {
		lines = append(lines[:maxLines], fmt.Sprintf("… and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// String returns the place as a line begins with it.
func (p place) String() string {
	if p.serverID == nil {
		return "portal"
	}
	server := called(*p.serverID, "(server without an id)")
	switch {
	case p.tool != nil:
		return server + ": tool " + called(*p.tool, "(without a name)")
	case p.prompt != nil:
		return server + ": prompt " + called(*p.prompt, "(without a name)")
	}
	return server
}

func called(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return shown(name)
}

// String says what became of the field, as it follows on a place.
func (d difference) String() string {
	if d.field == "enabled" {
		if d.after.Bool() {
			return " was turned on"
		}
		return " was turned off"
	}
	return ": " + d.text()
}

func (d difference) text() string {
	if text := d.special(); text != "" {
		return text
	}
	before, after := textOf(d.before), textOf(d.after)
	switch {
	case before == nil && d.isObject(*after):
		return shown(d.field) + " is there now, it was not set"
	case after == nil && d.isObject(*before):
		return shown(d.field) + " is gone"
	case before == nil:
		return fmt.Sprintf("%s is %s now, it was not set", shown(d.field), d.shown(*after))
	case after == nil:
		return fmt.Sprintf("%s is not set any more, it was %s", shown(d.field), d.shown(*before))
	case d.isText():
		return shown(d.field) + " changed " + fromTo(*before, *after)
	}
	return fmt.Sprintf("%s changed from %s to %s", shown(d.field), shown(*before), shown(*after))
}

// special says it in the words that people have for some fields.
func (d difference) special() string {
	switch d.field {
	case "input_schema":
		return "input_schema" + became(d.before.String(), d.after.String()) + argumentNames(d.items[0].Arguments, d.items[1].Arguments)
	case "output_schema":
		return "output_schema" + became(d.before.String(), d.after.String())
	case "arguments":
		return "arguments changed" + argumentNames(d.items[0].Arguments, d.items[1].Arguments)
	case "overrides":
		if d.before.Len() == d.after.Len() {
			return fmt.Sprintf("its %d overrides changed; which of several counts is documented nowhere", d.after.Len())
		}
		return fmt.Sprintf("it has %s, it had %s; which of several counts is documented nowhere", overrideCount(d.after), overrideCount(d.before))
	}
	return ""
}

// overrideCount counts a list of overrides, which is only kept of several.
func overrideCount(list reflect.Value) string {
	if list.Len() == 0 {
		return "at most one override"
	}
	return fmt.Sprintf("%d overrides", list.Len())
}

// isText reports whether the field holds text, rather than anything else as JSON.
func (d difference) isText() bool { return d.before.Type() == reflect.TypeFor[string]() }

// isObject reports whether a value is an object or a list, which takes more than a
// line to show.
func (d difference) isObject(value string) bool {
	return !d.isText() && (value[0] == '{' || value[0] == '[')
}

func (d difference) shown(text string) string {
	if d.isText() {
		return quoted(text)
	}
	return shown(text)
}

func became(before, after string) string {
	switch {
	case before == "":
		return " is there now, it was not set"
	case after == "":
		return " is gone"
	}
	return " changed"
}

// argumentNames says which arguments came and which went.
func argumentNames(before, after Arguments) string {
	had, has := before.names(), after.names()
	come := slices.DeleteFunc(slices.Clone(has), func(name string) bool { return slices.Contains(had, name) })
	gone := slices.DeleteFunc(slices.Clone(had), func(name string) bool { return slices.Contains(has, name) })
	switch {
	case len(come) > 0 && len(gone) > 0:
		return ": new " + listed(come) + "; gone " + listed(gone)
	case len(come) > 0:
		return ": new argument " + listed(come)
	case len(gone) > 0:
		return ": argument gone: " + listed(gone)
	}
	return ", with the same arguments"
}

func (a Arguments) names() []string {
	if a.ByName != nil {
		return sortedKeys(a.ByName)
	}
	return a.Names
}

func (d *differ) appeared(item *Item) string {
	switch {
	case d.current.enabledOnly:
		return " is on, which it was not"
	case item.Enabled:
		return " is new, and on"
	}
	return " is new, and off"
}

func (d *differ) disappeared(item *Item) string {
	switch {
	case d.current.enabledOnly:
		return " is off now, or gone"
	case item.Enabled:
		return " is gone, it was on"
	}
	return " is gone, it was off"
}

// summary says of a new server where it is and what it brings.
func (s *Server) summary() string {
	var b strings.Builder
	if s.Hostname != "" {
		b.WriteString(" at " + shown(s.Hostname))
	}
	if s.knowsTools() {
		b.WriteString(", tools: " + countOf(s.Tools))
	} else {
		fmt.Fprintf(&b, ", its tools are not known (status: %s)", status(s))
	}
	if len(s.Prompts) > 0 {
		b.WriteString(", prompts: " + countOf(s.Prompts))
	}
	return b.String()
}

// countOf says how many there are, how many are on, and which.
func countOf(items map[string]*Item) string {
	names := on(items)
	switch {
	case len(items) == 0:
		return "none"
	case len(names) == 0:
		return fmt.Sprintf("%d, none on", len(items))
	}
	return fmt.Sprintf("%d, %d on (%s)", len(items), len(names), listed(names))
}

func status(s *Server) string { return called(s.status, "none given") }

// listed returns the first of the names.
func listed(names []string) string {
	all := make([]string, 0, maxNames+1)
	for i, name := range names {
		if i == maxNames {
			all = append(all, fmt.Sprintf("… and %d more", len(names)-maxNames))
			break
		}
		all = append(all, called(name, "(without a name)"))
	}
	return strings.Join(all, ", ")
}

// fromTo shows two texts from a little before they begin to differ.
func fromTo(before, after string) string {
	same := 0
	for same < min(len(before), len(after)) && before[same] == after[same] {
		same++
	}
	const context = 24
	start := 0
	if same > 2*context {
		start = same - context
		for !utf8.RuneStart(before[start]) {
			start--
		}
	}
	return "from " + quotedFrom(before, start) + " to " + quotedFrom(after, start)
}

func quotedFrom(text string, start int) string {
	if start == 0 {
		return quoted(text)
	}
	return `"…` + quoted(text[start:])[1:]
}

// quoted returns text in quotes, as [shown] shows it.
func quoted(text string) string {
	return `"` + strings.ReplaceAll(shown(text), `"`, `\"`) + `"`
}

// shown returns text, cut, in which what a person would not see, or a terminal
// would obey, is escaped.
func shown(text string) string {
	var b []byte
	for _, r := range cut(text) {
		switch {
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case isHidden(r):
			b = appendEscape(b, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

func cut(text string) string {
	n := 0
	for i := range text {
		if n == maxShown {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
