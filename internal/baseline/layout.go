package baseline

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxWidth is how many characters an object or list may have to stand on one line.
	maxWidth = 100
	// maxBroken is how many levels deep what is wider is broken into lines.
	maxBroken = 12
	// lines is the first member of the list that a text with line breaks is written
	// as. A real list whose first member begins with it gets one more there.
	lines = "|"
)

// layout returns JSON as it is committed: one text for one content, in lines that a
// diff of them can be read, with every character seen and none that Terraform's
// normalisation would change.
func (k *clock) layout(n *node) string {
	k.measure(n)
	out := k.appendNode(make([]byte, 0, n.width+n.width/2), n, 0)
	return string(k.visible(append(out, '\n')))
}

// flat returns JSON on one line.
func (k *clock) flat(n *node) string {
	k.measure(n)
	return string(k.visible(k.appendFlat(make([]byte, 0, n.width), n)))
}

// measure works out the widths of a node and of all in it.
func (k *clock) measure(n *node) {
	k.tick()
	switch n.kind {
	case '"':
		if n.width = small(utf8.RuneCountInString(n.text)); isBroken(n.text) {
			n.width = 0
			for line := range brokenLines(n.text) {
				n.width += small(utf8.RuneCountInString(line)) + 2 // the comma and the blank, or the brackets
			}
		}
	case '{', '[':
		n.width = small(max(2, 2*len(n.items))) // the brackets, and commas with blanks
		for i := range n.items {
			item := &n.items[i]
			k.measure(item)
			n.width += item.width
			if n.kind == '{' {
				n.width += small(utf8.RuneCountInString(item.key)) + 2
			}
		}
		if escapesLines(n) {
			n.width++
		}
	default:
		n.width = small(len(n.text))
	}
}

// isBroken reports whether a JSON string has line breaks.
func isBroken(text string) bool {
	for i := strings.Index(text, `\n`); i >= 0; {
		backslashes := 0
		for text[i-backslashes-1] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return true
		}
		next := strings.Index(text[i+1:], `\n`)
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// brokenLines yields the elements of the list that a JSON string with line breaks
// is written as, as JSON strings.
func brokenLines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !yield(`"` + lines + `"`) {
			return
		}
		start := 1
		for i := 1; i < len(text)-1; i++ {
			if text[i] != '\\' {
				continue
			}
			if i++; text[i] == 'n' {
				if !yield(`"` + text[start:i-1] + `"`) {
					return
				}
				start = i + 1
			}
		}
		yield(`"` + text[start:len(text)-1] + `"`)
	}
}

// escapesLines reports whether a list would be taken for a text with line breaks.
func escapesLines(n *node) bool {
	return n.kind == '[' && len(n.items) > 0 && strings.HasPrefix(n.items[0].text, `"`+lines) && !isBroken(n.items[0].text)
}

func (k *clock) appendNode(out []byte, n *node, depth int) []byte {
	k.tick()
	broken := n.kind == '"' && isBroken(n.text)
	if n.width <= maxWidth || depth >= maxBroken || !broken && n.kind != '{' && n.kind != '[' {
		return k.appendFlat(out, n)
	}
	newline := func(depth int) {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	if broken {
		out = append(out, '[')
		for line := range brokenLines(n.text) {
			if out[len(out)-1] != '[' {
				out = append(out, ',')
			}
			newline(depth + 1)
			out = append(out, line...)
		}
		newline(depth)
		return append(out, ']')
	}
	out = append(out, n.kind)
	for i := range n.items {
		if i > 0 {
			out = append(out, ',')
		}
		newline(depth + 1)
		out = appendKey(out, n, i)
		if i == 0 && escapesLines(n) {
			out = append(append(out, `"`+lines...), n.items[0].text[1:]...)
		} else {
			out = k.appendNode(out, &n.items[i], depth+1)
		}
	}
	newline(depth)
	return append(out, n.kind+2) // the closing bracket is two after the opening one
}

func (k *clock) appendFlat(out []byte, n *node) []byte {
	k.tick()
	switch {
	case n.kind == '"' && isBroken(n.text):
		out = append(out, '[')
		for line := range brokenLines(n.text) {
			if out[len(out)-1] != '[' {
				out = append(out, ", "...)
			}
			out = append(out, line...)
		}
		return append(out, ']')
	case n.kind != '{' && n.kind != '[':
		return append(out, n.text...)
	}
	out = append(out, n.kind)
	for i := range n.items {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = appendKey(out, n, i)
		if i == 0 && escapesLines(n) {
			out = append(append(out, `"`+lines...), n.items[0].text[1:]...)
		} else {
			out = k.appendFlat(out, &n.items[i])
		}
	}
	return append(out, n.kind+2)
}

func appendKey(out []byte, n *node, i int) []byte {
	if n.kind == '{' {
		out = append(append(out, n.items[i].key...), ": "...)
	}
	return out
}

// join undoes what layout does to texts with line breaks and to lists that look so.
func join(n *node) {
	// Looked at before what is in the list is joined: that may become such a text.
	isLines := n.kind == '[' && len(n.items) > 0 && strings.HasPrefix(n.items[0].text, `"`+lines)
	for i := range n.items {
		join(&n.items[i])
	}
	if !isLines {
		return
	}
	first := &n.items[0]
	if first.text != `"`+lines+`"` {
		first.text = `"` + first.text[1+len(lines):]
		return
	}
	if slices.ContainsFunc(n.items, func(line node) bool { return line.kind != '"' }) {
		return // nothing that layout wrote
	}
	var text strings.Builder
	for i, line := range n.items[1:] {
		if i > 0 {
			text.WriteString(`\n`)
		}
		text.WriteString(line.text[1 : len(line.text)-1])
	}
	n.kind, n.text, n.items = '"', `"`+text.String()+`"`, nil
}

// visible returns JSON in which every character can be seen and survives: one that
// a person would not see, or a terminal obeys, is escaped, and so are all beyond
// ASCII on a line that Unicode's form NFC would change.
func (k *clock) visible(text []byte) []byte {
	beyond := func(c byte) bool { return c >= 0x7f }
	first := slices.IndexFunc(text, beyond)
	if first < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/8)
	for line := range bytes.Lines(text) {
		k.tick()
		if !slices.ContainsFunc(line, beyond) {
			out = append(out, line...)
			continue
		}
		normal := norm.NFC.IsNormal(line)
		before := rune(0)
		for len(line) > 0 {
			k.tick()
			r, size := utf8.DecodeRune(line)
			if r < 0x7f || normal && !isHidden(r, before) {
				out = append(out, line[:size]...)
			} else {
				out = appendEscape(out, r)
			}
			line, before = line[size:], r
		}
	}
	return out
}

// isHidden reports whether a person would not see a character that comes after
// another as what it is, or a terminal would obey it: controls, those that turn the
// direction of text, blanks other than the usual one, those without a width or a
// picture, tags. Text for models has been hidden in them. The two that say how a
// picture is drawn are seen after one.
func isHidden(r, before rune) bool {
	switch {
	case ' ' <= r && r < 0x7f:
		return false
	case r == '\uFE0E' || r == '\uFE0F':
		return !unicode.In(before, unicode.So, unicode.Sk) || before < 0x2000
	case r == '\u2800' || r == '\U0001D159':
		return true // a blank, and a note without a head, that are symbols to Unicode
	}
	return !unicode.IsGraphic(r) ||
		unicode.In(r, unicode.Zs, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
