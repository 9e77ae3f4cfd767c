package shown

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// What came from outside stands between two marks among the words of this provider.
// No escaped text has them.
const (
	begin = '\x01'
	end   = '\x02'
)

// Mark returns escaped text from outside, marked for words in which it stands.
func Mark(text string) string { return string(begin) + text + string(end) }

// Plain returns words without the marks.
func Plain(words string) string {
	return strings.Map(func(r rune) rune {
		if r == begin || r == end {
			return -1
		}
		return r
	}, words)
}

// Columns returns how many columns a terminal takes for text, at the most.
func Columns(text string) int {
	n := 0
	for _, r := range text {
		n += columns(r)
	}
	return n
}

func columns(r rune) int {
	if r >= 0x300 {
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			return 2
		}
	}
	return 1
}

// Layout says how words are broken into lines.
type Layout struct {
	// Columns is how many a line has at the most.
	Columns int
	// First begins the first line, Next every other.
	First, Next string
	// Markdown is whether what is marked becomes spans of code.
	Markdown bool
}

// Append appends words, broken into lines. What is marked is broken only if it is
// longer than a line; its other parts then stand where nothing else does, four columns
// further in, so that they cannot be taken for lines of their own.
func (l Layout) Append(out []byte, words string) []byte {
	out = append(out, l.First...)
	column, isFirst := Columns(l.First), true
	for words != "" {
		var atom string
		atom, words = cutAtom(words)
		text := l.render(atom)
		size, blank := Columns(text), 1
		if isFirst {
			blank = 0
		}
		isFirst = false
		switch {
		case column+blank+size <= l.Columns:
			out = append(append(out, " "[:blank]...), text...)
			column += blank + size
		case Columns(l.Next)+size <= l.Columns:
			out = append(append(append(out, '\n'), l.Next...), text...)
			column = Columns(l.Next) + size
		default:
			out = append(out, " "[:blank]...)
			out, column = l.appendLong(out, Plain(atom), column+blank)
		}
	}
	return append(out, '\n')
}

// appendLong appends what is longer than a line.
func (l Layout) appendLong(out []byte, text string, column int) ([]byte, int) {
	const indent, least, frame = "    ", 16, 4
	for {
		if column > l.Columns-least {
			out = append(append(append(out, '\n'), l.Next...), indent...)
			column = Columns(l.Next + indent)
		}
		var part string
		part, text = cutColumns(text, l.Columns-column-frame)
		if text == "" || l.Markdown {
			part = l.render(Mark(part))
		} else {
			part += `\`
		}
		out = append(out, part...)
		if text == "" {
			return out, column + Columns(part)
		}
		column = l.Columns
	}
}

func (l Layout) render(atom string) string {
	if !l.Markdown {
		return Plain(atom)
	}
	var out strings.Builder
	for {
		words, rest, found := strings.Cut(atom, string(begin))
		out.WriteString(words)
		if !found {
			return out.String()
		}
		text, rest, _ := strings.Cut(rest, string(end))
		out.WriteString(Code(text))
		atom = rest
	}
}

// cutAtom returns what ends at the first blank that is not in marked text.
func cutAtom(words string) (atom, rest string) {
	isMarked := false
	for i := range len(words) {
		switch words[i] {
		case begin:
			isMarked = true
		case end:
			isMarked = false
		case ' ':
			if !isMarked {
				return words[:i], words[i+1:]
			}
		}
	}
	return words, ""
}

// Wrap appends text, each line of which begins with a prefix, those too.
func Wrap(out []byte, text, prefix string, most int) []byte {
	for line := range strings.SplitSeq(text, "\n") {
		for {
			var part string
			part, line = cutColumns(line, most-Columns(prefix))
			begun := len(out)
			out = append(append(out, prefix...), part...)
			for len(out) > begun && out[len(out)-1] == ' ' {
				out = out[:len(out)-1]
			}
			out = append(out, '\n')
			if line == "" {
				break
			}
		}
	}
	return out
}

// cutColumns returns what of a text fits into as many columns, up to a blank if there
// is one in the second half of it.
func cutColumns(text string, most int) (part, rest string) {
	at, blank, column := 0, 0, 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if column += columns(r); column > max(most, 2) {
			if r == ' ' {
				return text[:at], text[at+1:]
			}
			if blank > 0 {
				return text[:blank], text[blank:]
			}
			return text[:at], text[at:]
		}
		at += size
		if r == ' ' && column > most/2 {
			blank = at
		}
	}
	return text, ""
}
