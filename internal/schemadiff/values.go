package schemadiff

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// kinds is a set of kinds of values. A boolean is one of two kinds, and so is a number,
// so that an enum of both booleans is the type, and an integer a number. There is no
// kind for null; see the package's comment.
type kinds uint8

const (
	objects kinds = 1 << iota
	arrays
	strs
	integers
	fractions
	trues
	falses

	numbers  = integers | fractions
	allKinds = objects | arrays | strs | numbers | trues | falses
)

// kindsByType are the kinds of a type, by its name.
var kindsByType = map[string]kinds{
	"object": objects, "array": arrays, "string": strs, "number": numbers,
	"integer": integers, "boolean": trues | falses, "null": 0,
}

// values is a set of values: all of some kinds, and constants of others.
type values struct {
	kinds  kinds
	consts []constant // by key, each once; none of the kinds above
}

// constant is a value. Equal ones have the same key.
type constant struct {
	kind kinds
	key  string
}

var anything = values{kinds: allKinds}

// all returns the kinds of all values in the set, those of constants included.
func (v values) all() kinds {
	all := v.kinds
	for _, c := range v.consts {
		all |= c.kind
	}
	return all
}

func (v values) has(c constant) bool {
	if v.kinds&c.kind != 0 {
		return true
	}
	_, found := slices.BinarySearchFunc(v.consts, c, compareConstants)
	return found
}

func compareConstants(a, b constant) int { return cmp.Compare(a.key, b.key) }

// and returns the values that are in both sets.
func (v values) and(w values) values {
	out := values{kinds: v.kinds & w.kinds}
	for _, c := range v.consts {
		if w.has(c) {
			out.consts = append(out.consts, c)
		}
	}
	for _, c := range w.consts {
		if v.kinds&c.kind != 0 {
			out.consts = append(out.consts, c)
		}
	}
	out.sort()
	return out
}

// unite returns the values that are in any of some sets, and whether one is in several.
func unite(sets []values) (union values, overlap bool) {
	count := 0
	for _, v := range sets {
		overlap = overlap || union.kinds&v.kinds != 0
		union.kinds |= v.kinds
		count += len(v.consts)
	}
	for _, v := range sets {
		for _, c := range v.consts {
			if union.kinds&c.kind == 0 {
				union.consts = append(union.consts, c)
			}
		}
	}
	union.sort()
	return union, overlap || len(union.consts) < count
}

func (v *values) sort() {
	slices.SortFunc(v.consts, compareConstants)
	v.consts = slices.Compact(v.consts)
}

// within reports whether all values of a set are in another.
func (v values) within(w values) bool {
	return v.kinds&^w.kinds == 0 && !slices.ContainsFunc(v.consts, func(c constant) bool { return !w.has(c) })
}

// typeValues returns the values that the keyword type admits, and whether it is one
// type or a list of them.
func typeValues(n *jsontree.Node) (v values, ok bool) {
	list := []jsontree.Node{*n}
	if n.IsList() {
		list = n.Items
	}
	for i := range list {
		name, _ := list[i].Str()
		kinds, known := kindsByType[name]
		if !known {
			return v, false
		}
		v.kinds |= kinds
	}
	return v, len(list) > 0
}

// enumValues returns the values that are listed, and whether equal ones can be told.
func enumValues(list []jsontree.Node) (v values, ok bool) {
	for i := range list {
		n := &list[i]
		switch n.Kind {
		case jsontree.Null:
			continue
		case jsontree.True:
			v.kinds |= trues
			continue
		case jsontree.False:
			v.kinds |= falses
			continue
		}
		c := constant{map[jsontree.Kind]kinds{jsontree.Object: objects, jsontree.List: arrays, jsontree.String: strs, jsontree.Number: fractions}[n.Kind], ""}
		key, ok := appendKey(nil, n)
		if !ok {
			return v, false
		}
		if c.key = string(key); n.Kind == jsontree.Number {
			if number, ok := parseNumber(n.Text); ok && number.IsInt() {
				c.kind = integers
			}
		}
		v.consts = append(v.consts, c)
	}
	v.sort()
	return v, true
}

// appendKey appends the text that all equal values have, and no others. It is not ok if
// a key stands twice in an object, or a number has no such text.
func appendKey(out []byte, n *jsontree.Node) ([]byte, bool) {
	switch {
	case n.HasTwins():
		return nil, false
	case n.Kind == jsontree.Number:
		number, ok := parseNumber(n.Text)
		if !ok {
			return nil, false
		}
		return append(out, number.RatString()...), true
	case n.Kind != jsontree.Object && n.Kind != jsontree.List:
		return append(out, n.Text...), true
	}
	out = append(out, byte(n.Kind))
	for i := range n.Items {
		out = append(out, n.Items[i].Key...)
		var ok bool
		if out, ok = appendKey(out, &n.Items[i]); !ok {
			return nil, false
		}
		out = append(out, ',')
	}
	return append(out, '.'), true
}

// parseNumber returns a number by its value. It is not ok if that would take long to
// work out; then it cannot be told what the number equals.
func parseNumber(text string) (*big.Rat, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return new(big.Rat).SetInt64(n), true
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if power, err := strconv.Atoi("0" + strings.TrimLeft(exponent, "+-")); err != nil || power > 999 || len(mantissa) > 999 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// bound is a bound of numbers, or of how long something may be.
type bound struct {
	limit  *big.Rat
	below  bool // it is the least
	strict bool // the limit itself is beyond it
}

// ofIntegers returns the same bound in the one spelling that it has for integers.
func (b bound) ofIntegers() bound {
	floor := new(big.Int).Div(b.limit.Num(), b.limit.Denom()) // which rounds down
	switch {
	case b.below && (b.strict || !b.limit.IsInt()):
		floor.Add(floor, big.NewInt(1))
	case !b.below && b.strict && b.limit.IsInt():
		floor.Sub(floor, big.NewInt(1))
	}
	return bound{new(big.Rat).SetInt(floor), b.below, false}
}

// implies reports whether whatever is within a bound is within another one of the same
// direction.
func (b bound) implies(other bound) bool {
	c := b.limit.Cmp(other.limit)
	if !b.below {
		c = -c
	}
	return c > 0 || c == 0 && (b.strict || !other.strict)
}

// pieces returns each kind, and each constant, as a set of its own.
func (v values) pieces() (all []values) {
	for k := kinds(1); k < allKinds; k <<= 1 {
		if v.kinds&k != 0 {
			all = append(all, values{kinds: k})
		}
	}
	for _, c := range v.consts {
		all = append(all, values{consts: []constant{c}})
	}
	return all
}
