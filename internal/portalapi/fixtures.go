package portalapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// The accounts that every server knows.
const (
	// AccountID holds a portal for every fixture, in the order of FixtureNames,
	// and the Access applications that guard PortalIDFull and most of its servers.
	AccountID = "fa4e0000000000000000000000000001"
	// EmptyAccountID has nothing.
	EmptyAccountID = "fa4e0000000000000000000000000002"
)

// The ids of the portals in AccountID.
const (
	// PortalIDReference is the example of the API's reference page, value by value.
	PortalIDReference = "my-mcp-portal"
	// PortalIDFull has a dozen servers of every status and auth type. One of
	// them is data_warehouse: Cloudflare's documentation forbids underscores in
	// server ids, its API takes them, so such ids exist and nobody may split a
	// name at its first underscore to find the server.
	PortalIDFull = "engineering"
	// PortalIDUgly has every odd shape that was seen, and unknown fields everywhere.
	PortalIDUgly = "ugly"
	// PortalIDSyncedNever has servers of which none ever synced.
	PortalIDSyncedNever = "synced-never"
	// PortalIDEmpty has null for servers. Its hostname begins with that of PortalIDFull.
	PortalIDEmpty = "empty"
	// PortalIDMinimal has nothing but what the reference says is always there.
	PortalIDMinimal = "minimal"
)

// ServerIDUnattached is the server in AccountID that stands in no portal.
const ServerIDUnattached = "wiki-legacy"

// Ids of what guards the portal "full".
const (
	// AccessAppIDPortal is the application of the portal itself: employees by
	// Okta but contractors, and the service token of CI.
	AccessAppIDPortal = "fa4e0001-0000-4000-8000-000000000001"
	// AccessAppIDGitHub is that of the server github: the group
	// AccessGroupIDEngineers by Okta.
	AccessAppIDGitHub = "fa4e0001-0000-4000-8000-000000000002"
	// AccessGroupIDEngineers is a group of a group of Okta's and one of GitHub's
	// that excludes contractors.
	AccessGroupIDEngineers = "fa4e0002-0000-4000-8000-000000000001"
	// IdentityProviderIDOkta is the identity provider that most policies require.
	IdentityProviderIDOkta = "fa4e0003-0000-4000-8000-000000000001"
)

//go:embed fixtures
var files embed.FS

// fixtureOrder is the order of the list of portals, which is nobody's alphabet:
// readers have to keep it.
var fixtureOrder = []string{"reference", "full", "ugly", "synced_never", "empty", "minimal"}

// FixtureNames returns the names that Fixture knows, in the order in which the
// API lists their portals.
func FixtureNames() []string { return slices.Clone(fixtureOrder) }

// Fixture returns a portal object, as one would stand in result: "reference", "full", "ugly",
// "synced_never", "empty" or "minimal". It panics for any other name: a test
// that reads nothing by mistake would pass.
func Fixture(name string) json.RawMessage { return read(portals, name) }

// ServerFixtures returns the servers of AccountID as the servers endpoints give
// them: those of the portal "full", without what only a portal's mapping has
// (default_disabled and on_behalf), and the one that stands in no portal.
func ServerFixtures() []json.RawMessage {
	var full struct{ Servers []json.RawMessage }
	if err := json.Unmarshal(Fixture("full"), &full); err != nil {
		panic(err) // its tests read it
	}
	for i, server := range full.Servers {
		full.Servers[i] = editObject(server, func(server *hujson.Object) {
			removeMember(server, "default_disabled")
			removeMember(server, "on_behalf")
		})
	}
	return append(full.Servers, read(servers, "unattached"))
}

func read(kind, name string) json.RawMessage {
	raw, err := files.ReadFile(path.Join("fixtures", kind, name+".json"))
	if err != nil {
		panic(fmt.Sprintf("portalapi: no fixture %q among %s", name, strings.Join(fixtureOrder, ", ")))
	}
	return slices.Clip(bytes.TrimRight(raw, "\n"))
}

// fixture is what a file holds, and the file's name in WriteFixtures.
type fixture struct {
	name string
	raw  json.RawMessage
}

// fixtures returns what AccountID has of a kind: portals and servers named by
// their ids, and others, whose ids say nothing, as their files are here.
func fixtures(kind string) []fixture {
	var list []fixture
	switch kind {
	case portals:
		for _, name := range fixtureOrder {
			list = append(list, fixture{idOf(Fixture(name)), Fixture(name)})
		}
	case servers:
		for _, server := range ServerFixtures() {
			list = append(list, fixture{idOf(server), server})
		}
	default:
		entries, _ := files.ReadDir(path.Join("fixtures", kind)) // not every kind has any
		for _, entry := range entries {
			name := strings.TrimSuffix(entry.Name(), ".json")
			list = append(list, fixture{name, read(kind, name)})
		}
	}
	return list
}

// seed fills the accounts that every server knows.
func (s *Server) seed() {
	s.store.account(AccountID)
	s.store.account(EmptyAccountID)
	if s.withoutSeed {
		return
	}
	for _, route := range routes {
		for _, f := range fixtures(route.kind) {
			s.object(route.kind, idOf(f.raw)).Put(f.raw)
		}
	}
}

// idOf returns the "id" of a JSON object, "" where it has none.
func idOf(raw json.RawMessage) string {
	var object struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &object)
	return object.ID
}

// MinimalPortal returns a portal with the fields that the reference calls
// required, and no servers.
func MinimalPortal(id, hostname, name string) json.RawMessage {
	return fmt.Appendf(nil, `{"id":%s,"hostname":%s,"name":%s,"servers":[]}`, quote(id), quote(hostname), quote(name))
}

// MinimalServer returns a server with the fields that the reference calls
// required, without tools and prompts. hostname is its URL.
func MinimalServer(id, hostname, name string) json.RawMessage {
	return fmt.Appendf(nil, `{"id":%s,"auth_type":"unauthenticated","hostname":%s,"name":%s,"prompts":[],"tools":[]}`,
		quote(id), quote(hostname), quote(name))
}

// quote returns s as a JSON string; bytes, since a Literal would print unquoted.
func quote(s string) []byte { return hujson.String(s) }
