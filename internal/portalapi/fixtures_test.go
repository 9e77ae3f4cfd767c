package portalapi_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

type portal struct {
	ID      string
	Servers []server
}

type server struct {
	ID              string
	ServerID        *string `json:"server_id"`
	Status          string
	AuthType        string `json:"auth_type"`
	Authentication  string `json:"authentication_status"`
	Error           *string
	ErrorDetails    json.RawMessage `json:"error_details"`
	DefaultDisabled *bool           `json:"default_disabled"`
	OnBehalf        *bool           `json:"on_behalf"`
	Gateway         *bool           `json:"secure_web_gateway"`
	Tools           []map[string]json.RawMessage
	Prompts         []map[string]json.RawMessage
	UpdatedTools    []map[string]json.RawMessage `json:"updated_tools"`
	UpdatedPrompts  []map[string]json.RawMessage `json:"updated_prompts"`
}

func fixture(t *testing.T, name string) portal {
	t.Helper()
	var p portal
	noError(t, json.Unmarshal(portalapi.Fixture(name), &p))
	return p
}

func TestFixturesStandUnderTheirIDs(t *testing.T) {
	t.Parallel()
	var got []string
	for _, name := range portalapi.FixtureNames() {
		if !json.Valid(portalapi.Fixture(name)) {
			t.Errorf("%s is not JSON", name)
		}
		got = append(got, fixture(t, name).ID)
	}
	want := []string{portalapi.PortalIDReference, portalapi.PortalIDFull, portalapi.PortalIDUgly,
		portalapi.PortalIDSyncedNever, portalapi.PortalIDEmpty, portalapi.PortalIDMinimal}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestUnknownFixturePanics(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nobody", "", "../servers/unattached.json"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q: no panic", name)
				}
			}()
			portalapi.Fixture(name)
		}()
	}
}

func TestFixturesAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	portalapi.Fixture("minimal")[0] = 'x'
	if !json.Valid(portalapi.Fixture("minimal")) {
		t.Errorf("a caller could change a fixture")
	}
	portalapi.FixtureNames()[0] = "x"
	if portalapi.FixtureNames()[0] != "reference" {
		t.Errorf("a caller could change the names")
	}
}

// TestReference holds the values of the reference page in its order.
func TestReference(t *testing.T) {
	t.Parallel()
	override := `[{"name":"name","enabled":true,"portal_alias":"portal-tool-alias","portal_description":"portal-level description","server_alias":"server-tool-alias","server_description":"server-level description"}]`
	want := `{"id":"my-mcp-portal","hostname":"exmaple.com","name":"My MCP Portal","servers":[{"id":"my-mcp-server","auth_type":"unauthenticated","hostname":"https://example.com/mcp","name":"My MCP Server","prompts":[{"foo":"bar"}],"tools":[{"foo":"bar"}],` +
		`"created_at":"2019-12-27T18:11:19.117Z","created_by":"created_by","default_disabled":true,"description":"This is one remote mcp server","error":"error","error_details":{"cause":"cause","is_upstream":true,"mcp_code":0,"retryable":true,"status_code":0},"is_shared_oauth_callback_enabled":true,` +
		`"last_successful_sync":"2019-12-27T18:11:19.117Z","last_synced":"2019-12-27T18:11:19.117Z","modified_at":"2019-12-27T18:11:19.117Z","modified_by":"modified_by","on_behalf":true,"secure_web_gateway":false,"status":"status","updated_prompts":` + override + `,"updated_tools":` + override + `}],` +
		`"allow_code_mode":true,"created_at":"2019-12-27T18:11:19.117Z","created_by":"created_by","description":"This is my custom MCP Portal","modified_at":"2019-12-27T18:11:19.117Z","modified_by":"modified_by","secure_web_gateway":false}`
	if got := compacted(t, portalapi.Fixture("reference")); got != want {
		t.Errorf("got %s", got)
	}
}

// TestFullCoversWhatItPromises fails when an edit of the fixture drops a case
// that tests elsewhere count on.
func TestFullCoversWhatItPromises(t *testing.T) {
	t.Parallel()
	p := fixture(t, "full")
	if len(p.Servers) != 12 {
		t.Errorf("got %d servers", len(p.Servers))
	}
	seen := map[string]bool{}
	for _, s := range p.Servers {
		seen["status "+s.Status] = true
		seen["auth "+s.AuthType] = true
		seen["authentication "+s.Authentication] = true
		seen[fmt.Sprintf("default_disabled %t", *s.DefaultDisabled)] = true
		seen[fmt.Sprintf("on_behalf %t", *s.OnBehalf)] = true
		if s.Gateway != nil {
			seen[fmt.Sprintf("gateway %t", *s.Gateway)] = true
		}
		if failing := s.Status == "error" || s.Status == "stale"; failing != (s.ErrorDetails != nil) || failing != (s.Error != nil && *s.Error != "") {
			t.Errorf("%s: status %s and error don't go together", s.ID, s.Status)
		}
		noteTools(seen, s)
		notePrompts(seen, s)
	}
	for _, want := range []string{
		"status waiting", "status ready", "status stale", "status error", "status active",
		"auth oauth", "auth bearer", "auth unauthenticated",
		"authentication not_required", "authentication required", "authentication connected", "authentication stale", "authentication manual",
		"default_disabled true", "default_disabled false", "on_behalf true", "on_behalf false", "gateway true", "gateway false",
		"tool title", "tool outputSchema", "tool annotations", "tool icons", "tool execution", "tool _meta", "tool without annotations",
		"hint title", "hint readOnlyHint", "hint destructiveHint", "hint idempotentHint", "hint openWorldHint",
		"override alias", "override description", "override portal_alias", "override portal_description", "override server_alias", "override server_description",
		"override enabled true", "override enabled false", "override without enabled", "override of no tool", "override twice",
		"prompt title", "prompt arguments", "prompt icons", "prompt _meta", "updated_prompts",
	} {
		if !seen[want] {
			t.Errorf("no %s", want)
		}
	}
}

func noteTools(seen map[string]bool, s server) {
	names := map[string]bool{}
	for _, tool := range s.Tools {
		names[string(tool["name"])] = true
		for key := range tool {
			seen["tool "+key] = true
		}
		seen["tool without annotations"] = seen["tool without annotations"] || tool["annotations"] == nil
		var hints map[string]any
		_ = json.Unmarshal(tool["annotations"], &hints)
		for hint := range hints {
			seen["hint "+hint] = true
		}
	}
	overridden := map[string]bool{}
	for _, override := range s.UpdatedTools {
		name := string(override["name"])
		seen["override of no tool"] = seen["override of no tool"] || !names[name]
		seen["override twice"] = seen["override twice"] || overridden[name]
		overridden[name] = true
		seen["override without enabled"] = seen["override without enabled"] || override["enabled"] == nil
		seen["override enabled "+string(override["enabled"])] = true
		for key := range override {
			seen["override "+key] = true
		}
	}
}

func notePrompts(seen map[string]bool, s server) {
	for _, prompt := range s.Prompts {
		for key := range prompt {
			seen["prompt "+key] = true
		}
	}
	seen["updated_prompts"] = seen["updated_prompts"] || len(s.UpdatedPrompts) > 0
}

func TestUglyCoversWhatItPromises(t *testing.T) {
	t.Parallel()
	raw := string(portalapi.Fixture("ugly"))
	for _, want := range []string{
		`cut \ud83d"`, `\ud83d\ude80`, `caf\u00e9`, `1e400`, `9007199254740993`, `-0.0`, `1.10`, `"": `,
		`{"foo": "bar"}`, `"name": 42`, `"annotations": "none"`, `"readOnlyHint": "yes"`, `"arguments": "none"`,
		`"http_status_code"`, `"mcp_error_code"`, `"code_mode"`, `"auth_config_summary"`, `"auth_config_summary": null`,
		`"2026-03-11T16:06:01.767Z"`, `"2026-03-11 15:00:45"`, `"key with spaces"`, `"key.with.dots"`, `"type" : "object"`,
		`"description": null`, `"description": ""`, `"tools": null`, `"tools": []`, `"prompts": null`, `"prompts": []`,
		`"updated_tools": null`, `"updated_tools": []`, `"updated_prompts": null`, `"updated_prompts": []`,
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %s", want)
		}
	}
	// Portal, server, tool, annotations, prompt, argument, tool override, prompt
	// override, error details, login: each has an unknown field of every kind.
	for _, kind := range []string{"string", "number", "big", "true", "false", "null", "array", "object"} {
		if got := strings.Count(raw, `"x_`+kind+`": `); got != 10 {
			t.Errorf("x_%s stands %d times", kind, got)
		}
	}
	var id, serverID, both, absent bool
	for _, s := range fixture(t, "ugly").Servers {
		id = id || s.ID != "" && s.ServerID == nil
		serverID = serverID || s.ID == "" && s.ServerID != nil
		both = both || s.ID != "" && s.ServerID != nil
		absent = absent || s.Tools == nil && s.UpdatedTools == nil && s.Error == nil
	}
	if !id || !serverID || !both || !absent {
		t.Errorf("id %t, server_id %t, both %t, absent keys %t", id, serverID, both, absent)
	}
}

func TestSmallFixtures(t *testing.T) {
	t.Parallel()
	if p := fixture(t, "empty"); p.Servers != nil {
		t.Errorf("empty has servers")
	}
	if p := fixture(t, "minimal"); len(p.Servers) != 1 {
		t.Errorf("minimal has %d servers", len(p.Servers))
	}
	never := fixture(t, "synced_never")
	if len(never.Servers) == 0 || strings.Contains(string(portalapi.Fixture("synced_never")), `"last_synced"`) {
		t.Errorf("synced_never has synced")
	}
	for _, s := range never.Servers {
		if s.Tools != nil || s.Prompts != nil {
			t.Errorf("%s has tools", s.ID)
		}
	}
}

func TestServerFixtures(t *testing.T) {
	t.Parallel()
	full := fixture(t, "full").Servers
	all := portalapi.ServerFixtures()
	if len(all) != len(full)+1 {
		t.Fatalf("got %d servers", len(all))
	}
	for i, raw := range all {
		var s server
		noError(t, json.Unmarshal(raw, &s))
		if s.DefaultDisabled != nil || s.OnBehalf != nil {
			t.Errorf("%s has what only a mapping has", s.ID)
		}
		want := portalapi.ServerIDUnattached
		if i < len(full) {
			want = full[i].ID
		}
		if s.ID != want {
			t.Errorf("got %s for %s", s.ID, want)
		}
	}
}
