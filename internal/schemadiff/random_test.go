package schemadiff_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// maker makes random schemas, and others near them.
type maker struct {
	*rand.Rand
	// draft7 is set for schemas in draft 7, which has other keywords.
	draft7 bool
}

type object = map[string]any

func newMaker(seed uint64) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7))}
	m.draft7 = m.IntN(8) == 0
	return m
}

func (m *maker) name() string  { return pick(m.Rand, []string{"a", "b", "c"}) }
func (m *maker) constant() any { return pick(m.Rand, []any{"a", "b", "", 1, 2, 0.5, true, false, nil}) }
func (m *maker) small() int    { return m.IntN(4) }

// root makes the schema of a tool's arguments.
func (m *maker) root() object {
	n := object{"type": "object", "properties": object{"a": m.schema(2), "b": m.schema(1)}}
	if m.IntN(4) == 0 {
		n = m.schema(2)
	}
	if m.IntN(2) == 0 {
		m.extend(n, 2)
	}
	if m.IntN(3) == 0 {
		n[m.defs()] = object{"A": m.schema(2), "B": m.schema(1)}
	}
	switch {
	case m.draft7:
		n["$schema"] = "http://json-schema.org/draft-07/schema#"
	case m.IntN(2) == 0:
		n["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	}
	return n
}

func (m *maker) defs() string {
	if m.draft7 {
		return "definitions"
	}
	return "$defs"
}

// child makes a schema of any kind: an object, or a boolean.
func (m *maker) child(depth int) any {
	if m.IntN(15) == 0 {
		return m.IntN(2) == 0
	}
	return m.schema(depth)
}

func (m *maker) children(depth int) []any {
	var all []any
	for range 1 + m.IntN(3) {
		all = append(all, m.child(depth-1))
	}
	return all
}

func (m *maker) schema(depth int) object {
	n := object{}
	switch kind := m.IntN(10); {
	case depth <= 0 || kind < 4:
		n["type"] = pick(m.Rand, []any{"string", "integer", "number", "boolean", []any{"string", "null"}, []any{"integer", "string"}, "null"})
	case kind < 7:
		n["type"] = "object"
		if m.IntN(3) > 0 {
			n["properties"] = object{m.name(): m.child(depth - 1), m.name(): m.child(depth - 1)}
		}
	case kind < 8:
		n["type"] = "array"
	}
	for range m.IntN(2 + m.IntN(2)) {
		m.extend(n, depth)
	}
	return n
}

// extend adds a keyword to a schema, or changes one.
func (m *maker) extend(n object, depth int) {
	if depth <= 0 {
		m.extendLeaf(n)
		return
	}
	switch m.IntN(26) {
	case 0, 1:
		n["properties"] = object{m.name(): m.child(depth - 1), m.name(): m.child(depth - 1)}
	case 2, 3:
		n["additionalProperties"] = pick(m.Rand, []any{false, false, true, m.child(depth - 1)})
	case 4:
		n["required"] = []any{m.name()}
	case 5:
		n["items"] = m.child(depth - 1)
	case 6, 7:
		n["anyOf"] = m.children(depth)
	case 8:
		n["oneOf"] = m.children(depth)
	case 9:
		n["allOf"] = m.children(depth)
	case 10:
		n["not"] = m.child(depth - 1)
	case 11:
		n["if"], n["then"] = m.child(depth-1), m.child(depth-1)
		if m.IntN(2) == 0 {
			n["else"] = m.child(depth - 1)
		}
	case 12, 13:
		n["$ref"] = pick(m.Rand, []string{"#/" + m.defs() + "/A", "#/" + m.defs() + "/B", "#", "#/properties/a", "#/anyOf/0", "#/properties/b/anyOf/1"})
	case 14:
		n["patternProperties"] = object{pick(m.Rand, []string{"^a", "b", "."}): m.child(depth - 1)}
	case 15:
		n["contains"] = m.child(depth - 1)
		if m.IntN(2) == 0 {
			n[pick(m.Rand, []string{"minContains", "maxContains"})] = m.small()
		}
	case 16:
		if m.draft7 {
			n["items"] = m.children(depth)
			n["additionalItems"] = m.child(depth - 1)
			return
		}
		n["prefixItems"] = m.children(depth)
	case 17:
		n[pick(m.Rand, []string{"unevaluatedProperties", "unevaluatedItems"})] = m.child(depth - 1)
	case 18:
		n["dependentSchemas"] = object{m.name(): m.child(depth - 1)}
	case 19:
		n["dependentRequired"] = object{m.name(): []any{m.name()}}
	case 20:
		n["propertyNames"] = pick(m.Rand, []any{object{"type": "string"}, object{"enum": []any{"a", "b"}}, object{"maxLength": 1}})
	case 21:
		n["dependencies"] = object{m.name(): pick(m.Rand, []any{[]any{m.name()}, m.child(depth - 1)})}
	case 22:
		n[m.defs()] = object{"A": m.child(depth - 1), "B": m.child(depth - 1)}
	default:
		m.extendLeaf(n)
	}
}

func (m *maker) extendLeaf(n object) {
	switch m.IntN(12) {
	case 0:
		n["enum"] = []any{m.constant(), m.constant(), object{"a": 1}}[:1+m.IntN(3)]
		if fmt.Sprint(n["enum"].([]any)[0]) == fmt.Sprint(m.constant()) {
			n["enum"] = n["enum"].([]any)[:1]
		}
	case 1:
		n["const"] = m.constant()
	case 2:
		n["type"] = pick(m.Rand, []any{"string", "integer", "number", "boolean", "object", "array", []any{"object", "string"}})
	case 3, 4:
		n[pick(m.Rand, []string{"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"})] = pick(m.Rand, []any{0, 1, 2, 0.5, 1.5, -1})
	case 5, 6:
		n[pick(m.Rand, []string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})] = m.small()
	case 7:
		n["pattern"] = pick(m.Rand, []string{"^a", "b$", "."})
	case 8:
		n["format"] = pick(m.Rand, []string{"email", "date", "uri"})
	case 9:
		n["multipleOf"] = pick(m.Rand, []any{1, 2, 0.5})
	case 10:
		n["uniqueItems"] = m.IntN(2) == 0
	case 11:
		n[pick(m.Rand, []string{"description", "title", "nullable", "x-a", "properties ", "default"})] = true
		delete(n, "description")
		delete(n, "title")
	}
}

// near returns a schema that is another one but for some changes.
func (m *maker) near(of object) object {
	n := clone(of).(object)
	for range 1 + m.IntN(3)*m.IntN(2) {
		var all []object
		objectsIn(n, &all)
		m.change(n, pick(m.Rand, all))
	}
	return n
}

func (m *maker) change(root, n object) {
	keys := slices.Sorted(maps.Keys(n))
	switch m.IntN(14) {
	case 0, 1, 2:
		m.extend(n, 2)
	case 3, 4, 5:
		if len(keys) > 0 {
			delete(n, pick(m.Rand, keys))
		}
	case 6: // what stands elsewhere
		var all []object
		objectsIn(root, &all)
		other := clone(pick(m.Rand, all)).(object)
		clear(n)
		maps.Copy(n, other)
	case 7: // in a branch
		inner := maps.Clone(n)
		clear(n)
		n[pick(m.Rand, []string{"allOf", "anyOf", "oneOf"})] = []any{inner, m.child(1)}[:1+m.IntN(2)]
	case 8: // a list in another order, or shorter
		for _, key := range keys {
			if list, isList := n[key].([]any); isList && len(list) > 1 {
				if m.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] }); m.IntN(2) == 0 {
					n[key] = list[1:]
				}
			}
		}
	case 9: // another member of a list
		for _, key := range keys {
			if list, isList := n[key].([]any); isList {
				switch key {
				case "enum":
					n[key] = append(list, fmt.Sprint("n", m.IntN(3)))
				case "anyOf", "oneOf", "allOf", "prefixItems":
					n[key] = append(list, m.child(1))
				}
			}
		}
	case 10: // of another name
		for _, key := range keys {
			if len(key) == 1 {
				n[m.name()] = n[key]
			}
		}
	case 11: // a demand in a branch beside
		if len(keys) > 0 {
			key := pick(m.Rand, keys)
			all, _ := n["allOf"].([]any)
			if key != "allOf" {
				n["allOf"] = append(all, object{key: n[key]})
				delete(n, key)
			}
		}
	case 12: // a definition
		defs, _ := root[m.defs()].(object)
		if defs == nil {
			defs = object{}
		}
		if inner := clone(n).(object); inner["$ref"] == nil && inner["$schema"] == nil {
			defs["C"] = inner
			clear(n)
			n["$ref"] = "#/" + m.defs() + "/C"
			root[m.defs()] = defs
		}
	case 13:
		root["$schema"] = pick(m.Rand, []string{"http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema"})
	}
}

// objectsIn collects all objects in a schema: its schemas, and what is between them.
func objectsIn(n any, all *[]object) {
	switch n := n.(type) {
	case object:
		*all = append(*all, n)
		for _, key := range slices.Sorted(maps.Keys(n)) {
			objectsIn(n[key], all)
		}
	case []any:
		for _, item := range n {
			objectsIn(item, all)
		}
	}
}

func clone(n any) any {
	switch n := n.(type) {
	case object:
		out := object{}
		for key, value := range n {
			out[key] = clone(value)
		}
		return out
	case []any:
		out := make([]any, len(n))
		for i, item := range n {
			out[i] = clone(item)
		}
		return out
	}
	return n
}

func textOf(n any) string {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return string(text)
}
