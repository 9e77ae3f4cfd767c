package provider_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// TestRateLimitIsObeyed: 429 twice with Retry-After: 1, then the portal.
func TestRateLimitIsObeyed(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	api.Fail(portalapi.RateLimit("1"), portalapi.RateLimit("1"))
	p.mustRead(t, "mcp_portal", values{"id": portalapi.PortalIDFull})
	requests := api.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests, want 3", len(requests))
	}
	for i := 1; i < len(requests); i++ {
		if apart := requests[i].Time.Sub(requests[i-1].Time); apart < time.Second {
			t.Errorf("requests %d and %d are %s apart", i, i+1, apart)
		}
	}
}

func TestRetriesAreCounted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		retries any
		want    int
	}{{"default", nil, 5}, {"none", 0, 1}, {"two", 2, 3}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"max_retries": test.retries})
			api.FailAlways(portalapi.APIError(503, portalapi.Error{Code: 1000, Message: "Unavailable for a while"}))
			response := p.read(t, "mcp_portal", values{"id": "x"})
			if n := len(api.Requests()); n != test.want {
				t.Errorf("%d requests, want %d", n, test.want)
			}
			if len(response.Diagnostics) != 1 || !strings.Contains(response.Diagnostics[0].Detail, "1000: Unavailable for a while") {
				t.Errorf("the last answer is not told: %v", response.Diagnostics)
			}
		})
	}
}

// TestTimeEnds: a server that never answers, and three seconds.
func TestTimeEnds(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	api.FailAlways(portalapi.Hang())
	start := time.Now()
	unitTest(t, resource.TestStep{
		Config: configured(api, `
data "mcp_portal" "p" {
  id       = "x"
  timeouts = { read = "3s" }
}`),
		ExpectError: words("The time for reading (3s) ran out. Give it more time with timeouts"),
	})
	if took := time.Since(start); took < 3*time.Second {
		t.Errorf("it ended after %s", took)
	}
}

func TestTimeoutsAreStored(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	unitTest(t, resource.TestStep{
		Config: configured(api, `
data "mcp_portal" "p" {
  id       = "minimal"
  timeouts = { read = "1m30s" }
}`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.mcp_portal.p", tfjsonpath.New("timeouts"), exactly(object{"read": text("1m30s")})),
		},
	})
}

// TestHostileAnswers: each is one clear error, and none shows the answer's body.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault portalapi.Fault
		want  string
	}{
		"HTML page":              {portalapi.HTML(200), "is an HTML page, not JSON"},
		"empty body":             {portalapi.Empty(200), "The answer is empty"},
		"no success":             {portalapi.Unsuccessful(7001, "Invalid value"), "7001: Invalid value"},
		"something after it":     {portalapi.Trailing(`{"success":true}`), "goes on after the end of its JSON"},
		"200,000 brackets":       {portalapi.Nested(200_000), "nests its JSON deeper than"},
		"invalid UTF-8":          {portalapi.Body([]byte("{\"success\":true,\"result\":{\"name\":\"\xff\"}}")), "is not valid UTF-8"},
		"not JSON":               {portalapi.Body([]byte("nonsense")), "is not valid JSON"},
		"JSON of somebody else":  {portalapi.Body([]byte(`{"message":"hello"}`)), `without the "success"`},
		"no result":              {portalapi.Body([]byte(`{"success":true}`)), `has no "result"`},
		"nothing":                {portalapi.Result(`{}`), "an object with an id, a name and a hostname was expected, and one without any of them found"},
		"errors with success":    {portalapi.Body([]byte(`{"success":true,"errors":[{"code":1234,"message":"partial"}],"result":{"id":"x"}}`)), "1234: partial"},
		"result of another kind": {portalapi.Result(`[]`), "At result, an object was expected, and a list found"},
		"wrong type":             {portalapi.Result(`{"servers":[{},{"on_behalf":1}]}`), "At servers[1].on_behalf, a boolean was expected, and a number found"},
		"redirect":               {portalapi.RedirectTo("https://evil.example/steal?x=1", 302), "A redirect to evil.example was refused"},
		"cut off":                {portalapi.CutOff(40), "cut off after 40 bytes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"max_retries": 1})
			api.FailAlways(test.fault)
			response := p.read(t, "mcp_portal", values{"id": "x"})
			if len(response.Diagnostics) != 1 {
				t.Fatalf("%d diagnostics", len(response.Diagnostics))
			}
			shown := response.Diagnostics[0].Summary + "\n" + response.Diagnostics[0].Detail
			if !strings.Contains(shown, test.want) {
				t.Errorf("%q is not in:\n%s", test.want, shown)
			}
			if strings.ContainsAny(shown, "<>{}\x1b") && !strings.Contains(shown, "timeouts = {") {
				t.Errorf("it shows the body:\n%s", shown)
			}
		})
	}
}

// TestNoCredentialIsShown runs the built provider under the CLI with all logs on,
// in good and bad weather, and looks for the credential in everything there is.
func TestNoCredentialIsShown(t *testing.T) {
	t.Parallel()
	cli, err := tfcli.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mirror, err := cli.Install(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const config = `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
data "mcp_portal" "p" { id = "engineering" }
output "p" { value = data.mcp_portal.p }`
	for name, test := range map[string]struct {
		secret string
		env    []string
	}{
		"token": {portalapi.Token, []string{"CLOUDFLARE_API_TOKEN=" + portalapi.Token}},
		"key":   {portalapi.Key, []string{"CLOUDFLARE_API_KEY=" + portalapi.Key, "CLOUDFLARE_EMAIL=" + portalapi.Email}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			work := t.TempDir()
			if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			env := mirror.Env(append(test.env,
				"CLOUDFLARE_BASE_URL="+api.URL(), "CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID,
				"TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(work, "trace.log"),
			)...)
			var shown bytes.Buffer
			run := func(fails bool, args ...string) {
				t.Helper()
				command := cli.Command(t.Context(), work, env, args...)
				command.Stdout, command.Stderr = &shown, &shown
				if err := command.Run(); (err != nil) != fails {
					t.Fatalf("%v: %v\n%s", args, err, shown.String())
				}
			}
			run(false, "init")
			api.Fail(portalapi.APIError(503, portalapi.Error{Code: 1, Message: "echo: " + test.secret}), portalapi.HTML(502))
			run(false, "plan", "-out=saved.tfplan")
			run(false, "apply", "saved.tfplan")
			run(false, "show", "-json", "saved.tfplan")
			api.Fail(portalapi.APIError(400, portalapi.Error{Code: 1, Message: "echo: " + test.secret}))
			run(true, "plan")
			requireAbsent(t, test.secret, "the output", shown.Bytes())
			requireWaitLogged(t, filepath.Join(work, "trace.log"))
			err := filepath.WalkDir(work, func(path string, entry os.DirEntry, err error) error {
				if err != nil || !entry.Type().IsRegular() {
					return err
				}
				content, err := readLimited(path)
				if err == nil {
					requireAbsent(t, test.secret, path, content)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func requireAbsent(t *testing.T, secret, where string, content []byte) {
	t.Helper()
	if bytes.Contains(content, []byte(secret)) {
		t.Errorf("the credential is in %s", where)
	}
}

// requireWaitLogged requires the log line of a wait, so that the test would
// notice if it looked for secrets in a log that holds nothing.
func requireWaitLogged(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"[WARN]", "waiting before the next attempt", "HTTP 503", "cf_ray=", "attempt=2", "method=GET", "duration_ms="} {
		if !bytes.Contains(content, []byte(part)) {
			t.Errorf("%q is not in the log", part)
		}
	}
}

// readLimited returns a file's content; of the CLI's copy of the provider, which
// is in the folder as well, none.
func readLimited(path string) ([]byte, error) {
	if strings.Contains(path, "terraform-provider-mcp") {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
