// Package jsontree holds any JSON as a tree: it parses JSON, writes it in one text for
// one content, and finds the smallest places at which two values differ.
//
// It knows JSON alone: nothing of schemas, of portals or of Terraform.
package jsontree

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Kind is the kind of a JSON value, named by the character it begins with.
type Kind byte

// The kinds of JSON values.
const (
	Object Kind = '{'
	List   Kind = '['
	String Kind = '"'
	Number Kind = '0'
	True   Kind = 't'
	False  Kind = 'f'
	Null   Kind = 'n'
)

// Node is a JSON value. One content has one tree: keys are sorted, each text has one
// spelling, and numbers are as they were received.
type Node struct {
	// Key is the key of an object's member: a JSON string, in the one spelling.
	Key string
	// Text is the JSON of a value that is neither an object nor a list.
	Text string
	// Items are the members of an object, sorted by key, or the elements of a list.
	Items []Node

	hash  uint64 // of the content, without the key; see Seal
	width int32  // in characters, on one line; see Layout

	// Pos is where the value began in the text that was parsed, in bytes; of an
	// object's member, where its key began.
	Pos int32
	// Kind is the kind of the value.
	Kind Kind
}

// Member returns the member of a name, or nil if there is none or n is no object.
// The name is one that needs no escapes: see [Node.Named] for any.
func (n *Node) Member(name string) *Node { return n.find(name) }

// Named returns the member of any name, or nil.
func (n *Node) Named(name string) *Node { return n.ByKey(Quote(name)) }

// ByKey returns the member of a key, which is a JSON string in the one spelling, or nil.
func (n *Node) ByKey(key string) *Node { return n.find(key[1 : len(key)-1]) }

// find returns the member of a key, given without its quotes.
func (n *Node) find(key string) *Node {
	members := n.Members()
	i, found := slices.BinarySearchFunc(members, key, func(m Node, key string) int {
		return cmp.Compare(m.Key[1:len(m.Key)-1], key)
	})
	if !found {
		return nil
	}
	return &members[i]
}

// At returns the node that a path leads to, or nil.
func (n *Node) At(names ...string) *Node {
	for _, name := range names {
		n = n.Member(name)
	}
	return n
}

// Name returns the key of a member as text.
func (n *Node) Name() string { return Unquote(n.Key) }

// IsObject reports whether there is a node, and it is an object.
func (n *Node) IsObject() bool { return n != nil && n.Kind == Object }

// IsList reports whether there is a node, and it is a list.
func (n *Node) IsList() bool { return n != nil && n.Kind == List }

// IsTrue reports whether there is a node, and it is true.
func (n *Node) IsTrue() bool { return n != nil && n.Kind == True }

// IsFalse reports whether there is a node, and it is false.
func (n *Node) IsFalse() bool { return n != nil && n.Kind == False }

// IsNull reports whether there is a node, and it is null.
func (n *Node) IsNull() bool { return n != nil && n.Kind == Null }

// Elements returns the elements of a list; none if there is no node, or it is no list.
func (n *Node) Elements() []Node {
	if !n.IsList() {
		return nil
	}
	return n.Items
}

// Members returns the members of an object; none if there is no node, or it is no
// object.
func (n *Node) Members() []Node {
	if !n.IsObject() {
		return nil
	}
	return n.Items
}

// Str returns the text that a node is, and whether there is a node and it is a text.
func (n *Node) Str() (string, bool) {
	if n == nil || n.Kind != String {
		return "", false
	}
	return Unquote(n.Text), true
}

// Value returns the value for a person: text as it is, anything else as compact JSON.
func (n *Node) Value() string {
	if text, isText := n.Str(); isText {
		return text
	}
	return Compact(n)
}

// IsEmpty reports whether a node, which may be nil, says nothing: absent, null,
// false, 0, "", [] or {}.
func (n *Node) IsEmpty() bool {
	if n == nil {
		return true
	}
	switch n.Kind {
	case Null, False:
		return true
	case Number:
		return strings.Trim(strings.TrimLeft(n.Text, "-"), "0.") == "" || isZero(n.Text)
	case String:
		return n.Text == `""`
	}
	return (n.Kind == Object || n.Kind == List) && len(n.Items) == 0
}

// isZero reports whether a number is zero in another spelling, such as 0e5.
func isZero(number string) bool {
	mantissa, _, _ := strings.Cut(strings.ToLower(number), "e")
	return strings.Trim(mantissa, "-0.") == ""
}

// HasTwins reports whether a key stands twice in an object, as it may in a schema.
func (n *Node) HasTwins() bool { return n.Twin() != nil }

// Twin returns the first member of an object whose key stands there for the second
// time, or nil.
func (n *Node) Twin() *Node {
	members := n.Members()
	for i := 1; i < len(members); i++ {
		if members[i-1].Key == members[i].Key {
			return &members[i]
		}
	}
	return nil
}

// NewString returns a node that is a text.
func NewString(text string) *Node {
	n := &Node{Kind: String, Text: Quote(text)}
	n.Seal()
	return n
}

// seed is another in each process, so that nobody can make two contents collide.
var seed = maphash.MakeSeed()

// Seal works out the hashes by which [Equal] compares, of a node and of all in it.
func (n *Node) Seal() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	_ = h.WriteByte(byte(n.Kind))
	_, _ = h.WriteString(n.Text)
	for i := range n.Items {
		item := &n.Items[i]
		_, _ = h.WriteString(item.Key)
		maphash.WriteComparable(&h, item.Seal())
	}
	n.hash = h.Sum64()
	return n.hash
}

// Hash returns the hash of a sealed node: one content has one hash.
func (n *Node) Hash() uint64 { return n.hash }

// Equal reports whether two sealed nodes, either of which may be nil, have the same
// content.
func Equal(a, b *Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.hash == b.hash
}

// Compact returns the JSON of a node without white space.
func Compact(n *Node) string { return string(AppendCompact(nil, n)) }

// AppendCompact appends the JSON of a node without white space.
func AppendCompact(out []byte, n *Node) []byte {
	if n.Kind != Object && n.Kind != List {
		return append(out, n.Text...)
	}
	out = append(out, byte(n.Kind))
	for i := range n.Items {
		if i > 0 {
			out = append(out, ',')
		}
		if n.Kind == Object {
			out = append(append(out, n.Items[i].Key...), ':')
		}
		out = AppendCompact(out, &n.Items[i])
	}
	return append(out, n.Kind.closing())
}

// closing returns the bracket that ends an object or list.
func (k Kind) closing() byte { return byte(k) + 2 }

// compareKeys compares two JSON strings by their texts: without the quote at the end,
// which is not the least of characters.
func compareKeys(a, b string) int { return cmp.Compare(a[:len(a)-1], b[:len(b)-1]) }

// Quote returns text as a JSON string in its one spelling.
func Quote(text string) string { return string(wirejson.Quote(nil, text)) }

// Unquote returns the text of a JSON string in its one spelling. Half of a surrogate
// pair, which no text can hold, stays an escape.
func Unquote(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' {
			i++
			switch c = inner[i]; c {
			case 'u':
				if r := hex4(inner[i+1:]); utf16.IsSurrogate(r) {
					out = append(out, inner[i-1:i+5]...)
				} else {
					out = utf8.AppendRune(out, r)
				}
				i += 4
				continue
			case 'b', 'f', 'n', 'r', 't':
				c = "\b\f\n\r\t"[strings.IndexByte("bfnrt", c)]
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// Spelled returns a JSON string in its one spelling: what has to be escaped is, in
// JSON's shortest way, and nothing else. Half of a surrogate pair stays an escape.
func Spelled(raw string) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		escape := strings.IndexByte(raw[i:], '\\')
		if escape < 0 {
			out = append(out, raw[i:]...)
			break
		}
		out = append(out, raw[i:i+escape]...)
		i += escape
		switch c := raw[i+1]; c {
		case '/':
			out = append(out, '/')
			i += 2
		case 'u':
			r := hex4(raw[i+2:])
			i += 6
			if utf16.IsSurrogate(r) && strings.HasPrefix(raw[i:], `\u`) {
				if pair := utf16.DecodeRune(r, hex4(raw[i+2:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = appendSpelled(out, r)
		default:
			out = append(out, '\\', c)
			i += 2
		}
	}
	return string(out)
}

func hex4(digits string) rune {
	code, _ := strconv.ParseUint(digits[:4], 16, 16) // it is valid JSON
	return rune(code)
}

// appendSpelled appends a character, or half of a surrogate pair, as it stands
// between the quotes of a JSON string in its one spelling.
func appendSpelled(out []byte, r rune) []byte {
	if short := strings.IndexRune("\"\\\b\f\n\r\t", r); short >= 0 {
		return append(out, '\\', `"\bfnrt`[short])
	}
	if r < ' ' || utf16.IsSurrogate(r) {
		return shown.AppendEscape(out, r)
	}
	return utf8.AppendRune(out, r)
}
