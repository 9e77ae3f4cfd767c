package baseline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// A file holds the API's own JSON, with its names and in its places, whether a wire
// type has a field or not: a field that one gets changes no file. What is there now is
// written as JSON text here, then parsed and cleaned as a committed file is, so that
// both are compared in the same form.

// format stands in each file.
const format = "mcp-portal-baseline/1"

// The names of files in the folder.
const (
	portalFile   = "portal.json"
	accessFile   = "access.json"
	serverFolder = "servers/"
)

// serverFile returns the name of a server's file. Whatever some file system cannot
// hold, or cannot tell from another, is percent-encoded.
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
	w.out = append(w.out[:0], `{"format":"`+format+`","portal_id":`...)
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

// server writes the file of a server. tools and prompts are what clients are given of
// the server's own, in the same order; known is whether the API tells them.
func (w *writer) server(s *cloudflare.PortalServer, tools []cloudflare.EffectiveTool, prompts []cloudflare.EffectivePrompt, known [2]bool) string {
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
	unmatchedTools := w.features("tools", known[0], offered, s.UpdatedTools, s.Extra["tools"])
	offered = make([]feature, len(s.Prompts))
	for i := range s.Prompts {
		p := &s.Prompts[i]
		offered[i] = feature{p.ReceivedName(), nameOf(p.Name, p.Extra), p, prompts[i].Enabled, prompts[i].Name}
	}
	unmatchedPrompts := w.features("prompts", known[1], offered, s.UpdatedPrompts, s.Extra["prompts"])
	w.out = append(w.out, `,"unmatched_overrides":{"tools":`...)
	w.unmatched(unmatchedTools)
	w.out = append(w.out, `,"prompts":`...)
	w.unmatched(unmatchedPrompts)
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
	return jsontree.Quote(*name)
}

// overridesOf is the overrides of one name, in the API's order.
type overridesOf struct {
	name    string // a JSON string
	entries []*cloudflare.Override
	used    bool
}

// features writes a server's tools, or prompts, and returns the overrides of what it
// does not have. received is the list as it was received, if something in it is no object.
func (w *writer) features(list string, known bool, offered []feature, overrides []cloudflare.Override, received string) []*overridesOf {
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
		w.strays(received)
	}
	return slices.DeleteFunc(inOrder, func(about *overridesOf) bool { return about.used })
}

// strays adds an entry for each element of a list of tools, or prompts, that is no
// object, such as null, to the list of those without a name that was just written.
func (w *writer) strays(received string) {
	if received == "" {
		return
	}
	for _, element := range jsontree.Parse(received).Elements() {
		if element.IsObject() {
			continue
		}
		w.out = w.out[:len(w.out)-1] // the bracket
		if w.out[len(w.out)-1] != '[' {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, `{"definition":`...)
		w.out = append(jsontree.AppendCompact(w.out, &element), `,"enabled":false}]`...)
	}
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

func (w *writer) unmatched(overrides []*overridesOf) {
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
