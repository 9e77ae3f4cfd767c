package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// pageSizes are how many objects a page is asked to hold. A list is asked for with
// the first size and, whenever a page is beyond what is read, with the next one. The
// API may put fewer objects on a page than it is asked for.
var pageSizes = []int{50, 10, 1}

const (
	// maxPages is how many pages a list may have. An API that never sends an empty page
	// must not keep its reader for ever.
	maxPages = 10_000
	// maxListSize is how many bytes all pages of one pass together may have. What is
	// read goes to Terraform in one message, which may have 256 MiB.
	maxListSize = 256 << 20
	// maxListFields is how many fields may be made of all these pages: see
	// [wirejson.MaxFields].
	maxListFields = 4 * wirejson.MaxFields
	// maxPasses is how often a list is read from its first page to its last.
	maxPasses = 5
)

// tally counts what was read for one list: bytes and fields.
type tally struct{ size, fields int }

// add counts a page, and returns an error once there are too many bytes or fields.
func (t *tally) add(info resultInfo) error {
	t.size += info.size
	t.fields += info.fields
	switch {
	case t.size > maxListSize:
		return &BodyError{Reason: fmt.Sprintf("is larger than %d MiB, all pages together", maxListSize>>20), Size: t.size, Limit: true}
	case t.fields > maxListFields:
		return &BodyError{Reason: wirejson.ErrTooMany.Error() + ", all pages together", Size: t.size, Limit: true}
	}
	return nil
}

// list reads a list, pass by pass, until a pass is known to have brought all of it:
// see [pass]. The tally is of that pass.
func list[T any](ctx context.Context, c *Client, t target, search string, id func(*T) *string) ([]T, tally, error) {
	var (
		before  *pass
		reasons = &ListError{Passes: maxPasses}
		sizes   = t.sizes
	)
	if sizes == nil {
		sizes = pageSizes
	}
	for passes := 0; passes < maxPasses; {
		p := &pass{search: search != ""}
		items, read, err := readPass(ctx, c, t, pageQuery(sizes[0], search), p, id)
		if body, ok := errors.AsType[*BodyError](err); ok && body.tooLarge && len(sizes) > 1 {
			sizes, before = sizes[1:], nil
			continue
		}
		if err != nil {
			return nil, read, about(c.sanitizer.object(t.object), t.accountID, err)
		}
		if p.isWhole() || p.confirms(before) {
			return items, read, nil
		}
		reasons.Reason = p.doubt(before)
		before = p
		passes++
	}
	return nil, tally{}, about(t.object, t.accountID, reasons)
}

// readPass reads the pages of a list once, from the first to the last.
func readPass[T any](ctx context.Context, c *Client, t target, query func(page int) url.Values, p *pass, id func(*T) *string) ([]T, tally, error) {
	items := []T{}
	var read tally
	for page := 1; page <= maxPages; page++ {
		var more []T
		info, err := c.read(ctx, t, query(page), &more)
		if err == nil {
			err = read.add(info)
		}
		if err != nil {
			return nil, read, err
		}
		ids := make([]string, len(more))
		for i := range more {
			if ids[i] = deref(id(&more[i])); ids[i] == "" {
				return nil, read, &DecodeError{Path: fmt.Sprintf("result[%d]", i), Expected: "an object with an id", Found: "one without"}
			}
			redact(&more[i])
		}
		items = append(items, more...)
		if p.add(ids, info) {
			return items, read, nil
		}
	}
	return nil, read, fmt.Errorf("the list has not ended after %d pages", maxPages)
}

func pageQuery(perPage int, search string) func(page int) url.Values {
	query := url.Values{"per_page": {strconv.Itoa(perPage)}}
	if search != "" {
		query.Set("search", search)
	}
	return func(page int) url.Values {
		query.Set("page", strconv.Itoa(page))
		return query
	}
}

// pass is what became known while a list was read once, from its first page to its
// last. It is about ids alone.
//
// Between two requests, objects may be added, deleted and moved to another place. So
// an object that was there all the while may be on no page. Neither the API's count
// nor an object that comes twice always gives that away: of [a b | c d], the first
// page is read; then a goes and e comes, and the second page of [b c | d e] is read.
// Four of four came, and c did not.
//
// A single page shows the list as it was at one moment. It is believed if the API
// counts no more objects than stand on it, says that there is no other page, or has
// nothing on it.
//
// Several pages are believed if a second pass brings the same objects, each of them
// once, and the API counts no more. Each object was there then from its first coming
// to its second, so all of them were there when the first pass ended. Another one that
// was there as well would have been one more than the API counted. Where the API does
// not count, pages are asked for until one is empty. The other one would then have been
// one more than there was room for on the pages before the first that was shorter than
// the others; this holds as long as the API gives every page the same length.
//
// If the passes differ, the list is read again, up to maxPasses times. What the rule
// cannot see is an object that was deleted and made anew under its id between two
// passes.
type pass struct {
	search bool // whether the API then counts what matches or the whole account, nobody documents
	seen   map[string]bool
	pages  int
	twice  bool // an object came more than once, so that it, or another, moved
	total  int  // what the API counts, -1 if it does not say
	single bool // the API says that there is no other page
}

// add takes a page in, and reports whether it was the last one to ask for.
func (p *pass) add(ids []string, info resultInfo) (last bool) {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.pages++
	for _, id := range ids {
		p.twice = p.twice || p.seen[id]
		p.seen[id] = true
	}
	p.total = info.totalCount
	if p.total < len(p.seen) { // it counts something else, or nothing
		p.total = -1
	}
	if p.pages == 1 {
		p.single = p.total == len(p.seen) || p.total < 0 && info.totalPages == 1
	}
	if p.search { // on a single page that count was right, whatever it counts; on more it may not be
		p.total = -1
	}
	return len(ids) == 0 || p.single || p.total == len(p.seen) || p.twice
}

// isWhole reports whether the pass shows the list as it was at one moment.
func (p *pass) isWhole() bool { return p.pages == 1 && !p.twice && !p.isShort() }

// isShort reports whether fewer objects came than the API counts.
func (p *pass) isShort() bool { return p.total > len(p.seen) }

// confirms reports whether there was a pass before, and this one found the same.
func (p *pass) confirms(before *pass) bool { return before != nil && p.doubt(before) == "" }

// doubt returns why the pass does not confirm the one before, which may be nil.
func (p *pass) doubt(before *pass) string {
	switch {
	case p.twice:
		return fmt.Sprintf("on page %d, an object came for the second time", p.pages)
	case p.isShort():
		return fmt.Sprintf("it ended after %d of %d objects", len(p.seen), p.total)
	case before == nil || before.isShort() || before.twice || !sameKeys(p.seen, before.seen):
		return "other objects came than the time before"
	}
	return ""
}

func sameKeys(a, b map[string]bool) bool {
	for key := range a {
		if !b[key] {
			return false
		}
	}
	return len(a) == len(b)
}
