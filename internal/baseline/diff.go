package baseline

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Kind says what became of what a [Change] is about.
type Kind string

// The kinds of changes.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
	// Undetermined is a server whose tools or prompts were known, and are not now.
	Undetermined Kind = "undetermined"
)

// Change is one thing that differs between two baselines.
type Change struct {
	Kind Kind
	// ServerID, Tool and Prompt say where, as the baseline's text names it; nil
	// where it is about no server, tool or prompt.
	ServerID, Tool, Prompt *string
	// Field is the field that differs, such as annotations.read_only_hint; nil
	// where it is about a whole server, tool or prompt.
	Field *string
	// Before and After are the two values: text as it is, anything else as JSON;
	// nil where there is none.
	Before, After *string
	// Widens is true if agents can do more than was agreed, or a safeguard is gone.
	Widens bool
	// Text says all of it to a person, in one line that a terminal can show.
	Text string
}

// OtherPortalError says that a text is the baseline of another portal.
type OtherPortalError struct{ Accepted, Current string }

// Error names both portals.
func (e *OtherPortalError) Error() string {
	return fmt.Sprintf("it is the baseline of the portal %s, and this is the portal %s", quoted(e.Accepted), quoted(e.Current))
}

// Since returns the changes since a text was accepted: none, which is not nil,
// if there are none. The errors are a [*ParseError] and an [*OtherPortalError].
func (b *Baseline) Since(accepted string) ([]Change, error) {
	before, err := Parse(accepted)
	if err != nil {
		return nil, err
	}
	if before.Portal.ID != b.Portal.ID {
		return nil, &OtherPortalError{before.Portal.ID, b.Portal.ID}
	}
	return Diff(before, b), nil
}

// Diff returns what differs between two baselines of one portal: the portal's
// own fields, then server by server in the order of their ids, in each its own
// fields, its tools by name and its prompts by name.
func Diff(accepted, current *Baseline) []Change {
	d := differ{accepted: accepted, current: current, changes: []Change{}}
	d.portal()
	for _, id := range sortedKeys(accepted.Servers, current.Servers) {
		d.server(id, accepted.Servers[id], current.Servers[id])
	}
	return d.changes
}

type differ struct {
	accepted, current *Baseline
	changes           []Change
}

// place is where a change is.
type place struct{ serverID, tool, prompt *string }

func (d *differ) add(at place, c Change) {
	c.ServerID, c.Tool, c.Prompt = at.serverID, at.tool, at.prompt
	c.Text = at.String() + c.Text
	d.changes = append(d.changes, c)
}

// field adds a change of a field.
func (d *differ) field(at place, diff difference, widens bool) {
	d.add(at, Change{Kind: Changed, Field: &diff.field, Before: textOf(diff.before), After: textOf(diff.after), Widens: widens, Text: diff.String()})
}

func (d *differ) portal() {
	before, after := &d.accepted.Portal, &d.current.Portal
	for _, diff := range differences(before, after) {
		widens := false
		switch diff.field {
		case "allow_code_mode":
			if before.CodeMode != after.CodeMode && after.agreesOnCodeMode() {
				continue // one thing happened, which code_mode tells better
			}
			widens = after.hasCodeMode() && !before.hasCodeMode()
		case "code_mode":
			widens = after.hasCodeMode() && !before.hasCodeMode()
		case "secure_web_gateway":
			widens = isTrue(before.SecureWebGateway) && !d.hasGatewayEverywhere()
		}
		d.field(place{}, diff, widens)
	}
}

// hasCodeMode reports whether anything says that Code Mode is on.
func (p *Portal) hasCodeMode() bool {
	return isTrue(p.AllowCodeMode) || p.CodeMode != "" && p.CodeMode != codeModeOff
}

const codeModeOff = "off"

// agreesOnCodeMode reports whether allow_code_mode, the older form, says what
// code_mode says.
func (p *Portal) agreesOnCodeMode() bool {
	return p.AllowCodeMode == nil || *p.AllowCodeMode == (p.CodeMode != "" && p.CodeMode != codeModeOff)
}

// hasGatewayEverywhere reports whether there are servers, and the traffic of
// each goes through Gateway now.
func (d *differ) hasGatewayEverywhere() bool {
	for _, s := range d.current.Servers {
		if !d.hasGateway(s) {
			return false
		}
	}
	return len(d.current.Servers) > 0
}

func (d *differ) hasGateway(s *Server) bool {
	return isTrue(d.current.Portal.SecureWebGateway) || isTrue(s.SecureWebGateway)
}

func (d *differ) server(id string, before, after *Server) {
	at := place{serverID: &id}
	switch {
	case before == nil:
		d.add(at, Change{Kind: Added, After: new(marshal(after)), Widens: !after.isKnownAndOff(), Text: ": new server" + after.summary()})
		return
	case after == nil:
		d.add(at, Change{Kind: Removed, Before: new(marshal(before)), Text: ": the server is gone"})
		return
	}
	for _, diff := range differences(before, after) {
		widens := false
		switch diff.field {
		case "tools_known", "prompts_known":
			continue
		case "auth_type":
			widens = after.AuthType == "unauthenticated"
		case "default_disabled":
			widens = isTrue(before.DefaultDisabled)
		case "hostname":
			widens = true
		case "on_behalf":
			widens = isTrue(before.OnBehalf)
		case "secure_web_gateway":
			widens = isTrue(before.SecureWebGateway) && !d.hasGateway(after)
		}
		d.field(at, diff, widens)
	}
	d.knowledge(at, before, after)
	// Where one side does not know the tools, knowledge has said all that can be.
	if before.knowsTools() == after.knowsTools() {
		d.items(toolsOf(id), before.Tools, after.Tools)
		d.waiting(toolsOf(id), before.Waiting.Tools, after.Waiting.Tools, before.Tools, after.Tools)
	}
	if before.knowsPrompts() == after.knowsPrompts() {
		d.items(promptsOf(id), before.Prompts, after.Prompts)
		d.waiting(promptsOf(id), before.Waiting.Prompts, after.Waiting.Prompts, before.Prompts, after.Prompts)
	}
}

func (s *Server) knowsTools() bool   { return s.ToolsKnown == nil || *s.ToolsKnown }
func (s *Server) knowsPrompts() bool { return s.PromptsKnown == nil || *s.PromptsKnown }

// isKnownAndOff reports whether all that the server has is known and off.
func (s *Server) isKnownAndOff() bool {
	return s.knowsTools() && s.knowsPrompts() && len(on(s.Tools))+len(on(s.Prompts)) == 0
}

// on returns the names of those that are on, sorted.
func on(items map[string]*Item) []string {
	var names []string
	for _, name := range sortedKeys(items) {
		if items[name].Enabled {
			names = append(names, name)
		}
	}
	return names
}

// knowledge adds the changes in whether a server's tools and prompts are known.
// Tools that are not known any more are one change, and no tool's removal. Tools
// that were not known when the baseline was accepted were never agreed to: that
// they are known now is one change as well, and widens if any is on.
func (d *differ) knowledge(at place, before, after *Server) {
	type list struct {
		name          string
		before, after bool
		items         map[string]*Item
	}
	var gone, come []list
	for _, l := range []list{
		{"tools", before.knowsTools(), after.knowsTools(), after.Tools},
		{"prompts", before.knowsPrompts(), after.knowsPrompts(), after.Prompts},
	} {
		switch {
		case l.before && !l.after:
			gone = append(gone, l)
		case !l.before && l.after:
			come = append(come, l)
		}
	}
	if len(gone) > 0 {
		names := gone[0].name
		if len(gone) > 1 {
			names += " and " + gone[1].name
		}
		d.add(at, Change{Kind: Undetermined, Field: new(gone[0].name + "_known"), Before: new("true"), After: new("false"),
			Text: fmt.Sprintf(": its %s are not known any more (status: %s)", names, status(after))})
	}
	if len(come) == 0 {
		return
	}
	var texts []string
	widens := false
	for _, l := range come {
		texts = append(texts, fmt.Sprintf("its %s are known now, which they were not: %s", l.name, countOf(l.items)))
		widens = widens || len(on(l.items)) > 0
	}
	d.add(at, Change{Kind: Changed, Field: new(come[0].name + "_known"), Before: new("false"), After: new("true"), Widens: widens, Text: ": " + strings.Join(texts, "; ")})
}

// placer returns the place of the tool, or prompt, of a name.
type placer func(name string) place

func toolsOf(serverID string) placer {
	return func(name string) place { return place{serverID: &serverID, tool: &name} }
}

func promptsOf(serverID string) placer {
	return func(name string) place { return place{serverID: &serverID, prompt: &name} }
}

// items adds the changes of a server's tools or prompts.
func (d *differ) items(at placer, before, after map[string]*Item) {
	for _, name := range sortedKeys(before, after) {
		switch before, after := before[name], after[name]; {
		case before == nil:
			d.add(at(name), Change{Kind: Added, After: new(marshal(after)), Widens: after.Enabled, Text: d.appeared(after)})
		case after == nil && d.current.enabledOnly && !before.Enabled:
			// It is off still, or gone: neither belongs to this baseline.
		case after == nil:
			d.add(at(name), Change{Kind: Removed, Before: new(marshal(before)), Text: d.disappeared(before)})
		default:
			for _, diff := range differences(before, after) {
				if diff.field == "arguments" && before.InputSchema != after.InputSchema {
					continue // input_schema tells it
				}
				diff.items = [2]*Item{before, after}
				d.field(at(name), diff, itemWidens(diff.field, before, after))
			}
		}
	}
}

func itemWidens(field string, before, after *Item) bool {
	switch field {
	case "enabled":
		return after.Enabled
	case "annotations.read_only_hint":
		return after.Enabled && isTrue(before.Annotations.ReadOnlyHint)
	case "annotations.destructive_hint":
		return after.Enabled && isFalse(before.Annotations.DestructiveHint)
	}
	return false
}

// waiting adds the changes of overrides for what a server does not have. That
// one began to wait because its tool is gone, or ended because the tool is there,
// is the tool's change.
func (d *differ) waiting(at placer, before, after map[string]*Override, itemsBefore, itemsAfter map[string]*Item) {
	for _, name := range sortedKeys(before, after) {
		c := Change{Field: new("waiting"), Before: optional(before[name]), After: optional(after[name])}
		switch {
		case before[name] == nil && itemsBefore[name] != nil, after[name] == nil && itemsAfter[name] != nil:
			continue
		case before[name] == nil:
			c.Kind, c.Text = Added, ", which the server does not have, has an override now"
		case after[name] == nil:
			c.Kind, c.Text = Removed, ", which the server does not have, has no override any more"
		case *c.Before != *c.After:
			c.Kind, c.Text = Changed, ", which the server does not have: its override changed from "+shown(*c.Before)+" to "+shown(*c.After)
		default:
			continue
		}
		d.add(at(name), c)
	}
}

func optional(o *Override) *string {
	if o == nil {
		return nil
	}
	return new(marshal(o))
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

// difference is a field that has two values.
type difference struct {
	field         string
	before, after reflect.Value
	items         [2]*Item // whose field it is, if it is one of a tool or prompt
}

// differences returns the fields in which two structs differ. Fields of nested
// objects are named by their path, and stand for themselves as long as both
// sides have the object. Servers, tools and prompts, and what waits for them,
// are left to those who know them by name.
func differences[T any](before, after *T) []difference {
	var list []difference
	walk("", reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem(), &list)
	return list
}

func walk(prefix string, before, after reflect.Value, list *[]difference) {
	for _, field := range fieldsOf(before.Type()) {
		b, a := before.Field(field.index), after.Field(field.index)
		name := prefix + field.name
		switch {
		case field.kind == textKind:
			if b.String() == a.String() {
				continue
			}
		case field.kind == objectKind:
			walk(name+".", b, a, list)
			continue
		case field.kind == optionalObjectKind && !b.IsNil() && !a.IsNil():
			walk(name+".", b.Elem(), a.Elem(), list)
			continue
		case field.kind == mapKind:
			walkMap(name+".", b, a, list)
			continue
		case reflect.DeepEqual(b.Interface(), a.Interface()):
			continue
		}
		if before, after := textOf(b), textOf(a); before == nil && after == nil {
			continue // empty in two ways
		}
		*list = append(*list, difference{field: name, before: b, after: a})
	}
}

func walkMap(prefix string, before, after reflect.Value, list *[]difference) {
	b, a := before.Interface().(map[string]string), after.Interface().(map[string]string)
	if len(b)+len(a) == 0 {
		return
	}
	for _, key := range sortedKeys(b, a) {
		if b[key] != a[key] {
			*list = append(*list, difference{field: prefix + key, before: reflect.ValueOf(jsonText(b[key])), after: reflect.ValueOf(jsonText(a[key]))})
		}
	}
}

// jsonText is text that is JSON.
type jsonText string

// textOf returns a value as a Change has it.
func textOf(v reflect.Value) *string {
	switch {
	case v.Kind() == reflect.Bool:
		return new(strconv.FormatBool(v.Bool()))
	case v.IsZero():
		return nil
	case v.Kind() == reflect.String:
		return new(v.String())
	}
	if text := marshal(v.Interface()); text != "{}" && text != "[]" {
		return &text
	}
	return nil
}
