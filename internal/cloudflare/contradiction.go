package cloudflare

// Contradiction names a tool or a prompt about which a server has several
// overrides that disagree on whether it is on. Which of them counts is documented
// nowhere; [Portal.EffectiveTools] takes the first.
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
			first := overridesByName(kind.list)
			for j := range kind.list {
				o := &kind.list[j]
				name := matchName(o.Name, o.Extra)
				if f := first[name]; f != nil && f.enables(s.DefaultDisabled) != o.enables(s.DefaultDisabled) {
					all = append(all, Contradiction{deref(s.Identity()), kind.name, deref(o.Name)})
					delete(first, name) // named once
				}
			}
		}
	}
	return all
}
