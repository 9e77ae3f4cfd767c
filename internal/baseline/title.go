package baseline

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// maxTitle is how many characters a title has at the most.
const maxTitle = 72

var (
	notPlain = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)
	// A forge makes links of these.
	becomesLink = regexp.MustCompile(`(?i)\b(gh-\d|www\.)`)
)

// plainName returns a name for a title: plain characters of it, and not too many.
func plainName(name string) string {
	name = notPlain.ReplaceAllString(name[:min(len(name), 100)], "_")
	name = becomesLink.ReplaceAllStringFunc(name, func(s string) string { return strings.NewReplacer("-", "_", ".", "_").Replace(s) })
	if len(name) > 32 {
		name = name[:30] + ".."
	}
	if name == "" {
		return "_"
	}
	return name
}

// titleSubject names the tool or prompt as the words about it in a title begin.
func (ch *change) titleSubject() string {
	switch {
	case ch.at.tool != nil:
		return plainName(*ch.at.tool) + ": "
	case ch.at.prompt != nil:
		return plainName(*ch.at.prompt) + ": "
	}
	return ""
}

// title says what changed in a file, the worst first: as much as fits.
func (s *said) title() string {
	title := "portal:"
	if len(s.changes) > 0 {
		switch at := s.changes[0].at; {
		case at.file == accessFile:
			title = "access:"
		case at.serverID != nil:
			if title = plainName(*at.serverID) + ":"; title == "portal:" || title == "access:" {
				title = "server " + title
			}
		}
	}
	type phrase struct {
		n         int
		one, many string
		isMany    bool
	}
	var phrases []*phrase
	alike := map[string]*phrase{} // changes of one kind are one phrase
	for _, it := range s.items {
		kind := cmp.Or(it.saying.many, it.saying.one)
		p := alike[kind]
		if p == nil {
			p = &phrase{one: it.saying.one, many: it.saying.many}
			alike[kind] = p
			phrases = append(phrases, p)
		}
		p.n += len(it.changes)
		p.isMany = p.isMany || len(it.changes) > 1 || it.saying.one != p.one
	}
	more := 0
	for i, p := range phrases {
		text := " " + p.one
		if p.isMany && p.many != "" {
			text = fmt.Sprintf(" %d %s", p.n, p.many)
		}
		room := maxTitle - len(title)
		if i < len(phrases)-1 {
			room -= len(", and 1234 more")
		}
		if more > 0 || len(text) >= room {
			more += p.n
			continue
		}
		if i > 0 {
			title += ","
		}
		title += text
	}
	switch {
	case more > 0 && strings.HasSuffix(title, ":"):
		title += " " + count(more, "change", "changes")
	case more > 0:
		title += fmt.Sprintf(", and %d more", more)
	}
	return title
}
