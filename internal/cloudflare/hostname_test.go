package cloudflare_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestPortalByHostname(t *testing.T) {
	t.Parallel()
	for hostname, id := range map[string]string{
		"mcp.example.com":             portalapi.PortalIDFull,
		"MCP.Example.Com":             portalapi.PortalIDFull,
		"mcp.example.com.":            portalapi.PortalIDFull,
		"mcp.example.com.example.net": portalapi.PortalIDEmpty, // begins with the one above
		"ugly.example.com":            portalapi.PortalIDUgly,  // written in capitals
		"exmaple.com":                 portalapi.PortalIDReference,
	} {
		t.Run(hostname, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			client := newClient(t, api)
			got, err := client.PortalByHostname(t.Context(), portalapi.AccountID, hostname)
			if err != nil {
				t.Fatal(err)
			}
			want, err := client.Portal(t.Context(), portalapi.AccountID, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("by id and by hostname differ (-id +hostname):\n%s", diff)
			}
			paths := []string{}
			for _, r := range api.Requests() {
				paths = append(paths, strings.TrimPrefix(r.Path, ai)+"?"+r.RawQuery)
			}
			wanted := strings.TrimSuffix(strings.ToLower(hostname), ".")
			want3 := []string{"/portals?page=1&per_page=50&search=" + wanted, "/portals/" + id + "?", "/portals/" + id + "?"}
			if diff := cmp.Diff(want3, paths); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// listOf answers with a list of n objects, all on one page.
func listOf(n int, objects string) portalapi.Fault {
	return portalapi.Body(fmt.Appendf(nil, `{"success":true,"result":[%s],"result_info":{"total_count":%d}}`, objects, n))
}

func notFound(t *testing.T, err error, hostname string) *cloudflare.NotFoundError {
	t.Helper()
	e := clientError(t, err)
	want := cloudflare.Object{Kind: "MCP portal", Hostname: hostname}
	if e.Object != want || e.AccountID == "" {
		t.Errorf("the error is about %v of account %q", e.Object, e.AccountID)
	}
	return cause[*cloudflare.NotFoundError](t, err)
}

func TestHostnameOfNone(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	for hostname, first := range map[string]string{
		"mcp.exmple.com": "mcp.example.com",
		"example.com":    "exmaple.com",
		"mcp.example":    "mcp.example.com",
		"UGLY.example.c": "Ugly.Example.COM",
	} {
		_, err := client.PortalByHostname(t.Context(), portalapi.AccountID, hostname)
		got := notFound(t, err, hostname)
		if got.Matches != 0 || len(got.Closest) != 5 || got.Closest[0] != first {
			t.Errorf("%s: got %+v, want %s first of five", hostname, got, first)
		}
	}
	_, err := client.PortalByHostname(t.Context(), portalapi.EmptyAccountID, "mcp.example.com")
	if got := notFound(t, err, "mcp.example.com"); got.Matches != 0 || len(got.Closest) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestHostnameOfSeveral(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Account(account).Portal("a").Put(portalapi.MinimalPortal("a", "twin.example.com", "A"))
	api.Account(account).Portal("b").Put(portalapi.MinimalPortal("b", "Twin.Example.com.", "B"))
	api.Account(account).Portal("c").Put(portalapi.MinimalPortal("c", "x.twin.example.com", "C"))
	_, err := newClient(t, api).PortalByHostname(t.Context(), account, "twin.example.com")
	if got := notFound(t, err, "twin.example.com"); got.Matches != 2 {
		t.Errorf("got %+v", got)
	}
}

// What the API's search finds is not documented. It may find less than there is.
func TestHostnameThatSearchMisses(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	api.Fail(
		listOf(1, `{"id":"other","hostname":"other.mcp.example.com"}`),
		listOf(2, `{"id":"x","hostname":null},{"id":"engineering","hostname":"MCP.example.com"}`),
	)
	got, err := client.PortalByHostname(t.Context(), portalapi.AccountID, "mcp.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if *got.ID != portalapi.PortalIDFull || len(got.Servers) != 12 {
		t.Errorf("got %s with %d servers", *got.ID, len(got.Servers))
	}
	if last := api.Requests()[2].Path; last != ai+"/portals/engineering" {
		t.Errorf("the last request was for %s", last)
	}
}

// An answer to the second request that leaves out the id has the one that it was
// asked for by: without it, a state would name no portal.
func TestHostnameOfAnswerWithoutID(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Fail(
		listOf(1, `{"id":"engineering","hostname":"mcp.example.com"}`),
		portalapi.Result(`{"hostname":"mcp.example.com","name":"Engineering","servers":[]}`),
	)
	got, err := newClient(t, api).PortalByHostname(t.Context(), portalapi.AccountID, "mcp.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&cloudflare.Portal{
		ID: new("engineering"), Hostname: new("mcp.example.com"), Name: new("Engineering"), Servers: []cloudflare.PortalServer{},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHostnameErrors(t *testing.T) {
	t.Parallel()
	const hostname = "mcp.example.com"
	for name, tt := range map[string]struct {
		fault portalapi.Fault
		want  string
	}{
		"the list is refused": {
			portalapi.APIError(403, portalapi.Error{Code: 10000, Message: "Authentication error"}),
			`reading MCP portal with hostname "mcp.example.com" of account "` + portalapi.AccountID + `": HTTP 403: 10000: Authentication error`,
		},
		"no id":      {listOf(1, `{"hostname":"mcp.example.com"}`), `reading MCP portal with hostname "mcp.example.com" of account "` + portalapi.AccountID + `": result[0]: expected an object with an id, found one without`},
		"an odd id":  {listOf(1, `{"id":"../x","hostname":"mcp.example.com"}`), `reading MCP portal "../x" of account "` + portalapi.AccountID + `": the id holds the character '.'; it may hold A-Za-z0-9_- alone`},
		"renamed":    {listOf(1, `{"id":"minimal","hostname":"mcp.example.com"}`), `reading MCP portal "minimal" of account "` + portalapi.AccountID + `": the hostname "mcp.example.com" was asked for, and the answer has the hostname "minimal.example.com": HTTP 200`},
		"gone since": {listOf(1, `{"id":"gone","hostname":"mcp.example.com"}`), `reading MCP portal "gone" of account "` + portalapi.AccountID + `": HTTP 404: 7002: Not Found`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t, portalapi.WithoutRay())
			api.Fail(tt.fault)
			_, err := newClient(t, api).PortalByHostname(t.Context(), portalapi.AccountID, hostname)
			if e := clientError(t, err); e.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", e, tt.want)
			}
		})
	}
}

// A host name of nothing is no look-up for the portal that has none.
func TestHostnameOfNothing(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Account(account).Portal("a").Put([]byte(`{"id":"a","hostname":"","servers":[]}`))
	for _, hostname := range []string{"", "."} {
		_, err := newClient(t, api).PortalByHostname(t.Context(), account, hostname)
		if e := clientError(t, err); !strings.Contains(e.Error(), "the hostname is empty") || len(api.Requests()) != 0 {
			t.Errorf("%q: got %v after %d requests", hostname, e, len(api.Requests()))
		}
	}
}

// Host names of portals are shown in the error, so they must be fit for it.
func TestClosestIsFitToBeShown(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	for i, hostname := range []string{`a\u001b[31m.example`, `a\u202e.example`, portalapi.Token, strings.Repeat("a", 1<<20), ""} {
		id := fmt.Sprint("p", i)
		api.Account(account).Portal(id).Put([]byte(fmt.Sprintf(`{"id":%q,"hostname":"%s"}`, id, hostname)))
	}
	_, err := newClient(t, api).PortalByHostname(t.Context(), account, "a.example")
	closest := notFound(t, err, "a.example").Closest
	text := strings.Join(closest, " ")
	wantNoSecret(t, "the list of host names", text)
	if len(closest) != 4 || strings.ContainsAny(text, "\x1b\u202e") || len(text) > 10_000 {
		t.Errorf("got %d bytes: %.200q", len(text), closest)
	}
}
