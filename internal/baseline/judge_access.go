package baseline

import (
	"strconv"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// What it means that more people meet a policy or a group is found out here, from all
// policies of the application, and from all that refers to the group. Where that would
// take too long, nothing is proven: everything widens.

const (
	// maxPolicies is of how many policies each is held against each.
	maxPolicies = 3000
	// maxDepth is how deep groups may refer to groups.
	maxDepth = 20
)

// polarity is what it means for who gets in that more, or fewer, meet something.
type polarity struct {
	// admits is whether more get in when more meet it, denies whether fewer do. What
	// has both may do either.
	admits, denies bool
	// falls is whether those who meet it no longer may get in by what demands less.
	falls bool
}

var eitherWay = polarity{admits: true, denies: true}

func (p polarity) and(other polarity) polarity {
	return polarity{p.admits || other.admits, p.denies || other.denies, p.falls || other.falls}
}

// opposite is the polarity of what is excluded.
func (p polarity) opposite() polarity {
	return polarity{admits: p.denies || p.falls, denies: p.admits}
}

// judge returns the effects of a change by which more meet it, or fewer.
func (p polarity) judge(grows, shrinks bool) effects {
	return widens.when(grows && p.admits || shrinks && (p.denies || p.falls)) |
		breaks.when(grows && (p.denies || !p.admits) || shrinks && (p.admits || !p.denies))
}

// polarityOf returns what a policy does with whom it matches. What a decision that
// nobody knows does may be either.
func polarityOf(decision string) polarity {
	switch {
	case admits(decision):
		return polarity{admits: true}
	case decision == "deny":
		return polarity{denies: true}
	}
	return eitherWay
}

// policyPair is a policy, accepted and now.
type policyPair struct {
	sides     [2]*jsontree.Node
	index     [2]int
	decisions [2]string
	was, is   polarity
	// falls is whether those whom it no longer admits may be admitted by a later one
	// that demands less.
	falls bool
	// demands are what it demands of whom it admits.
	demands [2]*jsontree.Node
}

// isOrdered reports whether the place of a policy counts, as that of allow and deny
// does. Those that bypass Access, and those of Service Auth, are looked at before.
func (p *policyPair) isOrdered(side int) bool {
	return p.sides[side] != nil && p.decisions[side] != "bypass" && p.decisions[side] != "non_identity"
}

// polarity is that of the rules of a policy which is there on both sides. One that
// denies now may have any rules: that it admitted is gone.
func (p *policyPair) polarity() polarity {
	switch {
	case p.is == (polarity{denies: true}) && !p.was.denies:
		return polarity{falls: p.falls}
	case p.was != p.is:
		return eitherWay
	}
	return polarity{p.is.admits, p.is.denies, p.falls}
}

// policies are those of an application.
type policies struct {
	all      []*policyPair // in the order of now, then those that are gone
	accepted []*policyPair // in the accepted order
	// weaker reports whether q demands less now than p did, as far as can be told.
	weaker func(p, q *policyPair) bool
}

// policiesOf pairs the policies of an application by their ids or, without one, by
// their names, and by number where several have the same.
func policiesOf(application [2]*jsontree.Node) *policies {
	l, byKey := new(policies), map[string]*policyPair{}
	for _, side := range []int{1, 0} {
		list, seen := application[side].Member("policies").Elements(), map[string]int{}
		for i := range list {
			key, ok := list[i].Member("id").Str()
			if !ok {
				key = "name " + nameIn(&list[i])
			}
			seen[key]++
			key += "\x00" + strconv.Itoa(seen[key])
			p := byKey[key]
			if p == nil {
				p = new(policyPair)
				byKey[key], l.all = p, append(l.all, p)
			}
			p.sides[side], p.index[side] = &list[i], i
			p.decisions[side], _ = list[i].Member("decision").Str()
			*[]*polarity{&p.was, &p.is}[side] = polarityOf(p.decisions[side])
			p.demands[side] = without(&list[i], "id", "uid", "name", "decision", "include", "require", "exclude")
			if side == 0 {
				l.accepted = append(l.accepted, p)
			}
		}
	}
	known := map[[2]uint64]bool{}
	l.weaker = func(p, q *policyPair) bool {
		key := [2]uint64{p.demands[0].Hash(), q.demands[1].Hash()}
		less, ok := known[key]
		switch {
		case ok, key[0] == key[1]:
			return less
		case len(known) > maxPolicies:
			return true
		}
		known[key] = demandLess(application, p.demands[0], q.demands[1])
		return known[key]
	}
	for i, p := range l.accepted {
		p.falls = len(l.accepted) > maxPolicies
		for j := i + 1; j < len(l.accepted) && !p.falls && p.decisions[0] == "allow"; j++ {
			q := l.accepted[j]
			p.falls = q.isOrdered(1) && q.is.admits && l.weaker(p, q)
		}
	}
	return l
}

// demandLess reports whether a policy that demanded the one, and demands the other,
// would widen.
func demandLess(application [2]*jsontree.Node, before, after *jsontree.Node) (less bool) {
	base := difference{change: change{at: place{file: accessFile}, facts: &accessFacts{application: application}}}
	diffObject("policy", base, before, after, func(d *difference) { less = less || judge(d).effects&widens != none })
	return less
}

// moved judges that the policies which are there on both sides are in another order:
// the first that matches decides.
func (l *policies) moved() (judgement effects) {
	var all []*policyPair
	for _, p := range l.accepted {
		if p.was == p.is && p.isOrdered(0) && p.isOrdered(1) {
			all = append(all, p)
		}
	}
	if len(all) > maxPolicies {
		return widens
	}
	for i, first := range all {
		for _, p := range all[i+1:] {
			if first.index[1] < p.index[1] {
				continue
			}
			switch { // p has passed the first
			case p.is == eitherWay || first.is == eitherWay, p.is.admits && first.is.denies:
				judgement |= widens
			case first.is.admits && p.is.denies:
				judgement |= breaks
			case p.is.admits:
				judgement |= widens.when(l.weaker(first, p))
			}
		}
	}
	return judgement
}

// references are what is known of groups and login methods by what refers to them.
type references struct {
	// from are the login methods and groups, such as "group staff", that something
	// refers to, accepted and now.
	from   [2]map[string]bool
	groups map[string]polarity
}

// link is that a group refers to another.
type link struct {
	from, to string
	excluded bool
}

// referencesIn finds out what refers to groups and login methods, and what it means
// for who gets in that a group grows, by all of it.
func referencesIn(before, after *jsontree.Node) *references {
	r := &references{from: [2]map[string]bool{{}, {}}, groups: map[string]polarity{}}
	for _, pair := range jsontree.Pairs(before.Member("applications"), after.Member("applications")) {
		for side, application := range pair {
			for _, id := range application.Member("allowed_idps").Elements() {
				r.from[side]["login_method "+id.Value()] = true
			}
		}
		for _, p := range policiesOf(pair).all {
			for side, policy := range p.sides {
				own := [2]polarity{p.was, p.is}[side]
				own.falls = p.falls
				for _, l := range r.links("", policy, side) {
					r.groups[l.to] = r.groups[l.to].and(l.of(own))
				}
			}
		}
	}
	var links []link
	for key, pair := range jsontree.Pairs(before.Member("groups"), after.Member("groups")) {
		for side, rules := range pair {
			links = append(links, r.links(jsontree.Unquote(key), rules, side)...)
		}
	}
	// A group that leads to a circle, or too far, may mean anything.
	leads := map[string]bool{}
	for _, l := range links {
		leads[l.from] = true
	}
	for range maxDepth {
		further := map[string]bool{}
		for _, l := range links {
			further[l.from] = further[l.from] || leads[l.to]
		}
		leads = further
	}
	for id, far := range leads {
		if far {
			r.groups[id] = eitherWay
		}
	}
	for range maxDepth {
		for _, l := range links {
			r.groups[l.to] = r.groups[l.to].and(l.of(r.groups[l.from]))
		}
	}
	return r
}

// of returns the polarity of what is referred to by rules of a polarity.
func (l link) of(p polarity) polarity {
	if l.excluded {
		return p.opposite()
	}
	return p
}

// links returns the groups to which rules refer, and notes what they refer to.
func (r *references) links(from string, rules *jsontree.Node, side int) (all []link) {
	for _, list := range ruleLists {
		for i := range rules.Member(list).Elements() {
			rule := &rules.Member(list).Items[i]
			if id, ok := rule.At("login_method", "id").Str(); ok {
				r.from[side]["login_method "+id] = true
			}
			if id, ok := rule.At("group", "id").Str(); ok {
				r.from[side]["group "+id] = true
				all = append(all, link{from, id, list == "exclude"})
			}
		}
	}
	return all
}
