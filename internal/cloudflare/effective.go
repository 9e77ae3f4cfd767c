package cloudflare

import (
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// EffectiveTool is a tool as the configuration of a portal exposes it to MCP clients.
type EffectiveTool struct {
	// Name is the name under which it is exposed: {server_id}_{name}.
	// Nil if the tool, or its server's id, has none; it cannot be exposed then.
	Name *string
	// ServerID is the id of the server that the tool belongs to.
	ServerID *string
	// OriginalName is the tool's own name.
	OriginalName *string
	// Description is the description that it is exposed with.
	Description *string
	// Enabled is whether it is exposed at all.
	Enabled bool
	// ReadOnlyHint and DestructiveHint are what the server claims of the tool
	// (Model Context Protocol, "ToolAnnotations"); nil if it claims nothing.
	ReadOnlyHint, DestructiveHint *bool
}

// EffectivePrompt is a prompt as the configuration of a portal exposes it. Its fields
// are those of [EffectiveTool].
type EffectivePrompt struct {
	Name         *string
	ServerID     *string
	OriginalName *string
	Description  *string
	Enabled      bool
}

// EffectiveTools returns every tool behind the portal, server by server and tool
// by tool in the API's order, those that are off as well. It is never nil.
//
// Source of the rules: Cloudflare's documentation of MCP server portals. An
// entry of updated_tools that names no synchronised tool exposes nothing. Which of
// several entries about one tool counts is documented nowhere. The first gives
// alias and description; the tool is on if any of them leaves it on, so that
// nothing reads as safer than it is.
func (p *Portal) EffectiveTools() []EffectiveTool {
	n := 0
	for i := range p.Servers {
		n += len(p.Servers[i].Tools)
	}
	list := make([]EffectiveTool, 0, n)
	for i := range p.Servers {
		server := &p.Servers[i]
		overrides := overridesByName(server.UpdatedTools)
		for j := range server.Tools {
			tool := &server.Tools[j]
			e := server.effective(tool.Name, tool.Description, overrides[tool.ReceivedName()])
			exposed := EffectiveTool{e.Name, e.ServerID, e.OriginalName, e.Description, e.Enabled, nil, nil}
			if hints := tool.Annotations; hints != nil {
				exposed.ReadOnlyHint, exposed.DestructiveHint = hints.ReadOnlyHint, hints.DestructiveHint
			}
			list = append(list, exposed)
		}
	}
	return list
}

// EffectivePrompts returns every prompt behind the portal, as
// [Portal.EffectiveTools] returns tools.
func (p *Portal) EffectivePrompts() []EffectivePrompt {
	list := []EffectivePrompt{}
	for i := range p.Servers {
		server := &p.Servers[i]
		overrides := overridesByName(server.UpdatedPrompts)
		for j := range server.Prompts {
			prompt := &server.Prompts[j]
			list = append(list, server.effective(prompt.Name, prompt.Description, overrides[prompt.ReceivedName()]))
		}
	}
	return list
}

// overridesByName returns the overrides of each name, in the API's order.
func overridesByName(overrides []Override) map[string][]*Override {
	byName := make(map[string][]*Override, len(overrides))
	for i := range overrides {
		o := &overrides[i]
		if name := o.ReceivedName(); name != "" {
			byName[name] = append(byName[name], o)
		}
	}
	return byName
}

// ReceivedName returns the name of the tool or prompt that the override is about,
// as it was received: an override is for the tool or prompt whose ReceivedName is
// the same. Name may have U+FFFD for what cannot be held, and two names may become
// one there. "" if there is none.
func (o *Override) ReceivedName() string { return receivedName(o.Name, o.Extra) }

// ReceivedName returns the tool's name as it was received, by which overrides
// name it: see [Override.ReceivedName].
func (t *Tool) ReceivedName() string { return receivedName(t.Name, t.Extra) }

// ReceivedName returns the prompt's name as it was received, by which overrides
// name it: see [Override.ReceivedName].
func (p *Prompt) ReceivedName() string { return receivedName(p.Name, p.Extra) }

func receivedName(name *string, extra wirejson.Extra) string {
	if received, ok := extra["name"]; ok && name != nil {
		return received
	}
	return deref(name)
}

// effective applies the overrides of a tool or prompt, which may be none, to it:
// tools and prompts share one set of rules.
func (s *PortalServer) effective(name, description *string, overrides []*Override) EffectivePrompt {
	e := EffectivePrompt{
		ServerID:     s.Identity(),
		OriginalName: name,
		Description:  description,
	}
	if deref(name) == "" {
		return e // nothing to call it by
	}
	if len(overrides) == 0 {
		overrides = []*Override{{}}
	}
	e.Enabled = slices.ContainsFunc(overrides, func(o *Override) bool { return o.Enables(s.DefaultDisabled) })
	first := overrides[0]
	e.Description = firstSet(first.PortalDescription, first.ServerDescription, first.Description, description)
	if deref(e.ServerID) == "" {
		e.Enabled = false // no name to expose it under
		return e
	}
	e.Name = new(*e.ServerID + "_" + *firstSet(first.PortalAlias, first.ServerAlias, first.Alias, name))
	return e
}

// OverrideDescriptions are the fields of an [Override] that replace the description of
// a tool or prompt, by their names in the API: the first counts that is set and not "".
var OverrideDescriptions = []string{"portal_description", "server_description", "description"}

// Enables returns whether the override, if it were the only one, would leave on
// what it is for. Everything is on, unless it is turned off; on a server with
// default_disabled nothing is, unless it is turned on.
func (o *Override) Enables(defaultDisabled *bool) bool {
	if o.Enabled != nil {
		return *o.Enabled
	}
	return defaultDisabled == nil || !*defaultDisabled
}

// firstSet returns the first that is neither nil nor "". If there is none, it
// returns the last, so that "" stays apart from nil.
func firstSet(texts ...*string) *string {
	for _, text := range texts {
		if text != nil && *text != "" {
			return text
		}
	}
	return texts[len(texts)-1]
}
