package portalapi_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	api := start(t)
	c := client(t)
	before := time.Now()
	api.Fail(portalapi.Empty(500))
	get(t, c, portalURL(api, "a%2Fb")+"?x=1")
	a := get(t, c, portalURL(api, "minimal"))
	all := api.Requests()
	if len(all) != 2 {
		t.Fatalf("got %d requests", len(all))
	}
	first, second := all[0], all[1]
	if first.Method != "GET" || first.Path != "/client/v4/accounts/"+portalapi.AccountID+mcp+"portals/a%2Fb" || first.RawQuery != "x=1" {
		t.Errorf("got %s %s %s", first.Method, first.Path, first.RawQuery)
	}
	if first.Fault != "empty 500" || second.Fault != "" {
		t.Errorf("got faults %q and %q", first.Fault, second.Fault)
	}
	if got := first.Header.Get("Authorization"); got != "Bearer "+portalapi.Token {
		t.Errorf("got Authorization %q", got)
	}
	if first.Time.Before(before) || second.Time.Before(first.Time) {
		t.Errorf("times out of order")
	}
	if first.Ray != "0000000000000001-TST" || second.Ray != a.Header.Get("Cf-Ray") || second.Ray == first.Ray {
		t.Errorf("got rays %q and %q", first.Ray, second.Ray)
	}
	api.ResetRequests()
	if len(api.Requests()) != 0 {
		t.Errorf("requests after a reset")
	}
}

func TestWithoutRay(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithoutRay())
	if a := get(t, client(t), portalURL(api, "minimal")); a.Header.Values("Cf-Ray") != nil || api.Requests()[0].Ray != "" {
		t.Errorf("a ray where none was wanted")
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	api := start(t)
	c := client(t)
	for range 3 {
		get(t, c, portalURL(api, "minimal"))
	}
	if api.Connections() != 1 || api.OpenConnections() != 1 {
		t.Errorf("got %d connections, %d open", api.Connections(), api.OpenConnections())
	}
	get(t, client(t), portalURL(api, "minimal"))
	if api.Connections() != 2 {
		t.Errorf("got %d connections after a second client", api.Connections())
	}
	c.Transport.(*http.Transport).CloseIdleConnections()
	within(t, 5*time.Second, "a client's connection is closed", func() bool { return api.OpenConnections() == 1 })
}

// TestConcurrentUse is for the race detector: everything at once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	api := start(t, portalapi.WithoutFixtures())
	api.Portal("p").Put([]byte(sample))
	api.FailRandomly(0.2, 1, portalapi.Empty(500), portalapi.HTML(502))
	c := client(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				_, _ = do(t, c, http.MethodGet, portalURL(api, "p"))
				api.Portal("p").Server("a").Tool("t1").Enable(false)
				api.Portal("p").Sync(time.Now())
				api.SetLatency(time.Microsecond)
				api.Requests()
				api.OpenConnections()
			}
		})
	}
	group.Wait()
	if len(api.Requests()) != 160 {
		t.Errorf("got %d requests", len(api.Requests()))
	}
}
