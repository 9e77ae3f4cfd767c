package baseline

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

const (
	// Whatever is longer, in characters, steers in addition: nobody reads it whole.
	maxName, maxPath, maxDifference = 200, 400, 2000
	// maxChanges is how many changes there are at the most. Beyond it, those of a tool
	// become one, then those of a server.
	maxChanges = 5000
)

// judge says by which rule a difference is a change, and which effects it has.
func judge(d *difference) change {
	if d.rule == nil {
		d.rule = d.ruleOfField()
		d.because = cmp.Or(d.because, d.field.because)
	}
	switch {
	case d.entries[0] != nil || d.entries[1] != nil:
		d.effects = judgeFeature(d)
	case d.rule.judge != nil:
		d.effects = d.rule.judge(d)
	default:
		d.effects = d.rule.can
	}
	if d.effects == none && d.because == "" {
		d.effects = d.rule.can // without an effect, there has to be a reason
	}
	if d.isTooLong() {
		d.effects |= tooLong.can
	}
	if d.effects != none {
		d.because = ""
	}
	return d.change
}

// ruleOfField returns the rule by which the table judges the field.
func (d *difference) ruleOfField() *Rule {
	e := cmp.Or(d.entries[1], d.entries[0])
	switch {
	case d.field.rule != nil:
		return d.field.rule
	case d.object == "annotations" || d.field.object == "annotations":
		return toolAnnotations
	case e != nil && d.object == e.kind.object:
		return e.kind.other
	}
	return unknownField
}

// judgeFeature judges a difference of a tool or prompt. Whatever clients are given of
// one that is on steers.
func judgeFeature(d *difference) effects {
	e := cmp.Or(d.entries[1], d.entries[0])
	was, is := d.wasOn(), d.isOn()
	switch d.rule {
	case e.kind.added, e.kind.removed, e.kind.enabled:
		d.because = "it is off"
		return widens.when(is && !was) | breaks.when(was && !is)
	case e.kind.renamed:
		d.because = "it was off and is off"
		return (steers | breaks).when(was && is) | widens.when(is && !was) | breaks.when(was && !is)
	case overridesContradict:
		return widens
	case noEffect:
		return none
	}
	if !is {
		d.because = "it is off"
		return none
	}
	switch d.rule {
	case e.kind.exposedAs:
		return steers | breaks.when(was)
	case unknownField, severalOverrides:
		return d.rule.judge(d)
	}
	if d.rule.judge != nil {
		return steers | d.rule.judge(d)
	}
	return steers
}

// isTooLong reports whether a change is too long for a person to read it where it is
// reported. What is off, or gone, is read by no model.
func (d *difference) isTooLong() bool {
	e := d.entries[1]
	isGone := e == nil && d.entries[0] != nil
	if isGone || e != nil && !e.enabled || d.rule == serverRemoved {
		return false
	}
	for _, name := range []*string{d.at.serverID, d.at.tool, d.at.prompt} {
		if name != nil && utf8.RuneCountInString(*name) > maxName {
			return true
		}
	}
	if utf8.RuneCountInString(d.path.String()) > maxPath {
		return true
	}
	before, after := d.before, d.after
	if e != nil && d.path == nil { // a tool or prompt that appeared: its description is shown
		before, after = nil, e.description
	}
	return lengthOfDifference(before, after) > maxDifference
}

// lengthOfDifference returns how many characters of two values differ, between what
// both begin and end with.
func lengthOfDifference(before, after *jsontree.Node) int {
	text := func(n *jsontree.Node) string {
		if n == nil {
			return ""
		}
		return n.Value()
	}
	b, a := text(before), text(after)
	for len(b) > 0 && len(a) > 0 && b[0] == a[0] {
		b, a = b[1:], a[1:]
	}
	for len(b) > 0 && len(a) > 0 && b[len(b)-1] == a[len(a)-1] {
		b, a = b[:len(b)-1], a[:len(a)-1]
	}
	return max(utf8.RuneCountInString(b), utf8.RuneCountInString(a))
}

// judgeUnmatched judges the override of what a server does not have.
func judgeUnmatched(d *difference) effects {
	d.because = "the server has nothing of that name; when it does, that is reported"
	return widens.when(enables(d.after) && !enables(d.before)) | judgeOverrides(d)
}

// judgeOverrides judges several overrides as a whole: whatever is known of them is
// listed by what it does.
func judgeOverrides(d *difference) effects {
	d.because = cmp.Or(d.because, "what it does to the tool or prompt is listed by itself")
	unknown := func(n *jsontree.Node) (all []string) {
		for _, o := range overridesIn(n) {
			for _, m := range o.Members() {
				if _, known := portalFields["override"][m.Name()]; !known {
					all = append(all, m.Key+jsontree.Compact(&m))
				}
			}
		}
		slices.Sort(all)
		return all
	}
	return widens.when(!slices.Equal(unknown(d.before), unknown(d.after)))
}

// addedAndRemoved returns what a list has that the other has not, and the reverse. A
// text is a list of its words.
func addedAndRemoved(before, after *jsontree.Node) (added, removed []string) {
	elements := func(n *jsontree.Node) (all []string) {
		if text, ok := n.Str(); ok {
			return strings.Fields(text)
		}
		for i := range n.Elements() {
			all = append(all, n.Items[i].Value())
		}
		return all
	}
	b, a := elements(before), elements(after)
	minus := func(list, other []string) (left []string) {
		has := make(map[string]bool, len(other))
		for _, text := range other {
			has[text] = true
		}
		for _, text := range list {
			if !has[text] {
				left = append(left, text)
			}
		}
		return left
	}
	return minus(a, b), minus(b, a)
}
