package schemadiff

import (
	"cmp"
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

const (
	// maxDepth is how many levels deep proofs go.
	maxDepth = 100
	// minWork is what a proof of the smallest schemas may take.
	minWork = 20_000
	// maxNodes is how many values two schemas may have; those of a catalogue have some
	// thousand. Their normal forms take a kilobyte each.
	maxNodes = 50_000
	// maxPaths is at how many places a proof may fail before it fails as a whole.
	maxPaths = 1000
)

// comparison proves that one schema accepts whatever another does, or finds out where
// it cannot.
type comparison struct {
	work *work
	// verdicts are those of pairs of schemas, each of a value of its own.
	verdicts map[pair]verdict
	// assumed are the pairs that hold, or are assumed to while they are compared.
	assumed []pair
	depth   int
	// plain is set where schemas are compared as a validator does, without the reading:
	// objects may have properties that are not named.
	plain bool
	// parts is how many times what is compared was taken to parts.
	parts int
	// quiet is how many attempts are being made, whose failures are not told.
	quiet int
	paths []jsontree.Path
}

// pair is two schemas of which the second may accept whatever the first does; plain is
// that of the comparison.
type pair struct {
	a, b  *form
	plain bool
}

type verdict byte

const (
	holds verdict = iota + 1
	fails
	failsAsTold
)

// prove returns the paths at which it is not proven that b accepts whatever a does; nil
// if it is. Its work is for both documents.
func prove(a, b *document, work *work) []jsontree.Path {
	c := &comparison{work: work, verdicts: map[pair]verdict{}}
	if c.within(a.rootForm(), b.rootForm()) {
		return nil
	}
	if len(c.paths) == 0 || len(c.paths) > maxPaths || work.left <= 0 {
		return []jsontree.Path{{}}
	}
	return c.paths
}

// rootForm returns the schema of the document itself, whose values are objects.
func (d *document) rootForm() *form {
	f := &form{doc: d, raw: d.root, state: read, values: values{kinds: objects}}
	f.merge(d.form(d.root, nil).read())
	return f
}

// fail tells where the proof failed. It returns false, as its callers do.
func (c *comparison) fail(paths ...jsontree.Path) bool {
	if c.quiet == 0 && len(c.paths) <= maxPaths {
		c.paths = append(c.paths, paths...)
	}
	return false
}

// try reports whether something can be proven, and does not tell where it cannot.
func (c *comparison) try(proof func() bool) bool {
	c.quiet++
	defer func() { c.quiet-- }()
	return proof()
}

// all reports whether something can be proven for every one of some. It goes on where
// it cannot, to tell of the others as well.
func all[T any](c *comparison, of []T, proof func(T) bool) bool {
	ok := true
	for _, one := range of {
		if c.work.left <= 0 || !ok && c.quiet > 0 {
			return false
		}
		ok = proof(one) && ok
	}
	return ok
}

// within reports whether it is proven that b accepts whatever a does, for schemas of a
// value of its own. A pair that is met again while it is compared is assumed to hold;
// if it fails, so may what was proven meanwhile.
func (c *comparison) within(a, b *form) bool {
	p := pair{a.read(), b.read(), c.plain}
	switch v := c.verdicts[p]; {
	case v == holds || a.isNone() || b.isAny():
		return true
	case v == failsAsTold || v == fails && c.quiet > 0:
		return false
	case c.depth > maxDepth || !c.work.spend(1):
		return c.fail(a.path, b.path)
	case a.raw != nil && b.raw != nil && a.doc.textOf(a.raw) == b.doc.textOf(b.raw):
		return true
	case a.unknown || b.unknown:
		return c.fail(a.path, b.path)
	}
	mark := len(c.assumed)
	c.assumed = append(c.assumed, p)
	c.verdicts[p] = holds
	parts := c.parts
	c.depth, c.parts = c.depth+1, 0
	ok := c.namesWithin(a, b)
	ok = (ok || c.quiet == 0) && c.meets(a, b, a) && ok
	c.depth, c.parts = c.depth-1, parts
	if ok {
		return true
	}
	for _, p := range c.assumed[mark:] {
		if c.verdicts[p] == holds {
			delete(c.verdicts, p)
		}
	}
	c.assumed = c.assumed[:mark]
	if c.verdicts[p] = fails; c.quiet == 0 {
		c.verdicts[p] = failsAsTold
	}
	c.fail(a.refs...)
	return c.fail(b.refs...)
}

// namesWithin reports whether b offers whatever properties a does.
func (c *comparison) namesWithin(a, b *form) bool {
	if c.plain || a.values.all()&b.values.all()&objects == 0 || b.admitsOthers() {
		return true
	}
	ok := true
	if a.admitsOthers() {
		if ok = false; len(a.opens) == 0 {
			c.fail(a.path)
		}
		for _, g := range a.opens {
			if !g.read().isNone() {
				c.fail(g.path)
			}
		}
	}
	if !c.work.spend(len(b.names)) {
		return false
	}
	offered := map[string]bool{}
	for _, n := range b.names {
		offered[n.name] = true
	}
	return all(c, a.names, func(n named) bool {
		return offered[n.name] || c.work.spend(1+len(a.demands)) && a.bars(n.name) || c.fail(n.path)
	}) && ok
}

// bars reports whether a property has no value that is accepted.
func (f *form) bars(name string) bool {
	return slices.ContainsFunc(f.demands, func(d *demand) bool {
		p := d.property(name)
		if p == nil && d.sort == properties && d.patterns == nil {
			p = d.rest
		}
		return p != nil && p.read().isNone()
	})
}

// meets reports whether whatever a accepts meets all demands of b. Both apply to the
// same value; whole is the schema of that value on a's side, of which a may be a part.
func (c *comparison) meets(a, b, whole *form) bool {
	ok := a.values.within(b.values)
	if !ok {
		c.fail(a.paths...)
		if c.fail(b.paths...); len(b.paths) == 0 {
			c.fail(b.path)
		}
		if c.quiet > 0 {
			return false
		}
	}
	return all(c, b.demands, func(d *demand) bool { return c.implies(a, d, whole) }) && ok
}

// implies reports whether whatever a accepts meets a demand.
func (c *comparison) implies(a *form, d *demand, whole *form) bool {
	c.work.spend(1 + len(a.values.consts) + len(a.demands)/16)
	if a.values.all()&d.on == 0 || c.try(func() bool { return c.follows(a, d, whole) || c.followsByParts(a, d, whole) }) {
		return true
	}
	if c.quiet > 0 {
		return false
	}
	// The smallest places are told.
	told := len(c.paths)
	switch d.sort {
	case properties, items:
		c.follows(a, d, whole)
	case alternatives:
		c.tellAlternatives(a, d, whole)
	}
	if len(c.paths) == told {
		c.fail(d.path)
	}
	return false
}

// follows reports whether a demand follows from those of a, each for itself.
func (c *comparison) follows(a *form, d *demand, whole *form) bool {
	switch d.sort {
	case bounds:
		areIntegers := a.values.all()&fractions == 0
		return slices.ContainsFunc(a.demands, func(own *demand) bool {
			if own.sort != bounds || own.on != d.on || own.bound.below != d.bound.below {
				return false
			}
			return own.bound.implies(d.bound) || areIntegers && own.bound.ofIntegers().implies(d.bound)
		})
	case properties:
		return c.propertiesWithin(a, d, whole)
	case items:
		return c.itemsWithin(a, d)
	case alternatives:
		if c.meetsAlternative(a, d, whole) {
			return true
		}
		fallthrough
	default:
		if d.word == "propertyNames" && c.accepts(d.forms[0], values{kinds: strs}) {
			return true
		}
		return slices.ContainsFunc(a.demands, func(own *demand) bool { return c.same(own, d) })
	}
}

// accepts reports whether a schema accepts all of some values.
func (c *comparison) accepts(f *form, v values) bool {
	all := &form{doc: f.doc, state: read, values: v}
	return !f.read().unknown && c.meets(all, f, all)
}

// same reports whether two demands without a direction, or for exactly one alternative,
// are proven to be the same.
func (c *comparison) same(own, d *demand) bool {
	if own.word != d.word || own.text != d.text || len(own.forms) != len(d.forms) || d.word == "anyOf" {
		return false
	}
	defer func(plain bool) { c.plain = plain }(c.plain)
	c.plain = true
	alike := func(f, g *form) bool {
		return f == g || f != nil && g != nil && c.within(f, g) && c.within(g, f)
	}
	if d.sort == opaque {
		return slices.EqualFunc(own.forms, d.forms, alike)
	}
	left := slices.Clone(d.forms) // in whatever order
	return all(c, own.forms, func(f *form) bool {
		i := slices.IndexFunc(left, func(g *form) bool { return alike(f, g) })
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
		return i >= 0
	})
}

// followsByParts reports whether a demand follows from each alternative of a, together
// with the rest of a. A part is taken to parts once more, and no further.
func (c *comparison) followsByParts(a *form, d *demand, whole *form) bool {
	if c.parts >= 2 {
		return false
	}
	c.parts++
	defer func() { c.parts-- }()
	return slices.ContainsFunc(a.demands, func(own *demand) bool {
		return own.sort == alternatives && all(c, own.forms, func(g *form) bool { return c.implies(c.part(a, own, g), d, whole) })
	})
}

// part returns what accepts whatever a accepts by one of its alternatives.
func (c *comparison) part(a *form, of *demand, g *form) *form {
	c.work.spend(len(a.demands) + len(g.demands))
	f := &form{doc: a.doc, path: g.path, state: read, values: a.values.and(g.values), paths: g.paths}
	for _, d := range a.demands {
		if d != of {
			f.demands = append(f.demands, d)
		}
	}
	f.demands = append(f.demands, g.demands...)
	return f
}

// meetsAlternative reports whether whatever a accepts is accepted by one of the
// alternatives, or whatever it accepts of each kind, and each constant.
func (c *comparison) meetsAlternative(a *form, d *demand, whole *form) bool {
	if d.word == "oneOf" && !d.provenDisjoint() {
		return false
	}
	isOne := func(a *form) bool {
		return slices.ContainsFunc(d.forms, func(g *form) bool { return c.meets(a, g, whole) })
	}
	if isOne(a) {
		return true
	}
	pieces := a.values.pieces()
	return len(pieces) > 1 && all(c, pieces, func(v values) bool {
		return c.work.spend(1) && isOne(&form{doc: a.doc, path: a.path, state: read, values: v, demands: a.demands})
	})
}

// tellAlternatives tells which alternatives of a are not among those of b: at smaller
// places where b has one in the same place.
func (c *comparison) tellAlternatives(a *form, d *demand, whole *form) {
	for _, own := range a.demands {
		if own.sort != alternatives {
			continue
		}
		all(c, own.forms, func(g *form) bool {
			part := c.part(a, own, g)
			if c.try(func() bool { return c.implies(part, d, whole) }) {
				return true
			}
			index := func(f *form) int { return f.path[len(f.path)-1].Index }
			i, found := slices.BinarySearchFunc(d.forms, index(g), func(f *form, i int) int { return cmp.Compare(index(f), i) })
			if told := len(c.paths); !found || d.word == "oneOf" || c.meets(part, d.forms[i], whole) || len(c.paths) == told {
				c.fail(g.path, d.path)
			}
			return false
		})
	}
}

// propertiesWithin reports whether d accepts the properties of whatever a accepts: each
// that may be there, as any demand of a has it.
func (c *comparison) propertiesWithin(a *form, d *demand, whole *form) bool {
	own := c.ofSort(a, properties)
	hasPatterns := func(o *demand) bool { // and accepts no more by them
		return slices.EqualFunc(o.patterns, d.patterns, func(p, q property) bool {
			return p.name == q.name && c.try(func() bool { return c.within(p.form, q.form) })
		})
	}
	if d.patterns != nil && !slices.ContainsFunc(own, hasPatterns) {
		return c.fail(d.path)
	}
	if !c.work.spend(len(whole.names)) {
		return false
	}
	var names []string
	for _, n := range whole.names {
		names = append(names, n.name)
	}
	others := c.plain || whole.admitsOthers()
	if others {
		for _, p := range d.props {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	ok := all(c, slices.Compact(names), func(name string) bool {
		want, isNamed := d.property(name), true
		if want == nil { // it may have to meet patterns instead, which a has too
			want, isNamed = d.rest, false
		}
		return want == nil || c.anyWithin(own, func(o *demand) *form {
			if p := o.property(name); p != nil || o.patterns != nil && (isNamed || !hasPatterns(o)) {
				return p
			}
			return o.rest
		}, want)
	})
	if d.rest == nil || !others && !d.rest.read().isNone() {
		return ok
	}
	// Properties that are not named, or may be there for all that a itself says.
	return c.anyWithin(own, func(o *demand) *form {
		if o.patterns != nil && !hasPatterns(o) {
			return nil
		}
		return o.rest
	}, d.rest) && ok
}

// itemsWithin reports whether d accepts the elements of whatever list a accepts.
func (c *comparison) itemsWithin(a *form, d *demand) bool {
	own := c.ofSort(a, items)
	length := len(d.forms)
	for _, o := range own {
		length = max(length, len(o.forms))
	}
	ok := true
	for i := 0; i <= length && c.work.left > 0 && (ok || c.quiet == 0); i++ {
		if want := d.element(i); want != nil {
			ok = c.anyWithin(own, func(o *demand) *form { return o.element(i) }, want) && ok
		}
	}
	return ok && c.work.left > 0
}

// ofSort returns the demands of a sort.
func (c *comparison) ofSort(f *form, s sort) (all []*demand) {
	c.work.spend(len(f.demands))
	for _, d := range f.demands {
		if d.sort == s {
			all = append(all, d)
		}
	}
	return all
}

// anyWithin reports whether a schema accepts whatever that of any of some demands does.
// A demand without one accepts everything.
func (c *comparison) anyWithin(own []*demand, of func(*demand) *form, want *form) bool {
	c.work.spend(len(own))
	var forms []*form
	for _, o := range own {
		if f := of(o); f != nil {
			forms = append(forms, f)
		}
	}
	if len(forms) == 0 {
		if want.other == nil { // once, so that what is recursive is compared once
			want.other = want.doc.anything(want.path)
		}
		return c.within(want.other, want)
	}
	return len(forms) > 1 && slices.ContainsFunc(forms[1:], func(f *form) bool {
		return c.try(func() bool { return c.within(f, want) })
	}) || c.within(forms[0], want)
}
