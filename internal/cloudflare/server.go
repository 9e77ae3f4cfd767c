package cloudflare

import (
	"context"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Server is an MCP server by itself, in a portal or not. A nil list was absent or
// null; [Server.ToolsKnown] and [Server.PromptsKnown] say what that means. Tools and
// Prompts leave out what is no object. If anything is, Extra has the list as it was
// received, under "tools" or "prompts": see [Server.Strays].
type Server struct {
	ID                           *string            `json:"id"`
	ServerID                     *string            `json:"server_id"` // SDK
	Name                         *string            `json:"name"`
	Hostname                     *string            `json:"hostname"`
	AuthType                     *string            `json:"auth_type"`
	AuthConfigSummary            *AuthConfigSummary `json:"auth_config_summary"`   // SDK
	AuthenticationStatus         *string            `json:"authentication_status"` // SDK
	Description                  *string            `json:"description"`
	Status                       *string            `json:"status"`
	Error                        *string            `json:"error"`
	ErrorDetails                 *ErrorDetails      `json:"error_details"`
	SecureWebGateway             *bool              `json:"secure_web_gateway"`
	IsSharedOAuthCallbackEnabled *bool              `json:"is_shared_oauth_callback_enabled"`
	CreatedAt                    *string            `json:"created_at"`
	CreatedBy                    *string            `json:"created_by"`
	ModifiedAt                   *string            `json:"modified_at"`
	ModifiedBy                   *string            `json:"modified_by"`
	LastSynced                   *string            `json:"last_synced"`
	LastSuccessfulSync           *string            `json:"last_successful_sync"`
	Tools                        []Tool             `json:"tools" wirejson:"sparse"`
	Prompts                      []Prompt           `json:"prompts" wirejson:"sparse"`
	UpdatedTools                 []Override         `json:"updated_tools"`
	UpdatedPrompts               []Override         `json:"updated_prompts"`
	Extra                        wirejson.Extra
}

// PortalServer is an MCP server behind a portal: the server, and what belongs to
// the portal's mapping of it.
type PortalServer struct {
	Server
	DefaultDisabled *bool `json:"default_disabled"`
	OnBehalf        *bool `json:"on_behalf"`
}

// AuthConfigSummary is how a portal logs in to a server, as far as that is no secret.
// Should the API ever return a secret there, in an unknown field, it is redacted.
//
// Source: Cloudflare's Go SDK.
type AuthConfigSummary struct {
	AuthMode            *string           `json:"auth_mode"`
	ClientSecretVersion *wirejson.Number  `json:"client_secret_version"`
	HasClientSecret     *bool             `json:"has_client_secret"`
	Config              *AuthConfig       `json:"config"`
	RegistrationInfo    *RegistrationInfo `json:"registration_info"`
	Extra               wirejson.Extra
}

// AuthConfig is where a server's authorization server is.
//
// Source: Cloudflare's Go SDK.
type AuthConfig struct {
	AuthorizationEndpoint *string `json:"authorization_endpoint"`
	Issuer                *string `json:"issuer"`
	Resource              *string `json:"resource"`
	RevocationEndpoint    *string `json:"revocation_endpoint"`
	TokenEndpoint         *string `json:"token_endpoint"`
	Extra                 wirejson.Extra
}

// RegistrationInfo is the portal's OAuth client at a server's authorization
// server.
//
// Source: Cloudflare's Go SDK.
type RegistrationInfo struct {
	ClientID                *string  `json:"client_id"`
	RedirectURIs            []string `json:"redirect_uris"`
	Scope                   *string  `json:"scope"`
	TokenEndpointAuthMethod *string  `json:"token_endpoint_auth_method"`
	Extra                   wirejson.Extra
}

// ErrorDetails is why the last synchronisation of a server failed.
type ErrorDetails struct {
	Cause      *string          `json:"cause"`
	IsUpstream *bool            `json:"is_upstream"`
	MCPCode    *wirejson.Number `json:"mcp_code"`
	Retryable  *bool            `json:"retryable"`
	StatusCode *wirejson.Number `json:"status_code"`
	Extra      wirejson.Extra
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
	Extra             wirejson.Extra
}

func (s *Server) check() error {
	if deref(firstSet(s.ID, s.ServerID, s.Name, s.Hostname)) == "" && len(s.Tools) == 0 {
		return errNothing()
	}
	return nil
}

const serversPath = "/access/ai-controls/mcp/servers"

// Server reads one server by its id. All errors are of type [*Error].
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/servers/{id}
func (c *Client) Server(ctx context.Context, accountID, id string) (*Server, error) {
	server, _, err := get(ctx, c, target{object: Object{Kind: "MCP server", ID: id}, accountID: accountID, path: serversPath},
		func(s *Server) []*string { return []*string{s.ID, s.ServerID} })
	return server, err
}

// Servers reads every server of an account, whether it stands in a portal or
// not, as [Client.Portals] reads portals.
//
// API: GET /accounts/{account_id}/access/ai-controls/mcp/servers
func (c *Client) Servers(ctx context.Context, accountID, search string) ([]Server, error) {
	servers, _, err := list(ctx, c, target{object: Object{Kind: "MCP servers"}, accountID: accountID, path: serversPath}, search,
		(*Server).Identity)
	return servers, err
}

// ToolsKnown reports whether the answer says which tools the server has. A list that
// is absent or null does not say it. Nor does an empty one of a server that has not
// synchronised and has no prompts either: the API was seen to return "tools": [] for a
// server in error, which may have had tools before and may have them again.
func (s *Server) ToolsKnown() bool { return s.Tools != nil && !s.isBlank() }

// PromptsKnown reports whether the answer says which prompts the server has, by the
// rule of [Server.ToolsKnown].
func (s *Server) PromptsKnown() bool { return s.Prompts != nil && !s.isBlank() }

// isBlank reports whether the server has neither tools nor prompts because, as far as
// can be told, it has not synchronised.
func (s *Server) isBlank() bool {
	if len(s.Tools) > 0 || len(s.Prompts) > 0 {
		return false
	}
	switch deref(s.Status) {
	case "":
		return deref(s.LastSuccessfulSync) == ""
	case "ready", "active":
		return false
	}
	return true
}

// Identity returns the server's id, which also stands before the names of its
// tools: the API gives it as server_id, as id, or as both. Nil, or "", if it
// gives none.
func (s *Server) Identity() *string { return firstSet(s.ServerID, s.ID) }
