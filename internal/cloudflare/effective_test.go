package cloudflare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// Each row is one server of one tool, or says that it is more. Prompts go by the
// same rules, so every row is tried as a prompt, too.
func TestEffective(t *testing.T) {
	t.Parallel()
	const original = "Finds issues"
	tool := func(name string) []Tool { return []Tool{{Name: &name, Description: new(original)}} }
	exposed := func(name, description string) EffectiveTool {
		return EffectiveTool{
			Name: &name, ServerID: new("jira"), OriginalName: new("find"), Description: &description, Enabled: true,
		}
	}
	off := func(e EffectiveTool) EffectiveTool {
		e.Enabled = false
		return e
	}
	plain := exposed("jira_find", original)
	for name, tt := range map[string]struct {
		server PortalServer
		want   []EffectiveTool
	}{
		// Enabled or not.
		"everything is on by default": {PortalServer{Server: Server{Tools: tool("find")}}, []EffectiveTool{plain}},
		"default_disabled is false":   {PortalServer{Server: Server{Tools: tool("find")}, DefaultDisabled: new(false)}, []EffectiveTool{plain}},
		"default_disabled turns off":  {PortalServer{Server: Server{Tools: tool("find")}, DefaultDisabled: new(true)}, []EffectiveTool{off(plain)}},
		"an override turns off": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Enabled: new(false)}}}}, []EffectiveTool{off(plain)},
		},
		"an override turns on what is off by default": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Enabled: new(true)}}}, DefaultDisabled: new(true)}, []EffectiveTool{plain},
		},
		"an override without enabled leaves it on": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalAlias: new("a")}}}}, []EffectiveTool{exposed("jira_a", original)},
		},
		"an override without enabled leaves it off": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalAlias: new("a")}}}, DefaultDisabled: new(true)},
			[]EffectiveTool{off(exposed("jira_a", original))},
		},
		"of two overrides the first gives alias and description": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{
				{Name: new("find"), Enabled: new(false), Alias: new("first")}, {Name: new("find"), Enabled: new(false), PortalAlias: new("second"), Description: new("second")},
			}}},
			[]EffectiveTool{off(exposed("jira_first", original))},
		},
		"off and on is on": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{
				{Name: new("find"), Enabled: new(false), Alias: new("first")}, {Name: new("find"), Enabled: new(true), Alias: new("second")},
			}}},
			[]EffectiveTool{exposed("jira_first", original)},
		},
		"on and off is on": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Enabled: new(true)}, {Name: new("find"), Enabled: new(false)}}}},
			[]EffectiveTool{plain},
		},
		"off, off and on is on, although it is off by default": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{
				{Name: new("find"), Enabled: new(false)}, {Name: new("find")}, {Name: new("find"), Enabled: new(true)},
			}}, DefaultDisabled: new(true)},
			[]EffectiveTool{plain},
		},
		"off and what leaves the default is on": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Enabled: new(false)}, {Name: new("find"), Alias: new("second")}}}},
			[]EffectiveTool{plain},
		},
		"off and what leaves the default, which is off, is off": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Enabled: new(false)}, {Name: new("find"), Alias: new("second")}}}, DefaultDisabled: new(true)},
			[]EffectiveTool{off(plain)},
		},
		"an override for no synced tool exposes nothing": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("other"), Enabled: new(true)}}}}, []EffectiveTool{plain},
		},
		"an override and no tools at all": {
			PortalServer{Server: Server{UpdatedTools: []Override{{Name: new("find"), Enabled: new(true)}}}}, []EffectiveTool{},
		},
		"an override without a name is for nothing": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Enabled: new(false)}, {Name: new(""), Enabled: new(false)}}}}, []EffectiveTool{plain},
		},
		"an override is for the original name, not the alias": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Alias: new("a")}, {Name: new("a"), Enabled: new(false)}}}},
			[]EffectiveTool{exposed("jira_a", original)},
		},
		"names are compared to the letter": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("Find"), Enabled: new(false)}}}}, []EffectiveTool{plain},
		},

		// Names and descriptions.
		"portal_alias is first": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalAlias: new("p"), ServerAlias: new("s"), Alias: new("a")}}}},
			[]EffectiveTool{exposed("jira_p", original)},
		},
		"server_alias is second": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), ServerAlias: new("s"), Alias: new("a")}}}},
			[]EffectiveTool{exposed("jira_s", original)},
		},
		"alias is third": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Alias: new("a")}}}}, []EffectiveTool{exposed("jira_a", original)},
		},
		"an empty alias is not set": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalAlias: new(""), ServerAlias: new("s"), Alias: new("")}}}},
			[]EffectiveTool{exposed("jira_s", original)},
		},
		"all aliases empty": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalAlias: new(""), ServerAlias: new(""), Alias: new("")}}}},
			[]EffectiveTool{plain},
		},
		"portal_description is first": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalDescription: new("p"), ServerDescription: new("s"), Description: new("d")}}}},
			[]EffectiveTool{exposed("jira_find", "p")},
		},
		"server_description is second": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), ServerDescription: new("s"), Description: new("d")}}}},
			[]EffectiveTool{exposed("jira_find", "s")},
		},
		"the override's description is third": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Description: new("d")}}}}, []EffectiveTool{exposed("jira_find", "d")},
		},
		"an empty description is not set": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), PortalDescription: new(""), ServerDescription: new(""), Description: new("")}}}},
			[]EffectiveTool{plain},
		},
		"no description at all": {
			PortalServer{Server: Server{Tools: []Tool{{Name: new("find")}}, UpdatedTools: []Override{{Name: new("find"), PortalDescription: new("")}}}},
			[]EffectiveTool{{Name: new("jira_find"), ServerID: new("jira"), OriginalName: new("find"), Enabled: true}},
		},
		"an original description that is empty": {
			PortalServer{Server: Server{Tools: []Tool{{Name: new("find"), Description: new("")}}}}, []EffectiveTool{exposed("jira_find", "")},
		},
		"names are as they are": {
			PortalServer{Server: Server{Tools: tool("find"), UpdatedTools: []Override{{Name: new("find"), Alias: new("Größe a/b_c-d.e")}}}},
			[]EffectiveTool{exposed("jira_Größe a/b_c-d.e", original)},
		},

		// What has no name.
		"a tool without a name": {
			PortalServer{Server: Server{Tools: []Tool{{Description: new("d")}}, UpdatedTools: []Override{{Enabled: new(true), Alias: new("a")}}}},
			[]EffectiveTool{{ServerID: new("jira"), Description: new("d")}},
		},
		"a tool with an empty name": {
			PortalServer{Server: Server{Tools: []Tool{{Name: new("")}}, UpdatedTools: []Override{{Name: new(""), Enabled: new(true), Alias: new("a")}}}},
			[]EffectiveTool{{ServerID: new("jira"), OriginalName: new("")}},
		},

		// Order.
		"all of them, in order, those that are off as well": {
			PortalServer{Server: Server{Tools: append(append(tool("b"), tool("a")...), tool("b")...), UpdatedTools: []Override{
				{Name: new("a"), Enabled: new(false)}, {Name: new("b"), Alias: new("c")},
			}}},
			[]EffectiveTool{
				{Name: new("jira_c"), ServerID: new("jira"), OriginalName: new("b"), Description: new(original), Enabled: true},
				{Name: new("jira_a"), ServerID: new("jira"), OriginalName: new("a"), Description: new(original)},
				{Name: new("jira_c"), ServerID: new("jira"), OriginalName: new("b"), Description: new(original), Enabled: true},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.server.ID = new("jira")
			portal := Portal{Servers: []PortalServer{tt.server}}
			if diff := cmp.Diff(tt.want, portal.EffectiveTools()); diff != "" {
				t.Errorf("tools (-want +got):\n%s", diff)
			}
			if got := portal.EffectivePrompts(); got == nil || len(got) != 0 {
				t.Errorf("tools became prompts: %v", got)
			}

			want := []EffectivePrompt{}
			for _, e := range tt.want {
				want = append(want, EffectivePrompt{e.Name, e.ServerID, e.OriginalName, e.Description, e.Enabled})
			}
			asPrompts := PortalServer{Server: Server{ID: tt.server.ID, UpdatedPrompts: tt.server.UpdatedTools}, DefaultDisabled: tt.server.DefaultDisabled}
			for _, tool := range tt.server.Tools {
				asPrompts.Prompts = append(asPrompts.Prompts, Prompt{Name: tool.Name, Description: tool.Description})
			}
			portal = Portal{Servers: []PortalServer{asPrompts}}
			if diff := cmp.Diff(want, portal.EffectivePrompts()); diff != "" {
				t.Errorf("prompts (-want +got):\n%s", diff)
			}
			if got := portal.EffectiveTools(); got == nil || len(got) != 0 {
				t.Errorf("prompts became tools: %v", got)
			}
		})
	}
}

// The overrides of tools are not those of prompts.
func TestEffectiveKindsApart(t *testing.T) {
	t.Parallel()
	off := []Override{{Name: new("x"), Enabled: new(false)}}
	portal := Portal{Servers: []PortalServer{
		{Server: Server{ID: new("a"), Tools: []Tool{{Name: new("x")}}, Prompts: []Prompt{{Name: new("x")}}, UpdatedTools: off}},
		{Server: Server{ID: new("b"), Tools: []Tool{{Name: new("x")}}, Prompts: []Prompt{{Name: new("x")}}, UpdatedPrompts: off}},
	}}
	tools, prompts := portal.EffectiveTools(), portal.EffectivePrompts()
	if tools[0].Enabled || !tools[1].Enabled || !prompts[0].Enabled || prompts[1].Enabled {
		t.Errorf("got %v and %v", tools, prompts)
	}
}

func TestEffectiveServerID(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id, serverID *string
		wantID       *string
		wantName     *string
	}{
		"id":                   {new("a"), nil, new("a"), new("a_x")},
		"server_id":            {nil, new("b"), new("b"), new("b_x")},
		"both":                 {new("a"), new("b"), new("b"), new("b_x")},
		"neither":              {nil, nil, nil, nil},
		"server_id is empty":   {new("a"), new(""), new("a"), new("a_x")},
		"both are empty":       {new(""), new(""), new(""), nil},
		"with an underscore":   {new("a_b"), nil, new("a_b"), new("a_b_x")},
		"with what is no name": {new("1-a.b"), nil, new("1-a.b"), new("1-a.b_x")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := Portal{Servers: []PortalServer{{Server: Server{
				ID: tt.id, ServerID: tt.serverID, Tools: []Tool{{Name: new("x")}},
				UpdatedTools: []Override{{Name: new("x"), Enabled: new(true)}},
			}}}}
			want := []EffectiveTool{{Name: tt.wantName, ServerID: tt.wantID, OriginalName: new("x"), Enabled: tt.wantName != nil}}
			if diff := cmp.Diff(want, portal.EffectiveTools()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEffectiveHints(t *testing.T) {
	t.Parallel()
	portal := Portal{Servers: []PortalServer{{Server: Server{ID: new("s"), Tools: []Tool{
		{Name: new("none")},
		{Name: new("empty"), Annotations: &Annotations{}},
		{Name: new("both"), Annotations: &Annotations{ReadOnlyHint: new(true), DestructiveHint: new(false)}},
		{Annotations: &Annotations{DestructiveHint: new(true)}},
	}}}}}
	want := []EffectiveTool{
		{Name: new("s_none"), ServerID: new("s"), OriginalName: new("none"), Enabled: true},
		{Name: new("s_empty"), ServerID: new("s"), OriginalName: new("empty"), Enabled: true},
		{Name: new("s_both"), ServerID: new("s"), OriginalName: new("both"), Enabled: true, ReadOnlyHint: new(true), DestructiveHint: new(false)},
		{ServerID: new("s"), DestructiveHint: new(true)},
	}
	if diff := cmp.Diff(want, portal.EffectiveTools()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Names that Terraform cannot tell apart are told apart by what was received.
func TestEffectiveNamesThatCantBeHeld(t *testing.T) {
	t.Parallel()
	portal := decodeAs[Portal](t, `{"servers":[{"id":"s","tools":[{"name":"x\ud83d"},{"name":"x\ud83e"},{"name":"cafe\u0301"},{"name":"caf\u00e9"}],
		"updated_tools":[{"name":"x\uD83D","enabled":false},{"name":"caf\u00e9","enabled":false,"portal_alias":"c\ud83d"}]}]}`)
	want := []EffectiveTool{
		{Name: new("s_x\uFFFD"), ServerID: new("s"), OriginalName: new("x\uFFFD")},
		{Name: new("s_x\uFFFD"), ServerID: new("s"), OriginalName: new("x\uFFFD"), Enabled: true},
		{Name: new("s_cafe\u0301"), ServerID: new("s"), OriginalName: new("cafe\u0301"), Enabled: true},
		{Name: new("s_c\uFFFD"), ServerID: new("s"), OriginalName: new("café")},
	}
	if diff := cmp.Diff(want, portal.EffectiveTools()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Server by server, in the API's order; every synced tool stands there once.
func TestEffectiveOrder(t *testing.T) {
	t.Parallel()
	portal := decodeAs[Portal](t, string(portalapi.Fixture("full")))
	tools := portal.EffectiveTools()
	n := 0
	for _, server := range portal.Servers {
		for _, tool := range server.Tools {
			if got := tools[n]; *got.ServerID != *server.Identity() || *got.OriginalName != *tool.Name {
				t.Fatalf("place %d: got %s of %s, want %s of %s", n, *got.OriginalName, *got.ServerID, *tool.Name, *server.Identity())
			}
			n++
		}
	}
	if n == 0 || n != len(tools) {
		t.Errorf("%d tools became %d", n, len(tools))
	}
}

func TestEffectiveOfNothing(t *testing.T) {
	t.Parallel()
	for _, portal := range []Portal{{}, {Servers: []PortalServer{}}, {Servers: []PortalServer{{Server: Server{ID: new("a")}}}}} {
		if got := portal.EffectiveTools(); got == nil || len(got) != 0 {
			t.Errorf("tools: %v", got)
		}
		if got := portal.EffectivePrompts(); got == nil || len(got) != 0 {
			t.Errorf("prompts: %v", got)
		}
	}
}
