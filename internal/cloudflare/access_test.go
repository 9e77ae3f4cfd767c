package cloudflare_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// newAccessAPI returns a stand-in with nothing but the portal p, of the servers a
// and b, at mcp.example.com.
func newAccessAPI(t *testing.T, options ...portalapi.Option) *portalapi.Server {
	t.Helper()
	api := startAPI(t, append(options, portalapi.WithoutFixtures())...)
	api.Portal("p").Put([]byte(`{"id":"p","name":"P","hostname":"mcp.example.com","servers":[{"id":"a","name":"A"},{"server_id":"b","name":"B","on_behalf":true}]}`))
	return api
}

func putApp(api *portalapi.Server, id, rest string) {
	api.AccessApp(id).Put([]byte(`{"id":"` + id + `",` + rest + `}`))
}

// readAccess reads the portal p, and who may reach it.
func readAccess(t *testing.T, api *portalapi.Server) (*cloudflare.Access, error) {
	t.Helper()
	client := newClient(t, api)
	portal, err := client.Portal(t.Context(), portalapi.AccountID, "p")
	if err != nil {
		t.Fatal(err)
	}
	return client.PortalAccess(t.Context(), portalapi.AccountID, portal)
}

func mustReadAccess(t *testing.T, api *portalapi.Server) *cloudflare.Access {
	t.Helper()
	access, err := readAccess(t, api)
	if err != nil {
		t.Fatal(err)
	}
	return access
}

// summary is what was read of each place, in short: who guards it, and O for open,
// E for everyone, T for service tokens.
func summary(access *cloudflare.Access) []string {
	var list []string
	for _, r := range access.Reach {
		at := "portal"
		if r.ServerID != nil {
			at = *r.ServerID
		}
		flags := ""
		for _, flag := range []struct {
			is   bool
			name string
		}{{r.Open, "O"}, {r.Everyone, "E"}, {r.ServiceTokens, "T"}} {
			if flag.is {
				flags += flag.name
			}
		}
		if r.Guarded != (len(r.ApplicationIDs) > 0) {
			at += "?"
		}
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %v %s", at, r.ApplicationIDs, flags)))
	}
	return list
}

const (
	allowEveryone = `"policies":[{"id":"x","name":"open","decision":"allow","include":[{"everyone":{}}]}]`
	allowStaff    = `"policies":[{"id":"y","name":"staff","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}]`
	takesT1       = `"policies":[{"id":"z","name":"ci","decision":"non_identity","include":[{"service_token":{"token_id":"t1"}}]}]`
	atPortal      = `"type":"mcp_portal","domain":"mcp.example.com",`
)

func atServer(ids ...string) string {
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf(`{"type":"via_mcp_server_portal","mcp_server_id":%q}`, id))
	}
	return `"type":"mcp","destinations":[` + strings.Join(list, ",") + `],`
}

func TestPortalAccess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		apps    []string // id and the rest of the object
		want    []string
		related []string // applications that are told
	}{
		"nothing": {nil, []string{"portal [] OE", "a [] OE", "b [] OE"}, nil},
		"all closed": {
			[]string{"p1", atPortal + allowStaff, "a1", atServer("a", "b") + allowStaff},
			[]string{"portal [p1]", "a [a1]", "b [a1]"},
			[]string{"p1", "a1"},
		},
		"an open portal": {
			[]string{"p1", atPortal + allowEveryone, "a1", atServer("a") + allowStaff, "b1", atServer("b") + allowEveryone},
			[]string{"portal [p1] OE", "a [a1]", "b [b1] OE"},
			[]string{"p1", "a1", "b1"},
		},
		"open servers behind a closed portal": {
			[]string{"p1", atPortal + allowStaff, "a1", atServer("a") + allowEveryone},
			[]string{"portal [p1]", "a [a1] O", "b [] O"},
			[]string{"p1", "a1"},
		},
		"two applications for one server": {
			[]string{"p1", atPortal + allowStaff, "a1", atServer("a") + allowStaff, "a2", atServer("b", "a") + allowEveryone},
			[]string{"portal [p1]", "a [a1 a2] O", "b [a2] O"},
			[]string{"p1", "a1", "a2"},
		},
		"a server's application of another type": {
			[]string{"p1", atPortal + allowStaff, "a1", `"type":"self_hosted","domain":"a.example.com","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"a"}],` + allowStaff, "b1", atServer("b") + `"policies":[]`},
			[]string{"portal [p1]", "a [a1]", "b [b1]"},
			[]string{"p1", "a1", "b1"},
		},
		"the closest counts, and inherits nothing": {
			[]string{"w", `"type":"self_hosted","domain":"*.example.com",` + allowEveryone, "p1", atPortal + allowEveryone,
				"p2", `"type":"self_hosted","destinations":[{"type":"public","uri":"MCP.example.com./mcp"}],` + allowStaff,
				"p3", `"type":"self_hosted","self_hosted_domains":["mcp.example.com/admin"],` + allowEveryone,
				"no", `"type":"self_hosted","domain":"other.example.com",` + allowEveryone},
			[]string{"portal [p2]", "a [] O", "b [] O"},
			[]string{"w", "p1", "p2", "p3"},
		},
		"two that are as close": {
			[]string{"p1", atPortal + allowStaff, "p2", `"type":"self_hosted","domain":"MCP.EXAMPLE.COM/*",` + allowEveryone},
			[]string{"portal [p1 p2] OE", "a [] OE", "b [] OE"},
			[]string{"p1", "p2"},
		},
		"a path that is not the portal's": {
			[]string{"p1", `"type":"mcp_portal","domain":"mcp.example.com/other",` + allowStaff},
			[]string{"portal [] OE", "a [] OE", "b [] OE"},
			[]string{"p1"},
		},
		"service tokens": {
			[]string{"p1", atPortal + takesT1, "a1", atServer("a", "b") + takesT1},
			[]string{"portal [p1] T", "a [a1] T", "b [a1]"}, // on_behalf
			[]string{"p1", "a1"},
		},
		"service tokens past a server that nothing guards": {
			[]string{"p1", atPortal + takesT1},
			[]string{"portal [p1] T", "a [] OT", "b [] O"},
			[]string{"p1"},
		},
		"a link in the launcher guards nothing": {
			[]string{"b", `"type":"bookmark","domain":"https://mcp.example.com/mcp",` + allowStaff, "p1", atPortal + allowEveryone},
			[]string{"portal [p1] OE", "a [] OE", "b [] OE"},
			[]string{"p1"},
		},
		"nor does any other type without an address, alone": {
			[]string{"s", `"type":"saas","domain":"mcp.example.com",` + allowStaff, "l", `"type":"app_launcher","domain":"mcp.example.com/mcp",` + allowStaff,
				"w", `"type":"warp","self_hosted_domains":["mcp.example.com"],` + allowStaff, "d", `"type":"dash_sso","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"a"}],"policies":[]`,
				"x", `"type":"proxy_endpoint","domain":"mcp.example.com","policies":[]`, "i", `"type":"infrastructure","domain":"mcp.example.com","policies":[]`, "r", `"type":"biso","domain":"mcp.example.com","policies":[]`},
			[]string{"portal [] OE", "a [] OE", "b [] OE"},
			nil,
		},
		"an unknown type is open, if it is the closest": {
			[]string{"o", `"type":"orbital","domain":"mcp.example.com/mcp","policies":[]`, "p1", atPortal + allowStaff, "a1", `"type":"lunar","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"a"}],` + allowStaff,
				"w", `"type":"orbital","domain":"*.example.com","policies":[]`},
			[]string{"portal [o] OET", "a [a1] OET", "b [] OE"},
			[]string{"o", "p1", "a1", "w"},
		},
		"users of populations": {
			[]string{"e", `"type":"end_user","domain":"mcp.example.com"`, "a1", atServer("a") + allowEveryone, "b1", atServer("b") + allowStaff},
			[]string{"portal [e] OE", "a [a1] OE", "b [b1]"},
			[]string{"e", "a1", "b1"},
		},
		"of other portals and servers, whatever they look like": {
			[]string{"o1", `"type":"orbital","name":{},"domain":[],"destinations":"all","policies":{},"allowed_idps":7`,
				"o2", `"type":"mcp","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"c"}],"policies":"none"`,
				"o3", `"type":"self_hosted","domain":"mcp.example.com/other","policies":"none"`,
				"p1", atPortal + allowStaff},
			[]string{"portal [p1]", "a [] O", "b [] O"},
			[]string{"p1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAccessAPI(t)
			for app := range slices.Chunk(test.apps, 2) {
				putApp(api, app[0], app[1])
			}
			access := mustReadAccess(t, api)
			if diff := cmp.Diff(test.want, summary(access)); diff != "" {
				t.Errorf("reach (-want +got):\n%s", diff)
			}
			var related []string
			for _, a := range access.Applications {
				related = append(related, *a.ID)
			}
			if diff := cmp.Diff(test.related, related); diff != "" {
				t.Errorf("applications (-want +got):\n%s", diff)
			}
		})
	}
}

// An application that guards the portal or a server of it and cannot be read is an
// error, about it by its id.
func TestOddApplications(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]cloudflare.DecodeError{
		atPortal + `"policies":{}`:                                     {Path: "policies", Expected: "a list", Found: "an object"},
		atPortal + `"policies":[{"include":{}}]`:                       {Path: "policies[0].include", Expected: "a list", Found: "an object"},
		atPortal + `"policies":[{"decision":7}]`:                       {Path: "policies[0].decision", Expected: "a string", Found: "a number"},
		atPortal + `"policies":[],"policies":[]`:                       {Path: "policies", Expected: "one value", Found: "the key twice"},
		atPortal + `"destinations":"all","policies":[]`:                {Path: "destinations", Expected: "a list", Found: "a string"},
		atServer("a") + `"session_duration":7`:                         {Path: "session_duration", Expected: "a string", Found: "a number"},
		`"type":"mcp","destinations":{},"policies":[]`:                 {Path: "destinations", Expected: "a list", Found: "an object"},
		`"type":"mcp_portal","domain":["mcp.example.com"]`:             {Path: "domain", Expected: "a string", Found: "a list"},
		`"type":"self_hosted","domain":"*.example.com","policies":"x"`: {Path: "policies", Expected: "a list", Found: "a string"},
	} {
		api := newAccessAPI(t)
		putApp(api, "odd", rest)
		_, err := readAccess(t, api)
		if got := cause[*cloudflare.DecodeError](t, err); *got != want {
			t.Errorf("%s: got %+v", rest, got)
		}
		if e := clientError(t, err); e.Object != (cloudflare.Object{Kind: cloudflare.KindApplication, ID: "odd"}) || e.AccountID != portalapi.AccountID {
			t.Errorf("%s: about %v of %s", rest, e.Object, e.AccountID)
		}
	}
}

// sent returns the last parts of the paths that were asked for below /access, and
// forgets them.
func sent(api *portalapi.Server) []string {
	var paths []string
	for _, r := range api.Requests() {
		if _, below, ok := strings.Cut(r.Path, "/access/"); ok && !strings.HasPrefix(below, "ai-controls") {
			paths = append(paths, below)
		}
	}
	slices.Sort(paths)
	api.ResetRequests()
	return paths
}

// What is requested: groups and login methods only if a rule names one, each list
// once, and policies only of an application that came without them.
func TestAccessRequests(t *testing.T) {
	t.Parallel()
	api := newAccessAPI(t)
	rules := func(ids ...string) string {
		var list []string
		for _, id := range ids {
			list = append(list, `{"group":{"id":"`+id+`"}}`)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	putApp(api, "p1", atPortal+`"policies":[{"id":"1","decision":"allow","include":`+rules("g1", "g2")+`,"exclude":`+rules("g1", "gone")+`}]`)
	putApp(api, "a1", atServer("a")+`"policies":[{"id":"2","decision":"allow","include":`+rules("g2", "not/an/id")+`,"require":`+rules("g3")+`}]`)
	for id, to := range map[string][]string{"g1": {"g2", "g3"}, "g2": {"g1"}, "g3": {"g4", "g3"}, "g4": {}} {
		api.AccessGroup(id).Put([]byte(`{"id":"` + id + `","name":"` + id + `","include":` + rules(to...) + `}`))
	}
	access := mustReadAccess(t, api)
	want := []string{"apps", "groups"}
	if diff := cmp.Diff(want, sent(api)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	var groups []string
	for id, g := range access.Groups {
		if g == nil {
			id += " gone"
		}
		groups = append(groups, id)
	}
	slices.Sort(groups)
	if diff := cmp.Diff([]string{"g1", "g2", "g3", "g4", "gone" + " gone", "not/an/id gone"}, groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}

	api.AccessGroup("g4").Put([]byte(`{"id":"g4","include":[{"login_method":{"id":"i1"}},{"login_method":{"id":"i2"}}]}`))
	api.IdentityProvider("i1").Put([]byte(`{"id":"i1","type":"okta","name":"Okta","config":{"client_secret":"hush"}}`))
	api.IdentityProvider("i3").Put([]byte(`{"id":"i3","type":"google","name":"Google"}`))
	access = mustReadAccess(t, api)
	if diff := cmp.Diff(append(want, "identity_providers"), sent(api)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if len(access.IdentityProviders) != 2 || access.IdentityProviders["i2"] != nil || *access.IdentityProviders["i1"].Type != "okta" || !strings.HasPrefix(access.IdentityProviders["i1"].Config.Extra["client_secret"], `"[redacted sha256:`) {
		t.Errorf("identity providers %+v", access.IdentityProviders)
	}
}

// Policies that an application comes without are not "nobody".
func TestPoliciesThatWereNotTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		app, policies string // what the application and the endpoint say
		reach, text   string
		sent          bool
	}{
		"absent, and told":      {`"x":0`, `[{"id":"1","name":"n","decision":"allow","include":[{"everyone":{}}]}]`, "portal [p1] OE", "anybody, by everyone (policy n); ", true},
		"null, and told":        {`"policies":null`, `[{"id":"1","name":"n","decision":"allow","include":[{"email":{"email":"a@b"}}]}]`, "portal [p1]", "e-mail address a@b (policy n)", true},
		"null, and none":        {`"policies":null`, `[]`, "portal [p1]", "nobody: there is no policy", true},
		"null, and gone":        {`"policies":null`, ``, "portal [p1] OET", "anybody, as far as can be told: the API did not tell the policies", true},
		"no rules, and told":    {`"policies":[{"id":"1","decision":"allow"}]`, `[{"id":"1","decision":"allow","include":[{"geo":{"country_code":"GB"}}]}]`, "portal [p1]", "country GB (policy 1)", true},
		"no rules, nor told":    {`"policies":[{"id":"1","decision":"allow"}]`, `[{"id":"1","decision":"allow"}]`, "portal [p1] OE", "anybody, as far as can be told: it does not say whom it includes (policy 1); ", true},
		"no rules, and no more": {`"policies":[{"id":"1","decision":"allow"}]`, `[]`, "portal [p1] OE", "anybody, as far as can be told: it does not say whom it includes (policy 1)", true},
		"told":                  {`"policies":[]`, `[{"id":"1","decision":"allow","include":[{"everyone":{}}]}]`, "portal [p1]", "nobody: there is no policy", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAccessAPI(t)
			putApp(api, "p1", atPortal+test.app)
			if test.policies != "" {
				api.AccessPolicies("p1").Put([]byte(`{"policies":` + test.policies + `}`))
			} else {
				api.FailAlways(portalapi.APIError(http.StatusNotFound, portalapi.Error{Code: 7002, Message: "Not Found"}).On("/policies"))
			}
			access := mustReadAccess(t, api)
			if got := summary(access)[0]; got != test.reach || !strings.HasPrefix(access.Reach[0].Text, test.text) {
				t.Errorf("got %s: %s", got, access.Reach[0].Text)
			}
			if got := slices.Contains(sent(api), "apps/p1/policies"); got != test.sent {
				t.Errorf("asked for policies: %v", got)
			}
		})
	}
}

// A refusal says what was to be read, and nothing is taken for a closed door, or
// for an open one.
func TestAccessRefused(t *testing.T) {
	t.Parallel()
	const rule = `"policies":[{"id":"1","decision":"allow","include":[{%s:{"id":"g1"}}]}]`
	for name, test := range map[string]struct {
		app     string
		granted []portalapi.Permission
		want    cloudflare.Object
	}{
		"applications":       {atPortal + allowStaff, []portalapi.Permission{portalapi.PortalsRead, portalapi.AccessOrgsRead}, cloudflare.Object{Kind: cloudflare.KindApplications}},
		"a group":            {atPortal + fmt.Sprintf(rule, `"group"`), []portalapi.Permission{portalapi.PortalsRead, portalapi.AccessAppsRead}, cloudflare.Object{Kind: cloudflare.KindGroups}},
		"identity providers": {atPortal + fmt.Sprintf(rule, `"login_method"`), []portalapi.Permission{portalapi.PortalsRead, portalapi.AccessAppsRead}, cloudflare.Object{Kind: cloudflare.KindIdentityProviders}},
		"none of these":      {atPortal + allowStaff, []portalapi.Permission{portalapi.PortalsRead, portalapi.AccessAppsRead}, cloudflare.Object{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const token = "a-token-of-few-permissions-0000000000000"
			api := newAccessAPI(t, portalapi.WithToken(token, test.granted...))
			putApp(api, "p1", test.app)
			client := newClientTo(t, api.URL(), cloudflare.Credentials{Token: token})
			portal, err := client.Portal(t.Context(), portalapi.AccountID, "p")
			if err != nil {
				t.Fatal(err)
			}
			access, err := client.PortalAccess(t.Context(), portalapi.AccountID, portal)
			if test.want == (cloudflare.Object{}) {
				if err != nil || access == nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if e := clientError(t, err); access != nil || e.Object != test.want || !e.AccessDenied() {
				t.Errorf("got %v, %v", access, err)
			}
		})
	}
}

// An answer that is no list of groups does not make a group one that does not exist.
func TestGroupsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]portalapi.Fault{
		"an HTML page with status 404": portalapi.HTML(http.StatusNotFound),
		"the API's own 404":            portalapi.APIError(http.StatusNotFound, portalapi.Error{Code: 7002, Message: "Not Found"}),
		"an object":                    portalapi.Result(`{"id":"g1"}`),
		"one without an id":            portalapi.Result(`[{"name":"g1"}]`),
	} {
		api := newAccessAPI(t)
		putApp(api, "p1", atPortal+`"policies":[{"id":"1","decision":"allow","include":[{"group":{"id":"g1"}}]}]`)
		api.FailAlways(fault.On("/groups"))
		if access, err := readAccess(t, api); access != nil || clientError(t, err).Object.Kind != cloudflare.KindGroups {
			t.Errorf("%s: got %v, %v", name, access, err)
		}
	}
}

// Of groups and login methods, only those that a rule names have to be readable.
func TestOddGroups(t *testing.T) {
	t.Parallel()
	for rule, test := range map[string]struct {
		put  func(api *portalapi.Server, id string)
		kind string
		path string
	}{
		"group": {func(api *portalapi.Server, id string) {
			api.AccessGroup(id).Put([]byte(`{"id":"` + id + `","include":{}}`))
		}, cloudflare.KindGroup, "include"},
		"login_method": {func(api *portalapi.Server, id string) {
			api.IdentityProvider(id).Put([]byte(`{"id":"` + id + `","type":7}`))
		}, cloudflare.KindIdentityProvider, "type"},
	} {
		api := newAccessAPI(t)
		putApp(api, "p1", atPortal+`"policies":[{"id":"1","decision":"allow","include":[{"`+rule+`":{"id":"odd"}}]}]`)
		test.put(api, "another")
		if got := summary(mustReadAccess(t, api))[0]; got != "portal [p1] OE" {
			t.Errorf("%s: got %s", rule, got)
		}
		test.put(api, "odd")
		_, err := readAccess(t, api)
		if got := cause[*cloudflare.DecodeError](t, err); got.Path != test.path || clientError(t, err).Object != (cloudflare.Object{Kind: test.kind, ID: "odd"}) {
			t.Errorf("%s: got %v", rule, err)
		}
	}
}

// Many applications are read page by page, and no more is asked for than a list
// needs.
func TestApplicationsOfThreePages(t *testing.T) {
	t.Parallel()
	api := newAccessAPI(t)
	for i := range 2100 {
		putApp(api, fmt.Sprintf("f%04d", i), fmt.Sprintf(`"type":"self_hosted","domain":"f%d.example.com"`, i))
	}
	putApp(api, "p1", atPortal+allowStaff)
	if got := summary(mustReadAccess(t, api))[0]; got != "portal [p1]" {
		t.Errorf("got %s", got)
	}
	// Three pages, and three that confirm them.
	if got := sent(api); !slices.Equal(got, slices.Repeat([]string{"apps"}, 6)) {
		t.Errorf("sent %v", got)
	}

}

// One that moves, while the list is read, to a page that was read already is not
// missed.
func TestApplicationThatMoves(t *testing.T) {
	t.Parallel()
	api := newAccessAPI(t)
	var (
		mu       sync.Mutex
		requests int
		apps     = []string{"f1", "f2", "f3", "f4", "p1", "f6"}
	)
	api.FailAlways(portalapi.Custom("moves", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if requests++; requests == 3 { // the third page: p1 goes to the second
			apps = append(apps[1:], "f7")
		}
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var page []string
		for _, id := range apps[min(2*n-2, len(apps)):min(2*n, len(apps))] {
			app := `{"id":"` + id + `"}`
			if id == "p1" {
				app = `{"id":"p1",` + atPortal + allowStaff + `}`
			}
			page = append(page, app)
		}
		_, _ = fmt.Fprintf(w, `{"success":true,"result":[%s],"result_info":{"total_count":6,"total_pages":3}}`, strings.Join(page, ","))
	}).On("/access/apps"))
	if got := summary(mustReadAccess(t, api))[0]; got != "portal [p1]" {
		t.Errorf("got %s", got)
	}
	if requests != 9 { // a second pass, which finds another, and one that confirms it
		t.Errorf("%d requests", requests)
	}
}
