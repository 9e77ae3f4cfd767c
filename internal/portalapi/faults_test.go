package portalapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// TestFaultsWithAnAnswer checks the faults that come with a whole HTTP answer.
func TestFaultsWithAnAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault       portalapi.Fault
		status      int
		contentType string
		header      [2]string
		body        func(string) bool
	}{
		{portalapi.APIError(503, portalapi.Error{Code: 1, Message: `say "no"`}), 503, "application/json", [2]string{},
			is(`{"success":false,"errors":[{"code":1,"message":"say \"no\""}],"messages":[],"result":null}`)},
		{portalapi.APIError(500), 500, "application/json", [2]string{}, is(`{"success":false,"errors":[],"messages":[],"result":null}`)},
		{portalapi.APIError(400, portalapi.Error{Code: 7001, Message: "m", DocumentationURL: "u", Pointer: "/id", Chain: []portalapi.Error{{Code: 2, Message: "n"}}}), 400, "application/json", [2]string{},
			is(`{"success":false,"errors":[{"code":7001,"message":"m","documentation_url":"u","source":{"pointer":"/id"},"error_chain":[{"code":2,"message":"n"}]}],"messages":[],"result":null}`)},
		{portalapi.APIError(200, portalapi.Error{Code: 10001, Message: "no"}), 200, "application/json", [2]string{}, has(`"success":false,"errors":[{"code":10001,"message":"no"}]`)},
		{portalapi.Raw(418, "text/plain", []byte("tea\xff")), 418, "text/plain", [2]string{}, is("tea\xff")},
		{portalapi.Body([]byte("\xff{")), 200, "application/json", [2]string{}, is("\xff{")},
		{portalapi.Result(`[1e400]`), 200, "application/json", [2]string{}, is(`{"success":true,"errors":[],"messages":[],"result":[1e400]}`)},
		{portalapi.Empty(200), 200, "application/json", [2]string{"Content-Length", "0"}, is("")},
		{portalapi.HTML(200), 200, "text/html; charset=UTF-8", [2]string{}, has("<script>")},
		{portalapi.HTML(520), 520, "text/html; charset=UTF-8", [2]string{}, has("520: Web server is returning an unknown error")},
		{portalapi.RateLimit("1"), 429, "application/json", [2]string{"Retry-After", "1"}, has(`"code":971`)},
		{portalapi.RateLimit("Fri, 31 Dec 2049 23:59:59 GMT"), 429, "application/json", [2]string{"Retry-After", "Fri, 31 Dec 2049 23:59:59 GMT"}, has(`"code":971`)},
		{portalapi.RateLimit(""), 429, "application/json", [2]string{"Retry-After", ""}, has(`"code":971`)},
		{portalapi.RedirectTo("http://localhost:1/x", 308), 308, "text/html", [2]string{"Location", "http://localhost:1/x"}, is("")},
		{portalapi.Trailing("}garbage"), 200, "application/json", [2]string{}, func(s string) bool { return strings.HasSuffix(s, "}}garbage") }},
		{portalapi.Result(strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)), 200, "application/json", [2]string{}, has(strings.Repeat("[", 200_000) + "]")},
		{portalapi.Custom("own", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }), 202, "", [2]string{}, is("")},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			api := start(t)
			api.Fail(test.fault)
			a := get(t, client(t), portalURL(api, "minimal"))
			if a.bodyErr != nil || a.StatusCode != test.status || a.Header.Get("Content-Type") != test.contentType || !test.body(string(a.body)) {
				t.Errorf("got %d %q %.300q, %v", a.StatusCode, a.Header.Get("Content-Type"), a.body, a.bodyErr)
			}
			if name := test.header[0]; name != "" && a.Header.Get(name) != test.header[1] {
				t.Errorf("got %s %q", name, a.Header.Get(name))
			}
			if a.Header.Get("Cf-Ray") == "" {
				t.Errorf("no ray")
			}
		})
	}
}

func is(want string) func(string) bool { return func(s string) bool { return s == want } }

func has(part string) func(string) bool {
	return func(s string) bool { return strings.Contains(s, part) }
}

// connectionReset is what the system says of a connection that was reset.
func connectionReset() error {
	if runtime.GOOS == "windows" {
		return syscall.Errno(10054) // WSAECONNRESET, which package syscall has no portable name for
	}
	return syscall.ECONNRESET
}

func TestConnectionFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault portalapi.Fault
		want  error
	}{
		{portalapi.Reset(), connectionReset()},
		{portalapi.CloseWithoutAnswer(), io.EOF},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			api := start(t)
			api.Fail(test.fault)
			if _, err := do(t, client(t), http.MethodGet, portalURL(api, "minimal")); !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			if len(api.Requests()) != 1 || api.OpenConnections() != 0 {
				t.Errorf("got %d requests, %d open connections", len(api.Requests()), api.OpenConnections())
			}
		})
	}
}

func TestCutOff(t *testing.T) {
	t.Parallel()
	whole := len(`{"success":true,"errors":[],"messages":[],"result":}`) + len(portalapi.Fixture("minimal"))
	for _, test := range []struct {
		name   string
		fault  portalapi.Fault
		length int64
		got    int
	}{
		{"with length", portalapi.CutOff(30), int64(whole), 30},
		{"before the body", portalapi.CutOff(0), int64(whole), 0},
		{"last byte", portalapi.CutOff(-1), int64(whole), whole - 1},
		{"chunked", portalapi.CutOffChunked(30), -1, 30},
		{"chunked, last byte", portalapi.CutOffChunked(-1), -1, whole - 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := start(t)
			api.Fail(test.fault)
			a := get(t, client(t), portalURL(api, "minimal"))
			if a.StatusCode != 200 || a.ContentLength != test.length || len(a.body) != test.got || !errors.Is(a.bodyErr, io.ErrUnexpectedEOF) {
				t.Errorf("got %d, length %d, %d bytes, %v", a.StatusCode, a.ContentLength, len(a.body), a.bodyErr)
			}
		})
	}
}

// TestWaitsEndWithTheClient also proves that nothing is left behind: the
// server's Close would wait for it.
func TestWaitsEndWithTheClient(t *testing.T) {
	t.Parallel()
	for _, fault := range []portalapi.Fault{portalapi.Hang(), portalapi.Stall(10)} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			api := start(t)
			api.Fail(fault)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, portalURL(api, "minimal"), nil)
			noError(t, err)
			request.Header.Set("Authorization", "Bearer "+portalapi.Token)
			a, err := send(client(t), request)
			if !errors.Is(errors.Join(err, a.bodyErr), context.DeadlineExceeded) {
				t.Errorf("got %v, %v", err, a.bodyErr)
			}
			within(t, 5*time.Second, "the connection is closed", func() bool { return api.OpenConnections() == 0 })
		})
	}
}

func TestCloseEndsWaits(t *testing.T) {
	t.Parallel()
	for _, fault := range []portalapi.Fault{portalapi.Hang(), portalapi.Stall(10)} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			api := start(t)
			api.Fail(fault)
			c := client(t)
			failed := make(chan bool)
			go func() {
				// net/http tells no handler of a closed connection before the
				// request's body has been read: the server must end these itself.
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, portalURL(api, "minimal"), strings.NewReader("unread"))
				response, err := c.Do(request)
				if err == nil {
					_, err = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
				failed <- err != nil
			}()
			within(t, 5*time.Second, "the request arrives", func() bool { return len(api.Requests()) == 1 })
			api.Close()
			if !<-failed {
				t.Errorf("the answer ended well")
			}
		})
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	api := start(t)
	api.SetLatency(60 * time.Millisecond)
	c := client(t)
	begin := time.Now()
	get(t, c, portalURL(api, "minimal"))
	if took := time.Since(begin); took < 60*time.Millisecond {
		t.Errorf("took %v", took)
	}
	api.SetLatency(time.Hour)
	c.Timeout = 50 * time.Millisecond
	if _, err := do(t, c, http.MethodGet, portalURL(api, "minimal")); err == nil {
		t.Errorf("an answer in spite of the latency")
	}
}

func TestFaultsAreTakenInOrder(t *testing.T) {
	t.Parallel()
	api := start(t)
	c := client(t)
	status := func(id string) int { return get(t, c, portalURL(api, id)).StatusCode }
	api.Fail(portalapi.Empty(501).On("/portals/ugly"), portalapi.Empty(502), portalapi.Empty(503))
	got := []int{status("minimal"), status("ugly"), status("ugly"), status("ugly")}
	if want := []int{502, 501, 503, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}

	api.FailAlways(portalapi.Empty(504).On("/portals/ugly"))
	api.Fail(portalapi.Empty(500))
	got = []int{status("ugly"), status("ugly"), status("ugly"), status("minimal")}
	if want := []int{500, 504, 504, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}

	api.Fail(portalapi.Empty(500))
	api.ClearFaults()
	if got := status("ugly"); got != 200 {
		t.Errorf("after clearing: %d", got)
	}
}

func TestFailRandomly(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) (got []int) {
		api := start(t)
		api.FailRandomly(0.3, seed, portalapi.Empty(500), portalapi.Empty(502))
		c := client(t)
		for range 200 {
			got = append(got, get(t, c, portalURL(api, "minimal")).StatusCode)
		}
		return got
	}
	first := draw(7)
	count := map[int]int{}
	for _, status := range first {
		count[status]++
	}
	if failed := count[500] + count[502]; failed < 35 || failed > 85 || count[500] == 0 || count[502] == 0 || count[200]+failed != 200 {
		t.Errorf("got %v", count)
	}
	if !slices.Equal(first, draw(7)) {
		t.Errorf("the same seed drew something else")
	}
	if slices.Equal(first, draw(8)) {
		t.Errorf("another seed drew the same")
	}
}
