package conformance

import (
	"reflect"
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zero_trust"
	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// TestEverySelector walks the SDK's union of rules: each selector is known, and so
// is the one of the fixture that has them all.
func TestEverySelector(t *testing.T) {
	t.Parallel()
	var inSDK []string
	for f := range reflect.TypeFor[zero_trust.AccessRule]().Fields() {
		if name := jsonName(f); name != "" && name != "-" {
			inSDK = append(inSDK, name)
		}
	}
	slices.Sort(inSDK)
	if diff := cmp.Diff(inSDK, cloudflare.Selectors()); diff != "" {
		t.Errorf("selectors: add what is new to selectors, in internal/cloudflare/access_rule.go (-SDK +internal/cloudflare):\n%s", diff)
	}

	_, access := readAccess(t, portalapi.PortalIDUgly)
	var tried []string
	for _, raw := range access.Applications[0].Policies[0].Include {
		rule := cloudflare.RuleOf(raw)
		if !rule.Known() {
			t.Errorf("%s is not known", raw)
		}
		var sdk zero_trust.AccessRule
		if err := sdk.UnmarshalJSON([]byte(raw)); err != nil || sdk.AsUnion() == nil {
			t.Errorf("the SDK can't read %s: %v", raw, err)
		}
		tried = append(tried, *rule.Selector)
	}
	slices.Sort(tried)
	if diff := cmp.Diff(inSDK, tried); diff != "" {
		t.Errorf("the fixture has other selectors (-SDK +fixture):\n%s", diff)
	}
}

// readAccess returns the address of a stand-in, and who may reach a portal of it.
func readAccess(t *testing.T, portalID string) ([]option.RequestOption, *cloudflare.Access) {
	t.Helper()
	s := newSides(t)
	portal, err := s.client.Portal(t.Context(), portalapi.AccountID, portalID)
	if err != nil {
		t.Fatal(err)
	}
	access, err := s.client.PortalAccess(t.Context(), portalapi.AccountID, portal)
	if err != nil {
		t.Fatal(err)
	}
	return s.options, access
}

func TestAccess(t *testing.T) {
	t.Parallel()
	for _, id := range []string{portalapi.PortalIDFull, portalapi.PortalIDUgly} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			options, access := readAccess(t, id)
			for _, a := range access.Applications {
				requireSameApplication(t, options, &a.Application)
			}
			for groupID, group := range access.Groups {
				requireSameGroup(t, options, groupID, group)
			}
			requireSameProviders(t, options, access.IdentityProviders)
		})
	}
}

func requireSameApplication(t *testing.T, options []option.RequestOption, wire *cloudflare.Application) {
	t.Helper()
	var params zero_trust.AccessApplicationGetParams
	set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
	sdk, err := zero_trust.NewAccessApplicationService(options...).Get(t.Context(), *wire.ID, params)
	if err != nil {
		t.Fatal(err)
	}
	requireAgreement(t, sdk.AsUnion(), *wire)

	var list zero_trust.AccessApplicationPolicyListParams
	set(&list.AccountID.Value, &list.AccountID.Present, portalapi.AccountID)
	pages := zero_trust.NewAccessApplicationPolicyService(options...).ListAutoPaging(t.Context(), *wire.ID, list)
	var policies []any
	for pages.Next() {
		policies = append(policies, pages.Current().AsUnion())
	}
	if err := pages.Err(); err != nil {
		t.Fatal(err)
	}
	for i, policy := range policies {
		requireAgreement(t, policy, wire.Policies[i])
	}
	if len(policies) != len(wire.Policies) {
		t.Errorf("%d policies, and %d of the SDK", len(wire.Policies), len(policies))
	}
}

func requireSameGroup(t *testing.T, options []option.RequestOption, id string, wire *cloudflare.Group) {
	t.Helper()
	var params zero_trust.AccessGroupGetParams
	set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
	sdk, err := zero_trust.NewAccessGroupService(options...).Get(t.Context(), id, params)
	if err != nil {
		t.Fatal(err)
	}
	requireAgreement(t, *sdk, *wire)
}

// requireSameProviders compares what is kept of them: the rest may hold a secret.
func requireSameProviders(t *testing.T, options []option.RequestOption, wire map[string]*cloudflare.IdentityProvider) {
	t.Helper()
	var params zero_trust.IdentityProviderListParams
	set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
	pages := zero_trust.NewIdentityProviderService(options...).ListAutoPaging(t.Context(), params)
	found := 0
	for pages.Next() {
		sdk := pages.Current()
		if ours := wire[sdk.ID]; ours != nil {
			found++
			if *ours.Type != string(sdk.Type) || *ours.Name != sdk.Name {
				t.Errorf("%s: the SDK has %s %q, internal/cloudflare %s %q", sdk.ID, sdk.Type, sdk.Name, *ours.Type, *ours.Name)
			}
		}
	}
	if err := pages.Err(); err != nil || found != len(wire) {
		t.Errorf("%d of %d, %v", found, len(wire), err)
	}
}
