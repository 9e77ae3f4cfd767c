package baseline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// object draws the JSON of an object: each field with a value of one of the
// generators, or absent. Fields are in order, so that a failure can be replayed.
func object(t *rapid.T, fields ...any) string {
	var members []string
	for i := 0; i < len(fields); i += 2 {
		if rapid.IntRange(0, 3).Draw(t, "present") > 0 {
			members = append(members, fmt.Sprintf("%q:%s", fields[i], fields[i+1].(func(*rapid.T) string)(t)))
		}
	}
	members = rapid.Permutation(members).Draw(t, "order")
	return "{" + strings.Join(members, ",") + "}"
}

func oneOf(values ...string) func(*rapid.T) string {
	return func(t *rapid.T) string { return rapid.SampledFrom(values).Draw(t, "value") }
}

var (
	aText = oneOf(`""`, `"a"`, `"b"`, `"a#2"`, `"#2"`, "\"e\u0301\"", `"\u00e9"`, `"\ud83d"`, `"\u202e\n\u0000\u2028"`, `"<&\"\\"`, "\"\u200b🚀\"", `null`)
	aBool = oneOf("true", "false", "null")
	aName = oneOf(`"a"`, `"b"`, `"c"`, `"a#2"`, `""`, "\"e\u0301\"", `"é"`, `"\ud83d"`, "1", "null")
	aJSON = oneOf(`{}`, `{"properties":{"b":{"z":1,"a":[2,{"y":1e400,"x":-0.0}]},"a":{}}}`, `{"a":1,"a":2}`, "{\"e\u0301\":1}", "[1]", "null")
)

func aList(element func(*rapid.T) string) func(*rapid.T) string {
	return func(t *rapid.T) string {
		if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
			return "null"
		}
		elements := make([]string, rapid.IntRange(0, 4).Draw(t, "length"))
		for i := range elements {
			elements[i] = element(t)
		}
		return "[" + strings.Join(elements, ",") + "]"
	}
}

func drawTool(t *rapid.T) string {
	hints := func(t *rapid.T) string {
		return object(t, "readOnlyHint", aBool, "destructiveHint", aBool, "title", aText, "x", aJSON)
	}
	return object(t, "name", aName, "title", aText, "description", aText, "inputSchema", aJSON, "outputSchema", aJSON, "annotations", hints, "x", aJSON)
}

func aPrompt(t *rapid.T) string {
	argument := func(t *rapid.T) string { return object(t, "name", aName, "description", aText, "required", aBool) }
	return object(t, "name", aName, "title", aText, "description", aText, "arguments", aList(argument))
}

func anOverride(t *rapid.T) string {
	return object(t, "name", oneOf(`"a"`, `"b"`, `"c"`, "\"e\u0301\"", `"\ud83d"`), "enabled", aBool, "alias", aText, "portal_description", aText)
}

func aServer(t *rapid.T) string {
	login := func(t *rapid.T) string {
		registration := func(t *rapid.T) string {
			return object(t, "scope", aText, "redirect_uris", oneOf(`["b","a"]`, `[]`, `null`))
		}
		return object(t, "auth_mode", aText, "client_secret_version", oneOf("1", "2.50", "1e3"), "registration_info", registration, "config", oneOf("{}", `{"issuer":"i"}`))
	}
	return object(t, "id", aText, "server_id", aText, "name", aText, "hostname", aText, "status", aText, "default_disabled", aBool, "on_behalf", aBool,
		"secure_web_gateway", aBool, "auth_type", aText, "auth_config_summary", login, "tools", aList(drawTool), "prompts", aList(aPrompt),
		"updated_tools", aList(anOverride), "updated_prompts", aList(anOverride))
}

func aPortal(t *rapid.T) string {
	return object(t, "name", aText, "code_mode", aText, "allow_code_mode", aBool, "secure_web_gateway", aBool, "x", aJSON, "servers", aList(aServer))
}

func anOption(t *rapid.T) Options {
	return Options{EnabledOnly: rapid.Bool().Draw(t, "enabled only"), IncludeExtra: []string{"x"}}
}

// A portal against itself has no change, its text read back is the same baseline,
// the same text comes out of it, and Terraform leaves that alone.
func TestReadBackIsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		raw, o := aPortal(rt), anOption(rt)
		b := New(decode(t, []byte(raw)), o)
		text := b.Text()
		back, err := Parse(text)
		if err != nil {
			rt.Fatalf("%v in %s", err, text)
		}
		if again := back.Text(); again != text {
			rt.Errorf("read back: %s", cmp.Diff(text, again))
		}
		if changes := Diff(back, b); len(changes) > 0 {
			rt.Errorf("changes: %q", lines(changes))
		}
		if again := New(decode(t, []byte(raw)), o).Text(); again != text {
			rt.Errorf("not deterministic: %s", cmp.Diff(text, again))
		}
		if norm.NFC.String(text) != text || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && isHidden(r) }) {
			rt.Errorf("not every character is seen and survives:\n%s", text)
		}
	})
}

// Two portals have changes if, and only if, their texts differ; and what a person
// reads of them is one line each, fit for a terminal.
func TestChangesAreWhereTextsDiffer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o := anOption(rt)
		before, after := New(decode(t, []byte(aPortal(rt))), o), New(decode(t, []byte(aPortal(rt))), o)
		changes := Diff(before, after)
		if (before.Text() == after.Text()) != (len(changes) == 0) {
			rt.Errorf("%d changes:\n%s", len(changes), cmp.Diff(before.Text(), after.Text()))
		}
		for _, c := range changes {
			if strings.ContainsFunc(c.Text, isHidden) || len(c.Text) > 4000 {
				rt.Errorf("not for a terminal: %q", c.Text)
			}
			if c.Kind == Undetermined && c.Widens {
				rt.Errorf("undetermined, and widens: %q", c.Text)
			}
		}
	})
}

// The order of lists and of keys is no difference, nor is white space. (But for
// overrides: where two are about one tool, the first counts.)
func TestOrderIsNoDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		raw, o := aPortal(rt), anOption(rt)
		shuffled := shuffle(rt, jsontext.Value(raw), "")
		want, got := New(decode(t, []byte(raw)), o).Text(), New(decode(t, []byte(shuffled)), o).Text()
		if want != got {
			rt.Errorf("%s\n%s\n%s", raw, shuffled, cmp.Diff(want, got))
		}
	})
}

// shuffle returns JSON with keys and lists in another order, and white space.
func shuffle(t *rapid.T, raw jsontext.Value, field string) string {
	d := jsontext.NewDecoder(strings.NewReader(string(raw)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	kind := d.PeekKind()
	if kind != '{' && kind != '[' || field == "x" {
		return string(raw)
	}
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	var parts []string
	keys := map[string]bool{}
	twice := false
	for d.PeekKind() != '}' && d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		if kind == '[' {
			parts = append(parts, shuffle(t, value.Clone(), ""))
			continue
		}
		name := string(value)
		twice = twice || keys[name]
		keys[name] = true
		value, err = d.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, name+" :\t"+shuffle(t, value.Clone(), strings.Trim(name, `"`)))
	}
	ordered := twice || strings.HasPrefix(field, "updated_") || field == "" && kind == '[' || field == "a"
	if !ordered && len(parts) > 1 {
		parts = rapid.Permutation(parts).Draw(t, "another order")
	}
	if kind == '[' {
		return "[ " + strings.Join(parts, " ,\n") + "]"
	}
	return "{ " + strings.Join(parts, " ,\n") + "}"
}

// Two JSON texts of the same content have one canonical text.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`0`:                                     `0`,
		`{}`:                                    `{}`,
		`{"b":[1,{"d":-0.0,"c":[]}],"a":1e400}`: `{"a":1e400,"b":[1,{"c":[],"d":-0.0}]}`,
		`{"a":2,"b":0,"a":1}`:                   `{"a":2,"a":1,"b":0}`,
		`{"\u0062":"\/","a":"\u00e9é"}`:         `{"a":"éé","b":"/"}`,
		`{"a":"\ud83d"}`:                        "{\"a\":\"\uFFFD\"}",
		`{"a":"}],{","]":null,"B":true}`:        `{"B":true,"]":null,"a":"}],{"}`,
	} {
		c := new(canonicaliser)
		if got := string(c.canonical(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	object := wirejson.Object(`{"properties":{"b":{"properties":{"no":1}},"\u0061":[{},"}"],"c,":2},"x":{"y":{}}}`)
	_, names := new(canonicaliser).newSchema(&object)
	if diff := cmp.Diff([]string{"a", "b", "c,"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, none := range []wirejson.Object{`{}`, `{"properties":[]}`, `{"properties":{}}`, `{"x":{"properties":{"a":1}}}`} {
		if _, names := new(canonicaliser).newSchema(&none); names != nil {
			t.Errorf("%s: %q", none, names)
		}
	}
}
