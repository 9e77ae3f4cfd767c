package portalapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const sample = `{"z":1e400, "servers":[ {"id":"a","n":-0.0,"tools":[{"name":"t1","x":9007199254740993},{"name":"t2","s":"cut \ud83d"} , {"name":"t3"}],"updated_tools":[{"name":"t2","enabled":true,"k":1.10},{"name":"t2"}]},
 {"server_id":"b","tools":null} ],"a" : { } , "twice":1,"twice":2, "modified_at":"2026-03-11 15:00:45"}`

// TestEdits states for each edit the one text that changes, and so proves that
// nothing else does.
func TestEdits(t *testing.T) {
	t.Parallel()
	const acc = portalapi.AccountID
	for _, test := range []struct {
		name     string
		edit     func(*portalapi.Server) error
		old, new string
	}{
		{"turn off a tool with an override", func(s *portalapi.Server) error { return s.EnableTool(acc, "p", "a", "t2", false) },
			`"t2","enabled":true`, `"t2","enabled":false`},
		{"turn off an earlier tool", func(s *portalapi.Server) error { return s.EnableTool(acc, "p", "a", "t1", false) },
			`"updated_tools":[`, `"updated_tools":[{"name":"t1","enabled":false},`},
		{"turn on a later tool", func(s *portalapi.Server) error { return s.EnableTool(acc, "p", "a", "t3", true) },
			`{"name":"t2"}]}`, `{"name":"t2"},{"name":"t3","enabled":true}]}`},
		{"alias", func(s *portalapi.Server) error {
			return s.SetOverrideField(acc, "p", "a", "t2", "portal_alias", `"two"`)
		}, `"k":1.10`, `"k":1.10,"portal_alias":"two"`},
		{"new tool", func(s *portalapi.Server) error { return s.AddTool(acc, "p", "a", `{"name":"t4"}`) },
			`{"name":"t3"}]`, `{"name":"t3"},{"name":"t4"}]`},
		{"first tool", func(s *portalapi.Server) error { return s.AddTool(acc, "p", "b", `{"name":"t"}`) },
			`"tools":null`, `"tools":[{"name":"t"}]`},
		{"first tool gone", func(s *portalapi.Server) error { return s.RemoveTool(acc, "p", "a", "t1") },
			`{"name":"t1","x":9007199254740993},`, ``},
		{"middle tool gone", func(s *portalapi.Server) error { return s.RemoveTool(acc, "p", "a", "t2") },
			`,{"name":"t2","s":"cut \ud83d"}`, ``},
		{"last tool gone", func(s *portalapi.Server) error { return s.RemoveTool(acc, "p", "a", "t3") },
			` , {"name":"t3"}]`, `]`},
		{"tool's field", func(s *portalapi.Server) error { return s.SetToolField(acc, "p", "a", "t1", "x", "2") },
			`9007199254740993`, `2`},
		{"server's field", func(s *portalapi.Server) error { return s.SetServerField(acc, "p", "a", "n", `"text"`) },
			`-0.0`, `"text"`},
		{"server's new field", func(s *portalapi.Server) error { return s.SetServerField(acc, "p", "b", `q"`, "1.0") },
			`"tools":null`, `"tools":null,"q\"":1.0`},
		{"server's field gone", func(s *portalapi.Server) error { return s.RemoveServerField(acc, "p", "a", "n") },
			`,"n":-0.0`, ``},
		{"first field gone", func(s *portalapi.Server) error { return s.RemovePortalField(acc, "p", "z") },
			`"z":1e400,`, ``},
		{"absent field gone", func(s *portalapi.Server) error { return s.RemovePortalField(acc, "p", "nobody") }, ``, ``},
		{"portal's field", func(s *portalapi.Server) error { return s.SetPortalField(acc, "p", "z", "null") }, `1e400`, `null`},
		{"field that stands twice", func(s *portalapi.Server) error { return s.SetPortalField(acc, "p", "twice", "3") }, `"twice":2`, `"twice":3`},
		{"field of an inner name", func(s *portalapi.Server) error { return s.SetPortalField(acc, "p", "a", `{"b":1}`) }, `"a" : { }`, `"a" : {"b":1}`},
		{"sync", func(s *portalapi.Server) error {
			return s.Sync(acc, "p", time.Date(2026, 4, 1, 2, 3, 4, 0, time.FixedZone("", 3600)))
		}, `2026-03-11 15:00:45`, `2026-04-01 01:03:04`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, portalapi.WithoutFixtures())
			api.SetPortal(acc, "p", []byte(sample))
			if strings.Count(sample, test.old) != 1 && test.old != "" {
				t.Fatalf("%q isn't unique", test.old)
			}
			noError(t, test.edit(api))
			got, err := api.Portal(acc, "p")
			noError(t, err)
			if want := strings.Replace(sample, test.old, test.new, 1); string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestEditsOfAServerOutsideAPortal(t *testing.T) {
	t.Parallel()
	api := start(t)
	noError(t, api.EnableTool(portalapi.AccountID, "", portalapi.ServerIDUnattached, "edit_page", false))
	got, err := api.Server(portalapi.AccountID, portalapi.ServerIDUnattached)
	noError(t, err)
	if !strings.HasSuffix(compacted(t, got), `],"updated_tools":[{"name":"edit_page","enabled":false}]}`) {
		t.Errorf("got %s", got)
	}
	e := get(t, client(t), serversURL(api, "/"+portalapi.ServerIDUnattached)).envelope(t)
	if string(e.Result) != string(got) {
		t.Errorf("served %s", e.Result)
	}
}

func TestEditsOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	const acc = portalapi.AccountID
	api := start(t)
	for name, err := range map[string]error{
		"account":         api.SetPortalField("nobody", "engineering", "name", `""`),
		"portal":          api.SetPortalField(acc, "nobody", "name", `""`),
		"server":          api.SetServerField(acc, "engineering", "nobody", "name", `""`),
		"server of null":  api.SetServerField(acc, "empty", "nobody", "name", `""`),
		"own server":      api.SetServerField(acc, "", "nobody", "name", `""`),
		"tool":            api.EnableTool(acc, "engineering", "github", "nobody", true),
		"tool's field":    api.SetToolField(acc, "engineering", "github", "nobody", "title", `""`),
		"removed tool":    api.RemoveTool(acc, "engineering", "github", "nobody"),
		"unsynced tool":   api.EnableTool(acc, "engineering", "slack", "post", true),
		"deleted portal":  api.DeletePortal(acc, "nobody"),
		"deleted server":  api.DeleteServer(acc, "nobody"),
		"foreign account": api.DeletePortal("nobody", "engineering"),
		"synced portal":   api.Sync(acc, "nobody", time.Now()),
	} {
		if !errors.Is(err, portalapi.ErrNotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := api.SetPortalField(acc, "engineering", "name", `no JSON`); err == nil || errors.Is(err, portalapi.ErrNotFound) {
		t.Errorf("a value that isn't JSON: got %v", err)
	}
	if err := api.AddTool(acc, "engineering", "github", `{`); err == nil {
		t.Errorf("a tool that isn't JSON was taken")
	}
	if got, _ := api.Portal(acc, "engineering"); string(got) != string(portalapi.Fixture("full")) {
		t.Errorf("a failed edit changed the portal")
	}
}

// TestSyncMovesTimesOnly compares every fixture line by line.
func TestSyncMovesTimesOnly(t *testing.T) {
	t.Parallel()
	api := start(t)
	for id, name := range map[string]string{portalapi.PortalIDFull: "full", portalapi.PortalIDUgly: "ugly",
		portalapi.PortalIDSyncedNever: "synced_never", portalapi.PortalIDReference: "reference"} {
		noError(t, api.Sync(portalapi.AccountID, id, time.Date(2026, 5, 6, 7, 8, 9, 10e6, time.UTC)))
		got, err := api.Portal(portalapi.AccountID, id)
		noError(t, err)
		before, after := strings.Split(string(portalapi.Fixture(name)), "\n"), strings.Split(string(got), "\n")
		if len(before) != len(after) {
			t.Fatalf("%s: another number of lines", name)
		}
		moved := map[string]int{}
		for i := range before {
			if before[i] == after[i] {
				continue
			}
			key, value, _ := strings.Cut(strings.Trim(after[i], " ,"), ": ")
			if value != `"2026-05-06T07:08:09.010Z"` && value != `"2026-05-06 07:08:09"` {
				t.Errorf("%s: %s became %s", name, before[i], after[i])
			}
			moved[key]++
		}
		for key := range moved {
			if key != `"modified_at"` && key != `"last_synced"` && key != `"last_successful_sync"` {
				t.Errorf("%s: %s moved", name, key)
			}
		}
		if name == "full" && (moved[`"last_synced"`] != 11 || moved[`"last_successful_sync"`] != 8 || moved[`"modified_at"`] != 13) {
			t.Errorf("got %v", moved)
		}
	}
}
