package cloudflare

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSanitizer(t *testing.T) {
	t.Parallel()
	const token, key = "FAKE-token-0123456789", "FAKE-key-0123456789"
	s := newSanitizer(Credentials{Token: token, Key: key, Email: "admin@example.com"})
	for name, tt := range map[string]struct{ text, want string }{
		"empty":                       {"", ""},
		"plain":                       {"Authentication error", "Authentication error"},
		"word for word":               {`é 🚀 "quoted" <b> %s \n 👩‍🚀`, `é 🚀 "quoted" <b> %s \n 👩‍🚀`},
		"lines and tabs":              {"a\nb\tc\r\nd", "a b c d"},
		"control characters":          {"a\x00b\x07c\x7fd\u0085e\u009bf", "abcdef"},
		"colours":                     {"\x1b[31mred\x1b[0m", "[31mred[0m"},
		"title of the window":         {"\x1b]0;title\x07x", "]0;titlex"},
		"bidi":                        {"a\u202eb\u2066c\u2069d\u200fe\u061cf", "abcdef"},
		"invalid UTF-8":               {"a\xff\xfeb", "a\uFFFDb"},
		"token":                       {"Bearer " + token + "!", "Bearer [redacted]!"},
		"key":                         {key, "[redacted]"},
		"both, many times":            {token + key + token, "[redacted][redacted][redacted]"},
		"the address is no secret":    {"admin@example.com", "admin@example.com"},
		"split by a NUL":              {token[:5] + "\x00" + token[5:], "[redacted]"},
		"split by many":               {"\x1b" + strings.Join(strings.Split(token, ""), "\u202e\x01"), "[redacted]"},
		"split by a secret":           {token[:5] + "\x00" + token + token[5:], token[:5] + "[redacted]" + token[5:]},
		"not the whole of a secret":   {token[:10], token[:10]},
		"a secret in other lettering": {strings.ToLower(token), strings.ToLower(token)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := s.clean(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSanitizerLength(t *testing.T) {
	t.Parallel()
	s := newSanitizer(Credentials{Token: "FAKE-token-0123456789"})
	for name, tt := range map[string]struct{ text, want string }{
		"as long as can be": {strings.Repeat("x", maxMessage), strings.Repeat("x", maxMessage)},
		"one more":          {strings.Repeat("x", maxMessage+1), strings.Repeat("x", maxMessage) + "…"},
		"two bytes a rune":  {"x" + strings.Repeat("é", maxMessage), "x" + strings.Repeat("é", maxMessage/2-1) + "…"},
		"four bytes a rune": {"xxx" + strings.Repeat("🚀", maxMessage), "xxx" + strings.Repeat("🚀", maxMessage/4-1) + "…"},
		"a secret at the end": {
			strings.Repeat("x", maxMessage-4) + "FAKE-token-0123456789", strings.Repeat("x", maxMessage-4) + "[red…",
		},
		"control characters do not count": {strings.Repeat("\x00", maxMessage) + "x", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.clean(tt.text)
			if got != tt.want {
				t.Errorf("got %d bytes ending in %q, want %d ending in %q", len(got), got[max(0, len(got)-20):], len(tt.want), tt.want[max(0, len(tt.want)-20):])
			}
			if !utf8.ValidString(got) {
				t.Error("not valid UTF-8")
			}
		})
	}
}

// One secret may begin as another does.
func TestSanitizerPrefix(t *testing.T) {
	t.Parallel()
	s := newSanitizer(Credentials{Token: "FAKE-0123", Key: "FAKE-0123456789", Email: "a@example.com"})
	if got := s.clean("FAKE-0123456789 FAKE-0123"); got != "[redacted] [redacted]" {
		t.Errorf("got %q", got)
	}
}

// All that an answer says is bounded, not only each message of it.
func TestSanitizerTotal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	entry := func(chain ...APIError) APIError {
		return APIError{Message: long, DocumentationURL: long, Pointer: long, Chain: chain}
	}
	for name, list := range map[string][]APIError{
		"list":  {entry(), entry(), entry(), entry(), entry(), entry()},
		"chain": {entry(entry(entry(entry(entry(entry())))))},
		"both":  {entry(entry(), entry()), entry(entry(), entry())},
	} {
		text := (&Error{Errors: newSanitizer(Credentials{Token: "FAKE-token"}).errors(list)}).Error()
		if len(text) < maxMessages || len(text) > maxMessages+4*maxMessage {
			t.Errorf("%s: %d bytes", name, len(text))
		}
	}
}

func TestSanitizerErrors(t *testing.T) {
	t.Parallel()
	s := newSanitizer(Credentials{Token: "FAKE-token"})
	got := s.errors([]APIError{{
		Code: 1, Message: "\x1bFAKE-token", DocumentationURL: "https://d.example/FAKE-token", Pointer: "/FAKE\x00-token",
		Chain: []APIError{{Code: 2, Message: "FAKE-token", Chain: []APIError{{Message: "a\nFAKE-token"}}}},
	}})
	want := []APIError{{
		Code: 1, Message: "[redacted]", DocumentationURL: "https://d.example/[redacted]", Pointer: "/[redacted]",
		Chain: []APIError{{Code: 2, Message: "[redacted]", Chain: []APIError{{Message: "a [redacted]"}}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
