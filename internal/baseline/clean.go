package baseline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// cleaner gives a file's content its one form: without what is not compared, without
// values that mean the same as none, and in one order where there is none. It does so
// to what is there now and to what was committed alike.
type cleaner struct {
	// ignored are fields, each with its object before it.
	ignored []string
}

// file cleans the content of a file.
func (c cleaner) file(root *jsontree.Node) {
	for i := range root.Items {
		switch m := &root.Items[i]; m.Key {
		case `"portal"`, `"server"`:
			c.object(m.Name(), m)
		case `"tools"`, `"prompts"`:
			for j := range m.Items {
				c.entries(&m.Items[j])
			}
		case `"unnamed_tools"`, `"unnamed_prompts"`:
			c.entries(m)
		case `"unmatched_overrides"`:
			for j := range m.Items {
				byName := &m.Items[j]
				for k := range byName.Items {
					c.overrides(&byName.Items[k])
				}
				byName.Items = slices.DeleteFunc(byName.Items, saysNothing)
			}
			m.Items = slices.DeleteFunc(m.Items, saysNothing)
		case `"access"`:
			c.access(m)
		}
	}
	// null stays: it is a list that is not known.
	root.Items = slices.DeleteFunc(root.Items, saysNothing)
}

func saysNothing(n jsontree.Node) bool {
	return (n.Kind == jsontree.Object || n.Kind == jsontree.List) && len(n.Items) == 0
}

// entries cleans a tool or prompt, or those of one name, which have no order.
func (c cleaner) entries(n *jsontree.Node) {
	if n.Kind == jsontree.List {
		for i := range n.Items {
			c.entry(&n.Items[i])
		}
		sortByContent(n.Items)
		return
	}
	c.entry(n)
}

func (c cleaner) entry(n *jsontree.Node) {
	for _, schema := range []string{"inputSchema", "outputSchema"} {
		sortSchema(n.At("definition", schema))
	}
	if override := n.Member("override"); override != nil {
		c.overrides(override)
		n.Items = slices.DeleteFunc(n.Items, func(m jsontree.Node) bool { return m.Key == `"override"` && saysNothing(m) })
	}
}

// sortSchema sorts the lists of a schema whose order says nothing: several frameworks
// write required in another order each time. What is a value, and no schema, stays.
func sortSchema(n *jsontree.Node) {
	if n == nil {
		return
	}
	for i := range n.Items {
		switch m := &n.Items[i]; m.Key {
		case `"const"`, `"enum"`, `"default"`, `"examples"`, `"example"`:
		case `"required"`, `"type"`:
			if m.IsList() && !slices.ContainsFunc(m.Items, func(e jsontree.Node) bool { return e.Kind != jsontree.String }) {
				sortByContent(m.Items)
				continue
			}
			sortSchema(m)
		default:
			sortSchema(m)
		}
	}
}

// overrides cleans the override of a tool or prompt, or its overrides. Of several, the
// first counts, even if it says nothing.
func (c cleaner) overrides(n *jsontree.Node) {
	if n.Kind != jsontree.List {
		c.override(n)
		return
	}
	for i := range n.Items {
		c.object("override", &n.Items[i])
	}
}

// override cleans an override, and empties one that says nothing.
func (c cleaner) override(n *jsontree.Node) {
	c.object("override", n)
	if len(n.Items) == 1 && n.Items[0].Key == `"name"` {
		n.Items = nil
	}
}

// object cleans an object of the table.
func (c cleaner) object(object string, n *jsontree.Node) {
	if n.Kind != jsontree.Object {
		return
	}
	kept := n.Items[:0]
	for i := range n.Items {
		m := n.Items[i]
		f, known := table[object][m.Name()]
		if f.left || c.ignores(object, m.Name()) {
			continue
		}
		switch {
		case !known:
			dropEmpty(&m)
		case f.object != "" && m.Kind == jsontree.List:
			for j := range m.Items {
				c.object(f.object, &m.Items[j])
			}
		case f.object != "":
			c.object(f.object, &m)
		}
		f.inOrder(&m)
		if m.Key == `"created_at"` { // the API writes times in two forms
			if text, ok := m.Str(); ok {
				m.Text = jsontree.Quote(*cloudflare.Timestamp(&text))
			}
		}
		switch {
		case m.Kind == jsontree.Null && f.nullable:
		case m.Kind == jsontree.Null, m.Text == `""`, m.Kind == jsontree.List && len(m.Items) == 0 && !f.nullable,
			!known && m.IsEmpty(), f.object != "" && saysNothing(m) && !f.nullable, f.same != "" && jsontree.Compact(&m) == f.same:
			continue
		}
		kept = append(kept, m)
	}
	n.Items = kept
}

func (c cleaner) ignores(object, name string) bool {
	return slices.ContainsFunc(c.ignored, func(ignored string) bool {
		in, field, _ := strings.Cut(ignored, ".")
		return field == name && slices.Contains(ignorable[in], object)
	})
}

// dropEmpty leaves out of a value that this provider does not know whatever is empty:
// Cloudflare gives switches that are off on some reads and leaves them out on others.
func dropEmpty(n *jsontree.Node) {
	for i := range n.Items {
		dropEmpty(&n.Items[i])
	}
	if n.Kind == jsontree.Object {
		n.Items = slices.DeleteFunc(n.Items, func(m jsontree.Node) bool { return m.IsEmpty() })
	}
}

// inOrder puts in one order what has none.
func (f field) inOrder(m *jsontree.Node) {
	text, isText := m.Str()
	switch {
	case f.order == unorderedList && m.Kind == jsontree.List:
		sortByContent(m.Items)
	case f.order == unorderedWords && isText:
		words := strings.Fields(text)
		slices.Sort(words)
		m.Text = jsontree.Quote(strings.Join(words, " "))
	}
}

// sortByContent sorts nodes by their JSON, which is written once for each.
func sortByContent(nodes []jsontree.Node) {
	if len(nodes) < 2 {
		return
	}
	type item struct {
		text string
		node jsontree.Node
	}
	items := make([]item, len(nodes))
	for i := range nodes {
		items[i] = item{jsontree.Compact(&nodes[i]), nodes[i]}
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.text, b.text) })
	for i := range items {
		nodes[i] = items[i].node
	}
}
