package cloudflare

import "slices"

// Contradiction names a tool or a prompt about which a server has several
// overrides that disagree on whether it is on. Which of them counts is documented
// nowhere; for [Portal.EffectiveTools] it is on.
type Contradiction struct {
	ServerID string
	// Kind is "tool" or "prompt".
	Kind string
	Name string
}

// Contradictions returns what the portal's overrides contradict each other about,
// in the API's order.
func (p *Portal) Contradictions() []Contradiction {
	var all []Contradiction
	for i := range p.Servers {
		s := &p.Servers[i]
		for _, kind := range []struct {
			name string
			list []Override
		}{{"tool", s.UpdatedTools}, {"prompt", s.UpdatedPrompts}} {
			byName := overridesByName(kind.list)
			for j := range kind.list {
				o := &kind.list[j]
				same := byName[o.ReceivedName()]
				if len(same) == 0 || same[0] != o {
					continue // without a name, or looked at with the first of its name
				}
				if slices.ContainsFunc(same, func(other *Override) bool {
					return other.Enables(s.DefaultDisabled) != o.Enables(s.DefaultDisabled)
				}) {
					all = append(all, Contradiction{deref(s.Identity()), kind.name, deref(o.Name)})
				}
			}
		}
	}
	return all
}
