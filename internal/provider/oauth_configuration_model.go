package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// oauthConfigurationModel is how an Access application is the authorization server
// of OAuth clients.
type oauthConfigurationModel struct {
	Enabled                   *bool                           `tfsdk:"enabled"`
	DynamicClientRegistration *dynamicClientRegistrationModel `tfsdk:"dynamic_client_registration"`
	Grant                     *oauthGrantModel                `tfsdk:"grant"`
	Extra                     map[string]string               `tfsdk:"extra"`
}

// dynamicClientRegistrationModel is which OAuth clients may register by themselves.
type dynamicClientRegistrationModel struct {
	Enabled             *bool             `tfsdk:"enabled"`
	AllowedURIs         []string          `tfsdk:"allowed_uris"`
	AllowAnyOnLocalhost *bool             `tfsdk:"allow_any_on_localhost"`
	AllowAnyOnLoopback  *bool             `tfsdk:"allow_any_on_loopback"`
	Extra               map[string]string `tfsdk:"extra"`
}

// oauthGrantModel is how long what an OAuth client was given is good for.
type oauthGrantModel struct {
	AccessTokenLifetime *string           `tfsdk:"access_token_lifetime"`
	SessionDuration     *string           `tfsdk:"session_duration"`
	Extra               map[string]string `tfsdk:"extra"`
}

func oauthConfigurationAttributes() attributes {
	return attributes{
		"enabled": boolean("Whether Access is the authorization server of this application. Null counts as true in Cloudflare's own Terraform provider."),
		"dynamic_client_registration": object("Which OAuth clients may register by themselves. Null if the API returned nothing of it.", attributes{
			"enabled":                boolean("Whether clients may register by themselves. Null counts as true in Cloudflare's own Terraform provider."),
			"allowed_uris":           texts("The redirect URIs with which a client may register; `*` stands for any text. Null if the API returned no such list."),
			"allow_any_on_localhost": boolean("Whether a client with any redirect URI on `localhost` may register. Null counts as true in Cloudflare's own Terraform provider."),
			"allow_any_on_loopback":  boolean("Whether a client with any redirect URI on a loopback address may register. Null counts as true in Cloudflare's own Terraform provider."),
			"extra":                  extra("object"),
		}),
		"grant": object("How long what a client was given is good for. Null if the API returned nothing of it.", attributes{
			"access_token_lifetime": text("How long an access token is good for, such as `15m`."),
			"session_duration":      text("How long a client can get new access tokens without a login, such as `24h`."),
			"extra":                 extra("object"),
		}),
		"extra": extra("object"),
	}
}

func newOAuthConfigurationModel(o *cloudflare.OAuthConfiguration) *oauthConfigurationModel {
	if o == nil {
		return nil
	}
	m := &oauthConfigurationModel{Enabled: o.Enabled, Extra: o.Extra}
	if r := o.DynamicClientRegistration; r != nil {
		m.DynamicClientRegistration = &dynamicClientRegistrationModel{r.Enabled, r.AllowedURIs, r.AllowAnyOnLocalhost, r.AllowAnyOnLoopback, r.Extra}
	}
	if g := o.Grant; g != nil {
		m.Grant = &oauthGrantModel{g.AccessTokenLifetime, g.SessionDuration, g.Extra}
	}
	return m
}
