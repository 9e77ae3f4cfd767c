package baseline

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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

// style is how text from outside is shown.
type style struct {
	quotes bool // it will stand between quotes
	ascii  bool // nothing beyond ASCII is shown, as where Terraform would change it
}

// head shows a text from its beginning, as far as it fits into some characters, and
// returns what is left of it.
func (s style) head(text string, most int) (shown, rest string) {
	var out strings.Builder
	out.Grow(min(len(text), most))
	before := rune(0)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		n := 1
		if size == 1 {
			for n < len(text) && text[n] == text[0] {
				n++
			}
		} else {
			for strings.HasPrefix(text[n*size:], text[:size]) {
				n++
			}
		}
		if n > maxRun {
			run := escapeOf(r) + "{" + strconv.Itoa(n) + "}"
			if most -= len(run); most < 0 {
				break
			}
			out.WriteString(run)
			text, before = text[n*size:], r
			continue
		}
		for ; n > 0; n-- {
			glyph := s.glyph(text[:size], r, before)
			if most -= utf8.RuneCountInString(glyph); most < 0 {
				return out.String(), text
			}
			out.WriteString(glyph)
			text, before = text[size:], r
		}
	}
	return out.String(), text
}

// tail is head from the end: rest is what is left before what is shown.
func (s style) tail(text string, most int) (shown, rest string) {
	var parts []string
	for len(text) > 0 {
		r, size := utf8.DecodeLastRuneInString(text)
		last, n := text[len(text)-size:], 1
		for strings.HasSuffix(text[:len(text)-n*size], last) {
			n++
		}
		glyph, length := escapeOf(r)+"{"+strconv.Itoa(n)+"}", n*size
		if n <= maxRun {
			before, _ := utf8.DecodeLastRuneInString(text[:len(text)-size])
			glyph, length = s.glyph(last, r, before), size
		}
		if most -= utf8.RuneCountInString(glyph); most < 0 {
			break
		}
		parts = append(parts, glyph)
		text = text[:len(text)-length]
	}
	slices.Reverse(parts)
	return strings.Join(parts, ""), text
}

// glyph returns how a character that comes after another is shown.
func (s style) glyph(text string, r, before rune) string {
	switch {
	case s.quotes && (r == '"' || r == '\\'):
		return `\` + text
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case s.ascii && r >= utf8.RuneSelf, isHidden(r, before):
		return escapeOf(r)
	}
	return text
}

// all shows all of a text.
func (s style) all(text string) string {
	shown, _ := s.head(text, math.MaxInt)
	return shown
}

// cut shows a text and, where that takes more than most characters, its first and
// last, and how many are left out. quote ends and begins what is shown.
func (s style) cut(text string, most, first, last int, quote string) (shown string, whole bool) {
	if shown, rest := s.head(text, most); rest == "" {
		return shown, true
	}
	head, rest := s.head(text, first)
	tail, middle := s.tail(rest, last)
	return fmt.Sprintf("%s%s … %d characters not shown … %s%s", head, quote, utf8.RuneCountInString(middle), quote, tail), false
}

func escapeOf(r rune) string {
	var escape strings.Builder
	for _, unit := range utf16.AppendRune(nil, r) {
		fmt.Fprintf(&escape, `\u%04x`, unit)
	}
	return escape.String()
}

// quoted returns a text from outside in quotes, whole.
func quoted(text string) string {
	return `"` + style{quotes: true, ascii: !norm.NFC.IsNormalString(text)}.all(text) + `"`
}

// called returns a name from outside: as it is if it is a plain one, else in quotes
// and in ASCII, in which one letter can't look like another.
func called(name string) string {
	if name == "" {
		return "(without a name)"
	}
	if len(name) <= maxName && consistsOf(name, &plainName) {
		return name
	}
	shown, _ := style{quotes: true, ascii: true}.cut(name, maxName, firstOfName, lastOfName, `"`)
	return `"` + shown + `"`
}

// located returns the path of a field.
func located(path string) string {
	shown, _ := style{ascii: true}.cut(path, maxName, firstOfName, lastOfName, "")
	return shown
}

// versus returns how a value is shown beside another, either of which may be nil, and
// whether that is as much of it as differs.
func versus(value, other *node) (text string, whole bool) {
	if value == nil {
		return "absent", true
	}
	s, quote := style{}, ""
	text, isText := value.str()
	if isText {
		s.quotes, quote = true, `"`
	} else {
		text = compact(value)
	}
	s.ascii = !norm.NFC.IsNormalString(text)
	if shown, rest := s.head(text, maxWhole); rest == "" {
		return quote + shown + quote, true
	}
	others := ""
	if other != nil {
		if others, isText = other.str(); !isText {
			others = compact(other)
		}
	}
	from, to := window(text, others)
	before, after := "", ""
	if from > 0 {
		before = "… "
	}
	if to < len(text) {
		after = " …"
	}
	shown, whole := s.cut(text[from:to], maxCut, firstOfCut, lastOfCut, quote)
	return before + quote + shown + quote + after, whole
}

// window returns the part of a text in which it differs from another, with some
// characters around it.
func window(text, other string) (from, to int) {
	for from < min(len(text), len(other)) && text[from] == other[from] {
		from++
	}
	to = len(text)
	for end := len(other); to > from && end > from && text[to-1] == other[end-1]; end-- {
		to--
	}
	for from > 0 && from < len(text) && !utf8.RuneStart(text[from]) {
		from--
	}
	for range around {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	for range around {
		_, size := utf8.DecodeRuneInString(text[to:])
		to += size
	}
	return from, to
}
