package schemadiff_test

import (
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

// Whatever two schemas are, they are compared, and alike in both directions.
func FuzzCompare(f *testing.F) {
	for _, pair := range rewritings {
		f.Add(pair[0], pair[1])
	}
	for seed := range uint64(50) {
		m := newMaker(seed)
		before := m.root()
		f.Add(textOf(before), textOf(m.near(before)))
	}
	f.Add(`{"$ref":"#"}`, `{"$ref":"#/$ref"}`)
	f.Add(`{"enum":[1e-99999999999999999999,-0,0e5]}`, `{"minimum":-0.5e-1,"exclusiveMaximum":1e15}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		if jsontree.Invalid(before) >= 0 || jsontree.Invalid(after) >= 0 {
			t.Skip()
		}
		b, a := jsontree.Parse(before), jsontree.Parse(after)
		there, back := schemadiff.Compare(b, a), schemadiff.Compare(a, b)
		if (there.More == nil) != (back.Less == nil) || (there.Less == nil) != (back.More == nil) {
			t.Errorf("more one way is not less the other way: %+v, %+v", there, back)
		}
		if same := schemadiff.Compare(b, jsontree.Parse(before)); same.More != nil || same.Less != nil {
			t.Errorf("a schema accepts more or less than itself: %+v", same)
		}
	})
}
