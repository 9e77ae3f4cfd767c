package cloudflare_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	portal := cloudflare.Object{Kind: "MCP portal", ID: "eng"}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"all of it": {
			&cloudflare.Error{
				Object: portal, AccountID: "acc", Status: 400, RayID: "8f-FRA", Attempts: 1,
				Errors: []cloudflare.APIError{
					{Code: 6003, Message: "Invalid request headers", Chain: []cloudflare.APIError{{Code: 6111, Message: "Invalid format", Chain: []cloudflare.APIError{{Message: "deeper"}}}}},
					{Code: 7001, Message: "no", Pointer: "/page"},
				},
			},
			`reading MCP portal "eng" of account "acc": HTTP 400: 6003: Invalid request headers ← 6111: Invalid format ← deeper: 7001: no (at /page) (cf-ray 8f-FRA)`,
		},
		"no answer": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Attempts: 5, Err: errors.New("connection refused")},
			`reading MCP portal "eng" of account "acc": connection refused`,
		},
		"a body": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 502, Err: &cloudflare.BodyError{Reason: "is an HTML page, not JSON", ContentType: "text/html", Size: 120}},
			`reading MCP portal "eng" of account "acc": the answer is an HTML page, not JSON (text/html, 120 bytes): HTTP 502`,
		},
		"a list": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portals"}, AccountID: "acc", Status: 500},
			`reading MCP portals of account "acc": HTTP 500`,
		},
		"a hostname": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portal", Hostname: "a.example"}, AccountID: "acc", Err: &cloudflare.NotFoundError{}},
			`reading MCP portal with hostname "a.example" of account "acc": nothing matches`,
		},
		"an id for a terminal": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portal", ID: "\x1b[2J\u202e\n"}, AccountID: "a\x00"},
			`reading MCP portal "\x1b[2J\u202e\n" of account "a\x00"`,
		},
		"an error without anything": {errors.New(cloudflare.APIError{}.String()), "(no message)"},
		"a code alone":              {errors.New(cloudflare.APIError{Code: 7}.String()), "7: (no message)"},
		"no content type":           {&cloudflare.BodyError{Reason: "is empty"}, "the answer is empty (no content type, 0 bytes)"},
		"a value":                   {&cloudflare.DecodeError{Path: "servers[3].on_behalf", Expected: "a boolean", Found: "a string"}, "servers[3].on_behalf: expected a boolean, found a string"},
		"a redirect":                {&cloudflare.RedirectError{Host: "evil.example"}, "a redirect to evil.example was refused"},
		"a redirect nowhere":        {&cloudflare.RedirectError{}, "a redirect without a destination was refused"},
		"out of time":               {&cloudflare.TimeoutError{Budget: 3 * time.Second}, "the time for reading (3s) ran out"},
		"a wait too long":           {&cloudflare.TimeoutError{Budget: time.Minute, Wait: 5 * time.Minute}, "the next attempt would have to wait 5m0s, and the time for reading (1m0s) ends before"},
		"several match":             {&cloudflare.NotFoundError{Matches: 2}, "2 match, where exactly one is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestHasCode(t *testing.T) {
	t.Parallel()
	err := &cloudflare.Error{Errors: []cloudflare.APIError{
		{Code: 1},
		{Code: 2, Chain: []cloudflare.APIError{{Code: 3, Chain: []cloudflare.APIError{{Code: 4}}}}},
	}}
	for code, want := range map[int]bool{1: true, 2: true, 3: true, 4: true, 5: false, 0: false} {
		if got := err.HasCode(code); got != want {
			t.Errorf("HasCode(%d) = %v", code, got)
		}
	}
}

func TestErrorUnwrap(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outer: %w", &cloudflare.Error{Err: &cloudflare.TimeoutError{Budget: time.Second}})
	var (
		inner   *cloudflare.Error
		timeout *cloudflare.TimeoutError
		body    *cloudflare.BodyError
	)
	if !errors.As(err, &inner) || !errors.As(err, &timeout) || errors.As(err, &body) {
		t.Errorf("errors.As does not see what is in %v", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("errors.Is does not see what is in %v", err)
	}
	if (&cloudflare.Error{}).Unwrap() != nil {
		t.Error("an Error without a cause unwraps to something")
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	type kinds struct{ answered, refused, notFound, limited, outOfOrder bool }
	for status, tt := range map[int]struct {
		text string
		want kinds
	}{
		0:   {"", kinds{}},
		200: {"200 OK", kinds{answered: true}},
		201: {"201 Created", kinds{}},
		302: {"302 Found", kinds{}},
		400: {"400 Bad Request", kinds{}},
		401: {"401 Unauthorized", kinds{refused: true}},
		403: {"403 Forbidden", kinds{refused: true}},
		404: {"404 Not Found", kinds{notFound: true}},
		408: {"408 Request Timeout", kinds{outOfOrder: true}},
		429: {"429 Too Many Requests", kinds{limited: true}},
		500: {"500 Internal Server Error", kinds{outOfOrder: true}},
		520: {"520", kinds{outOfOrder: true}},
	} {
		e := &cloudflare.Error{Status: status}
		got := kinds{e.OK(), e.AccessDenied(), e.NotFound(), e.RateLimited(), e.APITrouble()}
		if got != tt.want || e.StatusText() != tt.text {
			t.Errorf("%d: got %q %+v, want %q %+v", status, e.StatusText(), got, tt.text, tt.want)
		}
	}
}
