package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// maxValue is how many characters of a value a change has at the most.
const maxValue = 4000

// join makes one of the changes of a tool, or of a server, where there are too many.
// They have been judged: none of their effects is lost.
func (c *comparison) join() {
	var others, ofAccess []change // which are not many because others are
	for i := range c.changes {
		if c.changes[i].at.file == accessFile {
			ofAccess = append(ofAccess, c.changes[i])
		} else {
			others = append(others, c.changes[i])
		}
	}
	if len(others) > maxChanges {
		others = joined(others)
	}
	if len(others) > maxChanges {
		of := map[string]int{}
		for i := range others {
			of[others[i].at.file]++
		}
		for i := range others {
			if at := &others[i].at; of[at.file] > 1 {
				at.tool, at.prompt = nil, nil
			}
		}
		others = joined(others)
	}
	if len(ofAccess) > maxChanges {
		ofAccess = joined(ofAccess)
	}
	c.changes = slices.Concat(others, ofAccess)
}

// placeKey tells one place from another.
type placeKey struct{ file, tool, prompt string }

func (ch *change) key() placeKey {
	if ch.rule == accessOpen || ch.rule == accessServiceTokens { // each by itself
		return placeKey{ch.at.file, ch.path.String(), ""}
	}
	return placeKey{ch.at.file, deref(ch.at.tool), deref(ch.at.prompt)}
}

// joined returns changes with one for each place that has several.
func joined(changes []change) []change {
	index := map[placeKey]int{}
	var all []change
	for i := range changes {
		ch := &changes[i]
		at, seen := index[ch.key()]
		if !seen {
			index[ch.key()] = len(all)
			all = append(all, *ch)
			continue
		}
		first := &all[at]
		*first = change{
			rule: manyChanges, effects: first.effects | ch.effects, at: first.at, entries: first.entries,
			joined: max(first.joined, 1) + max(ch.joined, 1),
		}
		if first.at.file == accessFile {
			first.at.serverID = nil
		}
	}
	return all
}

// manyChanges is the rule of a change that stands for many.
var manyChanges = &Rule{
	ID: "many_changes", can: widens | steers | breaks, say: sayJoined,
	Sentence: "So many places of a tool, of a server or of Access differ that they are one change, with the effects of all: read the patch.",
}

// inOrder sorts changes: the portal first, then server by server, in each its own
// fields, its tools and its prompts, and Access last.
func (c *comparison) inOrder() {
	rank := func(ch *change) int {
		switch {
		case ch.at.file == accessFile:
			return 4
		case ch.at.serverID == nil:
			return 0
		}
		return 1
	}
	within := func(ch *change) int {
		switch {
		case ch.at.tool != nil:
			return 1
		case ch.at.prompt != nil:
			return 2
		}
		return 0
	}
	slices.SortStableFunc(c.changes, func(a, b change) int {
		return cmp.Or(
			cmp.Compare(rank(&a), rank(&b)),
			strings.Compare(deref(a.at.serverID), deref(b.at.serverID)),
			strings.Compare(a.at.file, b.at.file),
			cmp.Compare(within(&a), within(&b)),
			strings.Compare(deref(a.at.tool), deref(b.at.tool)),
			strings.Compare(deref(a.at.prompt), deref(b.at.prompt)),
		)
	})
}

// result puts into words what the comparison found.
func (c *comparison) result(p *cloudflare.Portal) (*Result, error) {
	c.inOrder()
	r := &Result{Drifted: len(c.changes) > 0, Changes: make([]Change, len(c.changes)), Gaps: c.gaps, Files: map[string]File{}}
	var all effects
	byFile := map[string][]change{}
	for i := range c.changes {
		ch := &c.changes[i]
		r.Changes[i] = ch.exported()
		all |= ch.effects
		byFile[ch.at.file] = append(byFile[ch.at.file], *ch)
	}
	if len(c.gaps) > 0 {
		all |= undetermined
	}
	r.Effects = all.list()
	if r.Drifted || len(c.gaps) > 0 {
		said := sayPortal(deref(p.ID), c.folder.isEmpty(), c.changes, c.gaps)
		r.Summary, r.Report = said.summary(), said.report()
	}
	for name, patch := range c.patches {
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		of := byFile[name]
		said := sayFile(name, of)
		var all effects
		for i := range of {
			all |= of[i].effects
		}
		r.Files[name] = File{Patch: patch, Title: said.title(), Report: said.report(), Effects: all.list()}
	}
	return r, nil
}

// exported returns the change for others.
func (ch *change) exported() Change {
	e := Change{
		Rule: ch.rule.ID, Effects: ch.effects.list(), ServerID: ch.at.serverID, Tool: ch.at.tool, Prompt: ch.at.prompt,
		Before: valueOf(ch.before), After: valueOf(ch.after), Text: ch.text(),
	}
	if field := ch.field(); field != "" {
		e.Field = &field
	}
	return e
}

// valueOf returns a value for others, cut at maxValue characters.
func valueOf(n *jsontree.Node) *string {
	if n == nil {
		return nil
	}
	text := n.Value()
	if count := utf8.RuneCountInString(text); count > maxValue {
		text = fmt.Sprintf("%s … (%d characters)", string([]rune(text)[:maxValue]), count)
	}
	return &text
}
