package conformance

import (
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/zero_trust"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// sides are the two that read one stand-in: the SDK's services (its whole
// client would take the SDK's hundred other services along) and our client.
type sides struct {
	portals *zero_trust.AccessAIControlMcpPortalService
	servers *zero_trust.AccessAIControlMcpServerService
	client  *cloudflare.Client
	options []option.RequestOption
}

func newSides(t *testing.T) sides {
	t.Helper()
	api := portalapi.New()
	t.Cleanup(api.Close)
	client, err := cloudflare.New(cloudflare.Config{
		BaseURL:     api.URL(),
		Credentials: cloudflare.Credentials{Token: portalapi.Token},
		UserAgent:   "conformance",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	options := []option.RequestOption{
		option.WithBaseURL(api.URL() + "/"),
		option.WithAPIToken(portalapi.Token),
		option.WithMaxRetries(0),
	}
	return sides{
		zero_trust.NewAccessAIControlMcpPortalService(options...),
		zero_trust.NewAccessAIControlMcpServerService(options...),
		client,
		options,
	}
}

// set gives a parameter of the SDK a value. The SDK's own helper for that is in
// the package that takes all of its services along.
func set[T any](value *T, present *bool, to T) { *value, *present = to, true }

func TestPortalsRead(t *testing.T) {
	t.Parallel()
	s := newSides(t)
	for _, id := range []string{portalapi.PortalIDReference, portalapi.PortalIDFull} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			var params zero_trust.AccessAIControlMcpPortalReadParams
			set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
			sdk, err := s.portals.Read(t.Context(), id, params)
			if err != nil {
				t.Fatal(err)
			}
			wire, err := s.client.Portal(t.Context(), portalapi.AccountID, id)
			if err != nil {
				t.Fatal(err)
			}
			requireAgreement(t, *sdk, *wire)
		})
	}
}

func TestPortalsList(t *testing.T) {
	t.Parallel()
	s := newSides(t)
	var params zero_trust.AccessAIControlMcpPortalListParams
	set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
	var sdk []zero_trust.AccessAIControlMcpPortalListResponse
	pages := s.portals.ListAutoPaging(t.Context(), params)
	for pages.Next() {
		sdk = append(sdk, pages.Current())
	}
	if err := pages.Err(); err != nil {
		t.Fatal(err)
	}
	wire, err := s.client.Portals(t.Context(), portalapi.AccountID, "")
	if err != nil {
		t.Fatal(err)
	}
	requireAgreement(t, sdk, wire)
}

func TestServersRead(t *testing.T) {
	t.Parallel()
	s := newSides(t)
	servers, err := s.client.Servers(t.Context(), portalapi.AccountID, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range servers {
		id := *server.Identity()
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			var params zero_trust.AccessAIControlMcpServerReadParams
			set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
			sdk, err := s.servers.Read(t.Context(), id, params)
			if err != nil {
				t.Fatal(err)
			}
			wire, err := s.client.Server(t.Context(), portalapi.AccountID, id)
			if err != nil {
				t.Fatal(err)
			}
			requireAgreement(t, *sdk, *wire)
		})
	}
}

func TestServersList(t *testing.T) {
	t.Parallel()
	s := newSides(t)
	var params zero_trust.AccessAIControlMcpServerListParams
	set(&params.AccountID.Value, &params.AccountID.Present, portalapi.AccountID)
	var sdk []zero_trust.AccessAIControlMcpServerListResponse
	pages := s.servers.ListAutoPaging(t.Context(), params)
	for pages.Next() {
		sdk = append(sdk, pages.Current())
	}
	if err := pages.Err(); err != nil {
		t.Fatal(err)
	}
	wire, err := s.client.Servers(t.Context(), portalapi.AccountID, "")
	if err != nil {
		t.Fatal(err)
	}
	requireAgreement(t, sdk, wire)
}
