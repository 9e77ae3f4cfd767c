package baseline

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// page is how entries are laid out: for a terminal, or as Markdown, in which what is
// from outside stands in blocks and spans of code alone: nothing of it is a link, a
// mention, HTML, a heading or a reference.
type page struct {
	columns  int
	markdown bool
}

// summary returns all of it for a terminal, and report as Markdown.
func (s *said) summary() string { return strings.TrimSuffix(s.render(&page{columns: 72}), "\n") }
func (s *said) report() string  { return s.render(&page{columns: 98, markdown: true}) }

// render lays all of it out.
func (s *said) render(p *page) string {
	perSection := make([]int, len(sections))
	var parts []*part
	for _, it := range s.items {
		perSection[it.section] += max(1, len(it.changes))
		parts = append(parts, p.parts(it, s.isFirst)...)
	}
	missing := s.missing(fit(parts, maxPage-forFrame))

	var out []byte
	if p.markdown && len(s.changes) > 0 {
		out = p.prose(out, "*This is already live. Merge to accept it. To undo it, change it at the portal; the request then closes by itself.*")
	}
	if missing != "" {
		out = p.prose(out, missing)
	}
	for _, words := range s.header {
		out = p.prose(out, words)
	}
	before := -1
	for _, part := range parts {
		if in := part.item.section; in != before {
			before = in
			out = p.heading(out, sections[in], perSection[in])
		}
		out = append(out, part.text...)
	}
	return strings.TrimRight(strings.ReplaceAll(string(out), lost, ""), "\n") + "\n"
}

// prose appends a paragraph of our own; on a terminal, lines.
func (p *page) prose(out []byte, words string) []byte {
	if p.markdown {
		return append(p.layout("", "").Append(out, words), '\n')
	}
	return p.layout("", "    ").Append(out, words)
}

func (p *page) heading(out []byte, s section, n int) []byte {
	title := fmt.Sprintf("%s (%d)", s.title, n)
	if word := s.effect.list(); len(word) > 0 {
		title = fmt.Sprintf("%s (%s, %d)", s.title, word[0], n)
	}
	if !p.markdown {
		return append(out, "\n"+title+"\n"...)
	}
	if !bytes.HasSuffix(out, []byte("\n\n")) {
		out = append(out, '\n')
	}
	return append(out, "### "+title+"\n\n"...)
}

// missing says what is not shown, and whether the changes can be decided without it.
func (s *said) missing(n [classes]int) string {
	joined := 0
	for i := range s.changes {
		joined += s.changes[i].joined
	}
	var what []string
	for i, all := range []int{n[ofNames], n[ofTexts], joined} {
		if all > 0 {
			what = append(what, count(all, []string{"name", "text", "change"}[i], []string{"names", "texts", "changes"}[i]))
		}
	}
	switch {
	case len(what) > 0:
		return "This cannot be decided from this text: it is too long, and lacks all or parts of " + strings.Join(what, ", ") + ". Read the patches."
	case n[ofDefinitions] > 0:
		return count(n[ofDefinitions], "definition is", "definitions are") + " not shown: see the diff of the request."
	}
	return ""
}

func (p *page) layout(first, next string) shown.Layout {
	return shown.Layout{Columns: p.columns, First: first, Next: next, Markdown: p.markdown}
}

// head and note return how the first words of an entry, and others, are laid out.
func (p *page) head(it *item) shown.Layout {
	if p.markdown {
		return p.layout("- ", "  ")
	}
	return p.layout(sections[it.section].mark, "    ")
}

func (p *page) note() shown.Layout {
	if p.markdown {
		return p.layout("  - ", "    ")
	}
	return p.layout("    ", "    ")
}

// fitsInLine reports whether words take one line.
func fitsInLine(l shown.Layout, words string) bool {
	return bytes.Count(l.Append(nil, words), []byte{'\n'}) == 1
}

// parts lays out an entry: its words, its texts and, in a report, its definitions.
func (p *page) parts(it *item, isFirst bool) (parts []*part) {
	s := &it.saying
	group := it.prefix
	if len(it.changes) > 0 {
		group = it.changes[0].at.file
	}
	add := func(class, count int, layOut func(most int) (string, int)) {
		parts = append(parts, &part{class: class, group: group, item: it, count: count, layOut: layOut})
	}
	head := it.prefix + s.head.words
	notes := slices.Clone(s.notes)
	var texts []markedText
	if v := s.values; v != nil {
		before, fits := v[0].upTo(p.columns)
		after, bothFit := v[1].upTo(p.columns)
		inline := before + " -> " + after
		switch fits = fits && bothFit; {
		case fits && fitsInLine(p.head(it), head+" "+inline):
			head += " " + inline
		case fits && (v[0].absent || v[1].absent || !v[0].isProse() && !v[1].isProse()) && fitsInLine(p.note(), inline):
			notes = slices.Insert(notes, 0, lineOf(inline))
		default:
			switch {
			case v[0].absent:
				head = strings.TrimSuffix(head, ":") + " added:"
			case v[1].absent:
				head = strings.TrimSuffix(head, ":") + " removed:"
			}
			before, after, same := cutAround(v[0], v[1])
			texts = []markedText{{"- ", before}, {"+ ", after}}
			if same > 0 {
				notes = append(notes, lineOf(fmt.Sprintf("%d characters before and after the difference are not shown", same)))
			}
		}
	}
	if s.text != nil && s.lead == "" {
		texts = []markedText{{"+ ", *s.text}}
	} else if s.text != nil {
		if inline, fits := s.text.upTo(p.columns); fits && fitsInLine(p.note(), s.lead+" "+inline) {
			notes = append(notes, lineOf(s.lead+" "+inline))
		} else {
			notes = append(notes, lineOf(s.lead))
			texts = []markedText{{"+ ", *s.text}}
		}
	}
	if it.seeReport && !p.markdown {
		const see = "for descriptions see the report"
		if last := len(notes) - 1; last >= 0 && len(notes[last].names) == 0 {
			notes[last].words += "; " + see
		} else {
			notes = append(notes, lineOf(see))
		}
	}
	add(ofNames, max(1, len(it.changes)), func(most int) (string, int) {
		list := func(l line) string {
			names := joinNames(l.names, most)
			most = max(0, most-utf8.RuneCountInString(names))
			return l.words + names + l.after
		}
		out := p.head(it).Append(nil, list(line{head, s.head.names, s.head.after}))
		for _, note := range notes {
			out = p.note().Append(out, list(note))
		}
		return string(out), bytes.Count(out, []byte(lost))
	})
	texts = slices.DeleteFunc(texts, func(t markedText) bool { return t.absent })
	if len(texts) > 0 {
		add(ofTexts, 1, func(most int) (string, int) { return p.texts(texts, most) })
	}
	if p.markdown && !isFirst {
		for i, same := range alike(s.definitions) {
			add(ofDefinitions, len(same), func(most int) (string, int) {
				return p.definition(same, len(same) == len(s.definitions), i == 0, most)
			})
		}
	}
	for _, part := range parts {
		part.text, part.lost = part.layOut(maxPage)
	}
	return parts
}

// markedText is a text in lines that begin with - or +.
type markedText struct {
	mark string
	value
}

// texts lays out texts, or as much of each as fits.
func (p *page) texts(texts []markedText, most int) (string, int) {
	indent, columns := "    ", p.columns
	if p.markdown {
		indent, columns = "", p.columns-2
	}
	sizes := make([]int, len(texts))
	for i, t := range texts {
		sizes[i] = 6 * len(t.text) // if all is escaped
	}
	var out []byte
	lost := 0
	for i, most := range share(sizes, most) {
		text, missing := texts[i].style.UpTo(texts[i].text, most)
		out = shown.Wrap(out, text, indent+texts[i].mark, columns)
		if missing > 0 {
			out = fmt.Appendf(out, "%s… %d characters not shown\n", indent, missing)
			lost = 1
		}
	}
	if p.markdown {
		out = shown.Fence(nil, "  ", "diff", string(out))
	}
	return string(out), lost
}

// alike returns definitions in groups that differ only in name.
func alike(definitions []definition) (all [][]definition) {
	index := map[uint64]int{}
	for _, d := range definitions {
		content := withoutName(d.node)
		i, seen := index[content]
		if !seen {
			i = len(all)
			index[content] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], d)
	}
	return all
}

// definition lays out a definition, folded, if it fits. Others are the same but for
// their names: all of the entry, or some.
func (p *page) definition(same []definition, all, isFirst bool, most int) (string, int) {
	if len(jsontree.Compact(same[0].node)) > most { // else it would take long to lay out
		return "", len(same)
	}
	name, missing := shown.NameUpTo(same[0].name, maxName)
	if missing > 0 {
		name += "…"
	}
	others := ""
	if n := len(same) - 1; n > 0 {
		others = "; " + map[bool]string{true: "the "}[all] + count(n, "other differs", "others differ") + " only in name"
		others = strings.Replace(strings.Replace(others, "the 1 other", "the other", 1), fmt.Sprintf("the %d others", n), fmt.Sprintf("the other %d", n), 1)
	}
	out := fmt.Appendf(nil, "%s  <details><summary>%s<code>%s</code>%s</summary>\n\n", map[bool]string{true: "\n"}[isFirst], same[0].of, html.EscapeString(name), others)
	var body strings.Builder
	for line := range strings.Lines(jsontree.Layout(same[0].node)) {
		content := strings.TrimLeft(line, " ")
		body.WriteString(line[:len(line)-len(content)] + shown.JSON.Show(strings.TrimSuffix(content, "\n")) + "\n")
	}
	out = shown.Fence(out, "  ", "json", body.String())
	return string(append(out, "\n  </details>\n\n"...)), 0
}
