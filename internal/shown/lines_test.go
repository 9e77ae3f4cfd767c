package shown

import (
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	t.Parallel()
	terminal := Layout{Columns: 40, First: "! ", Next: "    "}
	markdown := Layout{Columns: 40, First: "- ", Next: "  ", Markdown: true}
	long := strings.Repeat("abc def ", 12) + "end"
	for name, tt := range map[string]struct {
		layout Layout
		words  string
		want   string
	}{
		"one line":         {terminal, "github: off -> on", "! github: off -> on\n"},
		"words":            {terminal, "users no longer log in themselves: all share one login", "! users no longer log in themselves: all\n    share one login\n"},
		"marked":           {terminal, Mark("github") + ": " + Mark(`"a b"`) + ": on", "! github: \"a b\": on\n"},
		"marked, Markdown": {markdown, Mark("github") + ": " + Mark("\"a`b\"") + ": on", "- `github`: ``\"a`b\"``: on\n"},
		"marked words stay together": {
			terminal, "a name that is not broken: " + Mark(`"one two three"`), "! a name that is not broken:\n    \"one two three\"\n",
		},
		"longer than a line": {
			terminal, Mark("x") + ": " + Mark(`"`+long+`"`) + ": on",
			"! x: \"abc def abc def abc def abc \\\n        def abc def abc def abc def \\\n        abc def abc def abc def abc \\\n        def abc def end\": on\n",
		},
		"longer than a line, Markdown": {
			markdown, Mark("x") + ": " + Mark(`"`+long+`"`) + ": on",
			"- `x`: `\"abc def abc def abc def abc `\n      `def abc def abc def abc def `\n      `abc def abc def abc def abc `\n      `def abc def end\":` on\n",
		},
		"wide letters": {terminal, "a " + Mark(strings.Repeat("北", 18)), "! a " + strings.Repeat("北", 18) + "\n"},
		"wide letters, one more": {
			terminal, "a " + Mark(strings.Repeat("北", 19)), "! a " + strings.Repeat("北", 16) + "\\\n        " + strings.Repeat("北", 3) + "\n",
		},
	} {
		if got := string(tt.layout.Append(nil, tt.words)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"short":       {"one two", "  + one two\n"},
		"long":        {"one two three four five", "  + one two three\n  + four five\n"},
		"line breaks": {"one\n\ntwo", "  + one\n  +\n  + two\n"},
		"nothing":     {"", "  +\n"},
		"no blanks":   {strings.Repeat("ab", 12), "  + abababababababab\n  + abababab\n"},
		"indented":    {"    one two three four", "  +     one two\n  + three four\n"},
	} {
		if got := string(Wrap(nil, tt.text, "  + ", 20)); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// No text begins a line in any other way than it should, or makes one too wide.
func FuzzLines(f *testing.F) {
	for _, text := range []string{"", "a b", "北京 北京", strings.Repeat("x", 200), "a\nb", strings.Repeat("a ", 99), "`a`", "``` a\n~~~"} {
		f.Add(text, 40)
	}
	f.Fuzz(func(t *testing.T, text string, columns int) {
		columns = 30 + columns&63
		text = strings.ToValidUTF8(text, "\uFFFD")
		wrapped := strings.TrimSuffix(string(Wrap(nil, Text.Show(text), "    + ", columns)), "\n")
		for line := range strings.SplitSeq(wrapped, "\n") {
			if !strings.HasPrefix(line, "    + ") && line != "    +" || Columns(line) > columns {
				t.Fatalf("%d columns: %q has the line %q", columns, text, line)
			}
		}
		name := Mark(Name(text))
		for _, l := range []Layout{{columns, "! ", "    ", false}, {columns, "- ", "  ", true}} {
			lines := strings.Split(strings.TrimSuffix(string(l.Append(nil, "a "+name+": b "+name)), "\n"), "\n")
			for i, line := range lines {
				if prefix := l.First; i > 0 && !strings.HasPrefix(line, l.Next) || i == 0 && !strings.HasPrefix(line, prefix) || Columns(line) > columns+4 {
					t.Fatalf("%d columns: %q has the line %q", columns, text, line)
				}
			}
		}
	})
}
