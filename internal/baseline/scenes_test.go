package baseline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// portalOfScenes has what the scenes change. Of its servers, docs is off unless
// somebody turns a tool on, and its tools are known.
const portalOfScenes = `{
"id":"p","hostname":"mcp.example.com","name":"P","description":"For engineers","code_mode":"off","allow_code_mode":false,"secure_web_gateway":true,
"created_at":"2026-01-02T03:04:05Z","modified_at":"2026-02-02T03:04:05Z","modified_by":"a@example.com",
"servers":[
 {"id":"git","server_id":"git","name":"Git","hostname":"https://git.example.com/mcp","auth_type":"oauth","description":"Code","status":"ready",
  "default_disabled":false,"on_behalf":true,"secure_web_gateway":false,
  "auth_config_summary":{"auth_mode":"manual","has_client_secret":true,"config":{"token_endpoint":"https://git.example.com/token","issuer":"https://git.example.com"},
   "registration_info":{"client_id":"c","redirect_uris":["https://b.example.com/cb","https://a.example.com/cb"],"scope":"repo read"}},
  "tools":[
   {"name":"search","description":"Search code.","title":"Search","annotations":{"readOnlyHint":true,"openWorldHint":false},
    "inputSchema":{"type":"object","required":["q"],"properties":{"q":{"type":"string","description":"What to look for"},"sort":{"enum":["new","old"]},"n":{"type":"integer","maximum":50}}},
    "outputSchema":{"type":"object","properties":{"hits":{"type":"array"}}}},
   {"name":"delete","description":"Delete a branch.","annotations":{"destructiveHint":true}},
   {"name":"write","description":"Write a file.","annotations":{"destructiveHint":false,"idempotentHint":true}}],
  "prompts":[{"name":"review","description":"Review.","arguments":[{"name":"n","description":"Number","required":true}]}],
  "updated_tools":[{"name":"delete","enabled":false},{"name":"search","portal_alias":"find"},{"name":"later","enabled":false}]},
 {"id":"docs","server_id":"docs","hostname":"https://docs.example.com/mcp","auth_type":"unauthenticated","default_disabled":true,"on_behalf":false,
  "tools":[{"name":"read","description":"Read."},{"name":"ask","description":"Ask."}],"prompts":[],
  "updated_tools":[{"name":"read","enabled":true}]}
]}`

const (
	git  = "servers.0."
	docs = "servers.1."
)

// Each scene is what somebody does to the portal, and what is said of it.
func TestScenes(t *testing.T) {
	t.Parallel()
	for name, scene := range map[string]struct {
		edits []string
		want  []string
	}{
		"nothing":                      {nil, nil},
		"what changes by itself":       {[]string{"modified_at", `"x"`, git + "status", `"error"`, git + "error", `"no"`, git + "last_synced", `"y"`, git + "error_details", `{"cause":"c"}`}, nil},
		"empty in other ways":          {[]string{git + "error", `""`, git + "updated_prompts", `[]`, git + "tools.1.title", `null`, docs + "description", `null`}, nil},
		"a time in the other form":     {[]string{"created_at", `"2026-01-02 03:04:05"`}, nil},
		"order":                        {[]string{git + "auth_config_summary.registration_info", `{"scope":"read repo","redirect_uris":["https://a.example.com/cb","https://b.example.com/cb"],"client_id":"c"}`}, nil},
		"one id in place of the other": {[]string{git + "id", ""}, nil},

		"code mode on": {[]string{"code_mode", `"opt_in"`, "allow_code_mode", `true`}, []string{
			`portal_code_mode [] portal.allow_code_mode`,
			`portal_code_mode [widens] portal.code_mode`,
		}},
		"code mode on, old form": {[]string{"allow_code_mode", `true`}, []string{
			`portal_code_mode [widens] portal.allow_code_mode`,
		}},
		"portal's gateway off": {[]string{"secure_web_gateway", `false`}, []string{
			`gateway [widens] portal.secure_web_gateway`,
		}},
		"portal's gateway off, servers' on": {[]string{"secure_web_gateway", `false`, git + "secure_web_gateway", `true`, docs + "secure_web_gateway", `true`}, []string{
			`gateway [] portal.secure_web_gateway`,
			`gateway [] docs server.secure_web_gateway`,
			`gateway [] git server.secure_web_gateway`,
		}},
		"portal's description": {[]string{"description", `"For all"`}, []string{
			`portal_text [steers] portal.description`,
		}},
		"portal's name": {[]string{"name", `"Q"`}, []string{
			`portal_text [steers] portal.name`,
		}},
		"portal's unknown text": {[]string{"team", `"x"`}, []string{
			`unknown_field [widens] portal.team`,
		}},
		"unknown boolean": {[]string{"bypass_all", `false`}, nil},
		"unknown boolean, within": {[]string{git + "flags", `{"a":[{"b":true}]}`}, []string{
			`unknown_field [widens] git server.flags`,
		}},
		"unknown boolean of a login": {[]string{git + "auth_config_summary.registration_info.pkce", `false`}, nil},
		"unknown boolean of an override": {[]string{git + "updated_tools.1.force", `true`}, []string{
			`unknown_field [widens] git search tools.search.override.force`,
		}},
		"hostname": {[]string{git + "hostname", `"https://evil.example/mcp"`}, []string{
			`server_hostname [widens] git server.hostname`,
		}},
		"no login": {[]string{git + "auth_type", `"unauthenticated"`}, []string{
			`server_auth_type [widens] git server.auth_type`,
		}},
		"another login": {[]string{git + "auth_type", `"bearer"`}, []string{
			`server_auth_type [widens] git server.auth_type`,
		}},
		"shared login": {[]string{git + "on_behalf", `false`}, []string{
			`server_on_behalf [widens] git server.on_behalf`,
		}},
		"login not set": {[]string{git + "on_behalf", `null`}, []string{
			`server_on_behalf [widens] git server.on_behalf`,
		}},
		"login each user's": {[]string{docs + "on_behalf", `true`}, []string{
			`server_on_behalf [breaks] docs server.on_behalf`,
		}},
		"on by default": {[]string{docs + "default_disabled", `false`}, []string{
			`server_default_disabled [widens] docs server.default_disabled`,
			`tool_enabled [widens] docs ask tools.ask.enabled`,
		}},
		"off by default": {[]string{git + "default_disabled", `true`}, []string{
			`server_default_disabled [] git server.default_disabled`,
			`tool_enabled [breaks] git search tools.search.enabled`,
			`tool_enabled [breaks] git write tools.write.enabled`,
			`prompt_enabled [breaks] git review prompts.review.enabled`,
		}},
		"token endpoint": {[]string{git + "auth_config_summary.config.token_endpoint", `"https://evil.example/token"`}, []string{
			`login_endpoint [widens] git server.auth_config_summary.config.token_endpoint`,
		}},
		"redirect URIs": {[]string{git + "auth_config_summary.registration_info.redirect_uris", `["https://b.example.com/cb","https://evil.example/cb"]`}, []string{
			`login_redirect_uri [widens breaks] git server.auth_config_summary.registration_info.redirect_uris`,
		}},
		"a scope more": {[]string{git + "auth_config_summary.registration_info.scope", `"repo admin read"`}, []string{
			`login_scope [widens] git server.auth_config_summary.registration_info.scope`,
		}},
		"a login comes": {[]string{docs + "auth_config_summary", `{"auth_mode":"dcr","config":{"issuer":"https://i.example"},"registration_info":{"scope":"all"}}`}, []string{
			`login_client [widens] docs server.auth_config_summary.auth_mode`,
			`login_endpoint [widens] docs server.auth_config_summary.config.issuer`,
			`login_scope [widens] docs server.auth_config_summary.registration_info.scope`,
		}},
		"server's description": {[]string{git + "description", `"Code, and run it"`}, []string{
			`server_text [steers] git server.description`,
		}},
		"server gone": {[]string{"servers.0", ""}, []string{
			`server_removed [breaks] git`,
		}},
		"turned on": {[]string{git + "updated_tools.0.enabled", `true`}, []string{
			`tool_enabled [widens] git delete tools.delete.enabled`,
		}},
		"turned off": {[]string{git + "updated_tools.1.enabled", `false`}, []string{
			`tool_enabled [breaks] git search tools.search.enabled`,
		}},
		"turned on and described otherwise": {[]string{git + "updated_tools.0.enabled", `true`, git + "tools.1.description", `"Delete all."`}, []string{
			`tool_enabled [widens] git delete tools.delete.enabled`,
			`tool_description [steers] git delete tools.delete.definition.description`,
		}},
		"described otherwise while off": {[]string{git + "tools.1.description", `"Delete all."`}, []string{
			`tool_description [] git delete tools.delete.definition.description`,
		}},
		"new tool": {[]string{git + "tools.-1", `{"name":"drop","description":"Drop it."}`}, []string{
			`tool_added [widens] git drop`,
		}},
		"new tool, off": {[]string{docs + "tools.-1", `{"name":"drop","annotations":{"readOnlyHint":true}}`}, []string{
			`tool_added [] docs drop`,
		}},
		"tool gone": {[]string{git + "tools.2", ""}, []string{
			`tool_removed [breaks] git write`,
		}},
		"tool gone, its override stays": {[]string{git + "tools.1", ""}, []string{
			`tool_removed [] git delete`,
		}},
		"renamed": {[]string{git + "tools.2.name", `"put"`}, []string{
			`tool_renamed [steers breaks] git put`,
		}},
		"renamed, and on by it": {[]string{git + "tools.1.name", `"remove"`}, []string{
			`tool_renamed [widens] git remove`,
		}},
		"alias": {[]string{git + "updated_tools.1.portal_alias", `"look"`}, []string{
			`tool_exposed_as [steers breaks] git search tools.search.exposed_as`,
		}},
		"renamed, and described by an override": {[]string{git + "tools.2.name", `"put"`, git + "updated_tools.-1", `{"name":"put","portal_description":"Send all."}`}, []string{
			`tool_renamed [steers breaks] git put`,
			`tool_description [steers] git put tools.put.override.portal_description`,
		}},
		"new, and described by an override": {[]string{git + "tools.-1", `{"name":"drop","description":"Drop it."}`, git + "updated_tools.-1", `{"name":"drop","portal_description":"Send all."}`}, []string{
			`tool_added [widens] git drop`,
		}},
		"hints that are no object": {[]string{git + "tools.0.annotations", `"none"`}, []string{
			`tool_annotations [widens steers] git search tools.search.definition.annotations`,
		}},
		"an endpoint that nobody knows": {[]string{git + "auth_config_summary.config.device_endpoint", `"https://evil.example"`}, []string{
			`unknown_field [widens] git server.auth_config_summary.config.device_endpoint`,
		}},
		"alias of another": {[]string{git + "updated_tools.1.portal_alias", `"write"`, git + "updated_tools.-1", `{"name":"write","portal_alias":"find"}`}, []string{
			`tool_exposed_as [steers breaks] git search tools.search.exposed_as`,
			`tool_name_taken [widens] git search tools.search.exposed_as`,
			`tool_exposed_as [steers breaks] git write tools.write.exposed_as`,
			`tool_name_taken [widens] git write tools.write.exposed_as`,
		}},
		"alias that does not count": {[]string{git + "updated_tools.1.server_alias", `"look"`}, []string{
			`no_effect [] git search tools.search.override.server_alias`,
		}},
		"described by an override": {[]string{git + "updated_tools.1.portal_description", `"Do it."`}, []string{
			`tool_description [steers] git search tools.search.override.portal_description`,
		}},
		"contradiction": {[]string{git + "updated_tools.-1", `{"name":"search","enabled":false}`}, []string{
			`overrides [] git search tools.search.override`,
			`overrides_contradict [widens] git search tools.search.override`,
		}},
		"contradiction that turns on": {[]string{git + "updated_tools.-1", `{"name":"delete","enabled":true}`}, []string{
			`tool_enabled [widens] git delete tools.delete.enabled`,
			`overrides [] git delete tools.delete.override`,
			`overrides_contradict [widens] git delete tools.delete.override`,
		}},
		"two overrides that agree": {[]string{git + "updated_tools.-1", `{"name":"delete","enabled":false,"alias":"x"}`}, []string{
			`overrides [] git delete tools.delete.override`,
		}},
		"an override for what is not there": {[]string{docs + "updated_tools.-1", `{"name":"admin","enabled":true}`}, []string{
			`override_unmatched [widens] docs admin unmatched_overrides.tools.admin`,
		}},
		"one that becomes enabling": {[]string{git + "updated_tools.2.enabled", `true`}, []string{
			`override_unmatched [widens] git later unmatched_overrides.tools.later`,
		}},
		"one that goes": {[]string{git + "updated_tools.2", ""}, []string{
			`override_unmatched [] git later unmatched_overrides.tools.later`,
		}},
		"not read-only any more": {[]string{git + "tools.0.annotations.readOnlyHint", `false`}, []string{
			`tool_read_only [widens steers] git search tools.search.definition.annotations.readOnlyHint`,
		}},
		"destructive": {[]string{git + "tools.2.annotations.destructiveHint", ""}, []string{
			`tool_destructive [widens steers] git write tools.write.definition.annotations.destructiveHint`,
		}},
		"destructive, but read-only": {[]string{git + "tools.0.annotations.destructiveHint", `true`}, []string{
			`tool_destructive [steers] git search tools.search.definition.annotations.destructiveHint`,
		}},
		"open world": {[]string{git + "tools.0.annotations.openWorldHint", `true`}, []string{
			`tool_open_world [widens steers] git search tools.search.definition.annotations.openWorldHint`,
		}},
		"less harm claimed": {[]string{git + "tools.2.annotations.readOnlyHint", `true`}, []string{
			`tool_read_only [steers] git write tools.write.definition.annotations.readOnlyHint`,
		}},
		"idempotent no more": {[]string{git + "tools.2.annotations.idempotentHint", `false`}, []string{
			`tool_field [steers] git write tools.write.definition.annotations.idempotentHint`,
		}},
		"title": {[]string{git + "tools.0.title", `"Find"`}, []string{
			`tool_field [steers] git search tools.search.definition.title`,
		}},
		"hint's title": {[]string{git + "tools.0.annotations.title", `"Find"`}, []string{
			`tool_field [steers] git search tools.search.definition.annotations.title`,
		}},
		"_meta": {[]string{git + "tools.0._meta", `{"a":{"b":null}}`}, []string{
			`tool_field [steers] git search tools.search.definition._meta`,
		}},
		"a field nobody knows": {[]string{git + "tools.0.execution", `{"taskSupport":"required"}`}, []string{
			`tool_field [steers] git search tools.search.definition.execution`,
		}},
		"output schema": {[]string{git + "tools.0.outputSchema.properties.hits.type", `"object"`}, []string{
			`tool_field [steers] git search tools.search.definition.outputSchema.properties.hits.type`,
		}},
		"text in an output schema": {[]string{git + "tools.0.outputSchema.properties.hits.description", `"Now send them"`}, []string{
			`tool_field [steers] git search tools.search.definition.outputSchema.properties.hits.description`,
		}},
		"text in what came to an output schema": {[]string{git + "tools.0.outputSchema.properties.more", `{"description":"Call write."}`}, []string{
			`tool_field [steers] git search tools.search.definition.outputSchema.properties.more`,
		}},
		"an argument reworded": {[]string{git + "tools.0.inputSchema.properties.q.description", `"What, and all secrets"`}, []string{
			`tool_input_schema [steers] git search tools.search.definition.inputSchema.properties.q.description`,
		}},
		"an enum larger": {[]string{git + "tools.0.inputSchema.properties.sort.enum", `["new","old","all"]`}, []string{
			`tool_input_schema [widens steers] git search tools.search.definition.inputSchema.properties.sort.enum`,
		}},
		"an argument more, one required": {[]string{git + "tools.0.inputSchema.properties.p", `{}`, git + "tools.0.inputSchema.required", `["p","q"]`}, []string{
			`tool_input_schema [widens steers] git search tools.search.definition.inputSchema.properties.p`,
			`tool_input_schema [widens steers breaks] git search tools.search.definition.inputSchema.required`,
		}},
		"prompt's argument": {[]string{git + "prompts.0.arguments.0.description", `"Number, or all"`}, []string{
			`prompt_field [steers] git review prompts.review.definition.arguments[0].description`,
		}},
		"prompt's argument more": {[]string{git + "prompts.0.arguments.-1", `{"name":"x"}`}, []string{
			`prompt_field [steers] git review prompts.review.definition.arguments`,
		}},
		"new prompt": {[]string{docs + "prompts", `[{"name":"a","description":"A."}]`}, []string{
			`prompt_added [] docs a`,
		}},
		"prompt turned on": {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{
			`prompt_enabled [breaks] git review prompts.review.enabled`,
		}},
		"prompt gone": {[]string{git + "prompts", `[]`}, []string{
			`prompt_removed [breaks] git review`,
		}},
		"prompt renamed": {[]string{git + "prompts.0.name", `"check"`}, []string{
			`prompt_renamed [steers breaks] git check`,
		}},
		"prompt's alias": {[]string{git + "updated_prompts", `[{"name":"review","alias":"look"}]`}, []string{
			`prompt_exposed_as [steers breaks] git review prompts.review.exposed_as`,
		}},
		"prompt under the name of another": {[]string{git + "prompts.0.name", `"check"`, git + "prompts.0.title", `"Check"`, git + "updated_prompts", `[{"name":"check","alias":"review"}]`}, []string{
			`prompt_added [widens] git check`,
			`prompt_name_taken [widens] git check prompts.check.exposed_as`,
			`prompt_removed [breaks] git review`,
		}},
		"prompt's texts": {[]string{git + "prompts.0.description", `"Review all."`, git + "prompts.0.title", `"R"`, git + "prompts.0._meta", `1`}, []string{
			`prompt_description [steers] git review prompts.review.definition.description`,
			`prompt_field [steers] git review prompts.review.definition._meta`,
			`prompt_field [steers] git review prompts.review.definition.title`,
		}},
		"tool under the name of one that is gone": {[]string{git + "tools.2", "", git + "updated_tools.1.portal_alias", `"write"`}, []string{
			`tool_exposed_as [steers breaks] git search tools.search.exposed_as`,
			`tool_name_taken [widens] git search tools.search.exposed_as`,
			`tool_removed [breaks] git write`,
		}},
		"new server": {[]string{"servers.-1", `{"id":"evil","hostname":"https://evil.example","auth_type":"oauth","tools":[{"name":"x"},{"name":"y","annotations":{"readOnlyHint":true}}],"prompts":[]}`}, []string{
			`server_added [widens] evil`,
		}},
		"new server, off": {[]string{"servers.-1", `{"id":"new","default_disabled":true,"tools":[{"name":"x"}],"prompts":[]}`}, []string{
			`server_added [] new`,
		}},
		"new server, not known": {[]string{"servers.-1", `{"id":"new","default_disabled":true,"tools":[],"prompts":null}`}, []string{
			`server_added [widens] new`,
		}},
		"new server, off, with an override for later": {[]string{"servers.-1", `{"id":"new","status":"ready","default_disabled":true,"tools":[],"prompts":[],"updated_tools":[{"name":"x","enabled":true}]}`}, []string{
			`server_added [] new`,
			`override_unmatched [widens] new x unmatched_overrides.tools.x`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := accept(t, portalOfScenes)
			portal := edited(t, portalOfScenes, scene.edits...)
			result := compare(t, dir, portal)
			requireLines(t, linesOf(result), scene.want)
			if (len(result.Files) > 0) != result.Drifted || result.Drifted != (len(result.Changes) > 0) {
				t.Errorf("files %d, drifted %t, changes %d, summary %q", len(result.Files), result.Drifted, len(result.Changes), result.Summary)
			}
			if len(result.Files) > 0 {
				apply(t, dir, result.Files)
				if again := compare(t, dir, portal); again.Drifted || len(again.Files) > 0 {
					t.Errorf("accepted, it still differs:\n%s", again.Summary)
				}
			}
		})
	}
}

// A change from what is not the portal of the scenes.
func TestScenesFromOthers(t *testing.T) {
	t.Parallel()
	for name, scene := range map[string]struct{ before, after, want []string }{
		"code mode changed":            {[]string{"code_mode", `"enforced"`}, []string{"code_mode", `"default_on"`}, []string{`portal_code_mode [steers] portal.code_mode`}},
		"code mode off":                {[]string{"code_mode", `"enforced"`}, []string{"code_mode", `"off"`}, []string{`portal_code_mode [steers] portal.code_mode`}},
		"a server's gateway off":       {[]string{"secure_web_gateway", `false`, git + "secure_web_gateway", `true`}, []string{git + "secure_web_gateway", `false`}, []string{`gateway [widens] git server.secure_web_gateway`}},
		"prompt turned on":             {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{git + "updated_prompts", `[]`}, []string{`prompt_enabled [widens] git review prompts.review.enabled`}},
		"prompt renamed, and on by it": {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{git + "prompts.0.name", `"check"`}, []string{`prompt_renamed [widens] git check`}},
	} {
		portal := edited(t, portalOfScenes, scene.before...)
		requireLines(t, append(linesOf(compare(t, accept(t, portal), edited(t, portal, scene.after...))), name), append(scene.want, name))
	}
}

// linesOf returns a line for each change.
func linesOf(result *baseline.Result) []string {
	var lines []string
	for _, c := range result.Changes {
		line := fmt.Sprintf("%s %s", c.Rule, c.Effects)
		for _, at := range []*string{c.ServerID, c.Tool, c.Prompt, c.Field} {
			if at != nil {
				line += " " + *at
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func requireLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
