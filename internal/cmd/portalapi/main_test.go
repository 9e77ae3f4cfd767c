package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, &stdout, &stderr); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{"portalapi [-addr ADDRESS]", "-addr address", `default "127.0.0.1:8765"`, "-dir folder"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("help lacks %s:\n%s", want, &stderr)
		}
	}
	if stdout.Len() > 0 {
		t.Errorf("it began to serve: %s", &stdout)
	}
	if err := run(t.Context(), []string{"folder"}, &stdout, &stderr); err == nil {
		t.Error("an argument was ignored")
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = run(t.Context(), []string{"-addr", taken.Addr().String()}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) || !strings.Contains(err.Error(), "-addr") {
		t.Errorf("got %v", err)
	}
}

// Editing a file is clicking in the dashboard, and a slip is named on stderr.
func TestFolder(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	dir := filepath.Join(t.TempDir(), "account")
	in, out := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan error)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-dir", dir}, out, &stderr) }()
	env := map[string]string{}
	for lines := bufio.NewReader(in); len(env) < 3; {
		line, err := lines.ReadString('\n')
		match := regexp.MustCompile(`^(?:export |\$env:)(\w+) ?= ?"?(\S+?)"?\n$`).FindStringSubmatch(line)
		if err != nil || match == nil {
			t.Fatalf("printed %q, %v", line, err)
		}
		env[match[1]] = match[2]
	}
	read := func() (int, string) {
		url := env["CLOUDFLARE_BASE_URL"] + "/accounts/" + env["CLOUDFLARE_ACCOUNT_ID"] + "/access/ai-controls/mcp/portals/engineering"
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+env["CLOUDFLARE_API_TOKEN"])
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	file := filepath.Join(dir, "portals", portalapi.PortalIDFull+".json")
	edit := func(old, changed string) {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("no %s in %s, %v", old, text, err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, changed, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if code, body := read(); code != 200 || !strings.Contains(body, `"mcp.example.com"`) {
		t.Errorf("at first: %d %s", code, body)
	}
	// Its servers synchronised lately, but for those in trouble, whenever it is read.
	synced := func(age time.Duration) string {
		return `"last_successful_sync": "` + time.Now().UTC().Add(-age).Format("2006-01-02 15:04")
	}
	if _, body := read(); !strings.Contains(body, synced(15*time.Minute)) && !strings.Contains(body, synced(16*time.Minute)) {
		t.Errorf("no server synchronised a quarter of an hour ago: %s", body)
	}
	edit(`"last_successful_sync": "now-15m`, `"last_successful_sync": "now-26h0m`)
	if _, body := read(); !strings.Contains(body, synced(26*time.Hour)) && !strings.Contains(body, synced(26*time.Hour+time.Minute)) {
		t.Errorf("no server synchronised 26 hours ago: %s", body)
	}
	edit(`"mcp.example.com"`, `"edited.example.com"`)
	if code, body := read(); code != 200 || !strings.Contains(body, `"edited.example.com"`) {
		t.Errorf("edited: %d %s", code, body)
	}
	edit(`"edited.example.com",`, `"edited.example.com"`)
	if code, body := read(); code != 422 || !strings.Contains(body, "engineering.json: line ") {
		t.Errorf("with a slip: %d %s", code, body)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := stderr.String(); !strings.HasPrefix(got, "Wrote invented portals to "+filepath.Dir(file)) || !strings.Contains(got, "portalapi: "+file+": line ") {
		t.Errorf("on stderr: %s", got)
	}
	// What is there is left alone.
	stderr.Reset()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := run(stopped, []string{"-addr", "127.0.0.1:0", "-dir", dir}, io.Discard, &stderr); err != nil || stderr.Len() > 0 {
		t.Errorf("the second time: %v, %s", err, &stderr)
	}
	edit(`"edited.example.com"`, "")
}
