package baseline

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// change is one thing that differs: data, of which the words make sentences.
type change struct {
	rule    *Rule
	effects []Effect
	at      place
	field   string // the path in the file; "" for a whole server, tool or prompt
	before  *node  // nil where there is none; sealed
	after   *node
	wasOn   bool   // of a tool or prompt
	isOn    bool   //
	facts   *facts // of a server that appeared or went, and of a name that was taken; else nil
	text    string // the line for a person, once it is made
}

// place is where a change is.
type place struct {
	file     string
	serverID *string
	tool     *string
	prompt   *string
}

// facts is what a person has to know of a server that appeared or went, or of who
// had a name.
type facts struct {
	tools, prompts      counts
	destructive         int // of the tools that are on
	onBehalf, gateway   bool
	defaultDisabled     bool
	hostname, loginMode string
	items               []item
	hadBy               owner
	who                 who               // of Access
	stays               bool              // an override that enables what went
	reach               map[string]string // who gets in, in words, by the place
}

// counts is how many tools or prompts there are, and how many are on.
type counts struct {
	unknown bool
	all, on int
}

// item is a tool or prompt of a server that appeared.
type item struct {
	name        string
	prompt, on  bool
	definition  *node
	override    *node // or several, or nil
	destructive bool
}

// comparison collects the changes of a portal, file by file.
type comparison struct {
	*clock
	changes []change
	// first is true if nothing has been accepted.
	first bool
	// portalGateway is whether the portal's own switch is on, accepted and now.
	portalGateway [2]bool
	// gateway is, for each server that was accepted and is there, whether its
	// traffic went through Gateway, and goes now.
	gateway [][2]bool
	// exposed is which tool or prompt was accepted under a name that clients see.
	exposed map[string]owner
	// told is the list of a login whose elements have been told.
	told loginList
	// claims are the names that are seen now, and were not those of who has them.
	claims []claim
}

// loginList is a list, or a text of several words, in the login of a server.
type loginList struct{ file, name string }

// owner is who is called something.
type owner struct {
	serverID, key string
	prompt        bool
}

type claim struct {
	name string
	by   owner
	at   place
}

func (c *comparison) add(ch change) {
	for _, e := range ch.rule.Effects {
		if !slices.Contains(ch.effects, e) {
			ch.effects = append(ch.effects, e)
		}
	}
	c.changes = append(c.changes, ch)
	c.tick()
}

// rule returns a change by a rule.
func by(rule string, at place, field string, before, after *node) change {
	return change{rule: rulesByID[rule], at: at, field: field, before: keep(before), after: keep(after)}
}

// keep returns a node that outlives the parser whose memory it is in.
func keep(n *node) *node {
	if n == nil {
		return nil
	}
	kept := *n
	kept.items = make([]node, len(n.items))
	for i := range n.items {
		kept.items[i] = *keep(&n.items[i])
	}
	return &kept
}

// difference is the smallest place at which two values differ.
type difference struct {
	path          string
	steps         []string
	before, after *node
}

// differences yields the smallest places at which two values differ, of which
// either may be nil. A list is one place, unless both have the same length.
func differences(before, after *node, steps []string, yield func(difference)) {
	if equal(before, after) {
		return
	}
	if before != nil && after != nil && before.kind == after.kind && !tooDeep(steps) {
		switch {
		case before.kind == '{' && !hasTwins(before) && !hasTwins(after):
			for key, pair := range members(before, after) {
				differences(pair[0], pair[1], below(steps, unquote(key)), yield)
			}
			return
		case before.kind == '[' && len(before.items) == len(after.items):
			for i := range before.items {
				differences(&before.items[i], &after.items[i], below(steps, "["+strconv.Itoa(i)+"]"), yield)
			}
			return
		}
	}
	yield(difference{pathOf(steps), steps, before, after})
}

// below returns the steps to a place within the place that steps lead to.
func below(steps []string, more ...string) []string { return append(slices.Clip(steps), more...) }

// tooDeep reports whether a place is so deep, or its path so long, that what is in
// it is told as one: a path is made for each place.
func tooDeep(steps []string) bool {
	const maxSteps, maxPath = 64, 2000
	length := 0
	for _, step := range steps {
		length += len(step)
	}
	return len(steps) > maxSteps || length > maxPath
}

// hasTwins reports whether a key stands twice in an object, as it may in a schema.
func hasTwins(n *node) bool {
	for i := 1; i < len(n.items); i++ {
		if n.items[i-1].key == n.items[i].key {
			return true
		}
	}
	return false
}

// members yields the members of two objects, either of which may be nil or none, by
// key.
func members(before, after *node) func(yield func(key string, pair [2]*node) bool) {
	items := func(n *node) []node {
		if n == nil || n.kind != '{' {
			return nil
		}
		return n.items
	}
	return func(yield func(string, [2]*node) bool) {
		b, a := items(before), items(after)
		for len(b) > 0 || len(a) > 0 {
			var pair [2]*node
			var order int
			switch {
			case len(a) == 0:
				order = -1
			case len(b) == 0:
				order = 1
			default:
				order = compareKeys(b[0].key, a[0].key)
			}
			key := ""
			if order <= 0 {
				key, pair[0] = b[0].key, &b[0]
				b = b[1:]
			}
			if order >= 0 {
				key, pair[1] = a[0].key, &a[0]
				a = a[1:]
			}
			if !yield(key, pair) {
				return
			}
		}
	}
}

// pathOf writes the steps of a path as a person reads it.
func pathOf(steps []string) string {
	var path strings.Builder
	for _, step := range steps {
		switch {
		case strings.HasPrefix(step, "["):
			path.WriteString(step)
		case step == "" || !consistsOf(step, &plainKey):
			path.WriteString("[" + quote(step) + "]")
		default:
			if path.Len() > 0 {
				path.WriteByte('.')
			}
			path.WriteString(step)
		}
	}
	return path.String()
}

var (
	plainKey  = bytesOf(alphanumeric + "_$-/")
	plainName = bytesOf(alphanumeric + "_-/.:")
)

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func bytesOf(text string) (set [256]bool) {
	for _, c := range []byte(text) {
		set[c] = true
	}
	return set
}

func consistsOf(text string, set *[256]bool) bool {
	for i := range len(text) {
		if !set[text[i]] {
			return false
		}
	}
	return true
}

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
	c.gateway = append(c.gateway, [2]bool{before.member("secure_web_gateway").isTrue(), after.member("secure_web_gateway").isTrue()})
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
	empty := node{kind: '{'}
	empty.seal()
	if len(d.steps) < 3 && (isObject(d.before) || isObject(d.after)) && fieldsAt(d.steps) != nil {
		b, a := d.before, d.after
		if b == nil {
			b = &empty
		}
		if a == nil {
			a = &empty
		}
		if b.kind == a.kind {
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
// Gateway when the portal's switch was turned off.
func (c *comparison) gateways(allServers [][2]bool) {
	if !c.portalGateway[0] || c.portalGateway[1] {
		return
	}
	bypassed := len(allServers) == 0
	for _, s := range allServers {
		bypassed = bypassed || !s[1]
	}
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

// kind is tools or prompts.
type kind struct {
	list   string
	name   string
	prompt bool
}

var kinds = []kind{{"tools", "tool", false}, {"prompts", "prompt", true}}

// rule returns the id of the rule of tools, or of prompts.
func (k kind) rule(suffix string) string { return k.name + "_" + suffix }

// place returns the place of the tool, or prompt, of a name.
func (k kind) place(server place, name string) place {
	if k.prompt {
		server.prompt = &name
	} else {
		server.tool = &name
	}
	return server
}

// entry is a tool or prompt as a file has it.
type entry struct {
	node       *node
	definition *node
	overrides  []*node
	enabled    bool
	exposedAs  string
}

// named is the tools or prompts of one name.
type named struct {
	key     string // the name, as a text
	node    *node
	entries []entry
}

// entriesOf returns the tools or prompts of a file by name, those without one last.
func entriesOf(root *node, list string) []named {
	var all []named
	if n := root.member(list); n != nil && n.kind == '{' {
		for i := range n.items {
			all = append(all, newNamed(unquote(n.items[i].key), &n.items[i]))
		}
	}
	if n := root.member("unnamed_" + list); n != nil {
		all = append(all, newNamed("", n))
	}
	return all
}

func newNamed(key string, n *node) named {
	list := named{key: key, node: n}
	if n.kind == '[' {
		for i := range n.items {
			list.entries = append(list.entries, newEntry(&n.items[i]))
		}
		return list
	}
	list.entries = []entry{newEntry(n)}
	return list
}

func newEntry(n *node) entry {
	e := entry{node: n, definition: n.member("definition"), enabled: n.member("enabled").isTrue()}
	e.exposedAs, _ = n.member("exposed_as").str()
	e.overrides = overridesIn(n.member("override"))
	return e
}

func overridesIn(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == '[':
		all := make([]*node, len(n.items))
		for i := range n.items {
			all[i] = &n.items[i]
		}
		return all
	}
	return []*node{n}
}

// factsOf counts what a server's file has.
func factsOf(root *node) *facts {
	server := root.member("server")
	f := new(facts)
	f.hostname, _ = server.member("hostname").str()
	f.loginMode, _ = server.member("auth_type").str()
	f.onBehalf, f.gateway = server.member("on_behalf").isTrue(), server.member("secure_web_gateway").isTrue()
	f.defaultDisabled = server.member("default_disabled").isTrue()
	for i, count := range []*counts{&f.tools, &f.prompts} {
		count.unknown = isNull(root.member(kinds[i].list))
		for _, list := range entriesOf(root, kinds[i].list) {
			for _, e := range list.entries {
				it := item{name: list.key, prompt: kinds[i].prompt, on: e.enabled, definition: introduction(e.definition), override: keep(e.node.member("override"))}
				count.all++
				if e.enabled {
					count.on++
					it.destructive = !kinds[i].prompt && hintsOf(e.definition).destructive
				}
				if it.destructive {
					f.destructive++
				}
				f.items = append(f.items, it)
			}
		}
	}
	return f
}

// introduction keeps what is said of a tool or prompt of a server that appeared.
func introduction(definition *node) *node {
	n := node{kind: '{'}
	for _, name := range []string{"annotations", "description"} { // in their order
		if m := definition.member(name); m != nil {
			n.items = append(n.items, *keep(m))
		}
	}
	return &n
}

func isNull(n *node) bool { return n != nil && n.kind == 'n' }

// featureComparison compares a server's tools, or prompts.
type featureComparison struct {
	*comparison
	kind     kind
	at       place
	id       string
	disabled [2]bool // default_disabled, accepted and now
}

func (f *featureComparison) compare(accepted, current *node) {
	byKey := map[string]*[2]named{}
	for side, root := range []*node{accepted, current} {
		for _, list := range entriesOf(root, f.kind.list) {
			if byKey[list.key] == nil {
				byKey[list.key] = new([2]named)
			}
			byKey[list.key][side] = list
		}
	}
	var gone, come []named
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		f.tick()
		before, after := byKey[key][0].entries, byKey[key][1].entries
		before, after = withoutEqual(before, after)
		for len(before) > 0 && len(after) > 0 {
			f.entry(key, &before[0], &after[0])
			before, after = before[1:], after[1:]
		}
		for _, e := range before {
			gone = append(gone, named{key, e.node, []entry{e}})
		}
		for _, e := range after {
			come = append(come, named{key, e.node, []entry{e}})
		}
	}
	f.comeAndGone(gone, come, current.member("waiting").member(f.kind.list))
	f.waiting(byKey, accepted.member("waiting").member(f.kind.list), current.member("waiting").member(f.kind.list))
}

// withoutEqual returns the entries of one name that have no equal on the other side.
func withoutEqual(before, after []entry) ([]entry, []entry) {
	count := map[uint64]int{}
	for _, e := range before {
		count[e.node.hash]++
	}
	var restAfter []entry
	for _, e := range after {
		if count[e.node.hash] > 0 {
			count[e.node.hash]--
		} else {
			restAfter = append(restAfter, e)
		}
	}
	var restBefore []entry
	for _, e := range before {
		if count[e.node.hash] > 0 {
			count[e.node.hash]--
			restBefore = append(restBefore, e)
		}
	}
	return restBefore, restAfter
}

// add adds a change of a tool or prompt. What is off has no effect, but that it is
// off now.
func (f *featureComparison) change(rule, key, field string, before, after *entry, values [2]*node) {
	ch := by(rule, f.kind.place(f.at, key), field, values[0], values[1])
	ch.wasOn, ch.isOn = before != nil && before.enabled, after != nil && after.enabled
	on := ch.isOn
	if after == nil || strings.HasSuffix(rule, "_disabled") || strings.HasSuffix(rule, "_renamed") {
		on = ch.wasOn
	}
	if !on {
		ch.rule = &Rule{ID: ch.rule.ID}
	}
	f.add(ch)
}

// comeAndGone adds the tools that appeared and those that went. One that went and
// one that came with the same content are one that was renamed.
func (f *featureComparison) comeAndGone(gone, come []named, waiting *node) {
	byContent := map[uint64][]int{}
	for i, g := range gone {
		f.tick()
		if g.key != "" {
			content := contentOf(g.entries[0].definition)
			byContent[content] = append(byContent[content], i)
		}
	}
	renamed := map[int]bool{}
	for _, n := range come {
		f.tick()
		after := &n.entries[0]
		self := owner{f.id, n.key, f.kind.prompt}
		candidates := byContent[contentOf(after.definition)]
		if n.key == "" || len(candidates) == 0 {
			f.change(f.kind.rule("added"), n.key, "", nil, after, [2]*node{nil, after.node})
			f.claim(self, n.key, after)
			continue
		}
		i := candidates[0]
		byContent[contentOf(after.definition)] = candidates[1:]
		renamed[i] = true
		before := &gone[i].entries[0]
		rule := "renamed"
		if !before.enabled && after.enabled {
			rule = "renamed_on"
		}
		f.change(f.kind.rule(rule), n.key, "", before, after, [2]*node{textNode(gone[i].key), textNode(n.key)})
		if before.exposedAs != after.exposedAs {
			f.claim(self, n.key, after)
		}
		// What people say of the new name may be another thing than of the old one.
		f.overrides(before, after, func(rule, field string, b, a *node) {
			if rule != "override_field" { // that one stays behind is what a new name does
				f.change(rule, n.key, field, before, after, [2]*node{b, a})
			}
		})
	}
	for i, g := range gone {
		if renamed[i] {
			continue
		}
		f.change(f.kind.rule("removed"), g.key, "", &g.entries[0], nil, [2]*node{g.node, nil})
		if g.key != "" && waiting != nil && enables(memberOf(waiting, g.key)) {
			f.changes[len(f.changes)-1].facts = &facts{stays: true}
		}
	}
}

// contentOf returns the hash of a definition without its name.
func contentOf(definition *node) uint64 {
	if definition == nil {
		return 0
	}
	rest := *definition
	rest.items = slices.DeleteFunc(slices.Clone(definition.items), func(m node) bool { return m.key == `"name"` })
	rest.key = ""
	return rest.seal()
}

func (f *featureComparison) claim(self owner, key string, e *entry) {
	if e.enabled && e.exposedAs != "" {
		f.claims = append(f.claims, claim{e.exposedAs, self, f.kind.place(f.at, key)})
	}
}

// entry compares a tool or prompt with what was accepted of it.
func (f *featureComparison) entry(key string, before, after *entry) {
	add := func(rule, field string, b, a *node) {
		f.change(rule, key, field, before, after, [2]*node{b, a})
	}
	switch {
	case after.enabled && !before.enabled:
		add(f.kind.rule("enabled"), "enabled", before.node.member("enabled"), after.node.member("enabled"))
	case before.enabled && !after.enabled:
		add(f.kind.rule("disabled"), "enabled", before.node.member("enabled"), after.node.member("enabled"))
	}
	if before.exposedAs != after.exposedAs {
		add(f.kind.rule("exposed_as"), "exposed_as", before.node.member("exposed_as"), after.node.member("exposed_as"))
	}
	if before.exposedAs != after.exposedAs || after.enabled && !before.enabled {
		f.claim(owner{f.id, key, f.kind.prompt}, key, after)
	}
	f.overrides(before, after, add)
	f.definition(before.definition, after.definition, add)
}

// overrides compares the overrides of a tool or prompt. What they do to it, whether
// it is on and its name, has been told.
func (f *featureComparison) overrides(before, after *entry, add func(rule, field string, b, a *node)) {
	contradicted, contradicts := contradict(before.overrides, f.disabled[0]), contradict(after.overrides, f.disabled[1])
	if contradicts && !contradicted {
		add("overrides_contradict", "override", before.node.member("override"), after.node.member("override"))
		return
	}
	if len(before.overrides) > 1 || len(after.overrides) > 1 {
		if !equal(before.node.member("override"), after.node.member("override")) {
			// Several: which of them counts for a text is not looked into.
			rule := "override_field"
			if !equal(describing(before.overrides), describing(after.overrides)) {
				rule = f.kind.rule("description")
			}
			add(rule, "override", before.node.member("override"), after.node.member("override"))
		}
		return
	}
	empty := node{kind: '{'}
	empty.seal()
	one := func(list []*node) *node {
		if len(list) == 0 {
			return &empty
		}
		return list[0]
	}
	differences(one(before.overrides), one(after.overrides), []string{"override"}, func(d difference) {
		name := d.steps[len(d.steps)-1]
		if len(d.steps) > 1 {
			name = d.steps[1]
		}
		rule, known := fields["override"][name]
		switch {
		case rule == structure && (len(before.overrides) == 0 || len(after.overrides) == 0),
			rule == "tool_enabled" && before.enabled != after.enabled,
			rule == "tool_exposed_as" && before.exposedAs != after.exposedAs:
		case rule == "tool_description":
			add(f.kind.rule("description"), d.path, d.before, d.after)
		case !known && (holdsBoolean(d.before) || holdsBoolean(d.after)):
			add("unknown_boolean", d.path, d.before, d.after)
		default:
			add("override_field", d.path, d.before, d.after)
		}
	})
}

// describing returns the descriptions in overrides.
func describing(overrides []*node) *node {
	all := node{kind: '['}
	for _, o := range overrides {
		for i := range o.items {
			if fields["override"][unquote(o.items[i].key)] == "tool_description" {
				all.items = append(all.items, o.items[i])
			}
		}
	}
	all.seal()
	return &all
}

// contradict reports whether overrides of one name disagree on whether it is on.
func contradict(overrides []*node, defaultDisabled bool) bool {
	on, off := false, false
	for _, o := range overrides {
		enabled := o.member("enabled")
		if isOn := enabled.isTrue() || enabled == nil && !defaultDisabled; isOn {
			on = true
		} else {
			off = true
		}
	}
	return on && off
}

// waiting compares the overrides of what a server does not have. That one waits
// since its tool is gone, or does not wait any more since it is there, is told of
// the tool.
func (f *featureComparison) waiting(byKey map[string]*[2]named, before, after *node) {
	for key, pair := range members(before, after) {
		name := unquote(key)
		offered := byKey[name]
		b, a := pair[0], pair[1]
		if a == nil && offered != nil && offered[1].node != nil {
			continue
		}
		if b == nil && offered != nil && offered[0].node != nil {
			b = offered[0].entries[0].node.member("override") // its tool went
		}
		if sameOverride(b, a) {
			continue
		}
		rule := "override_absent"
		if enables(a) && !enables(b) {
			rule = "override_enables_absent"
		}
		f.add(by(rule, f.kind.place(f.at, name), "waiting."+f.kind.list, b, a))
	}
}

func sameOverride(a, b *node) bool {
	return a == nil && b == nil || a != nil && b != nil && a.hash == b.hash
}

// enables reports whether an override, or one of several, turns something on.
func enables(n *node) bool {
	return slices.ContainsFunc(overridesIn(n), func(o *node) bool { return o.member("enabled").isTrue() })
}

// definition compares what the server itself says of a tool or prompt.
func (f *featureComparison) definition(before, after *node, add func(rule, field string, b, a *node)) {
	for key, pair := range members(before, after) {
		if equal(pair[0], pair[1]) {
			continue
		}
		name := unquote(key)
		switch {
		case name == "name":
			// The key, or of several of one name the same.
			if f.kind.prompt {
				add("prompt_field", name, pair[0], pair[1])
			} else {
				add("tool_field", name, pair[0], pair[1])
			}
		case name == "description", name == "title":
			add(f.kind.rule(name), name, pair[0], pair[1])
		case name == "annotations" && !f.kind.prompt && isObjectOrNil(pair):
			f.annotations(pair[0], pair[1], add)
		case name == "annotations" && !f.kind.prompt:
			// What is no object claims nothing, and tells a model something all the same.
			add("tool_field", name, pair[0], pair[1])
			f.annotations(objectOrNil(pair[0]), objectOrNil(pair[1]), add)
		case name == "inputSchema" && !f.kind.prompt:
			f.compareSchemas(pair[0], pair[1], name, true, add)
		case name == "outputSchema" && !f.kind.prompt:
			f.compareSchemas(pair[0], pair[1], name, false, add)
		case name == "arguments" && f.kind.prompt:
			f.arguments(pair[0], pair[1], add)
		default:
			differences(pair[0], pair[1], []string{name}, func(d difference) {
				add(f.kind.rule("field"), d.path, d.before, d.after)
			})
		}
	}
}

func objectOrNil(n *node) *node {
	if !isObject(n) {
		return nil
	}
	return n
}

func isObjectOrNil(pair [2]*node) bool {
	return (pair[0] == nil || pair[0].kind == '{') && (pair[1] == nil || pair[1].kind == '{')
}

// arguments compares a prompt's arguments by their names.
func (f *featureComparison) arguments(before, after *node, add func(rule, field string, b, a *node)) {
	b, okBefore := argumentsByName(before)
	a, okAfter := argumentsByName(after)
	if !okBefore || !okAfter || sameOrder(before, after, b, a) {
		add("prompt_argument", "arguments", before, after)
		return
	}
	names := slices.Sorted(maps.Keys(b))
	for name := range a {
		if b[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		differences(b[name], a[name], []string{"arguments", name}, func(d difference) {
			add("prompt_argument", d.path, d.before, d.after)
		})
	}
}

// sameOrder reports whether two lists have the same arguments, so that nothing but
// their order differs.
func sameOrder(before, after *node, b, a map[string]*node) bool {
	return before != nil && after != nil && maps.EqualFunc(b, a, equal)
}

// argumentsByName returns the elements of a list by their names, if each has one of
// its own.
func argumentsByName(list *node) (map[string]*node, bool) {
	byName := map[string]*node{}
	if list == nil {
		return byName, true
	}
	if list.kind != '[' {
		return nil, false
	}
	for i := range list.items {
		name, ok := list.items[i].member("name").str()
		if !ok || byName[name] != nil {
			return nil, false
		}
		byName[name] = &list.items[i]
	}
	return byName, true
}

// hints is what a tool claims, with what MCP says of a hint that is absent.
type hints struct{ readOnly, destructive, idempotent, openWorld bool }

func hintsOf(definition *node) hints {
	return hintsIn(definition.member("annotations"))
}

func hintsIn(annotations *node) hints {
	unlessFalse := func(n *node) bool { return n == nil || n.kind != 'f' }
	h := hints{
		readOnly:   annotations.member("readOnlyHint").isTrue(),
		idempotent: annotations.member("idempotentHint").isTrue(),
		openWorld:  unlessFalse(annotations.member("openWorldHint")),
	}
	h.destructive = !h.readOnly && unlessFalse(annotations.member("destructiveHint"))
	return h
}

func (f *featureComparison) annotations(before, after *node, add func(rule, field string, b, a *node)) {
	was, is := hintsIn(before), hintsIn(after)
	empty := node{kind: '{'}
	empty.seal()
	if before == nil {
		before = &empty
	}
	if after == nil {
		after = &empty
	}
	differences(before, after, []string{"annotations"}, func(d difference) {
		rule := f.kind.rule("field")
		switch d.path {
		case "annotations.title":
			rule = f.kind.rule("title")
		case "annotations.readOnlyHint":
			rule = hintRule(was.readOnly, is.readOnly, false, "tool_read_only_gone")
		case "annotations.destructiveHint":
			rule = hintRule(was.destructive, is.destructive, true, "tool_destructive")
		case "annotations.openWorldHint":
			rule = hintRule(was.openWorld, is.openWorld, true, "tool_open_world")
		case "annotations.idempotentHint":
			rule = hintRule(was.idempotent, is.idempotent, false, "tool_hint")
		}
		add(rule, d.path, d.before, d.after)
	})
}

// hintRule returns the rule of a hint that was one thing and is another; worse is
// the value that claims more harm.
func hintRule(was, is, worse bool, rule string) string {
	switch {
	case was == is:
		return "tool_hint_same"
	case is == worse:
		return rule
	}
	return "tool_hint"
}

// inOrder sorts changes as a person reads them: the portal first, then server by
// server, in each its own fields, its tools and its prompts.
func (c *comparison) inOrder() {
	slices.SortStableFunc(c.changes, func(a, b change) int {
		c.tick()
		text := func(s *string) string {
			if s == nil {
				return ""
			}
			return *s
		}
		rank := func(p place) int {
			switch {
			case p.serverID == nil:
				return 0
			case p.tool != nil:
				return 2
			case p.prompt != nil:
				return 3
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(text(a.at.serverID), text(b.at.serverID)),
			strings.Compare(afterOthers(a.at.file), afterOthers(b.at.file)),
			cmp.Compare(rank(a.at), rank(b.at)),
			cmp.Compare(text(a.at.tool), text(b.at.tool)),
			cmp.Compare(text(a.at.prompt), text(b.at.prompt)),
			cmp.Compare(a.field, b.field),
		)
	})
}

// afterOthers returns a file's name as files are ordered: access.json comes last.
func afterOthers(file string) string {
	if file == accessFile {
		return "~" + file
	}
	return file
}
