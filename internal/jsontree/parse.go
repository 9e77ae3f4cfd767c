package jsontree

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// byteOrderMark may begin a file that an editor wrote.
const byteOrderMark = "\uFEFF"

// Invalid returns the offset at which text stops being one JSON value, or -1 if it is
// one. Keys that stand twice and halves of surrogate pairs are valid.
func Invalid(text string) int {
	content := strings.TrimPrefix(text, byteOrderMark)
	base := len(text) - len(content)
	if !utf8.ValidString(content) {
		for i, r := range content {
			if r == utf8.RuneError && !strings.HasPrefix(content[i:], "\uFFFD") {
				return base + i
			}
		}
	}
	d := jsontext.NewDecoder(strings.NewReader(content), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := d.SkipValue(); err != nil {
		if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return base + int(syntax.ByteOffset)
		}
		return len(text)
	}
	rest := strings.TrimLeft(content[d.InputOffset():], " \n\t\r")
	if rest != "" {
		return len(text) - len(rest)
	}
	return -1
}

// Parser parses JSON. Its memory is used again by the next call of [Parser.Parse],
// which overwrites what the one before returned, but for the texts.
type Parser struct {
	src   string
	at    int
	open  []Node // members and elements of what is not yet closed
	slabs slabs
}

// slabs hands out nodes from large pieces of memory, and takes all back at once.
type slabs struct {
	all  [][]Node
	next int // the slab to begin when the current one is full
	free []Node
}

func (s *slabs) take(n int) []Node {
	for len(s.free) < n {
		if s.next == len(s.all) {
			// Each is larger than the one before: most texts are small.
			s.all = append(s.all, make([]Node, max(1<<min(4+s.next, 12), n)))
		}
		s.free = s.all[s.next]
		s.next++
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

// Parse returns the value that src is, which is valid JSON: see [Invalid].
func (p *Parser) Parse(src string) *Node {
	p.src, p.at, p.open = src, 0, p.open[:0]
	p.slabs.next, p.slabs.free = 0, nil
	if strings.HasPrefix(src, byteOrderMark) {
		p.at = len(byteOrderMark)
	}
	p.blank()
	n := p.value()
	return &n
}

// Parse returns the value that src is, which is valid JSON, sealed.
func Parse(src string) *Node {
	n := new(Parser).Parse(src)
	n.Seal()
	return n
}

func (p *Parser) blank() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// small returns an offset or a width in what is parsed, which has some hundred MiB at
// the most. Nodes are many, and smaller for it.
func small(n int) int32 {
	return int32(n) //nolint:gosec // see above
}

func (p *Parser) value() Node {
	n := Node{Pos: small(p.at)}
	switch c := p.src[p.at]; c {
	case '{', '[':
		n.Kind = Kind(c)
		n.Items = p.collect(n.Kind == Object)
		if n.Kind == Object {
			sortMembers(n.Items)
		}
	case '"':
		n.Kind, n.Text = String, p.string()
	case 't', 'f', 'n':
		n.Kind = Kind(c)
		n.Text = map[Kind]string{True: "true", False: "false", Null: "null"}[n.Kind]
		p.at += len(n.Text)
	default:
		end := p.at
		for end < len(p.src) && strings.IndexByte(",]} \n\t\r", p.src[end]) < 0 {
			end++
		}
		n.Kind, n.Text, p.at = Number, p.src[p.at:end], end
	}
	return n
}

// collect returns the members or elements of what begins here.
func (p *Parser) collect(members bool) []Node {
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
			n.Key, n.Pos = key, small(begin)
		}
		p.open = append(p.open, n)
	}
	p.at++
	items := p.slabs.take(len(p.open) - mark)
	copy(items, p.open[mark:])
	p.open = p.open[:mark]
	return items
}

func sortMembers(members []Node) {
	for i := 1; i < len(members); i++ {
		if compareKeys(members[i-1].Key, members[i].Key) > 0 {
			slices.SortStableFunc(members, func(a, b Node) int { return compareKeys(a.Key, b.Key) })
			return
		}
	}
}

// string reads a JSON string and returns it in its one spelling.
func (p *Parser) string() string {
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
	return Spelled(p.src[start:p.at])
}
