package schemadiff_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// An oracle decides which values a schema accepts: a validator does, and the reading
// that the package's comment describes is applied to values rather than to schemas.
// Nothing of it is shared with what it judges.
type oracle struct {
	root     any
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
	read     map[string]*applied
}

// applied is what applies in place, by whether it always does.
type applied struct{ always, some, conditional []location }

const address = "https://oracle.example/schema"

func newOracle(text string) (*oracle, error) {
	root, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	root = withoutNulls(root)
	if n, isObject := root.(object); isObject {
		switch draft := fmt.Sprint(n["$schema"]); {
		case strings.Contains(draft, "draft-0"):
			root = without(root, "unevaluatedProperties", "unevaluatedItems", "dependentSchemas", "dependentRequired", "prefixItems", "minContains", "maxContains")
		case strings.Contains(draft, "2019-09"):
			root = without(root, "prefixItems")
		}
	}
	o := &oracle{root, jsonschema.NewCompiler(), map[string]*jsonschema.Schema{}, map[string]*applied{}}
	o.compiler.AssertFormat()
	if err := o.compiler.AddResource(address, o.root); err != nil {
		return nil, err
	}
	_, err = o.compile("")
	return o, err
}

// withoutNulls returns a schema without the keywords that are null.
func withoutNulls(n any) any {
	switch n := n.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range n {
			switch {
			case key == "const" || key == "enum" || key == "default" || key == "examples":
				out[key] = value
			case value != nil:
				out[key] = withoutNulls(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(n))
		for i, item := range n {
			out[i] = withoutNulls(item)
		}
		return out
	}
	return n
}

// without returns a schema without some keywords, which its draft does not know.
func without(n any, words ...string) any {
	switch n := n.(type) {
	case object:
		out := object{}
		for key, value := range n {
			if !slices.Contains(words, key) {
				out[key] = without(value, words...)
			}
		}
		return out
	case []any:
		out := make([]any, len(n))
		for i, item := range n {
			out[i] = without(item, words...)
		}
		return out
	}
	return n
}

func (o *oracle) compile(pointer string) (*jsonschema.Schema, error) {
	if s := o.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := o.compiler.Compile(address + "#" + pointer)
	if err == nil {
		o.compiled[pointer] = s
	}
	return s, err
}

// location is a schema within the root: a pointer, and what is there.
type location struct {
	pointer string
	schema  any
}

var escape, unescape = strings.NewReplacer("~", "~0", "/", "~1"), strings.NewReplacer("~1", "/", "~0", "~")

func (l location) then(steps ...string) location {
	for _, step := range steps {
		switch n := l.schema.(type) {
		case map[string]any:
			l.schema = n[step]
		case []any:
			i, _ := strconv.Atoi(step)
			l.schema = n[i]
		default:
			l.schema = nil
		}
		l.pointer += "/" + url.PathEscape(escape.Replace(step))
	}
	return l
}

// valid reports whether the validator accepts a value.
func (o *oracle) valid(l location, x any) bool {
	s, err := o.compile(l.pointer)
	return err == nil && s.Validate(x) == nil
}

func (o *oracle) all() location { return location{"", o.root} }

// branches returns the schemas that may apply in place, one level down.
func (o *oracle) branches(l location) (always, some, conditional []location) {
	b := o.read[l.pointer]
	if b == nil {
		b = new(applied)
		b.always, b.some, b.conditional = o.readBranches(l)
		o.read[l.pointer] = b
	}
	return b.always, b.some, b.conditional
}

func (o *oracle) readBranches(l location) (always, some, conditional []location) {
	n, _ := l.schema.(map[string]any)
	if ref, isText := n["$ref"].(string); isText {
		if target, ok := o.resolve(ref); ok {
			always = append(always, target)
		}
		if o.ignoresBesideRef() {
			return always, nil, nil
		}
	}
	list := func(word string) (all []location) {
		items, _ := n[word].([]any)
		for i := range items {
			all = append(all, l.then(word, strconv.Itoa(i)))
		}
		return all
	}
	always = append(always, list("allOf")...)
	some = append(list("anyOf"), list("oneOf")...)
	if n["if"] != nil {
		for _, word := range []string{"if", "then", "else"} {
			if n[word] != nil {
				conditional = append(conditional, l.then(word))
			}
		}
	}
	for _, word := range []string{"dependentSchemas", "dependencies"} {
		named, _ := n[word].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(named)) {
			if _, isList := named[name].([]any); !isList {
				conditional = append(conditional, l.then(word, name))
			}
		}
	}
	return always, some, conditional
}

func (o *oracle) ignoresBesideRef() bool {
	root, _ := o.root.(map[string]any)
	schema, _ := root["$schema"].(string)
	return strings.Contains(schema, "draft-0")
}

func (o *oracle) resolve(ref string) (location, bool) {
	at, isLocal := strings.CutPrefix(ref, "#")
	l := o.all()
	if !isLocal || at == "" {
		return l, isLocal
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
		step = unescape.Replace(step)
		if list, isList := l.schema.([]any); isList {
			if i, err := strconv.Atoi(step); err != nil || i >= len(list) {
				return l, false
			}
		}
		if l = l.then(step); l.schema == nil {
			return l, false
		}
	}
	return l, true
}

// named returns the properties that a schema names in place, and whether it admits
// others.
func (o *oracle) named(l location, names map[string]bool, depth int) (others bool) {
	n, _ := l.schema.(map[string]any)
	if depth > 20 {
		return true
	}
	always, some, conditional := o.branches(l)
	// An alternative that nothing but null meets is none.
	some = slices.DeleteFunc(slices.Clone(some), o.refuses)
	for _, b := range slices.Concat(always, some, conditional) {
		others = o.named(b, names, depth+1) || others
	}
	if n["$ref"] != nil && o.ignoresBesideRef() {
		return others
	}
	properties, _ := n["properties"].(map[string]any)
	for name := range properties {
		names[name] = true
	}
	required, _ := n["required"].([]any)
	for _, name := range required {
		if name, isText := name.(string); isText {
			names[name] = true
		}
	}
	for _, word := range []string{"additionalProperties", "unevaluatedProperties"} {
		others = others || n[word] != nil && !o.refuses(l.then(word))
	}
	patterns, _ := n["patternProperties"].(map[string]any)
	for name := range patterns {
		others = others || !o.refuses(l.then("patternProperties", name))
	}
	return others
}

// refuses reports whether a schema accepts nothing but null.
func (o *oracle) refuses(l location) bool { return o.kinds(l, 0) == 0 }

var kindNames = []string{"object", "array", "string", "integer", "fraction", "true", "false"}

// kinds returns the kinds of values that a schema does not rule out by its types and
// constants, as bits.
func (o *oracle) kinds(l location, depth int) int {
	const all = 1<<7 - 1
	n, isObject := l.schema.(map[string]any)
	if !isObject {
		if l.schema == false {
			return 0
		}
		return all
	}
	if depth > 20 {
		return all
	}
	kinds := all
	always, _, _ := o.branches(l)
	for _, b := range always {
		kinds &= o.kinds(b, depth+1)
	}
	if n["$ref"] != nil && o.ignoresBesideRef() {
		return kinds
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if list, isList := n[word].([]any); isList {
			union := 0
			for i := range list {
				union |= o.kinds(l.then(word, strconv.Itoa(i)), depth+1)
			}
			kinds &= union
		}
	}
	if not := n["not"]; not != nil && (not == true || fmt.Sprint(not) == "map[]") {
		return 0
	}
	ofType := func(name any) int {
		switch name {
		case "number":
			return 8 | 16
		case "boolean":
			return 32 | 64
		}
		if i := slices.Index(kindNames, fmt.Sprint(name)); i >= 0 {
			return 1 << i
		}
		return 0
	}
	switch types := n["type"].(type) {
	case string:
		kinds &= ofType(types)
	case []any:
		union := 0
		for _, name := range types {
			union |= ofType(name)
		}
		kinds &= union
	}
	constants, isEnum := n["enum"].([]any)
	if value, isConst := n["const"]; isConst {
		constants, isEnum = []any{value}, true
	}
	if isEnum {
		union := 0
		for _, value := range constants {
			union |= kindOf(value)
		}
		kinds &= union
	}
	return kinds
}

func kindOf(value any) int {
	switch value := value.(type) {
	case map[string]any:
		return 1
	case []any:
		return 2
	case string:
		return 4
	case bool:
		if value {
			return 32
		}
		return 64
	case nil:
		return 0
	}
	if n, err := strconv.ParseFloat(fmt.Sprint(value), 64); err == nil && n == float64(int64(n)) {
		return 8
	}
	return 16
}

// offered reports whether all objects in a valid value have only properties that are
// offered, for a value of its own.
func (o *oracle) offered(l location, x any) bool {
	if object, isObject := x.(map[string]any); isObject {
		names := map[string]bool{}
		others := o.named(l, names, 0)
		if l.pointer != "" && len(names) == 0 && o.kinds(l, 0) == 1<<7-1 {
			others = true
		}
		for name := range object {
			if !others && !names[name] {
				return false
			}
		}
	}
	return o.within(l, x, 0)
}

// within reports the same of what is in a value, in place.
func (o *oracle) within(l location, x any, depth int) bool {
	n, _ := l.schema.(map[string]any)
	if depth > 20 {
		return true
	}
	always, some, _ := o.branches(l) // a condition is read as the validator does
	for _, b := range always {
		if !o.within(b, x, depth+1) {
			return false
		}
	}
	if n["$ref"] != nil && o.ignoresBesideRef() {
		return true
	}
	fits := func(b location) bool { return o.valid(b, x) && o.within(b, x, depth+1) }
	for _, word := range []string{"anyOf", "oneOf"} {
		var of []location
		for _, b := range some {
			if strings.HasPrefix(b.pointer, l.pointer+"/"+word+"/") {
				of = append(of, b)
			}
		}
		if len(of) > 0 && !slices.ContainsFunc(of, fits) {
			return false
		}
	}
	switch x := x.(type) {
	case map[string]any:
		properties, _ := n["properties"].(map[string]any)
		for name, value := range x {
			if !o.offeredProperty(l, properties, name, value) {
				return false
			}
		}
	case []any:
		for i, value := range x {
			if b := o.element(l, i); b.schema != nil && !o.offered(b, value) {
				return false
			}
		}
	}
	return true
}

func (o *oracle) offeredProperty(l location, properties map[string]any, name string, value any) bool {
	n, _ := l.schema.(map[string]any)
	matched := properties[name] != nil
	if matched && !o.offered(l.then("properties", name), value) {
		return false
	}
	patterns, _ := n["patternProperties"].(map[string]any)
	for pattern := range patterns {
		if regexp.MustCompile(pattern).MatchString(name) {
			if matched = true; !o.offered(l.then("patternProperties", pattern), value) {
				return false
			}
		}
	}
	if _, isSchema := n["additionalProperties"].(map[string]any); !matched && isSchema {
		return o.offered(l.then("additionalProperties"), value)
	}
	return true
}

func (o *oracle) element(l location, i int) location {
	n, _ := l.schema.(map[string]any)
	for _, word := range []string{"prefixItems", "items"} {
		if list, isList := n[word].([]any); isList {
			if i < len(list) {
				return l.then(word, strconv.Itoa(i))
			}
			if word == "items" {
				return l.then("additionalItems")
			}
		}
	}
	return l.then("items")
}

// found is what the values that were tried show of one direction.
type found struct {
	// witness is a value that one schema accepts and the other rejects, if there is one.
	witness any
	// confirmed is whether there is one, or one that is accepted only if objects may
	// have properties that are not named: additionalProperties is not false any more.
	confirmed bool
}

// compare looks for values that one of two schemas accepts and the other rejects.
func compare(before, after *oracle, tries int, seed uint64) (more, less found) {
	s := newSampler(after, before, after)
	s.rand = rand.New(rand.NewPCG(seed, seed))
	for i := range tries {
		s.oracle = []*oracle{before, after}[i%2]
		x := s.value(s.all(), 0)
		if _, isObject := x.(object); !isObject || hasNull(x) {
			continue
		}
		isValid := [2]bool{before.valid(before.all(), x), after.valid(after.all(), x)}
		accepted := [2]bool{isValid[0] && before.offered(before.all(), x), isValid[1] && after.offered(after.all(), x)}
		for i, f := range []*found{&more, &less} {
			f.confirmed = f.confirmed || isValid[1-i] && !isValid[i]
			if accepted[1-i] && !accepted[i] && f.witness == nil {
				f.witness, f.confirmed = x, true
			}
		}
		if more.witness != nil && less.witness != nil {
			break
		}
	}
	return more, less
}
