package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func readFull(t *testing.T, client *cloudflare.Client) (*cloudflare.Portal, error) {
	t.Helper()
	return client.Portal(t.Context(), portalapi.AccountID, portalapi.PortalIDFull)
}

func TestRetriedStatuses(t *testing.T) {
	t.Parallel()
	statuses := []int{408, 429, 500, 502, 503, 504}
	for status := 520; status <= 530; status++ {
		statuses = append(statuses, status)
	}
	for _, status := range statuses {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			for _, fault := range []portalapi.Fault{
				portalapi.APIError(status, portalapi.Error{Code: 1, Message: "trouble"}),
				portalapi.HTML(status), portalapi.Empty(status), portalapi.Raw(status, "text/plain", []byte("error code: 1\xff")),
			} {
				api.ResetRequests()
				api.Fail(fault)
				portal, err := readFull(t, newClient(t, api))
				if err != nil || *portal.ID != portalapi.PortalIDFull {
					t.Errorf("%s: %v", fault, err)
				}
				if n := len(api.Requests()); n != 2 {
					t.Errorf("%s: %d requests", fault, n)
				}
			}
		})
	}
}

func TestStatusesNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{
		201, 202, 203, 204, 206, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 418, 421, 422, 423, 425,
		426, 428, 431, 451, 499, 501, 505, 506, 507, 508, 510, 511, 519, 531, 598, 599, 600, 999,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			body := status != 204 && status != 304
			for _, fault := range []portalapi.Fault{
				portalapi.APIError(status, portalapi.Error{Code: 1, Message: "no"}),
				portalapi.HTML(status), portalapi.Empty(status),
				portalapi.Custom("cut off", func(w http.ResponseWriter, _ *http.Request) {
					if body {
						w.Header().Set("Content-Length", "100")
					}
					w.WriteHeader(status)
					_, _ = w.Write([]byte(`{"success":`))
				}),
			} {
				api.ResetRequests()
				api.Fail(fault)
				_, err := readFull(t, newClient(t, api))
				if e := clientError(t, err); e.Status != status || e.Attempts != 1 {
					t.Errorf("%s: %v after %d attempts", fault, e, e.Attempts)
				}
				if n := len(api.Requests()); n != 1 {
					t.Errorf("%s: %d requests", fault, n)
				}
				api.ClearFaults()
			}
		})
	}
}

// Faults of the connection are tried again. net/http sends a GET once more by
// itself where a connection that it kept was closed, so there may be more
// requests than attempts.
func TestRetriedFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []portalapi.Fault{
		portalapi.Reset(), portalapi.CloseWithoutAnswer(),
		portalapi.CutOff(0), portalapi.CutOff(1), portalapi.CutOff(1000), portalapi.CutOff(-1),
		portalapi.CutOffChunked(0), portalapi.CutOffChunked(1), portalapi.CutOffChunked(1000), portalapi.CutOffChunked(-1),
		portalapi.Custom("without a frame", unframed(`{"success":true,"result":{"id":"eng`)),
		portalapi.Custom("without a frame, one byte", unframed(`{`)),
		portalapi.Custom("without a frame, no byte", unframed("")),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			client := newClient(t, api)
			api.Fail(fault, fault)
			portal, err := readFull(t, client)
			if err != nil || *portal.ID != portalapi.PortalIDFull || len(portal.Servers) != 12 {
				t.Fatalf("got %v, %v", portal, err)
			}
			failed := slices.DeleteFunc(api.Requests(), func(r portalapi.Request) bool { return r.Fault == "" })
			if len(failed) != 2 {
				t.Errorf("%d faults were met", len(failed))
			}
			api.FailAlways(fault)
			_, err = readFull(t, client)
			e := clientError(t, err)
			if e.Attempts != cloudflare.DefaultMaxRetries+1 {
				t.Errorf("gave up after %d attempts: %v", e.Attempts, e)
			}
			if strings.Contains(fault.String(), "cut off") && !strings.Contains(e.Error(), "the answer was cut off") {
				t.Errorf("got %v", e)
			}
			wantNoSecret(t, "the error", e.Error())
		})
	}
}

// unframed answers in a way in which only the end of the connection is the end
// of the body.
func unframed(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s", body)
	}
}

func TestUnframedWhole(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.FailAlways(portalapi.Custom("unframed", unframed(`{"success":true,"result":{"id":"engineering","servers":[]}}`)))
	if portal, err := readFull(t, newClient(t, api)); err != nil || *portal.ID != portalapi.PortalIDFull {
		t.Errorf("got %v, %v", portal, err)
	}
}

// What came whole and makes no sense makes none the next time.
func TestMalformedNotRetried(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  portalapi.Fault
		reason string
	}{
		"HTML":           {portalapi.HTML(200), "is an HTML page, not JSON"},
		"empty":          {portalapi.Empty(200), "is empty"},
		"not JSON":       {portalapi.Body([]byte("no")), "is not valid JSON (byte 1)"},
		"truncated JSON": {portalapi.Body([]byte(`{"success":true,"result":{`)), "ends in the middle of its JSON"},
		"trailing":       {portalapi.Trailing("x"), "goes on after the end of its JSON"},
		"trailing JSON":  {portalapi.Trailing("{}"), "goes on after the end of its JSON"},
		"nested":         {portalapi.Result(strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)), "nests its JSON deeper than 10000 levels"},
		"invalid UTF-8":  {portalapi.Result("{\"name\":\"\xff\"}"), "is not valid UTF-8"},
		"no result":      {portalapi.Body([]byte(`{"success":true}`)), `says "success" but has no "result"`},
		"no success":     {portalapi.Body([]byte(`{"result":{}}`)), `is JSON, but without the "success" of Cloudflare's API`},
		"another API":    {portalapi.Body([]byte(`[]`)), "is JSON, but not in the form of Cloudflare's API"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			api.FailAlways(tt.fault)
			_, err := readFull(t, newClient(t, api))
			if got := cause[*cloudflare.BodyError](t, err).Reason; got != tt.reason {
				t.Errorf("got %q, want %q", got, tt.reason)
			}
			if e := clientError(t, err); e.Attempts != 1 || e.Status != 200 || len(api.Requests()) != 1 {
				t.Errorf("%v after %d attempts", e, e.Attempts)
			}
			if strings.Contains(err.Error(), "<") {
				t.Errorf("HTML in %v", err)
			}
		})
	}
	t.Run("success false", func(t *testing.T) {
		t.Parallel()
		api := startAPI(t)
		api.FailAlways(portalapi.APIError(200, portalapi.Error{Code: 7001, Message: "odd"}))
		_, err := readFull(t, newClient(t, api))
		e := clientError(t, err)
		if e.Attempts != 1 || e.Status != 200 || !e.HasCode(7001) || e.Err != nil {
			t.Errorf("%v after %d attempts", e, e.Attempts)
		}
	})
	t.Run("a wrong type", func(t *testing.T) {
		t.Parallel()
		api := startAPI(t)
		api.FailAlways(portalapi.Result(`{"servers":[{},{"on_behalf":"no"}]}`))
		_, err := readFull(t, newClient(t, api))
		want := &cloudflare.DecodeError{Path: "servers[1].on_behalf", Expected: "a boolean", Found: "a string"}
		if diff := cmp.Diff(want, cause[*cloudflare.DecodeError](t, err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if e := clientError(t, err); e.Attempts != 1 {
			t.Errorf("%d attempts", e.Attempts)
		}
	})
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 4, 9} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			api.FailAlways(portalapi.APIError(503, portalapi.Error{Code: 1, Message: "over capacity"}))
			var log records
			_, err := readFull(t, newClient(t, api, retries(n), logTo(&log)))
			e := clientError(t, err)
			requests := api.Requests()
			if len(requests) != n+1 || e.Attempts != n+1 {
				t.Errorf("%d requests, %d attempts", len(requests), e.Attempts)
			}
			want := &cloudflare.Error{
				Object:    cloudflare.Object{Kind: "MCP portal", ID: portalapi.PortalIDFull},
				AccountID: portalapi.AccountID, Status: 503, RayID: requests[n].Ray, Attempts: n + 1,
				Errors: []cloudflare.APIError{{Code: 1, Message: "over capacity"}},
			}
			if diff := cmp.Diff(want, e); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if waits := log.at(t, slog.LevelWarn); len(waits) != n {
				t.Errorf("%d waits were logged", len(waits))
			}
		})
	}
}

// The last answer is told, not the first.
func TestLastAnswer(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Fail(portalapi.APIError(500, portalapi.Error{Code: 1, Message: "first"}), portalapi.HTML(502),
		portalapi.APIError(403, portalapi.Error{Code: 10000, Message: "Authentication error"}))
	_, err := readFull(t, newClient(t, api))
	e := clientError(t, err)
	if e.Status != 403 || e.Attempts != 3 || e.Err != nil || e.RayID != api.Requests()[2].Ray {
		t.Errorf("got %v after %d attempts", e, e.Attempts)
	}
	if diff := cmp.Diff([]cloudflare.APIError{{Code: 10000, Message: "Authentication error"}}, e.Errors); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	api.ResetRequests()
	api.Fail(portalapi.APIError(500, portalapi.Error{Code: 1, Message: "first"}), portalapi.HTML(502))
	_, err = readFull(t, newClient(t, api, retries(1)))
	e = clientError(t, err)
	if body := cause[*cloudflare.BodyError](t, err); body.ContentType != "text/html" || body.Size == 0 {
		t.Errorf("got %+v", body)
	}
	if e.Status != 502 || e.Attempts != 2 || len(e.Errors) != 0 || e.RayID != api.Requests()[1].Ray {
		t.Errorf("got %v after %d attempts", e, e.Attempts)
	}
}

// An API that asks for a second gets it. This is the one test that really waits.
func TestRetryAfterOnTheWire(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Fail(portalapi.RateLimit("1"))
	if _, err := readFull(t, newClient(t, api)); err != nil {
		t.Fatal(err)
	}
	requests := api.Requests()
	if len(requests) != 2 {
		t.Fatalf("%d requests", len(requests))
	}
	if apart := requests[1].Time.Sub(requests[0].Time); apart < time.Second {
		t.Errorf("the requests are %s apart", apart)
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for _, fault := range []portalapi.Fault{portalapi.Hang(), portalapi.Stall(0), portalapi.Stall(100)} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			client := newClient(t, api)
			api.Fail(portalapi.APIError(503, portalapi.Error{Code: 1, Message: "over capacity"}), fault)
			ctx, cancel := cloudflare.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := client.Portal(ctx, portalapi.AccountID, portalapi.PortalIDFull)
			e := clientError(t, err)
			if got := cause[*cloudflare.TimeoutError](t, err).Budget; got != time.Second {
				t.Errorf("there was %s, it says %s", time.Second, got)
			}
			if e.Attempts < 2 {
				t.Skip("the machine was too slow for a second attempt")
			}
			if silent := fault.String() == "hang"; silent && (e.Status != 503 || !e.HasCode(1)) || !silent && e.Status != 200 {
				t.Errorf("the last answer is not told: %v", e)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	client := newClient(t, api)
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := client.Portal(ctx, portalapi.AccountID, portalapi.PortalIDMinimal)
		if e := clientError(t, err); e.Err != context.Canceled { //nolint:errorlint // not a timeout that calls itself that
			t.Errorf("got %v", e)
		}
	})
	t.Run("during an attempt", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		api.Fail(portalapi.Custom("cancel", func(http.ResponseWriter, *http.Request) {
			cancel()
			panic(http.ErrAbortHandler)
		}).On("/portals/cancelled"))
		_, err := client.Portal(ctx, portalapi.AccountID, "cancelled")
		e := clientError(t, err)
		if !errors.Is(err, context.Canceled) || e.Attempts != 1 || strings.Contains(e.Error(), "http") {
			t.Errorf("got %v after %d attempts", e, e.Attempts)
		}
	})
	t.Run("deadline before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := cloudflare.WithTimeout(t.Context(), 0)
		defer cancel()
		_, err := client.Portal(ctx, portalapi.AccountID, portalapi.PortalIDMinimal)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	var log records
	client := newClient(t, api, logTo(&log), retries(3))
	api.Fail(portalapi.APIError(503), portalapi.HTML(502), portalapi.CutOff(10))
	if _, err := readFull(t, client); err != nil {
		t.Fatal(err)
	}
	requests := api.Requests()
	lines := log.at(t, slog.LevelDebug)
	waits := log.at(t, slog.LevelWarn)
	if len(lines) != 4 || len(waits) != 3 {
		t.Fatalf("%d requests and %d waits were logged", len(lines), len(waits))
	}
	statuses := []float64{503, 502, 200, 200}
	for i, line := range lines {
		if n, ok := line["duration_ms"].(float64); !ok || n < 0 {
			t.Errorf("duration_ms is %v", line["duration_ms"])
		}
		if n, ok := line["bytes"].(float64); !ok || n == 0 || i == 2 && n != 10 {
			t.Errorf("bytes is %v", line["bytes"])
		}
		delete(line, "duration_ms")
		delete(line, "bytes")
		delete(line, "error")
		want := map[string]any{
			"level": "DEBUG", "msg": "request to Cloudflare's API", "method": "GET", "path": ai + "/portals/engineering",
			"status": statuses[i], "attempt": float64(i + 1), "cf_ray": requests[i].Ray,
		}
		if diff := cmp.Diff(want, line); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i+1, diff)
		}
	}
	reasons := []string{
		"HTTP 503",
		"HTTP 502: the answer is an HTML page, not JSON (text/html, ",
		"HTTP 200: the answer was cut off after 10 bytes: unexpected EOF",
	}
	for i, line := range waits {
		if wait, err := time.ParseDuration(line["wait"].(string)); err != nil || wait < 0 || wait > 4*time.Millisecond {
			t.Errorf("wait %d is %v", i+1, line["wait"])
		}
		if reason, _ := line["reason"].(string); !strings.HasPrefix(reason, reasons[i]) {
			t.Errorf("reason %d is %q, want %q", i+1, reason, reasons[i])
		}
		if line["attempt"] != float64(i+1) || line["cf_ray"] != requests[i].Ray {
			t.Errorf("wait %d: %v", i+1, line)
		}
	}
	wantNoSecret(t, "the log", log.String())
}

// A request that was not answered is logged as well, and its wait.
func TestRequestLogWithoutAnswer(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	var log records
	client := newClient(t, api, logTo(&log), retries(1))
	api.FailAlways(portalapi.CloseWithoutAnswer())
	if _, err := readFull(t, client); err == nil {
		t.Fatal("no error")
	}
	for _, line := range slices.Concat(log.at(t, slog.LevelDebug), log.at(t, slog.LevelWarn)) {
		text := fmt.Sprint(line["error"], line["reason"])
		if !strings.Contains(text, "EOF") || strings.Contains(text, "http") || line["status"] != nil {
			t.Errorf("got %v", line)
		}
	}
	if n := len(log.at(t, slog.LevelDebug)); n != 2 {
		t.Errorf("%d attempts were logged", n)
	}
}

// Without a logger nothing is logged, and nothing panics.
func TestNoLogger(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Fail(portalapi.APIError(503))
	if _, err := readFull(t, newClient(t, api)); err != nil {
		t.Error(err)
	}
}
