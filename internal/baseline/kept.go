package baseline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// What is kept of a portal is the API's own JSON, with its names and in its places,
// whether a wire type has a field or not: a field that one gets changes no file. The
// files are written as JSON text, read as every file is, and cleaned as every file
// is, so that what was committed and what is there now take one way.

// format is what stands in each file. Its number grows when more is kept.
const (
	formatName   = "mcp-portal-baseline/"
	formatNumber = 1
)

// changing names the fields of portals and servers that change while nobody touches
// the configuration.
var changing = []string{
	"last_synced", "last_successful_sync", "modified_at", "modified_by",
	"status", "error", "error_details", "authentication_status",
}

// The names of files in the folder.
const (
	portalFile   = "portal.json"
	accessFile   = "access.json"
	serverFolder = "servers/"
)

// serverFile returns the name of a server's file. Whatever some file system can't
// hold, or can't tell from another, is percent-encoded.
func serverFile(id string) string {
	var name strings.Builder
	reserved := isReserved(id)
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			if !reserved || i > 0 {
				name.WriteByte(c)
				continue
			}
			fallthrough
		default:
			name.WriteByte('%')
			name.WriteString(strconv.FormatUint(uint64(id[i])+0x100, 16)[1:])
		}
	}
	if id == "" {
		name.WriteByte('%') // no id's encoding
	}
	return serverFolder + name.String() + ".json"
}

// isReserved reports whether Windows takes a file of the name for a device.
func isReserved(name string) bool {
	if slices.Contains([]string{"con", "prn", "aux", "nul"}, name) {
		return true
	}
	return len(name) == 4 && (strings.HasPrefix(name, "com") || strings.HasPrefix(name, "lpt"))
}

// writer writes what is kept, as JSON text that is neither sorted nor cleaned.
type writer struct {
	portalID string
	out      []byte
}

// head begins a file.
func (w *writer) head() {
	w.out = append(w.out[:0], `{"format":"`+formatName+strconv.Itoa(formatNumber)+`","portal_id":`...)
	w.out = wirejson.Quote(w.out, w.portalID)
}

// portal writes portal.json.
func (w *writer) portal(p *cloudflare.Portal) string {
	w.head()
	w.out = append(w.out, `,"portal":`...)
	w.out = wirejson.Append(w.out, p, "servers")
	w.out = append(w.out, '}')
	return string(w.out)
}

// server writes the file of a server. tools and prompts are what clients meet of the
// server's own, in the same order.
func (w *writer) server(s *cloudflare.PortalServer, tools []cloudflare.EffectiveTool, prompts []cloudflare.EffectivePrompt) string {
	w.head()
	w.out = append(w.out, `,"server":`...)
	filled := *s // the API gives one of the two, or both
	filled.ID, filled.ServerID = cmp.Or(s.ID, s.ServerID), cmp.Or(s.ServerID, s.ID)
	w.out = wirejson.Append(w.out, &filled, "tools", "prompts", "updated_tools", "updated_prompts")

	offered := make([]feature, len(s.Tools))
	for i := range s.Tools {
		t := &s.Tools[i]
		offered[i] = feature{t.ReceivedName(), nameOf(t.Name, t.Extra), t, tools[i].Enabled, tools[i].Name}
	}
	waitingTools := w.features("tools", s.Tools != nil, offered, s.UpdatedTools)
	offered = make([]feature, len(s.Prompts))
	for i := range s.Prompts {
		p := &s.Prompts[i]
		offered[i] = feature{p.ReceivedName(), nameOf(p.Name, p.Extra), p, prompts[i].Enabled, prompts[i].Name}
	}
	waitingPrompts := w.features("prompts", s.Prompts != nil, offered, s.UpdatedPrompts)
	w.out = append(w.out, `,"waiting":{"tools":`...)
	w.waiting(waitingTools)
	w.out = append(w.out, `,"prompts":`...)
	w.waiting(waitingPrompts)
	w.out = append(w.out, "}}"...)
	return string(w.out)
}

// feature is a tool or a prompt.
type feature struct {
	received  string // the name by which overrides find it; "" if it has none
	name      string // the same as a JSON string
	wire      any
	enabled   bool
	exposedAs *string
}

// nameOf returns a name as a JSON string, as it was received.
func nameOf(name *string, extra wirejson.Extra) string {
	if received, ok := extra["name"]; ok && name != nil {
		return received
	}
	if name == nil {
		return `""`
	}
	return quote(*name)
}

// overridesOf is the overrides of one name, in the API's order.
type overridesOf struct {
	name    string // a JSON string
	entries []*cloudflare.Override
	used    bool
}

// features writes a server's tools, or prompts, and returns the overrides of what
// it does not have.
func (w *writer) features(list string, known bool, offered []feature, overrides []cloudflare.Override) []*overridesOf {
	byName := make(map[string]*overridesOf, len(overrides))
	inOrder := make([]*overridesOf, 0, len(overrides))
	for i := range overrides {
		o := &overrides[i]
		about := byName[o.ReceivedName()]
		if about == nil {
			about = &overridesOf{name: nameOf(o.Name, o.Extra)}
			byName[o.ReceivedName()] = about
			inOrder = append(inOrder, about)
		}
		about.entries = append(about.entries, o)
	}

	w.out = append(w.out, `,"`+list+`":`...)
	if !known {
		w.out = append(w.out, "null"...)
	} else {
		var unnamed []feature
		sameName := make(map[string][]feature, len(offered))
		names := make([]string, 0, len(offered))
		for _, f := range offered {
			if f.received == "" {
				unnamed = append(unnamed, f)
				continue
			}
			if sameName[f.received] == nil {
				names = append(names, f.received)
			}
			sameName[f.received] = append(sameName[f.received], f)
		}
		w.out = append(w.out, '{')
		for i, name := range names {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			same := sameName[name]
			w.out = append(append(w.out, same[0].name...), ':')
			about := byName[name]
			if about != nil {
				about.used = true
			}
			w.entries(same, about, len(same) > 1)
		}
		w.out = append(w.out, `},"unnamed_`+list+`":`...)
		w.entries(unnamed, nil, true)
	}
	return slices.DeleteFunc(inOrder, func(about *overridesOf) bool { return about.used })
}

// entries writes what is kept of tools or prompts of one name.
func (w *writer) entries(features []feature, about *overridesOf, list bool) {
	if list {
		w.out = append(w.out, '[')
	}
	for i, f := range features {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, `{"definition":`...)
		w.out = wirejson.Append(w.out, f.wire)
		w.out = append(w.out, `,"enabled":`...)
		w.out = strconv.AppendBool(w.out, f.enabled)
		if f.exposedAs != nil {
			w.out = append(w.out, `,"exposed_as":`...)
			w.out = wirejson.Quote(w.out, *f.exposedAs)
		}
		if about != nil {
			w.out = append(w.out, `,"override":`...)
			w.overrides(about)
		}
		w.out = append(w.out, '}')
	}
	if list {
		w.out = append(w.out, ']')
	}
}

func (w *writer) overrides(about *overridesOf) {
	if len(about.entries) > 1 {
		w.out = append(w.out, '[')
	}
	for i, o := range about.entries {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = wirejson.Append(w.out, o)
	}
	if len(about.entries) > 1 {
		w.out = append(w.out, ']')
	}
}

func (w *writer) waiting(overrides []*overridesOf) {
	w.out = append(w.out, '{')
	for i, about := range overrides {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(append(w.out, about.name...), ':')
		w.overrides(about)
	}
	w.out = append(w.out, '}')
}

// cleaner leaves out of a file's content what does not count. It does so to what
// is there now and to what was committed alike.
type cleaner struct {
	clock    *clock
	ignored  []string
	nullable []string // fields in which null says something
}

// file cleans the content of a file.
func (c cleaner) file(root *node) {
	for i := range root.items {
		m := &root.items[i]
		switch unquote(m.key) {
		case "portal", "server":
			c.object(m, changing...)
			c.login(m.member("auth_config_summary"))
			c.time(m.member("created_at"))
		case "tools", "prompts":
			for j := range m.items {
				c.entries(&m.items[j])
			}
		case "unnamed_tools", "unnamed_prompts":
			c.entries(m)
		case "waiting":
			for j := range m.items {
				byName := &m.items[j]
				for k := range byName.items {
					c.overrides(&byName.items[k])
				}
				byName.items = slices.DeleteFunc(byName.items, isEmpty)
			}
			m.items = slices.DeleteFunc(m.items, func(n node) bool { return len(n.items) == 0 })
		case "access":
			c.access(m)
		}
	}
	root.items = slices.DeleteFunc(root.items, func(n node) bool {
		switch n.kind {
		case '{', '[':
			// A list that is not known is null.
			return len(n.items) == 0
		}
		return false
	})
}

// entries cleans a tool or prompt, or those of one name, whose order is no
// difference.
func (c cleaner) entries(n *node) {
	if n.kind == '[' {
		for i := range n.items {
			c.entry(&n.items[i])
		}
		c.sortByText(n.items)
		return
	}
	c.entry(n)
}

func (c cleaner) entry(n *node) {
	if definition := n.member("definition"); definition != nil {
		c.object(definition)
	}
	if override := n.member("override"); override != nil {
		c.overrides(override)
		n.items = slices.DeleteFunc(n.items, func(m node) bool { return m.key == `"override"` && isEmpty(m) })
	}
}

// overrides cleans the override of a tool or prompt, or its overrides, and leaves
// out those that say nothing.
func (c cleaner) overrides(n *node) {
	if n.kind != '[' {
		c.override(n)
		return
	}
	for i := range n.items {
		c.override(&n.items[i])
	}
	n.items = slices.DeleteFunc(n.items, isEmpty)
	if len(n.items) == 1 {
		key := n.key
		*n = n.items[0]
		n.key = key
	}
}

func (c cleaner) override(n *node) {
	c.object(n)
	if len(n.items) == 1 && n.items[0].key == `"name"` {
		n.items = nil
	}
}

func isEmpty(n node) bool { return (n.kind == '{' || n.kind == '[') && len(n.items) == 0 }

// object cleans an object outside schemas: null, "", [] and absent are one, and
// fields that are ignored are left out.
func (c cleaner) object(n *node, without ...string) {
	if n.kind != '{' {
		return
	}
	kept := n.items[:0]
	for _, m := range n.items {
		name := m.key[1 : len(m.key)-1]
		if slices.Contains(without, name) || slices.Contains(c.ignored, name) {
			continue
		}
		switch name {
		case "inputSchema", "outputSchema":
			kept = append(kept, m) // as it is
			continue
		case "_meta":
			c.ignore(&m)
		default:
			c.value(&m)
		}
		if m.kind == 'n' && slices.Contains(c.nullable, name) || m.kind != 'n' && m.text != `""` && (m.kind != '[' || len(m.items) > 0) {
			kept = append(kept, m)
		}
	}
	n.items = kept
}

func (c cleaner) value(n *node) {
	if n.kind == '{' {
		c.object(n)
		return
	}
	for i := range n.items {
		c.value(&n.items[i])
	}
}

// ignore leaves out the fields that are ignored, and nothing else.
func (c cleaner) ignore(n *node) {
	if len(c.ignored) == 0 {
		return
	}
	if n.kind == '{' {
		n.items = slices.DeleteFunc(n.items, func(m node) bool { return slices.Contains(c.ignored, m.key[1:len(m.key)-1]) })
	}
	for i := range n.items {
		c.ignore(&n.items[i])
	}
}

// login puts in one order what has none: redirect URIs and scopes.
func (c cleaner) login(summary *node) {
	info := summary.member("registration_info")
	if uris := info.member("redirect_uris"); uris != nil && uris.kind == '[' {
		c.sortByText(uris.items)
	}
	if scope := info.member("scope"); scope != nil {
		if text, ok := scope.str(); ok {
			words := strings.Fields(text)
			slices.Sort(words)
			scope.text = quote(strings.Join(words, " "))
		}
	}
}

// time gives the two forms of a time that the API has one text.
func (c cleaner) time(n *node) {
	if text, ok := n.str(); ok {
		n.text = quote(*cloudflare.Timestamp(&text))
	}
}

// sortByText sorts nodes by their texts, each of which is made once.
func (c cleaner) sortByText(nodes []node) {
	if len(nodes) < 2 {
		return
	}
	if !slices.ContainsFunc(nodes, func(n node) bool { return n.kind != '"' }) {
		slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.text, b.text) })
		return
	}
	type item struct {
		text string
		node node
	}
	items := make([]item, len(nodes))
	for i, n := range nodes {
		items[i] = item{c.clock.flat(&nodes[i]), n}
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.text, b.text) })
	for i := range items {
		nodes[i] = items[i].node
	}
}
