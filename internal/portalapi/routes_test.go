package portalapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	api := start(t)
	account := "/accounts/" + portalapi.AccountID
	for _, test := range []struct {
		method, path string
		status       int
		codes        []int
	}{
		{"GET", account + mcp + "portals/engineering", 200, nil},
		{"GET", account + mcp + "portals/%65ngineering", 200, nil},
		{"GET", account + mcp + "portals", 200, nil},
		{"GET", account + mcp + "servers/github", 200, nil},
		{"GET", account + mcp + "servers/wiki-legacy", 200, nil},
		{"GET", account + mcp + "servers", 200, nil},
		{"GET", account + mcp + "portals/nobody", 404, []int{7002}},
		{"GET", account + mcp + "portals/wiki-legacy", 404, []int{7002}},
		{"GET", account + mcp + "portals/a%2Fb", 404, []int{7002}},
		{"GET", account + mcp + "servers/engineering", 404, []int{7002}},
		{"GET", "/accounts/nobody" + mcp + "portals/engineering", 404, []int{7003, 7000}},
		{"GET", "/accounts/no%20body" + mcp + "servers", 404, []int{7003, 7000}},
		{"GET", account + mcp + "portals/", 404, []int{7000}},
		{"GET", account + mcp + "portals/engineering/servers", 404, []int{7000}},
		{"GET", account + mcp + "gateways", 404, []int{7000}},
		{"GET", account + "/access/apps", 200, nil},
		{"GET", account + "/access/apps/" + portalapi.AccessAppIDPortal, 200, nil},
		{"GET", account + "/access/apps/" + portalapi.AccessAppIDPortal + "/policies", 200, nil},
		{"GET", account + "/access/groups", 200, nil},
		{"GET", account + "/access/groups/" + portalapi.AccessGroupIDEngineers, 200, nil},
		{"GET", account + "/access/identity_providers", 200, nil},
		{"GET", account + "/access/identity_providers/" + portalapi.IdentityProviderIDOkta, 200, nil},
		{"GET", account + "/access/apps/nobody", 404, []int{7002}},
		{"GET", account + "/access/apps/nobody/policies", 404, []int{7002}},
		{"GET", account + "/access/groups/" + portalapi.AccessAppIDPortal, 404, []int{7002}},
		{"GET", account + "/access/apps/a%2Fpolicies", 404, []int{7002}},
		{"GET", account + "/access/apps//policies", 404, []int{7000}},
		{"GET", account + "/access/groups/x/policies", 404, []int{7000}},
		{"GET", account + "/access/certificates", 404, []int{7000}},
		{"GET", "/accounts/nobody/access/apps", 404, []int{7003, 7000}},
		{"GET", account + "/access/apps?page=0", 400, []int{7001}},
		{"POST", account + "/access/apps", 405, []int{10405}},
		{"GET", "/zones", 404, []int{7000}},
		{"GET", "", 404, []int{7000}},
		{"GET", account + mcp + "portals?page=0", 400, []int{7001}},
		{"GET", account + mcp + "portals?per_page=many", 400, []int{7001}},
		{"POST", account + mcp + "portals", 405, []int{10405}},
		{"PUT", account + mcp + "portals/engineering", 405, []int{10405}},
		{"DELETE", account + mcp + "portals/engineering", 405, []int{10405}},
	} {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			a, err := do(t, client(t), test.method, api.URL()+test.path)
			noError(t, err)
			e := a.envelope(t)
			if a.StatusCode != test.status || !slices.Equal(e.codes(), test.codes) || e.Success != (test.codes == nil) {
				t.Errorf("got %d %v, success %t", a.StatusCode, e.codes(), e.Success)
			}
			if got := a.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestUnroutableSaysWhere(t *testing.T) {
	t.Parallel()
	api := start(t)
	e := get(t, client(t), api.URL()+"/accounts/x"+mcp+"portals/p").envelope(t)
	want := "Could not route to /client/v4/accounts/x/access/ai-controls/mcp/portals/p, perhaps your object identifier is invalid?"
	if e.Errors[0].Message != want {
		t.Errorf("got %q", e.Errors[0].Message)
	}
}

// TestBytesAreServedAsGiven holds for every fixture, and for what is no JSON.
func TestBytesAreServedAsGiven(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithoutFixtures())
	shapes := map[string]json.RawMessage{"odd": json.RawMessage(` {"a" : 1e400,"a":-0.0, "s":"cut \ud83d" } `), "none": json.RawMessage(`not JSON`)}
	for _, name := range portalapi.FixtureNames() {
		shapes[name] = portalapi.Fixture(name)
	}
	for id, raw := range shapes {
		api.Portal(id).Put(raw)
		want := fmt.Sprintf(`{"success":true,"errors":[],"messages":[],"result":%s}`, raw)
		if got := get(t, client(t), portalURL(api, id)); string(got.body) != want {
			t.Errorf("%s: got %.300s", id, got.body)
		}
	}
}

func TestListCarriesWholePortals(t *testing.T) {
	t.Parallel()
	api := start(t)
	a := get(t, client(t), portalURL(api, "")[:len(portalURL(api, ""))-1])
	var all [][]byte
	for _, name := range portalapi.FixtureNames() {
		all = append(all, portalapi.Fixture(name))
	}
	if e := a.envelope(t); string(e.Result) != "["+string(bytes.Join(all, []byte(",")))+"]" {
		t.Errorf("got %.300s", e.Result)
	}
}

func TestStateCanChange(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithoutFixtures())
	c := client(t)
	one, two := portalapi.MinimalPortal("p", "one.example.com", "One"), portalapi.MinimalPortal("p", "two.example.com", "Two")
	for _, raw := range []json.RawMessage{one, two} {
		mine := bytes.Clone(raw)
		api.Portal("p").Put(mine)
		clear(mine) // the server has its own copy
		if e := get(t, c, portalURL(api, "p")).envelope(t); string(e.Result) != string(raw) {
			t.Errorf("got %s", e.Result)
		}
	}
	api.Portal("p").Delete()
	if a := get(t, c, portalURL(api, "p")); a.StatusCode != 404 {
		t.Errorf("deleted portal: %d", a.StatusCode)
	}
	api.Account("other-account").Server("s").Put(portalapi.MinimalServer("s", "https://s.example.net", "S"))
	if a := get(t, c, api.URL()+"/accounts/other-account"+mcp+"servers/s"); a.StatusCode != 200 {
		t.Errorf("server of a new account: %d", a.StatusCode)
	}
	api.Account("other-account").Server("s").Delete()
	if a := get(t, c, api.URL()+"/accounts/other-account"+mcp+"servers"); string(a.envelope(t).Result) != "[]" {
		t.Errorf("after the last server: %s", a.body)
	}
}

func TestEmptyAccount(t *testing.T) {
	t.Parallel()
	api := start(t)
	e := get(t, client(t), api.URL()+"/accounts/"+portalapi.EmptyAccountID+mcp+"portals").envelope(t)
	if string(e.Result) != "[]" || e.ResultInfo["total_count"] != 0 || len(e.ResultInfo) != 4 {
		t.Errorf("got %s %v", e.Result, e.ResultInfo)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	api := start(t)
	for search, want := range map[string]string{
		"":                "my-mcp-portal engineering ugly synced-never empty minimal",
		"MCP.example.com": "engineering empty",
		"ugly.example":    "ugly",
		"this%20MORNING":  "synced-never",
		"mcp-PORTAL":      "my-mcp-portal",
		"nobody":          "",
	} {
		e := get(t, client(t), strings.TrimSuffix(portalURL(api, ""), "/")+"?search="+search).envelope(t)
		if got := strings.Join(ids(t, e.Result), " "); got != want {
			t.Errorf("search %q: got %q", search, got)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		paging   portalapi.Paging
		query    string
		first    int // number of the first server on the page
		count    int
		lastInfo map[string]int64
	}{
		{"default", portalapi.Paging{}, "", 0, 20, map[string]int64{"count": 20, "page": 1, "per_page": 20, "total_count": 57}},
		{"asked", portalapi.Paging{}, "?page=2&per_page=50", 50, 7, map[string]int64{"count": 7, "page": 2, "per_page": 50, "total_count": 57}},
		{"too many asked", portalapi.Paging{}, "?per_page=1000", 0, 50, map[string]int64{"count": 50, "page": 1, "per_page": 50, "total_count": 57}},
		{"capped", portalapi.Paging{MaxPerPage: 7}, "?page=9&per_page=50", 56, 1, map[string]int64{"count": 1, "page": 9, "per_page": 7, "total_count": 57}},
		{"total pages", portalapi.Paging{ResultInfo: portalapi.ResultInfoWithTotalPages}, "?page=3", 40, 17, map[string]int64{"count": 17, "page": 3, "per_page": 20, "total_count": 57, "total_pages": 3}},
		{"total count only", portalapi.Paging{ResultInfo: portalapi.ResultInfoTotalCountOnly}, "?page=2", 20, 20, map[string]int64{"total_count": 57}},
		{"no info", portalapi.Paging{ResultInfo: portalapi.ResultInfoNone}, "?page=2", 20, 20, nil},
		{"behind the end", portalapi.Paging{}, "?page=9223372036854775807", 0, 0, map[string]int64{"count": 0, "page": 9223372036854775807, "per_page": 20, "total_count": 57}},
		{"repeats", portalapi.Paging{RepeatFirstPage: true}, "?page=3", 0, 20, map[string]int64{"count": 20, "page": 3, "per_page": 20, "total_count": 57}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, portalapi.WithoutFixtures(), portalapi.WithPaging(test.paging))
			addServers(api, 57)
			e := get(t, client(t), serversURL(api, test.query)).envelope(t)
			var want []string
			for i := range test.count {
				want = append(want, fmt.Sprintf("s%02d", test.first+i))
			}
			if got := ids(t, e.Result); !slices.Equal(got, want) {
				t.Errorf("got %v", got)
			}
			if fmt.Sprint(e.ResultInfo) != fmt.Sprint(test.lastInfo) {
				t.Errorf("got result_info %v", e.ResultInfo)
			}
		})
	}
}

func addServers(api *portalapi.Server, n int) {
	for i := range n {
		id := fmt.Sprintf("s%02d", i)
		api.Server(id).Put(portalapi.MinimalServer(id, "https://"+id+".example.net", "Server"))
	}
}

func ids(t *testing.T, list json.RawMessage) []string {
	t.Helper()
	var items []struct{ ID string }
	noError(t, json.Unmarshal(list, &items))
	var out []string
	for _, i := range items {
		out = append(out, i.ID)
	}
	return out
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]portalapi.Option{"on": {portalapi.WithGzip()}, "off": nil} {
		api := start(t, opts...)
		a := get(t, client(t), portalURL(api, portalapi.PortalIDFull))
		if a.Uncompressed != (name == "on") {
			t.Errorf("gzip %s: uncompressed %t", name, a.Uncompressed)
		}
		if e := a.envelope(t); string(e.Result) != string(portalapi.Fixture("full")) {
			t.Errorf("gzip %s: body differs", name)
		}
	}
	api := start(t, portalapi.WithGzip())
	c := client(t)
	c.Transport.(*http.Transport).DisableCompression = true
	if a := get(t, c, portalURL(api, portalapi.PortalIDFull)); a.Header.Get("Content-Encoding") != "" {
		t.Errorf("compressed for a client that did not ask for it")
	}
}
