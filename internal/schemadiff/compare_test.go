package schemadiff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

func parse(t *testing.T, text string) *jsontree.Node {
	t.Helper()
	if text == "" {
		return nil
	}
	if at := jsontree.Invalid(text); at >= 0 {
		t.Fatalf("not JSON at %d: %.200s", at, text)
	}
	return jsontree.Parse(text)
}

// outcome says what was found, such as "more properties.a, less required".
func outcome(result schemadiff.Result) string {
	var all []string
	for _, path := range result.More {
		all = append(all, "more "+path.String())
	}
	for _, path := range result.Less {
		all = append(all, "less "+path.String())
	}
	return strings.Join(all, ", ")
}

// What the second schema accepts more or less, and where.
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, before, after, want string }{
		{"argument came", `{"properties":{}}`, `{"properties":{"a":{}}}`, "more properties.a"},
		{"argument called like a keyword", `{"properties":{"description":{}}}`, `{"properties":{"description":{"type":"string"}}}`, "less properties.description.type"},
		{"argument refused", `{"properties":{"a":{}}}`, `{"properties":{"a":false}}`, "less properties.a"},
		{"argument named by required alone", `{"properties":{}}`, `{"properties":{},"required":["a"]}`, "more required, less required"},
		{"argument in an alternative", `{"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"anyOf":[{"required":["a"]},{"required":["b"],"properties":{"c":{}}}]}`, "more anyOf[1].properties.c"},
		{"argument under a condition", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"if":{"required":["a"]},"then":{"properties":{"b":{}}}}`, "more then.properties.b, less if"},
		{"required came", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"required":["a"]}`, "less required"},
		{"required in an allOf", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"allOf":[{"required":["a"]}]}`, "less allOf[0].required"},
		{"others allowed", `{"properties":{"a":{}},"additionalProperties":false}`, `{"properties":{"a":{}}}`, "more additionalProperties"},
		{"others explicitly allowed", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"additionalProperties":true}`, "more additionalProperties"},
		{"others of one type", `{"additionalProperties":{"type":"string"}}`, `{"additionalProperties":true}`, "more additionalProperties.type"},
		{"others by a pattern", `{"properties":{"a":{}}}`, `{"properties":{"a":{}},"patternProperties":{"^x":{"type":"string"}}}`, `more patternProperties["^x"], less patternProperties`},
		{"the root is an object", `{"type":"object"}`, `{}`, ""},
		{"no schema any more", `{"type":"object"}`, ``, "more , less "},
		{"no object", `{"type":"object"}`, `"object"`, "more , less "},
		{"accepts nothing", `{"properties":{"a":{}}}`, `false`, "less "},
		{"inlined", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"properties":{"a":{"type":"string"}}}`, ""},
		{"definition renamed", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"properties":{"a":{"$ref":"#/definitions/B"}},"definitions":{"B":{"type":"string"}}}`, ""},
		{"another definition", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]},"B":{"enum":["a","b"]}}}`, `{"properties":{"a":{"$ref":"#/$defs/B"}},"$defs":{"A":{"enum":["a"]},"B":{"enum":["a","b"]}}}`, "more $defs.B.enum, more $defs.A.enum, more properties.a.$ref"},
		{"definition", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a","b"]}}}`, "more $defs.A.enum, more properties.a.$ref"},
		{"definition that nobody refers to", `{"$defs":{"A":{"enum":["a"]}}}`, `{"$defs":{"A":{"enum":["a","b"]}}}`, ""},
		{"recursion", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"next":{"$ref":"#/$defs/A"}}}}}`, `{"properties":{"a":{"$ref":"#/$defs/B"}},"$defs":{"B":{"properties":{"next":{"properties":{"next":{"$ref":"#/$defs/B"}}}}}}}`, ""},
		{"recursion, more within", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"next":{"$ref":"#/$defs/A"},"x":{"enum":[1]}}}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"next":{"$ref":"#/$defs/A"},"x":{"enum":[1,2]}}}}}`, "more $defs.A.properties.x.enum, more $defs.A.properties.next.$ref, more properties.a.$ref"},
		{"draft, of which nothing differs", `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"type":"string"}}}`, `{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"type":"string"}}}`, ""},
		{"addresses", `{"$id":"https://a.example"}`, `{"$id":"https://b.example"}`, ""},
		{"external, the same", `{"properties":{"a":{"$ref":"https://a.example/a"}}}`, `{"properties":{"a":{"$ref":"https://a.example/a"},"b":{}}}`, "more properties.b"},
	} {
		result := schemadiff.Compare(parse(t, test.before), parse(t, test.after))
		if got := outcome(result); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// The same of an argument's schema.
func TestCompareArgument(t *testing.T) {
	t.Parallel()
	const in = `{"type":"object","properties":{"a":%s}}`
	for _, test := range []struct{ name, before, after, want string }{
		{"type smaller", `{"type":["string","number"]}`, `{"type":"string"}`, "less type"},
		{"type larger", `{"type":"integer"}`, `{"type":"number"}`, "more type"},
		{"type another", `{"type":"string"}`, `{"type":"array"}`, "more type, less type"},
		{"type came", `{}`, `{"type":"string"}`, "less type"},
		{"any object", `{"type":"object"}`, `{}`, "more , more type"},
		{"null accepted", `{"type":"string"}`, `{"type":["string","null"]}`, ""},
		{"null accepted, by an alternative", `{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, ""},
		{"null accepted, by an enum", `{"enum":["a"]}`, `{"enum":["a",null]}`, ""},
		{"null alone, then a constant", `{"type":"null"}`, `{"const":"x"}`, "more const, more type"},
		{"null alone, as a constant", `{"const":null}`, `{"enum":["x"]}`, "more enum, more const"},
		{"constant came", `{"const":"a"}`, `{"enum":["a","b"]}`, "more enum, more const"},
		{"constants went", `{"enum":["a","b"]}`, `{"enum":["b"]}`, "less enum"},
		{"constants came", `{"type":"string"}`, `{"type":"string","enum":["b"]}`, "less type, less enum"},
		{"constant of a type", `{"enum":[1,"a"]}`, `{"type":["integer","string"]}`, "more type, more enum"},
		{"constant of another spelling", `{"enum":[100]}`, `{"enum":[1e2]}`, ""},
		{"object as a constant", `{"enum":[{"a":1,"b":2}]}`, `{"enum":[{"b":2.0,"a":1}]}`, ""},
		{"bound came", `{"type":"number"}`, `{"type":"number","maximum":5}`, "less maximum"},
		{"bound tighter", `{"type":"number","maximum":50}`, `{"type":"number","maximum":5}`, "less maximum"},
		{"bound from below tighter", `{"type":"number","minimum":-2}`, `{"type":"number","minimum":-1.5}`, "less minimum"},
		{"bound wider", `{"type":"number","exclusiveMinimum":1}`, `{"type":"number","minimum":1}`, "more exclusiveMinimum"},
		{"bound of what it cannot be", `{"type":"string","maximum":5}`, `{"type":"string"}`, ""},
		{"bound by value", `{"type":"number","maximum":0.05e2}`, `{"type":"number","maximum":5.0}`, ""},
		{"bound beyond a float", `{"type":"number","maximum":1e400}`, `{"type":"number","maximum":1e401}`, "more maximum"},
		{"bound beyond reason", `{"type":"number","maximum":1e400}`, `{"type":"number","maximum":1e1000000}`, "more maximum, less maximum"},
		{"count wider", `{"type":"array","maxItems":5}`, `{"type":"array","maxItems":6}`, "more maxItems"},
		{"pattern came", `{"type":"string"}`, `{"type":"string","pattern":"^a"}`, "less pattern"},
		{"pattern went", `{"type":"string","pattern":"^a"}`, `{"type":"string"}`, "more pattern"},
		{"pattern another", `{"type":"string","pattern":"^a"}`, `{"type":"string","pattern":"."}`, "more pattern, less pattern"},
		{"not came", `{"type":"string"}`, `{"type":"string","not":{"const":"a"}}`, "less not"},
		{"elements", `{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":["string","number"]}}`, "more items.type"},
		{"elements of a tuple", `{"prefixItems":[{"type":"string"},{"const":1}],"items":false}`, `{"prefixItems":[{"type":"string"},{"const":2}],"items":false}`, "more prefixItems[1].const, less prefixItems[1].const"},
		{"tuple longer", `{"prefixItems":[{"type":"string"}],"items":false}`, `{"prefixItems":[{"type":"string"},{"type":"string"}],"items":false}`, "more prefixItems[1].type, more items"},
		{"elements, now of a tuple", `{"type":"array","items":{"type":"string"}}`, `{"type":"array","prefixItems":[{"type":"string"}],"items":{"const":"a"}}`, "less items.type, less items.const"},
		{"alternative went", `{"anyOf":[{"type":"string","minLength":1},{"type":"number"},{"type":"array"}]}`, `{"anyOf":[{"type":"array"},{"type":"string","minLength":1}]}`, "less anyOf, less anyOf[1].type"},
		{"alternative came", `{"anyOf":[{"type":"string","minLength":1},{"type":"number"}]}`, `{"anyOf":[{"type":"number"},{"type":"array"},{"type":"string","minLength":2}]}`, "more anyOf, more anyOf[1].type, less anyOf[0].type"},
		{"alternative wider", `{"anyOf":[{"type":"string","minLength":2},{"type":"number"}]}`, `{"anyOf":[{"type":"string","minLength":1},{"type":"number"}]}`, "more anyOf[0].minLength"},
		{"alternatives with a demand on all", `{"minLength":1,"anyOf":[{"type":"string"},{"type":"number"}]}`, `{"anyOf":[{"type":"string","minLength":1},{"type":"number"}]}`, ""},
		{"an object, by alternatives", `{"properties":{"k":{"enum":["a","b"]}},"required":["k"],"type":"object"}`, `{"anyOf":[{"properties":{"k":{"const":"a"}},"required":["k"],"type":"object"},{"properties":{"k":{"const":"c"}},"required":["k"],"type":"object"}]}`, "more properties.k.enum, less anyOf"},
		{"exactly one, of what is disjoint", `{"oneOf":[{"type":"string","minLength":1},{"type":"number"}]}`, `{"oneOf":[{"type":"string","minLength":1},{"type":"number"},{"type":"boolean"}]}`, "more oneOf, more oneOf[2]"},
		{"a condition without a consequence", `{"type":"string"}`, `{"type":"string","if":{"minLength":1}}`, ""},
		{"a consequence without a condition", `{"type":"object"}`, `{"type":"object","then":{"properties":{"a":{}}}}`, ""},
		{"format went", `{"type":"string","format":"email"}`, `{"type":"string"}`, "more format"},
		{"a keyword nobody knows", `{"type":"string"}`, `{"type":"string","x-do":"Send all","description":"D","default":"x"}`, ""},
		{"a key twice", `{"type":"string"}`, `{"type":"string","type":"number"}`, "more , less "},
		{"malformed", `{"type":"string"}`, `{"type":"text"}`, "more , less "},
		{"malformed, both alike", `{"type":"text","x":1}`, `{"x":1,"type":"text"}`, ""},
	} {
		result := schemadiff.Compare(parse(t, fmt.Sprintf(in, test.before)), parse(t, fmt.Sprintf(in, test.after)))
		got := strings.NewReplacer("properties.a.properties", "properties", "properties.a.", "", "properties.a", "").Replace(outcome(result))
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Whatever widens in a way that is easily overlooked.
func TestMoreIsNotMissed(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"argument gone where others are admitted":    {`{"properties":{"a":{"type":"string"}},"additionalProperties":true}`, `{"additionalProperties":true}`},
		"argument gone where others are of a type":   {`{"properties":{"a":{"type":"string"}},"additionalProperties":{"type":"number"}}`, `{"additionalProperties":{"type":"number"}}`},
		"argument gone where a branch admits others": {`{"properties":{"a":{"const":1}},"anyOf":[{"additionalProperties":{}},{"type":"null"}]}`, `{"properties":{},"anyOf":[{"additionalProperties":{}},{"type":"null"}]}`},
		"argument gone where a pattern admits it":    {`{"properties":{"a":{"const":1}},"patternProperties":{"^a":true}}`, `{"patternProperties":{"^a":true}}`},
		"not, of less":                                          {`{"properties":{"a":{"not":{"enum":["x","y"]}}}}`, `{"properties":{"a":{"not":{"enum":["x"]}}}}`},
		"not, of a reference to less":                           {`{"properties":{"a":{"not":{"$ref":"#/$defs/N"}}},"$defs":{"N":{"enum":[1,2]}}}`, `{"properties":{"a":{"not":{"$ref":"#/$defs/N"}}},"$defs":{"N":{"enum":[1]}}}`},
		"not, of a chain of references":                         {`{"properties":{"a":{"not":{"$ref":"#/$defs/M"}}},"$defs":{"M":{"items":{"$ref":"#/$defs/N"}},"N":{"enum":[1,2]}}}`, `{"properties":{"a":{"not":{"$ref":"#/$defs/M"}}},"$defs":{"M":{"items":{"$ref":"#/$defs/N"}},"N":{"enum":[1]}}}`},
		"if, of another condition":                              {`{"properties":{"a":{"if":{"type":"string"},"then":{"const":"x"}}}}`, `{"properties":{"a":{"if":{"const":"x"},"then":{"const":"x"}}}}`},
		"if, without its then":                                  {`{"properties":{"a":{"if":{"type":"string"},"then":{"const":"x"}}}}`, `{"properties":{"a":{"if":{"type":"string"}}}}`},
		"if, by a reference":                                    {`{"properties":{"a":{"if":{"$ref":"#/$defs/N"},"then":false}},"$defs":{"N":{"enum":[1,2]}}}`, `{"properties":{"a":{"if":{"$ref":"#/$defs/N"},"then":false}},"$defs":{"N":{"enum":[1]}}}`},
		"then moved away from its if":                           {`{"properties":{"a":{"if":{"minLength":1},"then":{"const":"x"}}}}`, `{"properties":{"a":{"allOf":[{"if":{"minLength":1}},{"then":{"const":"x"}}]}}}`},
		"oneOf, of alternatives that overlap less":              {`{"properties":{"a":{"oneOf":[{"type":"integer"},{"minimum":0}]}}}`, `{"properties":{"a":{"oneOf":[{"type":"integer"},{"minimum":5}]}}}`},
		"oneOf, without one that overlapped":                    {`{"properties":{"a":{"oneOf":[{"type":"integer"},{"type":"number"},{"type":"string"}]}}}`, `{"properties":{"a":{"oneOf":[{"type":"number"},{"type":"string"}]}}}`},
		"oneOf, by a reference":                                 {`{"properties":{"a":{"oneOf":[{"type":"integer"},{"$ref":"#/$defs/N"}]}},"$defs":{"N":{"minimum":0}}}`, `{"properties":{"a":{"oneOf":[{"type":"integer"},{"$ref":"#/$defs/N"}]}},"$defs":{"N":{"minimum":1}}}`},
		"oneOf, now anyOf":                                      {`{"properties":{"a":{"oneOf":[{"type":"integer"},{"minimum":0}]}}}`, `{"properties":{"a":{"anyOf":[{"type":"integer"},{"minimum":0}]}}}`},
		"oneOf, an alternative twice is none":                   {`{"properties":{"a":{"oneOf":[{"minLength":1},{"minLength":1},{"type":"string","maxLength":3}]}}}`, `{"properties":{"a":{"oneOf":[{"minLength":1},{"type":"string","maxLength":3}]}}}`},
		"contains, of which none":                               {`{"properties":{"a":{"contains":{"const":1}}}}`, `{"properties":{"a":{"contains":{"const":1},"minContains":0}}}`},
		"contains, of which more":                               {`{"properties":{"a":{"contains":{"const":1},"maxContains":1}}}`, `{"properties":{"a":{"contains":{"const":1},"maxContains":2}}}`},
		"contains, by a reference":                              {`{"properties":{"a":{"contains":{"$ref":"#/$defs/N"}}},"$defs":{"N":{"const":1}}}`, `{"properties":{"a":{"contains":{"$ref":"#/$defs/N"}}},"$defs":{"N":{"enum":[1,2]}}}`},
		"minContains moved away from its contains":              {`{"properties":{"a":{"contains":{"const":1},"minContains":2}}}`, `{"properties":{"a":{"contains":{"const":1},"allOf":[{"minContains":2}]}}}`},
		"unevaluatedProperties, no longer false":                {`{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}`, `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":{"type":"string"}}`},
		"unevaluatedProperties, evaluated elsewhere":            {`{"properties":{"b":{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}}}`, `{"properties":{"b":{"allOf":[{"properties":{"a":{}}},{"additionalProperties":true}],"unevaluatedProperties":false}}}`},
		"unevaluatedProperties, by a reference":                 {`{"$ref":"#/$defs/N","unevaluatedProperties":false,"$defs":{"N":{"properties":{"a":{}}}}}`, `{"$ref":"#/$defs/N","unevaluatedProperties":false,"$defs":{"N":{"properties":{"a":{}},"patternProperties":{".":{}}}}}`},
		"unevaluatedItems, evaluated elsewhere":                 {`{"properties":{"a":{"anyOf":[{"prefixItems":[true]}],"unevaluatedItems":false}}}`, `{"properties":{"a":{"anyOf":[{"prefixItems":[true,true]}],"unevaluatedItems":false}}}`},
		"additionalProperties of an alternative":                {`{"properties":{"a":{}},"anyOf":[{"additionalProperties":false},{"type":"null"}]}`, `{"properties":{"a":{}},"additionalProperties":false,"anyOf":[{"type":"object"},{"type":"null"}]}`},
		"additionalProperties moved to the properties":          {`{"properties":{"a":{}},"allOf":[{"additionalProperties":{"type":"string"}}]}`, `{"properties":{"a":{}},"additionalProperties":{"type":"string"}}`},
		"items moved to the prefixItems":                        {`{"properties":{"a":{"prefixItems":[{}],"allOf":[{"items":{"type":"string"}}]}}}`, `{"properties":{"a":{"prefixItems":[{}],"items":{"type":"string"}}}}`},
		"definitions that are a list":                           {`{"properties":{"a":{"$ref":"#/$defs/0"}},"$defs":[{"const":1}]}`, `{"properties":{"a":{"$ref":"#/$defs/0"}},"$defs":[{}]}`},
		"definitions that are a list, in a list":                {`{"properties":{"a":{"$ref":"#/$defs/0/0"}},"$defs":[[{"const":1}]]}`, `{"properties":{"a":{"$ref":"#/$defs/0/0"}},"$defs":[[{"const":2}]]}`},
		"definitions that are a list, within an object":         {`{"properties":{"a":{"$ref":"#/x/y/1"}},"x":{"y":[1,{"const":1}]}}`, `{"properties":{"a":{"$ref":"#/x/y/1"}},"x":{"y":[1,true]}}`},
		"a list whose members move":                             {`{"properties":{"a":{"$ref":"#/anyOf/0"}},"anyOf":[{"required":["a"]},{"minProperties":1}]}`, `{"properties":{"a":{"$ref":"#/anyOf/0"}},"anyOf":[{"minProperties":1},{"required":["a"]}]}`},
		"a list whose members move, by one":                     {`{"properties":{"a":{"$ref":"#/allOf/0"}},"allOf":[{"maxProperties":1},{"maxProperties":2}]}`, `{"properties":{"a":{"$ref":"#/allOf/0"}},"allOf":[{"maxProperties":2},{"maxProperties":1}]}`},
		"a list whose members move, under a property":           {`{"properties":{"a":{"$ref":"#/properties/b/anyOf/1"},"b":{"anyOf":[{"type":"string"},{"const":1}]}}}`, `{"properties":{"a":{"$ref":"#/properties/b/anyOf/1"},"b":{"anyOf":[{"const":1},{"type":"string"}]}}}`},
		"draft that ignores what is beside $ref":                {`{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"$ref":"#/$defs/S","maxLength":1}},"$defs":{"S":{"type":"string"}}}`, `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#/$defs/S","maxLength":1}},"$defs":{"S":{"type":"string"}}}`},
		"draft that does not know prefixItems":                  {`{"$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"a":{"prefixItems":[{"const":1}]}}}`, `{"$schema":"https://json-schema.org/draft/2019-09/schema","properties":{"a":{"prefixItems":[{"const":1}]}}}`},
		"draft that does not know const":                        {`{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"const":1}}}`, `{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"const":1}}}`},
		"draft that does not know unevaluatedProperties":        {`{"unevaluatedProperties":false,"properties":{"a":{}}}`, `{"$schema":"http://json-schema.org/draft-07/schema#","unevaluatedProperties":false,"properties":{"a":{}}}`},
		"draft that nobody knows":                               {`{"properties":{"a":{"const":1}}}`, `{"$schema":"https://evil.example/schema","properties":{"a":{"const":1}}}`},
		"draft that is no text":                                 {`{"properties":{"a":{"const":1}}}`, `{"$schema":7,"properties":{"a":{"const":1}}}`},
		"bound that is a boolean in draft 4":                    {`{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"minimum":1,"exclusiveMinimum":true}}}`, `{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"minimum":1,"exclusiveMinimum":false}}}`},
		"$ref appears beside a demand, without $schema":         {`{"properties":{"a":{"enum":["x"]}},"$defs":{"S":{}}}`, `{"properties":{"a":{"enum":["x"],"$ref":"#/$defs/S"}},"$defs":{"S":{}}}`},
		"keyword with a blank, instead of properties":           {`{"properties":{"a":{"const":1}},"additionalProperties":true}`, `{"properties ":{"a":{"const":1}},"additionalProperties":true}`},
		"keyword with a blank, instead of enum":                 {`{"properties":{"a":{"enum":[1]}}}`, `{"properties":{"a":{"enum ":[1]}}}`},
		"keyword in capitals, instead of required":              {`{"properties":{"a":{}},"required":["a"]}`, `{"properties":{"a":{}},"Required":["a"]}`},
		"an anchor moves":                                       {`{"$ref":"#x","$defs":{"A":{"$anchor":"x","required":["a"]},"B":{}}}`, `{"$ref":"#x","$defs":{"A":{"required":["a"]},"B":{"$anchor":"x"}}}`},
		"what an anchor names":                                  {`{"$ref":"#x","$defs":{"A":{"$anchor":"x","maxProperties":1}}}`, `{"$ref":"#x","$defs":{"A":{"$anchor":"x","maxProperties":2}}}`},
		"what an id names":                                      {`{"properties":{"a":{"$ref":"item"}},"$defs":{"A":{"$id":"item","enum":["a"]}}}`, `{"properties":{"a":{"$ref":"item"}},"$defs":{"A":{"$id":"item"}}}`},
		"within an id":                                          {`{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"B":{},"A":{"$id":"https://a.example","$ref":"#/$defs/B","$defs":{"B":{"enum":["a"]}}}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"B":{},"A":{"$id":"https://a.example","$ref":"#/$defs/B","$defs":{"B":{}}}}}`},
		"to itself, by its own address":                         {`{"$id":"https://a.example/s","properties":{"a":{"$ref":"https://a.example/s#/$defs/A"}},"$defs":{"A":{"const":1}}}`, `{"$id":"https://a.example/s","properties":{"a":{"$ref":"https://a.example/s#/$defs/A"}},"$defs":{"A":{}}}`},
		"dynamically":                                           {`{"properties":{"a":{"$dynamicRef":"#x"}},"$defs":{"A":{"$dynamicAnchor":"x","enum":["a"]}}}`, `{"properties":{"a":{"$dynamicRef":"#x"}},"$defs":{"A":{"$dynamicAnchor":"x"}}}`},
		"to an example":                                         {`{"properties":{"a":{"$ref":"#/examples/0"}},"examples":[{"enum":["a"]}]}`, `{"properties":{"a":{"$ref":"#/examples/0"}},"examples":[{"enum":["a","b"]}]}`},
		"to a default":                                          {`{"properties":{"a":{"$ref":"#/default/x"}},"default":{"x":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/default/x"}},"default":{"x":{}}}`},
		"percent-encoded":                                       {`{"properties":{"a":{"$ref":"#/%24defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/%24defs/A"}},"$defs":{"A":{}}}`},
		"to what was not there":                                 {`{"properties":{"a":{"$ref":"#/$defs/A"}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{}}}`},
		"a definition among properties":                         {`{"properties":{"$defs":{"properties":{"a":{"$ref":"#/properties/$defs/x"}},"x":{"enum":["a"]}}}}`, `{"properties":{"$defs":{"properties":{"a":{"$ref":"#/properties/$defs/x"}},"x":{}}}}`},
		"names that differ in half a character":                 {`{"properties":{"\ud800":{"const":1}}}`, `{"properties":{"\\ud800":{"const":1}}}`},
		"property patterns":                                     {`{"patternProperties":{"^a":{"const":1}}}`, `{"patternProperties":{"^a":{}}}`},
		"a pattern less, where others are admitted":             {`{"patternProperties":{"^a":{"const":1},"b":{}}}`, `{"patternProperties":{"b":{}}}`},
		"a dependency less":                                     {`{"properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`, `{"properties":{"a":{},"b":{}}}`},
		"a dependency's schema":                                 {`{"properties":{"a":{}},"dependentSchemas":{"a":{"properties":{"a":{"const":1}}}}}`, `{"properties":{"a":{}},"dependentSchemas":{"a":{}}}`},
		"a circle in place":                                     {`{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"allOf":[{"$ref":"#/$defs/A"},{"const":1}]}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"allOf":[{"$ref":"#/$defs/A"}]}}}`},
		"a constant within a constant":                          {`{"properties":{"a":{"const":{"x":[1,{"y":"z"}]}}}}`, `{"properties":{"a":{"const":{"x":[1,{"y":"w"}]}}}}`},
		"a list of constants that differ in how they are split": {`{"properties":{"a":{"const":["a","b"]}}}`, `{"properties":{"a":{"const":["a\",\"b"]}}}`},
	} {
		result := schemadiff.Compare(parse(t, pair[0]), parse(t, pair[1]))
		if result.More == nil {
			t.Errorf("%s: nothing more\n%s\n%s", name, pair[0], pair[1])
		}
	}
}

// A schema that is made to take long, or to crash what compares it, is compared in
// proportion to its size, and never proven to be what it is not.
func TestHostile(t *testing.T) {
	t.Parallel()
	nested := func(begin, within, end string, n int) string {
		return strings.Repeat(begin, n) + within + strings.Repeat(end, n)
	}
	// Each definition refers twice to the next one.
	bomb := func(word string, last string) string {
		var defs strings.Builder
		for i := range 60 {
			next := fmt.Sprintf(`{"$ref":"#/$defs/d%d"}`, i+1)
			switch word {
			case "properties":
				fmt.Fprintf(&defs, `"d%d":{"properties":{"a":%s,"b":%s}},`, i, next, next)
			default:
				fmt.Fprintf(&defs, `"d%d":{"%s":[%s,%s],"properties":{"n%d":{}}},`, i, word, next, next, i)
			}
		}
		return fmt.Sprintf(`{"properties":{"x":{"$ref":"#/$defs/d0"}},"$defs":{%s"d60":%s}}`, defs.String(), last)
	}
	many := func(format string, n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
		}
		return strings.Join(all, ",")
	}
	chain := func(name string) string {
		var defs strings.Builder
		for i := range 5_000 {
			fmt.Fprintf(&defs, `"d%d":{"properties":{"%s":{"$ref":"#/$defs/d%d"}}},`, i, name, i+1)
		}
		return `{"properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{` + defs.String() + `"d5000":{}}}`
	}
	for name, pair := range map[string][2]string{
		"deep properties":          {nested(`{"properties":{"a":`, `{"const":1}`, `}}`, 2000), nested(`{"properties":{"a":`, `{"const":2}`, `}}`, 2000)},
		"deep allOf":               {nested(`{"allOf":[`, `{"required":["a"]}`, `]}`, 2000), nested(`{"allOf":[`, `{"required":["b"]}`, `]}`, 2000)},
		"deep not":                 {nested(`{"not":`, `{"required":["a"]}`, `}`, 2000), nested(`{"not":`, `{"required":["b"]}`, `}`, 2000)},
		"bomb of allOf":            {bomb("allOf", `{"const":1}`), bomb("allOf", `{"const":2}`)},
		"bomb of anyOf":            {bomb("anyOf", `{"minLength":2}`), bomb("anyOf", `{"minLength":1}`)},
		"bomb of oneOf":            {bomb("oneOf", `{"minLength":2}`), bomb("oneOf", `{"minLength":1}`)},
		"bomb of properties":       {bomb("properties", `{"const":1}`), bomb("properties", `{"const":2}`)},
		"bomb of prefixItems":      {bomb("prefixItems", `{"const":1}`), bomb("prefixItems", `{"const":2}`)},
		"many constants":           {`{"properties":{"a":{"enum":[` + many(`"c#"`, 10_000) + `]}}}`, `{"properties":{"a":{"enum":[` + many(`"d#"`, 10_000) + `]}}}`},
		"many constants, each one": {`{"properties":{"a":{"anyOf":[` + many(`{"const":"c#"}`, 1_000) + `]}}}`, `{"properties":{"a":{"anyOf":[` + many(`{"const":"d#"}`, 1_000) + `]}}}`},
		"many alternatives":        {`{"properties":{"a":{"anyOf":[` + many(`{"pattern":"c#"}`, 1_000) + `]}}}`, `{"properties":{"a":{"anyOf":[` + many(`{"pattern":"d#"}`, 1_000) + `]}}}`},
		"many of exactly one":      {`{"properties":{"a":{"oneOf":[` + many(`{"properties":{"a":{"const":#}},"required":["a"]}`, 3_000) + `]}}}`, `{"properties":{"a":{"oneOf":[` + many(`{"properties":{"a":{"const":#}},"required":["a"]}`, 3_001) + `]}}}`},
		"many properties":          {`{"properties":{` + many(`"p#":{"const":1}`, 10_000) + `}}`, `{"properties":{` + many(`"p#":{"const":2}`, 10_000) + `}}`},
		"more than is compared":    {`{"properties":{` + many(`"p#":{"const":1}`, 100_000) + `}}`, `{"properties":{` + many(`"p#":{"const":1}`, 100_001) + `}}`},
		"many demands on all":      {`{"allOf":[` + many(`{"properties":{"p#":{"const":1}},"required":["p#"]}`, 3_000) + `]}`, `{"allOf":[` + many(`{"properties":{"p#":{"const":2}},"required":["q#"]}`, 3_000) + `]}`},
		"many alternatives, often": {`{"allOf":[` + many(`{"anyOf":[{"required":["a#"]},{"required":["b#"]}]}`, 1_000) + `]}`, `{"allOf":[` + many(`{"anyOf":[{"required":["a#"]},{"required":["c#"]}]}`, 1_000) + `]}`},
		"many references to much":  {`{"properties":{` + many(`"p#":{"$ref":"#/$defs/D","minLength":#}`, 3_000) + `},"$defs":{"D":{"required":[` + many(`"r#"`, 3_000) + `]}}}`, `{"properties":{` + many(`"p#":{"$ref":"#/$defs/D","minLength":2}`, 3_000) + `},"$defs":{"D":{"required":[` + many(`"s#"`, 3_000) + `]}}}`},
		"a long chain":             {chain("n"), chain("m")},
		"a circle of everything":   {`{"properties":{"a":{"$ref":"#"},"b":{"not":{"$ref":"#"}},"c":{"contains":{"$ref":"#"}},"d":{"oneOf":[{"$ref":"#"},{"items":{"$ref":"#"}}]},"e":{"const":1}}}`, `{"properties":{"a":{"$ref":"#"},"b":{"not":{"$ref":"#"}},"c":{"contains":{"$ref":"#"}},"d":{"oneOf":[{"$ref":"#"},{"items":{"$ref":"#"}}]},"e":{"const":2}}}`},
		"a long number":            {`{"properties":{"a":{"multipleOf":1` + strings.Repeat("0", 200_000) + `}}}`, `{"properties":{"a":{"multipleOf":2` + strings.Repeat("0", 200_000) + `}}}`},
		"a long exponent":          {`{"properties":{"a":{"const":1e` + strings.Repeat("9", 200_000) + `}}}`, `{"properties":{"a":{"const":2e` + strings.Repeat("9", 200_000) + `}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := parse(t, pair[0]), parse(t, pair[1])
			start := time.Now()
			if result := schemadiff.Compare(before, after); result.More == nil {
				t.Error("nothing more")
			}
			t.Logf("%v for %d kB", time.Since(start), (len(pair[0])+len(pair[1]))>>10)
			if result := schemadiff.Compare(before, parse(t, pair[0])); result.More != nil || result.Less != nil {
				t.Error("a schema accepts more or less than itself")
			}
		})
	}
}
