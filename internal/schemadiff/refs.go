package schemadiff

import (
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// draft is a version of JSON Schema: 4, 6, 7, 2019 or 2020.
type draft int

const (
	unknownDraft draft = 0
	// unstated is the draft of a schema without $schema: 2020-12, with the keywords of
	// the drafts before it.
	unstated draft = 3000
	// unstatedOld is the same, but ignores what stands beside $ref, as old drafts do.
	unstatedOld draft = 3001
)

// draftOf returns the draft that a schema is written in.
func draftOf(root *jsontree.Node) draft {
	n := root.Member("$schema")
	if n == nil || n.IsNull() {
		return unstated
	}
	uri, _ := n.Str()
	_, uri, _ = strings.Cut(strings.TrimSuffix(uri, "#"), "://json-schema.org/")
	return map[string]draft{
		"draft-04/schema": 4, "draft-06/schema": 6, "draft-07/schema": 7,
		"draft/2019-09/schema": 2019, "draft/2020-12/schema": 2020,
	}[uri]
}

// ignoresBesideRef reports whether a schema with $ref is nothing but that.
func (d draft) ignoresBesideRef() bool { return d <= 7 || d == unstatedOld }

// introduced are the drafts that introduced a keyword, where it is not draft 4.
var introduced = map[string]draft{
	"const": 6, "contains": 6, "propertyNames": 6,
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
	// hasRefs is whether anything in it refers to anything.
	hasRefs bool
	// hasIDs is whether what a reference leads to may depend on where it stands, or on
	// an address, because a schema within has one of its own.
	hasIDs bool
	// siblings is whether a demand stood beside a $ref that was read.
	siblings bool
	// inPlace is how many schemas are being read that apply to the same value.
	inPlace int
}

func newDocument(root *jsontree.Node, draft draft, work *work) *document {
	d := &document{root: root, draft: draft, work: work, forms: map[*jsontree.Node]*form{}}
	d.scan(root)
	return d
}

// scan looks through the document for references and addresses. It takes any object
// for a schema, which is the safe side.
func (d *document) scan(n *jsontree.Node) {
	d.work.left += 10
	for i := range n.Items {
		m := &n.Items[i]
		switch m.Key {
		case `"$ref"`, `"$dynamicRef"`, `"$recursiveRef"`:
			d.hasRefs = true
		case `"$id"`, `"id"`:
			isID := m.Kind == jsontree.String && (m.Key == `"$id"` || d.draft == 4)
			d.hasIDs = d.hasIDs || isID && n != d.root
		}
		d.scan(m)
	}
}

// place is where a node stands in a document: a step from the place of what it is in.
type place struct {
	up   *place
	step jsontree.Step
}

func (p *place) then(names ...string) *place {
	for _, name := range names {
		p = &place{p, jsontree.Field(name)}
	}
	return p
}

func (p *place) at(index int) *place { return &place{p, jsontree.Step{Index: index}} }

func (p *place) path() jsontree.Path {
	if p == nil {
		return jsontree.Path{}
	}
	return append(p.up.path(), p.step)
}

// unescapePointer undoes the escapes of a JSON Pointer.
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// resolve returns the node that a local reference leads to, and its place; nil if it
// leads nowhere. It is not certain where it cannot be told what a validator takes it
// to lead to.
func (d *document) resolve(ref string) (n *jsontree.Node, at *place, certain bool) {
	hasID := d.root.Member("$id") != nil || d.root.Member("id") != nil
	pointer, isPointer := strings.CutPrefix(ref, "#/")
	switch {
	case d.hasIDs, strings.ContainsAny(ref, `%\`), ref == "":
		return nil, nil, false
	case ref == "#":
		return d.root, nil, true
	case !isPointer:
		return nil, nil, ref[0] != '#' && !hasID
	}
	n = d.root
	for step := range strings.SplitSeq(pointer, "/") {
		step = unescapePointer.Replace(step)
		switch {
		case n.HasTwins():
			return nil, nil, false
		case n.IsObject():
			quoted := jsontree.Quote(step)
			n, at = n.Member(quoted[1:len(quoted)-1]), at.then(step)
		default:
			index, err := strconv.Atoi(step)
			if err != nil || index < 0 || index >= len(n.Elements()) || step != strconv.Itoa(index) {
				return nil, nil, !n.IsList()
			}
			n, at = &n.Items[index], at.at(index)
		}
		if n == nil {
			return nil, nil, true
		}
	}
	return n, at, true
}
