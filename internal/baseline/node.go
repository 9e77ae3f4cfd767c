package baseline

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// node is a JSON value. One content is one node: keys are sorted, every text is in
// one spelling, numbers are as received.
type node struct {
	key   string // of an object's member: between quotes, spelled as text is
	text  string // of a scalar: JSON
	items []node // members or elements
	hash  uint64 // of the content, without the key; see node.seal
	width int32  // in characters, on one line; see layout
	pos   int32  // where it began in what was read
	end   int32  // where it ended
	kind  byte   // '{', '[', '"', '0', 't', 'f' or 'n', as in jsontext
}

// small returns a length or an offset in what is read, which has some hundred MiB at
// the most: nodes are many, and take half the room by it.
func small(n int) int32 {
	return int32(n) //nolint:gosec // see above
}

// parser makes nodes of JSON that is known to be valid. It keeps its memory from
// one text to the next: what parse returned is overwritten by the next call, but
// for the texts.
type parser struct {
	*clock
	src   string
	at    int
	open  []node // members and elements of what is not yet closed
	slabs slabs
}

// slabs hands out nodes from large pieces of memory, and takes all back at once.
type slabs struct {
	all  [][]node
	next int // the slab to begin when the current one is full
	free []node
}

func (s *slabs) take(n int) []node {
	for len(s.free) < n {
		if s.next == len(s.all) {
			s.all = append(s.all, make([]node, max(1<<12, n)))
		}
		s.free = s.all[s.next]
		s.next++
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

func (s *slabs) reset() { s.next, s.free = 0, nil }

// parse returns the value that src is. The error is the context's.
func (p *parser) parse(src string) (n node, err error) {
	p.src, p.at, p.open = src, 0, p.open[:0]
	p.slabs.reset()
	defer returned(&err)
	p.blank()
	return p.value(), nil
}

func (p *parser) blank() {
	if p.at == 0 && strings.HasPrefix(p.src, byteOrderMark) {
		p.at = len(byteOrderMark)
	}
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) value() node {
	p.tick()
	n := node{pos: small(p.at)}
	switch c := p.src[p.at]; c {
	case '{', '[':
		n.kind = c
		n.items = p.collect(c == '{')
		if c == '{' {
			sortMembers(n.items)
		}
	case '"':
		n.kind, n.text = c, p.string()
	case 't', 'f', 'n':
		n.kind = c
		n.text = map[byte]string{'t': "true", 'f': "false", 'n': "null"}[c]
		p.at += len(n.text)
	default:
		end := p.at
		for end < len(p.src) && strings.IndexByte(",]} \n\t\r", p.src[end]) < 0 {
			end++
		}
		n.kind, n.text, p.at = '0', p.src[p.at:end], end
	}
	n.end = small(p.at)
	return n
}

// collect returns the members or elements of what begins here.
func (p *parser) collect(members bool) []node {
	mark := len(p.open)
	p.at++
	for p.blank(); p.src[p.at] != '}' && p.src[p.at] != ']'; p.blank() {
		if p.src[p.at] == ',' {
			p.at++
			p.blank()
		}
		begin, key := p.at, ""
		if members {
			key = p.string()
			p.blank()
			p.at++ // the colon
			p.blank()
		}
		n := p.value()
		if members {
			n.key, n.pos = key, small(begin)
		}
		p.open = append(p.open, n)
	}
	p.at++
	items := p.slabs.take(len(p.open) - mark)
	copy(items, p.open[mark:])
	p.open = p.open[:mark]
	return items
}

func sortMembers(members []node) {
	for i := 1; i < len(members); i++ {
		if compareKeys(members[i-1].key, members[i].key) > 0 {
			slices.SortStableFunc(members, func(a, b node) int { return compareKeys(a.key, b.key) })
			return
		}
	}
}

// compareKeys compares two JSON strings by their texts: without the quote at the
// end, which is not the least of characters.
func compareKeys(a, b string) int { return cmp.Compare(a[:len(a)-1], b[:len(b)-1]) }

// string reads a JSON string and returns it in its one spelling.
func (p *parser) string() string {
	start := p.at
	quote := start + 1 + strings.IndexByte(p.src[start+1:], '"')
	if strings.IndexByte(p.src[start:quote], '\\') < 0 {
		p.at = quote + 1
		return p.src[start:p.at]
	}
	end := start + 1
	for p.src[end] != '"' {
		step := strings.IndexAny(p.src[end:], `\"`)
		if end += step; p.src[end] == '\\' {
			end += 2 // what is escaped may be a quote
		}
	}
	p.at = end + 1
	return spelled(p.src[start:p.at])
}

// spelled returns a JSON string in its one spelling: what has to be escaped is, in
// JSON's shortest way, and nothing else. Half of a surrogate pair stays an escape.
func spelled(raw string) string {
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
		return appendEscape(out, r)
	}
	return utf8.AppendRune(out, r)
}

// appendEscape appends the JSON escape of a character, or of half a surrogate pair.
func appendEscape(out []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	units := []rune{r}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		units = []rune{high, low}
	}
	for _, u := range units {
		out = append(out, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	return out
}

// quote returns text as a JSON string in its one spelling.
func quote(text string) string { return string(wirejson.Quote(nil, text)) }

// unquote returns the text of a JSON string in its one spelling; what no text can
// hold stands in it as an escape.
func unquote(quoted string) string {
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

// member returns the member of a name, or nil. It is for names that need no
// escapes.
func (n *node) member(name string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	i, found := slices.BinarySearchFunc(n.items, name, func(m node, name string) int {
		return cmp.Compare(m.key[1:len(m.key)-1], name)
	})
	if !found {
		return nil
	}
	return &n.items[i]
}

// isTrue reports whether there is a node, and it is true.
func (n *node) isTrue() bool { return n != nil && n.kind == 't' }

// str returns the text that a node is, and whether there is a node and it is one.
func (n *node) str() (string, bool) {
	if n == nil || n.kind != '"' {
		return "", false
	}
	return unquote(n.text), true
}

var seed = maphash.MakeSeed()

// seal works out the hash of a node and of all in it. Two nodes with one hash have
// one content: the seed is another in each process, so nobody can make two collide.
func (n *node) seal() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteByte(n.kind)
	h.WriteString(n.text)
	for i := range n.items {
		item := &n.items[i]
		h.WriteString(item.key)
		maphash.WriteComparable(&h, item.seal())
	}
	n.hash = h.Sum64()
	return n.hash
}

// equal reports whether two sealed nodes, either of which may be nil, have the same
// content.
func equal(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.hash == b.hash
}

// compact returns JSON without white space.
func compact(n *node) string { return string(appendCompact(nil, n)) }

func appendCompact(out []byte, n *node) []byte {
	if n.kind != '{' && n.kind != '[' {
		return append(out, n.text...)
	}
	out = append(out, n.kind)
	for i := range n.items {
		if i > 0 {
			out = append(out, ',')
		}
		if n.kind == '{' {
			out = append(append(out, n.items[i].key...), ':')
		}
		out = appendCompact(out, &n.items[i])
	}
	return append(out, n.kind+2) // the closing bracket is two after the opening one
}
