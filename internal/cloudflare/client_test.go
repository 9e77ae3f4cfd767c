package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const ai = "/client/v4/accounts/" + portalapi.AccountID + "/access/ai-controls/mcp"

func TestRequest(t *testing.T) {
	t.Parallel()
	type client = *cloudflare.Client
	for name, tt := range map[string]struct {
		read        func(context.Context, client) error
		path, query string
	}{
		"portal": {
			func(ctx context.Context, c client) error {
				_, err := c.Portal(ctx, portalapi.AccountID, portalapi.PortalIDFull)
				return err
			}, ai + "/portals/engineering", "",
		},
		"portals": {
			func(ctx context.Context, c client) error {
				_, err := c.Portals(ctx, portalapi.AccountID, "")
				return err
			}, ai + "/portals", "page=1&per_page=50",
		},
		"portals with search": {
			func(ctx context.Context, c client) error {
				_, err := c.Portals(ctx, portalapi.AccountID, "a b&page=9#ü")
				return err
			}, ai + "/portals", "page=1&per_page=50&search=a+b%26page%3D9%23%C3%BC",
		},
		"server": {
			func(ctx context.Context, c client) error {
				_, err := c.Server(ctx, portalapi.AccountID, portalapi.ServerIDUnattached)
				return err
			}, ai + "/servers/wiki-legacy", "",
		},
		"servers": {
			func(ctx context.Context, c client) error {
				_, err := c.Servers(ctx, portalapi.AccountID, "wiki")
				return err
			}, ai + "/servers", "page=1&per_page=50&search=wiki",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			if err := tt.read(t.Context(), newClient(t, api)); err != nil {
				t.Fatal(err)
			}
			requests := api.Requests()
			if len(requests) != 1 {
				t.Fatalf("%d requests were sent", len(requests))
			}
			got := requests[0]
			if got.Method != http.MethodGet || got.Path != tt.path || got.RawQuery != tt.query {
				t.Errorf("got %s %s?%s, want GET %s?%s", got.Method, got.Path, got.RawQuery, tt.path, tt.query)
			}
			if accept, agent := got.Header.Get("Accept"), got.Header.Get("User-Agent"); accept != "application/json" || agent != "client-test/1.0" {
				t.Errorf("Accept is %q, User-Agent is %q", accept, agent)
			}
		})
	}
}

// What cannot be an id is put into no path, wherever it comes from.
func TestIDs(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	for _, id := range []string{
		"a.b", "a/b", "../../servers", ".", "..", "...", "a b", "50%", "%2e%2e", "a?b=c", "a#b", "a;b", `a\b`, "ü",
		"a\r\nX-Evil: b", "\x00", "\xff", strings.Repeat("a", 33), strings.Repeat("a", 3<<20),
	} {
		for name, read := range map[string]func() error{
			"portal":          func() error { _, err := client.Portal(t.Context(), portalapi.AccountID, id); return err },
			"server":          func() error { _, err := client.Server(t.Context(), portalapi.AccountID, id); return err },
			"account, portal": func() error { _, err := client.Portal(t.Context(), id, "x"); return err },
			"account, list":   func() error { _, err := client.Portals(t.Context(), id, ""); return err },
		} {
			e := clientError(t, read())
			if e.Attempts != 0 || !strings.Contains(e.Error(), "1 to 32") && !strings.Contains(e.Error(), "A-Za-z0-9_-") {
				t.Errorf("%s %.40q: got %.200v after %d attempts", name, id, e, e.Attempts)
			}
			if len(e.Error()) > 10<<10 {
				t.Errorf("%s: an error of %d bytes", name, len(e.Error()))
			}
		}
	}
	if n := len(api.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if err := cloudflare.ValidateID("plain-ID_9"); err != nil {
		t.Error(err)
	}
	if cloudflare.ValidateID("") == nil {
		t.Error("an empty id is one")
	}
}

func TestEmptyIDs(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	for want, read := range map[string]func() error{
		`reading MCP portal of account "a": the id is empty`:                          func() error { _, err := client.Portal(t.Context(), "a", ""); return err },
		`reading MCP server of account "a": the id is empty`:                          func() error { _, err := client.Server(t.Context(), "a", ""); return err },
		`reading MCP portal "x" of account "": the account id is empty`:               func() error { _, err := client.Portal(t.Context(), "", "x"); return err },
		`reading MCP servers of account "": the account id is empty`:                  func() error { _, err := client.Servers(t.Context(), "", ""); return err },
		`reading MCP portal with hostname "h" of account "": the account id is empty`: func() error { _, err := client.PortalByHostname(t.Context(), "", "h"); return err },
	} {
		if e := clientError(t, read()); e.Error() != want || e.Attempts != 0 {
			t.Errorf("got %v after %d attempts, want %s", e, e.Attempts, want)
		}
	}
	if n := len(api.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		cloudflare.DefaultBaseURL:                  "",
		"https://api.cloudflare.com/client/v4/":    "",
		"https://api.example.com":                  "",
		"https://api.example.com:8443/a/b":         "",
		"HTTPS://API.example.com/x":                "",
		"https://[2001:db8::1]/x":                  "",
		"http://localhost:8080":                    "",
		"http://LOCALHOST":                         "",
		"http://127.0.0.1:1/client/v4":             "",
		"http://127.9.9.9":                         "",
		"http://[::ffff:127.0.0.1]":                "",
		"http://127.1":                             "it is http",
		"http://localhost.":                        "it is http",
		"http://[::1]:8080":                        "",
		"http://api.example.com":                   "it is http",
		"http://localhost.example.com":             "it is http",
		"http://127.0.0.1.example.com":             "it is http",
		"http://0.0.0.0":                           "it is http",
		"http://10.0.0.1":                          "it is http",
		"http://2130706433":                        "it is http",
		"http://[::]":                              "it is http",
		"http://[::ffff:10.0.0.1]":                 "it is http",
		"ftp://api.example.com":                    `its scheme is "ftp"`,
		"ws://localhost":                           `its scheme is "ws"`,
		"//api.example.com":                        `its scheme is ""`,
		"api.example.com":                          "it has no host",
		"api.example.com/client/v4":                "it has no host",
		"localhost:8080":                           "it has no host",
		"/client/v4":                               "it has no host",
		"https:api.example.com":                    "it has no host",
		"https://":                                 "it has no host",
		"https:///client/v4":                       "it has no host",
		"https://:443/client/v4":                   "it has no host",
		"https://user:FAKE-secret@api.example.com": "it holds a user name",
		"https://FAKE-secret@api.example.com":      "it holds a user name",
		"https://@api.example.com":                 "it holds a user name",
		"https://api.example.com?FAKE-secret=1":    "it has a query",
		"https://api.example.com/?":                "it has a query",
		"https://api.example.com/#FAKE-secret":     "it has a query",
		"https://api.example.com/#":                "it has a query",
		"https://api.example.com/v4#":              "it has a query",
		"https://api.exa mple.com":                 "it is not a URL",
		"https://api.example.com:FAKE-secret":      "it is not a URL",
		"https://[::1":                             "it is not a URL",
		"https://%zz":                              "it is not a URL",
		"https://api.example.com/\n":               "it is not a URL",
		"":                                         "it has no host",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			err := cloudflare.ValidateBaseURL(url)
			switch {
			case want == "" && err != nil:
				t.Errorf("got %v", err)
			case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
				t.Errorf("got %v, want %s…", err, want)
			case err != nil && strings.Contains(err.Error(), "FAKE"):
				t.Errorf("the error repeats what may be a secret: %v", err)
			}
			if url == "" {
				return // New takes the default instead
			}
			client, newErr := cloudflare.New(cloudflare.Config{BaseURL: url, Credentials: cloudflare.Credentials{Token: "t"}})
			if (newErr == nil) != (err == nil) || (client == nil) != (err != nil) {
				t.Errorf("New returns %v, ValidateBaseURL %v", newErr, err)
			}
		})
	}
}

func TestTrailingSlash(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	for _, slashes := range []string{"", "/", "//"} {
		client := newClient(t, api, func(c *cloudflare.Config) { c.BaseURL += slashes })
		if _, err := client.Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDMinimal); err != nil {
			t.Error(err)
		}
	}
	for _, r := range api.Requests() {
		if want := ai + "/portals/minimal"; r.Path != want {
			t.Errorf("got %s, want %s", r.Path, want)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	token := cloudflare.Credentials{Token: "t"}
	if _, err := cloudflare.New(cloudflare.Config{Credentials: token}); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	if _, err := cloudflare.New(cloudflare.Config{Credentials: token, MaxRetries: -1}); err == nil {
		t.Error("a negative number of retries is accepted")
	}
}

// A redirect is refused, wherever it leads: nothing is sent there.
func TestRedirect(t *testing.T) {
	t.Parallel()
	credentials := map[string]cloudflare.Credentials{
		"token": {Token: portalapi.Token},
		"key":   {Key: portalapi.Key, Email: portalapi.Email},
	}
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308, 399} {
		for name, credentials := range credentials {
			t.Run(fmt.Sprintf("%d, %s", status, name), func(t *testing.T) {
				t.Parallel()
				elsewhere := startAPI(t)
				api := startAPI(t)
				client := newClient(t, api, func(c *cloudflare.Config) { c.Credentials = credentials })
				own, other := api.URL()+"/next?secret=1", elsewhere.URL()+"/next?secret=1"
				for _, tt := range []struct{ location, host string }{
					{other, host(elsewhere)},
					{strings.TrimPrefix(other, "http:"), host(elsewhere)},
					{own, host(api)},
					{"/next?secret=1", host(api)},
					{"next", host(api)},
					{"?secret=1", host(api)},
					{"https://user:secret@evil.example/secret", "evil.example"},
					{"https://evil.example:99999999/secret", "evil.example:99999999"},
					{"http://[::1/secret", ""},
					{"http://evil.example/%zz?secret", ""},
					{"javascript:secret", ""},
					{"", ""},
				} {
					api.ResetRequests()
					api.Fail(portalapi.RedirectTo(tt.location, status))
					_, err := client.Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDFull)
					e := clientError(t, err)
					want := &cloudflare.RedirectError{Host: tt.host}
					if diff := cmp.Diff(want, e.Err); diff != "" {
						t.Errorf("to %s (-want +got):\n%s", tt.location, diff)
					}
					if e.Status != status || e.Attempts != 1 || strings.Contains(e.Error(), "secret") {
						t.Errorf("to %s: %v, attempts %d", tt.location, e, e.Attempts)
					}
					if n := len(api.Requests()); n != 1 {
						t.Errorf("to %s: %d requests were sent", tt.location, n)
					}
				}
				if n := elsewhere.Connections(); n != 0 {
					t.Errorf("the other host saw %d connections", n)
				}
			})
		}
	}
}

// A redirect is one before its body is read.
func TestRedirectWithBody(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(http.ResponseWriter){
		"cut off": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusFound)
		},
		"large": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusFound)
			_, _ = w.Write(make([]byte, 2<<20))
		},
		"an envelope": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusFound)
			_, _ = w.Write(portalapi.Fixture("full"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			api.FailAlways(portalapi.Custom(name, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://evil.example/")
				write(w)
			}))
			_, err := newClient(t, api).Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDFull)
			if got := cause[*cloudflare.RedirectError](t, err); got.Host != "evil.example" {
				t.Errorf("got %v", err)
			}
			if n := len(api.Requests()); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func host(api *portalapi.Server) string {
	return strings.TrimSuffix(strings.TrimPrefix(api.URL(), "http://"), "/client/v4")
}

// An attempt without an answer says so in the words of the network, without the
// URL, which an Error says better.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	client := newClientTo(t, "http://"+address, cloudflare.Credentials{Token: portalapi.Token})
	_, err = client.Portal(t.Context(), "acc", "eng")
	// What refused means is said in each system's own words.
	network, ok := errors.AsType[*net.OpError](err)
	if !ok {
		t.Fatalf("%v does not unwrap to the error of the network", err)
	}
	want := fmt.Sprintf(`reading MCP portal "eng" of account "acc": dial tcp %s: %v`, address, network.Err)
	if e := clientError(t, err); e.Error() != want || e.Attempts != 1 || e.Status != 0 {
		t.Errorf("got %v after %d attempts, want %s", e, e.Attempts, want)
	}
}

// A certificate that nobody vouches for does not become better by asking again.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	defer server.Close()
	client, err := cloudflare.New(cloudflare.Config{
		BaseURL: server.URL, Credentials: cloudflare.Credentials{Token: portalapi.Token},
		MaxRetries: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	_, err = client.Portal(t.Context(), "acc", "eng")
	if e := clientError(t, err); e.Attempts != 1 || !strings.Contains(e.Error(), "certificate") {
		t.Errorf("got %v after %d attempts", e, e.Attempts)
	}
}

// What the API says in each case that is known (status, code, chain) comes back
// as it was said, with everything that is known of the request.
func TestAPIErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		credentials cloudflare.Credentials
		account, id string
		status      int
		codes       []int
	}{
		"malformed token": {cloudflare.Credentials{Token: "short"}, portalapi.AccountID, "engineering", 400, []int{6003, 6111}},
		"malformed key":   {cloudflare.Credentials{Key: "short", Email: portalapi.Email}, portalapi.AccountID, "engineering", 400, []int{6003, 6103}},
		"wrong token":     {cloudflare.Credentials{Token: strings.Repeat("x", 40)}, portalapi.AccountID, "engineering", 403, []int{10000}},
		"unknown portal":  {cloudflare.Credentials{Token: portalapi.Token}, portalapi.AccountID, "nothing", 404, []int{7002}},
		"unknown account": {cloudflare.Credentials{Token: portalapi.Token}, "nothing", "engineering", 404, []int{7003, 7000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			client := newClient(t, api, func(c *cloudflare.Config) { c.Credentials = tt.credentials })
			_, err := client.Portal(t.Context(), tt.account, tt.id)
			e := clientError(t, err)
			for _, code := range tt.codes {
				if !e.HasCode(code) {
					t.Errorf("%v has no code %d", e, code)
				}
			}
			want := &cloudflare.Error{
				Object:    cloudflare.Object{Kind: "MCP portal", ID: tt.id},
				AccountID: tt.account, Status: tt.status, RayID: api.Requests()[0].Ray, Attempts: 1, Errors: e.Errors,
			}
			if diff := cmp.Diff(want, e); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(api.Requests()); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// A server that repeats the credentials in every place that it can write to does
// not get them shown.
func TestEcho(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.FailAlways(portalapi.Custom("echo", func(w http.ResponseWriter, r *http.Request) {
		said := r.Header.Get("Authorization") + r.Header.Get("X-Auth-Key")
		w.Header().Set("Cf-Ray", said)
		w.Header().Set("Retry-After", said)
		status := http.StatusServiceUnavailable
		switch {
		case strings.HasSuffix(r.URL.Path, "/redirect"):
			secret := strings.TrimPrefix(said, "Bearer ")
			w.Header().Set("Location", "https://"+secret+".example/"+secret)
			status = http.StatusFound
		case strings.HasSuffix(r.URL.Path, "/type"):
			w.Header().Set("Content-Type", "text/"+strings.TrimPrefix(said, "Bearer "))
		case strings.HasSuffix(r.URL.Path, "/path"):
			w.WriteHeader(http.StatusOK)
			_, _ = fmt.Fprintf(w, `{"success":true,"result":{%q:1,%q:2}}`, said, said)
			return
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"success":false,"errors":[{"code":1,"message":%q,"documentation_url":%q,"source":{"pointer":%q},"error_chain":[{"message":%q}]}]}`, said, said, said, said)
	}))
	for _, credentials := range []cloudflare.Credentials{
		{Token: portalapi.Token}, {Key: portalapi.Key, Email: portalapi.Email},
	} {
		for _, id := range []string{"message", "redirect", "type", "path"} {
			var log records
			client := newClient(t, api, logTo(&log), retries(1), func(c *cloudflare.Config) { c.Credentials = credentials })
			_, err := client.Portal(t.Context(), "acc", id)
			e := clientError(t, err)
			wantNoSecret(t, "the text of "+id, e.Error())
			wantNoSecret(t, "the fields of "+id, fmt.Sprintf("%+v %q %+v", e.Errors, e.RayID, e.Err))
			wantNoSecret(t, "the log of "+id, log.String())
		}
	}
}

// Objects that are read at the same time share connections and nothing else.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	errs := make(chan error, 200)
	for i := range cap(errs) {
		go func() {
			id := []string{portalapi.PortalIDFull, portalapi.PortalIDMinimal, portalapi.PortalIDUgly}[i%3]
			portal, err := client.Portal(t.Context(), portalapi.AccountID, id)
			if err == nil && *portal.ID != id {
				err = fmt.Errorf("asked for %s, got %s", id, *portal.ID)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// An answer about another object than was asked for is an error.
func TestAnotherObject(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	for result, want := range map[string]string{
		`{"id":"eng","name":"E","servers":[]}`:                "",
		`{"name":"E","servers":[]}`:                           "",
		`{"id":null,"name":"E","servers":[]}`:                 "",
		`{"id":"other","servers":[]}`:                         "other",
		`{"id":"Eng","servers":[]}`:                           "Eng",
		`{"id":"` + portalapi.Token + `\u0000","servers":[]}`: "[redacted]",
	} {
		api.Fail(portalapi.Result(result))
		_, err := client.Portal(t.Context(), "acc", "eng")
		wantMismatch(t, result, err, want)
	}
	for result, want := range map[string]string{
		`{"id":"eng","server_id":"eng","name":"E"}`:   "",
		`{"server_id":"eng"}`:                         "",
		`{"id":"eng","server_id":null}`:               "",
		`{"id":"","server_id":"eng"}`:                 "",
		`{"name":"E"}`:                                "",
		`{"id":"eng","server_id":"other","name":"E"}`: "other",
		`{"id":"other","server_id":"eng","name":"E"}`: "other",
	} {
		api.Fail(portalapi.Result(result))
		_, err := client.Server(t.Context(), "acc", "eng")
		wantMismatch(t, result, err, want)
	}
}

func wantMismatch(t *testing.T, result string, err error, got string) {
	t.Helper()
	if got == "" {
		if err != nil {
			t.Errorf("%s: %v", result, err)
		}
		return
	}
	if diff := cmp.Diff(&cloudflare.MismatchError{What: "id", Asked: "eng", Got: got}, cause[*cloudflare.MismatchError](t, err)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", result, diff)
	}
}

// Plain http goes to the loopback interface, and never through a proxy, which
// would see the token. The environment is read once in a process, so this
// process runs itself.
func TestPlainHTTPUsesNoProxy(t *testing.T) {
	t.Parallel()
	if baseURL := os.Getenv("TEST_PLAIN_HTTP"); baseURL != "" {
		client := newClientTo(t, baseURL, cloudflare.Credentials{Token: portalapi.Token})
		if _, err := client.Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDFull); err != nil {
			t.Error(err)
		}
		return
	}
	api := startAPI(t)
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "LocalHost", "[::ffff:127.0.0.1]"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				seen.Add(1)
				w.WriteHeader(http.StatusTeapot)
			}))
			defer proxy.Close()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPlainHTTPUsesNoProxy$")
			child.Env = append(os.Environ(), "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=",
				"TEST_PLAIN_HTTP="+strings.Replace(api.URL(), "127.0.0.1", host, 1))
			if out, err := child.CombinedOutput(); err != nil || seen.Load() != 0 {
				t.Errorf("the proxy saw %d requests; %v\n%s", seen.Load(), err, out)
			}
		})
	}
}
