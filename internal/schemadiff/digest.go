package schemadiff

import (
	"slices"
	"strconv"
)

// digester works out digests: two schemas, or demands, have the same one only if they
// mean the same. A schema within itself is digested as how far up it stands.
type digester struct {
	depth map[*form]int // of those that are being digested
	low   int           // the outermost of these that was met again
}

func newDigester() *digester { return &digester{depth: map[*form]int{}} }

// equal reports whether two demands are known to be the same.
func (d *demand) equal(other *demand) bool {
	for _, d := range []*demand{d, other} {
		if d.digest == 0 {
			d.digest = newDigester().demand(d, anything)
		}
	}
	return d.digest == other.digest
}

func (g *digester) form(f *form) uint64 {
	if f == nil {
		return 0
	}
	depth, isWithin := g.depth[f]
	switch {
	case f.isDigested:
		return f.digest
	case isWithin:
		g.low = min(g.low, depth)
		return sum("up " + strconv.Itoa(len(g.depth)-depth))
	case len(g.depth) > maxDepth || !f.doc.work.spend(1+len(f.demands)+len(f.names)+len(f.values.consts)):
		g.low = -1 // so that nothing around it is kept
		return sum("too deep " + f.doc.whole() + f.path.String())
	case f.read().unknown:
		return sum("unknown " + f.doc.textOf(f.raw))
	case f.isNone():
		return sum("none")
	}
	depth = len(g.depth)
	outer := g.low
	g.depth[f], g.low = depth, depth
	digest := g.content(f)
	delete(g.depth, f)
	if g.low >= depth {
		f.digest, f.isDigested = digest, true
	}
	g.low = min(g.low, outer)
	return digest
}

func (g *digester) content(f *form) uint64 {
	parts := []uint64{sum("values", uint64(f.values.kinds))}
	for _, c := range f.values.consts {
		parts = append(parts, sum("constant "+c.key))
	}
	for _, d := range f.demands {
		if d.on&f.values.all() != 0 && !d.isTrivial() {
			parts = append(parts, g.demand(d, f.values))
		}
	}
	for _, n := range f.names {
		parts = append(parts, sum("name "+n.name))
	}
	if f.admitsOthers() {
		parts = append(parts, sum("others"))
	}
	slices.Sort(parts)
	return sum("form", slices.Compact(parts)...)
}

// demand digests a demand on some values.
func (g *digester) demand(d *demand, on values) uint64 {
	var parts []uint64
	add := func(name string, f *form) {
		if f != nil && f.isAny() {
			f = nil
		}
		parts = append(parts, sum(name, g.form(f)))
	}
	word, text := d.word, d.text
	switch d.sort {
	case bounds:
		b := d.bound
		if on.all()&fractions == 0 {
			b = b.ofIntegers()
		}
		word, text = "bound", b.limit.RatString()
		if b.strict {
			text += " strict"
		}
		if b.below {
			text += " below"
		}
	case alternatives:
		for _, f := range d.forms {
			add("", f)
		}
		slices.Sort(parts)
		if word = "oneOf"; !d.exactlyOne || d.provenDisjoint() {
			word, parts = "anyOf", slices.Compact(parts)
		}
	default:
		for _, p := range d.props {
			add(p.name, p.form)
		}
		for _, p := range d.patterns {
			add("pattern "+p.name, p.form)
		}
		for _, f := range d.forms {
			add("", f)
		}
		if add("rest", d.rest); d.sort != opaque {
			word = "" // whichever of its words it begins with
		}
	}
	return sum(word+" "+text, append(parts, uint64(d.sort), uint64(d.on))...)
}

// isTrivial reports whether a demand is met by everything.
func (d *demand) isTrivial() bool {
	isAny := func(f *form) bool { return f == nil || f.read().isAny() }
	switch {
	case d.sort == items:
		return isAny(d.rest) && !slices.ContainsFunc(d.forms, func(f *form) bool { return !isAny(f) })
	case d.word == "propertyNames":
		f := d.forms[0].read()
		return !f.unknown && f.values.kinds&strs != 0 && !slices.ContainsFunc(f.demands, func(d *demand) bool { return d.on&strs != 0 })
	}
	return false
}

// provenDisjoint reports whether it is proven that no value meets two alternatives: by
// its kind, or by a required property of which they accept no value in common.
func (d *demand) provenDisjoint() bool {
	if d.isDisjoint == nil {
		disjoint := true
		for i, f := range d.forms {
			disjoint = disjoint && !slices.ContainsFunc(d.forms[:i], func(g *form) bool {
				return !f.doc.work.spend(1+len(f.demands)) || !areDisjoint(f, g)
			})
		}
		d.isDisjoint = &disjoint
	}
	return *d.isDisjoint
}

func areDisjoint(f, g *form) bool {
	switch f.values.and(g.values).all() {
	case 0:
		return true
	case objects:
		return slices.ContainsFunc(slices.Concat(f.demands, g.demands), func(d *demand) bool {
			if d.word != "required" {
				return false
			}
			one, other := f.valuesOf(d.text), g.valuesOf(d.text)
			return one.and(other).all() == 0
		})
	}
	return false
}

// valuesOf returns the values that a property may have, or more.
func (f *form) valuesOf(name string) values {
	for _, d := range f.demands {
		if p := d.property(name); p != nil && !p.read().unknown {
			return p.values
		}
	}
	return anything
}
