package baseline

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a person reads of a text from outside. Whatever would not be seen is escaped
// as in JSON, so that nothing can hide, end the line, or be taken for the words around
// it; and what is left out is counted.

const (
	// maxWhole is how many characters a changed text may have to be shown whole.
	maxWhole = 300
	// around is how many characters before its first and after its last difference
	// are shown of a longer one.
	around = 40
	// maxCut is how many of these may be shown: else the first and the last of them.
	maxCut, firstOfCut, lastOfCut = 900, 700, 200
	// maxRun is how many times a character may stand in a row; more are counted.
	maxRun = 16
	// maxName is how many characters of a name are shown.
	maxName, firstOfName, lastOfName = 200, 150, 50
)

// glyph is a character as it is shown, or a run of one.
type glyph string

// glyphs returns how the characters of a text are shown. Where quotes is true, it
// will stand between quotes; where ascii is, nothing beyond ASCII is shown.
func glyphs(text string, quotes, ascii bool) []glyph {
	all := make([]glyph, 0, len(text))
	before := rune(0)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		n := 1
		for strings.HasPrefix(text[n*size:], text[:size]) {
			n++
		}
		switch {
		case n > maxRun:
			all = append(all, glyph(escapeOf(r)+"{"+strconv.Itoa(n)+"}"))
		default:
			shown := show(r, before, quotes, ascii)
			for range n {
				all = append(all, shown)
			}
			if n > 1 && r >= utf8.RuneSelf { // the second stands after another than the first
				for i := 1; i < n; i++ {
					all[len(all)-n+i] = show(r, r, quotes, ascii)
				}
			}
		}
		text, before = text[n*size:], r
	}
	return all
}

func show(r, before rune, quotes, ascii bool) glyph {
	switch {
	case quotes && (r == '"' || r == '\\'):
		return glyph([]byte{'\\', byte(r)})
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case ascii && r >= utf8.RuneSelf, isHidden(r, before):
		return glyph(escapeOf(r))
	}
	return glyph(string(r))
}

func escapeOf(r rune) string {
	var escape strings.Builder
	for _, unit := range utf16.AppendRune(nil, r) {
		fmt.Fprintf(&escape, `\u%04x`, unit)
	}
	return escape.String()
}

func width(all []glyph) int {
	n := 0
	for _, g := range all {
		n += utf8.RuneCountInString(string(g))
	}
	return n
}

func joined(all []glyph) string {
	var text strings.Builder
	for _, g := range all {
		text.WriteString(string(g))
	}
	return text.String()
}

// quoted returns a text from outside in quotes, whole.
func quoted(text string) string { return `"` + joined(glyphs(text, true, false)) + `"` }

// called returns a name from outside: as it is if it is a plain one, else in quotes
// and in ASCII, in which one letter can't look like another.
func called(name string) string {
	if name == "" {
		return "(without a name)"
	}
	const plain = plainKey + ".:"
	if strings.Trim(name, plain) == "" && !strings.Contains(name, "$") && len(name) <= maxName {
		return name
	}
	return `"` + cut(glyphs(name, true, true), maxName, firstOfName, lastOfName, `"`) + `"`
}

// located returns the path of a field.
func located(path string) string {
	return cut(glyphs(path, false, true), maxName, firstOfName, lastOfName, "")
}

// cut returns what is shown, and where that is more than most, its first and last
// characters and how many are left out. quote ends and begins what is shown.
func cut(all []glyph, most, first, last int, quote string) string {
	if width(all) <= most {
		return joined(all)
	}
	head, tail := 0, len(all)
	for n := 0; head < tail && n+width(all[head:head+1]) <= first; head++ {
		n += width(all[head : head+1])
	}
	for n := 0; tail > head && n+width(all[tail-1:tail]) <= last; tail-- {
		n += width(all[tail-1 : tail])
	}
	return fmt.Sprintf("%s%s … %d characters not shown … %s%s", joined(all[:head]), quote, tail-head, quote, joined(all[tail:]))
}

// versus returns how a value is shown beside another, either of which may be nil, and
// whether that is as much of it as differs.
func versus(value, other *node) (text string, whole bool) {
	if value == nil {
		return "absent", true
	}
	quote := ""
	if value.kind == '"' {
		quote = `"`
	}
	all := glyphsOf(value)
	var others []glyph
	if other != nil {
		others = glyphsOf(other)
	}
	before, after := "", ""
	if width(all) > maxWhole {
		same := 0
		for same < min(len(all), len(others)) && all[same] == others[same] {
			same++
		}
		end := 0
		for end < min(len(all), len(others))-same && all[len(all)-1-end] == others[len(others)-1-end] {
			end++
		}
		from, to := max(0, same-around), min(len(all), len(all)-end+around)
		if from > 0 {
			before = "… "
		}
		if to < len(all) {
			after = " …"
		}
		all = all[from:to]
	}
	return before + quote + cut(all, maxCut, firstOfCut, lastOfCut, quote) + quote + after, width(all) <= maxCut
}

func glyphsOf(n *node) []glyph {
	if text, ok := n.str(); ok {
		return glyphs(text, true, false)
	}
	return glyphs(compact(n), false, false)
}
