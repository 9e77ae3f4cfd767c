package schemadiff_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

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
