package cloudflare

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Application is an Access application, of any type: what Access asks of whoever
// comes to a host name, or, by a destination via_mcp_server_portal, of whoever
// comes to an MCP server through a portal. What it guards beside its Domain stands
// in Extra, as self_hosted_domains and destinations; [Client.PortalAccess] reads it.
//
// Source of this and the other types of Access: the types of Cloudflare's Go SDK
// (github.com/cloudflare/cloudflare-go/v7 v7.9.0, zero_trust).
type Application struct {
	ID                       *string             `json:"id"`
	Name                     *string             `json:"name"`
	Type                     *string             `json:"type"`
	Domain                   *string             `json:"domain"`
	SessionDuration          *string             `json:"session_duration"`
	AllowedIDPs              []string            `json:"allowed_idps"`
	AllowAuthenticateViaWARP *bool               `json:"allow_authenticate_via_warp"`
	Policies                 []Policy            `json:"policies"`
	OAuthConfiguration       *OAuthConfiguration `json:"oauth_configuration"`
	Extra                    wirejson.Extra
}

// OAuthConfiguration is how an application is the authorization server of OAuth
// clients, such as MCP clients.
type OAuthConfiguration struct {
	Enabled                   *bool                      `json:"enabled"`
	DynamicClientRegistration *DynamicClientRegistration `json:"dynamic_client_registration"`
	Grant                     *OAuthGrant                `json:"grant"`
	Extra                     wirejson.Extra
}

// DynamicClientRegistration is which OAuth clients may register by themselves.
type DynamicClientRegistration struct {
	Enabled             *bool    `json:"enabled"`
	AllowedURIs         []string `json:"allowed_uris"`
	AllowAnyOnLocalhost *bool    `json:"allow_any_on_localhost"`
	AllowAnyOnLoopback  *bool    `json:"allow_any_on_loopback"`
	Extra               wirejson.Extra
}

// OAuthGrant is how long what an OAuth client was given is good for.
type OAuthGrant struct {
	AccessTokenLifetime *string `json:"access_token_lifetime"`
	SessionDuration     *string `json:"session_duration"`
	Extra               wirejson.Extra
}

// Policy is a policy of an application. Each element of Include, Require and
// Exclude is a rule as it was received: see [RuleOf]. Include is nil where the API
// did not tell it, which is something else than nobody.
type Policy struct {
	ID                           *string          `json:"id"`
	Name                         *string          `json:"name"`
	Precedence                   *wirejson.Number `json:"precedence"`
	Decision                     *string          `json:"decision"`
	Include                      []wirejson.Value `json:"include"`
	Require                      []wirejson.Value `json:"require"`
	Exclude                      []wirejson.Value `json:"exclude"`
	SessionDuration              *string          `json:"session_duration"`
	ApprovalRequired             *bool            `json:"approval_required"`
	ApprovalGroups               *wirejson.Value  `json:"approval_groups"`
	PurposeJustificationRequired *bool            `json:"purpose_justification_required"`
	IsolationRequired            *bool            `json:"isolation_required"`
	MFAConfig                    *wirejson.Object `json:"mfa_config"`
	Extra                        wirejson.Extra
}

// Group is an Access group: rules under a name, which policies and other groups
// refer to. Include is nil where the API did not tell it.
type Group struct {
	ID      *string          `json:"id"`
	Name    *string          `json:"name"`
	Include []wirejson.Value `json:"include"`
	Require []wirejson.Value `json:"require"`
	Exclude []wirejson.Value `json:"exclude"`
	Extra   wirejson.Extra
}

// IdentityProvider is a way to log in.
type IdentityProvider struct {
	ID     *string                 `json:"id"`
	Name   *string                 `json:"name"`
	Type   *string                 `json:"type"`
	Config *IdentityProviderConfig `json:"config"`
	Extra  wirejson.Extra
}

// IdentityProviderConfig is how an identity provider is set up. It differs from type to
// type, so it is open.
type IdentityProviderConfig struct {
	// RestrictToAccountMembers is whether only members of the account can log in by a
	// provider of type cloudflare. Source: Cloudflare's changelog, 2026-05-19.
	RestrictToAccountMembers *bool          `json:"restrict_to_account_members"`
	Extra                    wirejson.Extra `wirejson:"open"`
}

// The kinds of [Object] that stand in errors about Access, beside the id where
// there is one.
const (
	KindApplications        = "Access applications"
	KindApplication         = "Access application"
	KindApplicationPolicies = "the policies of Access application"
	KindGroups              = "Access groups"
	KindGroup               = "Access group"
	KindIdentityProviders   = "identity providers of Access"
	KindIdentityProvider    = "identity provider of Access"
)

const (
	applicationsPath      = "/access/apps"
	groupsPath            = "/access/groups"
	identityProvidersPath = "/access/identity_providers"
)

// accessPageSizes are [pageSizes] of Access, which gives 1000 unasked.
var accessPageSizes = []int{1000, 100, 10, 1}

// listAccess reads all objects of a kind in an account, each as it was received: an
// account has many that do not matter to a portal, and they may look like anything.
//
// API: GET /accounts/{account_id}/access/apps, /access/groups or
// /access/identity_providers
func (c *Client) listAccess(ctx context.Context, accountID string, object Object, path string) ([]wirejson.Value, tally, error) {
	t := target{object: object, accountID: accountID, path: path, sizes: accessPageSizes}
	return list(ctx, c, t, "", func(raw *wirejson.Value) *string { return new(idOf(*raw)) })
}

// applicationPolicies reads the policies of an application, the reusable ones
// among them.
//
// API: GET /accounts/{account_id}/access/apps/{app_id}/policies
func (c *Client) applicationPolicies(ctx context.Context, accountID, id string) ([]Policy, error) {
	t := target{object: Object{Kind: KindApplicationPolicies, ID: id}, accountID: accountID, path: applicationsPath, below: "/policies", sizes: accessPageSizes}
	policies, _, err := list(ctx, c, t, "", func(p *Policy) *string { return p.ID })
	return policies, err
}

// idOf returns the id of an object that was not decoded; "" if it has none.
func idOf(raw wirejson.Value) string {
	var object struct {
		ID    *string        `json:"id"`
		Extra wirejson.Extra `wirejson:"open"`
	}
	_ = wirejson.NewDecoder(context.Background(), []byte(raw)).Decode(&object)
	return deref(object.ID)
}

// isGone reports whether the API itself said, in its own form, that there is no
// such object.
func isGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.NotFound() && e.Err == nil
}

// sortByPrecedence puts policies into the order in which they count: that of
// their precedence or, where any has none, the API's.
//
// Source: the code of Cloudflare's own Terraform provider.
func sortByPrecedence(policies []Policy) {
	for i := range policies {
		if policies[i].Precedence == nil {
			return
		}
	}
	slices.SortStableFunc(policies, func(a, b Policy) int { return a.Precedence.Float().Cmp(b.Precedence.Float()) })
}

// nameOrID returns what a person calls an object.
func nameOrID(name, id *string) string { return cmp.Or(deref(name), deref(id)) }
