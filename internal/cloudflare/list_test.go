package cloudflare_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const account = portalapi.EmptyAccountID

// withPortals returns a stand-in whose account has n portals, and their ids in
// the API's order, which is not that of the alphabet.
func withPortals(t *testing.T, n int, options ...portalapi.Option) (*portalapi.Server, []string) {
	t.Helper()
	api := startAPI(t, options...)
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("p%02d", (i*23)%100)
		api.Account(account).Portal(ids[i]).Put(portalapi.MinimalPortal(ids[i], ids[i]+".example.com", "Portal "+ids[i]))
		api.Account(account).Server(ids[i]).Put(portalapi.MinimalServer(ids[i], "https://"+ids[i]+".example.com/mcp", "Server "+ids[i]))
	}
	return api, ids
}

func portalIDs(portals []cloudflare.Portal) []string {
	ids := []string{}
	for _, p := range portals {
		if p.ID == nil {
			ids = append(ids, "(none)")
			continue
		}
		ids = append(ids, *p.ID)
	}
	return ids
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, granted := range []int{1, 7, 19, 20, 50} {
		for style, info := range map[string]portalapi.ResultInfo{
			"full": portalapi.ResultInfoFull, "total_pages": portalapi.ResultInfoWithTotalPages,
			"total_count": portalapi.ResultInfoTotalCountOnly, "none": portalapi.ResultInfoNone,
		} {
			for _, n := range []int{0, 1, 7, 20, 50, 51, 57} {
				t.Run(fmt.Sprintf("%d in pages of %d, %s", n, granted, style), func(t *testing.T) {
					t.Parallel()
					api, ids := withPortals(t, n, portalapi.WithPaging(portalapi.Paging{MaxPerPage: granted, ResultInfo: info}))
					client := newClient(t, api)
					portals, err := client.Portals(t.Context(), account, "")
					if err != nil {
						t.Fatal(err)
					}
					if portals == nil {
						t.Error("the list is nil")
					}
					if diff := cmp.Diff(ids, portalIDs(portals)); diff != "" && n > 0 {
						t.Errorf("(-want +got):\n%s", diff)
					}
					// One page is believed; more are read twice, and without a count
					// to an empty one.
					want := 2 * ((n + granted - 1) / granted)
					if info == portalapi.ResultInfoNone && n > 0 {
						want += 2
					} else if n <= granted {
						want = 1
					}
					if got := len(api.Requests()); got != want {
						t.Errorf("%d requests, want %d", got, want)
					}
					servers, err := client.Servers(t.Context(), account, "")
					if err != nil || len(servers) != n || servers == nil {
						t.Errorf("%d servers, %v", len(servers), err)
					}
				})
			}
		}
	}
}

// pages answers lists with these bodies, one per page, and with the last of
// them for all pages after it. It sets the number of requests.
func pages(requests *atomic.Int64, bodies ...string) portalapi.Fault {
	return portalapi.Custom("pages", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		_, _ = fmt.Fprint(w, bodies[min(page, len(bodies))-1])
	})
}

// page returns a page with portals of these ids, and that result_info.
func page(info string, ids ...string) string {
	objects := make([]string, len(ids))
	for i, id := range ids {
		objects[i] = fmt.Sprintf(`{"id":%q,"servers":[]}`, id)
	}
	return fmt.Sprintf(`{"success":true,"result":[%s],"result_info":%s}`, strings.Join(objects, ","), info)
}

func TestOddPages(t *testing.T) {
	t.Parallel()
	empty := page("null")
	for name, tt := range map[string]struct {
		pages []string
		want  []string
		err   string
	}{
		"one, and no result_info": {[]string{page("null", "a"), empty}, []string{"a"}, ""},
		"result_info without use": {[]string{page(`{"count":"x","total_count":null}`, "a", "b"), page(`{}`, "c"), empty}, []string{"a", "b", "c"}, ""},
		"per_page is what was asked for, not what was granted": {
			[]string{page(`{"page":1,"per_page":50}`, "a", "b"), page(`{"page":2,"per_page":50}`, "c", "d"), page(`{"page":3,"per_page":50}`, "e"), empty},
			[]string{"a", "b", "c", "d", "e"}, "",
		},
		"one, and total_pages":        {[]string{page(`{"total_pages":1}`, "a"), "nonsense"}, []string{"a"}, ""},
		"total_pages alone":           {[]string{page(`{"total_pages":2}`, "a"), page(`{"total_pages":2}`, "b"), empty}, []string{"a", "b"}, ""},
		"total_pages is one too few":  {[]string{page(`{"total_pages":2}`, "a"), page(`{"total_pages":2}`, "b"), page(`{"total_pages":2}`, "c"), empty}, []string{"a", "b", "c"}, ""},
		"total_pages is one too many": {[]string{page(`{"total_pages":3}`, "a"), page(`{"total_pages":3}`, "b"), empty}, []string{"a", "b"}, ""},
		"total_pages that says nothing, total_count that does": {
			[]string{page(`{"total_pages":0,"total_count":2}`, "a"), page(`{"total_pages":0,"total_count":2}`, "b")}, []string{"a", "b"}, "",
		},
		"pages get shorter on the way":    {[]string{page(`{"total_count":4}`, "a", "b"), page(`{"total_count":4}`, "c"), page(`{"total_count":4}`, "d")}, []string{"a", "b", "c", "d"}, ""},
		"shorter, and nothing known":      {[]string{page("null", "a", "b"), page("null", "c"), page("null", "d"), empty}, []string{"a", "b", "c", "d"}, ""},
		"pages get longer on the way":     {[]string{page("null", "a"), page("null", "b", "c"), page("null", "d"), empty}, []string{"a", "b", "c", "d"}, ""},
		"ends before total_count":         {[]string{page(`{"total_count":3}`, "a", "b"), page(`{"total_count":3}`)}, nil, "could not be read whole: it ended after 2 of 3 objects"},
		"empty, but total_count":          {[]string{page(`{"total_count":3}`)}, nil, "could not be read whole: it ended after 0 of 3 objects"},
		"more than total_count":           {[]string{page(`{"total_count":1}`, "a", "b"), empty}, []string{"a", "b"}, ""},
		"total_count that nobody fills":   {[]string{page(`{"count":1,"total_count":0}`, "a"), page(`{"count":1,"total_count":0}`, "b"), empty}, []string{"a", "b"}, ""},
		"the same page again":             {[]string{page(`{"total_count":9}`, "a", "b")}, nil, "the list was read 5 times, and could not be read whole: on page 2, an object came for the second time"},
		"the same page, nothing known":    {[]string{page("null", "a", "b")}, nil, "on page 2, an object came for the second time"},
		"the first page after the second": {[]string{page(`{"total_count":9}`, "a"), page(`{"total_count":9}`, "b"), page(`{"total_count":9}`, "a")}, nil, "on page 3, an object came for the second time"},
		"an object twice":                 {[]string{page(`{"total_count":4}`, "a", "b"), page(`{"total_count":4}`, "b", "c"), empty}, nil, "on page 2, an object came for the second time"},
		"an object twice on one page":     {[]string{page(`{"total_count":2}`, "a", "a"), empty}, nil, "on page 1, an object came for the second time"},
		"nothing":                         {[]string{`{"success":true,"result":[{},{}],"result_info":{"total_count":2}}`}, nil, "result[0]: expected an object with an id, found one without"},
		"null for an id":                  {[]string{`{"success":true,"result":[{"id":"a"},{"id":null,"name":"b"}],"result_info":{"total_count":2}}`}, nil, "result[1]: expected an object with an id, found one without"},
		"no text for an id":               {[]string{`{"success":true,"result":[{"id":""}],"result_info":{"total_count":1}}`}, nil, "result[0]: expected an object with an id, found one without"},
		"not a list":                      {[]string{`{"success":true,"result":{}}`}, nil, "result: expected a list, found an object"},
		"null":                            {[]string{`{"success":true,"result":null}`}, nil, `says "success" but has no "result"`},
		"an element":                      {[]string{page("null", "a"), `{"success":true,"result":[{},{"id":1}]}`}, nil, "result[1].id: expected a string, found a number"},
		"an error on the second page": {
			[]string{page(`{"total_count":2}`, "a"), `{"success":false,"errors":[{"code":7001,"message":"no"}]}`}, nil, "7001: no",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			var requests atomic.Int64
			api.FailAlways(pages(&requests, tt.pages...))
			portals, err := newClient(t, api).Portals(t.Context(), account, "")
			if tt.err != "" {
				e := clientError(t, err)
				if !strings.Contains(e.Error(), tt.err) || portals != nil {
					t.Errorf("got %d portals and %v, want %s", len(portals), e, tt.err)
				}
				if e.Object.Kind != "MCP portals" || e.AccountID != account {
					t.Errorf("the error is about %v of %q", e.Object, e.AccountID)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, portalIDs(portals)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A list that changes while it is read is read again, and right in the end, or
// an error.
func TestListRestarts(t *testing.T) {
	t.Parallel()
	for _, changes := range []int64{1, 3, 4} {
		t.Run(fmt.Sprint(changes), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			var passes atomic.Int64
			api.FailAlways(portalapi.Custom("moves", func(w http.ResponseWriter, r *http.Request) {
				first := r.URL.Query().Get("page") == "1"
				if first {
					passes.Add(1)
				}
				switch moves := passes.Load() <= changes; {
				case first && moves:
					_, _ = fmt.Fprint(w, page(`{"total_count":4}`, "a", "b"))
				case moves:
					_, _ = fmt.Fprint(w, page(`{"total_count":4}`, "b", "d"))
				case first:
					_, _ = fmt.Fprint(w, page(`{"total_count":3}`, "b", "c"))
				default:
					_, _ = fmt.Fprint(w, page(`{"total_count":3}`, "d"))
				}
			}))
			portals, err := newClient(t, api).Portals(t.Context(), account, "")
			if changes == 4 {
				want := &cloudflare.ListError{Passes: 5, Reason: "other objects came than the time before"}
				if diff := cmp.Diff(want, cause[*cloudflare.ListError](t, err)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"b", "c", "d"}, portalIDs(portals)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A portal whose entry in the list says nothing of servers is read by its id.
func TestListWithoutServers(t *testing.T) {
	t.Parallel()
	api, ids := withPortals(t, 3)
	api.Fail(portalapi.Result(`[{"id":"` + ids[0] + `","servers":[]},{"id":"` + ids[1] + `"},{"id":"` + ids[2] + `","servers":null}]`).On("/portals"))
	api.Fail(portalapi.Result(`[]`))
	api.Fail(portalapi.Result(`[{"id":"` + ids[0] + `","servers":[]},{"id":"` + ids[1] + `"},{"id":"` + ids[2] + `","servers":null}]`).On("/portals"))
	api.Fail(portalapi.Result(`[]`), portalapi.Result(`{"name":"read","servers":[{"id":"s"}]}`))
	portals, err := newClient(t, api).Portals(t.Context(), account, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids, portalIDs(portals)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := portals[1]; p.Name == nil || *p.Name != "read" || len(p.Servers) != 1 || p.ServersAbsent || portals[2].Servers != nil {
		t.Errorf("got %+v", portals)
	}
	if requests := api.Requests(); len(requests) != 5 || requests[4].Path != strings.Replace(ai, portalapi.AccountID, account, 1)+"/portals/"+ids[1] {
		t.Errorf("got %v", requests)
	}

	for result, want := range map[string]string{
		`[{"id":"a/b"}]`: `the id holds the character '/'`,
		`[{"id":"` + strings.Repeat("a", 3<<20) + `"}]`: "the id has 3145728 characters",
		`[{"id":"` + portalapi.Token + `"}]`:            "[redacted]",
		`[{"id":"` + ids[0] + `"}]`:                     "servers: expected a list, found nothing",
	} {
		api.ResetRequests()
		api.Fail(portalapi.Body([]byte(`{"success":true,"result":` + result + `,"result_info":{"total_count":1}}`)))
		api.Fail(portalapi.Result(`{"id":"` + ids[0] + `"}`).On("/portals/"))
		_, err := newClient(t, api).Portals(t.Context(), account, "")
		if e := clientError(t, err); !strings.Contains(e.Error(), want) || len(e.Error()) > 4<<10 {
			t.Errorf("got %.1000v, want %s", e, want)
		}
		wantNoSecret(t, "the error", fmt.Sprintf("%v %+v", err, clientError(t, err).Object))
		api.ClearFaults()
	}
}

func TestRepeatedPage(t *testing.T) {
	t.Parallel()
	for _, info := range []portalapi.ResultInfo{portalapi.ResultInfoFull, portalapi.ResultInfoTotalCountOnly, portalapi.ResultInfoNone} {
		api, _ := withPortals(t, 57, portalapi.WithPaging(portalapi.Paging{ResultInfo: info, RepeatFirstPage: true}))
		portals, err := newClient(t, api).Portals(t.Context(), account, "")
		if e := clientError(t, err); portals != nil || !strings.Contains(e.Error(), "on page 2, an object came for the second time") {
			t.Errorf("got %d portals, %v", len(portals), err)
		}
		if n := len(api.Requests()); n != 10 {
			t.Errorf("%d requests", n)
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	api, _ := withPortals(t, 57, portalapi.WithPaging(portalapi.Paging{MaxPerPage: 2}))
	portals, err := newClient(t, api).Portals(t.Context(), account, "P0")
	if err != nil {
		t.Fatal(err)
	}
	got := portalIDs(portals)
	if len(got) < 3 || slices.ContainsFunc(got, func(id string) bool { return !strings.HasPrefix(id, "p0") }) {
		t.Errorf("got %v", got)
	}
	for i, r := range api.Requests() {
		query, err := url.ParseQuery(r.RawQuery)
		want := url.Values{"page": {strconv.Itoa(i%(len(api.Requests())/2) + 1)}, "per_page": {"50"}, "search": {"P0"}}
		if diff := cmp.Diff(want, query); diff != "" || err != nil {
			t.Errorf("request %d (-want +got):\n%s", i+1, diff)
		}
	}
	portals, err = newClient(t, api).Portals(t.Context(), account, "nothing like it")
	if err != nil || portals == nil || len(portals) != 0 {
		t.Errorf("got %v, %v, want an empty list", portals, err)
	}
}

// What total_count counts where there is a search is not documented.
func TestSearchWithTotalOfAll(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	var n atomic.Int64
	api.FailAlways(pages(&n, page(`{"total_count":57}`, "a"), page(`{"total_count":57}`)))
	portals, err := newClient(t, api).Portals(t.Context(), account, "a")
	if err != nil || len(portals) != 1 || n.Load() != 4 {
		t.Errorf("got %d portals with %d requests, %v", len(portals), n.Load(), err)
	}
}

// A page that fails is tried again by itself.
func TestListRetries(t *testing.T) {
	t.Parallel()
	api, ids := withPortals(t, 57, portalapi.WithPaging(portalapi.Paging{MaxPerPage: 20}))
	api.FailRandomly(0.3, 1, portalapi.HTML(502), portalapi.RateLimit("0"), portalapi.CutOff(-1))
	portals, err := newClient(t, api, retries(50)).Portals(t.Context(), account, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids, portalIDs(portals)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Servers are known by id or by server_id.
func TestServersByEitherID(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	var n atomic.Int64
	api.FailAlways(pages(&n,
		`{"success":true,"result":[{"id":"a"},{"server_id":"b"}],"result_info":{"total_count":5}}`,
		`{"success":true,"result":[{"id":"c","server_id":"c"}],"result_info":{"total_count":4}}`,
		`{"success":true,"result":[{"id":"d"}],"result_info":{"total_count":4}}`,
	))
	servers, err := newClient(t, api).Servers(t.Context(), account, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range servers {
		got = append(got, *s.Identity())
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := (&cloudflare.Server{}); s.Identity() != nil {
		t.Error("a server without an id has one")
	}
}

// What has no id cannot be told from another object, nor can what is nothing be
// read as a server that offers nothing.
func TestServersWithoutAnID(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{
		`[{"id":"a"},{"name":"b","hostname":"https://b.example"}]`: "result[1]: expected an object with an id, found one without",
		`[{"id":"","server_id":""}]`:                               "result[0]: expected an object with an id, found one without",
		`[{"id":"a"},{"server_id":"a"}]`:                           "an object came for the second time",
	} {
		api := startAPI(t)
		api.FailAlways(portalapi.Result(result))
		servers, err := newClient(t, api).Servers(t.Context(), account, "")
		if e := clientError(t, err); !strings.Contains(e.Error(), want) || servers != nil {
			t.Errorf("%s: got %d servers and %v, want %s", result, len(servers), e, want)
		}
	}
	for result, isError := range map[string]bool{
		`{}`: true, `{"id":"","name":"","hostname":"","tools":[]}`: true, `{"auth_type":"oauth","prompts":[{"name":"x"}]}`: true,
		`{"tools":[{}]}`: false, `{"name":"b"}`: false, `{"server_id":"a"}`: false, `{"hostname":"https://b.example"}`: false,
	} {
		api := startAPI(t)
		api.FailAlways(portalapi.Result(result))
		_, err := newClient(t, api).Server(t.Context(), account, "a")
		if (err != nil) != isError || isError && !strings.Contains(err.Error(), "result: expected an object with an id, a name and a hostname, found one without any of them") {
			t.Errorf("%s: got %v", result, err)
		}
	}
}
