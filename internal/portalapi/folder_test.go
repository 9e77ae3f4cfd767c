package portalapi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// synced matches when a server synchronised, which moves with the clock in a folder.
var synced = regexp.MustCompile(`"(last_synced|last_successful_sync)": "[^"]*"`)

// What was written from the fixtures serves what is served without a folder, but
// for the times that move.
func TestFolderOfFixtures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noError(t, portalapi.WriteFixtures(dir))
	plain, folder := start(t), start(t, portalapi.WithFolder(dir, func(err error) { t.Error(err) }))
	paths := []string{"/servers/" + portalapi.ServerIDUnattached, "/servers/github", "/portals/nobody", "/servers?search=nobody"}
	for _, name := range []string{"my-mcp-portal", "engineering", "ugly", "synced-never", "empty", "minimal"} {
		paths = append(paths, "/portals/"+name)
	}
	for i, path := range paths {
		paths[i] = "/ai-controls/mcp" + path
	}
	paths = append(paths, "/apps", "/apps/"+portalapi.AccessAppIDPortal, "/apps/"+portalapi.AccessAppIDPortal+"/policies",
		"/apps/nobody", "/groups", "/groups/"+portalapi.AccessGroupIDEngineers, "/identity_providers")
	for _, path := range paths {
		rest := "/accounts/" + portalapi.AccountID + "/access" + path
		want, got := get(t, client(t), plain.URL()+rest), get(t, client(t), folder.URL()+rest)
		moved := strings.Contains(path, "/servers/") || strings.HasSuffix(path, "/"+portalapi.PortalIDFull)
		if moved {
			want.body, got.body = synced.ReplaceAll(want.body, nil), synced.ReplaceAll(got.body, nil)
		}
		if string(got.body) != string(want.body) || got.StatusCode != want.StatusCode {
			t.Errorf("%s: %d %.200s", path, got.StatusCode, got.body)
		}
	}
}

func TestFolderIsReadAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var failed []string
	api := start(t, portalapi.WithFolder(dir, func(err error) { failed = append(failed, err.Error()) }))
	noError(t, os.Mkdir(filepath.Join(dir, "portals"), 0o755))
	put := func(name, text string) {
		noError(t, os.WriteFile(filepath.Join(dir, "portals", name), []byte(text), 0o644))
	}
	for _, test := range []struct {
		name, text string
		want       string // result
		message    string // of an error, after the folder
	}{
		{"b.json", `{"id":"b"}`, `[{"id":"b"}]`, ""},
		{"a.json", ` {"id":"p", "n":1.0} `, `[{"id":"p", "n":1.0},{"id":"b"}]`, ""},
		{"a.json", `{"success":true,"errors":[],"result":{"id":"p","n":2}}`, `[{"id":"p","n":2},{"id":"b"}]`, ""},
		{"notes.txt", `no JSON`, `[{"id":"p","n":2},{"id":"b"}]`, ""},
		{".#b.json", `no JSON`, `[{"id":"p","n":2},{"id":"b"}]`, ""},
		{"a.json", "{\n\"id\": \"p\",\n\"n\": }", "", `a.json: line 3: invalid character '}' looking for beginning of value`},
		{"a.json", "", "", `a.json: line 1: unexpected end of JSON input`},
		{"a.json", `[{"id":"p"}]`, "", `a.json: it has to be a JSON object with an "id"`},
		{"a.json", `{"id":""}`, "", `a.json: it has to be a JSON object with an "id"`},
		{"a.json", `{"id":"b"}`, "", `b.json: another file has the id "b", too`},
		{"a.json", `{"id":"a"}`, `[{"id":"a"},{"id":"b"}]`, ""},
	} {
		put(test.name, test.text)
		failed = nil
		answer := get(t, client(t), strings.TrimSuffix(portalURL(api, ""), "/"))
		e := answer.envelope(t)
		if test.message == "" {
			if string(e.Result) != test.want || answer.StatusCode != 200 || failed != nil {
				t.Errorf("%s of %s: %d %s, %q", test.name, test.text, answer.StatusCode, answer.body, failed)
			}
			continue
		}
		want := fmt.Sprint(filepath.Join(dir, "portals"), string(filepath.Separator), test.message)
		if answer.StatusCode != 422 || len(e.Errors) != 1 || e.Errors[0].Message != "This is a stand-in for Cloudflare's API, and it cannot serve a file: "+want || len(failed) != 1 || failed[0] != want {
			t.Errorf("%s of %s: %d %s, %q", test.name, test.text, answer.StatusCode, answer.body, failed)
		}
		// The servers have nothing to do with it.
		if s := get(t, client(t), serversURL(api, "")); s.StatusCode != 200 {
			t.Errorf("servers: %d", s.StatusCode)
		}
	}
}

// A time of a file moves with the clock; what only looks like one stays.
func TestFolderMovesWithTheClock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	api := start(t, portalapi.WithFolder(dir, func(err error) { t.Error(err) }))
	noError(t, os.Mkdir(filepath.Join(dir, "portals"), 0o755))
	read := func(text string) string {
		noError(t, os.WriteFile(filepath.Join(dir, "portals", "a.json"), []byte(text), 0o644))
		return string(get(t, client(t), portalURL(api, "a")).envelope(t).Result)
	}
	before := time.Now()
	got := read(`{"id":"a","last_synced": "now-26h30m","name":"now-1h"}`)
	after := time.Now()
	answer := func(now time.Time) string {
		return `{"id":"a","last_synced": "` + now.UTC().Add(-26*time.Hour-30*time.Minute).Format(time.DateTime) + `","name":"now-1h"}`
	}
	if got < answer(before) || got > answer(after) {
		t.Errorf("got %s, want %s", got, answer(after))
	}
	for _, text := range []string{`{"id":"a","last_synced":"now-1x"}`, `{"id":"a","last_synced":"now-hm"}`, `{"id":"a","last_synced":"now"}`} {
		if got := read(text); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}
