package portalapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithToken("short"))
	unknown := strings.Repeat("0", 40)
	for _, test := range []struct {
		name   string
		header [][2]string
		status int
		codes  []int
	}{
		{"token", [][2]string{{"Authorization", "Bearer " + portalapi.Token}}, 200, nil},
		{"further token", [][2]string{{"Authorization", "Bearer short"}}, 200, nil},
		{"key", [][2]string{{"X-Auth-Email", portalapi.Email}, {"X-Auth-Key", portalapi.Key}}, 200, nil},
		{"none", nil, 400, []int{9106}},
		{"key alone", [][2]string{{"X-Auth-Key", portalapi.Key}}, 400, []int{9106}},
		{"email alone", [][2]string{{"X-Auth-Email", portalapi.Email}}, 400, []int{9106}},
		{"malformed token", [][2]string{{"Authorization", "Bearer no token"}}, 400, []int{6003, 6111}},
		{"short token", [][2]string{{"Authorization", "Bearer " + unknown[1:]}}, 400, []int{6003, 6111}},
		{"not bearer", [][2]string{{"Authorization", "Basic " + portalapi.Token}}, 400, []int{6003, 6111}},
		{"malformed key", [][2]string{{"X-Auth-Email", portalapi.Email}, {"X-Auth-Key", "short-key"}}, 400, []int{6003, 6103}},
		{"malformed email", [][2]string{{"X-Auth-Email", "admin"}, {"X-Auth-Key", portalapi.Key}}, 400, []int{6003, 6102}},
		{"wrong token", [][2]string{{"Authorization", "Bearer " + unknown}}, 403, []int{10000}},
		{"wrong key", [][2]string{{"X-Auth-Email", portalapi.Email}, {"X-Auth-Key", unknown}}, 403, []int{10000}},
		{"another's key", [][2]string{{"X-Auth-Email", "b@example.com"}, {"X-Auth-Key", portalapi.Key}}, 403, []int{10000}},
		{"token decides", [][2]string{{"Authorization", "Bearer " + unknown}, {"X-Auth-Email", portalapi.Email}, {"X-Auth-Key", portalapi.Key}}, 403, []int{10000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, portalURL(api, portalapi.PortalIDMinimal), nil)
			noError(t, err)
			for _, h := range test.header {
				request.Header.Set(h[0], h[1])
			}
			a, err := send(client(t), request)
			noError(t, err)
			if codes := a.envelope(t).codes(); a.StatusCode != test.status || !slices.Equal(codes, test.codes) {
				t.Errorf("got %d %v", a.StatusCode, codes)
			}
		})
	}
}
