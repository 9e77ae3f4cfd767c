package portalapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tailscale/hujson"
)

// Object is a handle on a JSON object that the stand-in serves, found anew at
// each call. Its methods change one thing and leave every other byte as it is.
// Values are JSON texts: `true`, `"ready"`, `null`. They panic, saying what is
// missing, where there is no such object, and where a value is no JSON: a test
// that changes nothing by mistake would pass.
type Object struct {
	name  string
	fresh json.RawMessage // what Set begins with where there is none; nil: Set panics
	edit  func(edit)      // puts what the edit makes in the object's place
}

// Account is a handle on an account.
type Account struct {
	store *store
	id    string
}

// Portal is a handle on a portal.
type Portal struct{ Object }

// MCPServer is a handle on an MCP server: on a portal's copy of it, or on the
// one that the servers endpoints serve.
type MCPServer struct{ Object }

// Tool is a handle on a tool that a server synced.
type Tool struct {
	Object
	// Override is its entry in updated_tools, which may have outlived it. Where
	// there is none, Set and Put make one if the server has such a tool, and keep
	// the order of the tools, as the API does.
	Override Object
}

// Account returns a handle on an account. The first Put makes it known. Handles
// of the server itself, such as Server.Portal, are those of AccountID.
func (s *Server) Account(id string) Account { return Account{&s.store, id} }

// Portal returns a handle on a portal of the account.
func (a Account) Portal(id string) Portal { return Portal{a.object(portals, id)} }

// Server returns a handle on what the servers endpoints serve in the account.
// Portals hold copies, which it leaves alone.
func (a Account) Server(id string) MCPServer { return MCPServer{a.object(servers, id)} }

// AccessApp returns a handle on an Access application of the account.
func (a Account) AccessApp(id string) Object { return a.object(accessApps, id) }

// AccessPolicies returns a handle on what the policies endpoint of an Access
// application serves: an object with the list "policies". There is none until
// the first Put; till then, and after Delete, it serves those that the
// application itself has.
func (a Account) AccessPolicies(appID string) Object { return a.object(accessPolicies, appID) }

// AccessGroup returns a handle on an Access group of the account.
func (a Account) AccessGroup(id string) Object { return a.object(accessGroups, id) }

// IdentityProvider returns a handle on an identity provider of the account.
func (a Account) IdentityProvider(id string) Object { return a.object(identityProviders, id) }

func (a Account) object(kind, id string) Object {
	return Object{
		name: fmt.Sprintf("%q in %s of account %q", id, kind, a.id),
		edit: func(change edit) { a.store.edit(a.id, kind, id, change) },
	}
}

// Server returns a handle on the portal's copy of a server.
func (p Portal) Server(id string) MCPServer {
	return MCPServer{p.item("servers", id, "", "id", "server_id")}
}

// Tool returns a handle on the first of the server's tools that has the name.
func (s MCPServer) Tool(name string) Tool {
	override := s.item("updated_tools", name, "tools", "name")
	override.fresh = fmt.Appendf(nil, `{"name":%s}`, quote(name))
	return Tool{s.item("tools", name, "", "name"), override}
}

// Enable turns the tool on or off, as a click in the dashboard does: it sets
// enabled in the override.
func (t Tool) Enable(on bool) { t.Override.Set("enabled", strconv.FormatBool(on)) }

// JSON returns the object as it is served now.
func (o Object) JSON() (raw json.RawMessage) {
	o.Edit(func(now json.RawMessage) json.RawMessage {
		raw = slices.Clone(now)
		return now
	})
	return raw
}

// Edit puts what change makes of the object in its place.
func (o Object) Edit(change func(json.RawMessage) json.RawMessage) Object {
	return o.apply(func(object json.RawMessage) json.RawMessage { return change(found(object)) })
}

// Put puts raw in the object's place, or at the end of its list where there is
// none. Of a portal, and of a server that stands in none, it is served byte for
// byte: that it is JSON, and has that id, is not checked, so that a test can
// serve what the API never should.
func (o Object) Put(raw json.RawMessage) Object {
	return o.apply(func(json.RawMessage) json.RawMessage { return slices.Clone(raw) })
}

// Delete takes the object away.
func (o Object) Delete() {
	o.Edit(func(json.RawMessage) json.RawMessage { return nil })
}

// Set sets a field, adding it at the end where it is absent.
func (o Object) Set(field, rawValue string) Object {
	return o.apply(func(object json.RawMessage) json.RawMessage {
		if object == nil {
			object = o.fresh
		}
		return editObject(found(object), func(object *hujson.Object) {
			set(object, field, literal(field, json.RawMessage(rawValue)))
		})
	})
}

// Remove takes a field away; an absent one is left absent.
func (o Object) Remove(field string) Object {
	return o.change(func(object *hujson.Object) { removeMember(object, field) })
}

// Add puts a value at the end of a list, such as "servers", "tools" or
// "updated_tools", whatever stands there already.
func (o Object) Add(list, rawValue string) Object {
	return o.change(func(object *hujson.Object) {
		items := array(object, list)
		items.Elements = append(items.Elements, hujson.Value{Value: literal(list, json.RawMessage(rawValue))})
	})
}

// Item returns a handle on the first object of a list that has the id, such as a
// policy of an Access application: Item("policies", id).
func (o Object) Item(list, id string) Object { return o.item(list, id, "", "id") }

func (o Object) change(change func(*hujson.Object)) Object {
	return o.Edit(func(raw json.RawMessage) json.RawMessage { return editObject(raw, change) })
}

func (o Object) apply(change edit) Object {
	defer func() {
		if problem := recover(); problem != nil {
			panic(fmt.Sprintf("portalapi: %s: %v", o.name, problem))
		}
	}()
	o.edit(change)
	return o
}

func found(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		panic("not found")
	}
	return raw
}

// item returns a handle on the first object of a list that has the name under
// one of the keys. Where catalogue is another list's key, the object has to
// have its name from there, and a new one goes where that list's order has it.
func (o Object) item(list, name, catalogue string, keys ...string) Object {
	change := func(parent *hujson.Object, change edit) {
		items := array(parent, list)
		at := slices.IndexFunc(items.Elements, func(item hujson.Value) bool {
			return slices.ContainsFunc(keys, func(key string) bool { return stringAt(item.Value, key) == name })
		})
		if at < 0 {
			at = len(items.Elements)
			if catalogue != "" {
				at = place(items, array(parent, catalogue), name)
			}
			items.Elements = slices.Insert(items.Elements, at, hujson.Value{Value: literal(list, change(nil))})
			return
		}
		changed := change(hujson.Value{Value: items.Elements[at].Value}.Pack())
		if changed == nil {
			removeItem(items, at)
			return
		}
		items.Elements[at].Value = literal(list, changed)
	}
	return Object{
		name: fmt.Sprintf("%q in %s of %s", name, list, o.name),
		edit: func(e edit) {
			o.edit(func(parent json.RawMessage) json.RawMessage {
				return editObject(found(parent), func(parent *hujson.Object) { change(parent, e) })
			})
		},
	}
}

// place returns where a new item of that name goes: before the first whose name
// comes later in the catalogue.
func place(items, catalogue *hujson.Array, name string) int {
	var order []string
	for _, known := range catalogue.Elements {
		order = append(order, stringAt(known.Value, "name"))
	}
	mine := slices.Index(order, name)
	if mine < 0 {
		panic("not found")
	}
	at := slices.IndexFunc(items.Elements, func(item hujson.Value) bool {
		return slices.Index(order, stringAt(item.Value, "name")) > mine
	})
	if at < 0 {
		return len(items.Elements)
	}
	return at
}

// Sync moves the times that move when the portal's servers sync and nothing
// else changes: last_synced and modified_at, on the portal too, and
// last_successful_sync of servers whose status isn't error or stale. Each keeps
// its own form (RFC 3339, or date and time without a zone); a time that is
// absent, null or empty stays so, as on a server that never synced.
func (p Portal) Sync(t time.Time) {
	p.change(func(portal *hujson.Object) {
		moveTimes(portal, t, "modified_at")
		servers, _ := member(portal, "servers").(*hujson.Array)
		if servers == nil {
			return
		}
		for _, server := range servers.Elements {
			moved := []string{"last_synced", "modified_at"}
			if status := stringAt(server.Value, "status"); status != "error" && status != "stale" {
				moved = append(moved, "last_successful_sync")
			}
			moveTimes(server.Value, t, moved...)
		}
	})
}

// The forms in which the API gives times, side by side in one object.
const (
	rfc3339Milli = "2006-01-02T15:04:05.000Z07:00"
	zoneless     = time.DateTime // UTC
)

func moveTimes(value hujson.ValueTrimmed, t time.Time, fields ...string) {
	for _, field := range fields {
		old := stringAt(value, field)
		if old == "" {
			continue // also where value is no object
		}
		form := rfc3339Milli
		if _, err := time.Parse(zoneless, old); err == nil {
			form = zoneless
		}
		set(value.(*hujson.Object), field, hujson.String(t.UTC().Format(form)))
	}
}
