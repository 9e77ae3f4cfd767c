package jsontree

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// Step leads from an object to a member, or from a list to an element.
type Step struct {
	// Name is the member's; unused where Index is that of an element.
	Name string
	// Index is the element's, counted from 0; -1 for a member.
	Index int
}

// Field returns the step to a member.
func Field(name string) Step { return Step{name, -1} }

// Path leads from a value to one within it.
type Path []Step

// Then returns the path with more steps at its end.
func (p Path) Then(steps ...Step) Path { return append(slices.Clip(p), steps...) }

// Fields returns the path with steps to members at its end.
func (p Path) Fields(names ...string) Path {
	for _, name := range names {
		p = p.Then(Field(name))
	}
	return p
}

// String returns the path in one line of ASCII, such as
// inputSchema.properties.q.anyOf[0]. A name that is not a plain one stands in
// brackets, as a JSON string: ["a b"].
func (p Path) String() string {
	var out strings.Builder
	for _, step := range p {
		switch {
		case step.Index >= 0:
			out.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case isPlainStep(step.Name):
			if out.Len() > 0 {
				out.WriteByte('.')
			}
			out.WriteString(step.Name)
		default:
			out.WriteString("[" + shown.Quote(step.Name) + "]")
		}
	}
	return out.String()
}

// isPlainStep reports whether a name can stand in a path by itself. A dot would be
// taken for the end of it.
func isPlainStep(name string) bool {
	return !strings.ContainsAny(name, ".:") && shown.IsPlain(strings.TrimPrefix(name, "$"))
}

// Contains reports whether a path leads to the place that other leads to, or to one
// around it.
func (p Path) Contains(other Path) bool {
	if len(p) > len(other) {
		return false
	}
	for i, step := range p {
		if step != other[i] {
			return false
		}
	}
	return true
}

// Difference is a smallest place at which two values differ.
type Difference struct {
	// Path leads to the place from the values that were compared.
	Path Path
	// Before and After are what stands there; nil where there is nothing.
	Before, After *Node
}

// Diff yields the smallest places at which two sealed values differ, of which either
// may be nil, by key. A list is one place, unless both sides are lists of as many
// objects or lists. An object that is absent on one side is one place, unless open
// says that its members are compared with nothing.
//
// What is very deep, or has a very long path, is one place, so that the paths have
// together no more than a fixed multiple of the size of the values.
func Diff(before, after *Node, path Path, open func(Path) bool, yield func(Difference)) {
	if Equal(before, after) {
		return
	}
	if !path.isTooLong() && !before.HasTwins() && !after.HasTwins() {
		switch {
		case before.IsObject() && after.IsObject(),
			(before.IsObject() && len(before.Items) > 0 && after == nil || after.IsObject() && len(after.Items) > 0 && before == nil) && open != nil && open(path):
			for key, pair := range Pairs(before, after) {
				Diff(pair[0], pair[1], path.Then(Field(Unquote(key))), open, yield)
			}
			return
		case before.IsList() && after.IsList() && len(before.Items) == len(after.Items) && holdsContainers(before) && holdsContainers(after):
			for i := range before.Items {
				Diff(&before.Items[i], &after.Items[i], path.Then(Step{"", i}), open, yield)
			}
			return
		}
	}
	yield(Difference{path, before, after})
}

func holdsContainers(list *Node) bool {
	for i := range list.Items {
		if kind := list.Items[i].Kind; kind != Object && kind != List {
			return false
		}
	}
	return true
}

func (p Path) isTooLong() bool {
	const maxSteps, maxPath = 64, 2000
	length := 0
	for _, step := range p {
		length += len(step.Name)
	}
	return len(p) > maxSteps || length > maxPath
}

// Pairs yields the members of two objects by key. Either node may be nil, or no
// object: it has no members then.
func Pairs(before, after *Node) func(yield func(key string, pair [2]*Node) bool) {
	return func(yield func(string, [2]*Node) bool) {
		b, a := before.Members(), after.Members()
		for len(b) > 0 || len(a) > 0 {
			var pair [2]*Node
			var order int
			switch {
			case len(a) == 0:
				order = -1
			case len(b) == 0:
				order = 1
			default:
				order = compareKeys(b[0].Key, a[0].Key)
			}
			key := ""
			if order <= 0 {
				key, pair[0] = b[0].Key, &b[0]
				b = b[1:]
			}
			if order >= 0 {
				key, pair[1] = a[0].Key, &a[0]
				a = a[1:]
			}
			if !yield(key, pair) {
				return
			}
		}
	}
}
