package baseline

import (
	"slices"
	"strings"
)

// portal compares portal.json, of which accepted is nil if there is none.
func (c *comparison) portal(accepted, current *node) {
	at := place{file: portalFile}
	after := orEmpty(current.member("portal"))
	c.portalGateway[1] = after.member("secure_web_gateway").isTrue()
	if accepted == nil {
		c.add(by("not_accepted", at, "", nil, nil))
		c.portalGateway[0] = c.portalGateway[1]
		return
	}
	before := orEmpty(accepted.member("portal"))
	c.portalGateway[0] = before.member("secure_web_gateway").isTrue()
	modes := before.member("code_mode") == nil && after.member("code_mode") == nil || equal(before.member("code_mode"), after.member("code_mode"))
	differences(before, after, nil, func(d difference) {
		switch d.path {
		case "code_mode", "allow_code_mode":
			if d.path == "allow_code_mode" && !modes && agreeOnCodeMode(after) {
				return // one thing happened, which code_mode tells better
			}
			if !hasCodeMode(before) && hasCodeMode(after) {
				c.add(by("code_mode_on", at, d.path, d.before, d.after))
			} else {
				c.add(by("code_mode_changed", at, d.path, d.before, d.after))
			}
		case "secure_web_gateway":
			c.add(by("portal_field", at, d.path, d.before, d.after)) // see gateways
		case "description":
			c.add(by("portal_description", at, d.path, d.before, d.after))
		default:
			c.other("portal", "portal_field", at, d)
		}
	})
}

// orEmpty returns an object, or the empty one if it is left out.
func orEmpty(n *node) *node {
	if n == nil {
		n = &node{kind: '{'}
		n.seal()
	}
	return n
}

// other adds the change of a field without a rule of its own.
func (c *comparison) other(object, rule string, at place, d difference) {
	if _, known := fields[object][d.steps[0]]; !known && (holdsBoolean(d.before) || holdsBoolean(d.after)) {
		rule = "unknown_boolean"
	}
	c.add(by(rule, at, d.path, d.before, d.after))
}

func holdsBoolean(n *node) bool {
	return n != nil && (n.kind == 't' || n.kind == 'f' || slices.ContainsFunc(n.items, func(item node) bool { return holdsBoolean(&item) }))
}

// hasCodeMode reports whether anything says that Code Mode is on.
func hasCodeMode(portal *node) bool {
	mode, set := portal.member("code_mode").str()
	return portal.member("allow_code_mode").isTrue() || set && mode != "off"
}

// agreeOnCodeMode reports whether allow_code_mode, the older form, says what
// code_mode says.
func agreeOnCodeMode(portal *node) bool {
	mode, set := portal.member("code_mode").str()
	allow := portal.member("allow_code_mode")
	return allow == nil || allow.isTrue() == (set && mode != "off")
}

// server compares a server's file; either side is nil if there is none.
func (c *comparison) server(file string, accepted, current *node) {
	id := ""
	for _, root := range []*node{current, accepted} {
		if text, ok := root.member("server").member("server_id").str(); ok {
			id = text
			break
		}
	}
	at := place{file: file, serverID: &id}
	if accepted == nil {
		c.serverAdded(at, current)
		return
	}
	c.remember(id, accepted)
	if current == nil {
		ch := by("server_removed", at, "", nil, nil)
		ch.facts = factsOf(accepted)
		if ch.facts.tools.on+ch.facts.prompts.on == 0 {
			ch.rule = &Rule{ID: ch.rule.ID}
		}
		c.add(ch)
		return
	}
	before, after := orEmpty(accepted.member("server")), orEmpty(current.member("server"))
	differences(before, after, nil, func(d difference) { c.serverField(at, before, after, d) })
	for _, kind := range kinds {
		f := &featureComparison{comparison: c, kind: kind, at: at, id: id,
			disabled: [2]bool{before.member("default_disabled").isTrue(), after.member("default_disabled").isTrue()}}
		f.compare(accepted, current)
	}
}

func (c *comparison) serverField(at place, before, after *node, d difference) {
	rule := ""
	switch d.path {
	case "hostname":
		rule = "server_hostname"
	case "description":
		rule = "server_description"
	case "auth_type":
		if text, _ := d.after.str(); text == "unauthenticated" {
			rule = "server_unauthenticated"
		}
	case "default_disabled":
		if d.before.isTrue() {
			rule = "server_default_on"
		}
	case "on_behalf":
		if d.before.isTrue() || d.after != nil && d.after.kind == 'f' {
			rule = "server_on_behalf"
		}
	case "secure_web_gateway":
		if d.before.isTrue() && !c.portalGateway[1] {
			rule = "gateway_bypassed"
		}
	case "id":
		rule = "server_field"
	}
	if d.steps[0] == "auth_config_summary" {
		c.login(at, before.member("auth_config_summary"), after.member("auth_config_summary"), d)
		return
	}
	if rule == "" {
		c.other("server", "server_field", at, d)
		return
	}
	c.add(by(rule, at, d.path, d.before, d.after))
}

// login adds the changes of a server's login. One that came or went is compared
// with an empty one, field by field.
func (c *comparison) login(at place, before, after *node, d difference) {
	if len(d.steps) < 3 && (isObject(d.before) || isObject(d.after)) && fieldsAt(d.steps) != nil {
		if b, a := orEmpty(d.before), orEmpty(d.after); b.kind == a.kind {
			differences(b, a, d.steps, func(inner difference) { c.login(at, before, after, inner) })
			return
		}
	}
	object := "login"
	if len(d.steps) > 2 {
		object += "." + d.steps[1]
	}
	name := d.steps[len(d.steps)-1]
	if len(d.steps) > 3 {
		name = d.steps[2]
	}
	rule, known := fields[object][name]
	if !known && strings.HasSuffix(name, "_endpoint") {
		rule, known = "login_endpoint", true // of those that nobody has modelled yet
	}
	switch rule {
	case "login_endpoint":
		c.add(by(rule, at, d.path, d.before, d.after))
	case "login_redirect_uri", "login_scope":
		field := d.steps[:3]
		told := loginList{at.file, name}
		if c.told == told {
			return // with the first of its elements that differs
		}
		c.told = told
		b, a := elementsOf(before.member(d.steps[1]).member(name)), elementsOf(after.member(d.steps[1]).member(name))
		for _, value := range c.minus(a, b) {
			c.add(by(rule, at, pathOf(field), nil, textNode(value)))
		}
		for _, value := range c.minus(b, a) {
			c.add(by("login_field", at, pathOf(field), textNode(value), nil))
		}
	default:
		if !known && (holdsBoolean(d.before) || holdsBoolean(d.after)) {
			c.add(by("unknown_boolean", at, d.path, d.before, d.after))
			return
		}
		c.add(by("login_field", at, d.path, d.before, d.after))
	}
}

func isObject(n *node) bool { return n != nil && n.kind == '{' }

// fieldsAt returns what is known of the object of a login that steps lead to.
func fieldsAt(steps []string) map[string]string {
	return fields[strings.Join(append([]string{"login"}, steps[1:]...), ".")]
}

// elementsOf returns the texts of a list, or the words of a text.
func elementsOf(n *node) []string {
	if text, ok := n.str(); ok {
		return strings.Fields(text)
	}
	var all []string
	if n != nil {
		for i := range n.items {
			text, isText := n.items[i].str()
			if !isText {
				text = compact(&n.items[i])
			}
			all = append(all, text)
		}
	}
	return all
}

// minus returns the texts of a that b has not, each as often as it has it more.
func (k *clock) minus(a, b []string) []string {
	left := map[string]int{}
	for _, text := range b {
		k.tick()
		left[text]++
	}
	var more []string
	for _, text := range a {
		k.tick()
		if left[text]--; left[text] < 0 {
			more = append(more, text)
		}
	}
	return more
}

func textNode(text string) *node {
	n := node{kind: '"', text: quote(text)}
	n.seal()
	return &n
}

func (c *comparison) serverAdded(at place, current *node) {
	ch := by("server_added", at, "", nil, nil)
	ch.facts = factsOf(current)
	ch.facts.gateway = ch.facts.gateway || c.portalGateway[1]
	if f := ch.facts; f.defaultDisabled && !f.tools.unknown && !f.prompts.unknown && f.tools.on+f.prompts.on == 0 {
		ch.rule = rulesByID["server_added_off"]
	}
	c.add(ch)
	for _, kind := range kinds {
		for _, list := range entriesOf(current, kind.list) {
			for _, e := range list.entries {
				if !c.first && e.enabled && e.exposedAs != "" {
					c.claims = append(c.claims, claim{e.exposedAs, owner{*at.serverID, list.key, kind.prompt}, kind.place(at, list.key)})
				}
			}
		}
		if ch.rule.ID == "server_added_off" {
			f := &featureComparison{comparison: c, kind: kind, at: at, id: *at.serverID}
			f.waiting(nil, nil, current.member("waiting").member(kind.list))
		}
	}
}

// remember notes under which names clients saw what was accepted.
func (c *comparison) remember(id string, accepted *node) {
	for _, kind := range kinds {
		for _, list := range entriesOf(accepted, kind.list) {
			for _, e := range list.entries {
				if e.enabled && e.exposedAs != "" {
					c.exposed[exposedKey(kind, e.exposedAs)] = owner{id, list.key, kind.prompt}
				}
			}
		}
	}
}

func exposedKey(k kind, name string) string { return k.list + "\x00" + name }

// gateways adds what only all servers together tell: whether traffic went past
// Gateway when the portal's switch was turned off. through is whether that of each
// server goes through it now.
func (c *comparison) gateways(through []bool) {
	if !c.portalGateway[0] || c.portalGateway[1] {
		return
	}
	bypassed := len(through) == 0 || slices.Contains(through, false)
	for i := range c.changes {
		if ch := &c.changes[i]; ch.at.file == portalFile && ch.field == "secure_web_gateway" && bypassed {
			ch.rule = rulesByID["gateway_bypassed"]
			ch.effects = slices.Clone(ch.rule.Effects)
		}
	}
}

// namesTaken adds the names that clients saw another tool or prompt under.
func (c *comparison) namesTaken() {
	for _, claim := range c.claims {
		k := kinds[0]
		if claim.by.prompt {
			k = kinds[1]
		}
		if had, ok := c.exposed[exposedKey(k, claim.name)]; ok && had != claim.by {
			ch := by(k.rule("name_taken"), claim.at, "exposed_as", nil, textNode(claim.name))
			ch.isOn, ch.facts = true, &facts{hadBy: had}
			c.add(ch)
		}
	}
}
