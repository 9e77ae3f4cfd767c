package cloudflare_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// TestMain fails if a test leaves a goroutine, and so a connection or a timer,
// behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startAPI returns a stand-in that the end of the test closes.
func startAPI(t *testing.T, options ...portalapi.Option) *portalapi.Server {
	t.Helper()
	api := portalapi.New(options...)
	t.Cleanup(api.Close)
	return api
}

// newClient returns a client of api that hardly waits between attempts, and
// closes it at the end of the test.
func newClient(t *testing.T, api *portalapi.Server, changes ...func(*cloudflare.Config)) *cloudflare.Client {
	t.Helper()
	config := cloudflare.Config{
		BaseURL:     api.URL(),
		Credentials: cloudflare.Credentials{Token: portalapi.Token},
		UserAgent:   "client-test/1.0",
		MaxRetries:  cloudflare.DefaultMaxRetries,
		MinWait:     time.Millisecond,
		MaxWait:     4 * time.Millisecond,
	}
	for _, change := range changes {
		change(&config)
	}
	client, err := cloudflare.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// newClientTo returns a client of whatever listens at baseURL.
func newClientTo(t *testing.T, baseURL string, credentials cloudflare.Credentials) *cloudflare.Client {
	t.Helper()
	client, err := cloudflare.New(cloudflare.Config{
		BaseURL: baseURL, Credentials: credentials, MinWait: time.Millisecond, MaxWait: 4 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func retries(n int) func(*cloudflare.Config) {
	return func(c *cloudflare.Config) { c.MaxRetries = n }
}

// records is a log that a test can read.
type records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// logTo makes a client log everything, as JSON, to r.
func logTo(r *records) func(*cloudflare.Config) {
	return func(c *cloudflare.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}

func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// at returns the records of a level, in order, without their time.
func (r *records) at(t *testing.T, level slog.Level) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range strings.Lines(r.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("log line %q: %v", line, err)
		}
		if record["level"] == level.String() {
			delete(record, "time")
			list = append(list, record)
		}
	}
	return list
}

// clientError returns err as the one type of error that the client returns.
func clientError(t *testing.T, err error) *cloudflare.Error {
	t.Helper()
	var e *cloudflare.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a *cloudflare.Error", err, err)
	}
	return e
}

// cause returns what err wraps as an E.
func cause[E error](t *testing.T, err error) E {
	t.Helper()
	var e E
	if !errors.As(clientError(t, err), &e) {
		t.Fatalf("got %v, want a %T in it", err, e)
	}
	return e
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func wantNoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{portalapi.Token, portalapi.Key} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows a secret: %s", where, text)
		}
	}
}
