package provider

import (
	"cmp"
	"math/big"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// serverModel is an MCP server by itself, in a portal or not.
type serverModel struct {
	ID                           *string                 `tfsdk:"id"`
	ServerID                     *string                 `tfsdk:"server_id"`
	Name                         *string                 `tfsdk:"name"`
	Hostname                     *string                 `tfsdk:"hostname"`
	AuthType                     *string                 `tfsdk:"auth_type"`
	AuthenticationStatus         *string                 `tfsdk:"authentication_status"`
	AuthConfigSummary            *authConfigSummaryModel `tfsdk:"auth_config_summary"`
	Description                  *string                 `tfsdk:"description"`
	Status                       *string                 `tfsdk:"status"`
	Error                        *string                 `tfsdk:"error"`
	ErrorDetails                 *errorDetailsModel      `tfsdk:"error_details"`
	SecureWebGateway             *bool                   `tfsdk:"secure_web_gateway"`
	IsSharedOAuthCallbackEnabled *bool                   `tfsdk:"is_shared_oauth_callback_enabled"`
	CreatedAt                    *string                 `tfsdk:"created_at"`
	CreatedBy                    *string                 `tfsdk:"created_by"`
	ModifiedAt                   *string                 `tfsdk:"modified_at"`
	ModifiedBy                   *string                 `tfsdk:"modified_by"`
	LastSynced                   *string                 `tfsdk:"last_synced"`
	LastSuccessfulSync           *string                 `tfsdk:"last_successful_sync"`
	Tools                        []toolModel             `tfsdk:"tools"`
	ToolsKnown                   *bool                   `tfsdk:"tools_known"`
	Prompts                      []promptModel           `tfsdk:"prompts"`
	UpdatedTools                 []overrideModel         `tfsdk:"updated_tools"`
	UpdatedPrompts               []overrideModel         `tfsdk:"updated_prompts"`
	Extra                        map[string]string       `tfsdk:"extra"`
}

func serverAttributes() attributes {
	return attributes{
		"id":                               text("The server's id, 1 to 32 characters. The API gives it as `id`, as `server_id`, or as both; the attribute that it leaves out is filled in from the other."),
		"server_id":                        text("The server's id as it stands before the names of its tools; see `id`."),
		"name":                             text("The server's name as people read it, at most 350 characters."),
		"hostname":                         text("The URL at which the portal reaches the server, such as `https://example.com/mcp`."),
		"auth_type":                        text("How the portal authenticates to the server: `oauth`, `bearer` or `unauthenticated`. The set is open."),
		"authentication_status":            text("Where authentication to the server stands: `not_required`, `required`, `connected`, `stale` or `manual`. The set is open. Known from Cloudflare's Go SDK."),
		"auth_config_summary":              object("How the portal logs in to the server, as far as that is no secret. Null if the API returned nothing of it. Known from Cloudflare's Go SDK.", authConfigSummaryAttributes()),
		"description":                      text("What the server is for, at most 512 characters. Null if nobody said."),
		"status":                           text("The state of synchronisation with the server: `waiting`, `ready`, `stale` or `error` (Cloudflare's Go SDK); `active` was seen too, and the set is open. It changes by itself."),
		"error":                            text("What went wrong in the last synchronisation. Null or empty on a healthy server. It changes by itself."),
		"error_details":                    object("Details of `error`. Null if there are none. They change by themselves.", errorDetailsAttributes()),
		"secure_web_gateway":               boolean("Whether the traffic to this server goes through Zero Trust Secure Web Gateway. It does as well if the portal's `secure_web_gateway` is true."),
		"is_shared_oauth_callback_enabled": boolean("Whether OAuth to the server uses the callback that Cloudflare shares between its customers as redirect URI, instead of the portal's own host name."),
		"created_at":                       text("When the server was created, in RFC 3339."),
		"created_by":                       text("Who created the server."),
		"modified_at":                      text("When the server was last changed, in RFC 3339. A synchronisation counts as a change."),
		"modified_by":                      text("Who last changed the server."),
		"last_synced":                      text("When the portal last asked the server for its tools and prompts, in RFC 3339. That is about every two hours. Null if it never did."),
		"last_successful_sync":             text("When that last succeeded, in RFC 3339. Null if it never did."),
		"tools":                            list("The server's tools as it describes them, in the API's order, whether they are exposed or not. Never null: `tools_known` tells a server without tools from one whose tools are not known.", toolAttributes()),
		"tools_known":                      boolean("Whether the server's tools are known. False if the API returned no list, and if it returned neither tools nor prompts for a server that has not synchronised: one whose `status` is neither `ready` nor `active`, or that has neither a `status` nor a `last_successful_sync`. Then `tools` is empty, and what the server exposes is not known."),
		"prompts":                          list("The server's prompts as it describes them, in the API's order, whether they are exposed or not. Never null.", promptAttributes()),
		"updated_tools":                    list("What people decided about single tools, in the API's order. Null if the API returned no such list.", overrideAttributes("tool")),
		"updated_prompts":                  list("What people decided about single prompts, in the API's order. Null if the API returned no such list.", overrideAttributes("prompt")),
		"extra":                            extra("server"),
	}
}

// newServerModel maps a server. Where the API leaves out id or server_id, the other
// one takes its place, since every configuration needs one of them.
func newServerModel(s *cloudflare.Server) serverModel {
	return serverModel{
		ID:                           cmp.Or(s.ID, s.ServerID),
		ServerID:                     cmp.Or(s.ServerID, s.ID),
		Name:                         s.Name,
		Hostname:                     s.Hostname,
		AuthType:                     s.AuthType,
		AuthenticationStatus:         s.AuthenticationStatus,
		AuthConfigSummary:            newAuthConfigSummaryModel(s.AuthConfigSummary),
		Description:                  s.Description,
		Status:                       s.Status,
		Error:                        s.Error,
		ErrorDetails:                 newErrorDetailsModel(s.ErrorDetails),
		SecureWebGateway:             s.SecureWebGateway,
		IsSharedOAuthCallbackEnabled: s.IsSharedOAuthCallbackEnabled,
		CreatedAt:                    cloudflare.Timestamp(s.CreatedAt),
		CreatedBy:                    s.CreatedBy,
		ModifiedAt:                   cloudflare.Timestamp(s.ModifiedAt),
		ModifiedBy:                   s.ModifiedBy,
		LastSynced:                   cloudflare.Timestamp(s.LastSynced),
		LastSuccessfulSync:           cloudflare.Timestamp(s.LastSuccessfulSync),
		Tools:                        neverNull(mapped(s.Tools, newToolModel)),
		ToolsKnown:                   new(s.ToolsKnown()),
		Prompts:                      neverNull(mapped(s.Prompts, newPromptModel)),
		UpdatedTools:                 mapped(s.UpdatedTools, newOverrideModel),
		UpdatedPrompts:               mapped(s.UpdatedPrompts, newOverrideModel),
		Extra:                        s.Extra,
	}
}

// portalServerModel is an MCP server behind a portal: the server, and what belongs
// to the portal's mapping of it.
type portalServerModel struct {
	serverModel
	DefaultDisabled *bool `tfsdk:"default_disabled"`
	OnBehalf        *bool `tfsdk:"on_behalf"`
}

func portalServerAttributes() attributes {
	return with(serverAttributes(), attributes{
		"default_disabled": boolean("Whether the server's tools and prompts are off unless `updated_tools` or `updated_prompts` turns them on. If it is false or null, they are on unless turned off, new ones included."),
		"on_behalf":        boolean("Whether each user logs in to the server. Service tokens only reach servers where this is false."),
	})
}

func newPortalServerModel(s *cloudflare.PortalServer) portalServerModel {
	return portalServerModel{newServerModel(&s.Server), s.DefaultDisabled, s.OnBehalf}
}

// errorDetailsModel is why the last synchronisation of a server failed.
type errorDetailsModel struct {
	Cause      *string           `tfsdk:"cause"`
	IsUpstream *bool             `tfsdk:"is_upstream"`
	MCPCode    *big.Float        `tfsdk:"mcp_code"`
	Retryable  *bool             `tfsdk:"retryable"`
	StatusCode *big.Float        `tfsdk:"status_code"`
	Extra      map[string]string `tfsdk:"extra"`
}

func errorDetailsAttributes() attributes {
	return attributes{
		"cause":       text("The message of the error underneath."),
		"is_upstream": boolean("True if the MCP server returned an error, false if it could not be reached."),
		"mcp_code":    number("The error code of the MCP protocol, such as `-32001`."),
		"retryable":   boolean("Whether the error is transient and worth another try."),
		"status_code": number("The HTTP status with which the server answered."),
		"extra":       extra("object"),
	}
}

func newErrorDetailsModel(e *cloudflare.ErrorDetails) *errorDetailsModel {
	if e == nil {
		return nil
	}
	return &errorDetailsModel{
		Cause:      e.Cause,
		IsUpstream: e.IsUpstream,
		MCPCode:    float(e.MCPCode),
		Retryable:  e.Retryable,
		StatusCode: float(e.StatusCode),
		Extra:      e.Extra,
	}
}
