package schemadiff

import "slices"

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
