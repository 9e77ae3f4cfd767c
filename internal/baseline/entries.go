package baseline

import (
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// entriesIn returns the tools, or prompts, of a file in the order of their names,
// those without a name last.
func entriesIn(root *jsontree.Node, k *kind) []*entry {
	var all []*entry
	add := func(name string, n *jsontree.Node) {
		if n.Kind != jsontree.List {
			all = append(all, newEntry(k, name, n))
			return
		}
		for i := range n.Items {
			all = append(all, newEntry(k, name, &n.Items[i]))
		}
	}
	members := root.Member(k.list).Members()
	for i := range members {
		add(members[i].Name(), &members[i])
	}
	if unnamed := root.Member("unnamed_" + k.list); unnamed != nil {
		add("", unnamed)
	}
	return all
}

func newEntry(k *kind, name string, n *jsontree.Node) *entry {
	e := &entry{kind: k, name: name, node: n, definition: n.Member("definition"), enabled: n.Member("enabled").IsTrue()}
	e.exposedAs, _ = n.Member("exposed_as").Str()
	e.description = e.definition.Member("description")
	e.describedBy = jsontree.Path{}.Fields("definition", "description")
	overrides := overridesIn(n.Member("override"))
	if len(overrides) == 0 {
		return e
	}
	for _, field := range cloudflare.OverrideDescriptions {
		if text, ok := overrides[0].Member(field).Str(); ok && text != "" {
			e.description = overrides[0].Member(field)
			e.describedBy = jsontree.Path{}.Fields("override", field)
			break
		}
	}
	return e
}

// overridesIn returns the overrides of a tool or prompt, in the API's order.
func overridesIn(n *jsontree.Node) []*jsontree.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind != jsontree.List:
		return []*jsontree.Node{n}
	}
	all := make([]*jsontree.Node, len(n.Items))
	for i := range n.Items {
		all[i] = &n.Items[i]
	}
	return all
}

// enables reports whether an override, or one of several, turns something on.
func enables(n *jsontree.Node) bool {
	return slices.ContainsFunc(overridesIn(n), func(o *jsontree.Node) bool { return o.Member("enabled").IsTrue() })
}

// contradict reports whether the overrides of a tool or prompt disagree on whether it
// is on.
func contradict(e *entry, server *jsontree.Node) bool {
	defaultDisabled := server.Member("default_disabled").IsTrue()
	turns := [2]bool{}
	for _, o := range overridesIn(e.node.Member("override")) {
		var wire cloudflare.Override
		if enabled := o.Member("enabled"); enabled != nil {
			on := enabled.IsTrue()
			wire.Enabled = &on
		}
		if wire.Enables(&defaultDisabled) {
			turns[1] = true
		} else {
			turns[0] = true
		}
	}
	return turns[0] && turns[1]
}
