package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
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
		what := "nobody has accepted the portal's own settings"
		if ch.at.file == accessFile {
			what = "nobody has accepted who gets in. The portal: " + (&facts{reach: map[string]string{"": ch.facts.reach[reachOfPortal]}}).reachText()
		}
		return ch.at.file + " is missing: " + what, true
	case "server_added", "server_added_off":
		return "new server" + ch.facts.words(), true
	case "server_removed":
		return fmt.Sprintf("the server is gone; accepted are %d %s and %d %s that are on",
			ch.facts.tools.on, plural(ch.facts.tools.on, "tool"), ch.facts.prompts.on, plural(ch.facts.prompts.on, "prompt")), true
	case "added":
		claims, whole := introduced(ch.after.member("definition"), ch.after.member("override"), ch.at.prompt != nil)
		return fmt.Sprintf("%s is new and %s: %s", subject, onOff(ch.isOn), claims), whole
	case "removed":
		stays := ""
		if ch.facts != nil && ch.facts.stays {
			stays = " (the override that turned it on is still there: whatever appears under this name is on at once)"
		}
		return fmt.Sprintf("%s is gone, accepted is %s%s", subject, onOff(ch.wasOn), stays), true
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

// introduced says what a new tool or prompt claims to be, and what it is described as:
// to clients, which are given an override's description in place of the server's.
func introduced(definition, override *node, prompt bool) (text string, whole bool) {
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
	if overrides := overridesIn(override); len(overrides) > 0 {
		for _, field := range []string{"description", "server_description", "portal_description"} {
			if text := overrides[0].member(field); text != nil {
				description = text
			}
		}
	}
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
	switch {
	case f.tools.unknown && f.prompts.unknown:
		b.WriteString(": its tools and prompts are not known")
	default:
		b.WriteString(": " + f.tools.words("tool", f.namesOn(false)))
		if f.tools.on > 0 {
			b.WriteString(", " + noneOr(f.destructive) + " of these destructive")
		}
		b.WriteString("; " + f.prompts.words("prompt", f.namesOn(true)))
	}
	login := "one login for all"
	if f.onBehalf {
		login = "each user logs in"
	}
	if f.loginMode != "" {
		login += " (" + called(f.loginMode) + ")"
	}
	way, next := "past", "on"
	if f.gateway {
		way = "through"
	}
	if f.defaultDisabled {
		next = "off"
	}
	fmt.Fprintf(&b, "; %s; %s Gateway; what it brings next is %s", login, way, next)
	return b.String()
}

// namesOn returns the names of the tools, or prompts, that are on.
func (f *facts) namesOn(prompts bool) []string {
	var names []string
	for _, it := range f.items {
		if it.on && it.prompt == prompts {
			names = append(names, it.name)
		}
	}
	return names
}

func (c counts) words(name string, on []string) string {
	switch {
	case c.unknown:
		return "its " + name + "s are not known"
	case c.all == 0:
		return "no " + name + "s"
	case c.on == 0:
		return fmt.Sprintf("%d %s, none on", c.all, plural(c.all, name))
	}
	return fmt.Sprintf("%d %s, %d on (%s)", c.all, plural(c.all, name), c.on, listed(on, maxNames))
}

// noneOr counts.
func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(n)
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

// meanings says what a change by a rule lets agents do, or models read, where its line
// names a field that not everybody knows.
var meanings = map[string]string{
	"code_mode_on":            "agents call tools from code that they write",
	"code_mode_changed":       "it decides whether agents must, may or can't call tools from code that they write",
	"gateway_bypassed":        "Gateway does not see this traffic any more",
	"unknown_boolean":         "nobody knows what this switch does",
	"portal_description":      "models may read it",
	"server_hostname":         "calls, with what is in them, go elsewhere now",
	"server_unauthenticated":  "it asks for no login",
	"server_default_on":       "what it brings next is on at once",
	"server_on_behalf":        "all act by one login there, and so may programs with a service token",
	"server_description":      "models may read it",
	"login_endpoint":          "the login goes elsewhere",
	"login_redirect_uri":      "a login may be handed to it",
	"login_scope":             "the login may do more",
	"tool_name_taken":         "a call that was meant for the one reaches the other",
	"prompt_name_taken":       "a call that was meant for the one reaches the other",
	"tool_description":        "models read it",
	"tool_title":              "models read it",
	"tool_field":              "models may read it",
	"prompt_description":      "models read it",
	"prompt_title":            "models read it",
	"prompt_argument":         "models read it",
	"prompt_field":            "models may read it",
	"tool_read_only_gone":     "it may change things",
	"tool_destructive":        "it may destroy things",
	"tool_open_world":         "it may reach beyond its own system",
	"tool_hint":               "it claims to do less harm, or something else",
	"input_schema_more":       "it takes more than it did, and models read how",
	"input_schema_less":       "it takes less than it did",
	"schema_text":             "models read it",
	"override_enables_absent": "what appears under that name is on",
	"access_destination":      "it guards something else",
	"access_decision_more":    "it lets more in",
	"access_login_more":       "there are more ways to log in",
	"access_login_method":     "others may log in",
	"access_safeguard_gone":   "less is asked of who comes",
	"access_longer":           "who came stays longer",
	"access_clients_more":     "more OAuth clients may come",
	"access_unknown":          "it counts as open to anybody",
}

// meaning returns what a change means, as it follows on its line.
func (ch *change) meaning() string {
	if means := meanings[ch.rule.ID]; means != "" && len(ch.effects) > 0 {
		return " (" + means + ")"
	}
	return ""
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
func (c *clock) linesOf(changes []change, undetermined []Gap, named int) []line {
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
		c.tick()
	}
	var all []line
	for i := range changes {
		ch := &changes[i]
		same := alike[keyOf(ch)]
		c.tick()
		if len(same) <= maxAlike || ch.at.serverID == nil && ch.at.file != accessFile {
			all = append(all, line{ch.text + ch.meaning(), ch.effects, []*change{ch}, ch.at.where()})
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
	var what string
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
	return what + ": " + listed(names, named) + destructiveOf(same, named)
}

// destructiveOf names those of several new tools that count as destructive, where it
// is not all of them: no name of theirs is lost among harmless ones.
func destructiveOf(same []*change, named int) string {
	if same[0].rule.ID != "tool_added" || !same[0].isOn {
		return ""
	}
	var names []string
	for _, ch := range same {
		if hintsOf(ch.after.member("definition")).destructive {
			names = append(names, *ch.at.tool)
		}
	}
	switch len(names) {
	case 0:
		return "; none of these destructive"
	case len(same):
		return "; all of these destructive"
	}
	return "; destructive: " + listed(names, named)
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
