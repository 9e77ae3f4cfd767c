package main

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// All of the demo fits on a terminal of 80 columns and 40 lines, on which the last
// is the next prompt and the first the command: what changed, the worst first, and
// what to do next.
func TestFitsOnAScreen(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), &out, false, func(string) string { return "" }); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(out.String()) {
		lines += 1 + max(0, utf8.RuneCountInString(strings.TrimRight(line, "\n"))-1)/80
	}
	if lines > 38 {
		t.Errorf("%d lines:\n%s", lines, out.String())
	}
	want := []string{"deleteIssue", "delete_repository", "sentry.example.org", "reaches it: the policy Employees", "the user's last messages", "exit code 2", "What next"}
	var at []int
	for _, w := range want {
		at = append(at, strings.Index(out.String(), w))
	}
	if slices.Contains(at, -1) || at[3] > at[4] || strings.Contains(out.String(), "Warning") {
		t.Errorf("want %q, of one server what steers after what widens, and no warning:\n%s", want, out.String())
	}
}
