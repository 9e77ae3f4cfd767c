package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// Every link of a Markdown page to this repository leads to something that is there,
// the heading included.
func TestLinks(t *testing.T) {
	t.Parallel()
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	cmd.Dir = root
	pages, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(pages))
	if len(names) < 10 {
		t.Fatalf("only %d pages: %v", len(names), names)
	}
	for _, dead := range deadLinks(t, os.DirFS(root), names) {
		t.Error(dead)
	}
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"assets/a.svg": {},
		"docs/b.md": {Data: []byte("---\ntitle: b\n---\n\n# `Code`, \"quoted\" & a_b: Ü\n\n## Twice\n\n## Twice\n\n<a id=\"nested--x\"></a>\n\n" +
			"```sh\n# no heading\n```\n\n[up](../a.md#one) [here](#twice-1) [gone](#title-b)\n")},
		"a.md": {Data: []byte("# One\n\n[b](docs/b.md#code-quoted--a_b-ü) [b](docs/b.md#nested--x) [folder](docs) [out](https://example.com/x#y) [me](mailto:a@b.c)\n\n" +
			"| [b](docs/b.md#twice-2) |\n|---|\n| [gone](docs/c.md) |\n\n" +
			"[main](https://github.com/mcp-portals/terraform-provider-mcp/blob/main/docs/b.md#twice) " +
			"[gone](https://github.com/mcp-portals/terraform-provider-mcp/tree/main/examples/gone)\n\n" +
			"<img src=\"assets/a.svg\">\n\n<img src=\"assets/gone.svg\">\n\n[heading](docs/b.md#no-heading) [out](../x.md)\n\n`[code](gone.md)`\n")},
	}
	want := []string{
		"a.md: docs/b.md#twice-2: no such heading",
		"a.md: docs/c.md: no such file",
		"a.md: https://github.com/mcp-portals/terraform-provider-mcp/tree/main/examples/gone: no such file",
		"a.md: assets/gone.svg: no such file",
		"a.md: docs/b.md#no-heading: no such heading",
		"a.md: ../x.md: no such file",
		"docs/b.md: #title-b: no such heading",
	}
	got := deadLinks(t, files, []string{"a.md", "docs/b.md"})
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// deadLinks returns the links in the pages to files and headings that are not there.
func deadLinks(t *testing.T, files fs.FS, pages []string) (dead []string) {
	t.Helper()
	for _, name := range pages {
		for _, link := range readPage(t, files, name).links {
			target, fragment, ok := inRepository(name, link)
			if !ok {
				continue
			}
			if _, err := fs.Stat(files, target); err != nil {
				dead = append(dead, fmt.Sprintf("%s: %s: no such file", name, link))
			} else if fragment != "" && path.Ext(target) == ".md" && !readPage(t, files, target).ids[fragment] {
				dead = append(dead, fmt.Sprintf("%s: %s: no such heading", name, link))
			}
		}
	}
	return dead
}

// inRepository returns the file to which a link in a page leads, and the place in it,
// unless it leads out of the repository.
func inRepository(page, link string) (file, fragment string, ok bool) {
	u, err := url.Parse(link)
	if err != nil {
		return link, "", true
	}
	const home = "/mcp-portals/terraform-provider-mcp/"
	switch after, here := strings.CutPrefix(u.Path, home); {
	case u.Host == "github.com" && here && strings.HasPrefix(after, "blob/main/"), u.Host == "github.com" && here && strings.HasPrefix(after, "tree/main/"):
		return after[len("blob/main/"):], u.Fragment, true
	case u.Scheme != "" || u.Host != "":
		return "", "", false
	case u.Path == "":
		return page, u.Fragment, true
	}
	return path.Join(path.Dir(page), u.Path), u.Fragment, true
}

// page is what a Markdown page links to, and what can be linked to in it.
type page struct {
	links []string
	ids   map[string]bool
}

var (
	frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
	htmlID      = regexp.MustCompile(`\sid="([^"]*)"`)
	htmlSource  = regexp.MustCompile(`\s(?:src|href)="([^"]*)"`)
)

func readPage(t *testing.T, files fs.FS, name string) page {
	t.Helper()
	source, err := fs.ReadFile(files, filepath.ToSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	source = frontMatter.ReplaceAll(source, nil)
	p := page{ids: make(map[string]bool)}
	seen := make(map[string]int)
	html := func(lines *text.Segments) {
		raw := string(lines.Value(source))
		for _, m := range htmlID.FindAllStringSubmatch(raw, -1) {
			p.ids[m[1]] = true
		}
		for _, m := range htmlSource.FindAllStringSubmatch(raw, -1) {
			p.links = append(p.links, m[1])
		}
	}
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.Image:
			p.links = append(p.links, string(n.Destination))
		case *ast.RawHTML:
			html(n.Segments)
		case *ast.HTMLBlock:
			html(n.Lines())
		case *ast.Heading:
			id := headingID(plain(n, source))
			seen[id]++
			if again := seen[id] - 1; again > 0 {
				id = fmt.Sprintf("%s-%d", id, again)
			}
			p.ids[id] = true
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plain returns the text of a heading without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if leaf, ok := c.(*ast.Text); ok {
			b.Write(leaf.Value(source))
		} else {
			b.WriteString(plain(c, source))
		}
	}
	return b.String()
}

// headingID returns the id that GitHub gives to a heading: in lower case, hyphens for
// spaces, and without punctuation.
func headingID(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsMark(r), unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
