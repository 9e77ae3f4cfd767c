package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxReport is how many characters a report may have: a forge takes some more.
const maxReport = 60_000

// A report is Markdown. What came from outside stands in fenced blocks and code
// spans alone, where nothing of it is a link, a mention, HTML or a heading.

// report returns lines as Markdown, in as much detail as fits. intro stands first.
func (k *clock) report(intro string, lines []line) string {
	var text string
	for _, detail := range []detail{{texts: maxReport}, {texts: 2000}, {}, {worstOnly: true}} {
		if text = k.render(intro, lines, detail); utf8.RuneCountInString(text) <= maxReport {
			return text
		}
	}
	const refusal = "**This can't be decided from: what agents can do more does not fit into it. Read the patches, or `changes`.**\n\n"
	return refusal + shortened(text, maxReport-len(refusal))
}

// detail is how much a report shows.
type detail struct {
	texts     int  // characters of a text that is shown as a difference
	worstOnly bool // of lines that do not widen, only how many there are
}

// shortened returns the beginning of a report, with its last block ended.
func shortened(text string, most int) string {
	runes := []rune(text)
	text = string(runes[:min(len(runes), most-200)])
	text = text[:strings.LastIndexByte(text, '\n')+1]
	if fence := openFence(text); fence != "" {
		text += fence + "\n"
	}
	if strings.Count(text, "<details>") > strings.Count(text, "</details>") {
		text += "\n</details>\n"
	}
	return text
}

// openFence returns the fence of the block that a text leaves open.
func openFence(text string) string {
	open := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]; {
		case open == "" && len(ticks) >= 3:
			open = ticks
		case open != "" && line == open:
			open = ""
		}
	}
	return open
}

func (k *clock) render(intro string, lines []line, d detail) string {
	var b, block strings.Builder
	left := 0
	for _, l := range lines {
		if d.worstOnly && !slices.Contains(l.effects, Widens) {
			left++
			continue
		}
		if tooLong(&block) {
			break
		}
		block.WriteString(mark(l.effects) + l.text + "\n")
	}
	if left > 0 {
		fmt.Fprintf(&block, "  and %d more that do not widen: see the patch\n", left)
	}
	b.WriteString(intro + "\n")
	if block.Len() > 0 {
		b.WriteString("\n" + fenced("text", block.String()))
	}
	if d.texts > 0 {
		for _, l := range lines {
			if tooLong(&b) {
				break
			}
			k.inFull(&b, l, d.texts)
		}
	}
	return b.String()
}

// tooLong reports whether what is written has more characters than a report may
// have, whatever they are: there is no point in writing more.
func tooLong(b *strings.Builder) bool { return b.Len() > utf8.UTFMax*maxReport }

// inFull writes what a line says too briefly, folded.
func (k *clock) inFull(b *strings.Builder, l line, most int) {
	var texts strings.Builder
	for _, ch := range l.changes {
		if len(l.changes) > 1 || ch.isLong() {
			ch.inFull(k, &texts, most)
		}
		if tooLong(&texts) {
			break
		}
	}
	if texts.Len() > 0 {
		fmt.Fprintf(b, "\n<details><summary>%s in full</summary>\n\n%s\n</details>\n", titleOf(l), fenced("diff", texts.String()))
	}
}

// titleOf says what a folded part is about, without a word from outside.
func titleOf(l line) string {
	kinds := map[string]string{"tool": "Tool", "prompt": "Prompt", "server": "Server", "access": "Access", "portal": "Portal", "schema": "Schema", "input": "Schema", "output": "Schema"}
	first, _, _ := strings.Cut(l.changes[0].rule.ID, "_")
	title := kinds[first]
	if title == "" {
		title = "Change"
	}
	if n := len(l.changes); n > 1 {
		return fmt.Sprintf("%d changes", n)
	}
	return title
}

// isLong reports whether a change has more to it than its line.
func (ch *change) isLong() bool {
	if ch.facts != nil && len(ch.facts.reach) > 1 {
		return true
	}
	if strings.HasSuffix(ch.rule.ID, "_removed") {
		return false // what it was stands in the patch
	}
	if ch.facts != nil && len(ch.facts.items) > 0 {
		return true
	}
	for _, n := range []*node{ch.before, ch.after} {
		if n != nil && (ch.field == "" || n.kind != '"' && len(compact(n)) > maxWhole || len(n.text) > maxWhole) {
			return true
		}
	}
	return false
}

// inFull writes what a change is about, line by line, as a difference.
func (ch *change) inFull(k *clock, b *strings.Builder, most int) {
	fmt.Fprintf(b, "@@ %s @@\n", strings.Join(slices.DeleteFunc([]string{ch.at.where(), ch.at.subject(), located(ch.field)}, func(s string) bool { return s == "" }), " "))
	if ch.facts != nil {
		for _, it := range ch.facts.items {
			said, _ := introduced(it.definition, it.override, it.prompt)
			fmt.Fprintf(b, "+%s, %s: %s\n", called(it.name), onOff(it.on), said)
			if tooLong(b) {
				return
			}
		}
		for _, p := range slices.Sorted(maps.Keys(ch.facts.reach)) {
			fmt.Fprintf(b, "+%s: %s\n", placeWords(p), style{}.all(ch.facts.reach[p]))
		}
	}
	k.writeFull(b, '-', ch.before, most)
	k.writeFull(b, '+', ch.after, most)
}

// writeFull writes a value, line by line, as it stands in a file.
func (k *clock) writeFull(b *strings.Builder, mark byte, n *node, most int) {
	if n == nil {
		return
	}
	text, isText := n.str()
	if !isText {
		text = strings.TrimSuffix(k.layout(n), "\n")
	}
	for part := range strings.SplitSeq(text, "\n") {
		if most <= 0 {
			b.WriteString(string(mark) + "… the rest is not shown\n")
			return
		}
		shown, _ := style{ascii: !norm.NFC.IsNormalString(part)}.cut(part, most, most*3/4, most/4, "")
		b.WriteString(string(mark) + shown + "\n")
		most -= utf8.RuneCountInString(shown) + 1
	}
}

// fenced returns a block of code that no line of it can end.
func fenced(language, content string) string {
	longest, run := 2, 0
	for _, c := range []byte(content) {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + content + fence + "\n"
}

// inForce says what a person decides who reads a report on a forge.
const inForce = " What is said here is so at the portal already. To merge is to accept that it stays; to refuse it, take it back at the portal: closing a request turns nothing off."

// countsOf says how many changes there are of each effect.
func countsOf(changes []change, undetermined int) string {
	var parts []string
	count := func(e Effect) int {
		n := 0
		for i := range changes {
			if slices.Contains(changes[i].effects, e) {
				n++
			}
		}
		return n
	}
	say := func(n int, one, many, mark string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one+mark)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s%s", n, many, mark))
		}
	}
	say(count(Widens), "change lets agents do more, or takes a safeguard away", "changes let agents do more, or take a safeguard away", " (`!`, widens)")
	say(count(Steers), "change tells a model something else", "changes tell a model something else", " (`~`, steers)")
	say(undetermined, "server can't be compared at the moment", "servers can't be compared at the moment", " (`?`, undetermined)")
	say(count(Breaks), "change takes something from agents", "changes take something from agents", " (`-`, breaks)")
	none := 0
	for i := range changes {
		if len(changes[i].effects) == 0 {
			none++
		}
	}
	say(none, "change has no effect", "changes have no effect", "")
	text := strings.Join(parts, "; ") + "."
	if len(changes) > 0 {
		text += inForce
	}
	return text
}
