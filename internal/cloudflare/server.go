package cloudflare

import "context"

// Server is an MCP server: behind a portal, or, where [Client.Server] and
// [Client.Servers] return it, by itself. Then DefaultDisabled and OnBehalf, which
// belong to a portal's mapping, are nil.
type Server struct {
	ID                           *string       `json:"id"`
	ServerID                     *string       `json:"server_id"` // SDK
	Name                         *string       `json:"name"`
	Hostname                     *string       `json:"hostname"`
	AuthType                     *string       `json:"auth_type"`
	AuthenticationStatus         *string       `json:"authentication_status"` // SDK
	Description                  *string       `json:"description"`
	Status                       *string       `json:"status"`
	Error                        *string       `json:"error"`
	ErrorDetails                 *ErrorDetails `json:"error_details"`
	DefaultDisabled              *bool         `json:"default_disabled"`
	OnBehalf                     *bool         `json:"on_behalf"`
	SecureWebGateway             *bool         `json:"secure_web_gateway"`
	IsSharedOAuthCallbackEnabled *bool         `json:"is_shared_oauth_callback_enabled"`
	CreatedAt                    *string       `json:"created_at"`
	CreatedBy                    *string       `json:"created_by"`
	ModifiedAt                   *string       `json:"modified_at"`
	ModifiedBy                   *string       `json:"modified_by"`
	LastSynced                   *string       `json:"last_synced"`
	LastSuccessfulSync           *string       `json:"last_successful_sync"`
	Tools                        []Tool        `json:"tools"`
	Prompts                      []Prompt      `json:"prompts"`
	UpdatedTools                 []Override    `json:"updated_tools"`
	UpdatedPrompts               []Override    `json:"updated_prompts"`
	Extra                        Extra
}

// ErrorDetails is why the last synchronisation of a server failed.
type ErrorDetails struct {
	Cause      *string `json:"cause"`
	IsUpstream *bool   `json:"is_upstream"`
	MCPCode    *Number `json:"mcp_code"`
	Retryable  *bool   `json:"retryable"`
	StatusCode *Number `json:"status_code"`
	Extra      Extra
}

// Override is an entry of a server's updated_tools or updated_prompts: what a
// person decided about the tool or prompt of that name.
type Override struct {
	Name              *string `json:"name"`
	Enabled           *bool   `json:"enabled"`
	Alias             *string `json:"alias"`       // SDK
	Description       *string `json:"description"` // SDK
	PortalAlias       *string `json:"portal_alias"`
	PortalDescription *string `json:"portal_description"`
	ServerAlias       *string `json:"server_alias"`
	ServerDescription *string `json:"server_description"`
	Extra             Extra
}

func (s *Server) isNothing() bool {
	return s.Identity() == nil && s.Name == nil && s.Hostname == nil && len(s.Tools) == 0
}

const serversPath = "/access/ai-controls/mcp/servers"

// Server reads one server by its id. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/servers/{id}
func (c *Client) Server(ctx context.Context, accountID, id string) (*Server, error) {
	return get[Server](ctx, c, target{Object{Kind: "MCP server", ID: id}, accountID, serversPath})
}

// Servers reads every server of an account, whether it stands in a portal or
// not, as [Client.Portals] reads portals.
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/servers
func (c *Client) Servers(ctx context.Context, accountID, search string) ([]Server, error) {
	return list(ctx, c, target{Object{Kind: "MCP servers"}, accountID, serversPath}, search,
		(*Server).Identity)
}

// Identity returns the server's id: the API gives it as id, as server_id, or as
// both. Nil if it gives neither.
func (s *Server) Identity() *string {
	if s.ID != nil {
		return s.ID
	}
	return s.ServerID
}

// Namespace returns the id that stands before the names of the server's tools:
// server_id, or id where that is absent. Nil if the API gives neither.
func (s *Server) Namespace() *string {
	if s.ServerID != nil {
		return s.ServerID
	}
	return s.ID
}
