// Package shown makes text from outside safe for a person to read: on a terminal, in
// Markdown, and in a file that is reviewed. Whatever a reader would not see is
// escaped, so that no name, description or path can hide anything, end a line, or be
// taken for the words around it.
//
// It knows nothing of JSON values, of portals or of changes.
package shown

import (
	"unicode"
	"unicode/utf16"
)

// AppendEscape appends JSON's escape of a character, or of half a surrogate pair:
// \u and four hex digits, twice for a character beyond U+FFFF. It is the one way in
// which this provider escapes.
func AppendEscape(out []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	units := [2]rune{r}
	n := 1
	if r > 0xffff {
		units[0], units[1] = utf16.EncodeRune(r)
		n = 2
	}
	for _, u := range units[:n] {
		out = append(out, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	return out
}

// Hidden reports whether a person would not see a character for what it is, or a
// terminal would obey it, where it stands after another one: controls, format
// characters such as those that turn the direction of text, blanks other than U+0020,
// characters without a glyph, and combining marks beyond the first on a letter. Text
// for models has been hidden in all of these.
func Hidden(r, before rune) bool {
	switch {
	case ' ' <= r && r < 0x7f:
		return false
	case unicode.IsLetter(r): // so are four fillers
		return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
	case r == '\uFE0E' || r == '\uFE0F': // they choose between a picture and a letter
		return before < 0x2000 || !unicode.In(before, unicode.So, unicode.Sk)
	case unicode.In(r, unicode.Mn, unicode.Me):
		return !unicode.IsLetter(before) || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || r == '\U00016FE4'
	case r == '\u2800', r == '\uFFFC', r == '\U0001D159':
		return true // a blank, a placeholder and a note without a head are symbols to Unicode
	}
	return !unicode.IsGraphic(r) ||
		unicode.In(r, unicode.Zs, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// IsPlain reports whether a name can stand by itself: it is not empty, and consists
// of ASCII letters, digits and _ . / : - alone.
func IsPlain(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '_', c == '.', c == '/', c == ':', c == '-':
		default:
			return false
		}
	}
	return name != ""
}
