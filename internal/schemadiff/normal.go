package schemadiff

import (
	"slices"
	"strconv"
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
	place *place
	state state
	// unknown is set for a schema of which nothing is known but that it equals itself.
	unknown bool

	values   values
	valuesAt []*place
	demands  []*demand
	// names are the properties that are named in place. See the package's comment.
	names []named
	// opens are the schemas that admit properties that are not named.
	opens []*form
	// merged are the demands of schemas that apply in place, each once.
	merged map[*demand]bool
	// refs are the places of the references that were followed in place.
	refs []*place
	// isRoot is set for the schema of the document itself.
	isRoot bool
	// parts are the forms that a form combines, if it was not read; see combine.
	parts []*form

	digest   uint64
	digested bool
	// met are the digests of the demands, and known the names, once they are needed.
	met   map[uint64]bool
	known map[string]bool
}

type state byte

const (
	fresh state = iota
	reading
	read
)

// named is a property's name and where it is named.
type named struct {
	name  string
	place *place
}

// sort is how a demand is proven.
type sort byte

const (
	opaque       sort = iota // by an equal one alone
	lower                    // by a tighter bound
	upper                    // by a tighter bound
	properties               // property by property
	items                    // element by element
	alternatives             // by one that accepts it all, or one for each part of it
)

// demand is something that a schema demands of values of some kinds.
type demand struct {
	sort  sort
	on    kinds
	place *place
	// word is the keyword, or the first of those that belong together.
	word string
	// text is whatever the demand is about, such as a pattern.
	text string
	// forms are the schemas that the demand is about: alternatives, prefixItems, or the
	// children of an opaque demand, of which any may be nil.
	forms []*form
	// bound is that of lower and upper.
	bound bound
	// props and patterns are those of properties, by name. patterns may be the names of
	// an opaque demand's schemas.
	props, patterns []property
	// rest is the schema for other properties or items; nil if there is none.
	rest *form
	// exactlyOne is set for oneOf.
	exactlyOne bool
	// disjoint is whether the alternatives are, once it is needed.
	disjoint *bool
	digest   uint64
}

// property is a schema with a name, which is a JSON string: half of a surrogate pair
// has no other spelling.
type property struct {
	name string
	form *form
}

func (d *document) form(raw *jsontree.Node, at *place) *form {
	f := d.forms[raw]
	if f == nil {
		f = &form{doc: d, raw: raw, place: at, values: anything}
		d.forms[raw] = f
	}
	return f
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
	switch n := f.raw; {
	case n.Kind == jsontree.True:
	case n.Kind == jsontree.False:
		f.limit(values{}, f.place)
	case !n.IsObject() || n.HasTwins() || f.doc.draft == unknownDraft:
		f.unknown = true
	case f.place != nil && (n.Member("$id") != nil || n.Member("$schema") != nil || f.doc.draft == 4 && n.Member("id") != nil):
		f.unknown = true // a document of its own, maybe in another draft
	default:
		ref := f.word("$ref")
		if ref == nil || !f.doc.draft.ignoresBesideRef() {
			f.readValues()
			f.readBounds()
			f.readObject()
			f.readList()
			f.readOpaque()
			f.readInPlace()
		}
		if ref != nil {
			f.doc.siblings = f.doc.siblings || len(n.Items) > 1
			f.readRef(ref)
		}
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

func (f *form) add(d *demand) *demand {
	d.place = f.place.then(d.word)
	f.demands = append(f.demands, d)
	return d
}

// limit demands that a value is one of some.
func (f *form) limit(v values, at *place) {
	if !v.isAll() {
		f.values = f.values.and(v)
		f.valuesAt = append(f.valuesAt, at)
	}
}

// merge adds what another schema demands in place.
func (f *form) merge(g *form) {
	f.doc.work.spend(len(g.demands) + len(g.names) + len(g.values.consts) + len(g.valuesAt) + len(g.refs))
	f.mergeNames(g)
	if !g.values.isAll() {
		f.values = f.values.and(g.values)
		f.valuesAt = append(f.valuesAt, g.valuesAt...)
	}
	for _, d := range g.demands {
		if !f.merged[d] {
			f.demands = append(f.demands, d)
		}
		if f.merged == nil {
			f.merged = map[*demand]bool{}
		}
		f.merged[d] = true
	}
}

// mergeNames adds which properties another schema names, or admits, in place.
func (f *form) mergeNames(g *form) {
	f.unknown = f.unknown || g.unknown
	f.names = append(f.names, g.names...)
	f.opens = append(f.opens, g.opens...)
	f.refs = append(f.refs, g.refs...)
}

func (f *form) readRef(n *jsontree.Node) {
	ref, isText := n.Str()
	if !isText {
		f.unknown = true
		return
	}
	target, at, certain := f.doc.resolve(ref)
	if target == nil {
		d := f.add(&demand{word: "$ref", on: allKinds, text: ref})
		if !certain {
			d.text += f.doc.own()
		}
		f.opens = append(f.opens, f.doc.any(d.place))
		return
	}
	f.refs = append(f.refs, f.place.then("$ref"))
	f.merge(f.doc.form(target, at).read())
}

// readValues reads type, enum and const.
func (f *form) readValues() {
	if n := f.word("type"); n != nil {
		v, ok := typeValues(n)
		f.unknown = f.unknown || !ok
		f.limit(v, f.place.then("type"))
	}
	if n := f.word("enum"); n != nil {
		v, ok := enumValues(n.Elements())
		f.unknown = f.unknown || !ok || len(n.Elements()) == 0
		f.limit(v, f.place.then("enum"))
	}
	if n := f.word("const"); n != nil {
		v, ok := enumValues([]jsontree.Node{*n})
		f.unknown = f.unknown || !ok
		f.limit(v, f.place.then("const"))
	}
}

func (f *form) readBounds() {
	for _, b := range []struct {
		word  string
		sort  sort
		on    kinds
		count bool
	}{
		{"minimum", lower, numbers, false}, {"exclusiveMinimum", lower, numbers, false},
		{"maximum", upper, numbers, false}, {"exclusiveMaximum", upper, numbers, false},
		{"minLength", lower, strs, true}, {"maxLength", upper, strs, true},
		{"minItems", lower, arrays, true}, {"maxItems", upper, arrays, true},
		{"minProperties", lower, objects, true}, {"maxProperties", upper, objects, true},
	} {
		n := f.word(b.word)
		if n == nil {
			continue
		}
		isExclusive := strings.HasPrefix(b.word, "exclusive")
		if isExclusive && f.doc.draft == 4 { // a boolean there: see below
			f.unknown = f.unknown || !n.IsTrue() && !n.IsFalse()
			continue
		}
		limit, ok := parseNumber(n.Text)
		switch {
		case n.Kind != jsontree.Number || b.count && ok && (limit.negative || !limit.isInteger()):
			f.unknown = true
			continue
		case !ok:
			f.add(&demand{word: b.word, on: b.on, text: n.Text})
			continue
		case b.count && b.sort == lower && limit.digits == "":
			continue
		}
		strict := isExclusive || f.doc.draft == 4 && !b.count && f.word("exclusive"+strings.ToUpper(b.word[:1])+b.word[1:]).IsTrue()
		f.add(&demand{sort: b.sort, word: b.word, on: b.on, bound: bound{limit, strict}})
	}
}

// schemas returns the schemas of an object of them, such as properties.
func (f *form) schemas(word string) []property {
	n := f.word(word)
	if n == nil {
		return nil
	}
	if !n.IsObject() || n.HasTwins() {
		f.unknown = true
		return nil
	}
	all := make([]property, len(n.Items))
	at := f.place.then(word)
	for i := range n.Items {
		m := &n.Items[i]
		all[i] = property{m.Key, f.doc.form(m, at.then(m.Name()))}
	}
	return all
}

// schema returns the schema of a keyword, or nil.
func (f *form) schema(word string) *form {
	n := f.word(word)
	if n == nil {
		return nil
	}
	return f.doc.form(n, f.place.then(word))
}

// list returns the schemas of a list of them.
func (f *form) list(word string) []*form {
	n := f.word(word)
	if n == nil {
		return nil
	}
	if !n.IsList() || len(n.Items) == 0 {
		f.unknown = true
	}
	all := make([]*form, len(n.Elements()))
	at := f.place.then(word)
	for i := range all {
		all[i] = f.doc.form(&n.Items[i], at.at(i))
	}
	return all
}

func (f *form) readObject() {
	d := &demand{sort: properties, on: objects, word: "properties", props: f.schemas("properties"), patterns: f.schemas("patternProperties"), rest: f.schema("additionalProperties")}
	if d.patterns != nil {
		d.word = "patternProperties"
	}
	if d.props != nil || d.patterns != nil || d.rest != nil {
		f.add(d)
	}
	for _, p := range d.props {
		f.names = append(f.names, named{p.name, p.form.place})
	}
	for _, p := range d.patterns {
		f.opens = append(f.opens, p.form)
	}
	if d.rest != nil {
		f.opens = append(f.opens, d.rest)
	}
	n := f.word("required")
	if n == nil {
		return
	}
	f.unknown = f.unknown || !n.IsList()
	for i := range n.Elements() {
		name := n.Items[i].Text
		f.unknown = f.unknown || n.Items[i].Kind != jsontree.String
		f.add(&demand{word: "required", on: objects, text: name})
		f.names = append(f.names, named{name, f.place.then("required")})
	}
}

// readList reads the keywords of a list's elements. Up to draft 2019-09, items may be
// what prefixItems and items are now, and additionalItems the rest.
func (f *form) readList() {
	d := &demand{sort: items, on: arrays, word: "items", rest: f.schema("items")}
	if f.word("prefixItems") != nil {
		d.word, d.forms = "prefixItems", f.list("prefixItems")
	}
	if f.word("items").IsList() {
		f.unknown = f.unknown || d.forms != nil || f.doc.draft == 2020
		if d.rest = f.schema("additionalItems"); len(f.word("items").Items) > 0 {
			d.forms = f.list("items")
		}
	}
	if d.forms != nil || d.rest != nil {
		f.add(d)
	}
}

// readOpaque reads the keywords whose demands are met by equal ones alone, but for
// those that apply in place.
func (f *form) readOpaque() {
	for _, o := range []struct {
		word string
		kind jsontree.Kind
		on   kinds
	}{
		{"pattern", jsontree.String, strs}, {"format", jsontree.String, allKinds},
		{"contentEncoding", jsontree.String, strs}, {"contentMediaType", jsontree.String, strs},
		{"multipleOf", jsontree.Number, numbers},
		{"dependentRequired", jsontree.Object, objects},
		{"$dynamicRef", jsontree.String, allKinds}, {"$recursiveRef", jsontree.String, allKinds},
	} {
		n := f.word(o.word)
		if n == nil {
			continue
		}
		key, ok := appendKey(nil, n)
		f.unknown = f.unknown || !ok || n.Kind != o.kind
		d := f.add(&demand{word: o.word, on: o.on, text: string(key)})
		if o.on == allKinds && o.word != "format" { // where it leads depends on the whole
			d.text += f.doc.own()
			f.opens = append(f.opens, f.doc.any(d.place))
		}
	}
	if n := f.word("uniqueItems"); n != nil {
		f.unknown = f.unknown || !n.IsTrue() && !n.IsFalse()
		if n.IsTrue() {
			f.add(&demand{word: "uniqueItems", on: arrays})
		}
	}
	for _, o := range []struct {
		word string
		on   kinds
	}{{"propertyNames", objects}, {"contentSchema", strs}} {
		if child := f.schema(o.word); child != nil {
			f.add(&demand{word: o.word, on: o.on, forms: []*form{child}})
		}
	}
	if child := f.schema("contains"); child != nil {
		d := &demand{word: "contains", on: arrays, forms: []*form{child}}
		for _, word := range []string{"minContains", "maxContains"} {
			if n := f.word(word); n != nil {
				key, ok := appendKey(nil, n)
				f.unknown = f.unknown || !ok || n.Kind != jsontree.Number
				d.text += word + string(key)
			}
		}
		f.add(d)
	}
	// What these demand depends on everything in place, by its text.
	for _, word := range []string{"unevaluatedProperties", "unevaluatedItems"} {
		if child := f.schema(word); child != nil {
			f.add(&demand{word: word, on: map[string]kinds{"unevaluatedProperties": objects, "unevaluatedItems": arrays}[word], text: f.doc.textOf(f.raw)})
			if word == "unevaluatedProperties" {
				f.opens = append(f.opens, child)
			}
		}
	}
}

// readInPlace reads the keywords whose schemas apply to the value itself.
func (f *form) readInPlace() {
	for _, g := range f.list("allOf") {
		f.merge(g.read())
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if f.word(word) != nil {
			f.readAlternatives(word)
		}
	}
	if not := f.schema("not"); not != nil {
		switch not.read(); {
		case not.unknown:
			f.unknown = true
		case not.isAny():
			f.limit(values{}, f.place.then("not"))
		case !not.isNone():
			f.add(&demand{word: "not", on: allKinds, forms: []*form{not}})
		}
	}
	if d := (&demand{word: "if", on: allKinds, forms: []*form{f.schema("if"), f.schema("then"), f.schema("else")}}); d.forms[0] != nil && (d.forms[1] != nil || d.forms[2] != nil) {
		f.addConditional(d)
	}
	for _, word := range []string{"dependentSchemas", "dependencies"} {
		n := f.word(word)
		if n == nil {
			continue
		}
		d := &demand{word: word, on: objects}
		if word == "dependencies" {
			// A property may have a list of others instead of a schema.
			key, ok := appendKey(nil, n)
			f.unknown = f.unknown || !ok
			d.text = string(key)
			if f.doc.draft == 2019 || f.doc.draft == 2020 { // not every validator knows it there
				d.text += strconv.Itoa(int(f.doc.draft))
			}
		}
		for _, p := range f.schemas(word) {
			if p.form.raw.IsList() {
				continue
			}
			d.forms = append(d.forms, p.form)
			d.patterns = append(d.patterns, property{name: p.name})
		}
		f.addConditional(d)
	}
}

// addConditional adds a demand whose schemas apply in place under a condition. What
// they name counts as named.
func (f *form) addConditional(d *demand) {
	for _, g := range d.forms {
		if g != nil {
			f.mergeNames(g.read())
		}
	}
	f.add(d)
}

// readAlternatives reads anyOf or oneOf. Alternatives that accept nothing, such as
// null, are left out; those that only tell kinds and constants become these.
func (f *form) readAlternatives(word string) {
	at := f.place.then(word)
	d := &demand{sort: alternatives, word: word, on: allKinds, exactlyOne: word == "oneOf"}
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
		onlyValues = onlyValues && len(g.demands) == 0
		isWhole = isWhole || len(g.demands) == 0 && len(union.consts) <= len(g.values.consts) && union.within(g.values)
	}
	f.limit(union, at)
	if !d.exactlyOne && !onlyValues && !isWhole || d.exactlyOne && (!onlyValues || overlap) {
		f.add(d)
	}
}

// isAny reports whether a schema that has been read accepts everything.
func (f *form) isAny() bool {
	return f.state == read && !f.unknown && f.values.isAll() && len(f.demands) == 0 && len(f.names) == 0
}

// isNone reports whether it is known to accept nothing.
func (f *form) isNone() bool { return f.state == read && !f.unknown && f.values.isNone() }

// admitsOthers reports whether objects may have properties that are not named.
func (f *form) admitsOthers() bool {
	if f.values.isAll() && len(f.names) == 0 && !f.isRoot {
		return true
	}
	return slices.ContainsFunc(f.opens, func(g *form) bool { return !g.read().isNone() })
}
