package jsontree

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

const (
	// maxWidth is how many characters an object or list may have to stand on one line.
	maxWidth = 100
	// maxBroken is how many levels deep what is wider is broken into lines.
	maxBroken = 12
	// lines is the first element of the list that a text with line breaks is written
	// as. A real list whose first element begins with it gets one more there.
	lines = "|"
)

// Layout returns JSON as it is committed: one text for one content, in lines whose
// diff can be read, with every character visible and none that Unicode's form NFC,
// to which Terraform normalises text, would change. [Join] undoes it.
func Layout(n *Node) string {
	measure(n)
	out := appendNode(make([]byte, 0, n.width+n.width/2), n, 0)
	return string(visible(append(out, '\n')))
}

// Flat returns the same on one line.
func Flat(n *Node) string {
	measure(n)
	return string(visible(appendNode(make([]byte, 0, n.width), n, maxBroken)))
}

// measure works out the widths of a node and of all in it.
func measure(n *Node) {
	n.width = small(utf8.RuneCountInString(n.Text))
	switch {
	case n.Kind == String && isBroken(n.Text):
		n.width = 0
		for _, line := range brokenLines(n.Text) {
			n.width += small(utf8.RuneCountInString(line)) + 2 // the comma and the blank, or the brackets
		}
	case n.Kind == Object || n.Kind == List:
		n.width = small(max(2, 2*len(n.Items))) // the brackets, and commas with blanks
		for i := range n.Items {
			item := &n.Items[i]
			measure(item)
			n.width += item.width
			if n.Kind == Object {
				n.width += small(utf8.RuneCountInString(item.Key)) + 2
			}
		}
		if escapesLines(n) {
			n.width++
		}
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

// brokenLines returns the elements of the list that a JSON string with line breaks is
// written as, as JSON strings.
func brokenLines(text string) []string {
	all := []string{`"` + lines + `"`}
	start := 1
	for i := 1; i < len(text)-1; i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; text[i] == 'n' {
			all = append(all, `"`+text[start:i-1]+`"`)
			start = i + 1
		}
	}
	return append(all, `"`+text[start:len(text)-1]+`"`)
}

// escapesLines reports whether a list would be taken for a text with line breaks.
func escapesLines(n *Node) bool {
	return n.Kind == List && len(n.Items) > 0 && strings.HasPrefix(n.Items[0].Text, `"`+lines) && !isBroken(n.Items[0].Text)
}

// appendNode appends a node, on one line where it fits there or is maxBroken deep.
func appendNode(out []byte, n *Node, depth int) []byte {
	flat := n.width <= maxWidth || depth >= maxBroken
	if flat {
		depth = maxBroken
	}
	begin := func(i int) {
		switch {
		case i > 0 && flat:
			out = append(out, ", "...)
			return
		case i > 0:
			out = append(out, ',')
		}
		newline(&out, flat, depth+1)
	}
	switch {
	case n.Kind == String && isBroken(n.Text):
		out = append(out, '[')
		for i, line := range brokenLines(n.Text) {
			begin(i)
			out = append(out, line...)
		}
		newline(&out, flat, depth)
		return append(out, ']')
	case n.Kind != Object && n.Kind != List:
		return append(out, n.Text...)
	}
	out = append(out, byte(n.Kind))
	for i := range n.Items {
		begin(i)
		if n.Kind == Object {
			out = append(append(out, n.Items[i].Key...), ": "...)
		}
		if i == 0 && escapesLines(n) {
			out = append(append(out, `"`+lines...), n.Items[0].Text[1:]...)
		} else {
			out = appendNode(out, &n.Items[i], depth+1)
		}
	}
	if len(n.Items) > 0 {
		newline(&out, flat, depth)
	}
	return append(out, n.Kind.closing())
}

func newline(out *[]byte, flat bool, depth int) {
	if flat {
		return
	}
	*out = append(*out, '\n')
	for range depth {
		*out = append(*out, "  "...)
	}
}

// Join undoes what [Layout] does to texts with line breaks, and to lists that look
// like them. n is not sealed yet.
func Join(n *Node) {
	// Looked at before what is in the list is joined: that may become such a text.
	isLines := n.Kind == List && len(n.Items) > 0 && strings.HasPrefix(n.Items[0].Text, `"`+lines)
	for i := range n.Items {
		Join(&n.Items[i])
	}
	if !isLines {
		return
	}
	first := &n.Items[0]
	if first.Text != `"`+lines+`"` {
		first.Text = `"` + first.Text[1+len(lines):]
		return
	}
	if slices.ContainsFunc(n.Items, func(line Node) bool { return line.Kind != String }) {
		return // nothing that Layout wrote
	}
	var text strings.Builder
	for i, line := range n.Items[1:] {
		if i > 0 {
			text.WriteString(`\n`)
		}
		text.WriteString(line.Text[1 : len(line.Text)-1])
	}
	n.Kind, n.Text, n.Items = String, `"`+text.String()+`"`, nil
}

// visible returns JSON in which every character can be seen and survives: one that is
// hidden is escaped, and so are all beyond ASCII on a line that NFC would change.
func visible(text []byte) []byte {
	beyond := func(c byte) bool { return c >= 0x7f }
	if slices.IndexFunc(text, beyond) < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+len(text)/8)
	for line := range bytes.Lines(text) {
		if !slices.ContainsFunc(line, beyond) {
			out = append(out, line...)
			continue
		}
		normal := norm.NFC.IsNormal(line)
		before := rune(0)
		for len(line) > 0 {
			r, size := utf8.DecodeRune(line)
			if r < 0x7f || normal && !shown.Hidden(r, before) {
				out = append(out, line[:size]...)
			} else {
				out = shown.AppendEscape(out, r)
			}
			line, before = line[size:], r
		}
	}
	return out
}
