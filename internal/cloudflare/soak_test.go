package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// A thousand portals are read through one client, ten at a time as Terraform
// does, while one answer in twenty fails. Each is what was sent, connections are
// reused, and nothing is left behind.
//
//nolint:paralleltest // it counts goroutines
func TestSoak(t *testing.T) {
	const (
		concurrency = 10
		account     = portalapi.EmptyAccountID
	)
	portals := 1_000
	if testing.Short() {
		portals = 100
	}
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	api := portalapi.New(portalapi.WithoutFixtures(), portalapi.WithGzip())
	defer api.Close()
	sources := map[string]json.RawMessage{}
	fixtures := portalapi.FixtureNames()
	for i := range portals {
		id := fmt.Sprintf("p%03d", i)
		shape := portalapi.Fixture(fixtures[i%len(fixtures)])
		sources[id] = json.RawMessage(fmt.Sprintf(`{"id":%q,"number":%d,"name":"Portal %d","servers":[{"id":"s","tools":[{"x":%s}],"prompts":[{"x":%s}]}]}`, id, i, i, shape, shape))
		api.Account(account).Portal(id).Put(sources[id])
	}
	api.FailRandomly(0.05, 42, portalapi.Reset(), portalapi.RateLimit("0"), portalapi.HTML(502), portalapi.CutOff(100))

	client, err := New(Config{
		BaseURL: api.URL(), Credentials: Credentials{Token: portalapi.Token},
		MaxRetries: 20, MinWait: time.Millisecond, MaxWait: 5 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	soak(ctx, t, client, sources, concurrency)

	killed := 0 // connections that a fault closed
	for _, r := range api.Requests() {
		if r.Fault == "reset" || r.Fault == "cut off" {
			killed++
		}
	}
	if killed == 0 || len(api.Requests()) < portals+portals/50 {
		t.Errorf("hardly a fault in %d requests", len(api.Requests()))
	}
	// A request that finds no idle connection opens one even if another is given
	// back meanwhile, so there may be some more.
	if n, limit := api.Connections(), killed+3*concurrency; n > limit {
		t.Errorf("%d connections for %d requests, %d of which were ended by a fault", n, len(api.Requests()), killed)
	}
	client.CloseIdleConnections()
	for end := time.Now().Add(30 * time.Second); api.OpenConnections() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d connections were left behind", api.OpenConnections())
		}
	}
}

func soak(ctx context.Context, t *testing.T, client *Client, sources map[string]json.RawMessage, concurrency int) {
	t.Helper()
	ids := make(chan string)
	read := map[string]*Portal{}
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range concurrency {
		readers.Go(func() {
			for id := range ids {
				portal, err := client.Portal(ctx, portalapi.EmptyAccountID, id)
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				read[id] = portal
				mu.Unlock()
			}
		})
	}
	for id := range sources {
		ids <- id
	}
	close(ids)
	readers.Wait()
	for id, portal := range read { // not by a reader, which a Fatal would end: then nobody takes the ids
		wantSame(t, sources[id], portal)
	}
}
