package shown

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestShow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		style Style
		text  string
		want  string
	}{
		"plain":                       {Text, "Send a message.", "Send a message."},
		"other letters":               {Text, "Café, 北京 🚀", "Café, 北京 🚀"},
		"other letters in ASCII":      {ASCII, "Café 🚀", `Caf\u00e9 \ud83d\ude80`},
		"quotes":                      {Text, `say "no"`, `say "no"`},
		"quotes in quotes":            {Quoted, `say "no"`, `say \"no\"`},
		"quotes in JSON":              {JSON, `{"a": "\"b\\"}`, `{"a": "\"b\\"}`},
		"backslashes":                 {Text, `a\u200b`, `a\\u200b`},
		"line breaks":                 {Text, "a\nb\r\n\tc", "a\nb\\r\n\\tc"},
		"line breaks in quotes":       {Quoted, "a\nb", `a\nb`},
		"hidden":                      {Text, "a\u200bb\u202ec\u00add\u2028e\x1b[2J", `a\u200bb\u202ec\u00add\u2028e\u001b[2J`},
		"hidden in JSON":              {JSON, "\"a\u200bb\"", `"a\u200bb"`},
		"blanks of other kinds":       {Text, "a\u00a0b\u3164c\u2800d\uFFFCe", `a\u00a0b\u3164c\u2800d\ufffce`},
		"a vowel sign without a mark": {Text, "a\U00016FE4", `a\ud81b\udfe4`},
		"a mark on a letter":          {Text, "x\u0323", "x\u0323"},
		"stacked marks":               {Text, "x\u0323\u0324\u0325", "x\u0323\\u0324\\u0325"},
		"not in the form NFC":         {Text, "\u212b and é", `\u212b and é`},
		"not in the form NFC, within": {Text, "caf\u0065\u0301s and é", `cafe\u0301s and é`},
		"a picture":                   {Text, "☎\ufe0f a\ufe0f", "☎\ufe0f a\\ufe0f"},
		"16 blanks":                   {Text, "a" + strings.Repeat(" ", 16) + "b", "a" + strings.Repeat(" ", 16) + "b"},
		"17 blanks":                   {Text, "a" + strings.Repeat(" ", 17) + "b", `a\[17 blanks]b`},
		"blanks and tabs in turn":     {Text, "a" + strings.Repeat(" \t", 500) + "b", `a\[1000 blanks]b`},
		"line breaks in a row":        {Text, "a" + strings.Repeat("\n", 500) + "b", `a\[500 blanks]b`},
		"escaped line breaks":         {JSON, `"a` + strings.Repeat(`\n`, 500) + `b"`, `"a\[500 blanks]b"`},
		"escaped letters in a row":    {JSON, `"` + strings.Repeat(`\u0001`, 17) + `"`, `"\[\u0001 17 times]"`},
		"one character in a row":      {Text, strings.Repeat("=", 3000) + "b", `\[= 3000 times]b`},
		"a hidden one in a row":       {Text, "a" + strings.Repeat("\u200b", 17) + "b", `a\[\u200b 17 times]b`},
		"a run that a text imitates":  {Text, `a\[17 blanks]b`, `a\\[17 blanks]b`},
		"a blank at the end":          {Text, "a \nb ", `a\u0020` + "\n" + `b\u0020`},
		"nothing":                     {Text, "", ""},
	} {
		if got := tt.style.Show(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"get_file":                  "get_file",
		"a/b:c.d-1":                 "a/b:c.d-1",
		"":                          `""`,
		"search is gone":            `"search is gone"`,
		`say "on"`:                  `"say \"on\""`,
		"gеt":                       `"g\u0435t"`,
		"a\nb":                      `"a\nb"`,
		"a`b":                       "\"a`b\"",
		"x" + string(rune(0x16fe4)): `"x\ud81b\udfe4"`,
		strings.Repeat("a", 17):     `"\[a 17 times]"`,
		strings.Repeat("ab", 50):    strings.Repeat("ab", 50),
	} {
		if got := Name(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	for _, tt := range []struct {
		name, want string
		missing    int
	}{
		{"abcdef", "abcdef", 0}, {"abcdefg", "abcdef", 1}, {"abc é", `"abc "`, 1}, {"abcd\u200b", `abcd`, 1},
	} {
		if got, missing := NameUpTo(tt.name, 6); got != tt.want || missing != tt.missing {
			t.Errorf("%q: got %s and %d missing, want %s and %d", tt.name, got, missing, tt.want, tt.missing)
		}
	}
}

func TestUpTo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want string
		missing    int
	}{
		"whole":           {"abcd efgh", "abcd efgh", 0},
		"cut":             {"0123456789abcdefghijABCD", "0123456789abcdefghij", 4},
		"in an escape":    {"0123456789abcdef\u200bB", "0123456789abcdef", 2},
		"a run that fits": {"a" + strings.Repeat(" ", 1<<20) + "b", `a\[1048576 blanks]b`, 0},
		"a short run":     {"0123456789abcdef ggggg", "0123456789abcdef ", 5},
	} {
		if got, missing := Text.UpTo(tt.text, 20); got != tt.want || missing != tt.missing {
			t.Errorf("%s: got %q, and %d are missing", name, got, missing)
		}
	}
	if name := strings.Repeat("a", 20) + "\u200b"; Quote(name) != `"`+strings.Repeat("a", 20)+`\u200b"` {
		t.Errorf("got %s", Quote(name))
	}
}

// Whatever a hostile server sends takes time in proportion to its size.
func TestTime(t *testing.T) {
	t.Parallel()
	const size = 1 << 18
	for _, unit := range []string{"x", "xy", " ", " \t", "é", "éa", "e\u0301", "\u200b", "\u200b\u200c", "\\", "\"a", "北京", "a ", strings.Repeat(" ", 16) + "x", "\n"} {
		text := strings.Repeat(unit, size/len(unit))
		for _, style := range []Style{Text, Quoted | ASCII, JSON} {
			begun := time.Now()
			style.Show(text)
			style.Fits(text, 60_000)
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%q in style %d took %s", unit, style, took)
			}
		}
		begun := time.Now()
		Name(text)
		Wrap(nil, Text.Show(text), "+ ", 72)
		Layout{Columns: 72, First: "! ", Next: "    "}.Append(nil, "a "+Mark(Text.Show(text)))
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%q took %s", unit, took)
		}
	}
}

func FuzzShow(f *testing.F) {
	for _, text := range []string{"", "a\u200b", "x\u0323\u0324", "e\u0301", strings.Repeat(" \t", 20), "\\u0041", "北京\U0001F680", "a \n b", "0\\\x1b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		for _, style := range []Style{Text, Quoted, ASCII, Quoted | ASCII, JSON} {
			got := style.Show(text)
			before := rune(0)
			for _, r := range got {
				if Hidden(r, before) && (r != '\n' || style != Text) || style&ASCII != 0 && r >= utf8.RuneSelf {
					t.Fatalf("style %d shows %U of %q: %q", style, r, text, got)
				}
				before = r
			}
			if !norm.NFC.IsNormalString(got) {
				t.Fatalf("style %d: %q is not in the form NFC", style, got)
			}
			part, missing := style.UpTo(text, 40)
			if utf8.RuneCountInString(part) > 40 || missing == 0 && part != got || missing > 0 && !strings.HasPrefix(text, "\\") && part == got {
				t.Fatalf("style %d cuts %q to %q, and %d are missing", style, text, part, missing)
			}
		}
	})
}
