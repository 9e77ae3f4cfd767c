package provider_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// A credential that was entered as the id of an account is in the path of each
// request, and the client logs the path.
func TestLogHidesCredentials(t *testing.T) {
	t.Parallel()
	const secret = "FAKE0secret0that0looks0like0ids"
	for name, credentials := range map[string]values{
		"token": {"api_token": secret},
		"key":   {"api_token": nil, "api_key": secret, "email": "a@example.com"},
	} {
		api := newAPI(t)
		api.FailAlways(portalapi.Result(`{"id":"p","servers":[]}`))
		p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, credentials)
		var log bytes.Buffer
		p.readContext(tflogtest.RootLogger(t.Context(), &log), t, "mcp_portal", values{"id": "p", "account_id": secret})
		if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, "/accounts/[redacted]/access/ai-controls/mcp/portals/p") {
			t.Errorf("%s: the log is %s", name, text)
		}
	}
}
