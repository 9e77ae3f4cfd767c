package portalapi

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The accounts that every server knows.
const (
	// AccountID holds a portal for every fixture, in the order of FixtureNames.
	AccountID = "fa4e0000000000000000000000000001"
	// EmptyAccountID has no portal and no server.
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
func Fixture(name string) json.RawMessage { return read("portals", name) }

// ServerFixtures returns the servers of AccountID as the servers endpoints give
// them: those of the portal "full", without what only a portal's mapping has
// (default_disabled and on_behalf), and the one that stands in no portal.
func ServerFixtures() []json.RawMessage {
	var out []json.RawMessage
	for _, server := range split(member(Fixture("full"), "servers")) {
		out = append(out, removeMember(removeMember(server, "default_disabled"), "on_behalf"))
	}
	return append(out, read("servers", "unattached"))
}

func read(folder, name string) json.RawMessage {
	raw, err := files.ReadFile(path.Join("fixtures", folder, name+".json"))
	if err != nil {
		panic(fmt.Sprintf("portalapi: no fixture %q among %s", name, strings.Join(fixtureOrder, ", ")))
	}
	return slices.Clip(raw[:len(strings.TrimRight(string(raw), "\n"))])
}

// seed fills the accounts that every server knows.
func (s *Server) seed() {
	s.store.account(AccountID)
	s.store.account(EmptyAccountID)
	if s.withoutSeed {
		return
	}
	for _, name := range fixtureOrder {
		portal := Fixture(name)
		s.Portal(text(portal, "id")).Put(portal)
	}
	for _, server := range ServerFixtures() {
		s.Server(text(server, "id")).Put(server)
	}
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

func quote(s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("portalapi: marshal a string: %v", err)) // cannot fail
	}
	return quoted
}
