package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// twins are the provider as it is served, and as the framework alone serves it,
// each with an API of its own that answers alike, cf-ray ids included.
type twins struct{ fast, framework *peer }

func newTwins(t *testing.T, prepare func(*portalapi.Server), workingDir string) twins {
	t.Helper()
	options := testOptions()
	options.WorkingDir = workingDir
	newPeerOf := func(server tfprotov6.ProviderServer) *peer {
		api := portalapi.New()
		t.Cleanup(api.Close)
		if prepare != nil {
			prepare(api)
		}
		return newConfiguredPeer(t, server, api, values{"max_retries": 1})
	}
	return twins{
		fast:      newPeerOf(provider.NewServer(options)),
		framework: newPeerOf(provider.NewFrameworkServer(options)),
	}
}

// texts is a set of texts.
func texts(all ...string) []tftypes.Value {
	var set []tftypes.Value
	for _, text := range all {
		set = append(set, tftypes.NewValue(tftypes.String, text))
	}
	return set
}

// requireSame compares two answers: states byte for byte, and all the rest.
func requireSame(t *testing.T, fast, framework *tfprotov6.ReadDataSourceResponse) {
	t.Helper()
	if (fast.State == nil) != (framework.State == nil) {
		t.Fatalf("one state is nil: %v, %v", fast.State, framework.State)
	}
	if fast.State != nil {
		if !bytes.Equal(sortMaps(t, fast.State.MsgPack), sortMaps(t, framework.State.MsgPack)) {
			t.Errorf("the states differ:\n%x\n%x", fast.State.MsgPack, framework.State.MsgPack)
		}
		if len(fast.State.JSON)+len(framework.State.JSON) > 0 {
			t.Error("a state in JSON")
		}
	}
	fast.State, framework.State = nil, nil
	if diff := cmp.Diff(framework, fast, cmp.Comparer(func(a, b *tftypes.AttributePath) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("the answers differ (-framework +fast):\n%s", diff)
	}
}

// sortMaps returns MessagePack with the entries of each map in the order of
// their keys' bytes, and every other byte as it was: tftypes writes those of a
// Terraform map in the order in which Go happens to range over them.
func sortMaps(t *testing.T, encoded []byte) []byte {
	t.Helper()
	input := bytes.NewReader(encoded)
	d := msgpack.NewDecoder(input)
	code, err := d.PeekCode()
	if err != nil {
		t.Fatal(err)
	}
	start := len(encoded) - input.Len()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var header int
	var parts [][]byte
	switch {
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		n, err := d.DecodeMapLen()
		fail(err)
		header = len(encoded) - input.Len() - start
		for range n {
			key, err := d.DecodeRaw()
			fail(err)
			value, err := d.DecodeRaw()
			fail(err)
			parts = append(parts, append(slices.Clone(key), sortMaps(t, value)...))
		}
		slices.SortFunc(parts, bytes.Compare)
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		n, err := d.DecodeArrayLen()
		fail(err)
		header = len(encoded) - input.Len() - start
		for range n {
			value, err := d.DecodeRaw()
			fail(err)
			parts = append(parts, sortMaps(t, value))
		}
	default:
		return encoded
	}
	return append(slices.Clone(encoded[:header]), bytes.Join(parts, nil)...)
}

func TestFastAnswerIsTheFrameworksAnswer(t *testing.T) {
	t.Parallel()
	type request struct {
		name       string
		dataSource string
		config     values
		prepare    func(*portalapi.Server)
		fails      bool // with one error
		warnings   int
	}
	requests := []request{
		{name: "all portals", dataSource: "mcp_portals", warnings: 2},
		{name: "some portals", dataSource: "mcp_portals", config: values{"search": "ugly", "timeouts": values{"read": "3m"}}, warnings: 1},
		{name: "no portals", dataSource: "mcp_portals", config: values{"account_id": portalapi.EmptyAccountID}},
		{name: "all servers", dataSource: "mcp_servers"},
		{name: "a server", dataSource: "mcp_server", config: values{"id": portalapi.ServerIDUnattached}},
		{name: "generated", dataSource: "mcp_portal", config: values{"id": portalapi.GeneratedID(6, 25)}, prepare: func(api *portalapi.Server) {
			api.Portal(portalapi.GeneratedID(6, 25)).Put(portalapi.Generate(6, 25))
		}},
		{name: "another portal than asked for", dataSource: "mcp_portal", config: values{"id": "other"}, fails: true, prepare: func(api *portalapi.Server) {
			api.Portal("other").Put(portalapi.Fixture("minimal"))
		}},
		{name: "by hostname", dataSource: "mcp_portal", config: values{"hostname": "MCP.Example.COM"}},
		{name: "with timeouts", dataSource: "mcp_portal", config: values{"id": portalapi.PortalIDFull, "timeouts": values{"read": "1m"}}},
		{name: "with empty timeouts", dataSource: "mcp_portal", config: values{"id": portalapi.PortalIDFull, "timeouts": values{}}},
		{name: "nothing accepted", dataSource: "mcp_portal_baseline", config: values{"id": portalapi.PortalIDFull, "directory": "none"}},
		{name: "nothing accepted of the ugly one", dataSource: "mcp_portal_baseline", config: values{"id": portalapi.PortalIDUgly, "directory": "none"}, warnings: 1},
		{name: "baseline without changes", dataSource: "mcp_portal_baseline", config: values{
			"hostname": "mcp.example.com", "directory": "baseline", "ignore_fields": texts("icons", "_meta"),
		}},
		{name: "baseline and changes", dataSource: "mcp_portal_baseline", config: values{"hostname": "mcp.example.com", "directory": "baseline"}, prepare: func(api *portalapi.Server) {
			api.Portal(portalapi.PortalIDFull).Set("code_mode", `"enforced"`)
			github := api.Portal(portalapi.PortalIDFull).Server("github")
			github.Set("tools", "null").Set("on_behalf", "false")
			docs := api.Portal(portalapi.PortalIDFull).Server("docs")
			docs.Add("tools", `{"name":"run","description":"Run."}`).Add("prompts", `{"name":"ask"}`)
		}},
		{name: "baseline of another portal", dataSource: "mcp_portal_baseline", fails: true, config: values{"id": portalapi.PortalIDMinimal, "directory": "baseline"}},
		{name: "baseline elsewhere", dataSource: "mcp_portal_baseline", fails: true, config: values{"id": portalapi.PortalIDMinimal, "directory": "../baseline"}},
		{name: "baseline without null", dataSource: "mcp_portal_baseline", fails: true, config: values{
			"id": portalapi.PortalIDMinimal, "directory": "baseline", "ignore_fields": []tftypes.Value{tftypes.NewValue(tftypes.String, nil)},
		}},
		{name: "access", dataSource: "mcp_portal_access", config: values{"id": portalapi.PortalIDFull}},
		{name: "access, odd", dataSource: "mcp_portal_access", config: values{"id": portalapi.PortalIDUgly}},
		{name: "access to what nothing guards", dataSource: "mcp_portal_access", config: values{"id": portalapi.PortalIDMinimal}, warnings: 1},
		{name: "access, whole", dataSource: "mcp_portal_access", config: values{"id": "p"}, prepare: accessFixtures},
		{name: "access refused", dataSource: "mcp_portal_access", config: values{"id": portalapi.PortalIDMinimal}, fails: true, prepare: func(api *portalapi.Server) {
			api.FailAlways(portalapi.APIError(403, portalapi.Error{Code: 10000, Message: "Authentication error"}).On("/access/apps"))
		}},
		{name: "not found", dataSource: "mcp_portal", config: values{"id": "nope"}, fails: true},
		{name: "no such hostname", dataSource: "mcp_portal", config: values{"hostname": "nope.example.com"}, fails: true},
		{name: "wrong account", dataSource: "mcp_portal", config: values{"id": "nope", "account_id": "x"}, fails: true},
		{name: "wrong duration", dataSource: "mcp_portal", config: values{"id": "x", "timeouts": values{"read": "soon"}}, fails: true},
		{name: "no time", dataSource: "mcp_portal", config: values{"id": "x", "timeouts": values{"read": "-1s"}}, fails: true},
		{name: "unknown id", dataSource: "mcp_portal", config: values{"id": tftypes.UnknownValue}, fails: true},
		{name: "unknown account", dataSource: "mcp_portal", config: values{"id": "x", "account_id": tftypes.UnknownValue}, fails: true},
		{name: "wrong type", dataSource: "mcp_portal", config: values{"id": "wrong"}, fails: true, prepare: func(api *portalapi.Server) {
			api.Portal("wrong").Put([]byte(`{"id":"wrong","servers":[{"id":"a","default_disabled":"yes"}]}`))
		}},
		{name: "forbidden", dataSource: "mcp_portals", fails: true, prepare: func(api *portalapi.Server) {
			api.FailAlways(portalapi.APIError(403, portalapi.Error{Code: 10000, Message: "Authentication error"}))
		}},
		{name: "HTML", dataSource: "mcp_server", config: values{"id": "x"}, fails: true, prepare: func(api *portalapi.Server) {
			api.FailAlways(portalapi.HTML(502))
		}},
	}
	workingDir := t.TempDir()
	acceptPortal(t, workingDir, portalapi.Fixture("full"))
	// The servers of one are null; overrides of the other contradict each other.
	warnings := map[string]int{"empty": 1, "ugly": 1}
	for _, name := range portalapi.FixtureNames() {
		requests = append(requests, request{
			name: "fixture " + name, dataSource: "mcp_portal",
			config:   values{"id": fmt.Sprint(parse(t, string(portalapi.Fixture(name))).(map[string]any)["id"])},
			warnings: warnings[name],
		})
	}
	for _, r := range requests {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			pair := newTwins(t, r.prepare, workingDir)
			fast := pair.fast.read(t, r.dataSource, r.config)
			requireDiagnostics(t, fast.Diagnostics, r.fails, r.warnings)
			requireSame(t, fast, pair.framework.read(t, r.dataSource, r.config))
		})
	}
}

// Portals that nobody thought of are answered alike, too.
func TestFastAnswersOfGeneratedPortals(t *testing.T) {
	t.Parallel()
	api := portalapi.New(portalapi.WithoutRay())
	t.Cleanup(api.Close)
	fast := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	framework := newConfiguredPeer(t, provider.NewFrameworkServer(testOptions()), api)
	rapid.Check(t, func(rt *rapid.T) {
		raw := portalText.Draw(rt, "portal")
		api.Portal("p").Put([]byte(raw))
		requireSame(t, fast.read(t, "mcp_portal", values{"id": "p"}), framework.read(t, "mcp_portal", values{"id": "p"}))
		if t.Failed() {
			rt.Fatalf("in %s", raw)
		}
	})
}

func requireDiagnostics(t *testing.T, got []*tfprotov6.Diagnostic, fails bool, warnings int) {
	t.Helper()
	want := []tfprotov6.DiagnosticSeverity{}
	if fails {
		want = append(want, tfprotov6.DiagnosticSeverityError)
	}
	for range warnings {
		want = append(want, tfprotov6.DiagnosticSeverityWarning)
	}
	severities := []tfprotov6.DiagnosticSeverity{}
	for _, d := range got {
		severities = append(severities, d.Severity)
	}
	if !slices.Equal(severities, want) {
		t.Errorf("diagnostics of severities %v, want %v", severities, want)
	}
}

func TestFastDeferredAnswerIsTheFrameworksAnswer(t *testing.T) {
	t.Parallel()
	read := func(server tfprotov6.ProviderServer) *tfprotov6.ReadDataSourceResponse {
		p := newPeer(t, server)
		configured := p.configure(t, values{"api_token": tftypes.UnknownValue}, true)
		if len(configured.Diagnostics) > 0 {
			t.Fatalf("not deferred: %s", configured.Diagnostics[0].Summary)
		}
		response, err := p.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName:           "mcp_portal",
			Config:             encode(t, p.stateType("mcp_portal"), values{"id": "x"}),
			ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		if response.Deferred == nil {
			t.Error("the read was not deferred")
		}
		return response
	}
	requireSame(t, read(provider.NewServer(testOptions())), read(provider.NewFrameworkServer(testOptions())))
}

func TestUnconfiguredReadIsAnError(t *testing.T) {
	t.Parallel()
	p := newPeer(t, provider.NewServer(testOptions()))
	response := p.readContext(context.Background(), t, "mcp_portal", values{"id": "x"})
	if len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != "The provider is not configured" {
		t.Errorf("got %v", response.Diagnostics)
	}
}
