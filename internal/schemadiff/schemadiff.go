// Package schemadiff compares two JSON Schemas: may the second accept something that
// the first rejects, and the reverse. It answers no only with a proof.
//
// A schema is read as what an agent is offered by the input schema of a tool:
//
//   - The root is an object.
//   - An object has the properties that its schema names, in place: in properties or
//     required, in what $ref leads to, or in a branch. It has others only where
//     additionalProperties, patternProperties or unevaluatedProperties is given and
//     not false, or where the schema restricts no type and names nothing.
//     additionalProperties: false accepts less than its absence.
//   - Null is no value: accepting it, or not, makes no difference.
//
// Each schema is first turned into its normal form, the demands that it makes of a
// value: normal.go, with values.go and refs.go. Whatever a accepts is accepted by b if
// each demand of b follows from one of a: compare.go. What has no direction, such as a
// pattern, follows from the same demand alone.
//
// It knows JSON Schema alone: nothing of tools, of portals or of Terraform. Source of
// the keywords: JSON Schema, drafts 6 to 2020-12.
package schemadiff

import (
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// Result is what two schemas accept, compared.
type Result struct {
	// More are the places at which the second schema may accept something that the
	// first rejects: paths in either schema, of which the empty one is all of it. If
	// it is nil, it is proven that the second accepts nothing more.
	More []jsontree.Path
	// Less is the reverse: where the first may accept something that the second rejects.
	Less []jsontree.Path
}

// Compare compares two sealed schemas, of which either may be nil (no schema) or
// malformed: then nothing is known of it but that it equals itself.
//
// Its work is in proportion to the schemas, of which it takes 50,000 values at the most.
// Where a proof would take more, there is none.
func Compare(before, after *jsontree.Node) Result {
	if jsontree.Equal(before, after) {
		return Result{}
	}
	return Result{More: gaps(after, before), Less: gaps(before, after)}
}

// gaps returns the places at which it is not proven that b accepts whatever a does, or
// nil. Each direction is proven by itself, so that neither takes work from the other.
func gaps(a, b *jsontree.Node) []jsontree.Path {
	if a == nil || b == nil {
		return []jsontree.Path{{}}
	}
	w := &work{minWork}
	docA, docB := newDocument(a, draftOf(a), w), newDocument(b, draftOf(b), w)
	if docA.nodes+docB.nodes > maxNodes {
		return []jsontree.Path{{}}
	}
	paths := prove(docA, docB, w)
	// Without $schema, it is not known whether a validator ignores what is beside $ref:
	// the proof must hold either way.
	isOpen := func(d *document) bool { return d.siblings && d.draft == unstated }
	if isOpen(docA) || isOpen(docB) {
		old := func(d *document) *document {
			if d.draft == unstated {
				return newDocument(d.root, unstatedOld, w)
			}
			return newDocument(d.root, d.draft, w)
		}
		paths = append(paths, prove(old(docA), old(docB), w)...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(paths, func(p jsontree.Path) bool {
		text := p.String()
		isSeen := seen[text]
		seen[text] = true
		return isSeen
	})
}
