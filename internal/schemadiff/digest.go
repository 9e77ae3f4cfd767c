package schemadiff

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// seed is another in each process, so that nobody can make two schemas collide.
var seed = maphash.MakeSeed()

// work is what may still be done for a proof.
type work struct {
	left int
	// used counts what has no digest for want of work.
	used uint64
}

func (w *work) spend(n int) bool {
	w.left -= n
	return w.left > 0
}

// own returns a text that only the same document has.
func (d *document) own() string { return "\x00" + strconv.FormatUint(d.root.Hash(), 16) }

// textOf returns a text that two schemas have only if they are written alike, and mean
// the same where they stand.
func (d *document) textOf(n *jsontree.Node) string {
	text := strconv.Itoa(int(d.draft)) + "\x00" + strconv.FormatUint(n.Hash(), 16)
	if d.hasRefs {
		text += d.own()
	}
	return text
}

// any returns a schema that accepts everything.
func (d *document) any(at *place) *form {
	return &form{doc: d, place: at, state: read, values: anything}
}

// digester works out digests: two schemas, or demands, have the same one only if they
// mean the same. A schema within itself is digested as how far up it stands.
type digester struct {
	depth map[*form]int // of those that are being digested
	low   int           // the outermost that was met again
}

func newDigester() *digester { return &digester{depth: map[*form]int{}} }

func digestOf(f *form) uint64 { return newDigester().form(f) }

// sum returns the digest of a demand.
func (d *demand) sum() uint64 {
	if d.digest == 0 {
		d.digest = newDigester().demand(d, anything)
	}
	return d.digest
}

func (g *digester) form(f *form) uint64 {
	switch depth, within := g.depth[f]; {
	case f == nil:
		return 0
	case f.digested:
		return f.digest
	case within:
		g.low = min(g.low, depth)
		return sum("up", uint64(len(g.depth)-depth))
	case len(g.depth) > maxDepth || !f.doc.work.spend(1):
		f.doc.work.used++
		g.low = -1 // it is not known what stands there
		return sum("deep", f.doc.work.used)
	}
	if f.read().unknown {
		return sum("unknown " + f.doc.textOf(f.raw))
	}
	depth, outer := len(g.depth), g.low
	g.depth[f], g.low = depth, depth
	digest := g.content(f)
	delete(g.depth, f)
	if g.low >= depth {
		f.digest, f.digested = digest, true
	}
	g.low = min(g.low, outer)
	return digest
}

func (g *digester) content(f *form) uint64 {
	if f.isNone() {
		return sum("none")
	}
	f.doc.work.spend(len(f.demands) + len(f.names) + len(f.values.consts))
	parts := []uint64{uint64(f.values.kinds)}
	for _, c := range f.values.consts {
		parts = append(parts, sum(c.key))
	}
	var rest []uint64
	for _, d := range f.demands {
		if d.on&f.values.all() != 0 && !d.isTrivial() {
			rest = append(rest, g.demand(d, f.values))
		}
	}
	for _, n := range f.names {
		rest = append(rest, sum("name "+n.name))
	}
	if f.admitsOthers() {
		rest = append(rest, sum("others"))
	}
	slices.Sort(rest)
	return sum("form", append(parts, slices.Compact(rest)...)...)
}

// demand digests a demand on some values.
func (g *digester) demand(d *demand, on values) uint64 {
	var parts []uint64
	add := func(f *form) {
		if f != nil && f.isAny() {
			f = nil
		}
		parts = append(parts, g.form(f))
	}
	switch d.sort {
	case lower, upper:
		b := d.bound
		if on.all()&fractions == 0 {
			b = b.tightest(d.sort == lower)
		}
		return sum("bound "+b.limit.key()+strconv.FormatBool(b.strict), uint64(d.sort), uint64(d.on))
	case alternatives:
		for _, f := range d.forms {
			parts = append(parts, g.form(f))
		}
		slices.Sort(parts)
		if d.exactlyOne && !d.isDisjoint() {
			return sum("oneOf", parts...)
		}
		return sum("anyOf", slices.Compact(parts)...)
	case items:
		for _, f := range d.forms {
			add(f)
		}
		add(d.rest)
		for len(parts) > 1 && parts[len(parts)-1] == parts[len(parts)-2] {
			parts = parts[:len(parts)-1]
		}
		return sum("items", parts...)
	case properties:
		for _, p := range d.props {
			parts = append(parts, sum(p.name))
			add(p.form)
		}
		parts = append(parts, g.patterns(d))
		add(d.rest)
		return sum("properties", parts...)
	}
	for _, p := range d.patterns {
		parts = append(parts, sum(p.name))
	}
	for _, f := range d.forms {
		add(f)
	}
	return sum(d.word+" "+d.text, parts...)
}

func (g *digester) patterns(d *demand) uint64 {
	var parts []uint64
	for _, p := range d.patterns {
		parts = append(parts, sum(p.name), g.form(p.form))
	}
	return sum("patterns", parts...)
}

// isTrivial reports whether a demand is met by everything.
func (d *demand) isTrivial() bool {
	switch {
	case d.sort == items:
		return (d.rest == nil || d.rest.read().isAny()) && !slices.ContainsFunc(d.forms, func(f *form) bool { return !f.read().isAny() })
	case d.word == "propertyNames":
		f := d.forms[0].read()
		return !f.unknown && f.values.kinds&strs != 0 && !slices.ContainsFunc(f.demands, func(d *demand) bool { return d.on&strs != 0 })
	}
	return false
}

// isDisjoint reports whether it is proven that no value is accepted by two of the
// alternatives: by its kind, or by a required property of which they accept no value
// in common.
func (d *demand) isDisjoint() bool {
	if d.disjoint == nil {
		disjoint := true
		for i, f := range d.forms {
			disjoint = disjoint && !slices.ContainsFunc(d.forms[:i], func(g *form) bool {
				return !f.doc.work.spend(len(f.demands)) || !areDisjoint(f, g)
			})
		}
		d.disjoint = &disjoint
	}
	return *d.disjoint
}

func areDisjoint(f, g *form) bool {
	both := f.values.and(g.values)
	if both.isNone() {
		return true
	}
	if f.unknown || g.unknown || both.all() != objects {
		return false
	}
	for _, d := range slices.Concat(f.demands, g.demands) {
		if d.word != "required" {
			continue
		}
		one, other := f.property(d.text), g.property(d.text)
		if one != nil && other != nil && one.values.and(other.values).isNone() {
			return true
		}
	}
	return false
}

// property returns the schema of a property, or nil.
func (f *form) property(name string) *form {
	for _, d := range f.demands {
		if d.sort == properties {
			if p := d.property(name); p != nil && !p.read().unknown {
				return p
			}
		}
	}
	return nil
}

// property returns the schema that properties has for a name, or nil.
func (d *demand) property(name string) *form {
	i, found := slices.BinarySearchFunc(d.props, name, func(p property, name string) int {
		return cmp.Compare(p.name[:len(p.name)-1], name[:len(name)-1]) // as jsontree sorts keys
	})
	if !found {
		return nil
	}
	return d.props[i].form
}

func sum(text string, parts ...uint64) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	_, _ = h.WriteString(text)
	_ = h.WriteByte(0)
	for _, p := range parts {
		maphash.WriteComparable(&h, p)
	}
	return h.Sum64()
}
