package baseline

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// accessComparison compares access.json. What a policy, an application or a group
// lets in more widens, whichever way it comes about.
type accessComparison struct {
	*comparison
	before, after *node
	// guards are the servers that an application guards, and whether it guards the
	// portal, by its id, accepted or now.
	guards map[string]guarded
	// opens, widened and touched are the places of which it was told that they are open
	// now, that more is let in, and that anything differs.
	opens, widened, touched map[string]bool
	names                   map[string]string // of groups and login methods, by id
	texts                   map[string]string // who gets in now, in words, by the place
}

type guarded struct {
	portal  bool
	servers []string
}

// access compares access.json, of which accepted is nil if there is none.
func (c *comparison) access(accepted, current *node, texts map[string]string) {
	at := place{file: accessFile}
	if accepted == nil {
		ch := by("not_accepted", at, "", nil, nil)
		ch.facts = &facts{reach: texts}
		c.add(ch)
		return
	}
	a := &accessComparison{
		comparison: c, before: accepted.member("access"), after: current.member("access"),
		guards: map[string]guarded{}, names: map[string]string{}, texts: texts,
		opens: map[string]bool{}, widened: map[string]bool{}, touched: map[string]bool{},
	}
	for _, side := range []*node{a.before, a.after} {
		for _, part := range []string{"groups", "identity_providers"} {
			if list := side.member(part); list != nil {
				for i := range list.items {
					if name := nameIn(&list.items[i]); name != "" {
						a.names[unquote(list.items[i].key)] = name
					}
				}
			}
		}
	}
	for _, side := range []*node{a.before, a.after} {
		if apps := side.member("applications"); apps != nil {
			for i := range apps.items {
				a.learn(&apps.items[i])
			}
		}
	}
	a.groups()
	a.providers()
	for key, pair := range members(a.before.member("applications"), a.after.member("applications")) {
		a.application(unquote(key), pair[0], pair[1])
	}
	a.reach()
}

func (a *accessComparison) learn(app *node) {
	id := unquote(app.key)
	g := a.guards[id]
	g.portal = g.portal || app.member("guards_portal").isTrue()
	for _, server := range elementsOf(app.member("guards_servers")) {
		if !slices.Contains(g.servers, server) {
			g.servers = append(g.servers, server)
		}
	}
	a.guards[id] = g
}

// at returns the place of a change about an application: the server, if it guards
// that alone.
func (a *accessComparison) at(app string) place {
	p := place{file: accessFile}
	if g := a.guards[app]; !g.portal && len(g.servers) == 1 {
		p.serverID = &g.servers[0]
	}
	return p
}

// tell adds a change about an application. who is what it is about, for the words.
func (a *accessComparison) tell(rule, app string, who who, steps []string, before, after *node) {
	ch := by(rule, a.at(app), pathOf(append([]string{"applications", app}, steps...)), before, after)
	who.names = a.names
	for _, step := range steps {
		if step != "policies" && !strings.HasPrefix(step, "[") {
			who.field = append(who.field, step)
		}
	}
	widens := slices.Contains(ch.rule.Effects, Widens)
	for _, p := range a.places(app) {
		a.touched[p] = true
		a.widened[p] = a.widened[p] || widens
		was, is := memberOf(a.before.member("reach"), p), memberOf(a.after.member("reach"), p)
		if widens && was != nil && !was.member("open").isTrue() && is.member("open").isTrue() && !a.opens[p] {
			a.opens[p] = true
			who.opens = append(who.opens, p)
		}
	}
	ch.facts = &facts{who: who}
	a.add(ch)
}

// places returns what an application guards, as reach names it.
func (a *accessComparison) places(app string) []string {
	var places []string
	if a.guards[app].portal {
		places = append(places, reachOfPortal)
	}
	for _, server := range a.guards[app].servers {
		places = append(places, reachOfServer+server)
	}
	return places
}

// who is the policy, application or group that a change is about.
type who struct {
	policy, application, group string
	// does is what a policy does with whom it is about: includes, requires, excludes.
	does string
	// field is the field of it.
	field []string
	// opens are the places that anybody reaches by the change, as reach names them.
	opens []string
	names map[string]string // of groups and login methods, by id
}

func nameIn(n *node) string {
	for _, field := range []string{"name", "id"} {
		if text, ok := n.member(field).str(); ok && text != "" {
			return text
		}
	}
	return ""
}

func (a *accessComparison) application(id string, before, after *node) {
	if equal(before, after) {
		return
	}
	someone := who{application: nameIn(before)}
	if after != nil {
		someone.application = nameIn(after)
	}
	switch {
	case before == nil:
		rule := "access_application_first"
		if a.guardedBefore(after) {
			rule = "access_application_added"
		}
		a.tell(rule, id, someone, nil, nil, after)
		return
	case after == nil:
		a.tell("access_application_gone", id, someone, nil, before, nil)
		return
	}
	destinations := false
	for key, pair := range members(before, after) {
		if equal(pair[0], pair[1]) {
			continue
		}
		name := unquote(key)
		steps := []string{name}
		switch name {
		case "policies":
			a.policies(id, someone, pair[0], pair[1])
		case "destinations", "self_hosted_domains", "domain":
			destinations = true
			a.tell("access_destination", id, someone, steps, pair[0], pair[1])
		case "guards_portal", "guards_servers":
			// Worked out: told below, if nothing else tells it.
		case "allowed_idps":
			b, n := elementsOf(pair[0]), elementsOf(pair[1])
			if len(n) == 0 || len(b) > 0 && len(a.minus(n, b)) > 0 {
				a.tell("access_login_more", id, someone, steps, pair[0], pair[1])
			} else {
				a.tell("access_login_less", id, someone, steps, pair[0], pair[1])
			}
		case "allow_authenticate_via_warp":
			if pair[1].isTrue() {
				a.tell("access_login_more", id, someone, steps, pair[0], pair[1])
			} else {
				a.tell("access_login_less", id, someone, steps, pair[0], pair[1])
			}
		case "session_duration":
			a.duration(id, someone, steps, pair[0], pair[1])
		case "oauth_configuration":
			a.oauth(id, someone, pair[0], pair[1])
		default:
			a.otherField("application", id, someone, steps, pair[0], pair[1])
		}
	}
	if lost := a.lost(before, after); lost && !destinations {
		a.tell("access_guard_gone", id, someone, []string{"guards_servers"}, before.member("guards_servers"), after.member("guards_servers"))
	} else if !lost && !destinations && (!equal(before.member("guards_servers"), after.member("guards_servers")) || !equal(before.member("guards_portal"), after.member("guards_portal"))) {
		a.tell("access_field", id, someone, []string{"guards_servers"}, before.member("guards_servers"), after.member("guards_servers"))
	}
}

// lost reports whether an application guards the portal, or a server, no more.
func (a *accessComparison) lost(before, after *node) bool {
	return before.member("guards_portal").isTrue() && !after.member("guards_portal").isTrue() ||
		len(a.minus(elementsOf(before.member("guards_servers")), elementsOf(after.member("guards_servers")))) > 0
}

// guardedBefore reports whether a new application covers some of the portal's host, or
// guards a server that was guarded: then the more open of the two decides.
func (a *accessComparison) guardedBefore(app *node) bool {
	servers := elementsOf(app.member("guards_servers"))
	if len(servers) == 0 || app.member("guards_portal").isTrue() {
		return true
	}
	return slices.ContainsFunc(servers, func(id string) bool {
		return memberOf(a.before.member("reach"), reachOfServer+id).member("guarded").isTrue()
	})
}

// otherField adds the smallest changes of a field without a rule of its own.
func (a *accessComparison) otherField(object, app string, someone who, steps []string, before, after *node) {
	differences(before, after, steps, func(d difference) {
		rule := "access_field"
		name := d.steps[len(steps)-1]
		if _, known := fields[object][name]; !known && (holdsBoolean(d.before) || holdsBoolean(d.after)) {
			rule = "unknown_boolean"
		}
		a.tell(rule, app, someone, d.steps, d.before, d.after)
	})
}

// duration adds the change of how long something is good for. What can't be told, and
// what is not set, may be longer than anything.
func (a *accessComparison) duration(app string, someone who, steps []string, before, after *node) {
	b, okBefore := durationIn(before)
	n, okAfter := durationIn(after)
	rule := "access_longer"
	if okAfter && (!okBefore || n <= b) {
		rule = "access_field"
	}
	if before == nil && okAfter {
		rule = "access_longer" // than what held without it, which nobody knows
	}
	a.tell(rule, app, someone, steps, before, after)
}

func durationIn(n *node) (time.Duration, bool) {
	text, ok := n.str()
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// oauth compares which clients may come, and for how long. What is not set there is
// on.
func (a *accessComparison) oauth(app string, someone who, before, after *node) {
	on := func(n *node, parent bool) bool { return parent && (n == nil || n.kind != 'f') }
	const name = "oauth_configuration"
	registration := func(n *node) *node { return n.member("dynamic_client_registration") }
	wasOn, isOn := on(before.member("enabled"), before != nil), on(after.member("enabled"), after != nil)
	told := false
	more := func(steps []string, b, n *node, was, is bool) {
		if !equal(b, n) {
			rule := "access_field"
			if is && !was {
				rule = "access_clients_more"
			}
			told = true
			a.tell(rule, app, someone, append([]string{name}, steps...), b, n)
		}
	}
	if before == nil || after == nil {
		more(nil, before, after, wasOn, isOn)
		return
	}
	more([]string{"enabled"}, before.member("enabled"), after.member("enabled"), wasOn, isOn)
	b, n := registration(before), registration(after)
	if b == nil || n == nil {
		more([]string{"dynamic_client_registration"}, b, n, b != nil && on(b.member("enabled"), true), n != nil && on(n.member("enabled"), true))
	} else {
		for _, field := range []string{"enabled", "allow_any_on_localhost", "allow_any_on_loopback"} {
			more([]string{"dynamic_client_registration", field}, b.member(field), n.member(field), on(b.member(field), true), on(n.member(field), true))
		}
		if uris, had := elementsOf(n.member("allowed_uris")), elementsOf(b.member("allowed_uris")); !equal(b.member("allowed_uris"), n.member("allowed_uris")) {
			more([]string{"dynamic_client_registration", "allowed_uris"}, b.member("allowed_uris"), n.member("allowed_uris"), false, len(a.minus(uris, had)) > 0 || len(uris) == 0)
		}
	}
	for _, field := range []string{"access_token_lifetime", "session_duration"} {
		if b, n := before.member("grant").member(field), after.member("grant").member(field); !equal(b, n) {
			told = true
			a.duration(app, someone, []string{name, "grant", field}, b, n)
		}
	}
	known := []string{"enabled", "dynamic_client_registration", "grant"}
	for key, pair := range members(before, after) {
		if field := unquote(key); !slices.Contains(known, field) && !equal(pair[0], pair[1]) {
			told = true
			a.otherField("oauth", app, someone, []string{name, field}, pair[0], pair[1])
		}
	}
	if !told {
		a.otherField("oauth", app, someone, []string{name}, before, after)
	}
}

// policies compares the policies of an application by their ids.
func (a *accessComparison) policies(app string, someone who, before, after *node) {
	steps := []string{"policies"}
	if isNull(after) || isNull(before) || before != nil && before.kind != '[' || after != nil && after.kind != '[' {
		rule := "access_field"
		if isNull(after) || isNull(before) {
			rule = "access_unknown"
		}
		a.tell(rule, app, someone, steps, before, after)
		return
	}
	was, is := policiesIn(before), policiesIn(after)
	order := map[string][2]int{}
	for i, p := range was {
		order[p.key] = [2]int{i, -1}
	}
	for i, p := range is {
		at, both := order[p.key]
		if !both {
			at[0] = -1
		}
		at[1] = i
		order[p.key] = at
	}
	for i, p := range was {
		if order[p.key][1] < 0 {
			of := someone
			of.policy = nameIn(p.node)
			rule := "access_policy_gone"
			if isDeny(p.node) {
				rule = "access_deny_gone"
			}
			a.tell(rule, app, of, below(steps, index(i)), p.node, nil)
		}
	}
	for i, p := range is {
		of := someone
		of.policy = nameIn(p.node)
		if order[p.key][0] < 0 {
			rule := "access_policy_added"
			if isDeny(p.node) {
				rule = "access_deny_added"
			}
			a.tell(rule, app, of, below(steps, index(i)), nil, p.node)
			continue
		}
		if moved := a.moved(p, is, order); moved != "" {
			a.tell(moved, app, of, below(steps, index(i)), intNode(order[p.key][0]), intNode(i))
		}
		a.policy(app, of, below(steps, index(i)), was[order[p.key][0]].node, p.node)
	}
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func intNode(n int) *node {
	number := node{kind: '0', text: strconv.Itoa(n)}
	number.seal()
	return &number
}

type policyIn struct {
	key  string
	node *node
}

// policiesIn returns the policies of a list with what tells one from another: the id,
// or else the name, and a number where several have the same.
func policiesIn(list *node) []policyIn {
	if list == nil {
		return nil
	}
	all := make([]policyIn, len(list.items))
	seen := map[string]int{}
	for i := range list.items {
		n := &list.items[i]
		key, ok := n.member("id").str()
		if !ok {
			key = "name " + nameIn(n)
		}
		seen[key]++
		all[i] = policyIn{key + "\x00" + strconv.Itoa(seen[key]), n}
	}
	return all
}

// moved returns the rule by which it is reported that a policy stands before or after
// others that were and are there: only an allow and a deny change what they do by it.
// A policy that nothing passed is not told.
func (a *accessComparison) moved(p policyIn, is []policyIn, order map[string][2]int) string {
	at := order[p.key]
	rule := ""
	for _, other := range is {
		o := order[other.key]
		if o[0] < 0 || other.key == p.key || (o[0] < at[0]) == (o[1] < at[1]) {
			continue
		}
		isAllow := !isDeny(p.node)
		switch {
		case isAllow && isDeny(other.node) && at[1] < o[1]:
			return "access_policy_moved"
		case isAllow == isDeny(other.node) && isAllow:
			rule = "access_policy_moved_back"
		case rule == "" && isAllow && at[1] < o[1]:
			rule = "access_field"
		}
	}
	return rule
}

// decisions orders what policies do: the more they let in, the higher. What nobody
// knows may let in anybody.
var decisions = []string{"deny", "allow", "non_identity", "bypass"}

func decisionOf(policy *node) int {
	text, _ := policy.member("decision").str()
	if i := slices.Index(decisions, text); i >= 0 {
		return i
	}
	return len(decisions)
}

func isDeny(policy *node) bool { return decisionOf(policy) == 0 }

func (a *accessComparison) policy(app string, someone who, steps []string, before, after *node) {
	for key, pair := range members(before, after) {
		if equal(pair[0], pair[1]) {
			continue
		}
		name := unquote(key)
		at := below(steps, name)
		safeguard := func(gone bool) {
			rule := "access_field"
			if gone && a.guards[app].portal { // elsewhere it is not enforced
				rule = "access_safeguard_gone"
			}
			a.tell(rule, app, someone, at, pair[0], pair[1])
		}
		switch name {
		case "decision":
			rule := "access_decision_less"
			if decisionOf(after) > decisionOf(before) {
				rule = "access_decision_more"
			}
			a.tell(rule, app, someone, at, pair[0], pair[1])
		case "include", "require", "exclude":
			a.rules(app, someone, at, name, pair[0], pair[1], isDeny(after))
		case "session_duration":
			a.duration(app, someone, at, pair[0], pair[1])
		case "approval_required", "purpose_justification_required", "isolation_required":
			safeguard(pair[0].isTrue())
		case "mfa_config", "approval_groups":
			safeguard(pair[0] != nil)
		case "name":
			a.tell("access_field", app, someone, at, pair[0], pair[1])
		default:
			a.otherField("policy", app, someone, at, pair[0], pair[1])
		}
	}
}

// rules compares the rules of a policy: one more in include lets in more, one more in
// require or exclude less, and in a policy that denies it is the reverse.
func (a *accessComparison) rules(app string, someone who, steps []string, list string, before, after *node, deny bool) {
	someone.does = list + "s"
	if isNull(before) || isNull(after) {
		a.tell("access_unknown", app, someone, steps, before, after)
		return
	}
	a.eachRule(before, after, func(b, n *node) {
		rule := "access_rule_less"
		if (n != nil) == (list == "include") != deny {
			rule = "access_rule_more"
		}
		a.tell(rule, app, someone, steps, b, n)
	})
}

// eachRule calls tell for each rule that came or went.
func (a *accessComparison) eachRule(before, after *node, tell func(before, after *node)) {
	had, has := map[uint64]int{}, map[uint64]int{}
	for list, count := range map[*node]map[uint64]int{before: had, after: has} {
		if list != nil {
			for i := range list.items {
				count[list.items[i].hash]++
			}
		}
	}
	if before != nil {
		for i := range before.items {
			if n := &before.items[i]; has[n.hash] > 0 {
				has[n.hash]--
			} else {
				tell(n, nil)
			}
		}
	}
	if after != nil {
		for i := range after.items {
			if n := &after.items[i]; had[n.hash] > 0 {
				had[n.hash]--
			} else {
				tell(nil, n)
			}
		}
	}
}

// polarity is what it means that a group lets in more.
type polarity struct{ more, less bool }

// groups compares the Access groups. Whether it lets in more that one has more members
// is up to the places that refer to it.
func (a *accessComparison) groups() {
	means := a.meanings()
	for key, pair := range members(a.before.member("groups"), a.after.member("groups")) {
		before, after := pair[0], pair[1]
		if equal(before, after) {
			continue
		}
		id := unquote(key)
		someone := who{group: nameIn(after)}
		if someone.group == "" {
			someone.group = nameIn(before)
		}
		if someone.group == "" {
			someone.group = id
		}
		tell := func(rule string, steps []string, b, n *node, does string) {
			ch := by(rule, place{file: accessFile}, pathOf(append([]string{"groups", id}, steps...)), b, n)
			of := someone
			of.does, of.field, of.names = does, steps, a.names
			ch.facts = &facts{who: of}
			a.add(ch)
		}
		switch {
		case isNull(after):
			tell("access_unknown", nil, before, after, "")
			continue
		case before == nil || after == nil:
			continue // what refers to it, or does not any more, tells
		case isNull(before):
			tell("access_field", nil, before, after, "")
			continue
		}
		for key, pair := range members(before, after) {
			name := unquote(key)
			if equal(pair[0], pair[1]) {
				continue
			}
			if name != "include" && name != "require" && name != "exclude" {
				differences(pair[0], pair[1], []string{name}, func(d difference) { tell("access_field", d.steps, d.before, d.after, "") })
				continue
			}
			if isNull(pair[0]) || isNull(pair[1]) {
				tell("access_unknown", []string{name}, pair[0], pair[1], "")
				continue
			}
			a.eachRule(pair[0], pair[1], func(b, n *node) {
				grows := (n != nil) == (name == "include")
				rule := "access_rule_less"
				if grows && means[id].more || !grows && means[id].less {
					rule = "access_rule_more"
				}
				tell(rule, []string{name}, b, n, name+"s")
			})
		}
	}
}

// meanings returns, for each group, whether it lets in more that it grows, and that it
// shrinks, by all that refers to it, accepted or now.
func (a *accessComparison) meanings() map[string]polarity {
	means := map[string]polarity{}
	add := func(id string, p polarity) bool {
		was := means[id]
		now := polarity{was.more || p.more, was.less || p.less}
		means[id] = now
		return was != now
	}
	flip := func(p polarity) polarity { return polarity{p.less, p.more} }
	for _, side := range []*node{a.before, a.after} {
		if apps := side.member("applications"); apps != nil {
			for i := range apps.items {
				for _, p := range policiesIn(apps.items[i].member("policies")) {
					lets := polarity{more: true}
					if isDeny(p.node) {
						lets = flip(lets)
					}
					for list, means := range map[string]polarity{"include": lets, "require": lets, "exclude": flip(lets)} {
						for _, id := range groupsIn(p.node.member(list)) {
							add(id, means)
						}
					}
				}
			}
		}
	}
	for changed := true; changed; { // groups refer to groups, in circles, too
		changed = false
		for _, side := range []*node{a.before, a.after} {
			groups := side.member("groups")
			if groups == nil {
				continue
			}
			for i := range groups.items {
				g := &groups.items[i]
				own := means[unquote(g.key)]
				for list, p := range map[string]polarity{"include": own, "require": own, "exclude": flip(own)} {
					for _, id := range groupsIn(g.member(list)) {
						changed = add(id, p) || changed
					}
				}
			}
		}
	}
	return means
}

// groupsIn returns the ids of the groups that rules refer to.
func groupsIn(rules *node) []string {
	var ids []string
	if rules != nil && rules.kind == '[' {
		for i := range rules.items {
			if id, ok := rules.items[i].member("group").member("id").str(); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// providers compares the login methods that rules refer to.
func (a *accessComparison) providers() {
	for key, pair := range members(a.before.member("identity_providers"), a.after.member("identity_providers")) {
		if pair[0] == nil || pair[1] == nil || equal(pair[0], pair[1]) {
			continue // one that nothing referred to, or refers to, is told by what does
		}
		rule := "access_field"
		switch {
		case isNull(pair[1]):
			rule = "access_unknown"
		case !equal(pair[0].member("type"), pair[1].member("type")):
			rule = "access_login_method"
		}
		a.add(by(rule, place{file: accessFile}, pathOf([]string{"identity_providers", unquote(key)}), pair[0], pair[1]))
	}
}

// reach adds what follows for the portal and its servers, where no change that was
// told says it.
func (a *accessComparison) reach() {
	for key, pair := range members(a.before.member("reach"), a.after.member("reach")) {
		was, is := pair[0], pair[1]
		if was == nil || is == nil {
			continue // the server's own file tells
		}
		p := place{file: accessFile}
		name := unquote(key)
		if id, ok := strings.CutPrefix(name, reachOfServer); ok {
			p.serverID = &id
		}
		tell := func(field, worse string, now, told bool) {
			if equal(was.member(field), is.member(field)) {
				return
			}
			isWorse := is.member(field).isTrue() == now
			rule := "access_reach"
			if isWorse {
				rule = worse
			}
			if isWorse && !told || !isWorse && !a.touched[name] {
				ch := by(rule, p, pathOf([]string{"reach", name, field}), was.member(field), is.member(field))
				ch.facts = &facts{reach: map[string]string{name: a.texts[name]}}
				a.add(ch)
			}
		}
		tell("open", "access_open", true, a.opens[name])
		tell("guarded", "access_guard_gone", false, a.widened[name])
		tell("service_tokens", "access_service_tokens", true, a.widened[name] || a.widened[reachOfPortal])
	}
}
