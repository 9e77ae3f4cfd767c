package portalapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func accessURL(api *portalapi.Server, rest string) string {
	return api.URL() + "/accounts/" + portalapi.AccountID + "/access/" + rest
}

// An application's policies are served at their own route, too, until a test
// says otherwise.
func TestPoliciesOfAnApplication(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithoutFixtures())
	url := accessURL(api, "apps/a/policies")
	read := func() string { return string(get(t, client(t), url).envelope(t).Result) }

	api.AccessApp("a").Put([]byte(`{"id":"a","policies":[{"id":"p","n":1.0}, {"id":"q"}]}`))
	if got := read(); got != `[{"id":"p","n":1.0},{"id":"q"}]` {
		t.Errorf("embedded: %s", got)
	}
	e := get(t, client(t), url+"?page=2&per_page=1").envelope(t)
	if string(e.Result) != `[{"id":"q"}]` || e.ResultInfo["total_pages"] != 2 {
		t.Errorf("second page: %s %v", e.Result, e.ResultInfo)
	}
	for _, odd := range []string{`{"id":"a"}`, `{"id":"a","policies":null}`, `{"id":"a","policies":7}`} {
		api.AccessApp("a").Put([]byte(odd))
		if got := read(); got != "[]" {
			t.Errorf("of %s: %s", odd, got)
		}
	}
	api.AccessPolicies("a").Put([]byte(`{"policies":[{"id":"own"}]}`)).Add("policies", `{"id":"added"}`)
	if got := read(); got != `[{"id":"own"},{"id":"added"}]` {
		t.Errorf("of its own: %s", got)
	}
	if got := string(api.AccessApp("a").JSON()); got != `{"id":"a","policies":7}` {
		t.Errorf("the application became %s", got)
	}
	api.AccessPolicies("a").Item("policies", "own").Add("include", `{"everyone":{}}`)
	if got := read(); got != `[{"id":"own","include":[{"everyone":{}}]},{"id":"added"}]` {
		t.Errorf("edited: %s", got)
	}
	api.AccessPolicies("a").Delete()
	if got := read(); got != "[]" {
		t.Errorf("after Delete: %s", got)
	}
}

func TestPagesOfApplications(t *testing.T) {
	t.Parallel()
	with := func(opts ...portalapi.Option) *portalapi.Server {
		api := start(t, append(opts, portalapi.WithoutFixtures())...)
		for i := range 1001 {
			id := fmt.Sprintf("a%04d", i)
			api.AccessApp(id).Put(fmt.Appendf(nil, `{"id":%q}`, id))
		}
		return api
	}
	api := with()
	for _, test := range []struct {
		query string
		first string
		info  map[string]int64
	}{
		{"", "a0000", map[string]int64{"count": 1000, "page": 1, "per_page": 1000, "total_count": 1001, "total_pages": 2}},
		{"?page=2", "a1000", map[string]int64{"count": 1, "page": 2, "per_page": 1000, "total_count": 1001, "total_pages": 2}},
		{"?per_page=5000", "a0000", map[string]int64{"count": 1000, "page": 1, "per_page": 1000, "total_count": 1001, "total_pages": 2}},
		{"?per_page=50&page=3", "a0100", map[string]int64{"count": 50, "page": 3, "per_page": 50, "total_count": 1001, "total_pages": 21}},
	} {
		e := get(t, client(t), accessURL(api, "apps"+test.query)).envelope(t)
		if got := ids(t, e.Result); got[0] != test.first || fmt.Sprint(e.ResultInfo) != fmt.Sprint(test.info) {
			t.Errorf("%q: from %s, %v", test.query, got[0], e.ResultInfo)
		}
	}
	api = with(portalapi.WithPaging(portalapi.Paging{MaxPerPage: 400, ResultInfo: portalapi.ResultInfoTotalCountOnly}))
	e := get(t, client(t), accessURL(api, "apps?page=3")).envelope(t)
	if got := ids(t, e.Result); len(got) != 201 || len(e.ResultInfo) != 1 {
		t.Errorf("capped: %d, %v", len(got), e.ResultInfo)
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	api := start(t,
		portalapi.WithToken("portals", portalapi.PortalsRead),
		portalapi.WithToken("apps", portalapi.PortalsRead, portalapi.AccessAppsRead),
		portalapi.WithToken("orgs", portalapi.AccessOrgsRead),
		portalapi.WithToken("all"))
	for path, may := range map[string]string{
		"ai-controls/mcp/portals": "portals apps all",
		"ai-controls/mcp/servers": "portals apps all",
		"apps":                    "apps all",
		"apps/" + portalapi.AccessAppIDPortal + "/policies": "apps all",
		"groups":                      "orgs all",
		"groups/nobody":               "orgs all",
		"identity_providers":          "orgs all",
		"of/a/kind/that/nobody/knows": "all",
	} {
		for _, token := range []string{"portals", "apps", "orgs", "all"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, accessURL(api, path), nil)
			noError(t, err)
			request.Header.Set("Authorization", "Bearer "+token)
			a, err := send(client(t), request)
			noError(t, err)
			e := a.envelope(t)
			refused := a.StatusCode == http.StatusForbidden && slices.Equal(e.codes(), []int{10000}) && e.Errors[0].Message == "Authentication error"
			if refused == slices.Contains(strings.Fields(may), token) {
				t.Errorf("%s with %q: %d %v", path, token, a.StatusCode, e.codes())
			}
		}
	}
}

// The folder may hold policies of their own, too.
func TestFolderOfAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noError(t, portalapi.WriteFixtures(dir))
	api := start(t, portalapi.WithFolder(dir, func(err error) { t.Error(err) }))
	noError(t, os.Mkdir(filepath.Join(dir, "access_policies"), 0o755))
	own := fmt.Sprintf(`{"id":%q,"policies":[{"id":"own"}]}`, portalapi.AccessAppIDGitHub)
	noError(t, os.WriteFile(filepath.Join(dir, "access_policies", "github.json"), []byte(own), 0o644))
	for id, want := range map[string]string{portalapi.AccessAppIDGitHub: "own", portalapi.AccessAppIDPortal: "fa4e0004-0000-4000-8000-000000000003 fa4e0004-0000-4000-8000-000000000001"} {
		e := get(t, client(t), accessURL(api, "apps/"+id+"/policies")).envelope(t)
		if got := strings.Join(ids(t, e.Result), " "); got != want {
			t.Errorf("%s: got %s", id, got)
		}
	}
	// What was written can be edited.
	file := filepath.Join(dir, "access_apps", "engineering-portal.json")
	text, err := os.ReadFile(file)
	noError(t, err)
	noError(t, os.WriteFile(file, []byte(strings.Replace(string(text), `"email_domain"`, `"everyone"`, 1)), 0o644))
	if a := get(t, client(t), accessURL(api, "apps/"+portalapi.AccessAppIDPortal)); !strings.Contains(string(a.body), `"everyone"`) {
		t.Errorf("not edited: %.200s", a.body)
	}
}

type accessRules []map[string]json.RawMessage

type accessPolicy struct {
	Decision                  string
	Include, Require, Exclude accessRules
}

// The fixtures show every selector of Cloudflare's SDK, groups that name groups,
// and only such groups, providers and servers as there are; but for one app,
// whose rules are of every kind.
func TestAccessFixtures(t *testing.T) {
	t.Parallel()
	api := start(t)
	list := func(path string, into any) {
		noError(t, json.Unmarshal(get(t, client(t), accessURL(api, path)).envelope(t).Result, into))
	}
	var apps []struct {
		ID, Type     string
		Destinations json.RawMessage
		Policies     json.RawMessage
	}
	var groups []struct {
		ID                        string
		Include, Require, Exclude accessRules
	}
	var providers []struct{ ID, Type string }
	list("apps", &apps)
	list("groups", &groups)
	list("identity_providers", &providers)

	seen, groupIDs, providerIDs := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range providers {
		providerIDs[p.ID] = true
		seen["provider "+p.Type] = true
	}
	for _, g := range groups {
		groupIDs[g.ID] = true
	}
	note := func(where string, rules accessRules) {
		for _, rule := range rules {
			for selector, value := range rule {
				seen[selector] = true
				var v struct {
					ID       string
					Provider string `json:"identity_provider_id"`
				}
				_ = json.Unmarshal(value, &v)
				if selector == "group" && !groupIDs[v.ID] || selector == "login_method" && !providerIDs[v.ID] || v.Provider != "" && !providerIDs[v.Provider] {
					t.Errorf("%s: %s names what is not there: %s", where, selector, value)
				}
				seen["group in a group"] = seen["group in a group"] || selector == "group" && strings.HasPrefix(where, "group")
			}
		}
	}
	for _, g := range groups {
		note("group "+g.ID, slices.Concat(g.Include, g.Require, g.Exclude))
	}
	guarded := map[string]int{}
	for _, app := range apps {
		seen["type "+app.Type] = true
		var destinations []struct {
			Type   string
			Server string `json:"mcp_server_id"`
		}
		_ = json.Unmarshal(app.Destinations, &destinations) // one has no list
		for _, d := range destinations {
			seen["destination "+d.Type] = true
			guarded[d.Server]++
		}
		var policies []accessPolicy
		_ = json.Unmarshal(app.Policies, &policies)
		for _, p := range policies {
			seen["decision "+p.Decision] = true
			note(app.ID, slices.Concat(p.Include, p.Require, p.Exclude))
		}
	}
	for want := range strings.FieldsSeq("any_valid_service_token auth_context auth_method azureAD certificate cloudflare_account_member common_name " +
		"device_posture email email_domain email_list everyone external_evaluation geo github-organization group gsuite ip ip_list " +
		"linked_app_token login_method oidc okta saml service_token user_risk_score") {
		if !seen[want] {
			t.Errorf("no rule with %s", want)
		}
	}
	for _, want := range []string{"group in a group", "type mcp", "type mcp_portal", "type self_hosted", "type orbital",
		"provider okta", "provider onetimepin", "provider github", "decision allow", "decision deny", "decision bypass",
		"decision non_identity", "decision step_up", "destination public", "destination via_mcp_server_portal"} {
		if !seen[want] {
			t.Errorf("no %s", want)
		}
	}
	for _, s := range fixture(t, "full").Servers {
		if got := guarded[s.ID]; (got == 1) == (s.ID == "figma") {
			t.Errorf("%d applications for %s", got, s.ID)
		}
	}
}
