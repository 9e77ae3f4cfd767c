package portalapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const mcp = "/access/ai-controls/mcp/"

// start returns a running stand-in that the end of the test closes.
func start(t *testing.T, opts ...portalapi.Option) *portalapi.Server {
	t.Helper()
	api := portalapi.New(opts...)
	t.Cleanup(api.Close)
	return api
}

// client returns an HTTP client with connections of its own.
func client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body    []byte
	bodyErr error
}

// envelope is what the API's answers have in common.
type envelope struct {
	Success    bool             `json:"success"`
	Errors     []apiError       `json:"errors"`
	Messages   []any            `json:"messages"`
	Result     json.RawMessage  `json:"result"`
	ResultInfo map[string]int64 `json:"result_info"`
}

type apiError struct {
	Code    int                      `json:"code"`
	Message string                   `json:"message"`
	DocsURL string                   `json:"documentation_url"`
	Source  struct{ Pointer string } `json:"source"`
	Chain   []apiError               `json:"error_chain"`
}

func (a answer) envelope(t *testing.T) envelope {
	t.Helper()
	if a.bodyErr != nil {
		t.Fatalf("body: %v", a.bodyErr)
	}
	var e envelope
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("envelope: %v in %.200q", err, a.body)
	}
	return e
}

// codes returns the errors' codes, chain included, in order.
func (e envelope) codes() []int {
	var out []int
	for _, one := range e.Errors {
		out = append(out, one.Code)
		for _, link := range one.Chain {
			out = append(out, link.Code)
		}
	}
	return out
}

func portalURL(api *portalapi.Server, id string) string {
	return api.URL() + "/accounts/" + portalapi.AccountID + mcp + "portals/" + id
}

func serversURL(api *portalapi.Server, rest string) string {
	return api.URL() + "/accounts/" + portalapi.AccountID + mcp + "servers" + rest
}

// do sends the request with the usual token and reads the answer.
func do(t *testing.T, c *http.Client, method, url string) (answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+portalapi.Token)
	return send(c, request)
}

func send(c *http.Client, request *http.Request) (answer, error) {
	response, err := c.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{response, body, err}, nil
}

func get(t *testing.T, c *http.Client, url string) answer {
	t.Helper()
	a, err := do(t, c, http.MethodGet, url)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// within polls until the condition holds.
func within(t *testing.T, d time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", d, what)
		}
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// compacted returns the JSON without white space outside strings.
func compacted(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	noError(t, json.Compact(&b, raw))
	return b.String()
}
