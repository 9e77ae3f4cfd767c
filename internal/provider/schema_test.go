package provider_test

import (
	"maps"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// visit calls f for every attribute of a schema, at every depth.
func visit(path string, list []*tfprotov6.SchemaAttribute, f func(path string, a *tfprotov6.SchemaAttribute)) {
	for _, a := range list {
		f(path+"."+a.Name, a)
		if a.NestedType != nil {
			visit(path+"."+a.Name, a.NestedType.Attributes, f)
		}
	}
}

func everySchema(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	response := newPeer(t, provider.NewServer(testOptions())).schemas
	all := map[string]*tfprotov6.Schema{"provider": response.Provider}
	maps.Copy(all, response.DataSourceSchemas)
	if len(response.ResourceSchemas) > 0 {
		t.Error("the provider only reads, but has resources")
	}
	return all
}

// TestDescriptions requires a description of every attribute at every depth,
// and one that is a sentence.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for name, schema := range everySchema(t) {
		if schema.Block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if len(schema.Block.BlockTypes) > 0 {
			t.Errorf("%s has blocks", name)
		}
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if len(a.Description) < 15 || !strings.HasSuffix(a.Description, ".") {
				t.Errorf("%s: description %q", path, a.Description)
			}
		})
	}
}

// TestSecretsAreSensitive looks for attributes whose names speak of secrets.
func TestSecretsAreSensitive(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(`(?i)token|secret|password|api_key`)
	var sensitive []string
	for name, schema := range everySchema(t) {
		visit(name, schema.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
			if a.Sensitive {
				sensitive = append(sensitive, path)
			} else if secret.MatchString(a.Name) {
				t.Errorf("%s is not sensitive", path)
			}
		})
	}
	sort.Strings(sensitive)
	if diff := cmp.Diff([]string{"provider.api_key", "provider.api_token"}, sensitive); diff != "" {
		t.Errorf("sensitive attributes (-want +got):\n%s", diff)
	}
}

// TestInterface holds the names and types to the settled design. A change here
// is a change of people's configurations.
func TestInterface(t *testing.T) {
	t.Parallel()
	const (
		override  = "list{alias:string description:string enabled:bool extra:map(string) name:string portal_alias:string portal_description:string server_alias:string server_description:string}"
		tool      = "list{annotations:{destructive_hint:bool extra:map(string) idempotent_hint:bool open_world_hint:bool read_only_hint:bool title:string} description:string extra:map(string) input_schema:string name:string output_schema:string title:string}"
		prompt    = "list{arguments:list{description:string extra:map(string) name:string required:bool title:string} description:string extra:map(string) name:string title:string}"
		server1   = "auth_type:string authentication_status:string created_at:string created_by:string "
		server2   = "description:string error:string error_details:{cause:string extra:map(string) is_upstream:bool mcp_code:number retryable:bool status_code:number} extra:map(string) hostname:string id:string is_shared_oauth_callback_enabled:bool last_successful_sync:string last_synced:string modified_at:string modified_by:string name:string "
		server3   = "prompts:" + prompt + " secure_web_gateway:bool server_id:string status:string "
		server4   = "tools:" + tool + " updated_prompts:" + override + " updated_tools:" + override
		server    = server1 + "default_disabled:bool " + server2 + "on_behalf:bool " + server3 + server4
		timeouts  = "timeouts:{read:string}?"
		effective = "list{description:string enabled:bool name:string original_name:string server_id:string}"
		effTool   = "list{description:string destructive_hint:bool enabled:bool name:string original_name:string read_only_hint:bool server_id:string}"
		portal1   = "allow_code_mode:bool code_mode:string created_at:string created_by:string description:string effective_prompts:" + effective + " effective_tools:" + effTool + " extra:map(string) "
		portal2   = "modified_at:string modified_by:string name:string secure_web_gateway:bool servers:list{" + server + "}"
	)
	want := map[string]string{
		"provider":    "account_id:string? api_key:string? api_token:string? base_url:string? email:string? max_retries:number?",
		"mcp_portal":  "account_id:string?+ " + portal1 + "hostname:string?+ id:string?+ " + portal2 + " " + timeouts,
		"mcp_portals": "account_id:string?+ portals:list{" + portal1 + "hostname:string id:string " + portal2 + "} search:string? " + timeouts,
		"mcp_servers": "account_id:string?+ search:string? servers:list{" + server1 + server2 + server3 + server4 + "} " + timeouts,
		"mcp_server":  "account_id:string?+ " + server1 + strings.Replace(server2, " id:string ", " id:string! ", 1) + server3 + timeouts + " " + server4,
	}
	got := map[string]string{}
	for name, schema := range everySchema(t) {
		got[name] = describe(schema.Block.Attributes)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("interface (-design +schema):\n%s", diff)
	}
}

// describe returns names and types: ? is optional, ! required, ?+ optional and
// computed; what has no mark is computed.
func describe(list []*tfprotov6.SchemaAttribute) string {
	var parts []string
	for _, a := range list {
		kind := ""
		switch {
		case a.NestedType == nil:
			kind = strings.NewReplacer("tftypes.", "", "[", "(", "]", ")").Replace(strings.ToLower(a.Type.String()))
		case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeList:
			kind = "list{" + describe(a.NestedType.Attributes) + "}"
		case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			kind = "{" + describe(a.NestedType.Attributes) + "}"
		}
		switch {
		case a.Required:
			kind += "!"
		case a.Optional && a.Computed:
			kind += "?+"
		case a.Optional && a.Name != "read":
			kind += "?"
		}
		parts = append(parts, a.Name+":"+kind)
	}
	sort.Strings(parts)
	return strings.Join(parts, " ")
}
