package cloudflare

import (
	"cmp"
	"context"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// DecodeError says which value of an answer is not what the API's reference
// promises.
type DecodeError = wirejson.DecodeError

// Portal is an MCP server portal as the API returns it.
//
// Source of this and the other wire types: the API's reference page "Read
// details of an MCP Portal", and, where a field says so, the types of
// Cloudflare's Go SDK (github.com/cloudflare/cloudflare-go/v7, zero_trust).
// A nil field was absent or null.
type Portal struct {
	ID               *string        `json:"id"`
	Hostname         *string        `json:"hostname"`
	Name             *string        `json:"name"`
	Description      *string        `json:"description"`
	AllowCodeMode    *bool          `json:"allow_code_mode"`
	CodeMode         *string        `json:"code_mode"` // SDK
	SecureWebGateway *bool          `json:"secure_web_gateway"`
	CreatedAt        *string        `json:"created_at"`
	CreatedBy        *string        `json:"created_by"`
	ModifiedAt       *string        `json:"modified_at"`
	ModifiedBy       *string        `json:"modified_by"`
	Servers          []PortalServer `json:"servers"`
	Extra            wirejson.Extra
	// ServersAbsent is true if the answer said nothing of servers, not even null.
	// Their list is required by the reference, and a portal without servers is
	// something else than one of which nothing is known.
	ServersAbsent bool `wirejson:"absent=servers"`
}

func (p *Portal) check() error {
	switch {
	case deref(firstSet(p.ID, p.Name, p.Hostname)) == "" && len(p.Servers) == 0:
		return errNothing()
	case p.ServersAbsent:
		return &DecodeError{Path: "servers", Expected: "a list", Found: "nothing"}
	}
	return nil
}

func errNothing() error {
	return &DecodeError{Path: "result", Expected: "an object with an id, a name and a hostname", Found: "one without any of them"}
}

const portalsPath = "/access/ai-controls/mcp/portals"

// Portal reads one portal by its id. An answer without a list of servers is an
// error, one with null for it is not. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/portals/{id}
func (c *Client) Portal(ctx context.Context, accountID, id string) (*Portal, error) {
	portal, _, err := c.portal(ctx, accountID, id)
	return portal, err
}

func (c *Client) portal(ctx context.Context, accountID, id string) (*Portal, resultInfo, error) {
	return get(ctx, c, target{object: Object{Kind: "MCP portal", ID: id}, accountID: accountID, path: portalsPath},
		func(p *Portal) []*string { return []*string{p.ID} })
}

// Portals reads every portal of an account, all pages, in the API's order. A
// search that is not empty leaves the choice of what matches to the API, which
// looks at id, name and hostname. A portal of which the list says nothing of
// servers is read by its id. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/portals
func (c *Client) Portals(ctx context.Context, accountID, search string) ([]Portal, error) {
	portals, read, err := c.listPortals(ctx, accountID, search)
	if err != nil {
		return nil, err
	}
	for i := range portals {
		if !portals[i].ServersAbsent {
			continue
		}
		id := portals[i].ID
		portal, info, err := c.portal(ctx, accountID, *id)
		if err != nil {
			return nil, err // it names the id, which helps more than the list
		}
		if err := read.add(info); err != nil {
			return nil, about(portalList, accountID, err)
		}
		portal.ID = cmp.Or(portal.ID, id) // where the answer leaves it out
		portals[i] = *portal
	}
	return portals, nil
}

var portalList = Object{Kind: "MCP portals"}

func (c *Client) listPortals(ctx context.Context, accountID, search string) ([]Portal, tally, error) {
	return list(ctx, c, target{object: portalList, accountID: accountID, path: portalsPath}, search, func(p *Portal) *string { return p.ID })
}
