package cloudflare

import (
	"context"
	"net/http"
)

// Portal is an MCP server portal as the API returns it.
//
// Source of this and the other wire types: the API's reference page "Read
// details of an MCP Portal", and, where a field says so, the types of
// Cloudflare's Go SDK (github.com/cloudflare/cloudflare-go/v7, zero_trust).
// A nil field was absent or null.
type Portal struct {
	ID               *string  `json:"id"`
	Hostname         *string  `json:"hostname"`
	Name             *string  `json:"name"`
	Description      *string  `json:"description"`
	AllowCodeMode    *bool    `json:"allow_code_mode"`
	CodeMode         *string  `json:"code_mode"` // SDK
	SecureWebGateway *bool    `json:"secure_web_gateway"`
	CreatedAt        *string  `json:"created_at"`
	CreatedBy        *string  `json:"created_by"`
	ModifiedAt       *string  `json:"modified_at"`
	ModifiedBy       *string  `json:"modified_by"`
	Servers          []Server `json:"servers"`
	Extra            Extra
}

func (p *Portal) isNothing() bool {
	return p.ID == nil && p.Name == nil && p.Hostname == nil && len(p.Servers) == 0
}

const portalsPath = "/access/ai-controls/mcp/portals"

// Portal reads one portal by its id. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/portals/{id}
func (c *Client) Portal(ctx context.Context, accountID, id string) (*Portal, error) {
	return get[Portal](ctx, c, target{Object{Kind: "MCP portal", ID: id}, accountID, portalsPath})
}

// Portals reads every portal of an account, all pages, in the API's order. A
// search that is not empty leaves the choice of what matches to the API, which
// looks at id, name and hostname. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/portals
func (c *Client) Portals(ctx context.Context, accountID, search string) ([]Portal, error) {
	return list(ctx, c, target{Object{Kind: "MCP portals"}, accountID, portalsPath}, search,
		func(p *Portal) *string { return p.ID })
}

// DecodePortal returns the portal in the body of an answer of the API. The
// errors are a [*BodyError], a [*DecodeError], or say that the API refused. It
// sends nothing: it is the part of [Client.Portal] that benchmarks take as the
// least that reading costs.
func DecodePortal(body []byte) (*Portal, error) {
	var p Portal
	if _, err := decodeAnswer(body, http.StatusOK, &p); err != nil {
		return nil, bodyOrRefusal(err, nil, len(body))
	}
	return &p, nil
}
