package schemadiff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

// rewritings are pairs that accept the same. Libraries that generate schemas write one
// today and the other tomorrow.
var rewritings = map[string][2]string{
	"const beside enum":           {`{"const":"a","enum":["a"],"type":"string"}`, `{"const":"a","type":"string"}`},
	"const instead of enum":       {`{"enum":["a"]}`, `{"const":"a"}`},
	"type beside enum":            {`{"type":"string","enum":["a","b"]}`, `{"enum":["b","a"]}`},
	"enum of both booleans":       {`{"enum":[true,false]}`, `{"type":"boolean"}`},
	"anyOf of constants":          {`{"enum":["a","b"]}`, `{"anyOf":[{"const":"a","title":"A"},{"const":"b"}]}`},
	"oneOf of constants":          {`{"enum":["a",2]}`, `{"oneOf":[{"const":"a"},{"enum":[2.0]}]}`},
	"allOf of one":                {`{"type":"object","properties":{"a":{"type":"string"}}}`, `{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}}],"description":"D"}`},
	"allOf of a reference":        {`{"$ref":"#/$defs/S"}`, `{"allOf":[{"$ref":"#/$defs/S"}],"default":"a"}`},
	"reference, inlined":          {`{"$ref":"#/$defs/S"}`, `{"type":"string","minLength":2}`},
	"propertyNames of texts":      {`{"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"type":"string"}}`, `{"type":"object","additionalProperties":{"type":"string"}}`},
	"propertyNames of anything":   {`{"type":"object","additionalProperties":true,"propertyNames":{}}`, `{"type":"object","additionalProperties":{}}`},
	"required is null":            {`{"type":"object","properties":{"a":{}},"required":null}`, `{"type":"object","properties":{"a":{}}}`},
	"required is empty":           {`{"type":"object","properties":{"a":{}},"required":[]}`, `{"type":"object","properties":{"a":{}}}`},
	"required in another order":   {`{"type":"object","required":["a","b"]}`, `{"type":"object","required":["b","a","b"]}`},
	"bound of an integer":         {`{"type":"integer","minimum":1}`, `{"type":"integer","exclusiveMinimum":0}`},
	"fraction bounds an integer":  {`{"type":"integer","minimum":0.5,"maximum":9}`, `{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":9.5}`},
	"number by value":             {`{"type":"number","maximum":1000,"multipleOf":1}`, `{"type":"number","maximum":1e3,"multipleOf":1.0}`},
	"items of anything":           {`{"type":"array","items":{}}`, `{"type":"array"}`},
	"items true":                  {`{"type":"array","items":true}`, `{"type":"array","items":{"title":"T"}}`},
	"uniqueItems false":           {`{"type":"array","uniqueItems":false,"items":{"type":"string"}}`, `{"type":"array","items":{"type":"string"}}`},
	"minLength 0":                 {`{"type":"string","minLength":0}`, `{"type":"string"}`},
	"minItems 0":                  {`{"type":"array","minItems":0}`, `{"type":"array"}`},
	"list of items":               {`{"type":"array","items":[{"type":"string"},{"type":"number"}]}`, `{"type":"array","prefixItems":[{"type":"string"},{"type":"number"}]}`},
	"list of items, and the rest": {`{"type":"array","items":[{"type":"string"}],"additionalItems":false}`, `{"type":"array","prefixItems":[{"type":"string"}],"items":false}`},
	"alternative twice":           {`{"anyOf":[{"type":"string","maxLength":3},{"type":"integer"},{"type":"string","maxLength":3}]}`, `{"anyOf":[{"type":"integer"},{"type":"string","maxLength":3}]}`},
	"type as a list":              {`{"type":["string","integer"]}`, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`},
	"type as a list, with more":   {`{"type":["string","array"],"items":{"type":"string"}}`, `{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"string"}]}`},
	"oneOf by kind":               {`{"anyOf":[{"type":"string","maxLength":3},{"type":"integer","minimum":1}]}`, `{"oneOf":[{"type":"integer","minimum":1},{"type":"string","maxLength":3}]}`},
	"oneOf by constant": {`{"oneOf":[{"type":"object","properties":{"k":{"const":"a"},"x":{}},"required":["k"]},{"type":"object","properties":{"k":{"const":"b"}},"required":["k"]}]}`,
		`{"anyOf":[{"type":"object","properties":{"k":{"enum":["b"]}},"required":["k"]},{"type":"object","properties":{"k":{"const":"a"},"x":{}},"required":["k"]}]}`},
	"null":             {`{"type":"string"}`, `{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}`},
	"null as a type":   {`{"type":["string","null"],"maxLength":5}`, `{"type":"string","maxLength":5}`},
	"not anything":     {`{"type":"object","properties":{"a":{}},"additionalProperties":{"not":{}}}`, `{"type":"object","properties":{"a":{}},"additionalProperties":false}`},
	"keywords unknown": {`{"type":"string","nullable":true,"x-order":1,"deprecated":true}`, `{"type":"string","readOnly":false}`},
}

// places are where a schema may be in one. The second %s is for definitions.
var places = map[string]string{
	"argument":          `{"type":"object","properties":{"a":%s,"z":{}},"$defs":%s}`,
	"nested argument":   `{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"object","properties":{"c":%s}}}}},"$defs":%s}`,
	"items":             `{"type":"object","properties":{"a":{"type":"array","items":{"type":"array","items":%s}}},"$defs":%s}`,
	"prefixItems":       `{"type":"object","properties":{"a":{"prefixItems":[{},%s]}},"$defs":%s}`,
	"alternative":       `{"type":"object","properties":{"a":{"anyOf":[%s,{"type":"boolean"}]}},"$defs":%s}`,
	"one alternative":   `{"type":"object","properties":{"a":{"oneOf":[{"type":"boolean"},%s,{"type":"null"}]}},"$defs":%s}`,
	"nullable":          `{"type":"object","properties":{"a":{"anyOf":[%s,{"type":"null"}],"default":null}},"$defs":%s}`,
	"allOf":             `{"type":"object","properties":{"a":{"allOf":[{"minLength":1},%s]}},"$defs":%s}`,
	"definition":        `{"type":"object","properties":{"a":{"$ref":"#/$defs/D"},"b":{"type":"array","items":{"$ref":"#/$defs/D"}}},"$defs":{"D":%s,"more":%s}}`,
	"other properties":  `{"type":"object","additionalProperties":%s,"$defs":%s}`,
	"property patterns": `{"type":"object","patternProperties":{"^x":%s},"$defs":%s}`,
	"not":               `{"type":"object","properties":{"a":{"not":%s}},"$defs":%s}`,
	"condition":         `{"type":"object","properties":{"a":{"if":%s,"then":{"maxLength":2}}},"$defs":%s}`,
	"contains":          `{"type":"object","properties":{"a":{"type":"array","contains":%s}},"$defs":%s}`,
	"recursive": `{"type":"object","properties":{"a":{"$ref":"#/$defs/N"}},"$defs":{
		"N":{"type":"object","properties":{"value":%s,"next":{"$ref":"#/$defs/N"}}},"more":%s}}`,
}

const definitions = `{"S":{"minLength":2,"type":"string"}}`

func TestRewritings(t *testing.T) {
	t.Parallel()
	for name, pair := range rewritings {
		for place, in := range places {
			var both [2]string
			for i, schema := range pair {
				both[i] = fmt.Sprintf(strings.ReplaceAll(in, "\n", ""), strings.ReplaceAll(schema, "#/$defs/S", pointerTo(in)), definitions)
			}
			if got := outcome(schemadiff.Compare(parse(t, both[0]), parse(t, both[1]))); got != "" {
				t.Errorf("%s, %s: got %s\n%s\n%s", name, place, got, both[0], both[1])
			}
		}
	}
}

// pointerTo returns the reference to a definition of S in a place.
func pointerTo(in string) string {
	if strings.Contains(in, `"more":`) {
		return "#/$defs/more/S"
	}
	return "#/$defs/S"
}
