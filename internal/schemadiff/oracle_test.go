package schemadiff_test

import (
	"encoding/json"
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
	if properties[name] != nil {
		return o.offered(l.then("properties", name), value)
	}
	matched := false
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

// sampler makes values near the bounds, constants and names of two schemas.
type sampler struct {
	*oracle
	texts   []any
	numbers []any
	lengths []int
	names   []string
	rand    *rand.Rand
}

func newSampler(of *oracle, both ...*oracle) *sampler {
	s := &sampler{oracle: of, rand: rand.New(rand.NewPCG(1, 2))}
	texts := map[string]bool{"": true, "a": true, "b": true, "zz": true}
	numbers := map[float64]bool{0: true, 1: true, -1: true, 0.5: true, 1e6: true}
	lengths := map[int]bool{0: true, 1: true, 2: true, 3: true}
	names := map[string]bool{"zz": true}
	for _, o := range both {
		s.hints(o.root, texts, numbers, lengths, names)
	}
	for length := range lengths {
		if length > 3 {
			texts[strings.Repeat("x", length)] = true
		}
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		s.texts = append(s.texts, text)
	}
	for _, number := range slices.Sorted(maps.Keys(numbers)) {
		s.numbers = append(s.numbers, number)
	}
	s.lengths, s.names = slices.Sorted(maps.Keys(lengths)), slices.Sorted(maps.Keys(names))
	return s
}

// textsByFormat are texts that a format, or a usual pattern, accepts.
var textsByFormat = map[string]string{
	"uri": "https://example.com/a", "email": "a@example.com", "date": "2026-01-02", "date-time": "2026-01-02T03:04:05Z",
	"uuid": "123e4567-e89b-42d3-a456-426614174000", "time": "03:04:05Z", "ipv4": "192.0.2.1", "hostname": "a.example",
}

func (s *sampler) hints(n any, texts map[string]bool, numbers map[float64]bool, lengths map[int]bool, names map[string]bool) {
	switch n := n.(type) {
	case map[string]any:
		for key, value := range n {
			switch key {
			case "properties":
				properties, _ := value.(map[string]any)
				for name := range properties {
					names[name] = true
				}
			case "pattern", "format":
				for _, text := range textsByFormat {
					texts[text] = true
				}
				for _, text := range []string{"A1", "1", "abc", "12345", "a-b", "a/b", "C0123456789", "deadbeef"} {
					texts[text] = true
				}
			case "description", "title":
				continue
			}
			s.hints(value, texts, numbers, lengths, names)
		}
	case []any:
		for _, item := range n {
			s.hints(item, texts, numbers, lengths, names)
		}
	case string:
		if len(n) < 30 {
			texts[n] = true
		}
	case json.Number:
		if f, err := n.Float64(); err == nil && f > -1e15 && f < 1e15 {
			for _, d := range []float64{-1, -0.5, 0, 0.5, 1} {
				numbers[f+d] = true
			}
			if f >= 0 && f <= 5000 {
				lengths[int(f)], lengths[int(f)+1], lengths[max(0, int(f)-1)] = true, true, true
			}
		}
	}
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// value makes a value that a schema may accept, or almost.
func (s *sampler) value(l location, depth int) any {
	n, isObject := l.schema.(map[string]any)
	if !isObject || depth > 12 || s.rand.IntN(40) == 0 {
		return s.anything(depth)
	}
	if value, isConst := n["const"]; isConst {
		return value
	}
	if list, isEnum := n["enum"].([]any); isEnum && len(list) > 0 {
		return pick(s.rand, list)
	}
	always, some, conditional := s.branches(l)
	parts := append([]location{l}, always...)
	if len(some) > 0 {
		parts = append(parts, pick(s.rand, some))
	}
	if len(conditional) > 0 {
		parts = append(parts, pick(s.rand, conditional))
	}
	var kinds []string
	switch t := n["type"].(type) {
	case string:
		kinds = []string{t}
	case []any:
		for _, name := range t {
			kinds = append(kinds, fmt.Sprint(name))
		}
	}
	if len(kinds) == 0 && len(parts) > 1 {
		part := parts[1+s.rand.IntN(len(parts)-1)]
		value := s.value(part, depth+1)
		object, isObject := value.(map[string]any)
		if !isObject {
			return value
		}
		for _, p := range parts {
			if p.pointer != part.pointer {
				s.fill(object, p, depth)
			}
		}
		return object
	}
	if len(kinds) == 0 {
		switch {
		case n["properties"] != nil || n["required"] != nil || n["additionalProperties"] != nil || n["patternProperties"] != nil:
			kinds = []string{"object"}
		case n["items"] != nil || n["prefixItems"] != nil || n["contains"] != nil:
			kinds = []string{"array"}
		default:
			return s.anything(depth)
		}
	}
	switch pick(s.rand, kinds) {
	case "object":
		object := map[string]any{}
		for _, p := range parts {
			s.fill(object, p, depth)
		}
		return object
	case "array":
		list := []any{}
		length := pick(s.rand, s.lengths)
		if length > 6 && s.rand.IntN(4) > 0 {
			length = s.rand.IntN(3)
		}
		for i := range min(length, 60) {
			list = append(list, s.value(s.element(l, i), depth+1))
		}
		return list
	case "string":
		if text, known := textsByFormat[fmt.Sprint(n["format"])]; known && s.rand.IntN(3) > 0 {
			return text
		}
		return pick(s.rand, s.texts)
	case "integer":
		return float64(int64(pick(s.rand, s.numbers).(float64)))
	case "number":
		return pick(s.rand, s.numbers)
	case "boolean":
		return s.rand.IntN(2) == 0
	}
	return s.anything(depth)
}

// fill adds the properties of a schema to an object: those that are required, and some.
func (s *sampler) fill(object map[string]any, l location, depth int) {
	n, _ := l.schema.(map[string]any)
	always, some, _ := s.branches(l)
	if len(some) > 0 {
		always = append(slices.Clone(always), pick(s.rand, some))
	}
	for _, b := range always {
		if depth < 12 && b.pointer != l.pointer {
			s.fill(object, b, depth+1)
		}
	}
	properties, _ := n["properties"].(map[string]any)
	add := func(name string) {
		if _, has := object[name]; has {
			return
		}
		if properties[name] != nil {
			object[name] = s.value(l.then("properties", name), depth+1)
			return
		}
		object[name] = s.value(l.then("additionalProperties"), depth+1)
	}
	share := s.rand.IntN(4) // some values have few, so that one fault is the only one
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if s.rand.IntN(4) < share && s.rand.IntN(max(1, len(properties)/4)) == 0 {
			add(name)
		}
	}
	required, _ := n["required"].([]any)
	for _, name := range required {
		if name, isText := name.(string); isText && s.rand.IntN(30) > 0 {
			add(name)
		}
	}
	if s.rand.IntN(8) == 0 {
		add(pick(s.rand, s.names))
	}
}

func (s *sampler) anything(depth int) any {
	switch s.rand.IntN(8) {
	case 0, 1:
		return pick(s.rand, s.texts)
	case 2, 3:
		return pick(s.rand, s.numbers)
	case 4:
		return s.rand.IntN(2) == 0
	case 5:
		list := []any{}
		for range s.rand.IntN(4) {
			list = append(list, s.anything(min(depth+4, 12)))
		}
		return list
	}
	object := map[string]any{}
	for range s.rand.IntN(3) {
		if depth < 12 {
			object[pick(s.rand, s.names)] = s.anything(depth + 4)
		}
	}
	return object
}

// hasNull reports whether there is a null in a value.
func hasNull(x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case map[string]any:
		for _, value := range x {
			if hasNull(value) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(x, hasNull)
	}
	return false
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
