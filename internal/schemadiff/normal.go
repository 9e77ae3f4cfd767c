package schemadiff

import (
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// form is the normal form of a schema: the values that it accepts by their kind, and
// demands, all of which a value must meet. It is read when it is first needed.
//
// What applies in place (allOf, $ref, a single alternative) has become demands of the
// schema itself. Keywords that belong together stay together in one demand, so that
// additionalProperties never meets the properties of another schema.
type form struct {
	doc   *document
	raw   *jsontree.Node
	path  jsontree.Path
	state state
	// unknown is set for a schema of which nothing is known but that it equals itself.
	unknown bool

	values  values
	paths   []jsontree.Path // of the keywords that values comes from
	demands []*demand
	has     map[*demand]bool // those that were merged
	// names are the properties that are named in place; see the package's comment.
	names []named
	// opens are the schemas that admit properties that are not named.
	opens []*form
	// refs are the paths of the references that were followed in place.
	refs []jsontree.Path
	// other is a schema that accepts everything, to compare this one with; see
	// [comparison.anyWithin].
	other *form
}

type state byte

const (
	fresh state = iota
	reading
	read
)

// named is a property's name, a JSON string, and where it is named.
type named struct {
	name string
	path jsontree.Path
}

// sort is how a demand is proven.
type sort byte

const (
	opaque       sort = iota // by an equal one alone
	bounds                   // by a tighter bound
	properties               // property by property
	items                    // element by element
	alternatives             // by one that accepts it all, or one for each part of it
)

// demand is something that a schema demands of values of some kinds.
type demand struct {
	sort sort
	on   kinds
	path jsontree.Path
	// word is the keyword, or the first of those that belong together.
	word string
	// text is what an opaque demand is about, such as a pattern.
	text string
	// forms are the alternatives, the first elements' schemas, or the schemas that an
	// opaque demand is about; of the last, any may be nil.
	forms []*form
	bound bound
	// props and patterns are the schemas of properties, in jsontree's order.
	props, patterns []property
	// rest is the schema for other properties or elements; nil if there is none.
	rest *form
	// isDisjoint is whether a value meets one alternative at the most, once that is asked;
	// see [demand.provenDisjoint].
	isDisjoint *bool
}

// property is a schema and its name, a JSON string: half of a surrogate pair has no
// other spelling.
type property struct {
	name string
	form *form
}

func (d *document) form(raw *jsontree.Node, path jsontree.Path) *form {
	f := d.forms[raw]
	if f == nil {
		f = &form{doc: d, raw: raw, path: path, values: anything}
		d.forms[raw] = f
	}
	return f
}

// anything returns a schema that accepts everything.
func (d *document) anything(path jsontree.Path) *form {
	return &form{doc: d, path: path, state: read, values: anything}
}

// read works out the normal form. A schema that applies to a value because it applies
// to it is unknown.
func (f *form) read() *form {
	const maxInPlace = 100
	switch d := f.doc; {
	case f.state == read:
	case f.state == reading || d.inPlace > maxInPlace || !d.work.spend(1):
		f.unknown = true
	default:
		f.state = reading
		d.inPlace++
		f.readSchema()
		d.inPlace--
		f.state = read
	}
	return f
}

func (f *form) readSchema() {
	n, d := f.raw, f.doc
	isWithin := f.path != nil
	switch {
	case n.Kind == jsontree.True:
		return
	case n.Kind == jsontree.False:
		f.limit(values{}, f.path)
		return
	case !n.IsObject() || n.HasTwins() || d.draft == unknownDraft,
		// a document of its own, maybe in another draft
		isWithin && (n.Member("$id") != nil || n.Member("$schema") != nil):
		f.unknown = true
		return
	}
	ref := f.word("$ref")
	if ref == nil || d.draft > 7 && d.draft != unstatedOld {
		f.readValues()
		f.readBounds()
		f.readObject()
		f.readList()
		f.readOpaque()
		f.readInPlace()
	}
	if ref != nil {
		d.siblings = d.siblings || len(n.Items) > 1
		f.readRef(ref)
	}
}

// word returns the value of a keyword, or nil where it is absent or null, or the draft
// does not know it.
func (f *form) word(name string) *jsontree.Node {
	n := f.raw.Member(name)
	if n == nil || n.IsNull() && name != "const" || introduced[name] > f.doc.draft {
		return nil
	}
	return n
}

// valid marks the schema as unknown unless something is valid.
func (f *form) valid(ok bool) {
	f.unknown = f.unknown || !ok
}

func (f *form) add(d *demand) {
	d.path = f.path.Fields(d.word)
	f.demands = append(f.demands, d)
}

// limit demands that a value is one of some.
func (f *form) limit(v values, paths ...jsontree.Path) {
	if v.kinds != allKinds {
		f.values = f.values.and(v)
		f.paths = append(f.paths, paths...)
	}
}

// merge adds what another schema demands in place.
func (f *form) merge(g *form) {
	f.mergeNames(g)
	if !f.doc.work.spend(len(g.demands) + len(g.values.consts) + len(g.paths)) {
		f.unknown = true
		return
	}
	f.limit(g.values, g.paths...)
	if f.has == nil {
		f.has = map[*demand]bool{}
	}
	for _, d := range g.demands {
		if !f.has[d] {
			f.has[d] = true
			f.demands = append(f.demands, d)
		}
	}
}

// mergeNames adds which properties another schema names, or admits, in place.
func (f *form) mergeNames(g *form) {
	if f.valid(!g.unknown); !f.doc.work.spend(len(g.names) + len(g.opens) + len(g.refs)) {
		f.unknown = true
		return
	}
	f.names = append(f.names, g.names...)
	f.opens = append(f.opens, g.opens...)
	f.refs = append(f.refs, g.refs...)
}

func (f *form) readRef(n *jsontree.Node) {
	ref, isText := n.Str()
	f.valid(isText)
	target, path, certain := f.doc.resolve(ref)
	if target != nil {
		f.refs = append(f.refs, f.path.Fields("$ref"))
		f.merge(f.doc.form(target, path).read())
		return
	}
	if !certain {
		ref += f.doc.whole()
	}
	f.add(&demand{word: "$ref", on: allKinds, text: ref})
	f.opens = append(f.opens, f.doc.anything(f.path.Fields("$ref")))
}

func (f *form) readValues() {
	if n := f.word("type"); n != nil {
		v, ok := typeValues(n)
		f.valid(ok)
		f.limit(v, f.path.Fields("type"))
	}
	if n := f.word("enum"); n != nil {
		v, ok := enumValues(n.Elements())
		f.valid(ok && len(n.Elements()) > 0)
		f.limit(v, f.path.Fields("enum"))
	}
	if n := f.word("const"); n != nil {
		v, ok := enumValues([]jsontree.Node{*n})
		f.valid(ok)
		f.limit(v, f.path.Fields("const"))
	}
}

func (f *form) readBounds() {
	for _, of := range []struct {
		on    kinds
		words []string // from below and from above, by turns; the last two without the limit
	}{
		{numbers, []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}},
		{strs, []string{"minLength", "maxLength"}},
		{arrays, []string{"minItems", "maxItems"}},
		{objects, []string{"minProperties", "maxProperties"}},
	} {
		for i, word := range of.words {
			n := f.word(word)
			if n == nil {
				continue
			}
			limit, ok := parseNumber(n.Text)
			isCount := of.on != numbers
			switch {
			case n.Kind != jsontree.Number, ok && isCount && (limit.Sign() < 0 || !limit.IsInt()):
				f.unknown = true
			case !ok:
				f.add(&demand{word: word, on: of.on, text: n.Text})
			case !isCount || i == 1 || limit.Sign() > 0:
				f.add(&demand{sort: bounds, word: word, on: of.on, bound: bound{limit, i%2 == 0, i > 1}})
			}
		}
	}
}

// schema returns the schema of a keyword, or nil.
func (f *form) schema(word string) *form {
	n := f.word(word)
	if n == nil {
		return nil
	}
	return f.doc.form(n, f.path.Fields(word))
}

// list returns the schemas of a list of them.
func (f *form) list(word string) (all []*form) {
	n := f.word(word)
	f.valid(n == nil || n.IsList() && len(n.Items) > 0)
	path := f.path.Fields(word)
	for i := range n.Elements() {
		all = append(all, f.doc.form(&n.Items[i], path.Then(jsontree.Step{Index: i})))
	}
	return all
}

// byName returns the schemas of an object of them.
func (f *form) byName(word string) (all []property) {
	n := f.word(word)
	f.valid(n == nil || n.IsObject() && !n.HasTwins())
	path := f.path.Fields(word)
	for i := range n.Members() {
		m := &n.Items[i]
		all = append(all, property{m.Key, f.doc.form(m, path.Fields(m.Name()))})
	}
	return all
}

func (f *form) readObject() {
	d := &demand{sort: properties, on: objects, word: "properties", props: f.byName("properties"), patterns: f.byName("patternProperties"), rest: f.schema("additionalProperties")}
	if d.patterns != nil {
		d.word = "patternProperties"
	}
	if d.props != nil || d.patterns != nil || d.rest != nil {
		f.add(d)
	}
	for _, p := range d.props {
		f.names = append(f.names, named{p.name, p.form.path})
	}
	for _, p := range d.patterns {
		f.opens = append(f.opens, p.form)
	}
	if d.rest != nil {
		f.opens = append(f.opens, d.rest)
	}
	required := f.word("required")
	f.valid(required == nil || required.IsList())
	for _, name := range required.Elements() {
		f.valid(name.Kind == jsontree.String)
		f.add(&demand{word: "required", on: objects, text: name.Text})
		f.names = append(f.names, named{name.Text, f.path.Fields("required")})
	}
}

// readList reads the schemas of a list's elements. Up to draft 2019-09, items may be
// what prefixItems is now, and additionalItems what items is.
func (f *form) readList() {
	d := &demand{sort: items, on: arrays, word: "items"}
	switch n := f.word("items"); {
	case n.IsList():
		f.valid(f.word("prefixItems") == nil && f.doc.draft != 2020)
		if d.rest = f.schema("additionalItems"); len(n.Items) > 0 {
			d.forms = f.list("items")
		}
	default:
		d.forms, d.rest = f.list("prefixItems"), f.schema("items")
	}
	if d.forms != nil || d.rest != nil {
		f.add(d)
	}
}

// readOpaque reads the keywords whose demands are met by equal ones alone, but for
// those that apply in place.
func (f *form) readOpaque() {
	for _, of := range []struct {
		word string
		kind jsontree.Kind
		on   kinds
	}{
		{"pattern", jsontree.String, strs}, {"format", jsontree.String, allKinds},
		{"contentEncoding", jsontree.String, strs}, {"contentMediaType", jsontree.String, strs},
		{"multipleOf", jsontree.Number, numbers}, {"uniqueItems", jsontree.True, arrays},
		{"dependentRequired", jsontree.Object, objects},
	} {
		if n := f.word(of.word); n != nil && (of.kind != jsontree.True || !n.IsFalse()) {
			key, ok := appendKey(nil, n)
			f.valid(ok && n.Kind == of.kind)
			f.add(&demand{word: of.word, on: of.on, text: string(key)})
		}
	}
	if child := f.schema("propertyNames"); child != nil {
		f.add(&demand{word: "propertyNames", on: objects, forms: []*form{child}})
	}
	if child := f.schema("contains"); child != nil {
		d := &demand{word: "contains", on: arrays, forms: []*form{child}}
		for _, word := range []string{"minContains", "maxContains"} {
			if n := f.word(word); n != nil {
				f.valid(n.Kind == jsontree.Number)
				d.text += word + n.Text
			}
		}
		f.add(d)
	}
	// What these demand depends on all that is in place, and beyond: it is the text of it
	// that counts.
	for _, word := range []string{"unevaluatedProperties", "unevaluatedItems", "contentSchema", "$dynamicRef", "$recursiveRef"} {
		child := f.schema(word)
		if child == nil {
			continue
		}
		f.add(&demand{word: word, on: allKinds, text: f.doc.textOf(f.raw)})
		switch word {
		case "unevaluatedProperties":
			f.opens = append(f.opens, child)
		case "$dynamicRef", "$recursiveRef":
			f.opens = append(f.opens, f.doc.anything(child.path))
		}
	}
}

// readInPlace reads the keywords whose schemas apply to the value itself.
func (f *form) readInPlace() {
	for _, g := range f.list("allOf") {
		f.merge(g.read())
	}
	f.readAlternatives("anyOf")
	f.readAlternatives("oneOf")
	if not := f.schema("not"); not != nil {
		switch f.valid(!not.read().unknown); {
		case not.isAny():
			f.limit(values{}, f.path.Fields("not"))
		case !not.isNone():
			f.add(&demand{word: "not", on: allKinds, forms: []*form{not}})
		}
	}
	var conditional []*form // it names properties all the same
	if condition := f.schema("if"); condition != nil {
		conditional = []*form{condition, f.schema("then"), f.schema("else")}
		if conditional[1] != nil || conditional[2] != nil {
			f.add(&demand{word: "if", on: allKinds, forms: slices.Clone(conditional)})
		}
	}
	for _, word := range []string{"dependentSchemas", "dependencies"} {
		for _, p := range f.byName(word) {
			if !p.form.raw.IsList() { // of names, in dependencies
				conditional = append(conditional, p.form)
			}
		}
		if n := f.word(word); n != nil {
			f.add(&demand{word: word, on: objects, text: f.doc.textOf(n)})
		}
	}
	for _, g := range conditional {
		if g != nil {
			f.mergeNames(g.read())
		}
	}
}

// readAlternatives reads anyOf or oneOf. Alternatives that accept nothing, such as
// null, are left out; those that only tell kinds and constants become these.
func (f *form) readAlternatives(word string) {
	if f.word(word) == nil {
		return
	}
	d := &demand{sort: alternatives, word: word, on: allKinds}
	var sets []values
	for _, g := range f.list(word) {
		if !g.read().isNone() {
			d.forms = append(d.forms, g)
			sets = append(sets, g.values)
		}
	}
	if len(d.forms) == 1 {
		f.merge(d.forms[0])
		return
	}
	union, overlap := unite(sets)
	onlyValues, isWhole := true, false
	for _, g := range d.forms {
		f.mergeNames(g)
		isPlain := len(g.demands) == 0
		onlyValues = onlyValues && isPlain
		isWhole = isWhole || isPlain && len(union.consts) <= len(g.values.consts) && union.within(g.values)
	}
	f.limit(union, f.path.Fields(word))
	if exactlyOne := word == "oneOf"; exactlyOne && overlap || !onlyValues && (exactlyOne || !isWhole) {
		f.add(d)
	}
}

// isAny reports whether a schema that has been read accepts everything.
func (f *form) isAny() bool {
	return f.state == read && !f.unknown && f.values.kinds == allKinds && len(f.demands) == 0 && len(f.names) == 0
}

// isNone reports whether a schema that has been read is known to accept nothing.
func (f *form) isNone() bool {
	return f.state == read && !f.unknown && f.values.kinds == 0 && len(f.values.consts) == 0
}

// admitsOthers reports whether objects may have properties that are not named.
func (f *form) admitsOthers() bool {
	return f.values.kinds == allKinds && len(f.names) == 0 ||
		slices.ContainsFunc(f.opens, func(g *form) bool { return !g.read().isNone() })
}

// property returns the schema that a demand has for a property by its name, or nil.
func (d *demand) property(name string) *form {
	i, found := slices.BinarySearchFunc(d.props, name, func(p property, name string) int {
		return strings.Compare(p.name[:len(p.name)-1], name[:len(name)-1])
	})
	if !found {
		return nil
	}
	return d.props[i].form
}

// element returns the schema that a demand has for an element, or nil.
func (d *demand) element(i int) *form {
	if i < len(d.forms) {
		return d.forms[i]
	}
	return d.rest
}
