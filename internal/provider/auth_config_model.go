package provider

import (
	"math/big"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// authConfigSummaryModel is the part of a server's login that is no secret.
type authConfigSummaryModel struct {
	AuthMode            *string                `tfsdk:"auth_mode"`
	ClientSecretVersion *big.Float             `tfsdk:"client_secret_version"`
	HasClientSecret     *bool                  `tfsdk:"has_client_secret"`
	Config              *authConfigModel       `tfsdk:"config"`
	RegistrationInfo    *registrationInfoModel `tfsdk:"registration_info"`
	Extra               map[string]string      `tfsdk:"extra"`
}

func authConfigSummaryAttributes() attributes {
	return attributes{
		"auth_mode":             text("How the portal became a client of the server's authorization server: `dcr` (it registered itself) or `manual` (somebody entered a client). A server with `manual` synchronises with an administrator's credential, and stays `waiting` until there is one. The set is open."),
		"client_secret_version": number("The version of the client's secret: another one means that the secret was changed."),
		"has_client_secret":     boolean("Whether the client has a secret. The API does not return it."),
		"config":                object("Where the server's authorization server is. Null if the API returned nothing of it.", authConfigAttributes()),
		"registration_info":     object("The portal's client at the authorization server. Null if the API returned nothing of it.", registrationInfoAttributes()),
		"extra":                 loginExtra(),
	}
}

func newAuthConfigSummaryModel(a *cloudflare.AuthConfigSummary) *authConfigSummaryModel {
	if a == nil {
		return nil
	}
	return &authConfigSummaryModel{
		AuthMode:            a.AuthMode,
		ClientSecretVersion: float(a.ClientSecretVersion),
		HasClientSecret:     a.HasClientSecret,
		Config:              newAuthConfigModel(a.Config),
		RegistrationInfo:    newRegistrationInfoModel(a.RegistrationInfo),
		Extra:               a.Extra,
	}
}

// authConfigModel is where a server's authorization server is.
type authConfigModel struct {
	AuthorizationEndpoint *string           `tfsdk:"authorization_endpoint"`
	Issuer                *string           `tfsdk:"issuer"`
	Resource              *string           `tfsdk:"resource"`
	RevocationEndpoint    *string           `tfsdk:"revocation_endpoint"`
	TokenEndpoint         *string           `tfsdk:"token_endpoint"`
	Extra                 map[string]string `tfsdk:"extra"`
}

func authConfigAttributes() attributes {
	return attributes{
		"authorization_endpoint": text("The URL at which users log in."),
		"issuer":                 text("The authorization server's issuer identifier, a URL."),
		"resource":               text("The resource that tokens are asked for, a URL."),
		"revocation_endpoint":    text("The URL at which tokens are revoked."),
		"token_endpoint":         text("The URL at which tokens are issued."),
		"extra":                  loginExtra(),
	}
}

func newAuthConfigModel(c *cloudflare.AuthConfig) *authConfigModel {
	if c == nil {
		return nil
	}
	return &authConfigModel{
		AuthorizationEndpoint: c.AuthorizationEndpoint,
		Issuer:                c.Issuer,
		Resource:              c.Resource,
		RevocationEndpoint:    c.RevocationEndpoint,
		TokenEndpoint:         c.TokenEndpoint,
		Extra:                 c.Extra,
	}
}

// registrationInfoModel is the portal's client at an authorization server.
type registrationInfoModel struct {
	ClientID                *string           `tfsdk:"client_id"`
	RedirectURIs            []string          `tfsdk:"redirect_uris"`
	Scope                   *string           `tfsdk:"scope"`
	TokenEndpointAuthMethod *string           `tfsdk:"token_endpoint_auth_method"`
	Extra                   map[string]string `tfsdk:"extra"`
}

func registrationInfoAttributes() attributes {
	return attributes{
		"client_id":                  text("The client's id, which is no secret."),
		"redirect_uris":              texts("Where users are sent back to after they have logged in. Null if the API returned no such list."),
		"scope":                      text("The scopes that tokens are asked for, with blanks between them: what the portal may do at the server."),
		"token_endpoint_auth_method": text("How the client proves who it is, such as `client_secret_basic` or `none`."),
		"extra":                      loginExtra(),
	}
}

func newRegistrationInfoModel(r *cloudflare.RegistrationInfo) *registrationInfoModel {
	if r == nil {
		return nil
	}
	return &registrationInfoModel{
		ClientID:                r.ClientID,
		RedirectURIs:            r.RedirectURIs,
		Scope:                   r.Scope,
		TokenEndpointAuthMethod: r.TokenEndpointAuthMethod,
		Extra:                   r.Extra,
	}
}
