package portalapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The kinds of objects. A kind's name stands in the errors of its handles, and
// is that of its folder, in fixtures/ as in WithFolder.
const (
	portals           = "portals"
	servers           = "servers"
	accessApps        = "access_apps"
	accessPolicies    = "access_policies"
	accessGroups      = "access_groups"
	identityProviders = "access_identity_providers"
)

// route is how the API serves a kind of objects.
type route struct {
	kind       string
	path       string // of the list, below the account; one object's id stands behind it
	within     string // "", or the list of the object that is served, by its name behind the id
	permission Permission
	perPage    int // where none is asked for
	maxPerPage int // the most that is granted, unless Paging says otherwise
	info       ResultInfo
}

// routes holds all that is served: another kind of objects is a line here.
var routes = []route{
	{portals, "access/ai-controls/mcp/portals", "", PortalsRead, 20, 50, ResultInfoFull},
	{servers, "access/ai-controls/mcp/servers", "", PortalsRead, 20, 50, ResultInfoFull},
	{accessApps, "access/apps", "", AccessAppsRead, 1000, 1000, ResultInfoWithTotalPages},
	{accessPolicies, "access/apps", "policies", AccessAppsRead, 1000, 1000, ResultInfoWithTotalPages},
	{accessGroups, "access/groups", "", AccessOrgsRead, 1000, 1000, ResultInfoWithTotalPages},
	{identityProviders, "access/identity_providers", "", AccessOrgsRead, 1000, 1000, ResultInfoWithTotalPages},
}

// embedding is where a kind is looked for that has no object of the id itself.
var embedding = map[string]string{accessPolicies: accessApps}

// Paging says how the list endpoints page. The zero value is a well-behaved
// API: 20 portals or servers on a page, 50 if asked for, 1000 of Access's
// objects, and a full result_info.
type Paging struct {
	// MaxPerPage is the most that is granted, whatever is asked; 0 means as the
	// API does.
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
	// ResultInfoFull has count, page, per_page and total_count; those of Access's
	// objects have total_pages as well.
	ResultInfoFull ResultInfo = iota
	// ResultInfoWithTotalPages has total_pages as well.
	ResultInfoWithTotalPages
	// ResultInfoTotalCountOnly has total_count alone.
	ResultInfoTotalCountOnly
	// ResultInfoNone leaves the whole object out.
	ResultInfoNone
)

// answer is what the API says when nothing is wrong with it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	target, ok := parsePath(r.URL.EscapedPath())
	if refused := s.refuse(r.Header, target.permission); refused != nil {
		refused.write(w)
		return
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		fail(http.StatusMethodNotAllowed, Error{Code: 10405, Message: "Method not allowed"}).write(w)
		return
	}
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
	case target.id == "":
		s.answerList(w, r, target.route, items)
	default:
		s.answerOne(w, r, target, items)
	}
}

// target is what a path addresses.
type target struct {
	route
	account string
	id      string // "" for the list
}

// parsePath reads an escaped path. Parts are told apart before they are
// unescaped, so that an escaped slash in an id stays part of it.
func parsePath(path string) (target, bool) {
	rest, ok := strings.CutPrefix(path, basePath+"/accounts/")
	if !ok {
		return target{}, false
	}
	account, rest, _ := strings.Cut(rest, "/")
	account, err := url.PathUnescape(account)
	if err != nil || account == "" {
		return target{}, false
	}
	for _, route := range routes {
		if rest == route.path {
			return target{route: route, account: account}, true
		}
		id, ok := strings.CutPrefix(rest, route.path+"/")
		if route.within != "" && ok {
			id, ok = strings.CutSuffix(id, "/"+route.within)
		}
		if plain, err := url.PathUnescape(id); ok && err == nil && plain != "" && !strings.Contains(id, "/") {
			return target{route, account, plain}, true
		}
	}
	return target{}, false
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

// answerOne answers with one object, or with the list within it.
func (s *Server) answerOne(w http.ResponseWriter, r *http.Request, target target, items collection) {
	at := items.index(target.id)
	if other := embedding[target.kind]; at < 0 && other != "" {
		var failed *failure
		if items, _, failed = s.items(target.account, other); failed != nil {
			failed.write(w)
			return
		}
		at = items.index(target.id)
	}
	switch {
	case at < 0:
		fail(http.StatusNotFound, Error{Code: 7002, Message: "Not Found"}).write(w)
	case target.within == "":
		s.writeSuccess(w, r, items[at].raw, nil)
	default:
		var object map[string]json.RawMessage
		var within []json.RawMessage
		_ = json.Unmarshal(items[at].raw, &object)
		_ = json.Unmarshal(object[target.within], &within) // what is no list is none
		list := make(collection, len(within))
		for i, raw := range within {
			list[i].raw = raw
		}
		s.answerList(w, r, target.route, list)
	}
}

func (s *Server) answerList(w http.ResponseWriter, r *http.Request, route route, items collection) {
	paging := s.paging
	if paging.MaxPerPage == 0 {
		paging.MaxPerPage = route.maxPerPage
	}
	if paging.ResultInfo == ResultInfoFull {
		paging.ResultInfo = route.info
	}
	query := r.URL.Query()
	page, refusedPage := positive(query, "page", 1)
	perPage, refusedSize := positive(query, "per_page", route.perPage)
	if refused := cmp.Or(refusedPage, refusedSize); refused != nil {
		refused.write(w)
		return
	}
	perPage = min(perPage, paging.MaxPerPage)

	items = items.matching(query.Get("search"))
	shown := items.page(page, perPage)
	if paging.RepeatFirstPage {
		shown = items.page(1, perPage)
	}
	info := paging.ResultInfo.json(len(shown), page, perPage, len(items))
	s.writeSuccess(w, r, shown.array(), info)
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

// matching returns the items whose id, name, hostname or domain contains text,
// in whatever case. What is no JSON object matches only the empty text.
func (c collection) matching(text string) collection {
	if text == "" {
		return c
	}
	text = strings.ToLower(text)
	return slices.DeleteFunc(c, func(i item) bool {
		var object struct{ ID, Name, Hostname, Domain any }
		_ = json.Unmarshal(i.raw, &object)
		for _, field := range []any{object.ID, object.Name, object.Hostname, object.Domain} {
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
	return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
}

func (form ResultInfo) json(count, page, perPage, total int) []byte {
	full := fmt.Appendf(nil, `{"count":%d,"page":%d,"per_page":%d,"total_count":%d`, count, page, perPage, total)
	switch form {
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
