package baseline

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// The judgement of Access is held here against an evaluator that knows nothing of it:
// it decides for each visitor of a world whether he gets in. What nobody documents is
// decided by a coin that falls the same way for the same visitor and the same thing.

// world is what access.json holds of a portal with one server.
type world struct {
	coin   uint64
	apps   []*app
	groups map[string]*rules // nil for one that is not there
	logins map[string]*login
}

type app struct {
	id, guards string // portal or server
	policies   []*policyOf
	unknown    bool // its policies are not told
	logins     []string
	session    int // hours; 0 for none
}

type policyOf struct {
	id, decision string
	rules
	approval bool
	session  int
}

// rules are rules by list: what is included, required and excluded.
type rules struct {
	lists   [3][]string
	unknown bool // whom it includes
}

type login struct {
	kind       string
	restricted bool
}

// visitor is somebody at the door: a person with one login at hand, or a machine.
type visitor struct {
	email, login, address, country, token string
	member, certified, approved           bool
	coin                                  uint64
}

func (w *world) toss(v *visitor, about string) bool {
	h := fnv.New64a()
	_, _ = io.WriteString(h, about)
	return (h.Sum64()^w.coin^v.coin)*0x9e3779b97f4a7c15>>40&1 == 1
}

func (w *world) getsTo(v *visitor, place string) bool {
	guarded := false
	for _, a := range w.apps {
		if a.guards != place {
			continue
		}
		guarded = true
		if w.passes(a, v) {
			return true
		}
	}
	return !guarded && w.coin%2 == 0
}

func (w *world) passes(a *app, v *visitor) bool {
	if a.unknown {
		return w.toss(v, "policies of "+a.id)
	}
	for _, p := range a.policies {
		switch decision := w.decision(p); decision {
		case "bypass", "non_identity":
			if w.meets(v, &p.rules, p.id, false) {
				return true
			}
		}
	}
	if !w.logsIn(a, v) {
		return false
	}
	for _, p := range a.policies {
		switch decision := w.decision(p); decision {
		case "allow", "deny":
			if w.meets(v, &p.rules, p.id, true) {
				return decision == "allow" && (!p.approval || v.approved)
			}
		}
	}
	return false
}

func (w *world) decision(p *policyOf) string {
	if slices.Contains([]string{"allow", "deny", "bypass", "non_identity"}, p.decision) {
		return p.decision
	}
	return []string{"allow", "deny", "bypass"}[(w.coin+uint64(len(p.decision)))%3]
}

func (w *world) logsIn(a *app, v *visitor) bool {
	l := w.logins[v.login]
	if l == nil || len(a.logins) > 0 && !slices.Contains(a.logins, v.login) {
		return false
	}
	return v.member || l.kind == "github" || l.kind == "cloudflare" && !l.restricted
}

func (w *world) meets(v *visitor, r *rules, owner string, loggedIn bool, within ...string) bool {
	is := func(rule string) bool { return w.meetsRule(v, rule, loggedIn, within) }
	included := slices.ContainsFunc(r.lists[0], is)
	if r.unknown || len(r.lists[0]) == 0 {
		included = w.toss(v, "whom "+owner+" includes")
	}
	return included && !slices.ContainsFunc(r.lists[1], func(rule string) bool { return !is(rule) }) && !slices.ContainsFunc(r.lists[2], is)
}

func (w *world) meetsRule(v *visitor, rule string, loggedIn bool, within []string) bool {
	selector, value, _ := strings.Cut(rule, " ")
	switch selector {
	case "everyone":
		return true
	case "email":
		return loggedIn && v.email == value
	case "email_domain":
		return loggedIn && strings.HasSuffix(v.email, "@"+value)
	case "login_method":
		return loggedIn && v.login == value
	case "ip":
		return netip.MustParsePrefix(value).Contains(netip.MustParseAddr(v.address))
	case "geo":
		return v.country == value
	case "certificate":
		return v.certified
	case "service_token":
		return v.token == value
	case "any_valid_service_token":
		return v.token != ""
	case "group":
		g := w.groups[value]
		if g == nil {
			return w.toss(v, rule)
		}
		if slices.Contains(within, value) {
			return w.toss(v, "circle "+w.reachable(value))
		}
		return w.meets(v, g, rule, loggedIn, append(slices.Clone(within), value)...)
	}
	return w.toss(v, rule)
}

// reachable spells a group and all groups that it refers to.
func (w *world) reachable(id string) string {
	ids := []string{id}
	var text strings.Builder
	for i := 0; i < len(ids); i++ {
		g := w.groups[ids[i]]
		fmt.Fprint(&text, ids[i], g)
		if g == nil {
			continue
		}
		for _, list := range g.lists {
			for _, rule := range list {
				if other, ok := strings.CutPrefix(rule, "group "); ok && !slices.Contains(ids, other) {
					ids = append(ids, other)
				}
			}
		}
	}
	return text.String()
}

// json writes the world as access.json.
func (w *world) json() string {
	var b strings.Builder
	b.WriteString(`{"access":{"applications":{`)
	list := func(key string, rules []string) {
		fmt.Fprintf(&b, `,%q:[`, key)
		for i, rule := range rules {
			if i > 0 {
				b.WriteByte(',')
			}
			selector, value, _ := strings.Cut(rule, " ")
			key := map[string]string{"email": "email", "email_domain": "domain", "ip": "ip", "geo": "country_code", "service_token": "token_id", "login_method": "id", "group": "id"}[selector]
			if key == "" {
				fmt.Fprintf(&b, `{%q:{}}`, selector)
			} else {
				fmt.Fprintf(&b, `{%q:{%q:%q}}`, selector, key, value)
			}
		}
		b.WriteByte(']')
	}
	body := func(r *rules) {
		if r.unknown {
			b.WriteString(`,"include":null`)
		} else {
			list("include", r.lists[0])
		}
		list("require", r.lists[1])
		list("exclude", r.lists[2])
	}
	for i, a := range w.apps {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%q:{"id":%q,"name":%q,"guards_portal":%t,`, a.id, a.id, a.id, a.guards == "portal")
		if a.guards != "portal" {
			b.WriteString(`"guards_servers":["s"],`)
		}
		if a.session > 0 {
			fmt.Fprintf(&b, `"session_duration":"%dh",`, a.session)
		}
		b.WriteString(`"allowed_idps":[`)
		for i, id := range a.logins {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Quote(id))
		}
		b.WriteString(`],"policies":`)
		if a.unknown {
			b.WriteString("null}")
			continue
		}
		b.WriteByte('[')
		for i, p := range a.policies {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"id":%q,"name":%q,"decision":%q,"approval_required":%t`, p.id, p.id, p.decision, p.approval)
			if p.session > 0 {
				fmt.Fprintf(&b, `,"session_duration":"%dh"`, p.session)
			}
			body(&p.rules)
			b.WriteByte('}')
		}
		b.WriteString("]}")
	}
	b.WriteString(`},"groups":{`)
	referred := w.referred()
	first := true
	for _, id := range referred {
		id, isGroup := strings.CutPrefix(id, "group ")
		if !isGroup {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		if g := w.groups[id]; g == nil {
			fmt.Fprintf(&b, `%q:null`, id)
		} else {
			fmt.Fprintf(&b, `%q:{"id":%q`, id, id)
			body(g)
			b.WriteByte('}')
		}
	}
	b.WriteString(`},"identity_providers":{`)
	first = true
	for _, id := range referred {
		id, isLogin := strings.CutPrefix(id, "login_method ")
		if !isLogin {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		l := w.logins[id]
		fmt.Fprintf(&b, `%q:{"id":%q,"type":%q,"restrict_to_account_members":%t}`, id, id, l.kind, l.restricted)
	}
	b.WriteString(`},"reach":{"portal":{"guarded":true,"open":false,"service_tokens":false},"server s":{"guarded":true,"open":false,"service_tokens":false}}}}`)
	return b.String()
}

// referred returns what rules and applications refer to, as rules, sorted.
func (w *world) referred() []string {
	var all []string
	add := func(r *rules) {
		for _, list := range r.lists {
			for _, rule := range list {
				if (strings.HasPrefix(rule, "group ") || strings.HasPrefix(rule, "login_method ")) && !slices.Contains(all, rule) {
					all = append(all, rule)
				}
			}
		}
	}
	for _, a := range w.apps {
		for _, id := range a.logins {
			if rule := "login_method " + id; !slices.Contains(all, rule) {
				all = append(all, rule)
			}
		}
		for _, p := range a.policies {
			if !a.unknown {
				add(&p.rules)
			}
		}
	}
	for next := all; len(next) > 0; {
		had := len(all)
		for _, rule := range next {
			if id, ok := strings.CutPrefix(rule, "group "); ok && w.groups[id] != nil {
				add(w.groups[id])
			}
		}
		next = all[had:]
	}
	slices.Sort(all)
	return all
}

func (w *world) clone() *world {
	c := &world{coin: w.coin, groups: map[string]*rules{}, logins: map[string]*login{}}
	for _, a := range w.apps {
		b := *a
		b.logins = slices.Clone(a.logins)
		b.policies = make([]*policyOf, len(a.policies))
		for i, p := range a.policies {
			q := *p
			q.rules = p.clone()
			b.policies[i] = &q
		}
		c.apps = append(c.apps, &b)
	}
	for id, g := range w.groups {
		if g != nil {
			h := g.clone()
			c.groups[id] = &h
		} else {
			c.groups[id] = nil
		}
	}
	for id, l := range w.logins {
		m := *l
		c.logins[id] = &m
	}
	return c
}

func (r *rules) clone() rules {
	return rules{[3][]string{slices.Clone(r.lists[0]), slices.Clone(r.lists[1]), slices.Clone(r.lists[2])}, r.unknown}
}

// maker makes worlds at random.
type maker struct {
	*rand.Rand
	// compared are what the first of two worlds refers to: what it does not is in no
	// file, so that nothing can be said of it.
	compared []string
}

func pick[T any](m maker, from ...T) T { return from[m.IntN(len(from))] }

var (
	someEmails = []string{"a@x.example", "b@x.example", "c@y.example", "d@z.example"}
	someLogins = []string{"okta", "hub", "cf"}
	someGroups = []string{"g1", "g2", "g3", "g4"}
	someRules  = []string{
		"everyone", "email a@x.example", "email b@x.example", "email c@y.example", "email_domain x.example", "email_domain y.example",
		"ip 10.0.0.0/8", "ip 10.1.0.0/16", "ip 0.0.0.0/0", "geo PT", "geo FR", "certificate", "service_token t1", "service_token t2", "any_valid_service_token",
		"login_method okta", "login_method hub", "login_method cf", "group g1", "group g2", "group g3", "group g4", "moon", "tide",
	}
)

func (m maker) rule() string { return pick(m, someRules...) }

func (m maker) rules() rules {
	r := rules{unknown: m.IntN(40) == 0}
	for range 1 + m.IntN(3) {
		r.lists[0] = append(r.lists[0], m.rule())
	}
	for range max(0, m.IntN(4)-2) {
		r.lists[1] = append(r.lists[1], m.rule())
	}
	for range max(0, m.IntN(4)-2) {
		r.lists[2] = append(r.lists[2], m.rule())
	}
	return r
}

func (m maker) policy(id int) *policyOf {
	return &policyOf{
		id: "p" + strconv.Itoa(id), rules: m.rules(), approval: m.IntN(6) == 0, session: max(0, m.IntN(8)-5) * 12,
		decision: pick(m, "allow", "allow", "allow", "allow", "deny", "deny", "bypass", "non_identity", "non_identity", []string{"allow", "maybe", "later"}[max(0, m.IntN(8)-5)]),
	}
}

func (m maker) app(id int, guards string) *app {
	a := &app{id: "a" + strconv.Itoa(id), guards: guards, unknown: m.IntN(50) == 0, session: max(0, m.IntN(4)-2) * 12}
	for range 1 + m.IntN(4) {
		a.policies = append(a.policies, m.policy(m.IntN(15)))
	}
	if m.IntN(3) == 0 {
		a.logins = slices.Clone(someLogins[:1+m.IntN(2)])
	}
	return a
}

func (m maker) world() *world {
	w := &world{coin: m.Uint64(), groups: map[string]*rules{}, logins: map[string]*login{
		"okta": {kind: "okta"}, "hub": {kind: pick(m, "github", "okta")}, "cf": {kind: "cloudflare", restricted: m.IntN(2) == 0},
	}}
	w.apps = append(w.apps, m.app(0, "portal"), m.app(1, "server"))
	if m.IntN(4) == 0 {
		w.apps = append(w.apps, m.app(2, "server"))
	}
	for i, id := range someGroups {
		if m.IntN(12) == 0 {
			w.groups[id] = nil
			continue
		}
		g := m.rules()
		if m.IntN(4) > 0 { // seldom in circles
			for j, list := range g.lists {
				g.lists[j] = slices.DeleteFunc(list, func(rule string) bool {
					return strings.HasPrefix(rule, "group ") && rule <= "group "+someGroups[i]
				})
			}
			if len(g.lists[0]) == 0 {
				g.lists[0] = []string{"email d@z.example"}
			}
		}
		w.groups[id] = &g
	}
	return w
}

func (m maker) visitors() []*visitor {
	all := make([]*visitor, 24)
	for i := range all {
		v := &visitor{
			coin:    m.Uint64(),
			address: pick(m, "10.1.2.3", "10.9.9.9", "192.0.2.1"), country: pick(m, "PT", "FR", "DE"),
			member: m.IntN(3) > 0, certified: m.IntN(4) == 0, approved: m.IntN(2) == 0,
		}
		if m.IntN(5) > 0 {
			v.email, v.login = pick(m, someEmails...), pick(m, someLogins...)
		}
		if m.IntN(3) == 0 {
			v.token = pick(m, "t1", "t2", "t3")
		}
		all[i] = v
	}
	return all
}

// edit changes something of the world, and says what.
func (m maker) edit(w *world) string {
	a := pick(m, w.apps...)
	var p *policyOf
	if len(a.policies) > 0 {
		p = pick(m, a.policies...)
	}
	switch kind := m.IntN(24); {
	case kind < 9: // a rule comes, goes or is another, of a policy or a group
		var r *rules
		var where string
		if id := pick(m, someGroups...); m.IntN(3) == 0 && w.groups[id] != nil && slices.Contains(m.compared, "group "+id) {
			r, where = w.groups[id], "group "+id
		} else if p != nil {
			r, where = &p.rules, p.decision+" "+p.id
		} else {
			return "nothing"
		}
		list := &r.lists[m.IntN(3)]
		switch i := m.IntN(3); {
		case i == 0 || len(*list) == 0:
			*list = append(*list, m.rule())
		case i == 1:
			*list = slices.Delete(*list, 0, 1)
		default:
			(*list)[m.IntN(len(*list))] = m.rule()
		}
		return "rules of " + where
	case kind < 11:
		a.policies = slices.Insert(a.policies, m.IntN(len(a.policies)+1), m.policy(m.IntN(40)))
		return "a policy more"
	case p == nil:
		return "nothing"
	case kind < 13:
		a.policies = slices.DeleteFunc(a.policies, func(q *policyOf) bool { return p == q })
		return "a policy less: " + p.decision
	case kind < 15:
		a.policies = slices.DeleteFunc(a.policies, func(q *policyOf) bool { return p == q })
		a.policies = slices.Insert(a.policies, m.IntN(len(a.policies)+1), p)
		return "moved " + p.decision
	case kind < 17:
		was := p.decision
		p.decision = pick(m, "allow", "deny", "bypass", "non_identity", "maybe")
		return "decision " + was + " " + p.decision
	case kind == 17:
		switch i := m.IntN(3); {
		case i == 0:
			a.logins = nil
		case i == 1 && len(a.logins) > 0:
			a.logins = slices.Delete(a.logins, 0, 1)
		default:
			if id := pick(m, someLogins...); !slices.Contains(a.logins, id) {
				a.logins = append(a.logins, id)
			}
		}
		return "allowed logins"
	case kind == 18:
		p.approval = !p.approval
		return "approval"
	case kind == 19:
		if id := pick(m, someGroups...); !slices.Contains(m.compared, "group "+id) {
			return "nothing"
		} else if w.groups[id] == nil {
			g := m.rules()
			w.groups[id] = &g
		} else {
			w.groups[id] = nil
		}
		return "a group came or went"
	case kind == 20:
		id := pick(m, "hub", "cf")
		if !slices.Contains(m.compared, "login_method "+id) {
			return "nothing"
		}
		l := w.logins[id]
		if l.kind == "cloudflare" {
			l.restricted = !l.restricted
		} else {
			l.kind = pick(m, "github", "okta")
		}
		return "a login method"
	case kind == 21:
		a.unknown = !a.unknown
		return "policies known or not"
	case kind == 22:
		p.session, p.unknown = max(0, m.IntN(8)-5)*12, m.IntN(2) == 0
		return "session, and what is known"
	case m.IntN(2) == 0 && len(w.apps) > 1:
		w.apps = slices.DeleteFunc(w.apps, func(b *app) bool { return a == b })
		return "an application less"
	default:
		w.apps = append(w.apps, m.app(3+m.IntN(40), pick(m, "portal", "server")))
		return "an application more"
	}
}

// narrow changes something of the world so that nobody gets in who did not, in one of
// the ways that everybody would call so. why is the reason for which it may widen all
// the same.
func (m maker) narrow(w *world) (edit, why string) {
	for {
		why = ""
		a := pick(m, w.apps...)
		if len(a.policies) == 0 {
			continue
		}
		p := pick(m, a.policies...)
		admits := slices.Contains([]string{"allow", "bypass", "non_identity"}, p.decision) && !p.unknown
		if at := slices.Index(a.policies, p); p.decision == "allow" && slices.ContainsFunc(a.policies[at+1:], func(q *policyOf) bool {
			return !slices.Contains([]string{"deny", "bypass", "non_identity"}, q.decision) && (p.approval && !q.approval || cmp.Or(q.session, a.session, 24) > cmp.Or(p.session, a.session, 24))
		}) {
			why = "a later policy demands less"
		}
		switch kind := m.IntN(5); {
		case kind == 0 && admits && len(p.lists[0]) > 1:
			p.lists[0] = slices.Delete(p.lists[0], 0, 1)
			return "an include less", why
		case kind == 1 && admits:
			p.lists[1] = append(p.lists[1], m.rule())
			return "a require more", why
		case kind == 2 && admits:
			p.lists[2] = append(p.lists[2], m.rule())
			return "an exclude more", why
		case kind == 3 && admits:
			a.policies = slices.DeleteFunc(a.policies, func(q *policyOf) bool { return p == q })
			return "a policy gone that admitted", why
		case kind == 4:
			deny := m.policy(5000 + m.IntN(1000))
			deny.decision = "deny"
			a.policies = slices.Insert(a.policies, m.IntN(len(a.policies)+1), deny)
			return "a denial more", ""
		}
	}
}

// between compares two worlds, in memory that it uses again.
type between [2]jsontree.Parser

// effects returns the effects of all that is said of the two worlds.
func (c *between) effects(t *testing.T, before, after *world) (all effects) {
	t.Helper()
	c.changes(t, before, after, func(ch change) { all |= ch.effects })
	return all
}

func (c *between) said(t *testing.T, before, after *world) (said []string) {
	t.Helper()
	c.changes(t, before, after, func(ch change) {
		said = append(said, fmt.Sprint(ch.rule.ID, ch.effects.list(), " ", ch.field()))
	})
	return said
}

func (c *between) changes(t *testing.T, before, after *world, yield func(change)) {
	t.Helper()
	texts := [2]string{before.json(), after.json()}
	if texts[0] == texts[1] {
		return
	}
	files := [2]*jsontree.Node{}
	for i, text := range texts {
		files[i] = c[i].Parse(text)
		cleaner{}.file(files[i])
		files[i].Seal()
	}
	if err := diffAccess(t.Context(), &cloudflare.Access{}, files[0], files[1], func(d *difference) { yield(judge(d)) }); err != nil {
		t.Fatal(err)
	}
}

// Of changes after which somebody gets in who did not, none is without widens.
func TestNobodyGetsInUnseen(t *testing.T) {
	t.Parallel()
	const pairs = 10_000 // 20,000 worlds
	c, m := new(between), maker{Rand: rand.New(rand.NewPCG(1, 2))}
	gotIn, widened, missed := 0, 0, 0
	for range pairs {
		before, visitors := m.world(), m.visitors()
		after := before.clone()
		m.compared = before.referred()
		var edits []string
		for range 1 + m.IntN(3) {
			edits = append(edits, m.edit(after))
		}
		isNew := func(v *visitor) bool {
			return !before.getsTo(v, "portal") && after.getsTo(v, "portal") || !before.getsTo(v, "server") && after.getsTo(v, "server")
		}
		i := slices.IndexFunc(visitors, isNew)
		all := c.effects(t, before, after)
		if all&widens != 0 {
			widened++
		}
		if i < 0 {
			continue
		}
		gotIn++
		if all&widens == 0 {
			if missed++; missed <= 5 {
				t.Errorf("%+v gets in after %q, which is said to be %q\n%s\n%s", *visitors[i], edits, c.said(t, before, after), before.json(), after.json())
			}
		}
	}
	t.Logf("of %d pairs, somebody gets in after %d, and %d widen; missed: %d", pairs, gotIn, widened, missed)
	if missed > 0 || gotIn < pairs/10 {
		t.Errorf("missed %d of %d", missed, gotIn)
	}
}

// Changes that only let in fewer hardly ever widen, and then for a reason.
func TestFewerGetInAndItIsSaidSo(t *testing.T) {
	t.Parallel()
	const pairs = 2_500
	c, m := new(between), maker{Rand: rand.New(rand.NewPCG(3, 4))}
	why, of := map[string]int{}, map[string]int{}
	total := 0
	for range pairs {
		before, visitors := m.world(), m.visitors()
		for _, a := range before.apps {
			a.unknown = false
			for i, p := range a.policies {
				p.id = a.id + strconv.Itoa(i)
			}
		}
		after := before.clone()
		edit, reason := m.narrow(after)
		of[edit]++
		if c.effects(t, before, after)&widens == 0 {
			continue
		}
		total++
		if slices.ContainsFunc(visitors, func(v *visitor) bool {
			return !before.getsTo(v, "portal") && after.getsTo(v, "portal") || !before.getsTo(v, "server") && after.getsTo(v, "server")
		}) {
			reason = "somebody gets in: a later policy demands no approval"
		}
		if why[reason]++; reason == "" {
			t.Errorf("%s widens, and nobody can say why:\n%s\n%s", edit, before.json(), after.json())
		}
	}
	t.Logf("of %d pairs that let in fewer, %d widen (%.1f %%): %v of %v", pairs, total, float64(total)*100/pairs, why, of)
}
