package baseline_test

import (
	"fmt"
	"strings"
	"testing"
)

// What a change of a schema does to agents. More is input_schema_more, which widens,
// less is input_schema_less, text is schema_text, form is schema_form.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, before, after, want string }{
		{"argument came", `{"properties":{}}`, `{"properties":{"a":{}}}`, "more .properties.a"},
		{"argument went", `{"properties":{"a":{}}}`, `{"properties":{}}`, "less .properties.a"},
		{"required came", `{"required":["a"]}`, `{"required":["b","a"]}`, "less .required"},
		{"required went", `{"required":["a"]}`, `{}`, "more .required"},
		{"required in another order", `{"required":["a","b"]}`, `{"required":["b","a"]}`, "form .required"},
		{"required in an allOf", `{}`, `{"allOf":[{"required":["a"]}]}`, "less .allOf[0].required"},
		{"type smaller", `{"type":["string","number"]}`, `{"type":"string"}`, "less .type"},
		{"type larger", `{"type":"integer"}`, `{"type":"number"}`, "more .type"},
		{"type another", `{"type":"string"}`, `{"type":"array"}`, "more .type, less .type"},
		{"type new", `{}`, `{"type":"string"}`, "less .type"},
		{"type gone", `{"type":"string"}`, `{}`, "more .type"},
		{"null admitted", `{"type":"string"}`, `{"type":["string","null"]}`, "form .type"},
		{"null admitted, by anyOf", `{"type":"string","title":"A"}`, `{"anyOf":[{"type":"string"},{"type":"null"}],"title":"A"}`, "form "},
		{"null admitted, in an enum", `{"enum":["a"]}`, `{"enum":["a",null]}`, "form .enum"},
		{"const is an enum of one", `{"const":"a"}`, `{"enum":["a"]}`, "form .enum"},
		{"enum larger", `{"enum":["a"]}`, `{"enum":["a","b"]}`, "more .enum"},
		{"enum smaller", `{"enum":["a","b"]}`, `{"enum":["b"]}`, "less .enum"},
		{"enum new", `{}`, `{"enum":["b"]}`, "less .enum"},
		{"enum in another order", `{"enum":["a","b"]}`, `{"enum":["b","a"]}`, "form .enum"},
		{"additional true", `{}`, `{"additionalProperties":true}`, "form .additionalProperties"},
		{"additional {}", `{"additionalProperties":{}}`, `{}`, "form .additionalProperties"},
		{"additional refused", `{}`, `{"additionalProperties":false}`, "less .additionalProperties"},
		{"additional allowed", `{"additionalProperties":false}`, `{"additionalProperties":true}`, "more .additionalProperties"},
		{"bound new", `{}`, `{"maximum":5}`, "less .maximum"},
		{"bound tighter", `{"maximum":50}`, `{"maximum":5}`, "less .maximum"},
		{"bound wider", `{"maximum":5}`, `{"maximum":50}`, "more .maximum"},
		{"lower bound tighter", `{"minLength":1}`, `{"minLength":2}`, "less .minLength"},
		{"bound written otherwise", `{"maximum":5}`, `{"maximum":5.0}`, "form .maximum"},
		{"bound beyond reason", `{"maximum":1e400}`, `{"maximum":1e999999999}`, "more .maximum"},
		{"pattern new", `{}`, `{"pattern":"^a"}`, "less .pattern"},
		{"pattern another", `{"pattern":"^a"}`, `{"pattern":"."}`, "more .pattern"},
		{"items new", `{"type":"array"}`, `{"type":"array","items":{"type":"string"}}`, "less .items"},
		{"items another", `{"items":{"type":"string"}}`, `{"items":{"type":["string","number"]}}`, "more .items.type"},
		{"alternative gone", `{"anyOf":[{"type":"string"},{"type":"number"},{"type":"array"}]}`, `{"anyOf":[{"type":"array"},{"type":"string"}]}`, "less .anyOf[1]"},
		{"alternative came", `{"anyOf":[{"type":"string"},{"type":"number"}]}`, `{"anyOf":[{"type":"string"},{"type":"number"},{"type":"array"}]}`, "more .anyOf[2]"},
		{"not", `{"not":{"required":["a"]}}`, `{"not":{"required":["a","b"]}}`, "more .not.required"},
		{"a keyword nobody knows", `{}`, `{"x-do":"Send all"}`, "more .x-do"},
		{"false", `{"properties":{"a":{}}}`, `{"properties":{"a":false}}`, "less .properties.a"},
		{"was false", `{"properties":{"a":false}}`, `{"properties":{"a":{}}}`, "more .properties.a"},

		{"description", `{"properties":{"a":{"description":"A"}}}`, `{"properties":{"a":{"description":"B"}}}`, "text .properties.a.description"},
		{"argument called description", `{"properties":{"description":{}}}`, `{"properties":{"description":{"type":"string"}}}`, "less .properties.description.type"},
		{"default", `{"default":{"a":1}}`, `{"default":{"a":2}}`, "text .default.a"},
		{"comment", `{}`, `{"$comment":"Send all"}`, "text .$comment"},
		{"text within an alternative", `{"anyOf":[{"type":"string","description":"A"},{"type":"null"}],"description":"C"}`, `{"anyOf":[{"type":"string","description":"B"},{"type":"null"}],"description":"C"}`, "text .anyOf[0].description"},
		{"text in what narrows", `{}`, `{"items":{"description":"Send all"}}`, "less .items, text .items"},
		{"a key twice", `{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{"type":"string","type":"number"}}}`, "more .properties.a"},

		{"$schema and $id", `{"$schema":"a"}`, `{"$schema":"b","$id":"c"}`, "form .$id, form .$schema"},
		{"inlined", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"properties":{"a":{"type":"string"}}}`, "form .$defs"},
		{"referred to otherwise", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`, `{"properties":{"a":{"$ref":"#/$defs/B"}},"$defs":{"B":{"type":"string"}}}`, "form .$defs.A, form .$defs.B"},
		{"to another", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]},"B":{"enum":["a","b"]}}}`, `{"properties":{"a":{"$ref":"#/$defs/B"}},"$defs":{"A":{"enum":["a"]},"B":{"enum":["a","b"]}}}`, "more .$defs.B.enum"},
		{"definition", `{"properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a","b"]}}}`, "more .$defs.A.enum"},
		{"definition that nobody refers to", `{"$defs":{"A":{"enum":["a"]}}}`, `{"$defs":{"A":{"enum":["a","b"]}}}`, "form .$defs.A"},
		{"text in one", `{"$defs":{}}`, `{"$defs":{"A":{"description":"Send all"}}}`, "form .$defs.A, text .$defs.A"},
		{"definition gone", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"a":{"$ref":"#/$defs/A"}}}`, "more "},
		{"recursion", `{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"next":{"$ref":"#/$defs/A"}}}}}`, `{"properties":{"a":{"$ref":"#/$defs/B"}},"$defs":{"B":{"properties":{"next":{"$ref":"#/$defs/B"}}}}}`, "form .$defs.A, form .$defs.B"},
		{"property called definitions", `{"properties":{"definitions":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a"]}}}`, `{"properties":{"definitions":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":["a","b"]}}}`, "more .$defs.A.enum"},
		{"keys in another order", `{"type":"object","title":"A"}`, `{"title":"A","type":"object"}`, ""},
		{"no schema any more", `{"type":"object"}`, ``, "more "},
	} {
		portal := edited(t, portalOfScenes, git+"tools.0.inputSchema", test.before)
		dir := accept(t, portal)
		result := compare(t, dir, edited(t, portal, git+"tools.0.inputSchema", test.after))
		var got []string
		for _, c := range result.Changes {
			rule := strings.NewReplacer("input_schema_", "", "schema_", "").Replace(c.Rule)
			got = append(got, fmt.Sprintf("%s %s", rule, strings.TrimPrefix(*c.Field, "inputSchema")))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
