package jsontree_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// parse returns the tree of a text, or fails the test.
func parse(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, text string,
) *jsontree.Node {
	t.Helper()
	if text == "" {
		return nil
	}
	if at := jsontree.Invalid(text); at >= 0 {
		t.Fatalf("not JSON at %d: %.200s", at, text)
	}
	return jsontree.Parse(text)
}

// One content has one text, however it was written.
func TestOneText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"keys sorted", `{"b": 1, "a" :2 , "": 3}`, `{"":3,"a":2,"b":1}`},
		{"a key that begins another", `{"a\u0021":1,"a":2}`, `{"a":2,"a!":1}`},
		{"twins in their order", `{"a":2,"b":0,"\u0061":1}`, `{"a":2,"a":1,"b":0}`},
		{"numbers as they are", `[1.0, 1, 1e400, -0, 9007199254740993, 1E+2]`, `[1.0,1,1e400,-0,9007199254740993,1E+2]`},
		{"escapes", `"\/\u0041\u00e9\u000a\u0000\u001F\"\\"`, `"/Aé\n\u0000\u001f\"\\"`},
		{"a pair of surrogates", `"\ud83d\ude00"`, `"😀"`},
		{"halves of pairs", `["\ud800","\udc00\ud800","\ud800\u0041","\ud800\ud800\udc00"]`, `["\ud800","\udc00\ud800","\ud800A","\ud800𐀀"]`},
		{"backslashes before a quote", `["\\\\\"","\\"]`, `["\\\\\"","\\"]`},
		{"a byte order mark", "\ufeff {} ", `{}`},
		{"white space", "\r\n[\t{ } ,[ ]\n]", `[{},[]]`},
	} {
		node := parse(t, test.text)
		if got := jsontree.Compact(node); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
		if !jsontree.Equal(node, parse(t, test.want)) {
			t.Errorf("%s: %s is not equal to %s", test.name, test.text, test.want)
		}
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"a":1,"a":"\ud800"}`: -1, " \ufeff": 1, "": 0, `{"a":1,}`: 6, `[1 2]`: 3, `{} {}`: 3, `{"a`: 3, "\"\xff\"": 1, "\"\uFFFD\xff\"": 4,
		"\ufeff[}": 4, `01`: 1, `nul`: 3, `'a'`: 0, "\"\n\"": 1,
		strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000): -1, strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000): 10_000,
	} {
		if got := jsontree.Invalid(text); got != want {
			t.Errorf("%.40q: got %d, want %d", text, got, want)
		}
	}
}

// A parser's memory is used again; what it returned before was overwritten.
func TestParserIsUsedAgain(t *testing.T) {
	t.Parallel()
	var p jsontree.Parser
	for _, text := range []string{`{"a":[1,2,{"b":null}]}`, `[]`, `{"a":[1,2,{"b":null}]}`, `[` + strings.Repeat(`{"x":1},`, 5_000) + `2]`, `"a"`} {
		n := p.Parse(text)
		n.Seal()
		if got := jsontree.Compact(n); got != text {
			t.Errorf("got %.80s, want %.80s", got, text)
		}
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	text := ` {"b": [1, "x"], "a": {"c": true}}`
	n := parse(t, text)
	for want, node := range map[string]*jsontree.Node{
		`{"b"`: n, `"b"`: n.Member("b"), `1`: &n.Member("b").Items[0], `"x"`: &n.Member("b").Items[1], `"c"`: n.At("a", "c"),
	} {
		if !strings.HasPrefix(text[node.Pos:], want) {
			t.Errorf("got %q, want %q", text[node.Pos:], want)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	n := parse(t, `{"a":{"b":"x"},"a!":1,"$ref":"r","":0,"l":[1],"z":null}`)
	if n.At("a", "b").Value() != "x" || n.Member("$ref").Name() != "$ref" || n.Member("").Text != "0" || n.Member("a!").Text != "1" {
		t.Error("a member is another")
	}
	if n.Member("b") != nil || n.At("a", "c", "d") != nil || n.Member("l").Member("0") != nil || (*jsontree.Node)(nil).Member("a") != nil {
		t.Error("there is a member that is not there")
	}
	if len(n.Elements()) != 0 || len(n.Member("l").Elements()) != 1 || len(n.Member("l").Members()) != 0 || n.HasTwins() {
		t.Error("an object is a list, or a list an object, or there are twins")
	}
	if twin := parse(t, `{"a":1,"b":2,"b":3}`).Twin(); twin == nil || twin.Text != "3" {
		t.Errorf("the twin is %v", twin)
	}
	var none *jsontree.Node
	if none.IsObject() || none.IsList() || none.IsTrue() || none.IsFalse() || none.IsNull() || none.HasTwins() || !none.IsEmpty() {
		t.Error("nothing is something")
	}
}

func TestIsEmpty(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`null`: true, `false`: true, `0`: true, `-0.00`: true, `0e5`: true, `0.0E-3`: true, `""`: true, `[]`: true, `{}`: true,
		`true`: false, `0.01`: false, `1e-400`: false, `10`: false, `" "`: false, `[null]`: false, `{"a":null}`: false, `"0"`: false,
	} {
		if got := parse(t, text).IsEmpty(); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 90)
	for _, test := range []struct{ name, text, want string }{
		{"short", `{"b":[1,{"c":"d"}],"a":{}}`, `{"a": {}, "b": [1, {"c": "d"}]}`},
		{"wide", `{"b":["` + long + `",2],"a":1}`, "{\n  \"a\": 1,\n  \"b\": [\"" + long + "\", 2]\n}"},
		{"lines", `"a\nb\\n"`, `["|", "a", "b\\n"]`},
		{"a list like lines", `["|","a"]`, `["||", "a"]`},
		{"a list like a list like lines", `["||x"]`, `["|||x"]`},
		{"hidden", "\"a\u200bb\u202ec\"", `"a\u200bb\u202ec"`},
		{"what NFC would change", "[\"e\u0301\",\"\u00e9\"]", `["e\u0301", "\u00e9"]`},
		{"what NFC keeps", "\"\u00e9\"", "\"\u00e9\""},
		{"half a pair", `"\ud800"`, `"\ud800"`},
	} {
		if got := jsontree.Layout(parse(t, test.text)); got != test.want+"\n" {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// isUndone says what is wrong with the layout of a tree: reading it must give the
// same, and it must survive Terraform and a reviewer.
func isUndone(n *jsontree.Node) error {
	for _, text := range []string{jsontree.Layout(n), jsontree.Flat(n)} {
		if at := jsontree.Invalid(text); at >= 0 {
			return fmt.Errorf("not JSON at %d: %s", at, text)
		}
		again := jsontree.Parse(text)
		jsontree.Join(again)
		if again.Seal(); !jsontree.Equal(n, again) {
			return fmt.Errorf("%s became %s by %s", jsontree.Compact(n), jsontree.Compact(again), text)
		}
		if !norm.NFC.IsNormalString(text) {
			return fmt.Errorf("NFC changes %q", text)
		}
		before := rune(0)
		for _, r := range text {
			if r != '\n' && shown.Hidden(r, before) {
				return fmt.Errorf("%U cannot be seen in %q", r, text)
			}
			before = r
		}
	}
	if flat := jsontree.Flat(n); strings.Contains(flat, "\n") {
		return fmt.Errorf("there are lines in %q", flat)
	}
	if !jsontree.Equal(n, jsontree.Parse(jsontree.Compact(n))) {
		return fmt.Errorf("the compact form is another: %s", jsontree.Compact(n))
	}
	return nil
}

func FuzzLayout(f *testing.F) {
	for _, text := range []string{
		`{"a":["|","x"],"b":["||",[]],"c":"x\ny","d":"\ud800","a":1,"e":"e\u0301","f":"\\n","g":"|","h":["|",1],"i":["|\n"],"j":["a\n|"],"k":"\n"}`,
		"\ufeff[1e400,\"\u2800\",\"\ufe0f\"]", `["|"]`, `[["|"]]`, `"\\\\n\n"`, `{"\n":1,"|":["|"]}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if jsontree.Invalid(text) >= 0 {
			t.Skip()
		}
		if err := isUndone(jsontree.Parse(text)); err != nil {
			t.Error(err)
		}
	})
}

// JSON that is small, and odd.
var (
	oddText = rapid.OneOf(
		rapid.SampledFrom([]string{``, `a`, `b`, `|`, `||`, `|x`, `x\ny`, `\n`, `a\n\nb`, `\\n`, `\\\n`, `\ud800`, `\udc00\ud800`, `\ud83d\ude00`, `é`, `e\u0301`, `\u200b`, `\u0000`, `\r\n`, `\"`, `\/`, `\u005c`, "\u2028", `a.b`, `a[0]`, `[0]`, "☎\ufe0f", strings.Repeat("x", 120), strings.Repeat(`a\n`, 40)}),
		rapid.StringMatching(`[a-c|\x{e9}\x{301}]{0,6}`),
	)
	leaf = rapid.OneOf(
		rapid.Map(oddText, func(s string) string { return `"` + s + `"` }),
		rapid.SampledFrom([]string{"null", "true", "false", "0", "-0", "1e400", "1.0", "1", "9007199254740993", "{}", "[]"}),
	)
)

func oddValue(depth int) *rapid.Generator[string] {
	if depth == 0 {
		return leaf
	}
	inner := oddValue(depth - 1)
	member := rapid.Custom(func(t *rapid.T) string {
		return `"` + oddText.Draw(t, "name") + `":` + inner.Draw(t, "value")
	})
	in := func(of *rapid.Generator[string], begin, end string) *rapid.Generator[string] {
		return rapid.Map(rapid.SliceOfN(of, 0, 4), func(all []string) string { return begin + strings.Join(all, ", ") + end })
	}
	return rapid.OneOf(leaf, in(inner, "[", "]"), in(member, "{", "}"), in(member, "{", "}"))
}

func TestLayoutIsUndone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := isUndone(parse(t, oddValue(3).Draw(t, "value"))); err != nil {
			t.Fatal(err)
		}
	})
}

// Two trees are equal if they have the same text, and only then.
func TestEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := parse(t, oddValue(2).Draw(t, "a")), parse(t, oddValue(2).Draw(t, "b"))
		if jsontree.Equal(a, b) != (jsontree.Compact(a) == jsontree.Compact(b)) {
			t.Fatalf("equal is %t: %s, %s", jsontree.Equal(a, b), jsontree.Compact(a), jsontree.Compact(b))
		}
	})
	for _, pair := range [][2]string{{`["a","b"]`, `["a\",\"b"]`}, {`[[1],2]`, `[[1,2]]`}, {`{"a":{"b":1}}`, `{"a":{},"b":1}`}, {`[]`, `{}`}, {`"1"`, `1`}, {`[1,2]`, `[12]`}, {`{"ab":"c"}`, `{"a":"bc"}`}} {
		if jsontree.Equal(parse(t, pair[0]), parse(t, pair[1])) {
			t.Errorf("%s is equal to %s", pair[0], pair[1])
		}
	}
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := `"` + oddText.Draw(t, "text") + `"`
		spelled := jsontree.Spelled(raw)
		if again := jsontree.Spelled(spelled); again != spelled {
			t.Fatalf("%s is spelled %s, and that %s", raw, spelled, again)
		}
		var want string
		if json.Unmarshal([]byte(raw), &want) == nil && !strings.Contains(spelled, `\ud`) {
			if got := jsontree.Unquote(spelled); got != want || jsontree.Quote(want) != spelled || jsontree.NewString(want).Text != spelled {
				t.Fatalf("%s: got %q, want %q", raw, got, want)
			}
		}
	})
}

func TestPathString(t *testing.T) {
	t.Parallel()
	for want, path := range map[string]jsontree.Path{
		"":                                 nil,
		"inputSchema.properties.q":         jsontree.Path(nil).Fields("inputSchema", "properties", "q"),
		"anyOf[0].$ref":                    {jsontree.Field("anyOf"), {Index: 0}, jsontree.Field("$ref")},
		`a["a b"]["[0]"][""]["a.b"]["$"]`:  jsontree.Path(nil).Fields("a", "a b", "[0]", "", "a.b", "$"),
		`["\"]["]["\u00e9"]["\n\u202e"].x`: jsontree.Path(nil).Fields(`"][`, "é", "\n\u202e", "x"),
		`["a:b"]["\\ud800"]["$$a"]`:        jsontree.Path(nil).Fields("a:b", `\ud800`, "$$a"),
		"[0][10]":                          {{Index: 0}, {Index: 10}},
	} {
		if got := path.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	// No two paths look alike.
	step := rapid.Custom(func(t *rapid.T) jsontree.Step {
		if rapid.Bool().Draw(t, "element") {
			return jsontree.Step{Index: rapid.IntRange(0, 11).Draw(t, "index")}
		}
		return jsontree.Field(rapid.OneOf(rapid.SampledFrom([]string{"a", "0", "[0]", `"]["`, ".", "$a", "a.b", `\u00e9`, "é", ""}), rapid.String()).Draw(t, "name"))
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := jsontree.Path(rapid.SliceOfN(step, 0, 3).Draw(t, "a")), jsontree.Path(rapid.SliceOfN(step, 0, 3).Draw(t, "b"))
		text := a.String()
		if (text == b.String()) != slices.Equal(a, b) {
			t.Fatalf("%q and %q are both %s", a, b, text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			t.Fatalf("%q is not one line of ASCII", text)
		}
	})
}

func TestPathThen(t *testing.T) {
	t.Parallel()
	base := make(jsontree.Path, 1, 8)
	base[0] = jsontree.Field("a")
	b, c := base.Then(jsontree.Field("b")), base.Then(jsontree.Field("c"))
	if b.String() != "a.b" || c.String() != "a.c" {
		t.Errorf("two paths share their steps: %s, %s", b, c)
	}
	if !base.Contains(b) || !b.Contains(b) || b.Contains(base) || b.Contains(c) || !jsontree.Path(nil).Contains(b) {
		t.Error("a path contains what it does not lead to, or not what it leads to")
	}
}
