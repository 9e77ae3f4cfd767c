package provider

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	portal := cloudflare.Object{Kind: "MCP portal", ID: "eng"}
	apiError := func(code int, message string) []cloudflare.APIError {
		return []cloudflare.APIError{{Code: code, Message: message}}
	}
	tests := map[string]struct {
		err  error
		want explanation
	}{
		"wrong token": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 403, Errors: apiError(10000, "Authentication error"), RayID: "8c1-AMS", Attempts: 1},
			explanation{
				summary: `Not allowed to read MCP portal "eng"`,
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 403 Forbidden:
  10000: Authentication error

The credentials are wrong or expired, or they may not read MCP portals. An API token needs the permission MCP Portals Read (or MCP Portals Write) for account "acc". Where both an API token and an API key are set, the token is used.

For Cloudflare's support: cf-ray 8c1-AMS.`,
			},
		},
		"malformed token": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 400, Attempts: 1, Errors: []cloudflare.APIError{{
				Code: 6003, Message: "Invalid request headers",
				Chain: []cloudflare.APIError{{Code: 6111, Message: "Invalid format for Authorization header"}},
			}}},
			explanation{
				summary: "Cloudflare's API cannot read the credentials",
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 400 Bad Request:
  6003: Invalid request headers
    6111: Invalid format for Authorization header

The API token or key is malformed. Check that it is whole, without quotes, blanks and the word Bearer.`,
			},
		},
		"unknown portal": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 404, Errors: apiError(7002, "Not Found"), Attempts: 1},
			explanation{
				attribute: "id",
				summary:   `MCP portal "eng" not found`,
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 404 Not Found:
  7002: Not Found

Check the id "eng". It may have been deleted, or be in another account than "acc": then set account_id. The data sources mcp_portals and mcp_servers list what there is.`,
			},
		},
		"unknown account": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 404, Attempts: 1, Errors: []cloudflare.APIError{
				{Code: 7003, Message: "Could not route to /accounts/acc/…, perhaps your object identifier is invalid?"},
				{Code: 7000, Message: "No route for that URI", DocumentationURL: "https://example.com/7000"},
			}},
			explanation{
				attribute: "account_id",
				summary:   "Cloudflare's API does not know the account",
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 404 Not Found:
  7003: Could not route to /accounts/acc/…, perhaps your object identifier is invalid?
  7000: No route for that URI – https://example.com/7000

Check the account id "acc": 32 hexadecimal digits, which Cloudflare's dashboard shows in its address and on the account's overview page. It comes from the data source, the provider, or the environment variable CLOUDFLARE_ACCOUNT_ID.`,
			},
		},
		"no success with status 200": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Errors: apiError(7001, "Invalid value for id"), Attempts: 1},
			explanation{
				summary: `The API refused to read MCP portal "eng"`,
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 200 OK:
  7001: Invalid value for id`,
			},
		},
		"rate limit": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 429, Errors: apiError(971, "Slow down"), Attempts: 5},
			explanation{
				attribute: "timeouts",
				summary:   "Cloudflare's API is limiting the rate of requests",
				detail: `Reading MCP portal "eng" of account "acc" failed.

The last answer of Cloudflare's API was HTTP 429 Too Many Requests:
  971: Slow down

Cloudflare allows 1,200 requests in five minutes per user or token, and then blocks for five minutes. Try again later, let Terraform do less at once (-parallelism), or allow for more retries (max_retries) and time (timeouts).

It was tried 5 times.`,
			},
		},
		"HTML page with an error status": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 502, Attempts: 5, Err: &cloudflare.BodyError{Reason: "is an HTML page, not JSON", ContentType: "text/html", Size: 812}},
			explanation{
				summary: "The API is out of order",
				detail: `Reading MCP portal "eng" of account "acc" failed. The answer is an HTML page, not JSON (text/html, 812 bytes).

The last answer had the status HTTP 502 Bad Gateway.

Try again later. https://www.cloudflarestatus.com shows known troubles of Cloudflare's API.

It was tried 5 times.`,
			},
		},
		"HTML page with status 200": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Attempts: 1, Err: &cloudflare.BodyError{Reason: "is an HTML page, not JSON", ContentType: "text/html", Size: 812}},
			explanation{
				summary: "The answer is not one of Cloudflare's API",
				detail: `Reading MCP portal "eng" of account "acc" failed. The answer is an HTML page, not JSON (text/html, 812 bytes).

Something else may have answered: check the provider's base_url, and whether a proxy or a login page stands in between. If it is Cloudflare's edge, try again later.`,
			},
		},
		"HTML page with status 404": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 404, Attempts: 1, Err: &cloudflare.BodyError{Reason: "is an HTML page, not JSON", ContentType: "text/html", Size: 812}},
			explanation{
				summary: "The answer is not one of Cloudflare's API",
				detail: `Reading MCP portal "eng" of account "acc" failed. The answer is an HTML page, not JSON (text/html, 812 bytes).

The answer had the status HTTP 404 Not Found.

Something else may have answered: check the provider's base_url, and whether a proxy or a login page stands in between. If it is Cloudflare's edge, try again later.`,
			},
		},
		"too large": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portals"}, AccountID: "acc", Status: 200, Attempts: 1, Err: &cloudflare.BodyError{Reason: "is larger than 64 MiB", ContentType: "application/json", Size: 67108865, Limit: true}},
			explanation{
				summary: "The answer of Cloudflare's API is beyond what is read",
				detail: `Reading MCP portals of account "acc" failed. The answer is larger than 64 MiB (application/json, 67108865 bytes).

The limit keeps an answer from filling the memory. If it is a genuine one, please report it; until then, read portals one by one, or narrow a list with search.`,
			},
		},
		"no such address": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 404, Errors: apiError(7000, "No route for that URI"), Attempts: 1},
			explanation{
				summary: "Cloudflare's API does not know the address",
				detail: `Reading MCP portal "eng" of account "acc" failed.

Cloudflare's API answered with HTTP 404 Not Found:
  7000: No route for that URI

Check the provider's base_url and the environment variable CLOUDFLARE_BASE_URL: that of Cloudflare ends in /client/v4.`,
			},
		},
		"cut off, then no answer": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Attempts: 2, Err: &cloudflare.NetworkError{Text: "EOF"}},
			explanation{
				summary: "The connection to Cloudflare's API failed",
				detail: `Reading MCP portal "eng" of account "acc" failed. EOF.

Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY), and the provider's base_url.

It was tried 2 times.`,
			},
		},
		"wrong type": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Attempts: 1, Err: &cloudflare.DecodeError{Path: "servers[3].default_disabled", Expected: "a boolean", Found: "a string"}},
			explanation{
				summary: "Unexpected value in the answer of Cloudflare's API",
				detail: `Reading MCP portal "eng" of account "acc" failed. At servers[3].default_disabled, a boolean was expected, and a string found.

The API does not keep to its reference there, or has changed. Please report this path and the two types to the provider's developers. Nothing was guessed, so that no plan is built on it.`,
			},
		},
		"time ran out": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 503, RayID: "8c1-AMS", Attempts: 3, Errors: apiError(1, "Busy"), Err: &cloudflare.TimeoutError{Budget: 3 * time.Second}},
			explanation{
				attribute: "timeouts",
				summary:   `Time ran out while reading MCP portal "eng"`,
				detail: `Reading MCP portal "eng" of account "acc" failed. The time for reading (3s) ran out.

The last answer of Cloudflare's API was HTTP 503 Service Unavailable:
  1: Busy

Give it more time with timeouts = { read = "…" }, or look into why the API does not answer: https://www.cloudflarestatus.com shows its known troubles.

It was tried 3 times. For Cloudflare's support: cf-ray 8c1-AMS.`,
			},
		},
		"redirect": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 302, Attempts: 1, Err: &cloudflare.RedirectError{Host: "evil.example"}},
			explanation{
				summary: "A redirect came instead of an answer of Cloudflare's API",
				detail: `Reading MCP portal "eng" of account "acc" failed. A redirect to evil.example was refused. A request carries credentials, which must go nowhere else.

The answer had the status HTTP 302 Found.

Check the provider's base_url and the environment variable CLOUDFLARE_BASE_URL, and whether a proxy stands in between.`,
			},
		},
		"network": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Attempts: 5, Err: &cloudflare.NetworkError{Text: "dial tcp 127.0.0.1:1: connect: connection refused"}},
			explanation{
				summary: "The connection to Cloudflare's API failed",
				detail: `Reading MCP portal "eng" of account "acc" failed. Dial tcp 127.0.0.1:1: connect: connection refused.

Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY), and the provider's base_url.

It was tried 5 times.`,
			},
		},
		"interrupted": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Attempts: 1, Err: context.Canceled},
			explanation{
				summary: `Reading MCP portal "eng" was interrupted`,
				detail:  `Reading MCP portal "eng" of account "acc" failed.`,
			},
		},
		"unknown hostname": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portal", Hostname: "mcp.exampel.com"}, AccountID: "acc", Err: &cloudflare.NotFoundError{Closest: []string{"mcp.example.com", "a.example.com"}}},
			explanation{
				attribute: "hostname",
				summary:   `No MCP portal has the hostname "mcp.exampel.com"`,
				detail: `Reading MCP portal with hostname "mcp.exampel.com" of account "acc" failed. No portal has that hostname.

The closest hostnames in this account are: mcp.example.com, a.example.com. If the portal is in another account, set account_id.`,
			},
		},
		"hostname of several": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portal", Hostname: "a.example.com"}, AccountID: "acc", Err: &cloudflare.NotFoundError{Matches: 2}},
			explanation{
				attribute: "hostname",
				summary:   "Several MCP portals have that hostname",
				detail: `Reading MCP portal with hostname "a.example.com" of account "acc" failed. 2 portals have it.

Name the portal by its id instead.`,
			},
		},
		"HTML page with status 403": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 403, Attempts: 1, Err: &cloudflare.BodyError{Reason: "is an HTML page, not JSON", ContentType: "text/html", Size: 812}},
			explanation{
				summary: "The answer is not one of Cloudflare's API",
				detail: `Reading MCP portal "eng" of account "acc" failed. The answer is an HTML page, not JSON (text/html, 812 bytes).

The answer had the status HTTP 403 Forbidden.

Something else may have answered: check the provider's base_url, and whether a proxy or a login page stands in between. If it is Cloudflare's edge, try again later. With HTTP 401 or 403, it may also be a firewall's page: of the network that you are in, or Cloudflare's own.`,
			},
		},
		"another portal": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Attempts: 1, Err: &cloudflare.MismatchError{What: "id", Asked: "eng", Got: "Eng"}},
			explanation{
				attribute: "id",
				summary:   "The answer is about another MCP portal",
				detail: `Reading MCP portal "eng" of account "acc" failed. The id "eng" was asked for, and the answer has "Eng".

Nothing was stored: a check would be about something else than it says. Check that the id is written as Cloudflare writes it, upper and lower case included, and whether a proxy stands in between.`,
			},
		},
		"a portal with another hostname": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Status: 200, Attempts: 1, Err: &cloudflare.MismatchError{What: "hostname", Asked: "a.example"}},
			explanation{
				attribute: "hostname",
				summary:   "The answer is about another MCP portal",
				detail: `Reading MCP portal "eng" of account "acc" failed. The hostname "a.example" was asked for, and the answer has none.

The list of portals had it a moment ago, so it may just have been changed: try again.`,
			},
		},
		"no reason": {
			&cloudflare.Error{Object: portal, AccountID: "acc", Attempts: 1, Err: &cloudflare.NetworkError{}},
			explanation{
				summary: "The connection to Cloudflare's API failed",
				detail: `Reading MCP portal "eng" of account "acc" failed. No reason was given.

Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY), and the provider's base_url.`,
			},
		},
		"list that changes": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portals"}, AccountID: "acc", Err: &cloudflare.ListError{Passes: 5, Reason: "it ended after 2 of 3 objects"}},
			explanation{
				summary: "The list of MCP portals cannot be read whole",
				detail: `Reading MCP portals of account "acc" failed. The list was read 5 times, and could not be read whole: it ended after 2 of 3 objects.

Something may have been changing in the account all the while: try again. A list that is short of something would pass for a complete one, so it is not used.`,
			},
		},
		"list that is not there": {
			&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portals"}, AccountID: "acc", Status: 404, Attempts: 1},
			explanation{
				attribute: "account_id",
				summary:   "MCP portals not found",
				detail: `Reading MCP portals of account "acc" failed.

The answer had the status HTTP 404 Not Found.

Check the account id.`,
			},
		},
		"any other error": {
			errors.New("odd"),
			explanation{summary: "Reading from Cloudflare's API failed", detail: "Odd."},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := explain(test.err)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(explanation{})); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
			if strings.Contains(got.detail, "\n\n\n") {
				t.Error("an empty paragraph")
			}
		})
	}
}

// A status that says that the API did not get to the request decides, whatever code
// comes with it. So does what the API says of a code with two meanings.
func TestStatusBeforeCode(t *testing.T) {
	t.Parallel()
	const (
		trouble = "The API is out of order"
		limited = "Cloudflare's API is limiting the rate of requests"
	)
	for _, code := range []int{6003, 9106, 10000, 10001, 9109, 7002, 7003, 7000} {
		for status, want := range map[int]string{500: trouble, 502: trouble, 503: trouble, 520: trouble, 530: trouble, 408: trouble, 429: limited} {
			got := explain(&cloudflare.Error{Object: cloudflare.Object{Kind: "MCP portal", ID: "eng"}, Status: status, Errors: []cloudflare.APIError{{Code: code, Message: "No route for that URI"}}})
			if got.summary != want || strings.Contains(got.detail, "base_url") {
				t.Errorf("%d with code %d: %s\n%s", status, code, got.summary, got.detail)
			}
		}
	}
	for message, want := range map[string]string{
		"No route for that URI":                             "Cloudflare's API does not know the address",
		"no Route for it":                                   "Cloudflare's API does not know the address",
		"D1_ERROR: no such table: portals: SQLITE_ERROR":    trouble,
		"D1_ERROR: D1 DB is overloaded. Too many requests.": trouble,
		"": trouble,
	} {
		for _, status := range []int{400, 404} {
			got := explain(&cloudflare.Error{Status: status, Errors: []cloudflare.APIError{{Code: 7000, Message: message}}})
			if got.summary != want {
				t.Errorf("%d, %q: %s", status, message, got.summary)
			}
		}
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a": "A.", "EOF": "EOF.", "ärgerlich": "Ärgerlich.", "ßa": "ßa.", "éa b": "Éa b.", "日本": "日本.", "\x01": "\x01.",
	} {
		if got := sentence(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What is no session is told, not left for later.
func TestConfigureWithSomethingElse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		data any
		want int
	}{{nil, 0}, {&session{}, 0}, {"a text", 1}} {
		var resp datasource.ConfigureResponse
		newPortalDataSource().(datasource.DataSourceWithConfigure).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: tt.data}, &resp)
		if n := resp.Diagnostics.ErrorsCount(); n != tt.want {
			t.Errorf("%v: %d errors", tt.data, n)
		}
	}
}
