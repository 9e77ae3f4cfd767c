package shown

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Style says where text from outside stands, and so what of it is escaped, besides
// what is [Hidden]. In any style, a run of more than maxRun blanks, or of one
// character, is counted: \[3000 blanks].
type Style uint8

const (
	// Text is the style of text in lines of its own. Its line breaks stay.
	Text Style = 0
	// Quoted is the style of text between quotes, in one line.
	Quoted Style = 1 << iota
	// ASCII escapes whatever is beyond ASCII: no letter can be taken for another one
	// that looks like it.
	ASCII
	// JSON is the style of text that is JSON: its backslashes are escapes already.
	JSON
	exact // counts no runs
)

// maxRun is how many times a character, or a blank, may stand in a row.
const maxRun = 16

// Show returns text as it is shown.
func (s Style) Show(text string) string {
	shown, _ := s.UpTo(text, math.MaxInt)
	return shown
}

// Fits reports whether text is shown in at most as many characters.
func (s Style) Fits(text string, most int) bool {
	_, missing := s.UpTo(text, most)
	return missing == 0
}

// UpTo shows text, or as much from its beginning as fits into as many characters, and
// returns how many characters of it are missing. It reads no more than it shows.
func (s Style) UpTo(text string, most int) (shown string, missing int) {
	out := make([]byte, 0, min(len(text)+len(text)/8, most))
	r := reader{Style: s, text: text}
	for r.at < len(text) {
		before, begun := r, len(out)
		out = r.next(out, most)
		if most -= utf8.RuneCount(out[begun:]); most < 0 {
			return string(out[:begun]), utf8.RuneCountInString(text[before.at:])
		}
	}
	return string(out), 0
}

// Quote returns a name in quotes, as a JSON string in ASCII: no letter can be taken
// for another that looks like it.
func Quote(name string) string { return `"` + (Quoted | ASCII | exact).Show(name) + `"` }

// Name returns a name from outside: as it is if it is plain, else in quotes, and in
// ASCII.
func Name(name string) string {
	text, _ := NameUpTo(name, math.MaxInt)
	return text
}

// NameUpTo returns a name as [Name] does, in at most as many characters and quotes,
// and how many characters of it are missing.
func NameUpTo(name string, most int) (text string, missing int) {
	text, missing = (Quoted | ASCII).UpTo(name, most)
	if strings.HasPrefix(name, text) && IsPlain(text) {
		return text, missing
	}
	return `"` + text + `"`, missing
}

// reader reads text.
type reader struct {
	Style
	text   string
	at     int
	before rune
	// word is where the word ends that is being read, and odd is whether it is not in
	// Unicode's form NFC, to which Terraform would change it: then it is escaped.
	word int
	odd  bool
}

// next appends how the next characters are shown: up to most that are shown as they
// are, a run that is counted, or a few others.
func (r *reader) next(out []byte, most int) []byte {
	rest := r.text[r.at:]
	n := 0
	for n < len(rest) && n < most && isOrdinary(rest[n:]) {
		n++
	}
	if n > 0 {
		r.at, r.before = r.at+n, rune(rest[n-1])
		return append(out, rest[:n]...)
	}
	unit := r.unit(rest)
	blanks, end := 0, 0
	for ; r.isBlank(rest[end:]); blanks++ {
		end += len(r.unit(rest[end:]))
	}
	if blanks > maxRun && r.Style&exact == 0 {
		r.at, r.before = r.at+end, ' '
		return append(strconv.AppendInt(append(out, `\[`...), int64(blanks), 10), " blanks]"...)
	}
	for end = 0; strings.HasPrefix(rest[end:], unit); n++ {
		end += len(unit)
	}
	if n > maxRun && r.Style&exact == 0 {
		out = append(r.glyph(append(out, `\[`...), unit), ' ')
		r.at += end
		return append(strconv.AppendInt(out, int64(n), 10), " times]"...)
	}
	for range min(max(blanks, n), maxRun) { // so that no run is looked at twice
		unit = r.unit(r.text[r.at:])
		out = r.glyph(out, unit)
		r.at += len(unit)
	}
	return out
}

// isOrdinary reports whether text begins with a character that is shown as it is, and
// with no run.
func isOrdinary(text string) bool {
	c := text[0]
	if c == ' ' {
		return len(text) > 1 && text[1] > ' '
	}
	return ' ' < c && c < 0x7f && c != '\\' && c != '"' && (len(text) == 1 || text[1] != c)
}

// unit returns the next character of a text, or, in JSON, the next escape.
func (r *reader) unit(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	if r.Style&JSON != 0 && len(text) > 1 && text[0] == '\\' && ' ' < text[1] && text[1] < 0x7f {
		if size = 2; len(text) >= 6 && text[1] == 'u' && strings.Trim(text[2:6], "0123456789abcdef") == "" {
			size = 6
		}
	}
	return text[:size]
}

// isBlank reports whether text begins with a blank, a tab or a line break.
func (r *reader) isBlank(text string) bool {
	switch {
	case text == "":
		return false
	case text[0] == '\\':
		return r.Style&JSON != 0 && len(text) > 1 && strings.IndexByte("tnr", text[1]) >= 0
	}
	return strings.IndexByte(" \t\n\r", text[0]) >= 0
}

// glyph appends how one character is shown.
func (r *reader) glyph(out []byte, unit string) []byte {
	c, size := utf8.DecodeRuneInString(unit)
	before := r.before
	r.before = c
	if i := strings.IndexByte("\n\t\r", unit[0]); i >= 0 && (i > 0 || r.Style != Text) {
		return append(out, '\\', "ntr"[i])
	}
	switch {
	case len(unit) > size, r.Style&JSON != 0 && (c == '\\' || c == '"'), c == '\n':
		return append(out, unit...)
	case c == '\\' || c == '"' && r.Style&Quoted != 0:
		return append(out, '\\', byte(c))
	case c == ' ' && r.Style == Text && (r.at+1 == len(r.text) || r.text[r.at+1] == '\n'), // nobody would see it
		c >= utf8.RuneSelf && (r.Style&ASCII != 0 || r.isOdd()), Hidden(c, before):
		return AppendEscape(out, c)
	}
	return append(out, unit...)
}

// isOdd reports whether the word in which the reader stands is not in the form NFC.
func (r *reader) isOdd() bool {
	if r.at >= r.word {
		r.word = len(r.text)
		if end := strings.IndexAny(r.text[r.at:], " \n"); end >= 0 {
			r.word = r.at + end
		}
		begin := strings.LastIndexAny(r.text[:r.at], " \n") + 1
		r.odd = !norm.NFC.IsNormalString(r.text[begin:r.word])
	}
	return r.odd
}
