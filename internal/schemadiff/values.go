package schemadiff

import (
	"cmp"
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

func (v values) isAll() bool  { return v.kinds == allKinds }
func (v values) isNone() bool { return v.kinds == 0 && len(v.consts) == 0 }

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
			if number, ok := parseNumber(n.Text); ok && number.isInteger() {
				c.kind = integers
			}
		}
		v.consts = append(v.consts, c)
	}
	v.sort()
	return v, true
}

// appendKey appends the text that all equal values have, and no others. It is not ok if
// a key stands twice in an object.
func appendKey(out []byte, n *jsontree.Node) ([]byte, bool) {
	switch {
	case n.HasTwins():
		return nil, false
	case n.Kind == jsontree.Number:
		if number, ok := parseNumber(n.Text); ok {
			return append(out, number.key()...), true
		}
		return append(append(out, '!'), n.Text...), true
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

// number is a decimal number by value: 0.digits × 10^exponent. Its digits neither begin
// nor end with a zero; zero has none.
type number struct {
	negative bool
	digits   string
	exponent int64
}

// parseNumber reads a JSON number. It is not ok if the exponent is beyond reason; then
// the number equals only its own text.
func parseNumber(text string) (number, bool) {
	var n number
	text, n.negative = strings.CutPrefix(text, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if exponent != "" {
		var err error
		if n.exponent, err = strconv.ParseInt(exponent, 10, 48); err != nil {
			return n, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n.exponent += int64(len(whole))
	digits := strings.TrimLeft(whole+fraction, "0")
	n.exponent -= int64(len(whole) + len(fraction) - len(digits))
	if n.digits = strings.TrimRight(digits, "0"); n.digits == "" {
		return number{}, true
	}
	return n, true
}

func (n number) isInteger() bool { return int64(len(n.digits)) <= n.exponent }

func (n number) key() string {
	sign := "+"
	if n.negative {
		sign = "-"
	}
	return sign + n.digits + "e" + strconv.FormatInt(n.exponent, 10)
}

func (n number) compare(m number) int {
	sign := func(n number) int {
		switch {
		case n.digits == "":
			return 0
		case n.negative:
			return -1
		}
		return 1
	}
	if c := cmp.Compare(sign(n), sign(m)); c != 0 || n.digits == "" {
		return c
	}
	c := cmp.Or(cmp.Compare(n.exponent, m.exponent), cmp.Compare(n.digits, m.digits))
	return c * sign(n)
}

// bound is a bound of numbers: from below, or from above.
type bound struct {
	limit  number
	strict bool // the limit itself is beyond it
}

// tightest returns the same bound for integers: the outermost that is within it. One
// with more than 15 digits is returned as it is.
func (b bound) tightest(below bool) bound {
	if b.limit.exponent > 15 || !b.strict && b.limit.isInteger() {
		return b
	}
	digits := b.limit.digits
	for int64(len(digits)) < b.limit.exponent {
		digits += "0"
	}
	floor, _ := strconv.ParseInt("0"+digits[:max(0, b.limit.exponent)], 10, 64)
	isInteger := b.limit.isInteger()
	if b.limit.negative {
		if floor = -floor; !isInteger {
			floor--
		}
	}
	switch {
	case below: // the next one, or the one above the fraction
		floor++
	case isInteger:
		floor--
	}
	limit, _ := parseNumber(strconv.FormatInt(floor, 10))
	return bound{limit: limit}
}

// implies reports whether all numbers within a bound are within another one of the same
// direction.
func (b bound) implies(other bound, below bool) bool {
	c := b.limit.compare(other.limit)
	if !below {
		c = -c
	}
	return c > 0 || c == 0 && (b.strict || !other.strict)
}
