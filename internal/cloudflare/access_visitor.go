package cloudflare

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// A gate is tried by visitors of whom nothing is known that a rule could ask for:
// strangers, who have an address and can log in where anybody can, and robots, which
// have a service token. What a visitor may or may not meet counts for whoever tries.

// visitor is a stranger or a robot.
type visitor struct {
	// address is where a visitor comes from. Of a robot, only its family counts: which
	// address it has is up to whoever runs it.
	address netip.Addr
	// loggedIn is whether a stranger has logged in, and login by which identity
	// provider; "" by one that no rule names. Before a login, nothing is known of a
	// person but the address.
	loggedIn bool
	login    string
	// robot is whether it has a service token, and token which; "" for one that no
	// rule names.
	robot bool
	token string
	// doubt says why it cannot be told whether there is such a visitor.
	doubt string
	// groups holds the findings about groups.
	groups map[string]finding
}

// answer says whether a visitor meets a rule.
type answer int

const (
	no    answer = iota
	maybe        // it cannot be told, or the visitor can do so or not
	yes
)

// finding is an answer and, if it cannot be told, why.
type finding struct {
	answer answer
	doubt  string
}

// better reports whether f says more surely than other that somebody gets in.
func (f finding) better(other finding) bool {
	if f.answer == no || other.answer == no {
		return f.answer > other.answer
	}
	if (f.doubt == "") != (other.doubt == "") {
		return f.doubt == ""
	}
	return f.answer > other.answer
}

// directory is what rules refer to.
type directory struct {
	groups    map[string]*groupRules       // nil for one that does not exist
	providers map[string]*IdentityProvider // nil likewise
}

// groupRules is a group with its rules read.
type groupRules struct {
	ruleSet
	name string
	// circular is whether it refers to itself or to one that does: nobody documents
	// what that means.
	circular bool
}

// ruleSet is the rules of a policy or a group.
type ruleSet struct {
	include, require, exclude []Rule
	// meetable is include without the rules that are excluded as well.
	meetable []Rule
}

func newRuleSet(include, require, exclude []Rule) ruleSet {
	excluded := map[string]bool{}
	for i := range exclude {
		excluded[deref(exclude[i].Selector)+exclude[i].JSON] = true
	}
	s := ruleSet{include: include, require: require, exclude: exclude}
	for _, r := range include {
		if !excluded[deref(r.Selector)+r.JSON] {
			s.meetable = append(s.meetable, r)
		}
	}
	return s
}

// unknown reports whether the API did not say whom the rules include.
func (s *ruleSet) unknown() bool { return len(s.include) == 0 }

// all returns every rule.
func (s *ruleSet) all() []Rule { return slices.Concat(s.include, s.require, s.exclude) }

// newDirectory reads the rules of groups, and finds out which are circular.
func newDirectory(groups map[string]*Group, providers map[string]*IdentityProvider) *directory {
	d := &directory{map[string]*groupRules{}, providers}
	for id, g := range groups {
		d.groups[id] = nil
		if g != nil {
			d.groups[id] = &groupRules{ruleSet: newRuleSet(rulesOf(g.Include), rulesOf(g.Require), rulesOf(g.Exclude)), name: nameOrID(g.Name, &id)}
		}
	}
	seen := map[string]bool{} // false while a group is looked into
	var isCircular func(id string) bool
	isCircular = func(id string) bool {
		g := d.groups[id]
		if done, begun := seen[id]; g == nil || begun {
			return g != nil && (!done || g.circular)
		}
		seen[id] = false
		for _, to := range subjects(selectorGroup, g.all()) {
			g.circular = isCircular(to) || g.circular
		}
		seen[id] = true
		return g.circular
	}
	for id := range d.groups {
		isCircular(id)
	}
	return d
}

// subjects returns what the rules with that selector are about.
func subjects(selector string, rules []Rule) []string {
	var ids []string
	for i := range rules {
		if id, ok := rules[i].subject(); ok && rules[i].is(selector) {
			ids = append(ids, id)
		}
	}
	return ids
}

// matches reports whether a visitor meets one rule of include, all of require and none
// of exclude, and returns that one of include.
func (d *directory) matches(v *visitor, s *ruleSet) (met finding, by *Rule) {
	for i := range s.meetable {
		if f := d.meets(v, &s.meetable[i]); f.better(met) {
			met, by = f, &s.meetable[i]
		}
	}
	for i := 0; i < len(s.require) && met.answer != no; i++ {
		f := d.meets(v, &s.require[i])
		met.answer = min(met.answer, f.answer)
		if met.doubt == "" {
			met.doubt = f.doubt
		}
	}
	for i := 0; i < len(s.exclude) && met.answer != no; i++ {
		// What may keep a visitor out is no safeguard, and no reason for doubt.
		met.answer = min(met.answer, yes-d.meets(v, &s.exclude[i]).answer)
	}
	if met.answer == no {
		return finding{}, nil
	}
	return met, by
}

// meets reports whether a visitor meets a rule.
func (d *directory) meets(v *visitor, r *Rule) finding {
	subject, ok := r.subject()
	is := func(met bool) finding {
		if met {
			return finding{answer: yes}
		}
		return finding{}
	}
	switch {
	case !ok:
		return finding{maybe, r.Words(d.named)}
	case r.is(selectorEveryone):
		return is(true)
	case r.is(selectorGroup):
		return d.isIn(v, subject)
	case r.is(selectorIP):
		prefix, ok := r.prefix()
		switch {
		case !ok:
			return finding{maybe, "the address " + plain(subject) + " is none"}
		case v.robot && prefix.Bits() > 0:
			return finding{answer: maybe}
		}
		return is(prefix.Contains(v.address))
	case r.is(selectorServiceToken):
		return is(v.robot && v.token == subject)
	case r.is(selectorAnyServiceToken):
		return is(v.robot)
	case v.robot && selectors[*r.Selector].before:
		return finding{answer: maybe} // of a robot, that is up to whoever runs it
	case !v.loggedIn:
		return finding{}
	case r.is(selectorLoginMethod):
		if p := d.providers[subject]; p == nil || deref(p.Type) == "" {
			return finding{maybe, d.unknownLogin(subject)}
		}
		return is(v.login == subject)
	case r.is(selectorAuthMethod) && subject == "otp", r.is(selectorRiskScore) && slices.Contains(strings.Split(subject, " or "), "unscored"):
		return finding{answer: maybe} // anybody can
	}
	return finding{}
}

// isIn reports whether a visitor is in a group.
func (d *directory) isIn(v *visitor, id string) finding {
	g := d.groups[id]
	switch f, known := v.groups[id]; {
	case known:
		return f
	case g == nil:
		return finding{maybe, "group " + plain(id) + " is not there"}
	case g.circular:
		return finding{maybe, "group " + plain(g.name) + " refers to itself, or to one that does"}
	case g.unknown():
		return finding{maybe, "group " + plain(g.name) + " does not say whom it includes"}
	}
	f, _ := d.matches(v, &g.ruleSet)
	if v.groups == nil {
		v.groups = map[string]finding{}
	}
	v.groups[id] = f
	return f
}

// closedProviders are the types of identity providers at which an organisation decides
// who has an account. At those of any other type, as far as can be told, anybody can
// have one or needs none.
//
// Source: Cloudflare's documentation of identity providers.
var closedProviders = []string{"azureAD", "okta", "saml", "oidc", "onelogin", "google-apps", "centrify", "pingone"}

// isClosed reports whether only members of an organisation can log in by the provider.
func (p *IdentityProvider) isClosed() bool {
	if deref(p.Type) == "cloudflare" {
		return p.Config != nil && p.Config.RestrictToAccountMembers != nil && *p.Config.RestrictToAccountMembers
	}
	return slices.Contains(closedProviders, deref(p.Type))
}

func (d *directory) unknownLogin(id string) string {
	if d.providers[id] == nil {
		return "login method " + plain(id) + " is not there"
	}
	return "login method " + plain(id) + " is of no known type"
}

// logins returns strangers who have logged in, one for each way in which anybody can
// at an application that allows these identity providers; all of the account, if none.
func (d *directory) logins(allowed []string) []visitor {
	var all []visitor
	if len(allowed) == 0 {
		all = append(all, visitor{loggedIn: true})
		for _, id := range slices.Sorted(maps.Keys(d.providers)) {
			if p := d.providers[id]; p != nil && deref(p.Type) != "" && !p.isClosed() {
				all = append(all, visitor{loggedIn: true, login: id})
			}
		}
		return all
	}
	for _, id := range allowed {
		switch p := d.providers[id]; {
		case p == nil || deref(p.Type) == "":
			all = append(all, visitor{loggedIn: true, login: id, doubt: d.unknownLogin(id)})
		case !p.isClosed():
			all = append(all, visitor{loggedIn: true, login: id})
		}
	}
	return all
}

// maxAddresses is how many addresses of a family are tried. Rules that name all of them
// in more pieces count as open.
const maxAddresses = 64

// addresses returns addresses of strangers, and whether they stand for all there are:
// of each family one that no rule names, or, if the rules name all of them together,
// one of each piece.
func (d *directory) addresses(rules []Rule) (all []netip.Addr, complete bool) {
	for _, g := range d.groups {
		if g != nil {
			rules = append(rules, g.all()...)
		}
	}
	complete = true
	for _, whole := range []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")} {
		var named []netip.Prefix
		for i := range rules {
			if p, ok := rules[i].prefix(); ok && p.Addr().Is4() == whole.Addr().Is4() && p.Bits() > 0 {
				named = append(named, p)
			}
		}
		slices.SortFunc(named, netip.Prefix.Compare)
		next := whole.Addr() // the first address that none before names
		pieces := []netip.Addr{next}
		for _, p := range named {
			if next.IsValid() && next.Less(p.Addr()) {
				break
			}
			after := lastOf(p).Next()
			if !after.IsValid() || next.IsValid() && next.Less(after) {
				next = after
			}
			pieces = append(pieces, p.Addr())
			if after.IsValid() {
				pieces = append(pieces, after)
			}
		}
		if next.IsValid() {
			all = append(all, next)
			continue
		}
		slices.SortFunc(pieces, netip.Addr.Compare)
		pieces = slices.Compact(pieces)
		complete = complete && len(pieces) <= maxAddresses
		all = append(all, pieces[:min(len(pieces), maxAddresses)]...)
	}
	return all, complete
}

// lastOf returns the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}
