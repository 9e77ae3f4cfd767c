package portalapi_test

import (
	"encoding/json"
	"fmt"
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
	for _, test := range []struct {
		name     string
		edit     func(portalapi.Portal)
		old, new string
	}{
		{"turn off a tool with an override", func(p portalapi.Portal) { p.Server("a").Tool("t2").Enable(false) },
			`"t2","enabled":true`, `"t2","enabled":false`},
		{"turn off an earlier tool", func(p portalapi.Portal) { p.Server("a").Tool("t1").Enable(false) },
			`"updated_tools":[`, `"updated_tools":[{"name":"t1","enabled":false},`},
		{"turn on a later tool", func(p portalapi.Portal) { p.Server("a").Tool("t3").Enable(true) },
			`{"name":"t2"}]}`, `{"name":"t2"},{"name":"t3","enabled":true}]}`},
		{"alias", func(p portalapi.Portal) {
			p.Server("a").Tool("t2").Override.Set("portal_alias", `"two"`)
		}, `"k":1.10`, `"k":1.10,"portal_alias":"two"`},
		{"new tool", func(p portalapi.Portal) { p.Server("a").Add("tools", `{"name":"t4"}`) },
			`{"name":"t3"}]`, `{"name":"t3"},{"name":"t4"}]`},
		{"first tool", func(p portalapi.Portal) { p.Server("b").Add("tools", `{"name":"t"}`) },
			`"tools":null`, `"tools":[{"name":"t"}]`},
		{"first tool gone", func(p portalapi.Portal) { p.Server("a").Tool("t1").Delete() },
			`{"name":"t1","x":9007199254740993},`, ``},
		{"middle tool gone", func(p portalapi.Portal) { p.Server("a").Tool("t2").Delete() },
			`,{"name":"t2","s":"cut \ud83d"}`, ``},
		{"last tool gone", func(p portalapi.Portal) { p.Server("a").Tool("t3").Delete() },
			` , {"name":"t3"}]`, `]`},
		{"tool's field", func(p portalapi.Portal) { p.Server("a").Tool("t1").Set("x", "2") },
			`9007199254740993`, `2`},
		{"server's field", func(p portalapi.Portal) { p.Server("a").Set("n", `"text"`) },
			`-0.0`, `"text"`},
		{"server's new field", func(p portalapi.Portal) { p.Server("b").Set(`q"`, "1.0") },
			`"tools":null`, `"tools":null,"q\"":1.0`},
		{"server's field gone", func(p portalapi.Portal) { p.Server("a").Remove("n") },
			`,"n":-0.0`, ``},
		{"first field gone", func(p portalapi.Portal) { p.Remove("z") },
			`"z":1e400,`, ``},
		{"absent field gone", func(p portalapi.Portal) { p.Remove("nobody") }, ``, ``},
		{"portal's field", func(p portalapi.Portal) { p.Set("z", "null") }, `1e400`, `null`},
		{"field that stands twice", func(p portalapi.Portal) { p.Set("twice", "3") }, `"twice":2`, `"twice":3`},
		{"field of an inner name", func(p portalapi.Portal) { p.Set("a", `{"b":1}`) }, `"a" : { }`, `"a" : {"b":1}`},
		{"new server", func(p portalapi.Portal) { p.Server("c").Put([]byte(`{"id":"c"}`)) }, `"tools":null}`, `"tools":null},{"id":"c"}`},
		{"another server", func(p portalapi.Portal) { p.Server("b").Put([]byte(`{"id":"b"}`)) },
			`{"server_id":"b","tools":null}`, `{"id":"b"}`},
		{"server gone", func(p portalapi.Portal) { p.Server("b").Delete() }, ",\n {\"server_id\":\"b\",\"tools\":null}", ``},
		{"another tool", func(p portalapi.Portal) { p.Server("a").Tool("t3").Put([]byte(`{"name":"t5"}`)) },
			`{"name":"t3"}`, `{"name":"t5"}`},
		{"first tool put", func(p portalapi.Portal) { p.Server("b").Tool("q").Put([]byte(`{"name":"q"}`)) },
			`"tools":null`, `"tools":[{"name":"q"}]`},
		{"override gone", func(p portalapi.Portal) { p.Server("a").Tool("t2").Override.Delete() },
			`{"name":"t2","enabled":true,"k":1.10},`, ``},
		{"whole override", func(p portalapi.Portal) { p.Server("a").Tool("t1").Override.Put([]byte(`{"name":"t1"}`)) },
			`"updated_tools":[`, `"updated_tools":[{"name":"t1"},`},
		{"second override", func(p portalapi.Portal) { p.Server("a").Add("updated_tools", `{"name":"t2","enabled":false}`) },
			`{"name":"t2"}]`, `{"name":"t2"},{"name":"t2","enabled":false}]`},
		{"anything", func(p portalapi.Portal) {
			p.Server("b").Edit(func(json.RawMessage) json.RawMessage { return []byte(`7`) })
		}, `{"server_id":"b","tools":null}`, `7`},
		{"sync", func(p portalapi.Portal) {
			p.Sync(time.Date(2026, 4, 1, 2, 3, 4, 0, time.FixedZone("", 3600)))
		}, `2026-03-11 15:00:45`, `2026-04-01 01:03:04`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, portalapi.WithoutFixtures())
			api.Portal("p").Put([]byte(sample))
			if strings.Count(sample, test.old) != 1 && test.old != "" {
				t.Fatalf("%q isn't unique", test.old)
			}
			clear(api.Portal("p").JSON()) // is a copy
			test.edit(api.Portal("p"))
			got := api.Portal("p").JSON()
			if want := strings.Replace(sample, test.old, test.new, 1); string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestEditsOfAServerOutsideAPortal(t *testing.T) {
	t.Parallel()
	api := start(t)
	api.Server(portalapi.ServerIDUnattached).Tool("edit_page").Enable(false)
	got := api.Server(portalapi.ServerIDUnattached).JSON()
	if !strings.HasSuffix(compacted(t, got), `],"updated_tools":[{"name":"edit_page","enabled":false}]}`) {
		t.Errorf("got %s", got)
	}
	e := get(t, client(t), serversURL(api, "/"+portalapi.ServerIDUnattached)).envelope(t)
	if string(e.Result) != string(got) {
		t.Errorf("served %s", e.Result)
	}
}

// An edit that can't be made panics with the place it is about, and changes nothing.
func TestEditsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	api := start(t)
	portal, github := api.Portal("engineering"), api.Portal("engineering").Server("github")
	for name, edit := range map[string]func(){
		`"engineering" in portals of account "nobody": not found`:                 func() { api.Account("nobody").Portal("engineering").Set("name", `""`) },
		`"nobody" in portals of account`:                                          func() { api.Portal("nobody").Set("name", `""`) },
		`"nobody" in servers of "engineering" in portals of account`:              func() { portal.Server("nobody").Set("name", `""`) },
		`"nobody" in servers of "empty" in portals of account`:                    func() { api.Portal("empty").Server("nobody").Set("name", `""`) },
		`"nobody" in servers of account`:                                          func() { api.Server("nobody").Set("name", `""`) },
		`"nobody" in updated_tools of "github" in servers of "engineering"`:       func() { github.Tool("nobody").Enable(true) },
		`"nobody" in tools of "github" in servers of "engineering" in portals of`: func() { github.Tool("nobody").Set("title", `""`) },
		`"gone" in tools of`:                                  func() { github.Tool("gone").Delete() },
		`"post" in updated_tools of "slack" in servers`:       func() { portal.Server("slack").Tool("post").Enable(true) },
		`"no override" in updated_tools of`:                   func() { github.Tool("no override").Override.Put([]byte(`{}`)) },
		`"deleted" in portals of account`:                     func() { api.Portal("deleted").Delete() },
		`"deleted" in servers of account`:                     func() { api.Server("deleted").Delete() },
		`"foreign" in portals of account "nobody": not found`: func() { api.Account("nobody").Portal("foreign").Delete() },
		`"synced" in portals of account`:                      func() { api.Portal("synced").Sync(time.Now()) },
		`"read" in portals of account`:                        func() { api.Portal("read").JSON() },
		`value of "name" is not JSON: "no JSON"`:              func() { portal.Set("name", `no JSON`) },
		`value of "tools" is not JSON: `:                      func() { github.Add("tools", `{`) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, name) {
					t.Errorf("got %v, want %s", got, name)
				}
			}()
			edit()
		}()
	}
	if got := portal.JSON(); string(got) != string(portalapi.Fixture("full")) {
		t.Errorf("a failed edit changed the portal")
	}
}

// TestSyncMovesTimesOnly compares every fixture line by line.
func TestSyncMovesTimesOnly(t *testing.T) {
	t.Parallel()
	api := start(t)
	for id, name := range map[string]string{portalapi.PortalIDFull: "full", portalapi.PortalIDUgly: "ugly",
		portalapi.PortalIDSyncedNever: "synced_never", portalapi.PortalIDReference: "reference"} {
		api.Portal(id).Sync(time.Date(2026, 5, 6, 7, 8, 9, 10e6, time.UTC))
		got := api.Portal(id).JSON()
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
