package baseline

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// The keys of who gets in: those of servers have a prefix, so that none is taken for
// the portal.
const (
	reachOfPortal = "portal"
	reachOfServer = "server "
)

// accessParts are the members of access.json, each with the table's name for the
// objects that it holds by their ids.
var accessParts = map[string]string{
	"applications": "application", "groups": "group", "identity_providers": "identity_provider", "reach": "reach",
}

// access writes access.json: the applications, each with what it guards and its
// policies in the order in which they count; the groups and login methods that they
// refer to, null where there is none; and, worked out, who gets in.
func (w *writer) access(a *cloudflare.Access) string {
	w.head()
	w.out = append(w.out, `,"access":{"applications":{`...)
	taken := map[string]int{}
	for i := range a.Applications {
		id := deref(a.Applications[i].ID)
		if taken[id]++; taken[id] > 1 { // which no API should give
			id += "%" + strconv.Itoa(taken[id])
		}
		w.key(i, id)
		w.application(&a.Applications[i])
	}
	w.out = append(w.out, `},"groups":{`...)
	writeByID(w, a.Groups, func(g *cloudflare.Group) {
		kept := *g
		kept.Extra = withInclude(g.Extra, g.Include)
		w.out = wirejson.Append(w.out, &kept)
	})
	w.out = append(w.out, `},"identity_providers":{`...)
	writeByID(w, a.IdentityProviders, func(p *cloudflare.IdentityProvider) { w.out = wirejson.Append(w.out, p) })
	w.out = append(w.out, `},"reach":{`...)
	for i := range a.Reach {
		r := &a.Reach[i]
		// A server that nothing guards is shown to nobody.
		isShown := r.Guarded || r.ServerID == nil
		w.key(i, reachKey(r))
		w.out = fmt.Appendf(w.out, `{"open":%t,"service_tokens":%t}`, isShown && r.Open, isShown && r.ServiceTokens)
	}
	w.out = append(w.out, "}}}"...)
	return string(w.out)
}

func reachKey(r *cloudflare.Reach) string {
	if r.ServerID == nil {
		return reachOfPortal
	}
	return reachOfServer + *r.ServerID
}

// key writes the key of the nth member of an object.
func (w *writer) key(n int, name string) {
	if n > 0 {
		w.out = append(w.out, ',')
	}
	w.out = append(wirejson.Quote(w.out, name), ':')
}

func writeByID[T any](w *writer, objects map[string]*T, write func(*T)) {
	n := 0
	for id, object := range objects {
		w.key(n, id)
		n++
		if object == nil {
			w.out = append(w.out, "null"...)
		} else {
			write(object)
		}
	}
}

func (w *writer) application(a *cloudflare.GuardingApplication) {
	kept := a.Application
	kept.Extra = with(kept.Extra, "guards_portal", strconv.FormatBool(a.Portal))
	servers := []byte{'['}
	for i, id := range a.ServerIDs {
		if i > 0 {
			servers = append(servers, ',')
		}
		servers = wirejson.Quote(servers, id)
	}
	kept.Extra["guards_servers"] = string(append(servers, ']'))
	if kept.Policies = slices.Clone(a.Policies); kept.Policies == nil {
		kept.Extra["policies"] = "null" // which is not the same as none
	}
	for i := range kept.Policies {
		p := &kept.Policies[i]
		p.Extra = withInclude(p.Extra, p.Include)
	}
	w.out = wirejson.Append(w.out, &kept)
}

// with returns the further members of an object, with one more.
func with(extra wirejson.Extra, name, value string) wirejson.Extra {
	all := wirejson.Extra{name: value}
	for key, old := range extra {
		if key != name {
			all[key] = old
		}
	}
	return all
}

// withInclude says, if the API does not tell whom a policy or group includes, that it
// is not known: that is not the same as nobody.
func withInclude(extra wirejson.Extra, include []wirejson.Value) wirejson.Extra {
	if include != nil {
		return extra
	}
	return with(extra, "include", "null")
}

// access cleans what access.json says. What is null there is not known, and stays.
func (c cleaner) access(n *jsontree.Node) {
	for i := range n.Items {
		part := &n.Items[i]
		if object := accessParts[part.Name()]; object != "" {
			for j := range part.Items {
				c.object(object, &part.Items[j])
			}
		}
	}
	n.Items = slices.DeleteFunc(n.Items, saysNothing)
}
