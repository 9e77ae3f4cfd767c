package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"golang.org/x/text/unicode/norm"
)

// contextLines is how many lines that stay stand around those that change.
const contextLines = 3

// patch returns the unified diff, in the traditional form, that makes a file of the
// folder what it should be; either text is empty where there is no such file. The
// two are compared part by part, as cut at the same keys, so that a new tool is all
// new and one that went is all gone.
func (k *clock) patch(path, before, after string, partsBefore, partsAfter []part) string {
	if strings.Count(before, "\n") > 0 && strings.Count(before, "\n") == strings.Count(before, "\r\n") {
		after = strings.ReplaceAll(after, "\n", "\r\n")
	}
	old, now := splitLines(before), splitLines(after)
	k.look()
	var edits []edit
	if sameOrder := inSameOrder(partsBefore, partsAfter); sameOrder {
		edits = k.editsByPart(old, now, partsBefore, partsAfter)
	} else {
		edits = k.editsOf(old, now, 0, 0)
	}
	k.look()
	var out strings.Builder
	from, to := label("a", path), label("b", path)
	if before == "" {
		from = "/dev/null"
	}
	if after == "" {
		to = "/dev/null"
	}
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", from, to)
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].from-edits[n-1].to <= 2*contextLines {
			n++
		}
		k.writeHunk(&out, old, edits[:n])
		edits = edits[n:]
	}
	return out.String()
}

// label returns a file's name as git reads it in a patch.
func label(side, path string) string {
	path = side + "/" + path
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		var quoted strings.Builder
		for i := range len(path) {
			switch c := path[i]; {
			case c == '"' || c == '\\':
				quoted.WriteByte('\\')
				quoted.WriteByte(c)
			case c < ' ' || c == 0x7f:
				fmt.Fprintf(&quoted, `\%03o`, c)
			default:
				quoted.WriteByte(c)
			}
		}
		return `"` + quoted.String() + `"`
	}
	if strings.Contains(path, " ") {
		path += "\t" // it ends the name
	}
	return path
}

// edit replaces lines of the old file by others.
type edit struct {
	from, to int // lines of the old file
	at       int // the line of the new file at which lines stand
	lines    []string
}

// splitLines returns the lines of a text with their ends.
func splitLines(text string) []string {
	return slices.Collect(strings.Lines(text))
}

// editsOf returns the edits between some lines of the old and the new file, which
// begin at given lines.
func (k *clock) editsOf(old, now []string, oldAt, newAt int) []edit {
	if len(old) == 0 && len(now) == 0 {
		return nil
	}
	if len(old) == 0 || len(now) == 0 {
		return []edit{{oldAt, oldAt + len(old), newAt, now}}
	}
	same := 0
	for same < min(len(old), len(now)) && old[same] == now[same] {
		same++
	}
	if same == len(old) && same == len(now) {
		return nil
	}
	before := strings.Join(old, "")
	var edits []edit
	line, offset, shift := 0, 0, 0
	advance := func(to int) int { // the line that begins at an offset
		for offset < to {
			offset += len(old[line])
			line++
		}
		return line
	}
	k.look()
	for _, e := range udiff.Lines(before, strings.Join(now, "")) {
		k.tick()
		from := advance(e.Start)
		to := advance(e.End)
		lines := splitLines(e.New)
		edits = append(edits, edit{oldAt + from, oldAt + to, newAt + from + shift, lines})
		shift += len(lines) - (to - from)
	}
	return edits
}

// part is a piece of a file: the lines from one to another, and what they hold.
type part struct {
	key      string
	from, to int
}

// partsOf cuts a file where a tool, a prompt or another member begins: key by key, as
// far as each begins a line. positions are those of the file's text.
func partsOf(text string, root *node) []part {
	if root == nil || root.kind != '{' {
		return nil
	}
	type start struct {
		pos int
		key string
	}
	var starts []start
	for i := range root.items {
		m := &root.items[i]
		starts = append(starts, start{int(m.pos), m.key})
		if m.kind == '{' && (m.key == `"tools"` || m.key == `"prompts"`) {
			for j := range m.items {
				starts = append(starts, start{int(m.items[j].pos), m.key + m.items[j].key})
			}
		}
	}
	slices.SortFunc(starts, func(a, b start) int { return a.pos - b.pos })
	parts := []part{{key: "", from: 0}}
	pos, line := 0, 0
	for _, s := range starts {
		line += strings.Count(text[pos:s.pos], "\n")
		pos = s.pos
		if begin := strings.LastIndexByte(text[:pos], '\n') + 1; strings.TrimLeft(text[begin:pos], " \t") != "" || parts[len(parts)-1].from == line && line > 0 {
			return nil // not in lines of its own
		}
		parts[len(parts)-1].to = line
		parts = append(parts, part{key: s.key, from: line})
	}
	parts[len(parts)-1].to = line + len(splitLines(text[strings.LastIndexByte(text[:pos], '\n')+1:]))
	return parts
}

// inSameOrder reports whether the parts that two files share come in one order.
func inSameOrder(before, after []part) bool {
	if len(before) == 0 || len(after) == 0 {
		return false
	}
	index := make(map[string]int, len(after))
	for i, p := range after {
		index[p.key] = i
	}
	last := -1
	for _, p := range before {
		if i, both := index[p.key]; both {
			if i <= last {
				return false
			}
			last = i
		}
	}
	return true
}

// editsByPart compares the parts that both files have, each by itself.
func (k *clock) editsByPart(old, now []string, before, after []part) []edit {
	index := make(map[string]int, len(after))
	for i, p := range after {
		index[p.key] = i
	}
	var edits []edit
	next := 0
	for _, b := range before {
		i, both := index[b.key]
		if !both {
			edits = append(edits, edit{from: b.from, to: b.to, at: startOf(after, next, len(now))})
			continue
		}
		for ; next < i; next++ {
			a := after[next]
			edits = append(edits, edit{b.from, b.from, a.from, now[a.from:a.to]})
		}
		a := after[next]
		next++
		edits = append(edits, k.editsOf(old[b.from:b.to], now[a.from:a.to], b.from, a.from)...)
	}
	for ; next < len(after); next++ {
		a := after[next]
		edits = append(edits, edit{len(old), len(old), a.from, now[a.from:a.to]})
	}
	return edits
}

func startOf(parts []part, i, end int) int {
	if i < len(parts) {
		return parts[i].from
	}
	return end
}

// writeHunk writes edits that stand near each other, with the lines around them.
func (k *clock) writeHunk(out *strings.Builder, old []string, edits []edit) {
	first, last := edits[0], edits[len(edits)-1]
	from, to := max(0, first.from-contextLines), min(len(old), last.to+contextLines)
	added, removed := 0, 0
	for _, e := range edits {
		added += len(e.lines)
		removed += e.to - e.from
	}
	start := first.at - (first.from - from)
	count := to - from - removed + added
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(from, to-from), span(start, count))
	at := from
	for _, e := range edits {
		k.writeLines(out, ' ', old[at:e.from])
		k.writeLines(out, '-', old[e.from:e.to])
		k.writeLines(out, '+', e.lines)
		at = e.to
	}
	k.writeLines(out, ' ', old[at:to])
}

// span writes where lines stand, counted from 1; none stand after a line.
func span(from, count int) string {
	if count > 0 {
		from++
	}
	return fmt.Sprintf("%d,%d", from, count)
}

func (k *clock) writeLines(out *strings.Builder, mark byte, lines []string) {
	for _, line := range lines {
		k.tick()
		out.WriteByte(mark)
		out.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// survives returns the number of the first line of a file, counted from 1, that
// Terraform would change in a patch; 0 if there is none.
func survives(text string) int {
	if norm.NFC.IsNormalString(text) {
		return 0
	}
	n := 0
	for line := range strings.Lines(text) {
		if n++; !norm.NFC.IsNormalString(line) {
			return n
		}
	}
	return 0
}
