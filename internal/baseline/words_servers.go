package baseline

import (
	"fmt"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
)

// sayNotAccepted says that a file of settings is missing, and what belongs in it.
func sayNotAccepted(ch *change) saying {
	if ch.at.file == accessFile {
		return saying{head: lineOf(accessFile + " is missing: nobody has accepted who may reach this portal"), notes: sayEveryReach(ch.facts), one: "nothing accepted yet"}
	}
	s := saying{head: lineOf(portalFile + " is missing: nobody has accepted the portal's own settings"), one: "nothing accepted yet"}
	portal, fields := ch.roots[1].Member("portal"), []string(nil)
	for i := range portal.Members() {
		m := &portal.Items[i]
		if f, known := table["portal"][m.Name()]; !known || f.rule != nil && f.rule != noEffect {
			fields = append(fields, called(m.Name())+": "+newValue(m, false).brief())
		}
	}
	s.notes = []line{{names: fields}}
	return s
}

// sayServerAdded introduces a server.
func sayServerAdded(ch *change) saying {
	root := ch.roots[1]
	server := root.Member("server")
	hostname, _ := server.Member("hostname").Str()
	s := saying{head: lineOf("new server " + called(hostname)), one: "new server"}
	auth, _ := server.Member("auth_type").Str()
	login := "all users share one login"
	switch {
	case auth == "unauthenticated":
		login = "called without credentials"
	case server.Member("on_behalf").IsTrue():
		login = "each user logs in"
	case auth == "":
		login = "auth_type is not known"
	}
	if auth != "" && auth != "unauthenticated" {
		login += " (" + called(auth) + ")"
	}
	way, next := "not through Gateway", "tools it adds later are on at once"
	if ch.throughGateway {
		way = "through Gateway"
	}
	if server.Member("default_disabled").IsTrue() {
		next = "tools it adds later are off until somebody turns them on"
	}
	s.notes = append(s.notes, lineOf(login+"; "+way+"; "+next))
	var unknown []string
	for _, k := range kinds {
		if root.Member(k.list).IsNull() {
			unknown = append(unknown, k.list)
			continue
		}
		entries := entriesIn(root, k)
		if len(entries) > 0 || k.isTools() {
			s.notes = append(s.notes, k.overview(entries)...)
		}
		if on := onlyOf(entries, true); len(on) > 0 {
			s.one += ", " + count(len(on), k.noun, k.list) + " on"
		}
	}
	if len(unknown) > 0 {
		s.notes = append(s.notes, lineOf("its "+strings.Join(unknown, " and ")+" are not known: accepting this accepts none of them"))
	}
	if server != nil {
		s.definitions = append(s.definitions, definition{"Settings of server ", *ch.at.serverID, server})
	}
	for _, k := range kinds {
		s.definitions = append(s.definitions, definitionsOf(entriesIn(root, k))...)
	}
	return s
}

// sayServerRemoved names what is gone with a server.
func sayServerRemoved(ch *change) saying {
	s := saying{head: lineOf("the server is gone"), one: "server is gone", many: "servers are gone"}
	for _, k := range kinds {
		var names []string
		for _, e := range onlyOf(entriesIn(ch.roots[0], k), true) {
			names = append(names, e.name)
		}
		if len(names) > 0 {
			s.notes = append(s.notes, line{words: count(len(names), k.noun+" that was", k.list+" that were") + " on: ", names: inNaturalOrder(names)})
		}
	}
	return s
}

// sayList returns the words for a list of which each element counts.
func sayList(what string) func(*change) saying {
	return func(ch *change) saying {
		added, removed := addedAndRemoved(ch.before, ch.after)
		names := func(all []string) []string {
			for i := range all {
				all[i] = called(all[i])
			}
			return all
		}
		s := saying{head: lineOf(what + ":"), one: what + " changed"}
		switch {
		case len(added) > 0:
			s.head, s.one = line{words: what + ": added ", names: names(added)}, what+" added"
			if len(removed) > 0 {
				s.notes = append(s.notes, line{words: "removed ", names: names(removed)})
			}
		case len(removed) > 0:
			s.head, s.one = line{words: what + ": removed ", names: names(removed)}, what+" removed"
		default:
			s.values = &[2]value{newValue(ch.before, true), newValue(ch.after, true)}
		}
		return s
	}
}

// sayJoined says that there are too many changes to say any.
func sayJoined(ch *change) saying {
	var what []string
	for _, e := range ch.effects.list() {
		what = append(what, string(e))
	}
	s := saying{head: lineOf(fmt.Sprintf("%d changes, too many to be shown: read the patch of ", ch.joined) + shown.Mark(ch.at.file))}
	s.one, s.many = ch.titleSubject()+fmt.Sprintf("%d changes", ch.joined), "times many changes"
	if len(what) > 0 {
		s.notes = []line{lineOf("among them such that have the effects " + strings.Join(what, ", "))}
	}
	return s
}

// sayGap says that a server's tools, prompts or both cannot be compared.
func sayGap(s *cloudflare.PortalServer, tools, prompts, isNew bool) string {
	id := deref(s.Identity())
	words := place{serverID: &id}.where() + ": "
	if status := deref(s.Status); status != "" {
		words += "status " + value{style: shown.ASCII, text: status, isText: true}.brief() + ": "
	}
	what := "tools and prompts"
	switch {
	case !prompts:
		what = "tools"
	case !tools:
		what = "prompts"
	}
	if isNew {
		return plain(words + "its " + what + " are not known; accepting this accepts none of them")
	}
	return plain(words + "its " + what + " cannot be compared; what was accepted of them stays")
}

// sayUnknownServers says that no server can be compared.
func sayUnknownServers() string {
	return "portal: the API does not tell its servers now: none can be compared; what was accepted of them stays"
}

// override returns whether an override of a name is left that turns on what appears
// under it.
func (ch *change) overrideStays(e *entry) bool {
	return enables(ch.roots[1].At("unmatched_overrides", e.kind.list).Named(e.name))
}

// sayUnmatched says what changed of an override of nothing.
func sayUnmatched(ch *change) saying {
	s := saying{
		head:   lineOf("override of what the server does not have:"),
		values: &[2]value{newValue(ch.before, true), newValue(ch.after, true)},
		one:    ch.titleSubject() + "override without its tool changed", many: "overrides without their tools changed",
	}
	if enables(ch.after) && !enables(ch.before) {
		s.notes = append(s.notes, lineOf("whatever appears under that name is on at once"))
	} else if ch.effects != none {
		s.notes = append(s.notes, lineOf("this provider does not know a field of it"))
	}
	return s
}
