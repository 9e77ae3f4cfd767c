package cloudflare

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// tokens are the service tokens that pass a gate.
type tokens struct {
	// others is whether one passes that no rule names.
	others bool
	// named has each token that a rule names, with whether it passes.
	named map[string]bool
}

func (t *tokens) add(other tokens) {
	both := map[string]bool{}
	for id := range t.either(other) {
		both[id] = t.pass(id) || other.pass(id)
	}
	*t = tokens{both[""], both}
}

// either returns the tokens that either gate names, and "" for any other.
func (t tokens) either(other tokens) map[string]bool {
	ids := map[string]bool{"": true}
	maps.Copy(ids, t.named)
	maps.Copy(ids, other.named)
	return ids
}

// pass reports whether a token passes.
func (t tokens) pass(id string) bool {
	if passes, named := t.named[id]; named {
		return passes
	}
	return t.others
}

// some reports whether any token passes.
func (t tokens) some() bool { return t.share(tokens{others: true}) }

// share reports whether one token passes both gates.
func (t tokens) share(other tokens) bool {
	for id := range t.either(other) {
		if t.pass(id) && other.pass(id) {
			return true
		}
	}
	return false
}

// gate is whom an application lets in.
type gate struct {
	open   bool // a stranger
	tokens tokens
	text   string
}

// The decisions of a policy that are known.
//
// Source: Cloudflare's Go SDK, Decision.
const (
	decisionAllow      = "allow"
	decisionDeny       = "deny"
	decisionBypass     = "bypass"
	decisionServiceTok = "non_identity"
)

// policy is a policy with its rules read.
type policy struct {
	ruleSet
	name, decision string
	// reached is false after a policy that denies everyone.
	reached bool
	// opening is how a stranger gets in by it, and by which rule.
	opening finding
	by      *Rule
}

// beforeLogin reports whether the policy is looked at before a login.
func (p *policy) beforeLogin() bool {
	return p.decision != decisionAllow && p.decision != decisionDeny
}

// gateOf works out whom an application lets in. The policies that bypass Access and
// those of Service Auth count first, then those that allow and deny, each from top to
// bottom. Whoever matches none is refused.
//
// Source: Cloudflare's documentation, "Access policies", order of execution.
func (d *directory) gateOf(a *Application) gate {
	kind := deref(a.Type)
	isOwn := kind == typeEndUser // it has a policy of Cloudflare's own
	switch {
	case !isOwn && !slices.Contains(guardTypes, kind):
		return gate{open: true, tokens: tokens{others: true}, text: "anybody, as far as can be told: the application is of the type " + plain(kind) + ", which this provider does not know"}
	case !isOwn && a.Policies == nil:
		return gate{open: true, tokens: tokens{others: true}, text: "anybody, as far as can be told: the API did not tell the policies"}
	case !isOwn && len(a.Policies) == 0:
		return gate{text: "nobody: there is no policy"}
	}
	policies := readPolicies(a.Policies)
	logins := d.logins(a.AllowedIDPs)
	d.tryStrangers(policies, logins)
	g := gate{tokens: d.tryRobots(policies)}
	g.open = slices.ContainsFunc(policies, func(p policy) bool { return p.opening.answer != no }) || isOwn && len(logins) > 0
	g.text = d.text(policies)
	if isOwn {
		g.text = "every user of its populations, by Cloudflare's own policy of the type end_user"
		if g.open {
			g.text = "anybody, as " + g.text
		}
		if len(policies) > 0 {
			g.text += "; " + d.text(policies)
		}
	}
	g.text += d.onlyBy(a.AllowedIDPs)
	return g
}

func readPolicies(list []Policy) []policy {
	policies := make([]policy, len(list))
	denied := false
	for i := range list {
		p := &list[i]
		read := policy{ruleSet: newRuleSet(rulesOf(p.Include), rulesOf(p.Require), rulesOf(p.Exclude)), name: nameOrID(p.Name, p.ID), decision: deref(p.Decision)}
		read.reached = read.beforeLogin() || !denied
		if read.decision == decisionDeny && len(read.require)+len(read.exclude) == 0 {
			denied = denied || slices.ContainsFunc(read.include, func(r Rule) bool { _, known := r.subject(); return known && r.is(selectorEveryone) })
		}
		policies[i] = read
	}
	return policies
}

// match returns how a visitor matches a policy.
func (d *directory) match(v *visitor, p *policy) (finding, *Rule) {
	f, by := d.matches(v, &p.ruleSet)
	switch p.decision {
	case decisionAllow, decisionDeny, decisionBypass, decisionServiceTok:
		if p.unknown() {
			f = finding{maybe, "it does not say whom it includes"}
		}
	default:
		f = finding{maybe, "its decision " + plain(p.decision) + " is unknown"}
	}
	if f.answer != no && f.doubt == "" {
		f.doubt = v.doubt
	}
	return f, by
}

// tryStrangers notes at each policy whether a stranger gets in by it.
func (d *directory) tryStrangers(policies []policy, logins []visitor) {
	addresses, complete := d.addresses(rulesIn(policies))
	for _, address := range addresses {
		outside := visitor{address: address}
		for i := range policies {
			if p := &policies[i]; p.beforeLogin() {
				d.note(p, &outside)
			}
		}
		for _, v := range logins {
			v.address = address
			for i := range policies {
				p := &policies[i]
				if p.decision == decisionAllow {
					d.note(p, &v)
				}
				if f, _ := d.match(&v, p); p.decision == decisionDeny && f.answer == yes {
					break
				}
			}
		}
	}
	for i := range policies {
		if p := &policies[i]; !complete && p.decision != decisionDeny && p.opening.answer == no {
			p.opening = finding{maybe, "its rules name too many addresses"}
		}
	}
}

// note notes the surest way in which a stranger gets in by a policy.
func (d *directory) note(p *policy, v *visitor) {
	if f, by := d.match(v, p); f.better(p.opening) {
		p.opening, p.by = f, by
	}
}

// maxTokens is how many tokens are tried at an application. Cloudflare lets an account
// have 50. If rules name more, any token counts as passing.
const maxTokens = 500

// tryRobots returns the tokens that pass. A policy that allows asks for a login, which
// no token is.
func (d *directory) tryRobots(policies []policy) tokens {
	rules := rulesIn(policies)
	for _, g := range d.groups {
		if g != nil {
			rules = append(rules, g.all()...)
		}
	}
	passes := func(token string) bool {
		for _, address := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
			v := visitor{robot: true, token: token, address: address}
			for i := range policies {
				if f, _ := d.match(&v, &policies[i]); f.answer != no && policies[i].beforeLogin() {
					return true
				}
			}
		}
		return false
	}
	ids := slices.Compact(slices.Sorted(slices.Values(subjects(selectorServiceToken, rules))))
	if len(ids) > maxTokens {
		return tokens{others: true}
	}
	t := tokens{others: passes(""), named: map[string]bool{}}
	for _, id := range ids {
		t.named[id] = passes(id)
	}
	return t
}

func rulesIn(policies []policy) []Rule {
	var rules []Rule
	for i := range policies {
		rules = append(rules, policies[i].all()...)
	}
	return rules
}

const (
	// maxText is how many characters of rules a text names.
	maxText = 2000
	// maxOpenings is how many policies that let anybody in it names first.
	maxOpenings = 10
)

// text says who gets in by policies.
func (d *directory) text(policies []policy) string {
	var sure, doubtful []string
	admits := false
	for i := range policies {
		p := &policies[i]
		admits = admits || p.decision != decisionDeny && p.reached
		switch {
		case p.opening.answer == no:
		case p.opening.doubt != "":
			doubtful = append(doubtful, "anybody, as far as can be told: "+p.opening.doubt+p.named())
		default:
			sure = append(sure, "anybody, by "+p.by.Words(d.named)+p.named())
		}
	}
	clauses := slices.Concat(sure, doubtful)
	if more := len(clauses) - maxOpenings; more > 0 {
		clauses = append(clauses[:maxOpenings], fmt.Sprintf("and by %d more policies", more))
	}
	if !admits {
		clauses = []string{"nobody"}
	}
	left, dropped := maxText-len(strings.Join(clauses, "; ")), 0
	for _, beforeLogin := range []bool{true, false} {
		for i := range policies {
			switch p := &policies[i]; {
			case p.beforeLogin() != beforeLogin:
			case left <= 0:
				dropped++
			default:
				clauses = append(clauses, d.clause(p, &left))
			}
		}
	}
	if dropped > 0 {
		clauses = append(clauses, fmt.Sprintf("and %d more policies", dropped))
	}
	return strings.Join(clauses, "; ")
}

// named returns a policy's name in brackets.
func (p *policy) named() string {
	if p.name == "" {
		return ""
	}
	return " (policy " + plain(p.name) + ")"
}

// clause says who matches a policy, such as "e-mail domain example.com, except group
// contractors (policy staff)".
func (d *directory) clause(p *policy, left *int) string {
	text := cmp.Or(d.list(p.include, ", ", left), "whoever the policy includes, which the API did not tell")
	if len(p.require) > 0 {
		text += ", only with " + d.list(p.require, " and ", left)
	}
	if len(p.exclude) > 0 {
		text += ", except " + d.list(p.exclude, ", ", left)
	}
	switch {
	case p.decision == decisionBypass:
		text = "past Access, " + text
	case p.decision == decisionDeny:
		text = "never " + text
	case !p.reached:
		text = "no longer, since everyone was denied before, " + text
	case p.decision == decisionServiceTok && slices.ContainsFunc(p.include, func(r Rule) bool { return !r.is(selectorServiceToken) && !r.is(selectorAnyServiceToken) }):
		text = "without login, " + text
	}
	return text + p.named()
}

// list returns rules in words, as many as there is room for.
func (d *directory) list(rules []Rule, separator string, left *int) string {
	var words []string
	for i := range rules {
		if *left <= 0 {
			words = append(words, fmt.Sprintf("and %d more rules", len(rules)-i))
			break
		}
		text := rules[i].Words(d.named)
		*left -= len(text) + len(separator)
		words = append(words, text)
	}
	return strings.Join(words, separator)
}

// onlyBy says by which identity providers people can log in, if not by all.
func (d *directory) onlyBy(allowed []string) string {
	if len(allowed) == 0 {
		return ""
	}
	left := maxText
	var words []string
	for i, id := range allowed {
		if left <= 0 {
			words = append(words, fmt.Sprintf("%d more", len(allowed)-i))
			break
		}
		words = append(words, d.named(selectorLoginMethod, id))
		left -= len(words[i])
	}
	return "; people log in only by " + strings.Join(words, " or ")
}

// named returns what to call the group or login method of an id.
func (d *directory) named(selector, id string) string {
	switch {
	case selector == selectorGroup && d.groups[id] != nil:
		return plain(d.groups[id].name)
	case selector == selectorLoginMethod && d.providers[id] != nil:
		p := d.providers[id]
		return plain(nameOrID(p.Name, &id)) + " of type " + plain(deref(p.Type))
	}
	return plain(id) + ", which is not there"
}
