package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	// maxAlike is how many changes of one kind at one server have a line each.
	maxAlike = 10
	// maxNames is how many of their names stand in the line of more.
	maxNames = 10
)

// mark begins a line of the summary.
func mark(effects []Effect) string {
	switch {
	case slices.Contains(effects, Widens):
		return "! "
	case slices.Contains(effects, Steers):
		return "~ "
	case slices.Contains(effects, Undetermined):
		return "? "
	case slices.Contains(effects, Breaks):
		return "- "
	}
	return "  "
}

// rank orders effects, the worst first.
func rank(effects []Effect) int {
	for i, e := range severity {
		if slices.Contains(effects, e) {
			return i
		}
	}
	return len(severity)
}

// where says with which words the lines about a place begin.
func (p place) where() string {
	switch {
	case p.serverID == nil && p.file == accessFile:
		return "access"
	case p.serverID == nil:
		return "portal"
	case *p.serverID == "":
		return "(server without an id)"
	}
	return called(*p.serverID)
}

// subject names the tool or prompt, with a blank after it; "" if it is about none.
func (p place) subject() string {
	switch {
	case p.tool != nil:
		return called(*p.tool)
	case p.prompt != nil:
		return "prompt " + called(*p.prompt)
	}
	return ""
}

// words returns the line for a person, and whether it shows all that differs.
func (ch *change) words() (text string, whole bool) {
	said, whole := ch.said()
	return ch.at.where() + ": " + said, whole
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (ch *change) said() (text string, whole bool) {
	subject := ch.at.subject()
	_, suffix, _ := strings.Cut(ch.rule.ID, "_")
	if ch.at.tool == nil && ch.at.prompt == nil {
		suffix = ch.rule.ID
	}
	switch suffix {
	case "not_accepted":
		return fmt.Sprintf("%s is missing: nobody has accepted what it would say", ch.at.file), true
	case "server_added", "server_added_off":
		return "new server" + ch.facts.words(), true
	case "server_removed":
		return fmt.Sprintf("the server is gone; accepted are %d %s and %d %s that are on",
			ch.facts.tools.on, plural(ch.facts.tools.on, "tool"), ch.facts.prompts.on, plural(ch.facts.prompts.on, "prompt")), true
	case "added":
		claims, whole := introduced(ch.after.member("definition"), ch.at.prompt != nil)
		return fmt.Sprintf("%s is new and %s: %s", subject, onOff(ch.isOn), claims), whole
	case "removed":
		return fmt.Sprintf("%s is gone, accepted is %s", subject, onOff(ch.wasOn)), true
	case "renamed", "renamed_on":
		before, _ := ch.before.str()
		return fmt.Sprintf("%s is %s, accepted is the same under the name %s and %s", subject, onOff(ch.isOn), called(before), onOff(ch.wasOn)), true
	case "enabled", "disabled":
		return fmt.Sprintf("%s is %s, accepted is %s", subject, onOff(ch.isOn), onOff(ch.wasOn)), true
	case "exposed_as":
		return fmt.Sprintf("%s is seen by clients as %s, accepted is %s", subject, shownName(ch.after), shownName(ch.before)), true
	case "name_taken":
		return fmt.Sprintf("%s is seen by clients as %s, which in what was accepted is %s of the server %s", subject, shownName(ch.after), called(ch.facts.hadBy.key), called(ch.facts.hadBy.serverID)), true
	}
	if strings.HasPrefix(ch.rule.ID, "access_") || ch.at.file == accessFile {
		return ch.saidOfAccess()
	}
	now, whole := versus(ch.after, ch.before)
	before, wholeBefore := versus(ch.before, ch.after)
	values := fmt.Sprintf(" is %s, accepted is %s", now, before)
	switch ch.rule.ID {
	case "overrides_contradict":
		return subject + " counts as on, since its overrides contradict each other: override" + values, whole && wholeBefore
	case "override_enables_absent":
		return subject + ", which the server does not have, has an override that enables it: it" + values, whole && wholeBefore
	case "override_absent":
		return subject + ", which the server does not have: its override" + values, whole && wholeBefore
	case "login_redirect_uri", "login_scope":
		return located(ch.field) + " has " + now + ", accepted has not", whole
	}
	if ch.before != nil && ch.after == nil && ch.rule.ID == "login_field" && (strings.HasSuffix(ch.field, "redirect_uris") || strings.HasSuffix(ch.field, "scope")) {
		return located(ch.field) + " has not " + before + ", accepted has", wholeBefore
	}
	if strings.HasSuffix(ch.field, ".required") && strings.HasPrefix(ch.rule.ID, "input_schema") && (ch.before == nil) != (ch.after == nil) {
		if ch.after != nil {
			return fmt.Sprintf("%s: %s has %s, accepted has not", subject, located(ch.field), now), whole
		}
		return fmt.Sprintf("%s: %s has not %s, accepted has", subject, located(ch.field), before), wholeBefore
	}
	text = located(ch.field) + values
	if subject != "" {
		text = subject + ": " + text
		if !ch.isOn {
			text += " (it is off)"
		}
	}
	return text, whole && wholeBefore
}

func shownName(n *node) string {
	if text, ok := n.str(); ok {
		return called(text)
	}
	return "nothing"
}

// introduced says what a new tool or prompt claims to be, and what it is described as.
func introduced(definition *node, prompt bool) (text string, whole bool) {
	var claims []string
	if !prompt {
		annotations := definition.member("annotations")
		for _, hint := range []struct{ name, yes, no string }{
			{"readOnlyHint", "read-only", "not read-only"},
			{"destructiveHint", "destructive", "not destructive"},
			{"openWorldHint", "reaching an open world", "reaching no open world"},
		} {
			switch n := annotations.member(hint.name); {
			case n.isTrue():
				claims = append(claims, hint.yes)
			case n != nil && n.kind == 'f':
				claims = append(claims, hint.no)
			}
		}
		switch {
		case len(claims) == 0:
			claims = append(claims, "it claims nothing, so it counts as destructive")
		default:
			claims[0] = "it claims to be " + claims[0]
			if h := hintsOf(definition); h.destructive && annotations.member("destructiveHint") == nil {
				claims = append(claims, "and so counts as destructive")
			}
		}
	}
	description := definition.member("description")
	if description == nil {
		return strings.Join(append(claims, "it has no description"), ", "), true
	}
	shown, whole := versus(description, nil)
	return strings.Join(append(claims, "it is described as "+shown), ", "), whole
}

// words says what a server that appeared is.
func (f *facts) words() string {
	var b strings.Builder
	if f.hostname != "" {
		b.WriteString(" at " + called(f.hostname))
	}
	fmt.Fprintf(&b, ": %s, ", f.tools.words("tool"))
	if f.tools.on > 0 {
		fmt.Fprintf(&b, "%d of these destructive, ", f.destructive)
	}
	fmt.Fprintf(&b, "%s; ", f.prompts.words("prompt"))
	if f.loginMode != "" {
		fmt.Fprintf(&b, "login %s, ", called(f.loginMode))
	}
	if f.onBehalf {
		b.WriteString("each user's own, ")
	} else {
		b.WriteString("one for all, ")
	}
	if f.gateway {
		b.WriteString("through Gateway, ")
	} else {
		b.WriteString("past Gateway unless the portal's switch is on, ")
	}
	if f.defaultDisabled {
		b.WriteString("what it brings next is off")
	} else {
		b.WriteString("what it brings next is on")
	}
	if names := f.namesOn(); len(names) > 0 {
		fmt.Fprintf(&b, "; on: %s", listed(names, maxNames))
	}
	return b.String()
}

func (f *facts) namesOn() []string {
	var names []string
	for _, it := range f.items {
		if it.on {
			names = append(names, it.name)
		}
	}
	return names
}

func (c counts) words(name string) string {
	switch {
	case c.unknown:
		return "its " + name + "s are not known"
	case c.all == 0:
		return "no " + name + "s"
	}
	return fmt.Sprintf("%d %s, %d on", c.all, plural(c.all, name), c.on)
}

func plural(n int, name string) string {
	if n == 1 {
		return name
	}
	return name + "s"
}

// listed returns the first of the names, and how many there are if that is more.
func listed(names []string, most int) string {
	shown := make([]string, 0, min(len(names), most)+1)
	for i, name := range names {
		if i == most {
			shown = append(shown, fmt.Sprintf("… (%d)", len(names)))
			break
		}
		shown = append(shown, called(name))
	}
	return strings.Join(shown, ", ")
}

// line is a line of the summary or of a report: a change, or many of one kind.
type line struct {
	text    string
	effects []Effect
	changes []*change
	group   string // the server; "" for the portal
}

// linesOf returns the lines about changes and about what is undetermined, by server,
// the worst first. Of many of one kind, names are at most as many as named.
func linesOf(changes []change, undetermined []Gap, named int) []line {
	type key struct {
		where, rule string
		isOn, wasOn bool
		effects     int
	}
	alike := map[key][]*change{}
	keyOf := func(ch *change) key {
		return key{ch.at.where(), ch.rule.ID, ch.isOn, ch.wasOn, rank(ch.effects)}
	}
	for i := range changes {
		k := keyOf(&changes[i])
		alike[k] = append(alike[k], &changes[i])
	}
	var all []line
	for i := range changes {
		ch := &changes[i]
		same := alike[keyOf(ch)]
		if len(same) <= maxAlike || ch.at.serverID == nil && ch.at.file != accessFile {
			all = append(all, line{ch.text, ch.effects, []*change{ch}, ch.at.where()})
			continue
		}
		if same[0] != ch {
			continue
		}
		all = append(all, line{ch.at.where() + ": " + together(same, named), ch.effects, same, ch.at.where()})
	}
	for _, u := range undetermined {
		all = append(all, line{u.Text, []Effect{Undetermined}, nil, u.where})
	}
	worst := map[string]int{}
	for _, l := range all {
		if r, seen := worst[l.group]; !seen || rank(l.effects) < r {
			worst[l.group] = rank(l.effects)
		}
	}
	slices.SortStableFunc(all, func(a, b line) int {
		return cmp.Or(cmp.Compare(worst[a.group], worst[b.group]), compareGroups(a.group, b.group), cmp.Compare(rank(a.effects), rank(b.effects)))
	})
	return all
}

// compareGroups puts the portal before its servers.
func compareGroups(a, b string) int {
	first := func(group string) int {
		return max(0, 2-slices.Index([]string{"", "access", "portal"}, group))
	}
	if slices.Contains([]string{"portal", "access"}, a) || slices.Contains([]string{"portal", "access"}, b) {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}

// together says what many changes of one kind are.
func together(same []*change, named int) string {
	ch := same[0]
	names := make([]string, len(same))
	for i, other := range same {
		switch {
		case other.at.tool != nil:
			names[i] = *other.at.tool
		case other.at.prompt != nil:
			names[i] = *other.at.prompt
		default:
			names[i] = other.field
		}
	}
	names = slices.Compact(names) // they are in order
	_, suffix, _ := strings.Cut(ch.rule.ID, "_")
	name := "tool"
	if ch.at.prompt != nil {
		name = "prompt"
	}
	what := ""
	switch suffix {
	case "added":
		what = fmt.Sprintf("%d new %ss, all %s", len(same), name, onOff(ch.isOn))
	case "removed":
		what = fmt.Sprintf("%d %ss are gone, accepted are all %s", len(same), name, onOff(ch.wasOn))
	case "enabled", "disabled":
		what = fmt.Sprintf("%d %ss are %s, accepted are %s", len(same), name, onOff(ch.isOn), onOff(ch.wasOn))
	case "renamed", "renamed_on":
		what = fmt.Sprintf("%d %ss are %s, accepted are the same under other names, %s", len(same), name, onOff(ch.isOn), onOff(ch.wasOn))
	case "exposed_as":
		what = fmt.Sprintf("%d %ss are seen by clients under other names", len(same), name)
	default:
		what = fmt.Sprintf("%d changes of %s, to be read in the patch of %s", len(same), ch.rule.ID, ch.at.file)
	}
	return what + ": " + listed(names, named)
}

// summary returns all of it for a terminal.
func summary(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(mark(l.effects) + l.text)
	}
	return b.String()
}
