package cloudflare

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Access is who may reach a portal and the servers behind it, as far as the rules
// of Access say it. It is about rules, never about persons: who is in a group of
// an identity provider, on a list, or passes a posture check, is not read.
type Access struct {
	// Applications are those that guard the portal or one of its servers, or cover
	// some of the portal's host, in the API's order. Never nil.
	Applications []GuardingApplication
	// Groups are the Access groups that a policy of these refers to, or a group of
	// it, by id; nil for one that is not there. The map is never nil.
	Groups map[string]*Group
	// IdentityProviders are those that a rule login_method refers to, or that an
	// application allows alone, by id; nil for one that does not exist. The map is
	// never nil.
	IdentityProviders map[string]*IdentityProvider
	// Reach is who gets in: to the portal first, then to its servers in its order.
	Reach []Reach
}

// GuardingApplication is an application with what it guards of a portal. Its
// policies are in the order in which they count, and nil if the API did not return
// them.
type GuardingApplication struct {
	Application
	// Portal is whether it guards the portal: whether no other application covers
	// the portal's address more closely.
	Portal bool
	// ServerIDs are the portal's servers that it guards, in the portal's order.
	ServerIDs []string
}

// Reach is who gets to a portal, or to a server through it.
type Reach struct {
	// ServerID is the server's id, nil for the portal.
	ServerID *string
	// ApplicationIDs are the applications that guard it, in the API's order. Never nil.
	ApplicationIDs []string
	// Guarded is whether there is one.
	Guarded bool
	// Open is whether its own gate lets in a stranger, of whom nothing is known that a
	// rule could ask for, or it cannot be told. It is open if one of several gates is,
	// and if nothing guards it.
	Open bool
	// Everyone is whether anybody reaches it: the portal's gate and, for a server,
	// its own are open.
	Everyone bool
	// ServiceTokens is whether a service token reaches it.
	ServiceTokens bool
	// Text is who, in words.
	Text string
}

// mcpPath is where MCP clients reach a portal, below its host name.
//
// Source: Cloudflare's documentation of MCP server portals.
const mcpPath = "mcp"

// PortalAccess reads who may reach a portal that was read by [Client.Portal]. It
// reads the applications of the account and, if the rules of those that matter refer
// to any, its groups and its identity providers. It reads the policies of an
// application by themselves only if the application came without them.
//
// All errors are of type [*Error]. It is an error if any of this is refused, and if
// an application that guards the portal or a server, or a group or identity provider
// that a rule refers to, cannot be decoded. It is no error if such a group or identity
// provider does not exist: then the rule counts as met by anybody.
//
// API: GET /accounts/{account_id}/access/apps, /access/apps/{id}/policies,
// /access/groups and /access/identity_providers
func (c *Client) PortalAccess(ctx context.Context, accountID string, portal *Portal) (*Access, error) {
	list, read, err := c.listAccess(ctx, accountID, Object{Kind: KindApplications}, applicationsPath)
	if err != nil {
		return nil, err
	}
	a := &Access{Groups: map[string]*Group{}, IdentityProviders: map[string]*IdentityProvider{}}
	if a.Applications, err = c.guarding(ctx, accountID, portal, list, &read); err != nil {
		return nil, err
	}
	for i := range a.Applications {
		if err := c.completePolicies(ctx, accountID, &a.Applications[i].Application); err != nil {
			return nil, err
		}
		redact(&a.Applications[i].Application)
		sortByPrecedence(a.Applications[i].Policies)
	}
	var rules []Rule
	ids := []string{}
	for i := range a.Applications {
		ids = append(ids, a.Applications[i].AllowedIDPs...)
		for _, p := range a.Applications[i].Policies {
			rules = append(rules, rulesOf(p.Include, p.Require, p.Exclude)...)
		}
	}
	err = referred(ctx, c, Object{Kind: KindGroups}, Object{Kind: KindGroup}, groupsPath, accountID, subjects(selectorGroup, rules), a.Groups, func(g *Group) []string {
		own := rulesOf(g.Include, g.Require, g.Exclude)
		rules = append(rules, own...)
		return subjects(selectorGroup, own)
	}, &read)
	if err != nil {
		return nil, err
	}
	ids = append(ids, subjects(selectorLoginMethod, rules)...)
	err = referred(ctx, c, Object{Kind: KindIdentityProviders}, Object{Kind: KindIdentityProvider}, identityProvidersPath, accountID, ids, a.IdentityProviders,
		func(*IdentityProvider) []string { return nil }, &read)
	if err != nil {
		return nil, err
	}
	a.Reach = a.reach(portal)
	return a, nil
}

// guarding returns the applications that matter to the portal.
func (c *Client) guarding(ctx context.Context, accountID string, portal *Portal, list []wirejson.Value, read *tally) ([]GuardingApplication, error) {
	g := newGuards(portal)
	for i, raw := range list {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, c.notDecoded(ctx, accountID, Object{Kind: KindApplications}, ctx.Err())
		}
		if o := outlineOf(raw); !slices.Contains(otherTypes, o.kind) {
			g.add(i, o)
		}
	}
	applications := []GuardingApplication{}
	for _, r := range g.relevant() {
		application := GuardingApplication{Portal: r.portal, ServerIDs: r.servers}
		one := Object{Kind: KindApplication, ID: r.id}
		err := c.decodeOne(ctx, accountID, one, list[r.index], &application.Application, read)
		if _, odd := errors.AsType[*DecodeError](err); odd && !r.guards() {
			continue // it covers some of the host, and what is reached there is not the portal
		}
		if err == nil && r.odd != nil && r.guards() {
			err = c.notDecoded(ctx, accountID, one, r.odd)
		}
		if err != nil {
			return nil, err
		}
		applications = append(applications, application)
	}
	return applications, nil
}

// guards finds the applications that matter to a portal among all of an account.
type guards struct {
	address pattern
	servers map[string]int // ids, to the place in the portal
	ids     []string       // of servers, by place
	found   []guard
	// covering are the patterns that cover the portal's address.
	covering []pattern
}

// guard is an application that may matter.
type guard struct {
	index    int
	id       string
	patterns []pattern // those that cover some of the portal's host
	servers  []string
	portal   bool
	mayGuard bool // see [outline.mayGuard]
	odd      *DecodeError
}

// guards reports whether it guards the portal or a server of it, or may do so.
func (g *guard) guards() bool {
	return g.portal || len(g.servers) > 0 || g.odd != nil && g.mayGuard
}

func newGuards(portal *Portal) *guards {
	g := &guards{servers: map[string]int{}}
	if host := canonicalHostname(deref(portal.Hostname)); host != "" {
		g.address = pattern{host, mcpPath}
	}
	for i := range portal.Servers {
		s := &portal.Servers[i]
		g.ids = append(g.ids, deref(s.Identity()))
		for _, id := range []*string{s.ServerID, s.ID} {
			if _, ok := g.servers[deref(id)]; !ok && deref(id) != "" {
				g.servers[*id] = i
			}
		}
	}
	return g
}

// add takes the application at that place of the list in, if it may matter.
func (g *guards) add(index int, o outline) {
	found := guard{index: index, id: o.id, mayGuard: o.mayGuard(), odd: o.odd}
	for _, p := range o.patterns {
		if g.address.host == "" || !p.coversHost(g.address.host) {
			continue
		}
		found.patterns = append(found.patterns, p)
		if p.covers(g.address) {
			g.covering = append(g.covering, p)
		}
	}
	var places []int
	for _, id := range o.servers {
		if place, ok := g.servers[id]; ok {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		found.servers = append(found.servers, g.ids[place])
	}
	if found.guards() || len(found.patterns) > 0 {
		g.found = append(g.found, found)
	}
}

// relevant returns what was found, with those marked that guard the portal: no
// other application covers its address more closely.
//
// Source: Cloudflare's documentation, "Application paths", policy inheritance.
func (g *guards) relevant() []guard {
	best := map[pattern]bool{}
	for _, p := range mostSpecific(g.covering) {
		best[p] = true
	}
	for i := range g.found {
		g.found[i].portal = slices.ContainsFunc(g.found[i].patterns, func(p pattern) bool { return best[p] })
	}
	return g.found
}

// completePolicies reads the policies of an application that came without them, or
// with one that does not say whom it includes.
func (c *Client) completePolicies(ctx context.Context, accountID string, application *Application) error {
	id := deref(application.ID)
	told := func(policies []Policy) bool {
		return policies != nil && !slices.ContainsFunc(policies, func(p Policy) bool { return p.Include == nil })
	}
	if isID := validateID(id, maxAccessID) == nil; !isID || told(application.Policies) {
		return nil // there is nothing to ask for by another id
	}
	policies, err := c.applicationPolicies(ctx, accountID, id)
	switch {
	case isGone(err):
	case err != nil:
		return err
	case len(policies) > 0 || application.Policies == nil:
		application.Policies = policies
	}
	return nil
}

// referred reads a list of the account, and decodes into found the objects whose ids
// are wanted, and those that these refer to: nil for one that is not in the list. The
// others may look like anything. It sends nothing if none is wanted.
func referred[T any](ctx context.Context, c *Client, list, one Object, path, accountID string, wanted []string, found map[string]*T, refers func(*T) []string, read *tally) error {
	if len(wanted) == 0 {
		return nil
	}
	raw, size, err := c.listAccess(ctx, accountID, list, path)
	if err == nil {
		err = read.add(resultInfo{size: size.size, fields: size.fields})
	}
	if err != nil {
		return about(list, accountID, err)
	}
	all := make(map[string]wirejson.Value, len(raw))
	for _, object := range raw {
		all[idOf(object)] = object
	}
	for len(wanted) > 0 {
		id := wanted[0]
		wanted = wanted[1:]
		if _, known := found[id]; known {
			continue
		}
		found[id] = nil
		if raw, there := all[id]; there {
			object := new(T)
			one.ID = id
			if err := c.decodeOne(ctx, accountID, one, raw, object, read); err != nil {
				return err
			}
			redact(object)
			found[id] = object
			wanted = append(wanted, refers(object)...)
		}
	}
	return nil
}

// decodeOne decodes an object of a list.
func (c *Client) decodeOne(ctx context.Context, accountID string, one Object, raw wirejson.Value, object any, read *tally) error {
	d := wirejson.NewDecoder(ctx, []byte(raw))
	err := d.Decode(object)
	if err == nil {
		err = read.add(resultInfo{fields: d.Fields()})
	}
	return c.notDecoded(ctx, accountID, one, err)
}

// notDecoded returns the error of an object of a list that could not be decoded; nil
// for nil.
func (c *Client) notDecoded(ctx context.Context, accountID string, one Object, err error) error {
	if err == nil {
		return nil
	}
	one = c.sanitizer.object(one)
	if wrong, ok := errors.AsType[*DecodeError](err); ok {
		wrong.Path = c.sanitizer.clean(cmp.Or(wrong.Path, "result"))
		return &Error{Object: one, AccountID: accountID, Status: http.StatusOK, Attempts: 1, Err: wrong}
	}
	return about(one, accountID, c.cause(ctx, bodyError(err, nil, 0), budgetOf(ctx)))
}

// reach works out who gets to the portal and to each of its servers.
func (a *Access) reach(portal *Portal) []Reach {
	d := newDirectory(a.Groups, a.IdentityProviders)
	var (
		doors  = map[string]*door{} // of servers, by id
		atDoor = &door{}
		list   []Reach
		doorOf = func(id string) *door {
			if doors[id] == nil {
				doors[id] = &door{}
			}
			return doors[id]
		}
	)
	for i := range a.Applications {
		application := &a.Applications[i]
		if !application.Portal && len(application.ServerIDs) == 0 {
			continue
		}
		g := d.gateOf(&application.Application)
		if application.Portal {
			atDoor.add(&application.Application, g)
		}
		for _, id := range application.ServerIDs {
			doorOf(id).add(&application.Application, g)
		}
	}
	atPortal := atDoor.reach()
	atPortal.Everyone = atPortal.Open
	atPortal.ServiceTokens = atDoor.tokens.some()
	if !atPortal.Guarded {
		atPortal.Text = "anybody: no Access application guards the portal"
	}
	list = append(list, atPortal)
	for i := range portal.Servers {
		s := &portal.Servers[i]
		at := doorOf(deref(s.Identity()))
		r := at.reach()
		r.ServerID = new(deref(s.Identity())) // null is the portal
		r.Everyone = r.Open && atPortal.Open
		r.ServiceTokens = (s.OnBehalf == nil || !*s.OnBehalf) && atDoor.share(at)
		if !r.Guarded {
			r.Text = "anybody who passes the portal, as far as can be told: no Access application guards the server (Cloudflare documents that one without a policy is not shown)"
		}
		list = append(list, r)
	}
	return list
}

// door is what guards one portal or server: a gate, or several.
type door struct {
	ids, names, texts []string
	open              bool
	tokens            tokens
}

func (d *door) add(application *Application, g gate) {
	d.ids = append(d.ids, deref(application.ID))
	d.names = append(d.names, plain(nameOrID(application.Name, application.ID)))
	d.texts = append(d.texts, g.text)
	d.open = d.open || g.open
	d.tokens.add(g.tokens)
}

func (d *door) guarded() bool { return len(d.ids) > 0 }

// share reports whether one service token passes both doors. One that nothing
// guards keeps none out, but it takes a policy somewhere that is about tokens.
func (d *door) share(other *door) bool {
	switch {
	case !d.guarded():
		return other.tokens.some()
	case !other.guarded():
		return d.tokens.some()
	}
	return d.tokens.share(other.tokens)
}

func (d *door) reach() Reach {
	text := strings.Join(d.texts, "")
	if len(d.texts) > 1 {
		parts := make([]string, len(d.texts))
		for i, text := range d.texts {
			parts[i] = "by the application " + d.names[i] + ": " + text
		}
		text = strings.Join(parts, "; ")
	}
	return Reach{
		ApplicationIDs: append([]string{}, d.ids...),
		Guarded:        d.guarded(),
		Open:           d.open || !d.guarded(),
		Text:           text,
	}
}
