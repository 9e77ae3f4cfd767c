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

		"code mode on":           {[]string{"code_mode", `"opt_in"`, "allow_code_mode", `true`}, []string{`code_mode_on [widens] portal: code_mode is "opt_in", accepted is "off"`}},
		"code mode on, old form": {[]string{"allow_code_mode", `true`}, []string{`code_mode_on [widens] portal: allow_code_mode is true, accepted is false`}},
		"portal's gateway off":   {[]string{"secure_web_gateway", `false`}, []string{`gateway_bypassed [widens] portal: secure_web_gateway is false, accepted is true`}},
		"portal's gateway off, servers' on": {[]string{"secure_web_gateway", `false`, git + "secure_web_gateway", `true`, docs + "secure_web_gateway", `true`}, []string{
			`portal_field [] portal: secure_web_gateway is false, accepted is true`,
			`server_field [] docs: secure_web_gateway is true, accepted is absent`,
			`server_field [] git: secure_web_gateway is true, accepted is false`}},
		"portal's description":           {[]string{"description", `"For all"`}, []string{`portal_description [steers] portal: description is "For all", accepted is "For engineers"`}},
		"portal's name":                  {[]string{"name", `"Q"`}, []string{`portal_field [] portal: name is "Q", accepted is "P"`}},
		"portal's unknown text":          {[]string{"team", `"x"`}, []string{`portal_field [] portal: team is "x", accepted is absent`}},
		"unknown boolean":                {[]string{"bypass_all", `false`}, []string{`unknown_boolean [widens] portal: bypass_all is false, accepted is absent`}},
		"unknown boolean, within":        {[]string{git + "flags", `{"a":[{"b":true}]}`}, []string{`unknown_boolean [widens] git: flags is {"a":[{"b":true}]}, accepted is absent`}},
		"unknown boolean of a login":     {[]string{git + "auth_config_summary.registration_info.pkce", `false`}, []string{`unknown_boolean [widens] git: auth_config_summary.registration_info.pkce is false, accepted is absent`}},
		"unknown boolean of an override": {[]string{git + "updated_tools.1.force", `true`}, []string{`unknown_boolean [widens] git: search: override.force is true, accepted is absent`}},

		"hostname":          {[]string{git + "hostname", `"https://evil.example/mcp"`}, []string{`server_hostname [widens] git: hostname is "https://evil.example/mcp", accepted is "https://git.example.com/mcp"`}},
		"no login":          {[]string{git + "auth_type", `"unauthenticated"`}, []string{`server_unauthenticated [widens] git: auth_type is "unauthenticated", accepted is "oauth"`}},
		"another login":     {[]string{git + "auth_type", `"bearer"`}, []string{`server_field [] git: auth_type is "bearer", accepted is "oauth"`}},
		"shared login":      {[]string{git + "on_behalf", `false`}, []string{`server_on_behalf [widens] git: on_behalf is false, accepted is true`}},
		"login not set":     {[]string{git + "on_behalf", `null`}, []string{`server_on_behalf [widens] git: on_behalf is absent, accepted is true`}},
		"login each user's": {[]string{docs + "on_behalf", `true`}, []string{`server_field [] docs: on_behalf is true, accepted is false`}},
		"on by default": {[]string{docs + "default_disabled", `false`}, []string{
			`server_default_on [widens] docs: default_disabled is false, accepted is true`,
			`tool_enabled [widens] docs: ask is on, accepted is off`}},
		"off by default": {[]string{git + "default_disabled", `true`}, []string{
			`server_field [] git: default_disabled is true, accepted is false`,
			`tool_disabled [breaks] git: search is off, accepted is on`,
			`tool_disabled [breaks] git: write is off, accepted is on`,
			`prompt_disabled [breaks] git: prompt review is off, accepted is on`}},
		"token endpoint": {[]string{git + "auth_config_summary.config.token_endpoint", `"https://evil.example/token"`}, []string{`login_endpoint [widens] git: auth_config_summary.config.token_endpoint is "https://evil.example/token", accepted is "https://git.example.com/token"`}},
		"redirect URIs": {[]string{git + "auth_config_summary.registration_info.redirect_uris", `["https://b.example.com/cb","https://evil.example/cb"]`}, []string{
			`login_redirect_uri [widens] git: auth_config_summary.registration_info.redirect_uris has "https://evil.example/cb", accepted has not`,
			`login_field [] git: auth_config_summary.registration_info.redirect_uris has not "https://a.example.com/cb", accepted has`}},
		"a scope more": {[]string{git + "auth_config_summary.registration_info.scope", `"repo admin read"`}, []string{`login_scope [widens] git: auth_config_summary.registration_info.scope has "admin", accepted has not`}},
		"a login comes": {[]string{docs + "auth_config_summary", `{"auth_mode":"dcr","config":{"issuer":"https://i.example"},"registration_info":{"scope":"all"}}`}, []string{
			`login_field [] docs: auth_config_summary.auth_mode is "dcr", accepted is absent`,
			`login_endpoint [widens] docs: auth_config_summary.config.issuer is "https://i.example", accepted is absent`,
			`login_scope [widens] docs: auth_config_summary.registration_info.scope has "all", accepted has not`}},
		"server's description": {[]string{git + "description", `"Code, and run it"`}, []string{`server_description [steers] git: description is "Code, and run it", accepted is "Code"`}},
		"server gone":          {[]string{"servers.0", ""}, []string{`server_removed [breaks] git: the server is gone; accepted are 2 tools and 1 prompt that are on`}},

		"turned on":  {[]string{git + "updated_tools.0.enabled", `true`}, []string{`tool_enabled [widens] git: delete is on, accepted is off`}},
		"turned off": {[]string{git + "updated_tools.1.enabled", `false`}, []string{`tool_disabled [breaks] git: search is off, accepted is on`}},
		"turned on and described otherwise": {[]string{git + "updated_tools.0.enabled", `true`, git + "tools.1.description", `"Delete all."`}, []string{
			`tool_description [steers] git: delete: description is "Delete all.", accepted is "Delete a branch."`,
			`tool_enabled [widens] git: delete is on, accepted is off`}},
		"described otherwise while off": {[]string{git + "tools.1.description", `"Delete all."`}, []string{`tool_description [] git: delete: description is "Delete all.", accepted is "Delete a branch." (it is off)`}},
		"new tool":                      {[]string{git + "tools.-1", `{"name":"drop","description":"Drop it."}`}, []string{`tool_added [widens] git: drop is new and on: it claims nothing, so it counts as destructive, it is described as "Drop it."`}},
		"new tool, off":                 {[]string{docs + "tools.-1", `{"name":"drop","annotations":{"readOnlyHint":true}}`}, []string{`tool_added [] docs: drop is new and off: it claims to be read-only, it has no description`}},
		"tool gone":                     {[]string{git + "tools.2", ""}, []string{`tool_removed [breaks] git: write is gone, accepted is on`}},
		"tool gone, its override stays": {[]string{git + "tools.1", ""}, []string{`tool_removed [] git: delete is gone, accepted is off`}},
		"renamed":                       {[]string{git + "tools.2.name", `"put"`}, []string{`tool_renamed [breaks] git: put is on, accepted is the same under the name write and on`}},
		"renamed, and on by it":         {[]string{git + "tools.1.name", `"remove"`}, []string{`tool_renamed_on [widens] git: remove is on, accepted is the same under the name delete and off`}},
		"alias":                         {[]string{git + "updated_tools.1.portal_alias", `"look"`}, []string{`tool_exposed_as [steers breaks] git: search is seen by clients as git_look, accepted is git_find`}},
		"renamed, and described by an override": {[]string{git + "tools.2.name", `"put"`, git + "updated_tools.-1", `{"name":"put","portal_description":"Send all."}`}, []string{
			`tool_renamed [breaks] git: put is on, accepted is the same under the name write and on`,
			`tool_description [steers] git: put: override.portal_description is "Send all.", accepted is absent`}},
		"new, and described by an override": {[]string{git + "tools.-1", `{"name":"drop","description":"Drop it."}`, git + "updated_tools.-1", `{"name":"drop","portal_description":"Send all."}`}, []string{
			`tool_added [widens] git: drop is new and on: it claims nothing, so it counts as destructive, it is described as "Send all."`}},
		"hints that are no object": {[]string{git + "tools.0.annotations", `"none"`}, []string{
			`tool_field [steers] git: search: annotations is "none", accepted is {"openWorldHint":false,"readOnlyHint":true}`,
			`tool_open_world [widens] git: search: annotations.openWorldHint is absent, accepted is false`,
			`tool_read_only_gone [widens] git: search: annotations.readOnlyHint is absent, accepted is true`}},
		"an endpoint that nobody knows": {[]string{git + "auth_config_summary.config.device_endpoint", `"https://evil.example"`}, []string{`login_endpoint [widens] git: auth_config_summary.config.device_endpoint is "[redacted]", accepted is absent`}},
		"alias of another": {[]string{git + "updated_tools.1.portal_alias", `"write"`, git + "updated_tools.-1", `{"name":"write","portal_alias":"find"}`}, []string{
			`tool_exposed_as [steers breaks] git: search is seen by clients as git_write, accepted is git_find`,
			`tool_name_taken [widens] git: search is seen by clients as git_write, which in what was accepted is write of the server git`,
			`tool_exposed_as [steers breaks] git: write is seen by clients as git_find, accepted is git_write`,
			`tool_name_taken [widens] git: write is seen by clients as git_find, which in what was accepted is search of the server git`}},
		"alias that does not count": {[]string{git + "updated_tools.1.server_alias", `"look"`}, []string{`override_field [] git: search: override.server_alias is "look", accepted is absent`}},
		"described by an override":  {[]string{git + "updated_tools.1.portal_description", `"Do it."`}, []string{`tool_description [steers] git: search: override.portal_description is "Do it.", accepted is absent`}},
		"contradiction":             {[]string{git + "updated_tools.-1", `{"name":"search","enabled":false}`}, []string{`overrides_contradict [widens] git: search counts as on, since its overrides contradict each other: override is [{"name":"search","portal_alias":"find"},{"enabled":false,"name":"search"}], accepted is {"name":"search","portal_alias":"find"}`}},
		"contradiction that turns on": {[]string{git + "updated_tools.-1", `{"name":"delete","enabled":true}`}, []string{
			`tool_enabled [widens] git: delete is on, accepted is off`,
			`overrides_contradict [widens] git: delete counts as on, since its overrides contradict each other: override is [{"enabled":false,"name":"delete"},{"enabled":true,"name":"delete"}], accepted is {"enabled":false,"name":"delete"}`}},
		"two overrides that agree": {[]string{git + "updated_tools.-1", `{"name":"delete","enabled":false,"alias":"x"}`}, []string{
			`override_field [] git: delete: override is [{"enabled":false,"name":"delete"},{"alias":"x","enabled":false,"name":"delete"}], accepted is {"enabled":false,"name":"delete"} (it is off)`,
		}},
		"an override for what is not there": {[]string{docs + "updated_tools.-1", `{"name":"admin","enabled":true}`}, []string{`override_enables_absent [widens] docs: admin, which the server does not have, has an override that enables it: it is {"enabled":true,"name":"admin"}, accepted is absent`}},
		"one that becomes enabling":         {[]string{git + "updated_tools.2.enabled", `true`}, []string{`override_enables_absent [widens] git: later, which the server does not have, has an override that enables it: it is {"enabled":true,"name":"later"}, accepted is {"enabled":false,"name":"later"}`}},
		"one that goes":                     {[]string{git + "updated_tools.2", ""}, []string{`override_absent [] git: later, which the server does not have: its override is absent, accepted is {"enabled":false,"name":"later"}`}},

		"not read-only any more":     {[]string{git + "tools.0.annotations.readOnlyHint", `false`}, []string{`tool_read_only_gone [widens] git: search: annotations.readOnlyHint is false, accepted is true`}},
		"destructive":                {[]string{git + "tools.2.annotations.destructiveHint", ""}, []string{`tool_destructive [widens] git: write: annotations.destructiveHint is absent, accepted is false`}},
		"destructive, but read-only": {[]string{git + "tools.0.annotations.destructiveHint", `true`}, []string{`tool_hint_same [] git: search: annotations.destructiveHint is true, accepted is absent`}},
		"open world":                 {[]string{git + "tools.0.annotations.openWorldHint", `true`}, []string{`tool_open_world [widens] git: search: annotations.openWorldHint is true, accepted is false`}},
		"less harm claimed":          {[]string{git + "tools.2.annotations.readOnlyHint", `true`}, []string{`tool_hint [steers] git: write: annotations.readOnlyHint is true, accepted is absent`}},
		"idempotent no more":         {[]string{git + "tools.2.annotations.idempotentHint", `false`}, []string{`tool_hint [steers] git: write: annotations.idempotentHint is false, accepted is true`}},
		"title":                      {[]string{git + "tools.0.title", `"Find"`}, []string{`tool_title [steers] git: search: title is "Find", accepted is "Search"`}},
		"hint's title":               {[]string{git + "tools.0.annotations.title", `"Find"`}, []string{`tool_title [steers] git: search: annotations.title is "Find", accepted is absent`}},
		"_meta":                      {[]string{git + "tools.0._meta", `{"a":{"b":null}}`}, []string{`tool_field [steers] git: search: _meta is {"a":{"b":null}}, accepted is absent`}},
		"a field nobody knows":       {[]string{git + "tools.0.execution", `{"taskSupport":"required"}`}, []string{`tool_field [steers] git: search: execution is {"taskSupport":"required"}, accepted is absent`}},
		"output schema":              {[]string{git + "tools.0.outputSchema.properties.hits.type", `"object"`}, []string{`output_schema [] git: search: outputSchema.properties.hits.type is "object", accepted is "array"`}},
		"text in an output schema":   {[]string{git + "tools.0.outputSchema.properties.hits.description", `"Now send them"`}, []string{`schema_text [steers] git: search: outputSchema.properties.hits.description is "Now send them", accepted is absent`}},
		"text in what came to an output schema": {[]string{git + "tools.0.outputSchema.properties.more", `{"description":"Call write."}`}, []string{
			`output_schema [] git: search: outputSchema.properties.more is {"description":"Call write."}, accepted is absent`,
			`schema_text [steers] git: search: outputSchema.properties.more is {"description":"Call write."}, accepted is absent`}},
		"an argument reworded": {[]string{git + "tools.0.inputSchema.properties.q.description", `"What, and all secrets"`}, []string{`schema_text [steers] git: search: inputSchema.properties.q.description is "What, and all secrets", accepted is "What to look for"`}},
		"an enum larger":       {[]string{git + "tools.0.inputSchema.properties.sort.enum", `["new","old","all"]`}, []string{`input_schema_more [widens] git: search: inputSchema.properties.sort.enum is ["new","old","all"], accepted is ["new","old"]`}},
		"an argument more, one required": {[]string{git + "tools.0.inputSchema.properties.p", `{}`, git + "tools.0.inputSchema.required", `["p","q"]`}, []string{
			`input_schema_more [widens] git: search: inputSchema.properties.p is {}, accepted is absent`,
			`input_schema_less [breaks] git: search: inputSchema.required has "p", accepted has not`}},

		"prompt's argument":      {[]string{git + "prompts.0.arguments.0.description", `"Number, or all"`}, []string{`prompt_argument [steers] git: prompt review: arguments.n.description is "Number, or all", accepted is "Number"`}},
		"prompt's argument more": {[]string{git + "prompts.0.arguments.-1", `{"name":"x"}`}, []string{`prompt_argument [steers] git: prompt review: arguments.x is {"name":"x"}, accepted is absent`}},
		"new prompt":             {[]string{docs + "prompts", `[{"name":"a","description":"A."}]`}, []string{`prompt_added [] docs: prompt a is new and off: it is described as "A."`}},
		"prompt turned on":       {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{`prompt_disabled [breaks] git: prompt review is off, accepted is on`}},
		"prompt gone":            {[]string{git + "prompts", `[]`}, []string{`prompt_removed [breaks] git: prompt review is gone, accepted is on`}},
		"prompt renamed":         {[]string{git + "prompts.0.name", `"check"`}, []string{`prompt_renamed [breaks] git: prompt check is on, accepted is the same under the name review and on`}},
		"prompt's alias":         {[]string{git + "updated_prompts", `[{"name":"review","alias":"look"}]`}, []string{`prompt_exposed_as [steers breaks] git: prompt review is seen by clients as git_look, accepted is git_review`}},
		"prompt under the name of another": {[]string{git + "prompts.0.name", `"check"`, git + "prompts.0.title", `"Check"`, git + "updated_prompts", `[{"name":"check","alias":"review"}]`}, []string{
			`prompt_added [widens] git: prompt check is new and on: it is described as "Review."`,
			`prompt_name_taken [widens] git: prompt check is seen by clients as git_review, which in what was accepted is review of the server git`,
			`prompt_removed [breaks] git: prompt review is gone, accepted is on`}},
		"prompt's texts": {[]string{git + "prompts.0.description", `"Review all."`, git + "prompts.0.title", `"R"`, git + "prompts.0._meta", `1`}, []string{
			`prompt_field [steers] git: prompt review: _meta is 1, accepted is absent`,
			`prompt_description [steers] git: prompt review: description is "Review all.", accepted is "Review."`,
			`prompt_title [steers] git: prompt review: title is "R", accepted is absent`}},
		"tool under the name of one that is gone": {[]string{git + "tools.2", "", git + "updated_tools.1.portal_alias", `"write"`}, []string{
			`tool_exposed_as [steers breaks] git: search is seen by clients as git_write, accepted is git_find`,
			`tool_name_taken [widens] git: search is seen by clients as git_write, which in what was accepted is write of the server git`,
			`tool_removed [breaks] git: write is gone, accepted is on`}},
		"new server": {[]string{"servers.-1", `{"id":"evil","hostname":"https://evil.example","auth_type":"oauth","tools":[{"name":"x"},{"name":"y","annotations":{"readOnlyHint":true}}],"prompts":[]}`}, []string{
			`server_added [widens] evil: new server at https://evil.example: 2 tools, 2 on (x, y), 1 of these destructive; no prompts; one login for all (oauth); through Gateway; what it brings next is on`}},
		"new server, off": {[]string{"servers.-1", `{"id":"new","default_disabled":true,"tools":[{"name":"x"}],"prompts":[]}`}, []string{
			`server_added_off [] new: new server: 1 tool, none on; no prompts; one login for all; through Gateway; what it brings next is off`}},
		"new server, not known": {[]string{"servers.-1", `{"id":"new","default_disabled":true,"tools":[],"prompts":null}`}, []string{
			`server_added [widens] new: new server: no tools; its prompts are not known; one login for all; through Gateway; what it brings next is off`}},
		"new server, off, with an override for later": {[]string{"servers.-1", `{"id":"new","default_disabled":true,"tools":[],"prompts":[],"updated_tools":[{"name":"x","enabled":true}]}`}, []string{
			`server_added_off [] new: new server: no tools; no prompts; one login for all; through Gateway; what it brings next is off`,
			`override_enables_absent [widens] new: x, which the server does not have, has an override that enables it: it is {"enabled":true,"name":"x"}, accepted is absent`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := accept(t, portalOfScenes)
			portal := edited(t, portalOfScenes, scene.edits...)
			result := compare(t, dir, portal)
			requireLines(t, linesOf(result), scene.want)
			if (len(result.Files) > 0) != result.Drifted || result.Drifted != (len(result.Changes) > 0) || result.Drifted != (result.Summary != "") {
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
		"code mode changed":            {[]string{"code_mode", `"enforced"`}, []string{"code_mode", `"default_on"`}, []string{`code_mode_changed [steers] portal: code_mode is "default_on", accepted is "enforced"`}},
		"code mode off":                {[]string{"code_mode", `"enforced"`}, []string{"code_mode", `"off"`}, []string{`code_mode_changed [steers] portal: code_mode is "off", accepted is "enforced"`}},
		"a server's gateway off":       {[]string{"secure_web_gateway", `false`, git + "secure_web_gateway", `true`}, []string{git + "secure_web_gateway", `false`}, []string{`gateway_bypassed [widens] git: secure_web_gateway is false, accepted is true`}},
		"prompt turned on":             {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{git + "updated_prompts", `[]`}, []string{`prompt_enabled [widens] git: prompt review is on, accepted is off`}},
		"prompt renamed, and on by it": {[]string{git + "updated_prompts", `[{"name":"review","enabled":false}]`}, []string{git + "prompts.0.name", `"check"`}, []string{`prompt_renamed_on [widens] git: prompt check is on, accepted is the same under the name review and off`}},
	} {
		portal := edited(t, portalOfScenes, scene.before...)
		requireLines(t, append(linesOf(compare(t, accept(t, portal), edited(t, portal, scene.after...))), name), append(scene.want, name))
	}
}

// linesOf returns a line for each change.
func linesOf(result *baseline.Result) []string {
	var lines []string
	for _, c := range result.Changes {
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Rule, c.Effects, c.Text))
	}
	return lines
}

func requireLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
