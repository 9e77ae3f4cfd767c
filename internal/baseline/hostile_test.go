package baseline_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// hostile are texts that want to be taken for something else. Each has the word evil.
var hostile = map[string]string{
	"a code block":     "evil\n```\n# evil\n- evil\n",
	"tildes":           "evil\n~~~~\nevil\n~~~\n",
	"backticks":        "`evil` ``evil`` ``` evil",
	"Markdown":         "evil @evil #1 GH-1 [evil](https://evil.example) ![evil](x) <b>evil</b> **evil** ~~evil~~ | a | b |",
	"HTML":             "</code></summary></details><script>evil</script>&lt;evil&gt;<!-- evil",
	"a link":           "https://evil.example/evil",
	"a link, www":      "www.evil.example",
	"an entry":         "evil\n! github: delete_branch: off -> on\n~ evil",
	"a section":        "evil\n\nNo effect (1)\n  evil: fine",
	"words":            "evil is gone, it was on; called without credentials; through Gateway",
	"wide letters":     "evil " + strings.Repeat("北", 100) + " ! evil: on",
	"stacked marks":    "evil" + strings.Repeat("x\u0323\u0324\u0325", 10),
	"another script":   "еvil evil",
	"hidden":           "evil\u200b\u202e\u2066\u00ad\U000E0041\U00016FE4\u2800\u3164\x1b[2J",
	"blanks and tabs":  "evil" + strings.Repeat(" \t", 300) + "evil",
	"a long name":      "evil " + strings.Repeat("word ", 300),
	"a long plain one": "evil" + strings.Repeat("_word", 300),
	"one character":    "evil" + strings.Repeat("=", 3000),
	"an index":         `[0].title is "x" evil`,
	"an empty line":    "evil\n \n<details>\n\n# evil",
	"a list":           "1. evil\n* evil\n+ evil\n- [ ] evil",
	"a table":          "|evil|evil|\n|--|--|\n|evil|evil|",
}

// poisoned returns a portal with a text in every place that somebody outside can fill.
func poisoned(tb testing.TB, evil string) string {
	tb.Helper()
	marshalled, err := json.Marshal(evil)
	if err != nil {
		tb.Fatal(err)
	}
	e := string(marshalled)
	key := strings.NewReplacer(`KEY`, e[1:len(e)-1])
	return edited(tb, portalOfScenes, "description", e, "zz", key.Replace(`{"KEY":"KEY"}`),
		git+"hostname", e, git+"name", e, git+"description", e, git+"auth_type", e, git+"zz", key.Replace(`{"KEY":["KEY"]}`),
		git+"auth_config_summary", key.Replace(`{"auth_mode":"KEY","zz_uri":"KEY","config":{"issuer":"KEY"},"registration_info":{"client_id":"KEY","scope":"KEY","redirect_uris":["KEY"]}}`),
		git+"tools.0", key.Replace(`{"name":"search","title":"KEY","description":"KEY","KEY":1,"annotations":{"title":"KEY","KEY":true},"inputSchema":{"type":"object","required":["KEY"],"properties":{"KEY":{"enum":["KEY"],"KEY":"KEY"}}}}`),
		git+"tools.-1", key.Replace(`{"name":"KEY","description":"KEY"}`),
		git+"prompts.-1", key.Replace(`{"name":"KEY","description":"KEY","arguments":[{"name":"KEY"}]}`),
		git+"updated_tools", key.Replace(`[{"name":"delete","enabled":true,"portal_alias":"KEY","KEY":"KEY"},{"name":"write","portal_description":"KEY"},{"name":"KEY x","enabled":true}]`),
		docs+"tools", "null", docs+"prompts", "null", docs+"status", e,
		"servers.-1", key.Replace(`{"id":"KEY","hostname":"KEY","auth_type":"KEY","tools":[{"name":"KEY","description":"KEY"},{"name":"KEY 2"}],"prompts":[],"KEY":"KEY"}`),
		"servers.-1", key.Replace(`{"id":"portal","hostname":"https://x.example","auth_type":"KEY","status":"KEY","tools":null,"prompts":null}`),
	)
}

func reportsOf(r *baseline.Result) map[string]string {
	all := map[string]string{"the report": r.Report}
	for name, f := range r.Files {
		all[name] = f.Report
	}
	return all
}

// Whatever is from outside, no line of a summary begins otherwise than it should, or is
// wider, and no part of a report is anything but words and code.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	dir := accept(t, portalOfScenes)
	for name, evil := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := poisoned(t, evil)
			fileable := edited(t, portal, "servers.2", "") // of which a file can have the name
			for _, result := range []*baseline.Result{compare(t, dir, portal), compare(t, t.TempDir(), portal), compare(t, accept(t, fileable), portalOfScenes)} {
				requireOrderly(t, result.Summary)
				if whole := strings.ReplaceAll(result.Summary, "\\\n        ", ""); !strings.Contains(whole, "git: new tool "+shown.Name(evil)) && !strings.Contains(whole, "git: tool "+shown.Name(evil)) && !strings.Contains(whole, "nothing has been accepted") {
					t.Errorf("the name is not shown whole:\n%.6000s", result.Summary)
				}
				for _, report := range reportsOf(result) {
					requireInert(t, report)
				}
				for file, f := range result.Files {
					if !regexp.MustCompile(`^[ -~]{1,72}$`).MatchString(f.Title) || strings.ContainsAny(f.Title, "@#[]()<>`\"*~|&!/") {
						t.Errorf("the title of %s is %s", file, f.Title)
					}
				}
				for _, c := range result.Changes {
					if strings.ContainsAny(c.Text, "\n\x1b\x01\x02\x03") || utf8.RuneCountInString(c.Text) > 15_000 {
						t.Errorf("a change has the text %s", c.Text)
					}
				}
				for _, g := range result.Gaps {
					if strings.ContainsAny(g.Text, "\n\x1b\x01\x02\x03") {
						t.Errorf("a gap has the text %s", g.Text)
					}
				}
			}
		})
	}
}

// orderly are the lines that a summary may have.
var orderly = regexp.MustCompile(`^(` + strings.Join([]string{
	`Portal p(: nothing has been accepted yet\.| differs from what was accepted\. Shown as accepted -> now\.)`,
	`This cannot be decided from this text: .*`, `(4|2) servers; .*`, `Of the tools that are on, .*`,
	`(Agents or people can do more, or a safeguard is gone|Models read something else|Agents lose something|Could not be compared|No effect) \(.*[0-9]\)`,
	`[!~?-] (git|docs|portal|access|"portal"|"(?:[^"\\]|\\.)*evil.*|evil.*|https://evil.*|www.evil.*|[0-9]+ (servers|tools).*)(: | |$|\\$).*`,
	`  (git|docs|portal|"portal"): .*`,
	`    \S.*`, `        .*`, ``,
}, `|`) + `)$`)

func requireOrderly(tb testing.TB, summary string) {
	tb.Helper()
	for line := range strings.SplitSeq(summary, "\n") {
		if !orderly.MatchString(line) || shown.Columns(line) > 72 {
			tb.Errorf("%d columns: %s\nin\n%.6000s", shown.Columns(line), line, summary)
			return
		}
	}
	if strings.ContainsAny(summary, "\x01\x02\x03\x1b\u200b\u202e\u3164") {
		tb.Error("the summary shows what cannot be seen")
	}
	if n := utf8.RuneCountInString(summary); n > 60_000 {
		tb.Errorf("the summary has %d characters", n)
	}
}

var (
	foldedHTML = regexp.MustCompile(`^ *(<details><summary>(Definition of (tool|prompt)|Settings of server) <code>[^<>]*</code>(; [a-z0-9 ]+ in name)?</summary>|</details>)\n?$`)
	headings   = regexp.MustCompile(`^(Agents or people can do more, or a safeguard is gone|Models read something else|Agents lose something|Could not be compared|No effect) \([a-z, 0-9]+\)$`)
)

// requireInert fails if a reader of GitHub's Markdown would take anything in a report
// for more than words, lists and code, or for words of this provider what is not.
func requireInert(tb testing.TB, report string) {
	tb.Helper()
	source := []byte(report)
	emphasised := 0
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Document, *ast.Paragraph, *ast.TextBlock, *ast.List, *ast.ListItem, *ast.String:
		case *ast.CodeSpan, *ast.FencedCodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.Emphasis:
			if emphasised++; emphasised > 1 || !strings.HasPrefix(report, "*This is already live.") {
				return ast.WalkStop, fmt.Errorf("%d emphases", emphasised)
			}
		case *ast.Heading:
			if heading := string(n.Lines().Value(source)); !headings.MatchString(heading) {
				return ast.WalkStop, fmt.Errorf("the heading %s", heading)
			}
		case *ast.HTMLBlock:
			if html := string(n.Lines().Value(source)); !foldedHTML.MatchString(html) {
				return ast.WalkStop, fmt.Errorf("the HTML %s", html)
			}
		case *ast.Text:
			if words := string(n.Value(source)); strings.Contains(words, "evil") {
				return ast.WalkStop, fmt.Errorf("the words %s", words)
			}
		default:
			return ast.WalkStop, fmt.Errorf("a node of kind %s", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		tb.Errorf("the report has %v:\n%.6000s", err, report)
	}
	isFolded := false
	for line := range strings.SplitSeq(report, "\n") {
		isFolded = isFolded || strings.Contains(line, "<details>")
		if !isFolded && shown.Columns(line) > 100 {
			tb.Errorf("%d columns: %s", shown.Columns(line), line)
		}
		isFolded = isFolded && line != "  </details>"
	}
	if n := utf8.RuneCountInString(report); n > 60_000 {
		tb.Errorf("the report has %d characters", n)
	}
}
