package provider

import (
	"maps"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// identityProviderModel is a way to log in.
type identityProviderModel struct {
	Name                     *string           `tfsdk:"name"`
	Type                     *string           `tfsdk:"type"`
	RestrictToAccountMembers *bool             `tfsdk:"restrict_to_account_members"`
	Extra                    map[string]string `tfsdk:"extra"`
}

func identityProviderAttributes() attributes {
	return attributes{
		"name":                        text("The identity provider's name."),
		"type":                        text("The identity provider's type, such as `okta` or `onetimepin`. The set is open. At those of the types `azureAD`, `okta`, `saml`, `oidc`, `onelogin`, `google-apps`, `centrify` and `pingone`, an organisation decides who has an account. At any other, anybody can have one as far as can be told."),
		"restrict_to_account_members": boolean("Whether only members of the Cloudflare account can log in, at an identity provider of the type `cloudflare`. If it is not true, everybody with a Cloudflare account can. Null for other types."),
		"extra":                       extra("identity provider"),
	}
}

// newIdentityProviderModels returns the identity providers that exist, by id.
func newIdentityProviderModels(providers map[string]*cloudflare.IdentityProvider) map[string]identityProviderModel {
	models := make(map[string]identityProviderModel, len(providers))
	for id, p := range providers {
		if p == nil {
			continue
		}
		m := identityProviderModel{Name: p.Name, Type: p.Type, Extra: p.Extra}
		if p.Config != nil {
			m.RestrictToAccountMembers = p.Config.RestrictToAccountMembers
			rest := wirejson.Append(nil, p.Config, "restrict_to_account_members")
			m.Extra = maps.Clone(p.Extra)
			if m.Extra == nil {
				m.Extra = map[string]string{}
			}
			m.Extra["config"] = jsontree.Compact(jsontree.Parse(string(rest))) // Append has no order
		}
		models[id] = m
	}
	return models
}
