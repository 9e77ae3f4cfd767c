package cloudflare

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// maxClosest is how many host names are offered in place of one that no portal has.
const maxClosest = 5

// PortalByHostname reads the one portal with that host name. The list of portals
// tells its id; then the portal is read by its id, since the API's reference promises
// a whole portal of that request alone. Host names are compared whole and without
// regard to case. All errors are of type [*Error], and wrap a [*NotFoundError] if no
// portal or several have the host name.
func (c *Client) PortalByHostname(ctx context.Context, accountID, hostname string) (*Portal, error) {
	object := Object{Kind: "MCP portal", Hostname: hostname}
	fail := func(err error) (*Portal, error) { return nil, about(object, accountID, err) }
	if canonicalHostname(hostname) == "" {
		return fail(errors.New("the hostname is empty")) // it would match a portal whose hostname is empty
	}

	matching, err := c.portalsWithHostname(ctx, accountID, hostname)
	if err != nil {
		return fail(err)
	}
	if len(matching.portals) != 1 {
		return fail(&NotFoundError{Matches: len(matching.portals), Closest: matching.closest})
	}
	id := matching.portals[0].ID
	portal, err := c.Portal(ctx, accountID, *id)
	if err != nil {
		return nil, err // it names the id, which helps more than the host name
	}
	if got := deref(portal.Hostname); canonicalHostname(got) != canonicalHostname(hostname) {
		return nil, c.mismatch(target{object: Object{Kind: object.Kind, ID: *id}, accountID: accountID}, "hostname", hostname, got)
	}
	portal.ID = cmp.Or(portal.ID, id) // where the answer leaves it out
	return portal, nil
}

type hostnameMatch struct {
	portals []Portal
	closest []string
}

// portalsWithHostname returns the portals with that host name. It first lets the API
// search. How that compares is not documented, so if it finds none, the whole list is
// looked through, which also tells the host names to offer instead.
func (c *Client) portalsWithHostname(ctx context.Context, accountID, hostname string) (hostnameMatch, error) {
	wanted := canonicalHostname(hostname)
	for _, search := range []string{wanted, ""} {
		portals, _, err := c.listPortals(ctx, accountID, search)
		if err != nil {
			return hostnameMatch{}, err
		}
		matching := slices.DeleteFunc(slices.Clone(portals), func(p Portal) bool {
			return p.Hostname == nil || canonicalHostname(*p.Hostname) != wanted
		})
		if len(matching) > 0 {
			return hostnameMatch{portals: matching}, nil
		}
		if search == "" {
			return hostnameMatch{closest: c.closest(wanted, portals)}, nil
		}
	}
	panic("unreachable")
}

// canonicalHostname returns a host name as two of them are compared: without
// regard to case, and without the dot that may stand at its end.
func canonicalHostname(hostname string) string {
	return strings.ToLower(strings.TrimSuffix(hostname, "."))
}

// closest returns the host names of portals that are most like wanted, best
// first, and fit to be shown.
func (c *Client) closest(wanted string, portals []Portal) []string {
	var names []string
	for _, p := range portals {
		if p.Hostname != nil && *p.Hostname != "" {
			names = append(names, c.sanitizer.clean(*p.Hostname))
		}
	}
	distance := func(name string) int { return levenshtein.Distance(wanted, canonicalHostname(name), nil) }
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	return names[:min(len(names), maxClosest)]
}
