package portalapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
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

// Feature is a handle on a tool or prompt that a server synced.
type Feature struct {
	Object
	// Override is its entry in updated_tools or updated_prompts, which may have
	// outlived it. Where there is none, Set and Put make one if the server has
	// such a tool or prompt, and keep the catalogue's order, as the API does.
	Override Object
}

// Account returns a handle on an account. The first Put makes it known.
func (s *Server) Account(id string) Account { return Account{&s.store, id} }

// Portal returns a handle on a portal of the account AccountID.
func (s *Server) Portal(id string) Portal { return s.Account(AccountID).Portal(id) }

// Server returns a handle on what the servers endpoints serve in the account
// AccountID. Portals hold copies, which it leaves alone.
func (s *Server) Server(id string) MCPServer { return s.Account(AccountID).Server(id) }

// Portal returns a handle on a portal of the account.
func (a Account) Portal(id string) Portal { return Portal{a.object(portals, id)} }

// Server returns a handle on what the servers endpoints serve in the account.
func (a Account) Server(id string) MCPServer { return MCPServer{a.object(servers, id)} }

func (a Account) object(k kind, id string) Object {
	return Object{
		name: fmt.Sprintf("%q in %s of account %q", id, k, a.id),
		edit: func(change edit) { a.store.edit(a.id, k, id, change) },
	}
}

// Server returns a handle on the portal's copy of a server.
func (p Portal) Server(id string) MCPServer {
	return MCPServer{p.item("servers", id, "", "id", "server_id")}
}

// Tool returns a handle on the first of the server's tools that has the name.
func (s MCPServer) Tool(name string) Feature { return s.feature("tools", name) }

// Prompt returns a handle on the first of the server's prompts that has the name.
func (s MCPServer) Prompt(name string) Feature { return s.feature("prompts", name) }

func (s MCPServer) feature(list, name string) Feature {
	override := s.item("updated_"+list, name, list, "name")
	override.fresh = fmt.Appendf(nil, `{"name":%s}`, quote(name))
	return Feature{s.item(list, name, "", "name"), override}
}

// Enable turns the tool or prompt on or off, as a click in the dashboard does:
// it sets enabled in the override.
func (f Feature) Enable(on bool) { f.Override.Set("enabled", strconv.FormatBool(on)) }

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
		return setMember(found(object), field, json.RawMessage(rawValue))
	})
}

// Remove takes a field away; an absent one is left absent.
func (o Object) Remove(field string) Object {
	return o.Edit(func(object json.RawMessage) json.RawMessage { return removeMember(object, field) })
}

// Add puts a value at the end of a list, such as "servers", "tools" or
// "updated_tools", whatever stands there already.
func (o Object) Add(list, rawValue string) Object {
	return o.Edit(func(object json.RawMessage) json.RawMessage {
		return editMember(object, list, func(array json.RawMessage) json.RawMessage {
			all, first := elements(array, '[')
			return insert(array, all, first, len(all), []byte(rawValue))
		})
	})
}

// Reverse turns the order of a list round.
func (o Object) Reverse(list string) Object {
	return o.Edit(func(object json.RawMessage) json.RawMessage {
		return editMember(object, list, func(array json.RawMessage) json.RawMessage {
			items := split(array)
			slices.Reverse(items)
			return join(items)
		})
	})
}

// split returns the elements of an array, and join the array of elements.
func split(array json.RawMessage) [][]byte {
	all, _ := elements(array, '[')
	items := make([][]byte, len(all))
	for i, e := range all {
		items[i] = array[e.start:e.end]
	}
	return items
}

func join(items [][]byte) json.RawMessage {
	return slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))
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
	wanted := func(object json.RawMessage) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return text(object, key) == name })
	}
	return Object{
		name: fmt.Sprintf("%q in %s of %s", name, list, o.name),
		edit: func(change edit) {
			o.edit(func(parent json.RawMessage) json.RawMessage {
				return editMember(found(parent), list, func(array json.RawMessage) json.RawMessage {
					var order []string
					if known := member(parent, catalogue); known != nil {
						for _, object := range split(known) {
							order = append(order, text(object, "name"))
						}
					}
					place := slices.Index(order, name)
					later := func(object json.RawMessage) bool { return slices.Index(order, text(object, "name")) > place }
					return editItem(array, wanted, later, func(object json.RawMessage) json.RawMessage {
						if object == nil && catalogue != "" && place < 0 {
							panic("not found")
						}
						return change(object)
					})
				})
			})
		},
	}
}

// Sync moves the times that move when the portal's servers sync and nothing
// else changes: last_synced and modified_at, on the portal too, and
// last_successful_sync of servers whose status isn't error or stale. Each keeps
// its own form (RFC 3339, or date and time without a zone); a time that is
// absent, null or empty stays so, as on a server that never synced.
func (p Portal) Sync(t time.Time) {
	p.Edit(func(portal json.RawMessage) json.RawMessage {
		portal = moveTimes(portal, t, "modified_at")
		if member(portal, "servers") == nil {
			return portal
		}
		return editMember(portal, "servers", func(list json.RawMessage) json.RawMessage {
			all, _ := elements(list, '[')
			for _, e := range slices.Backward(all) {
				list = replace(list, e.start, e.end, syncServer(list[e.start:e.end], t))
			}
			return list
		})
	})
}

func syncServer(server json.RawMessage, t time.Time) json.RawMessage {
	moved := []string{"last_synced", "modified_at"}
	if status := text(server, "status"); status != "error" && status != "stale" {
		moved = append(moved, "last_successful_sync")
	}
	return moveTimes(server, t, moved...)
}

// The forms in which the API gives times, side by side in one object.
const (
	rfc3339Milli = "2006-01-02T15:04:05.000Z07:00"
	zoneless     = time.DateTime // UTC
)

func moveTimes(object json.RawMessage, t time.Time, fields ...string) json.RawMessage {
	for _, field := range fields {
		old := text(object, field)
		if old == "" {
			continue
		}
		form := rfc3339Milli
		if _, err := time.Parse(zoneless, old); err == nil {
			form = zoneless
		}
		object = setMember(object, field, json.RawMessage(t.UTC().Format(`"`+form+`"`)))
	}
	return object
}
