package schemadiff

import (
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// draft is a version of JSON Schema: 6, 7, 2019 or 2020. Nothing is known of a schema in
// an older one, or in a dialect of somebody's own.
type draft int

const (
	unknownDraft draft = 0
	// unstated is the draft of a schema without $schema: 2020-12, with the keywords of
	// the drafts before it.
	unstated draft = 3000
	// unstatedOld is the same, but ignores what is beside $ref, as drafts up to 7 do.
	unstatedOld draft = 3001
)

// draftOf returns the draft that a schema is written in.
func draftOf(root *jsontree.Node) draft {
	n := root.Member("$schema")
	if n == nil || n.IsNull() {
		return unstated
	}
	uri, _ := n.Str()
	_, name, _ := strings.Cut(strings.TrimSuffix(uri, "#"), "://json-schema.org/")
	return map[string]draft{
		"draft-06/schema": 6, "draft-07/schema": 7,
		"draft/2019-09/schema": 2019, "draft/2020-12/schema": 2020,
	}[name]
}

// introduced are the drafts that introduced a keyword, where they are not older.
var introduced = map[string]draft{
	"if": 7, "then": 7, "else": 7,
	"dependentRequired": 2019, "dependentSchemas": 2019, "minContains": 2019, "maxContains": 2019,
	"unevaluatedProperties": 2019, "unevaluatedItems": 2019, "$recursiveRef": 2019,
	"prefixItems": 2020, "$dynamicRef": 2020,
}

// document is a schema as a whole.
type document struct {
	root  *jsontree.Node
	draft draft
	work  *work
	forms map[*jsontree.Node]*form
	nodes int
	// hasRefs is whether anything in it refers to anything.
	hasRefs bool
	// hasIDs is whether a schema within has an address of its own, so that what a
	// reference leads to depends on where it stands.
	hasIDs bool
	// siblings is whether anything was beside a $ref that was read.
	siblings bool
	// inPlace is how many schemas that apply to one value are being read.
	inPlace int
}

// work is what may still be done for a proof.
type work struct{ left int }

// spend reports whether there is enough left, and takes it.
func (w *work) spend(n int) bool {
	w.left -= n
	return w.left > 0
}

func newDocument(root *jsontree.Node, draft draft, work *work) *document {
	d := &document{root: root, draft: draft, work: work, forms: map[*jsontree.Node]*form{}}
	d.scan(root)
	return d
}

// scan looks for references and addresses. It takes any object for a schema, which is
// the safe side.
func (d *document) scan(n *jsontree.Node) {
	const workOfNode = 10
	d.nodes++
	d.work.left += workOfNode
	for i := range n.Items {
		m := &n.Items[i]
		switch m.Key {
		case `"$ref"`, `"$dynamicRef"`, `"$recursiveRef"`:
			d.hasRefs = true
		case `"$id"`:
			d.hasIDs = d.hasIDs || n != d.root && m.Kind == jsontree.String
		}
		d.scan(m)
	}
}

// resolve returns the node that a local reference leads to, and its path; nil if it
// leads nowhere. It is not certain where validators may disagree on where it leads.
func (d *document) resolve(ref string) (n *jsontree.Node, path jsontree.Path, certain bool) {
	pointer, isPointer := strings.CutPrefix(ref, "#/")
	switch {
	case d.hasIDs, strings.ContainsAny(ref, `%\`), ref == "":
		return nil, nil, false
	case ref == "#":
		return d.root, nil, true
	case !isPointer: // an anchor, or another document, unless it is this one's address
		return nil, nil, ref[0] != '#' && d.root.Member("$id") == nil
	}
	n = d.root
	for step := range strings.SplitSeq(pointer, "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch {
		case n.HasTwins():
			return nil, nil, false
		case n.IsObject():
			key := jsontree.Quote(step)
			n, path = n.Member(key[1:len(key)-1]), path.Fields(step)
		default:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Elements()) || step != strconv.Itoa(i) {
				return nil, nil, !n.IsList()
			}
			n, path = &n.Items[i], path.Then(jsontree.Step{Index: i})
		}
		if n == nil {
			return nil, nil, true
		}
	}
	return n, path, true
}

// whole returns a text that only an equal document has.
func (d *document) whole() string { return "\x00" + strconv.FormatUint(d.root.Hash(), 16) }

// textOf returns a text that two nodes have only if they are written alike, and mean
// the same where they stand.
func (d *document) textOf(n *jsontree.Node) string {
	text := strconv.Itoa(int(d.draft)) + " " + strconv.FormatUint(n.Hash(), 16)
	if d.hasRefs {
		text += d.whole()
	}
	return text
}
