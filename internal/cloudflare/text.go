package cloudflare

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage is how many bytes of one message of the API are shown. The API's own are
// a sentence or two, and a page of text would bury what to do.
const maxMessage = 2 << 10

// maxMessages is after how many bytes no further message of an answer is shown.
const maxMessages = 8 << 10

// sanitizer takes secrets, and what a terminal would obey, out of text from outside.
type sanitizer struct {
	redact func(string) string // replaces the secrets, which a struct would show when it is printed
}

func newSanitizer(c Credentials) sanitizer {
	var pairs []string
	// The longer secret first: one may begin as the other does.
	for _, secret := range slices.SortedFunc(slices.Values(c.Secrets()), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, secret, redacted)
	}
	return sanitizer{strings.NewReplacer(pairs...).Replace}
}

// clean returns the text with every secret replaced, without control characters,
// which a terminal would obey, and cut off after maxMessage bytes.
func (s sanitizer) clean(text string) string {
	text = s.redact(strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	// Once more: what was taken out may have stood inside a secret.
	text = s.redact(text)
	if len(text) <= maxMessage {
		return text
	}
	cut := maxMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// object returns o with a clean id, since the id may come from the API.
func (s sanitizer) object(o Object) Object {
	o.ID = s.clean(o.ID)
	return o
}

// errors returns the list with clean texts. It keeps as many entries, those of chains
// as well, as maxMessages has room for, and at least one.
func (s sanitizer) errors(list []APIError) []APIError {
	left := maxMessages
	return s.fitting(list, &left)
}

func (s sanitizer) fitting(list []APIError, left *int) []APIError {
	for i := range list {
		if *left <= 0 {
			return list[:i:i]
		}
		e := &list[i]
		e.Message = s.clean(e.Message)
		e.DocumentationURL = s.clean(e.DocumentationURL)
		e.Pointer = s.clean(e.Pointer)
		*left -= len(e.Message) + len(e.DocumentationURL) + len(e.Pointer)
		e.Chain = s.fitting(e.Chain, left)
	}
	return list
}
