package cloudflare_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// TestAttemptsDoNotMix: what was read of an answer that was cut off must not be
// in the result of the next attempt.
func TestAttemptsDoNotMix(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	api.Fail(
		portalapi.Custom("cut off", unframed(`{"success":true,"result":{"name":"of the first","new":1,"servers":[{"id":"a","x":1},{"id":"b"`)),
		portalapi.Result(`{"id":"second","new":1,"servers":[{"id":"c"}]}`),
	)
	got, err := newClient(t, api).Portal(t.Context(), portalapi.AccountID, "second")
	if err != nil {
		t.Fatal(err)
	}
	id, server := "second", "c"
	want := &cloudflare.Portal{ID: &id, Servers: []cloudflare.PortalServer{{Server: cloudflare.Server{ID: &server}}}, Extra: wirejson.Extra{"new": "1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("portal (-want +got):\n%s", diff)
	}
}
