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
	// maxPlaces is at how many places a proof may fail before it fails as a whole.
	maxPlaces = 1000
)

// comparison proves that b accepts whatever a does, or finds out where it cannot.
type comparison struct {
	a, b *document
	work *work
	// verdicts of pairs of schemas, each of a value of its own.
	verdicts map[[2]*form]verdict
	// assumed are the pairs that hold, or are assumed to while they are compared.
	assumed [][2]*form
	depth   int
	// told are the pairs of which the places are known.
	told map[[2]*form]bool
	// quiet is how many attempts are being made, whose failures are not told.
	quiet  int
	failed bool
	places []*place
}

type verdict byte

const (
	holds verdict = iota + 1
	fails
)

func newComparison(a, b *jsontree.Node, draftA, draftB draft) *comparison {
	w := &work{left: minWork}
	return &comparison{
		a: newDocument(a, draftA, w), b: newDocument(b, draftB, w), work: w,
		verdicts: map[[2]*form]verdict{}, told: map[[2]*form]bool{},
	}
}

func (c *comparison) run() { c.failed = !c.within(c.a.rootForm(), c.b.rootForm()) }

// rootForm returns the schema of the document itself, whose values are objects.
func (d *document) rootForm() *form {
	f := &form{doc: d, raw: d.root, state: read, values: values{kinds: objects}, isRoot: true}
	f.merge(d.form(d.root, nil).read())
	return f
}

// paths returns the places at which the proof failed, or nil.
func (c *comparison) paths() []jsontree.Path {
	if !c.failed {
		return nil
	}
	var paths []jsontree.Path
	seen := map[string]bool{}
	for _, p := range c.places {
		path := p.path()
		if key := path.String(); !seen[key] {
			seen[key] = true
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 || len(paths) > maxPlaces || c.work.left <= 0 {
		return []jsontree.Path{{}}
	}
	return paths
}

// fail tells where the proof failed. It returns false, as its callers do.
func (c *comparison) fail(places ...*place) bool {
	if c.quiet == 0 && len(c.places) <= 4*maxPlaces {
		c.places = append(c.places, places...)
	}
	return false
}

// try reports whether something can be proven, and does not tell where it cannot.
func (c *comparison) try(prove func() bool) bool {
	c.quiet++
	defer func() { c.quiet-- }()
	return prove()
}

// within reports whether it is proven that b accepts whatever a does, for schemas of a
// value of its own. A pair that is met again while it is compared is assumed to hold;
// if it fails, so may what was proven meanwhile.
func (c *comparison) within(a, b *form) bool {
	a.read()
	b.read()
	pair := [2]*form{a, b}
	switch {
	case a.isNone() || b.isAny() || c.verdicts[pair] == holds:
		return true
	case c.verdicts[pair] == fails && (c.quiet > 0 || c.told[pair]):
		return false
	case c.depth > maxDepth || !c.work.spend(1):
		return c.fail(a.place, b.place)
	case digestOf(a) == digestOf(b):
		c.verdicts[pair] = holds // whatever is assumed
		return true
	case a.unknown || b.unknown:
		return c.fail(a.place, b.place)
	}
	mark := len(c.assumed)
	c.assumed = append(c.assumed, pair)
	c.verdicts[pair] = holds
	c.told[pair] = c.told[pair] || c.quiet == 0
	c.depth++
	ok := c.namesWithin(a, b)
	ok = (ok || c.quiet == 0) && c.meets(a, b, a) && ok
	c.depth--
	if !ok {
		for _, p := range c.assumed[mark:] {
			delete(c.verdicts, p)
		}
		c.assumed = c.assumed[:mark]
		c.verdicts[pair] = fails
		c.fail(a.refs...)
		c.fail(b.refs...)
	}
	return ok
}

// namesWithin reports whether b offers whatever properties a does.
func (c *comparison) namesWithin(a, b *form) bool {
	if a.values.all()&b.values.all()&objects == 0 || b.admitsOthers() {
		return true
	}
	ok := true
	if a.admitsOthers() {
		ok = false
		for _, g := range a.opens {
			if !g.read().isNone() {
				c.fail(g.place)
			}
		}
		if len(a.opens) == 0 {
			c.fail(a.place)
		}
	}
	offered := b.nameSet()
	for _, n := range a.names {
		if !offered[n.name] && (!c.work.spend(len(a.demands)) || !a.isBarred(n.name)) {
			ok = c.fail(n.place)
		}
	}
	return ok
}

func (f *form) nameSet() map[string]bool {
	if f.known == nil {
		f.known = make(map[string]bool, len(f.names))
		for _, n := range f.names {
			f.known[n.name] = true
		}
	}
	return f.known
}

// isBarred reports whether no value of a property is accepted.
func (f *form) isBarred(name string) bool {
	for _, d := range f.demands {
		if d.sort == properties {
			if p := d.effective(name); p != nil && p.read().isNone() {
				return true
			}
		}
	}
	return false
}

// meets reports whether whatever a accepts meets all demands of b. Both apply to the
// same value; whole is the schema of the value that a is of, or a part of.
func (c *comparison) meets(a, b, whole *form) bool {
	if c.work.left <= 0 {
		return false
	}
	ok := true
	if !a.values.within(b.values) {
		ok = c.fail(a.valuesAt...)
		c.fail(b.valuesAt...)
		if len(b.valuesAt) == 0 {
			c.fail(b.place)
		}
	}
	for _, d := range b.demands {
		if !ok && c.quiet > 0 || c.work.left <= 0 {
			return false
		}
		ok = c.implies(a, d, whole) && ok
	}
	return ok
}

// implies reports whether whatever a accepts meets a demand.
func (c *comparison) implies(a *form, d *demand, whole *form) bool {
	switch {
	case !c.work.spend(1 + len(a.values.consts)):
		return false
	case a.values.all()&d.on == 0 || d.isTrivial():
		return true
	case a.hasEqual(d) || c.try(func() bool { return c.follows(a, d, whole) || c.followsInParts(a, d, whole) }):
		return true
	case c.quiet > 0:
		return false
	}
	// Told at the smallest places.
	switch before := len(c.places); {
	case d.sort == alternatives:
		c.tellAlternatives(a, d, whole)
	case d.sort == properties || d.sort == items:
		if c.follows(a, d, whole); len(c.places) == before {
			c.fail(d.place)
		}
	default:
		c.fail(d.place)
	}
	return false
}

// hasEqual reports whether a makes the same demand.
func (f *form) hasEqual(d *demand) bool {
	if f.parts != nil {
		return slices.ContainsFunc(f.parts, func(part *form) bool { return part.hasEqual(d) })
	}
	if f.met == nil {
		f.met = make(map[uint64]bool, len(f.demands))
		for _, own := range f.demands {
			f.met[own.sum()] = true
		}
	}
	return f.met[d.sum()]
}

// follows reports whether a demand follows from those of a, each for itself.
func (c *comparison) follows(a *form, d *demand, whole *form) bool {
	switch d.sort {
	case lower, upper:
		isInteger := a.values.all()&fractions == 0
		return slices.ContainsFunc(a.demands, func(own *demand) bool {
			bound := own.bound
			if own.sort == d.sort && own.on == d.on && isInteger {
				bound = bound.tightest(d.sort == lower)
			}
			return own.sort == d.sort && own.on == d.on && bound.implies(d.bound, d.sort == lower)
		})
	case properties:
		return c.propertiesWithin(a, d, whole)
	case items:
		return c.itemsWithin(a, d)
	case alternatives:
		return c.isAlternative(a, d, whole)
	}
	return false
}

// followsInParts reports whether a demand follows from each alternative of a, together
// with the rest of a.
func (c *comparison) followsInParts(a *form, d *demand, whole *form) bool {
	return slices.ContainsFunc(a.demands, func(own *demand) bool {
		return own.sort == alternatives && !slices.ContainsFunc(own.forms, func(g *form) bool {
			return !c.work.spend(len(a.demands)) || !c.implies(combine(a, own, g), d, whole)
		})
	})
}

// combine returns what accepts whatever a accepts by one of its alternatives.
func combine(a *form, of *demand, g *form) *form {
	f := &form{doc: a.doc, raw: a.raw, place: g.place, state: read, values: a.values.and(g.values), valuesAt: g.valuesAt, parts: []*form{a, g}}
	for _, d := range a.demands {
		if d != of {
			f.demands = append(f.demands, d)
		}
	}
	f.demands = append(f.demands, g.demands...)
	return f
}

// isAlternative reports whether whatever a accepts is accepted by one of the
// alternatives, or whatever it accepts of each kind, and each constant.
func (c *comparison) isAlternative(a *form, d *demand, whole *form) bool {
	if d.exactlyOne && !d.isDisjoint() {
		return false
	}
	isOne := func(a *form) bool {
		return slices.ContainsFunc(d.forms, func(g *form) bool { return c.meets(a, g, whole) })
	}
	if isOne(a) {
		return true
	}
	pieces := a.values.pieces()
	return len(pieces) > 1 && !slices.ContainsFunc(pieces, func(v values) bool {
		piece := &form{doc: a.doc, raw: a.raw, place: a.place, state: read, values: v, demands: a.demands, parts: []*form{a}}
		return !c.work.spend(1) || !isOne(piece)
	})
}

// tellAlternatives tells which of a's alternatives are not among those of b: at smaller
// places where b has one at the same place.
func (c *comparison) tellAlternatives(a *form, d *demand, whole *form) {
	told := false
	for _, own := range a.demands {
		if own.sort != alternatives {
			continue
		}
		for _, g := range own.forms {
			if !c.work.spend(1 + len(a.demands)) {
				return
			}
			part := combine(a, own, g)
			if c.try(func() bool { return c.implies(part, d, whole) }) {
				continue
			}
			told = true
			i, found := slices.BinarySearchFunc(d.forms, g, func(f, g *form) int { return cmp.Compare(f.place.step.Index, g.place.step.Index) })
			if before := len(c.places); !found || d.exactlyOne || c.meets(part, d.forms[i], whole) || len(c.places) == before {
				c.fail(g.place, d.place)
			}
		}
	}
	if !told {
		c.fail(d.place, a.place)
	}
}

// effective returns the schema that a demand has for a property, or nil if it has none,
// or one that depends on a pattern.
func (d *demand) effective(name string) *form {
	if p := d.property(name); p != nil || len(d.patterns) > 0 {
		return p
	}
	return d.rest
}

// propertiesWithin reports whether the properties of whatever a accepts are accepted by
// those of d: each that may be there, by any demand of a.
func (c *comparison) propertiesWithin(a *form, d *demand, whole *form) bool {
	c.work.spend(len(a.demands))
	var own []*demand
	for _, o := range a.demands {
		if o.sort == properties {
			own = append(own, o)
		}
	}
	samePatterns := func(o *demand) bool {
		return len(o.patterns) == len(d.patterns) && (len(d.patterns) == 0 || newDigester().patterns(o) == newDigester().patterns(d))
	}
	ok := len(d.patterns) == 0 || slices.ContainsFunc(own, samePatterns)
	others := whole.admitsOthers()
	names := map[string]bool{}
	check := func(name string) {
		if names[name] || !ok && c.quiet > 0 || !c.work.spend(1+len(own)) {
			ok = ok && c.work.left > 0
			return
		}
		names[name] = true
		want := d.property(name)
		if want == nil {
			want = d.rest // whatever else a pattern demands is among the same patterns
		}
		if want == nil {
			return
		}
		ok = c.anyWithin(own, func(o *demand) *form { return o.effective(name) }, want) && ok
	}
	for _, n := range whole.names {
		check(n.name)
	}
	if others {
		for _, p := range d.props {
			check(p.name)
		}
	}
	if d.rest == nil || !others && !d.rest.read().isNone() {
		return ok
	}
	return c.anyWithin(own, func(o *demand) *form {
		if !samePatterns(o) && len(o.patterns) > 0 {
			return nil
		}
		return o.rest
	}, d.rest) && ok
}

// anyWithin reports whether a schema accepts whatever one of some demands does. A demand
// without a schema accepts everything.
func (c *comparison) anyWithin(own []*demand, of func(*demand) *form, want *form) bool {
	var all []*form
	for _, o := range own {
		if f := of(o); f != nil {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return c.within(want.doc.any(want.place), want)
	}
	if len(all) == 1 {
		return c.within(all[0], want)
	}
	return slices.ContainsFunc(all, func(f *form) bool { return c.try(func() bool { return c.within(f, want) }) }) || c.within(all[0], want)
}

// itemsWithin reports whether the elements of whatever list a accepts are accepted by d.
func (c *comparison) itemsWithin(a *form, d *demand) bool {
	var own []*demand
	length := len(d.forms)
	for _, o := range a.demands {
		if o.sort == items {
			own = append(own, o)
			length = max(length, len(o.forms))
		}
	}
	ok := true
	for i := range length + 1 {
		if !ok && c.quiet > 0 || !c.work.spend(1) {
			return false
		}
		if want := d.element(i); want != nil {
			ok = c.anyWithin(own, func(o *demand) *form { return o.element(i) }, want) && ok
		}
	}
	return ok
}

// element returns the schema of an element, or nil.
func (d *demand) element(i int) *form {
	if i < len(d.forms) {
		return d.forms[i]
	}
	return d.rest
}

// pieces returns each kind, and each constant, as a set of its own.
func (v values) pieces() []values {
	var all []values
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
