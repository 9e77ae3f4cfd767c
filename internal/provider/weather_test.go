package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// TestRateLimitIsObeyed: 429 with Retry-After: 1, then the portal.
func TestRateLimitIsObeyed(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	api.Fail(portalapi.RateLimit("1"))
	p.mustRead(t, "mcp_portal", values{"id": portalapi.PortalIDFull})
	requests := api.Requests()
	if len(requests) != 2 {
		t.Fatalf("%d requests, want 2", len(requests))
	}
	if apart := requests[1].Time.Sub(requests[0].Time); apart < time.Second {
		t.Errorf("the requests are %s apart", apart)
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
		"no success":             {portalapi.APIError(200, portalapi.Error{Code: 7001, Message: "Invalid value"}), "7001: Invalid value"},
		"something after it":     {portalapi.Trailing(`{"success":true}`), "goes on after the end of its JSON"},
		"200,000 brackets":       {portalapi.Result(strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)), "nests its JSON deeper than"},
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
	cli, mirror := builtProvider(t)
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
			api.Fail(unasked(test.secret))
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

// unasked answers 503, and goes on with what looks like another answer: for
// net/http a reason to complain, with what it read.
func unasked(secret string) portalapi.Fault {
	return portalapi.Custom("unasked", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprint(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}")
		time.Sleep(100 * time.Millisecond) // until the connection is an idle one
		_, _ = fmt.Fprintf(conn, "%s HTTP/1.1 200 OK\r\nX: %s\r\n\r\n", secret, secret)
	})
}

// TestNoLiteralSecretIsShown: Terraform prints the line of the attribute that an
// error stands on. Errors about what may be a secret stand on the block.
func TestNoLiteralSecretIsShown(t *testing.T) {
	t.Parallel()
	const secret = "FAKE0secret"
	cli, mirror := builtProvider(t)
	for name, test := range map[string]struct {
		arguments string
		want      string
		valid     bool // the configuration alone
	}{
		"key without address":       {`api_key = "` + secret + `"`, "The API key needs an e-mail address", true},
		"address without key":       {`email = "` + secret + `"`, "The e-mail address needs an API key", true},
		"token with a blank":        {`api_token = "` + secret + ` x"`, "The provider's api_token is not usable", false},
		"token with a line break":   {`api_token = "` + secret + `\n"`, "The provider's api_token is not usable", false},
		"key with a line break":     {"email = \"a@example.com\"\n  api_key = \"" + secret + `\n"`, "The provider's api_key is not usable", false},
		"password in the base URL":  {"api_token = \"x\"\n  base_url = \"https://user:" + secret + `@api.example.com"`, "The provider's base_url is not usable", false},
		"token in the base URL":     {"api_token = \"x\"\n  base_url = \"https://api.example.com/?token=" + secret + `"`, "The provider's base_url is not usable", false},
		"part of a token not known": {`api_token = "` + secret + `${terraform_data.x.output}"`, "The provider's api_token is not known yet", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			config := fmt.Sprintf(`
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
provider "mcp" {
  account_id = "a"
  %s
}
resource "terraform_data" "x" { input = 1 }
data "mcp_portal" "p" { id = "x" }
`, test.arguments)
			if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			env := mirror.Env()
			run := func(args ...string) (string, error) {
				command := cli.Command(t.Context(), work, env, args...)
				out, err := command.CombinedOutput()
				requireAbsent(t, secret, strings.Join(args, " "), out)
				return string(out), err
			}
			if out, err := run("init"); err != nil {
				t.Fatal(out)
			}
			if out, err := run("validate"); (err == nil) != test.valid || err != nil && !words(test.want).MatchString(out) {
				t.Errorf("validate: %v\n%s", err, out)
			}
			for _, args := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
				if out, err := run(args...); err == nil || !words(test.want).MatchString(out) {
					t.Errorf("%v: %v\n%s", args, err, out)
				}
			}
		})
	}
}

// TestProxyThatRefuses: what a proxy gives for a reason is its own, also nothing.
func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	cli, mirror := builtProvider(t)
	for reason, want := range map[string]string{
		"":            "No reason was given.",
		"\x01":        "No reason was given.",
		"ärgerlich":   "Ärgerlich.",
		"Not allowed": "Not allowed.",
	} {
		t.Run(fmt.Sprintf("%q", reason), func(t *testing.T) {
			t.Parallel()
			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = fmt.Fprintf(conn, "HTTP/1.1 403 %s\r\n\r\n", reason)
					_ = conn.Close()
				}
			}()
			work := t.TempDir()
			config := `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
provider "mcp" {
  api_token   = "x"
  account_id  = "a"
  base_url    = "https://api.invalid/client/v4"
  max_retries = 0
}
data "mcp_portal" "p" { id = "x" }
`
			if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := cli.Command(t.Context(), work, mirror.Env(), "init").CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
			env := mirror.Env("HTTPS_PROXY=http://"+listener.Addr().String(), "NO_PROXY=")
			out, err := cli.Command(t.Context(), work, env, "plan").CombinedOutput()
			if err == nil || !words("The connection to Cloudflare's API failed").Match(out) || !words(want).Match(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// builtProvider returns the CLI and a mirror with the built provider, which all
// tests share: building it takes longer than most of them.
func builtProvider(t *testing.T) (tfcli.CLI, tfcli.Mirror) {
	t.Helper()
	startsCLI(t)
	b := built()
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.cli, b.mirror
}

// builtFolder is where the built provider is; TestMain removes it.
var builtFolder atomic.Pointer[string]

type build struct {
	cli    tfcli.CLI
	mirror tfcli.Mirror
	err    error
}

var built = sync.OnceValue(func() (b build) {
	if b.cli, b.err = tfcli.Find(testContext()); b.err != nil {
		return b
	}
	var folder string
	if folder, b.err = os.MkdirTemp("", "provider-"); b.err != nil {
		return b
	}
	builtFolder.Store(&folder)
	b.mirror, b.err = b.cli.Install(testContext(), folder)
	return b
})

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
