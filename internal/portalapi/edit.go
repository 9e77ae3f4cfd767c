package portalapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The methods in this file change one thing and leave every other byte of the
// object as it is. Those that take a portal and a server change the portal's
// copy of the server; with "" for the portal they change the server that the
// servers endpoints serve. Values are JSON texts: `true`, `"ready"`, `null`.

// EditPortal replaces the portal object by what change makes of it. Nothing
// changes when change returns an error, which comes back wrapped. The error
// wraps ErrNotFound when there is no such portal.
func (s *Server) EditPortal(accountID, portalID string, change func(json.RawMessage) (json.RawMessage, error)) error {
	return s.store.edit(accountID, portals, portalID, change)
}

// EditServer replaces a server object by what change makes of it, as EditPortal
// does: the portal's copy of it or, with "" for portalID, the one that the
// servers endpoints serve. The same holds for every method that takes both ids.
// The error wraps ErrNotFound when there is no such server.
func (s *Server) EditServer(accountID, portalID, serverID string, change func(json.RawMessage) (json.RawMessage, error)) error {
	if portalID == "" {
		return s.store.edit(accountID, servers, serverID, change)
	}
	return s.store.edit(accountID, portals, portalID, func(portal json.RawMessage) (json.RawMessage, error) {
		return editMember(portal, "servers", nil, func(list json.RawMessage) (json.RawMessage, error) {
			return editNamed(list, "server", serverID, hasID(serverID), change)
		})
	})
}

// SetPortalField sets a field of the portal, adding it at the end where it is
// absent. The error wraps ErrNotFound when there is no such portal.
func (s *Server) SetPortalField(accountID, portalID, field, rawValue string) error {
	return s.EditPortal(accountID, portalID, setting(field, rawValue))
}

// SetServerField sets a field of the server, adding it at the end where it is
// absent. The error wraps ErrNotFound when there is no such server.
func (s *Server) SetServerField(accountID, portalID, serverID, field, rawValue string) error {
	return s.EditServer(accountID, portalID, serverID, setting(field, rawValue))
}

// SetToolField sets a field of a synced tool, adding it at the end where it is
// absent. The error wraps ErrNotFound when there is no such tool.
func (s *Server) SetToolField(accountID, portalID, serverID, tool, field, rawValue string) error {
	return s.EditServer(accountID, portalID, serverID, func(server json.RawMessage) (json.RawMessage, error) {
		return editMember(server, "tools", nil, func(list json.RawMessage) (json.RawMessage, error) {
			return editNamed(list, "tool", tool, hasName(tool), setting(field, rawValue))
		})
	})
}

// RemovePortalField takes a field of the portal away; an absent one is no
// error. The error wraps ErrNotFound when there is no such portal.
func (s *Server) RemovePortalField(accountID, portalID, field string) error {
	return s.EditPortal(accountID, portalID, removing(field))
}

// RemoveServerField takes a field of the server away; an absent one is no
// error. The error wraps ErrNotFound when there is no such server.
func (s *Server) RemoveServerField(accountID, portalID, serverID, field string) error {
	return s.EditServer(accountID, portalID, serverID, removing(field))
}

// EnableTool turns a tool on or off, as a click in the dashboard does: the
// first entry of updated_tools with its name gets the value, or a new entry is
// put where the catalogue's order has it. The error wraps ErrNotFound when the
// server knows no such tool, neither synced nor overridden.
func (s *Server) EnableTool(accountID, portalID, serverID, tool string, enabled bool) error {
	return s.SetOverrideField(accountID, portalID, serverID, tool, "enabled", fmt.Sprint(enabled))
}

// SetOverrideField sets a field of a tool's entry in updated_tools, such as
// portal_alias, and makes the entry where there is none, as EnableTool does.
// The error wraps ErrNotFound when the server knows no such tool.
func (s *Server) SetOverrideField(accountID, portalID, serverID, tool, field, rawValue string) error {
	return s.EditServer(accountID, portalID, serverID, func(server json.RawMessage) (json.RawMessage, error) {
		catalogue := names(member(server, "tools"))
		return editMember(server, "updated_tools", json.RawMessage("[]"), func(list json.RawMessage) (json.RawMessage, error) {
			list, err := withOverride(list, catalogue, tool)
			if err != nil {
				return nil, err
			}
			return editNamed(list, "tool", tool, hasName(tool), setting(field, rawValue))
		})
	})
}

// AddTool puts a tool at the end of the server's tools, as a sync does that
// finds a new one. rawTool is the MCP tool object; that it is JSON is checked.
// The error wraps ErrNotFound when there is no such server.
func (s *Server) AddTool(accountID, portalID, serverID, rawTool string) error {
	return s.EditServer(accountID, portalID, serverID, func(server json.RawMessage) (json.RawMessage, error) {
		return editMember(server, "tools", json.RawMessage("[]"), func(list json.RawMessage) (json.RawMessage, error) {
			if !json.Valid([]byte(rawTool)) {
				return nil, fmt.Errorf("tool is not JSON: %.40q", rawTool)
			}
			tools, first, err := elements(list, '[')
			if err != nil {
				return nil, err
			}
			return insert(list, tools, first, len(tools), []byte(rawTool)), nil
		})
	})
}

// RemoveTool takes a tool out of the server's tools, as a sync does that no
// longer finds it; its override stays. The error wraps ErrNotFound when the
// server has no such tool.
func (s *Server) RemoveTool(accountID, portalID, serverID, tool string) error {
	return s.EditServer(accountID, portalID, serverID, func(server json.RawMessage) (json.RawMessage, error) {
		return editMember(server, "tools", json.RawMessage("[]"), func(list json.RawMessage) (json.RawMessage, error) {
			tools, first, err := elements(list, '[')
			if err != nil {
				return nil, err
			}
			at := find(list, tools, hasName(tool))
			if at < 0 {
				return nil, fmt.Errorf("tool %q: %w", tool, ErrNotFound)
			}
			return cut(list, tools, first, at), nil
		})
	})
}

// Sync moves the times that move when the portal's servers sync and nothing
// else changes: last_synced and modified_at, on the portal too, and
// last_successful_sync of servers whose status isn't error or stale. Each keeps
// its own form (RFC 3339, or date and time without a zone); a time that is
// absent, null or empty stays so, as on a server that never synced. The error
// wraps ErrNotFound when there is no such portal.
func (s *Server) Sync(accountID, portalID string, t time.Time) error {
	return s.EditPortal(accountID, portalID, func(portal json.RawMessage) (json.RawMessage, error) {
		portal, err := moveTimes(portal, t, "modified_at")
		if err != nil || member(portal, "servers") == nil {
			return portal, err
		}
		return editMember(portal, "servers", nil, func(list json.RawMessage) (json.RawMessage, error) {
			return editEach(list, func(server json.RawMessage) (json.RawMessage, error) {
				return syncServer(server, t)
			})
		})
	})
}

func syncServer(server json.RawMessage, t time.Time) (json.RawMessage, error) {
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

func moveTimes(object json.RawMessage, t time.Time, fields ...string) (json.RawMessage, error) {
	for _, field := range fields {
		old := text(object, field)
		if old == "" {
			continue
		}
		form := rfc3339Milli
		if _, err := time.Parse(zoneless, old); err == nil {
			form = zoneless
		}
		moved, err := setMember(object, field, json.RawMessage(t.UTC().Format(`"`+form+`"`)))
		if err != nil {
			return nil, err
		}
		object = moved
	}
	return object, nil
}

func setting(field, rawValue string) edit {
	return func(object json.RawMessage) (json.RawMessage, error) {
		return setMember(object, field, json.RawMessage(rawValue))
	}
}

func removing(field string) edit {
	return func(object json.RawMessage) (json.RawMessage, error) {
		return removeMember(object, field)
	}
}

// hasID tells a portal's server by its id, which was seen under either key.
func hasID(id string) func(json.RawMessage) bool {
	return func(server json.RawMessage) bool {
		return text(server, "id") == id || text(server, "server_id") == id
	}
}

func hasName(name string) func(json.RawMessage) bool {
	return func(object json.RawMessage) bool { return text(object, "name") == name }
}

// find returns the index of the first element that is wanted, -1 for none.
func find(list json.RawMessage, of []element, wanted func(json.RawMessage) bool) int {
	return slices.IndexFunc(of, func(e element) bool { return wanted(list[e.start:e.end]) })
}

// editNamed changes the first element of an array that is wanted. what and name
// are for the error where there is none.
func editNamed(list json.RawMessage, what, name string, wanted func(json.RawMessage) bool, change edit) (json.RawMessage, error) {
	missing := fmt.Errorf("%s %q: %w", what, name, ErrNotFound)
	if list == nil {
		return nil, missing
	}
	all, _, err := elements(list, '[')
	if err != nil {
		return nil, err
	}
	at := find(list, all, wanted)
	if at < 0 {
		return nil, missing
	}
	changed, err := change(list[all[at].start:all[at].end])
	if err != nil {
		return nil, err
	}
	return replace(list, all[at].start, all[at].end, changed), nil
}

func editEach(list json.RawMessage, change edit) (json.RawMessage, error) {
	all, _, err := elements(list, '[')
	if err != nil {
		return nil, err
	}
	var out json.RawMessage
	from := 0
	for _, e := range all {
		changed, err := change(list[e.start:e.end])
		if err != nil {
			return nil, err
		}
		out = append(append(out, list[from:e.start]...), changed...)
		from = e.end
	}
	return append(out, list[from:]...), nil
}

// names returns the name of each object in an array, "" where it has none.
func names(list json.RawMessage) []string {
	all, _, err := elements(list, '[')
	if err != nil {
		return nil
	}
	out := make([]string, len(all))
	for i, e := range all {
		out[i] = text(list[e.start:e.end], "name")
	}
	return out
}

// withOverride returns the overrides with an entry for the tool. A new one
// stands before the first entry of a tool that comes later in the catalogue:
// the API keeps that order, whatever a client writes.
func withOverride(list json.RawMessage, catalogue []string, tool string) (json.RawMessage, error) {
	all, first, err := elements(list, '[')
	if err != nil {
		return nil, err
	}
	if find(list, all, hasName(tool)) >= 0 {
		return list, nil
	}
	place := slices.Index(catalogue, tool)
	if place < 0 {
		return nil, fmt.Errorf("tool %q: %w", tool, ErrNotFound)
	}
	at := find(list, all, func(override json.RawMessage) bool {
		return slices.Index(catalogue, text(override, "name")) > place
	})
	if at < 0 {
		at = len(all)
	}
	entry, err := json.Marshal(map[string]string{"name": tool})
	if err != nil {
		return nil, err
	}
	return insert(list, all, first, at, entry), nil
}
