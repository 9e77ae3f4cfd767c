package cloudflare_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// Bodies beyond the limit, packed or not, are refused without taking more
// memory than a few times the limit.
//
//nolint:paralleltest // it measures the memory of the process
func TestBodyLimit(t *testing.T) {
	if testing.Short() || cloudflare.RaceDetector {
		t.Skip("takes hundreds of megabytes, and measures them")
	}
	const mebibytes = cloudflare.MaxBodySize >> 20
	errorsOf := func(size int) portalapi.Fault {
		return portalapi.Custom("a large error", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"success":false,"errors":[{"code":1,"message":"%s"}]}`, strings.Repeat("x", size))
		})
	}
	for name, tt := range map[string]struct {
		fault  portalapi.Fault
		reason string // "" if it is read
		size   int
	}{
		"large":                   {big(mebibytes + 1), "is larger than 64 MiB", cloudflare.MaxBodySize + 1},
		"very large":              {big(1024), "is larger than 64 MiB", cloudflare.MaxBodySize + 1},
		"just below the limit":    {big(mebibytes - 1), "", 0},
		"a bomb":                  {gzipBomb(1024), "is larger than 64 MiB", cloudflare.MaxBodySize + 1},
		"a bomb within the limit": {gzipBomb(10), "is empty", 10 << 20},
		"an error":                {errorsOf(2 << 20), "is larger than 1 MiB", 1<<20 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			api := startAPI(t)
			client := newClient(t, api)
			api.Fail(tt.fault)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := client.Portal(t.Context(), portalapi.AccountID, "big")
			runtime.ReadMemStats(&after)

			if tt.reason == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
			} else {
				body := cause[*cloudflare.BodyError](t, err)
				if body.Reason != tt.reason || body.Size != tt.size {
					t.Errorf("got %+v, want %s, %d bytes", body, tt.reason, tt.size)
				}
				if e := clientError(t, err); e.Attempts != 1 {
					t.Errorf("%d attempts", e.Attempts)
				}
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 5*cloudflare.MaxBodySize {
				t.Errorf("%d MiB were allocated", allocated>>20)
			}
			if grown := after.HeapSys - before.HeapSys; after.HeapSys > before.HeapSys && grown > 5*cloudflare.MaxBodySize {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

// A client that stops reading a body gives its connection up; one that reads
// it to its end keeps it, whatever the body was.
func TestConnectionsAfterErrors(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api, retries(0))
	for _, fault := range []portalapi.Fault{
		portalapi.HTML(502), portalapi.Empty(500), portalapi.RateLimit("0"), portalapi.Trailing("x"), portalapi.Result(strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)),
		portalapi.APIError(404), portalapi.Result(`[]`), portalapi.APIError(200, portalapi.Error{Code: 1, Message: "no"}),
	} {
		api.Fail(fault)
		if _, err := readFull(t, client); err == nil {
			t.Errorf("%s: no error", fault)
		}
	}
	if n := api.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	client.CloseIdleConnections()
	for end := time.Now().Add(10 * time.Second); api.OpenConnections() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d connections are still open", api.OpenConnections())
		}
	}
}

// Answers that are compressed are read like others.
func TestGzip(t *testing.T) {
	t.Parallel()
	packed, plain := startAPI(t, portalapi.WithGzip()), startAPI(t)
	a, err := readFull(t, newClient(t, packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := readFull(t, newClient(t, plain))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Servers) != 12 || len(b.Servers) != 12 {
		t.Errorf("got %d and %d servers", len(a.Servers), len(b.Servers))
	}
	if got := packed.Requests()[0].Header.Get("Accept-Encoding"); got != "gzip" {
		t.Errorf("Accept-Encoding is %q", got)
	}
}

// Bytes that cannot be unpacked are an error of the connection, and tried again.
func TestBrokenGzip(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"no gzip": "{}", "cut off": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xaa"} {
		api := startAPI(t)
		api.Fail(portalapi.Custom(name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(body))
		}))
		if _, err := readFull(t, newClient(t, api)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A page of large portals may be beyond the limit though none of them is: then
// the list is read in smaller pages.
//
//nolint:paralleltest // as TestBodyLimit
func TestListInSmallerPages(t *testing.T) {
	if testing.Short() || cloudflare.RaceDetector {
		t.Skip("takes hundreds of megabytes")
	}
	const mebibytes = cloudflare.MaxBodySize >> 20
	for name, tt := range map[string]struct {
		tooLarge int
		pages    []string
		fails    bool
	}{
		"once":  {1, []string{"50", "10"}, false},
		"twice": {2, slices.Concat([]string{"50", "10"}, slices.Repeat([]string{"1"}, 2*len(portalapi.FixtureNames()))), false},
		"ever":  {3, []string{"50", "10", "1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			api := startAPI(t)
			for range tt.tooLarge {
				api.Fail(big(mebibytes + 1))
			}
			portals, err := newClient(t, api).Portals(t.Context(), portalapi.AccountID, "")
			if (err != nil) != tt.fails || err == nil && len(portals) != len(portalapi.FixtureNames()) {
				t.Errorf("got %d portals, %v", len(portals), err)
			}
			var pages []string
			for _, request := range api.Requests() {
				query, err := url.ParseQuery(request.RawQuery)
				if err != nil {
					t.Fatal(err)
				}
				pages = append(pages, query.Get("per_page"))
			}
			if !slices.Equal(pages, tt.pages) {
				t.Errorf("asked for pages of %v, want %v", pages, tt.pages)
			}
		})
	}
}

// big answers with a portal whose description has that many MiB.
func big(mebibytes int) portalapi.Fault {
	const head, tail = `{"success":true,"errors":[],"messages":[],"result":{"id":"big","description":"`, `","servers":[]}}`
	return portalapi.Custom("big", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(head)+mebibytes<<20+len(tail)))
		_, err := w.Write([]byte(head))
		filling := bytes.Repeat([]byte("x"), 1<<20)
		for range mebibytes {
			if err == nil {
				_, err = w.Write(filling)
			}
		}
		_, _ = w.Write([]byte(tail))
	})
}

// gzipBomb answers with a body that unpacks to that many MiB of spaces, about a
// thousandth of which is sent.
func gzipBomb(mebibytes int) portalapi.Fault {
	return portalapi.Custom("gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, err := zip.Write(bytes.Repeat([]byte(" "), 1<<20))
		_ = zip.Close()
		// A gzip stream may have several members: one MiB, over and over.
		for range mebibytes {
			if err == nil {
				_, err = w.Write(packed.Bytes())
			}
		}
	})
}
