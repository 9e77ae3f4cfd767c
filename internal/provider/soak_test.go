package provider_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// TestSoak reads a thousand portals through one provider, as many at a time as
// Terraform does, while one answer in twenty fails. What a client leaves behind
// when it is closed is tested in package cloudflare.
func TestSoak(t *testing.T) {
	t.Parallel()
	const (
		portals     = 1000
		parallelism = 10
	)
	api := newAPI(t)
	id := func(i int) string { return fmt.Sprintf("soak-%d", i) }
	for i := range portals {
		api.Portal(id(i)).Put(portalapi.MinimalPortal(id(i), id(i)+".example.com", "Portal of "+id(i)))
	}
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"max_retries": 10})
	api.FailRandomly(0.05, 1)

	next := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range next {
				state, ok := plain(t, p.mustRead(t, "mcp_portal", values{"id": id(i)})).(map[string]any)
				if !ok || state["id"] != id(i) || state["hostname"] != id(i)+".example.com" || state["name"] != "Portal of "+id(i) {
					t.Errorf("portal %s: %v", id(i), state)
				}
			}
		})
	}
	for i := range portals {
		next <- i
	}
	close(next)
	workers.Wait()

	failed := 0
	for _, request := range api.Requests() {
		if request.Fault != "" {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no answer failed, so nothing was tested")
	}
	// A connection ends with a fault that breaks it; all others are used again.
	if n := api.Connections(); n > parallelism+failed {
		t.Errorf("%d connections for %d requests, of which %d failed", n, len(api.Requests()), failed)
	}
}

// TestStopEndsAWait: Terraform asks the provider to stop, as it does on Ctrl-C,
// while it waits for five minutes to pass.
func TestStopEndsAWait(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]portalapi.Fault{"wait": portalapi.RateLimit("300"), "request": portalapi.Hang()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
			api.FailAlways(fault)
			answered := make(chan *tfprotov6.ReadDataSourceResponse, 1)
			go func() { answered <- p.read(t, "mcp_portal", values{"id": "x"}) }()
			for len(api.Requests()) == 0 {
				time.Sleep(time.Millisecond)
			}
			if _, err := p.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Fatal(err)
			}
			response := <-answered // or the test's own time limit
			if len(response.Diagnostics) != 1 || !strings.Contains(response.Diagnostics[0].Summary, "interrupted") {
				t.Errorf("got %v", response.Diagnostics)
			}
		})
	}
}
