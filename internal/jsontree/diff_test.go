package jsontree_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

func differences(before, after *jsontree.Node, open func(jsontree.Path) bool) (all []jsontree.Difference) {
	jsontree.Diff(before, after, nil, open, func(d jsontree.Difference) { all = append(all, d) })
	return all
}

func TestDiff(t *testing.T) {
	t.Parallel()
	value := func(n *jsontree.Node) string {
		if n == nil {
			return "-"
		}
		return jsontree.Compact(n)
	}
	for _, test := range []struct{ name, before, after, want string }{
		{"the same", `{"a":1,"b":[2]}`, `{ "b":[2], "a":1}`, ""},
		{"member", `{"a":1,"b":2}`, `{"a":1,"b":3}`, "b: 2 -> 3"},
		{"came and went", `{"a":1,"c":1}`, `{"b":{"x":1},"c":1}`, `a: 1 -> -, b: - -> {"x":1}`},
		{"null and absent", `{"a":null}`, `{}`, "a: null -> -"},
		{"nested", `{"a":{"b":{"c":1,"d":2}}}`, `{"a":{"b":{"c":1}}}`, "a.b.d: 2 -> -"},
		{"a list is one place", `{"a":[1,2]}`, `{"a":[1,3]}`, "a: [1,2] -> [1,3]"},
		{"a list of objects", `[{"a":1},{"b":1}]`, `[{"a":1},{"b":2}]`, "[1].b: 1 -> 2"},
		{"a list of lists", `[[1],[2]]`, `[[1],[3]]`, "[1]: [2] -> [3]"},
		{"a list of fewer objects", `[{"a":1},{"b":1}]`, `[{"a":1}]`, `: [{"a":1},{"b":1}] -> [{"a":1}]`},
		{"a list of an object and a text", `[{"a":1},"x"]`, `[{"a":2},"x"]`, `: [{"a":1},"x"] -> [{"a":2},"x"]`},
		{"an object and a list", `{"a":{}}`, `{"a":[]}`, "a: {} -> []"},
		{"twins", `{"a":{"x":1,"x":2}}`, `{"a":{"x":1,"x":3}}`, `a: {"x":1,"x":2} -> {"x":1,"x":3}`},
		{"twins on one side", `{"x":1}`, `{"x":1,"x":1}`, `: {"x":1} -> {"x":1,"x":1}`},
		{"opened", `{"open":{"a":1,"b":{"c":2}}}`, `{}`, `open.a: 1 -> -, open.b: {"c":2} -> -`},
		{"opened, and empty", `{}`, `{"open":{}}`, `open: - -> {}`},
		{"nothing", ``, `{"a":1}`, `: - -> {"a":1}`},
		{"nothing on both sides", ``, ``, ``},
		{"a number in another spelling", `1`, `1.0`, `: 1 -> 1.0`},
	} {
		open := func(p jsontree.Path) bool { return p.String() == "open" }
		var got []string
		for _, d := range differences(parse(t, test.before), parse(t, test.after), open) {
			got = append(got, fmt.Sprintf("%s: %s -> %s", d.Path, value(d.Before), value(d.After)))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// patched returns a value after the differences, for objects without twins.
func patched(n *jsontree.Node, all []jsontree.Difference, depth int) (*jsontree.Node, error) {
	if len(all) == 1 && len(all[0].Path) == depth {
		if !jsontree.Equal(n, all[0].Before) {
			return nil, fmt.Errorf("%s was %v", all[0].Path, all[0].Before)
		}
		return all[0].After, nil
	}
	if len(all) == 0 {
		return n, nil
	}
	if n == nil || len(n.Items) == 0 && !n.IsObject() {
		return nil, errors.New("a difference is in nothing")
	}
	out := *n
	out.Items = slices.Clone(n.Items)
	byStep := map[jsontree.Step][]jsontree.Difference{}
	for _, d := range all {
		if len(d.Path) <= depth {
			return nil, fmt.Errorf("a difference at %s has others within", d.Path)
		}
		byStep[d.Path[depth]] = append(byStep[d.Path[depth]], d)
	}
	for step, within := range byStep {
		i := step.Index
		if i < 0 {
			i = slices.IndexFunc(out.Items, func(m jsontree.Node) bool { return m.Name() == step.Name })
		}
		var item *jsontree.Node
		if i >= 0 {
			item = &out.Items[i]
		}
		after, err := patched(item, within, depth+1)
		switch {
		case err != nil:
			return nil, err
		case after == nil:
			out.Items = slices.Delete(out.Items, i, i+1)
		case i < 0:
			out.Items = append(out.Items, *after)
		default:
			key := out.Items[i].Key
			out.Items[i] = *after
			out.Items[i].Key = key
		}
	}
	slices.SortFunc(out.Items, func(a, b jsontree.Node) int {
		return strings.Compare(strings.TrimSuffix(a.Key, `"`), strings.TrimSuffix(b.Key, `"`))
	})
	if n.IsList() {
		out.Items = slices.Clone(n.Items)
		for step, within := range byStep {
			after, err := patched(&n.Items[step.Index], within, depth+1)
			if err != nil || after == nil {
				return nil, fmt.Errorf("an element went: %w", err)
			}
			out.Items[step.Index] = *after
		}
	}
	out.Seal()
	return &out, nil
}

// The differences of two values make the second of the first, and none is within
// another.
func TestDiffIsWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := parse(t, oddValue(3).Draw(t, "before"))
		after := parse(t, oddValue(3).Draw(t, "after"))
		if rapid.Bool().Draw(t, "near") { // else most differ as a whole
			text := jsontree.Compact(before)
			after = parse(t, strings.NewReplacer(`"a"`, `"b"`, "true", "[1]", "{}", `{"x":1}`).Replace(text))
		}
		all := differences(before, after, nil)
		if (len(all) == 0) != jsontree.Equal(before, after) {
			t.Fatalf("%d differences", len(all))
		}
		seen := map[string]bool{}
		for _, d := range all {
			if jsontree.Equal(d.Before, d.After) || seen[d.Path.String()] {
				t.Fatalf("%s is no difference, or told twice", d.Path)
			}
			seen[d.Path.String()] = true
		}
		if strings.Contains(jsontree.Compact(before)+jsontree.Compact(after), `\ud`) {
			return // half of a surrogate pair is not told from its escape in a path
		}
		got, err := patched(before, all, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !jsontree.Equal(got, after) {
			t.Fatalf("got %s, want %s", jsontree.Compact(got), jsontree.Compact(after))
		}
	})
}

// However deep two values differ, or however long their names are, the paths have no
// more than a multiple of their size.
func TestDiffIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(n int, name, within string) string {
		return strings.Repeat(`{"`+name+`":`, n) + within + strings.Repeat("}", n)
	}
	var flat strings.Builder
	for i := range 2_000 {
		fmt.Fprintf(&flat, `"k%d":{"x":1},`, i)
	}
	wide := "{" + flat.String() + `"z":1}`
	for name, pair := range map[string][2]string{
		"deep":            {nested(5_000, "a", "1"), nested(5_000, "a", "2")},
		"deep, then wide": {nested(500, "a", wide), nested(500, "a", strings.ReplaceAll(wide, "1", "2"))},
		"long names":      {nested(60, strings.Repeat("n", 500), wide), nested(60, strings.Repeat("n", 500), strings.ReplaceAll(wide, "1", "2"))},
	} {
		length := 0
		all := differences(parse(t, pair[0]), parse(t, pair[1]), nil)
		for _, d := range all {
			length += len(d.Path.String())
		}
		if size := len(pair[0]) + len(pair[1]); len(all) == 0 || length > 40*size {
			t.Errorf("%s: %d places with paths of %d bytes, of %d", name, len(all), length, size)
		}
	}
}
