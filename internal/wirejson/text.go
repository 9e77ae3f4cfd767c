package wirejson

import (
	"bytes"
	"encoding/binary"
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
	if bytes.IndexByte(raw, '\\') >= 0 || !isASCII(raw) {
		return "", false
	}
	return string(raw[1 : len(raw)-1]), true
}

// isASCII reports whether the text is ASCII alone. It looks at eight bytes at a
// time, because nearly all that is read comes by here.
func isASCII(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.NativeEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// keyOf returns the name that raw quotes, as it stands in [Extra].
func keyOf(raw jsontext.Value) string {
	name, exact := unquote(raw)
	if exact && !strings.Contains(name, `\`) {
		return name
	}
	quoted := requote(raw)
	return quoted[1 : len(quoted)-1]
}

// requote returns the JSON string raw in its one spelling in ASCII.
func requote(raw jsontext.Value) string {
	out := make([]byte, 1, len(raw)*2)
	out[0] = '"'
	for i := 1; i < len(raw)-1; {
		size := 1
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			size = len(`\u0000`)
			code, _ := strconv.ParseUint(string(raw[i+2:i+size]), 16, 16) // raw is valid JSON
			out = appendUnit(out, uint16(code))
		case c == '\\':
			size = len(`\n`)
			out = appendUnit(out, uint16(shortEscapes[raw[i+1]]))
		case c < utf8.RuneSelf:
			out = appendUnit(out, uint16(c))
		default:
			var r rune
			r, size = utf8.DecodeRune(raw[i:])
			out = appendRune(out, r)
		}
		i += size
	}
	return string(append(out, '"'))
}

// shortEscapes are JSON's escapes of two characters, by the second.
var shortEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// appendUnit appends a unit of UTF-16 as it stands between JSON's quotes.
func appendUnit(out []byte, code uint16) []byte {
	switch {
	case code == '"' || code == '\\':
		return append(out, '\\', byte(code))
	case ' ' <= code && code < utf8.RuneSelf-1:
		return append(out, byte(code))
	}
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[code>>12], digits[code>>8&15], digits[code>>4&15], digits[code&15])
}

// appendRune appends a character as it stands between JSON's quotes.
func appendRune(out []byte, r rune) []byte {
	for _, code := range utf16.AppendRune(make([]uint16, 0, 2), r) {
		out = appendUnit(out, code)
	}
	return out
}

// compact returns valid JSON without the white space between its tokens. Every token
// stays as it was, with one exception: if Terraform would change the text, all
// characters outside ASCII are escaped.
func compact(raw jsontext.Value) string {
	var out []byte // nil as long as nothing was left out
	kept := 0      // up to here, raw is in out
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i += stringEnd(raw[i+1:])
		case ' ', '\n', '\t', '\r':
			if out == nil {
				out = make([]byte, 0, len(raw))
			}
			out = append(out, raw[kept:i]...)
			kept = i + 1
		}
	}
	if out == nil {
		out = raw
	} else {
		out = append(out, raw[kept:]...)
	}
	if !isASCII(out) && !norm.NFC.IsNormal(out) {
		return escaped(out)
	}
	return string(out)
}

// stringEnd returns the length of a JSON string, of which rest begins after the
// opening quote; the closing quote counts. No byte is looked at more than twice,
// however many escapes there are.
func stringEnd(rest []byte) int {
	quote := -1
	for n := 0; ; {
		if quote < n {
			quote = n + bytes.IndexByte(rest[n:], '"')
		}
		backslash := bytes.IndexByte(rest[n:quote], '\\')
		if backslash < 0 {
			return quote + 1
		}
		n += backslash + 2 // what is escaped may be a quote
	}
}

// escaped returns JSON with its characters outside ASCII, all of which stand
// between quotes, as escapes.
func escaped(raw []byte) string {
	out := make([]byte, 0, len(raw)*2)
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r < utf8.RuneSelf {
			out = append(out, raw[0])
		} else {
			out = appendRune(out, r)
		}
		raw = raw[size:]
	}
	return string(out)
}
