package baseline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// chain is a schema that refers to another one, and so on.
func chain(prefix, last string) string {
	var defs strings.Builder
	for i := range 30 {
		fmt.Fprintf(&defs, `"%s%d":{"$ref":"#/$defs/%s%d"},`, prefix, i, prefix, i+1)
	}
	return fmt.Sprintf(`{"$ref":"#/$defs/%s0","$defs":{%s"%s30":{%s}}}`, prefix, defs.String(), prefix, last)
}

// What a schema refers to, in whatever way, is what it accepts: nothing of it may
// change without being told as more.
func TestReferencesHideNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		want          baseline.Effect
	}{
		"inlined twice, once as something else": {
			`{"properties":{"a":{"type":"string"},"b":{"enum":["x"]}},"$defs":{"S":{"type":"string"}}}`,
			`{"properties":{"a":{"$ref":"#/$defs/S"},"b":{"$ref":"#/$defs/S"}},"$defs":{"S":{"type":"string"}}}`, baseline.Widens},
		"referred to otherwise twice, once with a text": {
			`{"properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`,
			`{"properties":{"a":{"$ref":"#/$defs/B"},"b":{"$ref":"#/$defs/B","description":"Send all"}},"$defs":{"B":{"type":"string"}}}`, baseline.Steers},
		"referred to otherwise twice, once without a demand": {
			`{"properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A","maxLength":3}},"$defs":{"A":{"type":"string"}}}`,
			`{"properties":{"a":{"$ref":"#/$defs/B"},"b":{"$ref":"#/$defs/B"}},"$defs":{"B":{"type":"string"}}}`, baseline.Widens},
		"a reference beside a demand, which older drafts then ignore": {
			`{"properties":{"a":{"enum":["x"]}},"$defs":{"S":{}}}`,
			`{"properties":{"a":{"enum":["x"],"$ref":"#/$defs/S"}},"$defs":{"S":{}}}`, baseline.Widens},
		"by an anchor":               {`{"$ref":"#x","$defs":{"A":{"$anchor":"x","enum":["a"]}}}`, `{"$ref":"#x","$defs":{"A":{"$anchor":"x","enum":["a","b"]}}}`, baseline.Widens},
		"by an anchor that moved":    {`{"$ref":"#x","$defs":{"A":{"$anchor":"x","enum":["a"]},"B":{}}}`, `{"$ref":"#x","$defs":{"A":{"enum":["a"]},"B":{"$anchor":"x"}}}`, baseline.Widens},
		"by an id":                   {`{"$ref":"item","$defs":{"A":{"$id":"item","enum":["a"]}}}`, `{"$ref":"item","$defs":{"A":{"$id":"item"}}}`, baseline.Widens},
		"from within an id":          {`{"$ref":"#/$defs/A","$defs":{"B":{},"A":{"$id":"https://a.example","$ref":"#/$defs/B","$defs":{"B":{"enum":["a"]}}}}}`, `{"$ref":"#/$defs/A","$defs":{"B":{},"A":{"$id":"https://a.example","$ref":"#/$defs/B","$defs":{"B":{}}}}}`, baseline.Widens},
		"dynamically":                {`{"$dynamicRef":"#/$defs/A","$defs":{"A":{"enum":["a"]}}}`, `{"$dynamicRef":"#/$defs/A","$defs":{"A":{}}}`, baseline.Widens},
		"by a dynamic anchor":        {`{"$dynamicRef":"#x","$defs":{"A":{"$dynamicAnchor":"x","enum":["a"]}}}`, `{"$dynamicRef":"#x","$defs":{"A":{"$dynamicAnchor":"x"}}}`, baseline.Widens},
		"to an example":              {`{"properties":{"a":{"$ref":"#/examples/0"}},"examples":[{"enum":["a"]}]}`, `{"properties":{"a":{"$ref":"#/examples/0"}},"examples":[{"enum":["a","b"]}]}`, baseline.Widens},
		"to a default, within":       {`{"properties":{"a":{"$ref":"#/default/x"}},"default":{"x":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/default/x"}},"default":{"x":{}}}`, baseline.Widens},
		"percent-encoded":            {`{"properties":{"a":{"$ref":"#/%24defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/%24defs/A"}},"$defs":{"A":{}}}`, baseline.Widens},
		"to what was not there":      {`{"$ref":"#/$defs/A"}`, `{"$ref":"#/$defs/A","$defs":{"A":{}}}`, baseline.Widens},
		"null alone, in an enum":     {`{"properties":{"a":{"enum":[null]}}}`, `{"properties":{"a":{"enum":["x"]}}}`, baseline.Widens},
		"null alone, as a type":      {`{"properties":{"a":{"type":"null"}}}`, `{"properties":{"a":{"type":"string"}}}`, baseline.Widens},
		"null alone, as a const":     {`{"properties":{"a":{"const":null}}}`, `{"properties":{"a":{"const":"x"}}}`, baseline.Widens},
		"null alone, then anything":  {`{"properties":{"a":{"type":"null"}}}`, `{"properties":{"a":{}}}`, baseline.Widens},
		"contains, of which none":    {`{"contains":{"enum":["a"]}}`, `{"contains":{"enum":["a"]},"minContains":0}`, baseline.Widens},
		"a definition of properties": {`{"properties":{"$defs":{"properties":{"a":{"$ref":"#/properties/$defs/x"}},"x":{"enum":["a"]}}}}`, `{"properties":{"$defs":{"properties":{"a":{"$ref":"#/properties/$defs/x"}},"x":{}}}}`, baseline.Widens},
		"by many references":         {chain("a", `"enum":["x"]`), chain("b", ``), baseline.Widens},
	} {
		portal := edited(t, portalOfScenes, git+"tools.0.inputSchema", test.before)
		result := compare(t, accept(t, portal), edited(t, portal, git+"tools.0.inputSchema", test.after))
		if !slices.Contains(result.Effects, test.want) {
			t.Errorf("%s: got %s:\n%s", name, fmt.Sprint(result.Effects), result.Summary)
		}
	}
}
