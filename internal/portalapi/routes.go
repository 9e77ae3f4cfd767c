package portalapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// defaultPerPage is the size of a page when none is asked for.
const defaultPerPage = 20

// Paging says how the list endpoints page. The zero value is a well-behaved
// API: 20 items on a page, 50 if asked for, and a full result_info.
type Paging struct {
	// MaxPerPage is the most that is granted, whatever is asked; 0 means 50.
	MaxPerPage int
	// ResultInfo is the form of result_info.
	ResultInfo ResultInfo
	// RepeatFirstPage answers every page with the items of the first, and says
	// in result_info that it is the page that was asked for.
	RepeatFirstPage bool
}

// ResultInfo is a form of result_info.
type ResultInfo int

// The forms of result_info, of which the API was seen with the first two.
const (
	// ResultInfoFull has count, page, per_page and total_count.
	ResultInfoFull ResultInfo = iota
	// ResultInfoWithTotalPages has total_pages as well.
	ResultInfoWithTotalPages
	// ResultInfoTotalCountOnly has total_count alone.
	ResultInfoTotalCountOnly
	// ResultInfoNone leaves the whole object out.
	ResultInfoNone
)

// SetPaging changes how the list endpoints page from now on.
func (s *Server) SetPaging(p Paging) {
	if p.MaxPerPage == 0 {
		p.MaxPerPage = 50
	}
	s.paging.Store(&p)
}

// answer is what the API says when nothing is wrong with it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if refused := s.refuse(r.Header); refused != nil {
		refused.write(w)
		return
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		fail(http.StatusMethodNotAllowed, Error{Code: 10405, Message: "Method not allowed"}).write(w)
		return
	}
	target, ok := parseRoute(r.URL.EscapedPath())
	if !ok {
		fail(http.StatusNotFound, noRoute()).write(w)
		return
	}
	items, known, failed := s.items(target.account, target.kind)
	switch {
	case failed != nil:
		failed.write(w)
	case !known:
		unroutable(r.URL.EscapedPath()).write(w)
	case target.list:
		s.answerList(w, r, items)
	default:
		s.answerOne(w, r, items, target.id)
	}
}

// route is what a path addresses.
type route struct {
	account string
	kind    kind
	list    bool
	id      string // "" when list
}

// parseRoute reads an escaped path. Parts are told apart before they are
// unescaped, so that an escaped slash in an id stays part of it.
func parseRoute(path string) (route, bool) {
	rest, ok := strings.CutPrefix(path, basePath+"/accounts/")
	if !ok {
		return route{}, false
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" {
			return route{}, false
		}
		parts[i] = plain
	}
	if len(parts) < 5 || len(parts) > 6 || !slices.Equal(parts[1:4], []string{"access", "ai-controls", "mcp"}) {
		return route{}, false
	}
	target := route{account: parts[0], kind: kind(parts[4]), list: len(parts) == 5}
	if !target.list {
		target.id = parts[5]
	}
	return target, target.kind == portals || target.kind == servers
}

func noRoute() Error { return Error{Code: 7000, Message: "No route for that URI"} }

// unroutable is the answer for an account that isn't known: to the API its id
// is not an identifier at all.
func unroutable(path string) *failure {
	return fail(http.StatusNotFound, Error{
		Code:    7003,
		Message: fmt.Sprintf("Could not route to %s, perhaps your object identifier is invalid?", path),
	}, noRoute())
}

func (s *Server) answerOne(w http.ResponseWriter, r *http.Request, items collection, id string) {
	at := items.index(id)
	if at < 0 {
		fail(http.StatusNotFound, Error{Code: 7002, Message: "Not Found"}).write(w)
		return
	}
	s.writeSuccess(w, r, items[at].raw, nil)
}

func (s *Server) answerList(w http.ResponseWriter, r *http.Request, items collection) {
	paging := s.paging.Load()
	query := r.URL.Query()
	page, refused := positive(query, "page", 1)
	if refused != nil {
		refused.write(w)
		return
	}
	perPage, refused := positive(query, "per_page", defaultPerPage)
	if refused != nil {
		refused.write(w)
		return
	}
	perPage = min(perPage, paging.MaxPerPage)

	items = items.matching(query.Get("search"))
	shown := items.page(paging.shownPage(page), perPage)
	info := paging.resultInfo(len(shown), page, perPage, len(items))
	s.writeSuccess(w, r, shown.array(), info)
}

func (p *Paging) shownPage(asked int) int {
	if p.RepeatFirstPage {
		return 1
	}
	return asked
}

// positive reads a query parameter that has to be a number above 0.
func positive(query url.Values, name string, absent int) (int, *failure) {
	if !query.Has(name) {
		return absent, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 {
		return 0, fail(http.StatusBadRequest, Error{
			Code:    7001,
			Message: fmt.Sprintf("Invalid value for %s: it must be a whole number above 0", name),
		})
	}
	return n, nil
}

// matching returns the items whose id, name or hostname contains text, in
// whatever case. What is no JSON object matches only the empty text.
func (c collection) matching(text string) collection {
	if text == "" {
		return c
	}
	text = strings.ToLower(text)
	return slices.DeleteFunc(c, func(i item) bool {
		var object struct{ ID, Name, Hostname any }
		_ = json.Unmarshal(i.raw, &object)
		for _, field := range []any{object.ID, object.Name, object.Hostname} {
			if s, _ := field.(string); strings.Contains(strings.ToLower(s), text) {
				return false
			}
		}
		return true
	})
}

// page returns the items of a page; the pages after the last are empty.
func (c collection) page(page, perPage int) collection {
	if page > len(c) { // also keeps a page number near the largest int from overflowing
		return nil
	}
	from := min((page-1)*perPage, len(c))
	return c[from:min(from+perPage, len(c))]
}

func (c collection) array() []byte {
	parts := make([][]byte, len(c))
	for i := range c {
		parts[i] = c[i].raw
	}
	return join(parts)
}

func (p *Paging) resultInfo(count, page, perPage, total int) []byte {
	full := fmt.Appendf(nil, `{"count":%d,"page":%d,"per_page":%d,"total_count":%d`, count, page, perPage, total)
	switch p.ResultInfo {
	case ResultInfoWithTotalPages:
		return fmt.Appendf(full, `,"total_pages":%d}`, (total+perPage-1)/perPage)
	case ResultInfoTotalCountOnly:
		return fmt.Appendf(nil, `{"total_count":%d}`, total)
	case ResultInfoNone:
		return nil
	default:
		return append(full, '}')
	}
}
