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
	const parallelism = 10
	portals := 1000
	if testing.Short() {
		portals = 100
	}
	api := newAPI(t)
	id := func(i int) string { return fmt.Sprintf("soak-%d", i) }
	for i := range portals {
		api.Portal(id(i)).Put(portalapi.MinimalPortal(id(i), id(i)+".example.com", "Portal of "+id(i)))
	}
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"max_retries": 10})
	api.FailRandomly(0.05, 1, portalapi.Reset(), portalapi.RateLimit("0"), portalapi.HTML(502), portalapi.CutOff(-1))

	// The workers neither encode nor decode: what fails there ends a goroutine,
	// and without workers nobody takes the next portal.
	configs, states := make([]*tfprotov6.DynamicValue, portals), make([]*tfprotov6.DynamicValue, portals)
	for i := range portals {
		configs[i] = encode(t, p.stateType("mcp_portal"), values{"id": id(i)})
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for i := range next {
				response, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "mcp_portal", Config: configs[i]})
				if err != nil || len(response.Diagnostics) > 0 {
					t.Errorf("portal %s: %v, %v", id(i), err, response)
					continue
				}
				states[i] = response.State
			}
		})
	}
	for i := range portals {
		next <- i
	}
	close(next)
	workers.Wait()
	for i, encoded := range states {
		if encoded == nil {
			continue // told above
		}
		value, err := encoded.Unmarshal(p.stateType("mcp_portal"))
		if err != nil {
			t.Fatal(err)
		}
		state, ok := plain(t, value).(map[string]any)
		if !ok || state["id"] != id(i) || state["hostname"] != id(i)+".example.com" || state["name"] != "Portal of "+id(i) {
			t.Errorf("portal %s: %v", id(i), state)
		}
	}

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
			config := encode(t, p.stateType("mcp_portal"), values{"id": "x"})
			go func() {
				response, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "mcp_portal", Config: config})
				if err != nil {
					t.Error(err)
				}
				answered <- response
			}()
			for len(api.Requests()) == 0 {
				select {
				case response := <-answered:
					t.Fatalf("nothing was asked: %v", response.Diagnostics)
				case <-time.After(time.Millisecond):
				}
			}
			if _, err := p.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Fatal(err)
			}
			var response *tfprotov6.ReadDataSourceResponse
			select {
			case response = <-answered:
			case <-time.After(20 * time.Second):
				t.Fatal("it goes on")
			}
			if len(response.Diagnostics) != 1 || !strings.Contains(response.Diagnostics[0].Summary, "interrupted") {
				t.Errorf("got %v", response.Diagnostics)
			}
		})
	}
}
