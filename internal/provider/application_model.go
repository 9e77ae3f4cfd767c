package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// applicationModel is an Access application that guards a portal or a server of
// it, or covers some of the portal's host.
type applicationModel struct {
	ID                       *string                  `tfsdk:"id"`
	Name                     *string                  `tfsdk:"name"`
	Type                     *string                  `tfsdk:"type"`
	Domain                   *string                  `tfsdk:"domain"`
	Portal                   bool                     `tfsdk:"portal"`
	ServerIDs                []string                 `tfsdk:"server_ids"`
	SessionDuration          *string                  `tfsdk:"session_duration"`
	AllowedIDPs              []string                 `tfsdk:"allowed_idps"`
	AllowAuthenticateViaWARP *bool                    `tfsdk:"allow_authenticate_via_warp"`
	Policies                 []policyModel            `tfsdk:"policies"`
	OAuthConfiguration       *oauthConfigurationModel `tfsdk:"oauth_configuration"`
	Extra                    map[string]string        `tfsdk:"extra"`
}

func applicationAttributes() attributes {
	return attributes{
		"id":                          text("The application's id."),
		"name":                        text("The application's name."),
		"type":                        text("The application's type: `mcp_portal` and `mcp` are those that Cloudflare makes for portals and servers. Others can guard them as well, and the set is open."),
		"domain":                      text("The host, and perhaps path, that the application covers first. More of them may stand in `extra`, as `self_hosted_domains` and `destinations`. Null if there is none."),
		"portal":                      boolean("Whether the application guards the portal: it covers the portal's address, the host name with the path `/mcp`, and no other application does so more closely. Where nobody documents which of two is closer, both do."),
		"server_ids":                  texts("The servers of the portal that the application guards, by a destination `via_mcp_server_portal`, in the portal's order. Never null."),
		"session_duration":            text("How long a login at this application lasts, such as `24h`. Null stands for 24 hours."),
		"allowed_idps":                texts("The ids of the identity providers that can be chosen at login. Null or empty: every one of the account."),
		"allow_authenticate_via_warp": boolean("Whether a session of the Cloudflare One client counts as login."),
		"policies":                    list("The policies, in the order of their `precedence`; where one has none, in the API's. Whatever the order, `bypass` and `non_identity` count before `allow` and `deny`. Empty if there are none, and then nobody gets in; null if the API did not return them.", policyAttributes()),
		"oauth_configuration":         object("How the application acts as the authorization server of OAuth clients, such as MCP clients. Null if the API returned nothing of it.", oauthConfigurationAttributes()),
		"extra":                       extra("application"),
	}
}

func newApplicationModel(a *cloudflare.GuardingApplication) applicationModel {
	return applicationModel{
		ID:                       a.ID,
		Name:                     a.Name,
		Type:                     a.Type,
		Domain:                   a.Domain,
		Portal:                   a.Portal,
		ServerIDs:                neverNull(a.ServerIDs),
		SessionDuration:          a.SessionDuration,
		AllowedIDPs:              a.AllowedIDPs,
		AllowAuthenticateViaWARP: a.AllowAuthenticateViaWARP,
		Policies:                 mapped(a.Policies, newPolicyModel),
		OAuthConfiguration:       newOAuthConfigurationModel(a.OAuthConfiguration),
		Extra:                    a.Extra,
	}
}
