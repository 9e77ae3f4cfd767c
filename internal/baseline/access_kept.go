package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// access writes access.json: the applications by id, each with what it guards and
// its policies in the order in which they count; the groups and login methods that
// rules refer to, null where there is none; and, worked out, who gets in.
func (w *writer) access(a *cloudflare.Access) string {
	w.head()
	w.out = append(w.out, `,"access":{"applications":{`...)
	byID := map[string]int{}
	for i := range a.Applications {
		byID[deref(a.Applications[i].ID)] = i
	}
	w.members(slices.Sorted(maps.Keys(byID)), func(id string) { w.application(&a.Applications[byID[id]]) })
	w.out = append(w.out, `},"groups":{`...)
	w.members(slices.Sorted(maps.Keys(a.Groups)), func(id string) {
		if g := a.Groups[id]; g != nil {
			w.out = withoutNull(wirejson.Append(w.out, g, "created_at", "updated_at"), g.Include == nil)
		} else {
			w.out = append(w.out, "null"...)
		}
	})
	w.out = append(w.out, `},"identity_providers":{`...)
	w.members(slices.Sorted(maps.Keys(a.IdentityProviders)), func(id string) {
		if p := a.IdentityProviders[id]; p != nil {
			// Its configuration is not read: what matters is what kind of login it is.
			w.out = wirejson.Append(w.out, &cloudflare.IdentityProvider{ID: p.ID, Name: p.Name, Type: p.Type})
		} else {
			w.out = append(w.out, "null"...)
		}
	})
	w.out = append(w.out, `},"reach":{`...)
	places := map[string]*cloudflare.Reach{}
	for i := range a.Reach {
		place := reachOfPortal
		if id := a.Reach[i].ServerID; id != nil {
			place = reachOfServer + *id
		}
		places[place] = &a.Reach[i]
	}
	w.members(slices.Sorted(maps.Keys(places)), func(place string) {
		r := places[place]
		w.out = fmt.Appendf(w.out, `{"guarded":%t,"open":%t,"service_tokens":%t}`, r.Guarded, r.Open, r.ServiceTokens)
	})
	w.out = append(w.out, "}}}"...)
	return string(w.out)
}

// The keys of who gets in: those of servers have a prefix, so that none is taken for
// the portal.
const (
	reachOfPortal = "portal"
	reachOfServer = "server "
)

// members writes the members of an object.
func (w *writer) members(names []string, value func(name string)) {
	for i, name := range names {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(wirejson.Quote(w.out, name), ':')
		value(name)
	}
}

func (w *writer) application(a *cloudflare.GuardingApplication) {
	w.out = wirejson.Append(w.out, &a.Application, "policies", "created_at", "updated_at")
	w.out = append(w.out[:len(w.out)-1], `,"guards_portal":`...)
	w.out = strconv.AppendBool(w.out, a.Portal)
	w.out = append(w.out, `,"guards_servers":[`...)
	for i, id := range a.ServerIDs {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = wirejson.Quote(w.out, id)
	}
	w.out = append(w.out, `],"policies":`...)
	if a.Policies == nil {
		w.out = append(w.out, "null}"...)
		return
	}
	w.out = append(w.out, '[')
	for i := range a.Policies {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		// Their order tells what precedence does.
		p := &a.Policies[i]
		w.out = withoutNull(wirejson.Append(w.out, p, "precedence", "created_at", "updated_at"), p.Include == nil)
	}
	w.out = append(w.out, "]}"...)
}

// withoutNull adds to an object that was just written that what it includes is not
// known, if so: that is something else than nobody.
func withoutNull(object []byte, unknown bool) []byte {
	if !unknown {
		return object
	}
	object = object[:len(object)-1]
	if object[len(object)-1] != '{' {
		object = append(object, ',')
	}
	return append(object, `"include":null}`...)
}

// unordered names the lists of Access whose order is no difference.
var unordered = []string{"include", "require", "exclude", "allowed_idps", "allowed_uris", "destinations", "self_hosted_domains", "guards_servers", "tags"}

// access cleans what access.json says. What is not known is null there, and stays.
func (c cleaner) access(n *node) {
	c.nullable = []string{"include", "policies"}
	for i := range n.items {
		for j := range n.items[i].items {
			item := &n.items[i].items[j]
			c.object(item)
			c.sortLists(item)
		}
	}
}

func (c cleaner) sortLists(n *node) {
	for i := range n.items {
		c.sortLists(&n.items[i])
	}
	if n.kind == '[' && n.key != "" && slices.Contains(unordered, strings.Trim(n.key, `"`)) {
		c.sortByText(n.items)
	}
}
