package wirejson

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"
)

// unquote returns the text of a JSON string, with U+FFFD for each half of a
// surrogate pair (JSON can hold an emoji that was cut in two), and whether
// Terraform holds that text as it is.
func unquote(raw jsontext.Value) (text string, exact bool) {
	if text, plain := plainText(raw); plain {
		return text, true
	}
	unquoted, err := jsontext.AppendUnquote(nil, raw)
	return string(unquoted), err == nil && norm.NFC.IsNormal(unquoted)
}

// plainText returns the text of a JSON string that is ASCII without escapes, as
// nearly all are.
func plainText(raw jsontext.Value) (string, bool) {
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			return "", false
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

// keyOf returns the name that raw quotes, as it stands in [Extra].
func keyOf(raw jsontext.Value) string {
	name, exact := unquote(raw)
	if exact && !strings.Contains(name, `\`) {
		return name
	}
	// Unquoted and quoted again, so that one name has one spelling.
	quoted := requote(raw)
	return quoted[1 : len(quoted)-1]
}

// requote returns the JSON string raw in its one spelling in ASCII.
func requote(raw jsontext.Value) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 1; i < len(raw)-1; {
		unit := raw[i : i+1]
		switch {
		case raw[i] == '\\' && raw[i+1] == 'u':
			unit = raw[i : i+6]
			code, _ := strconv.ParseUint(string(unit[2:]), 16, 16) // raw is valid JSON
			writeUnit(&b, uint16(code))
		case raw[i] == '\\':
			unit = raw[i : i+2]
			text, _ := jsontext.AppendUnquote(nil, append(append([]byte{'"'}, unit...), '"'))
			writeUnit(&b, uint16(text[0]))
		case raw[i] < utf8.RuneSelf:
			writeUnit(&b, uint16(raw[i]))
		default:
			r, size := utf8.DecodeRune(raw[i:])
			unit = raw[i : i+size]
			for _, code := range utf16.AppendRune(nil, r) {
				writeUnit(&b, code)
			}
		}
		i += len(unit)
	}
	b.WriteByte('"')
	return b.String()
}

// writeUnit writes a unit of UTF-16 between JSON's quotes.
func writeUnit(b *strings.Builder, code uint16) {
	switch {
	case code == '"' || code == '\\':
		b.WriteByte('\\')
		b.WriteByte(byte(code))
	case ' ' <= code && code < utf8.RuneSelf-1:
		b.WriteByte(byte(code))
	default:
		fmt.Fprintf(b, `\u%04x`, code)
	}
}

// compact returns valid JSON without the white space between its tokens, and
// every token as it was: but for characters outside ASCII, which are escaped if
// Terraform would change the text.
func compact(raw jsontext.Value) string {
	var out []byte // nil as long as nothing was left out
	inString, ascii := false, true
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c >= utf8.RuneSelf:
			ascii = false
		case inString && c == '\\':
			if out != nil {
				out = append(out, c)
			}
			i++
			c = raw[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			if out == nil {
				out = append(make([]byte, 0, len(raw)), raw[:i]...)
			}
			continue
		}
		if out != nil {
			out = append(out, c)
		}
	}
	if out == nil {
		out = raw
	}
	if !ascii && !norm.NFC.IsNormal(out) {
		return escaped(out)
	}
	return string(out)
}

// escaped returns JSON with its characters outside ASCII, all of which stand
// between quotes, as escapes.
func escaped(raw []byte) string {
	var b strings.Builder
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r < utf8.RuneSelf {
			b.WriteByte(raw[0])
		} else {
			for _, code := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, code)
			}
		}
		raw = raw[size:]
	}
	return b.String()
}
