package cloudflare

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// directory is what rules refer to.
type directory struct {
	groups    map[string]*groupRules       // nil for one that is not there
	providers map[string]*IdentityProvider // nil likewise
}

// groupRules is a group with its rules read, and what follows from them.
type groupRules struct {
	name                      string
	include, require, exclude []Rule
	// circular is true for a group that refers to itself, through others or not:
	// nobody documents what that means.
	circular bool
	// unknown is true for one of which the API did not tell whom it includes.
	unknown bool
	// anybody, surely and tokens are what the functions of these names returned.
	worked  bool
	anybody verdict
	surely  bool
	tokens  tokens
}

// verdict says whether anybody can meet a rule, as far as can be told.
type verdict struct {
	open bool
	// doubt says what can't be told, where that is why.
	doubt string
}

var closed, wide = verdict{}, verdict{open: true}

func doubtful(what string) verdict { return verdict{open: true, doubt: what} }

// openProviders are the types of identity providers at which anybody can have an
// account, or needs none.
//
// Source: Cloudflare's documentation for One-time PIN; the others are public
// services, to which Cloudflare's own pages say the same of whoever has an account.
var openProviders = []string{"onetimepin", "google", "github", "facebook", "linkedin", "yandex", "cloudflare"}

// newDirectory reads the rules of groups, and works out which are circular.
func newDirectory(groups map[string]*Group, providers map[string]*IdentityProvider) *directory {
	d := &directory{map[string]*groupRules{}, providers}
	for id, g := range groups {
		if g == nil {
			d.groups[id] = nil
			continue
		}
		d.groups[id] = &groupRules{
			name: nameOrID(g.Name, &id), include: rulesOf(g.Include), require: rulesOf(g.Require), exclude: rulesOf(g.Exclude),
			unknown: len(g.Include) == 0,
		}
	}
	d.markCircles()
	return d
}

// groupIDs returns the ids of the groups that rules refer to.
func groupIDs(lists ...[]Rule) []string { return subjects(selectorGroup, lists...) }

// subjects returns what the rules with that selector are about.
func subjects(selector string, lists ...[]Rule) []string {
	var ids []string
	for _, list := range lists {
		for i := range list {
			if id, ok := list[i].subject(); ok && list[i].is(selector) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// markCircles marks the groups that refer to themselves (Tarjan's strongly
// connected components).
func (d *directory) markCircles() {
	index, low, onStack := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(id string)
	visit = func(id string) {
		index[id] = len(index)
		low[id] = index[id]
		stack = append(stack, id)
		onStack[id] = true
		g := d.groups[id]
		for _, to := range groupIDs(g.include, g.require, g.exclude) {
			switch _, seen := index[to]; {
			case to == id:
				g.circular = true
			case d.groups[to] == nil:
			case !seen:
				visit(to)
				low[id] = min(low[id], low[to])
			case onStack[to]:
				low[id] = min(low[id], index[to])
			}
		}
		if low[id] != index[id] {
			return
		}
		at := slices.Index(stack, id)
		for _, member := range stack[at:] {
			onStack[member] = false
			d.groups[member].circular = d.groups[member].circular || len(stack)-at > 1
		}
		stack = stack[:at]
	}
	for id, g := range d.groups {
		if _, seen := index[id]; g != nil && !seen {
			visit(id)
		}
	}
}

// group returns a group with all that follows from its rules; nil if it is not
// there.
func (d *directory) group(id string) *groupRules {
	g := d.groups[id]
	if g == nil || g.worked {
		return g
	}
	g.worked = true
	switch {
	case g.circular:
		g.anybody, g.tokens = doubtful("group "+plain(g.name)+" refers to itself"), tokens{every: true}
	case g.unknown:
		g.anybody, g.tokens = doubtful("group "+plain(g.name)+" does not say whom it includes"), tokens{every: true}
	default:
		g.anybody = d.anyone(g.include, g.require, g.exclude)
		g.surely = d.everyone(g.include, g.require, g.exclude)
		g.tokens = d.tokens(g.include, g.exclude)
	}
	return g
}

// anybody reports whether anybody can meet the rule.
func (d *directory) anybody(r *Rule) verdict {
	subject, ok := r.subject()
	switch {
	case !ok:
		return doubtful(r.Words(d.named))
	case r.is(selectorEveryone):
		return wide
	case r.is(selectorIP):
		prefix, ok := r.prefix()
		if !ok {
			return doubtful("the address " + plain(subject) + " is none")
		}
		return verdict{open: prefix.Bits() == 0}
	case r.is(selectorLoginMethod):
		provider := d.providers[subject]
		switch {
		case provider == nil:
			return doubtful("login method " + plain(subject) + " is not there")
		case deref(provider.Type) == "":
			return doubtful("login method " + plain(subject) + " is of no known type")
		}
		return verdict{open: slices.Contains(openProviders, *provider.Type)}
	case r.is(selectorGroup):
		g := d.group(subject)
		if g == nil {
			return doubtful("group " + plain(subject) + " is not there")
		}
		return g.anybody
	}
	return closed
}

// anyone reports whether anybody can meet the rules of a policy or group: one of
// include, and all of require. What is excluded keeps some out and not everybody,
// unless it is everyone.
func (d *directory) anyone(include, require, exclude []Rule) verdict {
	met := closed
	for i := range include {
		if v := d.anybody(&include[i]); v.open && (!met.open || v.doubt == "") {
			met = v
		}
	}
	if !met.open && coverAddresses(include) {
		met = wide
	}
	if !met.open || d.anySurely(exclude) {
		return closed
	}
	for i := range require {
		v := d.anybody(&require[i])
		if !v.open {
			return closed
		}
		met.doubt = cmp.Or(met.doubt, v.doubt)
	}
	return met
}

// everyone reports whether everyone is sure to meet the rules: what keeps
// everyone out is a safeguard only where it can be told.
func (d *directory) everyone(include, require, exclude []Rule) bool {
	return len(exclude) == 0 && d.anySurely(include) &&
		!slices.ContainsFunc(require, func(r Rule) bool { return !d.surely(&r) })
}

// anySurely reports whether everyone is sure to meet one of the rules.
func (d *directory) anySurely(rules []Rule) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return d.surely(&r) }) ||
		covers(prefixesOf(rules), everyIPv4) && covers(prefixesOf(rules), everyIPv6)
}

// surely reports whether everyone is sure to meet the rule.
func (d *directory) surely(r *Rule) bool {
	subject, ok := r.subject()
	switch {
	case !ok:
		return false
	case r.is(selectorEveryone):
		return true
	case r.is(selectorGroup):
		g := d.group(subject)
		return g != nil && g.surely
	}
	return false
}

var everyIPv4, everyIPv6 = netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")

// coverAddresses reports whether the rules ip among them take every address of a
// version together, such as 0.0.0.0/1 and 128.0.0.0/1.
func coverAddresses(rules []Rule) bool {
	prefixes := prefixesOf(rules)
	return covers(prefixes, everyIPv4) || covers(prefixes, everyIPv6)
}

func prefixesOf(rules []Rule) []netip.Prefix {
	var prefixes []netip.Prefix
	for i := range rules {
		if prefix, ok := rules[i].prefix(); rules[i].is(selectorIP) && ok {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// covers reports whether every address of whole is in one of the prefixes.
func covers(prefixes []netip.Prefix, whole netip.Prefix) bool {
	var within []netip.Prefix
	for _, p := range prefixes {
		switch {
		case !p.Overlaps(whole):
		case p.Bits() <= whole.Bits():
			return true
		default:
			within = append(within, p)
		}
	}
	if len(within) < 2 { // both halves need one
		return false
	}
	lower := netip.PrefixFrom(whole.Addr(), whole.Bits()+1)
	upper := lower.Addr().AsSlice()
	upper[whole.Bits()/8] |= 0x80 >> (whole.Bits() % 8)
	address, _ := netip.AddrFromSlice(upper)
	return covers(within, lower) && covers(within, netip.PrefixFrom(address, lower.Bits()))
}

// tokens are the service tokens that a gate takes.
type tokens struct {
	// every is true where any token passes, any valid one or a rule that can't be
	// told.
	every bool
	ids   map[string]bool
}

func (t *tokens) add(other tokens) {
	t.every = t.every || other.every
	for id := range other.ids {
		if t.ids == nil {
			t.ids = map[string]bool{}
		}
		t.ids[id] = true
	}
}

// some reports whether any token passes.
func (t tokens) some() bool { return t.every || len(t.ids) > 0 }

// share reports whether one token passes both gates.
func (t tokens) share(other tokens) bool {
	if t.every || other.every {
		return t.some() && other.some()
	}
	for id := range t.ids {
		if other.ids[id] {
			return true
		}
	}
	return false
}

// tokens returns the tokens that rules take, those of groups as well. What is
// required of a token beside being one of these is not looked at.
func (d *directory) tokens(include, exclude []Rule) tokens {
	var t tokens
	for i := range include {
		r := &include[i]
		subject, ok := r.subject()
		switch {
		case ok && r.is(selectorServiceToken):
			t.add(tokens{ids: map[string]bool{subject: true}})
		case ok && r.is(selectorAnyServiceToken):
			t.every = true
		case ok && r.is(selectorGroup) && d.group(subject) != nil:
			t.add(d.group(subject).tokens)
		default:
			t.every = t.every || d.anybody(r).open
		}
	}
	for _, id := range subjects(selectorServiceToken, exclude) {
		delete(t.ids, id)
	}
	if d.anySurely(exclude) || slices.ContainsFunc(exclude, func(r Rule) bool {
		_, ok := r.subject()
		return ok && r.is(selectorAnyServiceToken)
	}) {
		return tokens{}
	}
	return t
}

// gate is what the policies of an application come to.
type gate struct {
	open   bool
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

// gateOf works out what an application's policies come to. Those that bypass
// Access and those of Service Auth count first, then those that allow and deny,
// each from top to bottom; whoever matches none is refused.
//
// Source: Cloudflare's documentation, "Access policies", order of execution.
func (d *directory) gateOf(policies []Policy) gate {
	switch {
	case policies == nil:
		return gate{open: true, tokens: tokens{every: true}, text: "anybody, as far as can be told: the API did not tell the policies"}
	case len(policies) == 0:
		return gate{text: "nobody: there is no policy"}
	}
	var (
		g        gate
		first    []string // of bypass, Service Auth, and what can't be told
		then     []string
		openings []string
		denied   bool
		admits   bool
	)
	for i := range policies {
		p := readPolicy(&policies[i])
		v := d.anyone(p.include, p.require, p.exclude)
		if p.unknown {
			v = doubtful("the policy does not say whom it includes")
		}
		clause := d.clause(p)
		switch p.decision {
		case decisionBypass:
			first, admits = append(first, "past Access, "+clause), true
			if v.open { // whoever shows a token, too
				g.tokens.every = true
			}
		case decisionServiceTok:
			if !p.onlyTokens() {
				clause = "without login, " + clause
			}
			first, admits = append(first, clause), true
			g.tokens.add(d.policyTokens(p))
		case decisionDeny:
			then = append(then, "never "+clause)
			denied = denied || !p.unknown && d.everyone(p.include, p.require, p.exclude)
			continue
		case decisionAllow:
			if denied {
				then = append(then, "no longer, since everyone was denied before, "+clause)
				continue
			}
			then, admits = append(then, clause), true
		default:
			v = doubtful("its decision " + plain(p.decision) + " is unknown")
			g.tokens.add(d.policyTokens(p))
			first, admits = append(first, clause), true
		}
		if v.open {
			g.open = true
			openings = append(openings, opening(p.name, v))
		}
	}
	if !admits {
		openings = []string{"nobody"}
	}
	clauses := slices.Concat(openings, first, then)
	g.text = strings.Join(shortened(clauses, maxClauses), "; ")
	return g
}

// policy is a policy with its rules read.
type policy struct {
	name, decision            string
	include, require, exclude []Rule
	unknown                   bool // whom it includes
}

func readPolicy(p *Policy) policy {
	return policy{
		name: nameOrID(p.Name, p.ID), decision: deref(p.Decision),
		include: rulesOf(p.Include), require: rulesOf(p.Require), exclude: rulesOf(p.Exclude),
		unknown: len(p.Include) == 0,
	}
}

// onlyTokens reports whether the policy includes nothing but service tokens, so
// that nobody asks how they get in.
func (p *policy) onlyTokens() bool {
	return len(p.include) > 0 && !slices.ContainsFunc(p.include, func(r Rule) bool {
		return !r.is(selectorServiceToken) && !r.is(selectorAnyServiceToken)
	})
}

func (d *directory) policyTokens(p policy) tokens {
	if p.unknown {
		return tokens{every: true}
	}
	return d.tokens(p.include, p.exclude)
}

// opening says that a policy lets anybody in, and why.
func opening(policy string, v verdict) string {
	name := "a policy"
	if policy != "" {
		name = "the policy " + plain(policy)
	}
	if v.doubt != "" {
		return "anybody, as far as can be told, by " + name + ": " + v.doubt
	}
	return "anybody, by " + name
}

// How much a text says: what lets anybody in stands first.
const (
	maxClauses = 40
	maxRules   = 20
)

// shortened returns at most limit of the texts, and how many more of what there are.
func shortened(texts []string, limit int) []string {
	if len(texts) <= limit {
		return texts
	}
	return append(texts[:limit:limit], fmt.Sprintf("and %d more", len(texts)-limit))
}

// clause says who matches a policy, such as "e-mail domain example.com, except
// group contractors (policy staff)".
func (d *directory) clause(p policy) string {
	text := d.list(p.include, ", ")
	if len(p.include) == 0 {
		text = "whoever the policy includes, which the API did not tell"
	}
	if len(p.require) > 0 {
		text += ", only with " + d.list(p.require, " and ")
	}
	if len(p.exclude) > 0 {
		text += ", except " + d.list(p.exclude, ", ")
	}
	if p.name != "" {
		text += " (policy " + plain(p.name) + ")"
	}
	return text
}

// list returns the rules in words, those that anybody meets first.
func (d *directory) list(rules []Rule, separator string) string {
	var words, others []string
	for i := range rules {
		if text := rules[i].Words(d.named); d.anybody(&rules[i]).open {
			words = append(words, text)
		} else {
			others = append(others, text)
		}
	}
	return strings.Join(shortened(append(words, others...), maxRules), separator)
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
