package baseline

import (
	"slices"
	"unicode/utf8"
)

const (
	// maxPage is how many characters a summary or a report has at the most, of which
	// the lines about the whole may take some. A forge takes some more.
	maxPage, forFrame = 60_000, 6_000
	// leastPart is what a part that is cut has at least; further ones are left out.
	leastPart = 300
)

// The classes of parts, in the order in which they have room: the last is cut first.
const (
	ofNames = iota
	ofTexts
	ofDefinitions
	classes
)

// part is a part of an entry that can be cut, or left out.
type part struct {
	class int
	group string
	item  *item
	text  string
	// count is how many names, texts or definitions it has, and lost how many of them
	// are missing.
	count, lost int
	// layOut returns it in about as many characters, and how much it lacks.
	layOut func(most int) (text string, lost int)
}

func (p *part) size() int { return utf8.RuneCountInString(p.text) }

// cut makes a part fit, or leaves it out.
func (p *part) cut(most int) {
	for n := most; n > most/8 && p.size() > most; n = n * 7 / 8 {
		p.text, p.lost = p.layOut(n)
	}
	if p.size() > most {
		p.text, p.lost = "", p.count
	}
}

// fit cuts parts so that they have at most as many characters together, and returns how
// many names, texts and definitions are missing. Each server has an equal share: none
// can push what is said of another one out of sight.
func fit(parts []*part, most int) (missing [classes]int) {
	left := map[*item]bool{} // of which not even the names have room
	for class := range classes {
		byGroup := map[string][]*part{}
		var groups []string
		for _, p := range parts {
			switch {
			case p.class != class:
			case left[p.item]:
				p.text, p.lost = "", 0
			default:
				if byGroup[p.group] == nil {
					groups = append(groups, p.group)
				}
				byGroup[p.group] = append(byGroup[p.group], p)
			}
		}
		sizes := make([]int, len(groups))
		for i, group := range groups {
			sizes[i] = sizeOf(byGroup[group])
		}
		for i, share := range share(sizes, most) {
			of := byGroup[groups[i]]
			if share < sizes[i] {
				cutAll(of, share)
			}
			most -= sizeOf(of)
			for _, p := range of {
				missing[class] += p.lost
				left[p.item] = left[p.item] || class == ofNames && p.text == ""
			}
		}
	}
	return missing
}

func sizeOf(parts []*part) (n int) {
	for _, p := range parts {
		n += p.size()
	}
	return n
}

// cutAll cuts the parts of one class and server.
func cutAll(parts []*part, most int) {
	sizes := make([]int, len(parts))
	for i, p := range parts {
		sizes[i] = p.size()
	}
	for i, share := range share(sizes, most) {
		room := min(max(share, leastPart), most)
		if parts[i].class == ofDefinitions { // whole, or not at all
			room = most
		}
		parts[i].cut(room)
		most -= parts[i].size()
	}
}

// share divides what there is among those who want some: each has what it wants, or as
// much as any other.
func share(wanted []int, all int) []int {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return wanted[a] - wanted[b] })
	shares := make([]int, len(wanted))
	for n, i := range order {
		shares[i] = max(0, min(wanted[i], all/(len(order)-n)))
		all -= shares[i]
	}
	return shares
}
