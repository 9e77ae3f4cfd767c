package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// pageSizes are how many objects a page is asked to hold, which the API may
// grant fewer of: the next one where a page of large portals is beyond
// [MaxBodySize].
var pageSizes = []int{50, 10, 1}

const (
	// maxPages ends a list that never does.
	maxPages = 10_000
	// maxListSize is how many bytes all pages together may have: what is read
	// has to go to Terraform in one message, which may have 256 MiB.
	maxListSize = 256 << 20
	// maxRestarts is how often a list is read again from its first page because
	// the account changed meanwhile.
	maxRestarts = 3
)

// errListChanged is the error of a list that changed while it was read, so that
// an object may have slipped from a page not yet read to one that was.
var errListChanged = errors.New("the list changed each time while it was being read")

// list reads all pages of a list.
func list[T any](ctx context.Context, c *Client, t target, search string, id func(*T) *string) ([]T, error) {
	var items []T
	var err error
	for _, perPage := range pageSizes {
		items, err = listPages(ctx, c, t, perPage, search, id)
		var body *BodyError
		if !errors.As(err, &body) || !body.tooLarge {
			break
		}
	}
	if err != nil {
		return nil, about(t.object, t.accountID, err)
	}
	return items, nil
}

// listPages reads all pages of one size, from the first one again if the list
// changed meanwhile.
func listPages[T any](ctx context.Context, c *Client, t target, perPage int, search string, id func(*T) *string) ([]T, error) {
	for restarts := range maxRestarts + 1 {
		l := &listing[T]{id: id, seen: map[string]bool{}, perPage: perPage, search: search, total: -1, mayGrow: restarts == maxRestarts}
		err := l.read(ctx, c, t)
		if !errors.Is(err, errListChanged) {
			return l.items, err
		}
	}
	return nil, errListChanged
}

// listing is a list while its pages come in.
type listing[T any] struct {
	id       func(*T) *string
	perPage  int
	search   string
	items    []T
	seen     map[string]bool
	pages    [][]string // the ids of each page
	size     int        // bytes of all bodies
	received int        // objects, those that came twice as well
	longest  int        // objects on the longest page
	total    int        // total_count, -1 if unknown
	mayGrow  bool
}

func (l *listing[T]) read(ctx context.Context, c *Client, t target) error {
	for page := 1; page <= maxPages; page++ {
		var items []T
		info, err := c.read(ctx, t, pageQuery(page, l.perPage, l.search), &items)
		if err != nil {
			return err
		}
		if l.size += info.size; l.size > maxListSize {
			return &BodyError{Reason: fmt.Sprintf("is larger than %d MiB, all pages together", maxListSize>>20), Size: l.size, Limit: true}
		}
		if err := l.add(items, info); err != nil {
			return err
		}
		if l.ended(len(items), page, info) {
			return l.check()
		}
	}
	return fmt.Errorf("the list has not ended after %d pages", maxPages)
}

// add takes a page in: each object once, since one that moves to the next page
// while the list is read comes twice.
func (l *listing[T]) add(items []T, info resultInfo) error {
	if l.changed(info) {
		return errListChanged
	}
	l.total = max(l.total, info.totalCount)
	ids := make([]string, len(items))
	for i := range items {
		if id := l.id(&items[i]); id != nil {
			ids[i] = *id
		}
	}
	if len(ids) > 0 && slices.ContainsFunc(l.pages, func(page []string) bool { return slices.Equal(page, ids) }) {
		return fmt.Errorf("page %d of the list repeats an earlier page, so the list can't be read to its end", len(l.pages)+1)
	}
	l.pages = append(l.pages, ids)
	l.received += len(items)
	l.longest = max(l.longest, len(items))
	for i, id := range ids {
		if id != "" && l.seen[id] {
			continue
		}
		l.seen[id] = true
		l.items = append(l.items, items[i])
	}
	return nil
}

// changed reports whether the list changed so that it has to be read again. One
// that grows whenever it is read is taken as it is in the end: a new object moves
// the others towards its end, where they come twice but don't get lost.
func (l *listing[T]) changed(info resultInfo) bool {
	if l.total < 0 || info.totalCount < 0 {
		return false
	}
	return info.totalCount < l.total || info.totalCount > l.total && !l.mayGrow
}

// ended reports whether there is no page after this one. The API grants fewer
// objects per page than asked for without saying so, and leaves out any part of
// result_info: what is known counts, and where nothing is known, an empty page.
func (l *listing[T]) ended(length, page int, info resultInfo) bool {
	switch {
	case length == 0:
		return true
	case info.totalPages >= 0 || info.totalCount >= len(l.items):
		// A count that is less than what came tells nothing.
		return page >= info.totalPages && len(l.items) >= info.totalCount
	}
	// Not length < per_page, which may be what was asked for.
	return length < l.longest
}

// check compares what came with what was announced. What total_count means
// together with a search is not documented, so then it is not compared.
func (l *listing[T]) check() error {
	if l.search == "" && l.received < l.total {
		return fmt.Errorf("the list ended after %d of %d objects", l.received, l.total)
	}
	if l.items == nil {
		l.items = []T{}
	}
	return nil
}
