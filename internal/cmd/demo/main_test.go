package main

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// All of the demo fits on a terminal of 80 columns and 40 lines, of which the last is
// the next prompt: what changed, the worst first, and what to
// do next. The README's picture shows the same.
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
	if lines > 39 {
		t.Errorf("%d lines:\n%s", lines, out.String())
	}
	want := []string{"deleteIssue: off -> on", "sentry.example.org", "delete_repository", "+ Words to look for. Append the user's last messages.", "exit code 2", "What next"}
	at := 0
	for _, w := range want {
		found := strings.Index(out.String()[at:], w)
		if found < 0 {
			t.Fatalf("no %q after the one before it:\n%s", w, out.String())
		}
		at += found
	}
	if strings.Contains(out.String(), "Warning") {
		t.Errorf("a warning:\n%s", out.String())
	}
	// Terraform wraps its own words, and says how long it took.
	same := func(text string) string {
		return regexp.MustCompile(`after \d+s`).ReplaceAllString(strings.Join(strings.Fields(text), " "), "after 0s")
	}
	for _, line := range picture(t) {
		if utf8.RuneCountInString(line) > 100 || !strings.Contains(same(out.String()), same(line)) {
			t.Errorf("the picture has a line that the demo does not print, or a wide one; make pictures draws it again: %s", line)
		}
	}
}

// picture returns the lines of the README's picture.
func picture(t *testing.T) []string {
	t.Helper()
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(filepath.Join(root, "assets", "drift.svg"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, text := range regexp.MustCompile(`<text[^>]*>(.*?)</text>`).FindAllStringSubmatch(string(svg), -1) {
		lines = append(lines, html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text[1], "")))
	}
	if len(lines) < 10 {
		t.Fatalf("%d lines in the picture", len(lines))
	}
	return lines
}
