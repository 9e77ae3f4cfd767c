package baseline

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A schema is compared where it stands, keyword by keyword. What a local $ref leads
// to is looked into where the two sides refer differently; a definition to which
// both refer is compared where it stands, once, so that the work stays in
// proportion to the schemas however often and in whatever circles they refer.
//
// Source of the keywords: JSON Schema, draft 2020-12 and its predecessors.

// schemaComparison compares two versions of one schema.
type schemaComparison struct {
	*clock
	roots [2]*node
	add   func(rule, field string, before, after *node)
	// used are the definitions that something refers to, directly or not.
	used [2]map[*node]bool
	// seen are the pairs that references led to.
	seen map[[2]*node]bool
	// tellings are what was told since references were followed.
	tellings map[telling]bool
	// left is how much may still be looked into through references, as JSON: each
	// pair of what they lead to is, once.
	left int
	// elsewhere is true if a reference leads where none is followed, such as to an
	// anchor: any definition may be meant by it.
	elsewhere bool
	told      bool // whether anything was added
	// silent is set where what came is known from elsewhere.
	silent bool
	// opaque is true within keywords, such as not, in which less is more.
	opaque bool
}

// compareSchemas adds the changes between two versions of a tool's schema, either of
// which may be nil. Those of the structure of an output schema have no effect, but
// for the texts in what came.
func (k *clock) compareSchemas(before, after *node, field string, input bool, add func(rule, field string, b, a *node)) {
	c := &schemaComparison{clock: k, roots: [2]*node{before, after}, left: 10_000 + 4*(size(before)+size(after)), seen: map[[2]*node]bool{}, tellings: map[telling]bool{}}
	structure := "" // the place of which it was told
	c.add = func(rule, field string, b, a *node) {
		c.told = true
		if !input && rule != "schema_text" && rule != "schema_form" {
			if structure == field {
				return // more, and less
			}
			rule, structure = "output_schema", field
		}
		add(rule, field, b, a)
		if rule != "schema_text" && rule != "input_schema_more" && !c.silent && saysElse(b, a) {
			add("schema_text", field, b, a)
		}
	}
	var dangling [2]map[string]bool
	for side, root := range c.roots {
		var elsewhere bool
		c.used[side], dangling[side], elsewhere = c.usedDefinitions(root)
		c.elsewhere = c.elsewhere || elsewhere || len(dangling[side]) > 0
	}
	steps := []string{field}
	for ref := range dangling[1] {
		if !dangling[0][ref] {
			c.more(steps, before, after) // what it demanded is not known any more
			return
		}
	}
	if before == nil || after == nil {
		c.more(steps, before, after)
		return
	}
	c.schema(before, after, steps)
	if !c.told {
		c.add("schema_form", field, before, after)
	}
}

// texts are the keywords whose values are for whoever reads a schema.
var texts = []string{"title", "description", "default", "examples", "$comment"}

// saysElse reports whether there are texts in a schema that were not in it.
func saysElse(before, after *node) bool {
	said := map[uint64]bool{}
	textsIn(before, func(n *node) { said[n.hash] = true })
	more := false
	textsIn(after, func(n *node) { more = more || !said[n.hash] })
	return more
}

func textsIn(n *node, yield func(*node)) {
	if n == nil {
		return
	}
	for i := range n.items {
		m := &n.items[i]
		if m.key != "" && slices.Contains(texts, m.key[1:len(m.key)-1]) {
			yield(m)
		}
		textsIn(m, yield)
	}
}

func (c *schemaComparison) more(steps []string, b, a *node) { c.tell("input_schema_more", steps, b, a) }

func (c *schemaComparison) less(steps []string, b, a *node) {
	if c.opaque {
		c.more(steps, b, a)
		return
	}
	c.tell("input_schema_less", steps, b, a)
}

func (c *schemaComparison) tell(rule string, steps []string, b, a *node) {
	c.tick()
	t := telling{rule, pathOf(steps), hashOf(b), hashOf(a)}
	if len(c.seen) > 0 { // several references may have led here
		if c.tellings[t] {
			return
		}
		c.tellings[t] = true
	}
	c.add(rule, t.field, b, a)
}

// telling is what was told.
type telling struct {
	rule, field   string
	before, after uint64
}

func hashOf(n *node) uint64 {
	if n == nil {
		return 0
	}
	return n.hash
}

// schema compares two schemas.
func (c *schemaComparison) schema(before, after *node, steps []string) {
	c.tick()
	switch {
	case equal(before, after):
		return
	case tooDeep(steps):
		c.more(steps, before, after)
		return
	case isAny(before) && isAny(after):
		c.tell("schema_form", steps, before, after)
		return
	case isFalse(after) && isSchema(before):
		c.less(steps, before, after)
		return
	case isFalse(before) || !isSchema(before) || !isSchema(after) || twins(before) || twins(after):
		c.more(steps, before, after)
		return
	}
	b, a, ok := c.views(before, after, steps)
	if !ok {
		c.more(steps, before, after)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		at := b[name].at
		if a[name].node != nil {
			at = a[name].at
		}
		if !equal(b[name].node, a[name].node) {
			c.keyword(b[name].node, a[name].node, at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if b[name].node == nil {
			c.keyword(nil, a[name].node, a[name].at)
		}
	}
}

// keyword is a keyword of a schema, and the path of the schema that it stands in.
type keyword struct {
	node *node
	at   []string
}

// views returns the keywords of two schemas. What a reference leads to counts as
// written where it stands, if the other side refers to something else; so does the
// one alternative beside null. Of a keyword that stands in several of these, the
// second has a blank after its name, and so on: nothing is hidden by another. It is
// not ok if it can't be told what the references come to, or they lead to too much.
func (c *schemaComparison) views(before, after *node, steps []string) (b, a map[string]keyword, ok bool) {
	follow := !equal(before.member("$ref"), after.member("$ref"))
	b, a = map[string]keyword{}, map[string]keyword{}
	ledB, _ := c.gather(b, before, 0, steps, follow)
	ledA, ignoring := c.gather(a, after, 1, steps, follow)
	switch {
	case ignoring:
		return nil, nil, false
	case ledB.node == nil && ledA.node == nil:
		return b, a, true
	}
	pair := [2]*node{before, after}
	for side, led := range []keyword{ledB, ledA} {
		if led.node != nil {
			pair[side] = led.node
		}
	}
	if c.seen[pair] {
		return b, a, true // in a circle, or told where they met first
	}
	c.seen[pair] = true
	if c.left <= 0 {
		return nil, nil, false
	}
	for side, led := range []keyword{ledB, ledA} {
		for range maxReferences {
			if led.node == nil {
				break
			}
			c.left -= size(led.node)
			var beside bool
			if led, beside = c.gather([]map[string]keyword{b, a}[side], led.node, side, led.at, true); beside && side == 1 {
				return nil, nil, false
			}
		}
		if led.node != nil {
			return nil, nil, false
		}
	}
	return b, a, c.left > 0
}

// maxReferences is how many references in a row are followed.
const maxReferences = 16

// gather adds the keywords of a schema, and of the one alternative beside null, to a
// view, and returns what a reference that is to be followed leads to. ignoring is
// true if there is one beside demands: older drafts ignore what stands beside it.
func (c *schemaComparison) gather(view map[string]keyword, n *node, side int, steps []string, follow bool) (led keyword, ignoring bool) {
	for n != nil {
		var (
			next    *node
			at      []string
			demands bool
			refers  bool
		)
		for i := range n.items {
			m := &n.items[i]
			name := unquote(m.key)
			switch name {
			case "$ref":
				if target, path := resolve(c.roots[side], m); follow && isObject(target) && led.node == nil {
					led, refers = keyword{target, below(steps[:1], path...)}, true
					continue
				}
			case "anyOf", "oneOf":
				if only := onlyAlternative(m); only >= 0 && next == nil && isObject(&m.items[only]) {
					next, at = &m.items[only], below(steps, name, "["+strconv.Itoa(only)+"]")
					continue
				}
			case "const": // an enum of one
				m = &node{kind: '[', key: m.key, items: []node{*m}, pos: m.pos, end: m.end}
				m.seal()
				name = "enum"
			}
			demands = demands || !slices.Contains(undemanding, name)
			for view[name].node != nil {
				name += " "
			}
			view[name] = keyword{m, steps}
		}
		ignoring = ignoring || refers && (demands || next != nil)
		n, steps = next, at
	}
	return led, ignoring
}

// undemanding are the keywords that demand nothing of a value.
var undemanding = append([]string{"$schema", "$id", "$anchor", "$defs", "definitions", "nullable", "deprecated", "readOnly", "writeOnly"}, texts...)

// size is how long a value is, as JSON.
func size(n *node) int {
	if n == nil {
		return 0
	}
	return int(n.end - n.pos)
}

func isSchema(n *node) bool { return n == nil || n.kind == '{' || n.kind == 't' || n.kind == 'f' }
func isFalse(n *node) bool  { return n != nil && n.kind == 'f' }

// isAny reports whether a schema accepts everything, and says nothing.
func isAny(n *node) bool {
	return n == nil || n.kind == 't' || n.kind == '{' && len(n.items) == 0
}

func twins(n *node) bool { return n != nil && n.kind == '{' && hasTwins(n) }

// onlyAlternative returns which alternative is not null, if there is one beside
// null; else -1.
func onlyAlternative(list *node) int {
	only := -1
	for i := range list.items {
		if isNullSchema(&list.items[i]) {
			continue
		}
		if only >= 0 {
			return -1
		}
		only = i
	}
	return only
}

func isNullSchema(n *node) bool {
	text, ok := n.member("type").str()
	return ok && text == "null" && len(n.items) == 1
}

// unescapePointer undoes the escapes of a JSON Pointer.
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// resolve returns what a local reference leads to, and the way there; nil if it
// leads elsewhere.
func resolve(root, ref *node) (*node, []string) {
	text, ok := ref.str()
	if !ok {
		return nil, nil
	}
	if text == "#" {
		return root, nil
	}
	pointer, local := strings.CutPrefix(text, "#/")
	if !local || strings.Contains(pointer, "%") { // which some decode, and some do not
		return nil, nil
	}
	n := root
	steps := strings.Split(pointer, "/")
	for i, step := range steps {
		step = unescapePointer.Replace(step)
		steps[i] = step
		if n.kind == '[' {
			at, err := strconv.Atoi(step)
			if err != nil || at < 0 || at >= len(n.items) {
				return nil, nil
			}
			n, steps[i] = &n.items[at], "["+step+"]"
		} else if n = memberOf(n, step); n == nil {
			return nil, nil
		}
	}
	return n, steps
}

// memberOf is [node.member] for any name.
func memberOf(n *node, name string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	key := quote(name)
	i, found := slices.BinarySearchFunc(n.items, key, func(m node, key string) int { return compareKeys(m.key, key) })
	if !found {
		return nil
	}
	return &n.items[i]
}

// usedDefinitions returns what the references of a schema, and those of what they
// lead to, lead to; the local references that lead nowhere; and whether any leads
// elsewhere than to a place in the schema, or starts from elsewhere.
func (k *clock) usedDefinitions(root *node) (used map[*node]bool, dangling map[string]bool, elsewhere bool) {
	used, dangling = map[*node]bool{}, map[string]bool{}
	var follow func(n *node)
	follow = func(n *node) {
		k.tick()
		named := n.key == `"properties"` || n.key == `"patternProperties"` || n.key == `"dependentSchemas"`
		for i := range n.items {
			m := &n.items[i]
			switch m.key {
			case `"$ref"`, `"$dynamicRef"`, `"$recursiveRef"`:
				text, ok := m.str()
				if !ok {
					break
				}
				target, _ := resolve(root, m)
				switch {
				case target == nil && strings.HasPrefix(text, "#"):
					dangling[text] = true
				case target == nil:
					elsewhere = true
				case !used[target] && target != root:
					used[target] = true
					follow(target)
				}
			case `"$id"`:
				elsewhere = elsewhere || n != root && m.kind == '"'
			}
			// A definition is looked into when something refers to it.
			if named || m.key != `"$defs"` && m.key != `"definitions"` {
				follow(m)
			}
		}
	}
	if root != nil {
		follow(root)
	}
	return used, dangling, elsewhere
}

// keyword compares a keyword of a schema, of which one side may be nil.
func (c *schemaComparison) keyword(b, a *node, steps []string) {
	m := a
	if m == nil {
		m = b
	}
	name := unquote(m.key)
	steps = below(steps, name)
	switch name {
	case "title", "description", "default", "examples", "$comment":
		if c.refersInto(0, b) || c.refersInto(1, a) { // it is a schema as well
			c.more(steps, b, a)
		}
		differences(b, a, steps, func(d difference) { c.tell("schema_text", d.steps, d.before, d.after) })
	case "$id", "$anchor":
		c.reachable(steps, b, a)
	case "$schema", "nullable":
		c.tell("schema_form", steps, b, a)
	case "$defs", "definitions":
		c.definitions(b, a, steps)
	case "properties":
		c.properties(b, a, steps)
	case "required":
		c.required(b, a, steps)
	case "type", "enum", "const":
		c.values(name, b, a, steps)
	case "additionalProperties", "unevaluatedProperties":
		switch {
		case isAny(b) && isAny(a):
			c.tell("schema_form", steps, b, a)
		case isFalse(a) && !isFalse(b):
			c.less(steps, b, a)
		case isObject(b) && isObject(a):
			c.schema(b, a, steps)
		default:
			c.more(steps, b, a)
		}
	case "minContains":
		if lower, isNumber := numberIn(a); b == nil && isNumber && lower.Sign() <= 0 {
			c.more(steps, b, a) // absent is 1
			return
		}
		c.bound(b, a, steps, 1)
	case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
		c.bound(b, a, steps, 1)
	case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains":
		c.bound(b, a, steps, -1)
	case "pattern", "format", "multipleOf", "uniqueItems":
		if b == nil || b.kind == 'f' {
			c.less(steps, b, a)
		} else {
			c.more(steps, b, a)
		}
	case "items", "contains", "propertyNames", "additionalItems", "unevaluatedItems":
		c.nested(name, b, a, steps)
	case "not", "if", "then", "else":
		c.inOpaque(func() { c.nested(name, b, a, steps) })
	case "anyOf", "oneOf":
		c.alternatives(b, a, steps)
	case "allOf":
		c.all(b, a, steps)
	case "prefixItems":
		c.list(b, a, steps)
	case "patternProperties", "dependentSchemas":
		c.inOpaque(func() { c.schemasByName(b, a, steps) })
	default:
		differences(b, a, steps, func(d difference) { c.more(d.steps, d.before, d.after) })
	}
}

func (c *schemaComparison) inOpaque(compare func()) {
	outer := c.opaque
	c.opaque = true
	compare()
	c.opaque = outer
}

// nested compares the schema of a keyword that came, went or changed.
func (c *schemaComparison) nested(name string, b, a *node, steps []string) {
	switch {
	case b != nil && a != nil && b.kind == '[' && a.kind == '[':
		c.list(b, a, steps)
	case b != nil && a != nil:
		c.schema(b, a, steps)
	case a != nil && name == "items":
		c.less(steps, b, a)
	default:
		c.more(steps, b, a)
	}
}

// definitions compares the definitions that both sides have, where they stand. One
// that nothing refers to has no effect; one that came or went has none of its own.
func (c *schemaComparison) definitions(b, a *node, steps []string) {
	if !isObject(b) || !isObject(a) || twins(b) || twins(a) {
		c.reachable(steps, b, a)
		return
	}
	had := map[uint64]bool{}
	for i := range b.items {
		had[b.items[i].hash] = true
	}
	for key, pair := range members(b, a) {
		if equal(pair[0], pair[1]) {
			continue
		}
		at := below(steps, unquote(key))
		switch {
		case pair[0] != nil && pair[1] != nil && c.usedWithin(0, pair[0]) && c.usedWithin(1, pair[1]):
			c.schema(pair[0], pair[1], at)
		case pair[0] == nil && had[pair[1].hash]: // renamed
			c.silent = true
			c.tell("schema_form", at, nil, pair[1])
			c.silent = false
		default:
			c.reachable(at, pair[0], pair[1])
		}
	}
}

// reachable tells of what has an effect only if a reference leads to it.
func (c *schemaComparison) reachable(steps []string, b, a *node) {
	if c.elsewhere {
		c.more(steps, b, a)
		return
	}
	c.tell("schema_form", steps, b, a)
}

// usedWithin reports whether anything refers to a definition, or into it.
func (c *schemaComparison) usedWithin(side int, n *node) bool {
	return c.elsewhere || c.refersInto(side, n)
}

// refersInto reports whether a reference that was followed leads to a place, or into
// it.
func (c *schemaComparison) refersInto(side int, n *node) bool {
	if c.tick(); n == nil || len(c.used[side]) == 0 {
		return false
	}
	if c.used[side][n] {
		return true
	}
	for i := range n.items {
		if c.refersInto(side, &n.items[i]) {
			return true
		}
	}
	return false
}

func (c *schemaComparison) properties(b, a *node, steps []string) {
	if !isObjectOrNil([2]*node{b, a}) || twins(b) || twins(a) {
		c.more(steps, b, a)
		return
	}
	for key, pair := range members(b, a) {
		at := below(steps, unquote(key))
		switch {
		case equal(pair[0], pair[1]):
		case pair[0] == nil:
			c.more(at, nil, pair[1])
		case pair[1] == nil:
			c.less(at, pair[0], nil)
		default:
			c.schema(pair[0], pair[1], at)
		}
	}
}

func (c *schemaComparison) schemasByName(b, a *node, steps []string) {
	for key, pair := range members(b, a) {
		at := below(steps, unquote(key))
		switch {
		case equal(pair[0], pair[1]):
		case pair[0] == nil || pair[1] == nil:
			c.more(at, pair[0], pair[1])
		default:
			c.schema(pair[0], pair[1], at)
		}
	}
	if !isObjectOrNil([2]*node{b, a}) {
		c.more(steps, b, a)
	}
}

func (c *schemaComparison) required(b, a *node, steps []string) {
	if b != nil && b.kind != '[' || a != nil && a.kind != '[' {
		c.more(steps, b, a) // the booleans of draft 3
		return
	}
	come, gone := c.minus(elementsOf(a), elementsOf(b)), c.minus(elementsOf(b), elementsOf(a))
	for _, name := range come {
		c.less(steps, nil, textNode(name))
	}
	for _, name := range gone {
		c.more(steps, textNode(name), nil)
	}
	if len(come)+len(gone) == 0 {
		c.tell("schema_form", steps, b, a)
	}
}

// values compares what a type, an enum or a const admits; null is not counted.
func (c *schemaComparison) values(name string, b, a *node, steps []string) {
	before, after := admitted(name, b), admitted(name, a)
	come, gone := c.minus(after, before), c.minus(before, after)
	if name == "type" { // every integer is a number
		if slices.Contains(before, "number") {
			come = slices.DeleteFunc(come, func(t string) bool { return t == "integer" })
		}
		if slices.Contains(after, "number") {
			gone = slices.DeleteFunc(gone, func(t string) bool { return t == "integer" })
		}
	}
	switch {
	case b == nil:
		c.less(steps, b, a)
		return
	case a == nil:
		c.more(steps, b, a)
		return
	case len(come) == 0 && len(gone) == 0:
		c.tell("schema_form", steps, b, a)
		return
	}
	if len(come) > 0 {
		c.more(steps, b, a)
	}
	if len(gone) > 0 {
		c.less(steps, b, a)
	}
}

// admitted returns the texts of what a type, enum or const admits, each once.
func admitted(name string, n *node) []string {
	var all []string
	switch {
	case n == nil:
		return nil
	case n.kind == '[':
		for i := range n.items {
			all = append(all, n.items[i].text+hashText(&n.items[i]))
		}
	default:
		all = []string{n.text + hashText(n)}
	}
	if name == "type" {
		for i := range all {
			all[i] = strings.Trim(all[i], `"`)
		}
	}
	all = slices.DeleteFunc(all, func(v string) bool { return v == "null" })
	slices.Sort(all)
	return slices.Compact(all)
}

// hashText tells two objects or lists apart.
func hashText(n *node) string {
	if n.kind != '{' && n.kind != '[' {
		return ""
	}
	return strconv.FormatUint(n.hash, 16)
}

// bound compares a bound; tighter is the sign of the direction in which it admits
// less.
func (c *schemaComparison) bound(b, a *node, steps []string, tighter int) {
	before, okBefore := numberIn(b)
	after, okAfter := numberIn(a)
	switch {
	case b == nil, b.kind == 'f' && a != nil && a.kind == 't': // a boolean in draft 4
		c.less(steps, b, a)
	case okBefore && okAfter && after.Cmp(before) == 0:
		c.tell("schema_form", steps, b, a)
	case okBefore && okAfter && after.Cmp(before) == tighter:
		c.less(steps, b, a)
	default:
		c.more(steps, b, a)
	}
}

// numberIn returns a number that takes no more to hold than to read.
func numberIn(n *node) (*big.Rat, bool) {
	if n == nil || n.kind != '0' || len(n.text) > 40 || strings.ContainsAny(n.text, "eE") {
		return nil, false
	}
	return new(big.Rat).SetString(n.text)
}

// alternatives compares the members of anyOf or oneOf. Those that both sides have
// are paired first, the rest in their order.
func (c *schemaComparison) alternatives(b, a *node, steps []string) {
	if b == nil || a == nil || b.kind != '[' || a.kind != '[' {
		if b == nil && a != nil {
			c.less(steps, b, a) // whatever was accepted must be one of them now
			return
		}
		c.more(steps, b, a)
		return
	}
	c.pairs(b, a, steps, func(at []string, member *node, come bool) {
		if come {
			c.more(at, nil, member)
		} else {
			c.less(at, member, nil)
		}
	})
}

// pairs compares the members of two lists. Those that have an equal in the other are
// left out, and so are those that admit null alone; the rest are paired in their
// order, and for those that are left single is called.
func (c *schemaComparison) pairs(b, a *node, steps []string, single func(at []string, member *node, come bool)) {
	rest := unpaired(b, a)
	if len(rest[0])+len(rest[1]) == 0 {
		c.tell("schema_form", steps, b, a)
	}
	for n := range max(len(rest[0]), len(rest[1])) {
		at := func(i int) []string {
			return below(steps, "["+strconv.Itoa(i)+"]")
		}
		switch {
		case n >= len(rest[0]):
			single(at(rest[1][n]), &a.items[rest[1][n]], true)
		case n >= len(rest[1]):
			single(at(rest[0][n]), &b.items[rest[0][n]], false)
		default:
			c.schema(&b.items[rest[0][n]], &a.items[rest[1][n]], at(rest[1][n]))
		}
	}
}

// unpaired returns which members of two lists have no equal in the other.
func unpaired(lists ...*node) (rest [2][]int) {
	for side, list := range lists {
		count := map[uint64]int{}
		other := lists[1-side]
		for i := range other.items {
			count[other.items[i].hash]++
		}
		for i := range list.items {
			if n := &list.items[i]; count[n.hash] > 0 {
				count[n.hash]--
			} else if !isNullSchema(n) {
				rest[side] = append(rest[side], i)
			}
		}
	}
	return rest
}

// all compares the members of allOf: one that came is compared with a schema that
// accepts everything.
func (c *schemaComparison) all(b, a *node, steps []string) {
	empty := &node{kind: '['}
	empty.seal()
	if b == nil {
		b = empty
	}
	if a == nil {
		a = empty
	}
	if b.kind != '[' || a.kind != '[' {
		c.more(steps, b, a)
		return
	}
	anything := orEmpty(nil)
	c.pairs(b, a, steps, func(at []string, member *node, come bool) {
		if come {
			c.schema(anything, member, at)
		} else {
			c.schema(member, anything, at)
		}
	})
}

func (c *schemaComparison) list(b, a *node, steps []string) {
	if b == nil || a == nil || b.kind != '[' || a.kind != '[' || len(b.items) != len(a.items) {
		c.more(steps, b, a)
		return
	}
	for i := range b.items {
		if !equal(&b.items[i], &a.items[i]) {
			c.schema(&b.items[i], &a.items[i], below(steps, "["+strconv.Itoa(i)+"]"))
		}
	}
}
