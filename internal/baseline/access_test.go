package baseline_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// accessOfScenes guards the portal of the scenes: each object by the name under which
// the scenes edit it.
var accessOfScenes = map[string]string{
	"portal": `{"id":"ap","type":"mcp_portal","name":"Portal","domain":"mcp.example.com","session_duration":"24h","allowed_idps":["okta","cf"],"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","tags":["b","a"],
		"oauth_configuration":{"enabled":true,"dynamic_client_registration":{"enabled":false,"allowed_uris":["https://a.example/cb"],"allow_any_on_localhost":false,"allow_any_on_loopback":false},"grant":{"access_token_lifetime":"15m","session_duration":"24h"}},
		"policies":[
			{"id":"p1","name":"no contractors","precedence":1,"decision":"deny","include":[{"group":{"id":"con"}}]},
			{"id":"p2","name":"staff","precedence":2,"decision":"allow","include":[{"email_domain":{"domain":"example.com"}},{"email":{"email":"a@b.example"}}],"require":[{"login_method":{"id":"okta"}}],"exclude":[{"group":{"id":"ex"}}],"session_duration":"1h","approval_required":true,"mfa_config":{"mfa_required":true,"allowed_authenticators":["totp2","security_key"]}},
			{"id":"p3","name":"CI","precedence":3,"decision":"non_identity","include":[{"service_token":{"token_id":"t1"}}]}]}`,
	"docs": `{"id":"ad","type":"mcp","name":"Docs","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"docs"}],
		"policies":[{"id":"d1","name":"open","decision":"allow","include":[{"group":{"id":"eng"}}]}]}`,
	"git": `{"id":"ag","type":"mcp","name":"Git","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"git"}],
		"policies":[{"id":"g1","name":"engineers","decision":"allow","include":[{"group":{"id":"eng"}}]}]}`,
	"group eng":  `{"id":"eng","name":"Engineers","include":[{"email_domain":{"domain":"eng.example.com"}},{"group":{"id":"sub"}}],"created_at":"2026-01-01T00:00:00Z"}`,
	"group sub":  `{"id":"sub","name":"Sub","include":[{"email":{"email":"s@example.com"}}]}`,
	"group con":  `{"id":"con","name":"Contractors","include":[{"email_domain":{"domain":"contractor.example"}}]}`,
	"group ex":   `{"id":"ex","name":"Leaving","include":[{"email":{"email":"x@example.com"}}]}`,
	"login okta": `{"id":"okta","name":"Okta","type":"okta"}`,
	"login hub":  `{"id":"hub","name":"GitHub","type":"github"}`,
	"login cf":   `{"id":"cf","name":"Cloudflare","type":"cloudflare","config":{"restrict_to_account_members":true}}`,
}

// accessOf returns who may reach the portal of the scenes, as the client reads it.
func accessOf(t *testing.T, portal string, objects map[string]string) *cloudflare.Access {
	t.Helper()
	api := portalapi.New(portalapi.WithoutFixtures())
	defer api.Close()
	api.Portal("p").Put([]byte(portal))
	for name, object := range objects {
		kind, id, _ := strings.Cut(name, " ")
		switch kind {
		case "group":
			api.AccessGroup(id).Put([]byte(object))
		case "login":
			api.IdentityProvider(id).Put([]byte(object))
		default:
			api.AccessApp(map[string]string{"portal": "ap", "docs": "ad", "git": "ag"}[name] + strings.TrimPrefix(name, "new")).Put([]byte(object))
		}
	}
	client, err := cloudflare.New(cloudflare.Config{BaseURL: api.URL(), Credentials: cloudflare.Credentials{Token: portalapi.Token}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	read, err := client.Portal(t.Context(), portalapi.AccountID, "p")
	if err != nil {
		t.Fatal(err)
	}
	access, err := client.PortalAccess(t.Context(), portalapi.AccountID, read)
	if err != nil {
		t.Fatal(err)
	}
	return access
}

func compareAccess(t *testing.T, dir, portal string, objects map[string]string) *baseline.Result {
	t.Helper()
	folder, err := baseline.ReadFolder(t.Context(), dir, "baseline", true)
	if err != nil {
		t.Fatal(err)
	}
	result, err := baseline.Compare(t.Context(), decode(t, portal), folder, baseline.Options{Access: accessOf(t, portal, objects)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range result.Changes {
		fired.Store(c.Rule, true)
	}
	return result
}

func editedAccess(t *testing.T, edits []string) (portal string, objects map[string]string) {
	t.Helper()
	objects = map[string]string{}
	maps.Copy(objects, accessOfScenes)
	portal = portalOfScenes
	for i := 0; i < len(edits); i += 2 {
		name, path, _ := strings.Cut(edits[i], ":")
		switch {
		case name == "mcp":
			portal = edited(t, portal, path, edits[i+1])
		case path == "" && edits[i+1] == "":
			delete(objects, name)
		case path == "":
			objects[name] = edits[i+1]
		default:
			objects[name] = edited(t, objects[name], path, edits[i+1])
		}
	}
	return portal, objects
}

// Each scene is what somebody does to who may reach the portal, and what is said of it.
func TestAccessScenes(t *testing.T) {
	t.Parallel()
	const (
		everyone = `{"everyone":{}}`
		evil     = `{"email":{"email":"e@evil.example"}}`
		staff    = "access_policy [%s] applications.ap.policies[1].%s"
		open     = "access_policy [%s] docs applications.ad.policies[0].%s"
		app      = "access_application [%s] applications.ap.%s"
		harmless = "no_effect [] applications.ap.%s"
	)
	opened, taken := "access_open [widens] docs reach[\"server docs\"].open", "access_service_tokens [widens] docs reach[\"server docs\"].service_tokens"
	say := func(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
	for name, scene := range map[string]struct {
		edits []string
		want  []string
	}{
		"nothing": {nil, nil},
		"order, times, counts and empty values": {[]string{"portal:updated_at", `"2027-01-01T00:00:00Z"`, "portal:tags", `["a","b"]`, "portal:policies.1.include", `[{"email":{"email":"a@b.example"}},{"email_domain":{"domain":"example.com"}}]`, "portal:policies.1.purpose_justification_prompt", `""`,
			"portal:policies.0.precedence", `10`, "portal:policies.1.precedence", `20`, "portal:policies.2.precedence", `30`, "group eng:created_at", ``, "portal:policies.0.app_count", `7`, "portal:policies.0.updated_at", `"x"`}, nil},
		"what is off, or the default": {[]string{"portal:session_duration", ``, "portal:enable_binding_cookie", `false`, "portal:options_preflight_bypass", `false`, "portal:path_cookie_attribute", `null`, "portal:policies.1.isolation_required", `false`,
			"portal:policies.0.mfa_config", `{"mfa_disabled":false}`, "docs:session_duration", `"24h"`, "docs:mfa_config", `{}`, "docs:made_up", `false`, "docs:policies.0.made_up", `{"a":[]}`}, nil},
		"another application": {[]string{"new1", `{"id":"new1","type":"self_hosted","domain":"other.example.com","policies":[]}`}, nil},

		// What a policy includes, requires and excludes.
		"everyone":                           {[]string{"docs:policies.0.include.-1", everyone}, append(say(open, "widens", "include"), opened)},
		"everyone among many":                {[]string{"docs:policies.0.include", `[{"email":{"email":"1@x.example"}},{"email":{"email":"2@x.example"}},{"everyone":{}},{"group":{"id":"eng"}}]`}, append(say(open, "widens", "include"), opened)},
		"include less":                       {[]string{"portal:policies.1.include.1", ``}, say(staff, "breaks", "include")},
		"another include":                    {[]string{"portal:policies.1.include.1", evil}, say(staff, "widens breaks", "include")},
		"include twice":                      {[]string{"portal:policies.1.include.-1", `{"email":{"email":"a@b.example"}}`}, say(staff, "", "include")},
		"include emptied":                    {[]string{"docs:policies.0.include", `[]`}, append(say(open, "widens", "include"), opened)},
		"require less":                       {[]string{"portal:policies.1.require", ``}, say(staff, "widens", "require")},
		"require more":                       {[]string{"portal:policies.1.require.-1", `{"geo":{"country_code":"PT"}}`}, say(staff, "breaks", "require")},
		"another require":                    {[]string{"portal:policies.1.require.0", `{"geo":{"country_code":"PT"}}`}, say(staff, "widens breaks", "require")},
		"exclude less":                       {[]string{"portal:policies.1.exclude", ``}, append(say(staff, "widens", "exclude"), "access_group [] groups.ex")},
		"exclude more":                       {[]string{"portal:policies.1.exclude.-1", evil}, say(staff, "breaks", "exclude")},
		"exclude more, by what nobody knows": {[]string{"portal:policies.1.exclude.-1", `{"moon_phase":{"full":true}}`}, say(staff, "breaks", "exclude")},
		"deny more":                          {[]string{"portal:policies.0.include.-1", evil}, say("access_policy [breaks] applications.ap.policies[0].include")},
		"deny fewer": {[]string{"portal:policies.0.require", `[{"certificate":{}}]`, "portal:policies.0.exclude", `[{"certificate":{}}]`}, []string{
			"access_policy [widens] applications.ap.policies[0].require", "access_policy [widens] applications.ap.policies[0].exclude"}},
		"unknown selector": {[]string{"docs:policies.0.include.-1", `{"moon_phase":{"full":true}}`}, append(say(open, "widens", "include"), opened)},

		// Groups, by what refers to them.
		"group grows":                {[]string{"group eng:include.-1", `{"email_domain":{"domain":"evil.example"}}`}, say("access_group [widens] groups.eng.include")},
		"group in a group grows":     {[]string{"group sub:include.-1", evil}, say("access_group [widens] groups.sub.include")},
		"group shrinks":              {[]string{"group eng:include.0", ``}, say("access_group [breaks] groups.eng.include")},
		"denied group shrinks":       {[]string{"group con:include", `[{"email":{"email":"one@contractor.example"}}]`}, say("access_group [widens breaks] groups.con.include")},
		"denied group grows":         {[]string{"group con:include.-1", evil}, say("access_group [breaks] groups.con.include")},
		"excluded group is narrowed": {[]string{"group ex:require", `[{"certificate":{}}]`}, say("access_group [widens] groups.ex.require")},
		"excluded group grows":       {[]string{"group ex:include.-1", evil}, say("access_group [breaks] groups.ex.include")},
		"group in both places": {[]string{"docs:policies.0.exclude", `[{"group":{"id":"sub"}}]`, "group sub:include.-1", evil}, []string{
			"access_group [widens breaks] groups.sub.include", fmt.Sprintf(open, "breaks", "exclude")}},
		"group refers to itself": {[]string{"group sub:exclude", `[{"group":{"id":"eng"}}]`}, []string{
			"access_group [widens breaks] groups.sub.exclude",
			opened, `access_open [widens] git reach["server git"].open`}},
		"group's name":    {[]string{"group eng:name", `"All"`}, say("no_effect [] groups.eng.name")},
		"group's unknown": {[]string{"group eng:open_to", `"all"`}, say("unknown_field [widens] groups.eng.open_to")},
		"group gone":      {[]string{"group con", ``}, say("access_group [widens] groups.con")},
		"group referred to": {[]string{"portal:policies.1.exclude.-1", `{"group":{"id":"con2"}}`, "group con2", `{"id":"con2","name":"More","include":[{"email":{"email":"x@y.example"}}]}`}, []string{
			fmt.Sprintf(staff, "breaks", "exclude"), "access_group [] groups.con2"}},

		// Policies that come, go and move.
		"a policy more":             {[]string{"docs:policies.-1", `{"id":"d2","name":"more","decision":"allow","include":[` + evil + `],"require":[{"certificate":{}}]}`}, say("access_policy [widens] docs applications.ad.policies[1]")},
		"a deny more":               {[]string{"docs:policies.-1", `{"id":"d2","name":"more","decision":"deny","include":[` + evil + `]}`}, say("access_policy [breaks] docs applications.ad.policies[1]")},
		"an unknown one more":       {[]string{"docs:policies.-1", `{"id":"d2","name":"more","decision":"perhaps","include":[` + evil + `]}`}, append(say("access_policy [widens breaks] docs applications.ad.policies[1]"), opened, taken)},
		"a policy less":             {[]string{"portal:policies.2", ``}, append(say("access_policy [breaks] applications.ap.policies[2]"), "access_service_tokens [breaks] reach.portal.service_tokens")},
		"a deny less":               {[]string{"portal:policies.0", ``}, append(say("access_policy [widens] applications.ap.policies[0]"), "access_group [] groups.con")},
		"one gone, one there":       {[]string{"docs:policies.0.id", `"d9"`}, []string{"access_policy [widens] docs applications.ad.policies[0]", "access_policy [breaks] docs applications.ad.policies[0]"}},
		"moved before a deny":       {[]string{"portal:policies.1.precedence", `0`}, say("access_policy [widens] applications.ap.policies")},
		"a place that does nothing": {[]string{"portal:policies.2.precedence", `0`}, say("access_policy [] applications.ap.policies")},
		"bypass":                    {[]string{"docs:policies.0.decision", `"bypass"`}, say(open, "widens", "decision")},
		"unknown decision":          {[]string{"docs:policies.0.decision", `"perhaps"`}, append(say(open, "widens", "decision"), opened, taken)},
		"decision to deny":          {[]string{"docs:policies.0.decision", `"deny"`}, say(open, "breaks", "decision")},
		"to deny, and more":         {[]string{"docs:policies.0.decision", `"deny"`, "docs:policies.0.include", `[` + everyone + `]`}, append(say(open, "breaks", "decision"), fmt.Sprintf(open, "breaks", "include"))},
		"no longer Service Auth": {[]string{"portal:policies.2.decision", `"allow"`, "portal:policies.2.include", `[` + everyone + `]`}, []string{
			"access_policy [widens] applications.ap.policies[2].decision", "access_policy [widens breaks] applications.ap.policies[2].include",
			"access_service_tokens [breaks] reach.portal.service_tokens"}},
		"policy's name":             {[]string{"docs:policies.0.name", `"closed"`}, say("no_effect [] docs applications.ad.policies[0].name")},
		"policy without an include": {[]string{"docs:policies.0.include", ``}, append(say(open, "widens", "include"), opened)},

		// What a policy demands.
		"approval not asked":             {[]string{"portal:policies.1.approval_required", `false`}, say(staff, "widens", "approval_required")},
		"isolation asked":                {[]string{"portal:policies.1.isolation_required", `true`}, say(staff, "breaks", "isolation_required")},
		"justification asked":            {[]string{"portal:policies.1.purpose_justification_required", `true`}, say(staff, "breaks", "purpose_justification_required")},
		"other approvers":                {[]string{"portal:policies.1.approval_groups", `[{"approvals_needed":1,"email_addresses":["e@evil.example"]}]`}, say(staff, "widens", "approval_groups")},
		"approvers of nothing":           {[]string{"docs:policies.0.approval_groups", `[{"approvals_needed":1}]`}, say(open, "", "approval_groups")},
		"MFA gone":                       {[]string{"portal:policies.1.mfa_config", ``}, []string{fmt.Sprintf(staff, "widens", "mfa_config.allowed_authenticators"), "unknown_field [widens] applications.ap.policies[1].mfa_config.mfa_required"}},
		"MFA off":                        {[]string{"docs:policies.0.mfa_config", `{"mfa_disabled":true}`}, say(open, "widens", "mfa_config.mfa_disabled")},
		"MFA off, of all":                {[]string{"portal:mfa_config", `{"mfa_disabled":true}`}, say(app, "widens", "mfa_config.mfa_disabled")},
		"weaker MFA":                     {[]string{"portal:policies.1.mfa_config.allowed_authenticators.-1", `"totp"`}, say(staff, "widens", "mfa_config.allowed_authenticators")},
		"stronger MFA":                   {[]string{"portal:policies.1.mfa_config.allowed_authenticators", `["security_key"]`}, say(staff, "breaks", "mfa_config.allowed_authenticators")},
		"any MFA":                        {[]string{"portal:policies.1.mfa_config.allowed_authenticators", `[]`}, say(staff, "widens", "mfa_config.allowed_authenticators")},
		"a shorter session":              {[]string{"portal:policies.1.session_duration", `"30m"`}, say(staff, "breaks", "session_duration")},
		"the application's session":      {[]string{"portal:policies.1.session_duration", ``}, say(staff, "widens", "session_duration")},
		"the same session":               {[]string{"portal:policies.1.session_duration", `"60m"`}, say(staff, "", "session_duration")},
		"the application's, written out": {[]string{"docs:policies.0.session_duration", `"24h"`}, say(open, "", "session_duration")},
		"a session without end":          {[]string{"portal:policies.1.session_duration", `"0s"`}, say(staff, "widens", "session_duration")},

		// Those that fall through to a policy that demands less.
		"an include less, and another policy without approval": {[]string{"portal:policies.-1", `{"id":"p4","precedence":4,"decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}`}, say("access_policy [widens] applications.ap.policies[3]")},

		// Applications.
		"application gone": {[]string{"docs", ``}, []string{"access_application [widens] docs applications.ad"}},
		"destination changed": {[]string{"git:destinations", `[{"type":"via_mcp_server_portal","mcp_server_id":"docs"}]`}, []string{
			"access_application [widens] applications.ag.destinations[0].mcp_server_id",
			"access_application [widens] applications.ag.guards_servers",
		}},
		"one more for a server":                   {[]string{"new1", `{"id":"new1","type":"mcp","name":"New","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"git"}],"policies":[]}`}, say("access_application [widens] git applications.new1")},
		"allowed providers emptied":               {[]string{"portal:allowed_idps", `[]`}, append(say(app, "widens", "allowed_idps"), "access_login_method [] identity_providers.cf")},
		"a provider more":                         {[]string{"portal:allowed_idps.-1", `"hub"`}, append(say(app, "widens", "allowed_idps"), "access_login_method [] identity_providers.hub")},
		"another provider":                        {[]string{"portal:allowed_idps", `["hub"]`}, append(say(app, "widens breaks", "allowed_idps"), "access_login_method [] identity_providers.cf", "access_login_method [] identity_providers.hub")},
		"a provider less":                         {[]string{"portal:allowed_idps", `["okta"]`}, append(say(app, "breaks", "allowed_idps"), "access_login_method [] identity_providers.cf")},
		"providers named":                         {[]string{"docs:allowed_idps", `["okta"]`}, say("access_application [breaks] docs applications.ad.allowed_idps")},
		"login by WARP":                           {[]string{"portal:allow_authenticate_via_warp", `true`}, say(app, "widens", "allow_authenticate_via_warp")},
		"no login by WARP":                        {[]string{"portal:allow_authenticate_via_warp", `false`}, say(app, "breaks", "allow_authenticate_via_warp")},
		"a longer session":                        {[]string{"portal:session_duration", `"720h"`}, say(app, "widens", "session_duration")},
		"a shorter one for all":                   {[]string{"portal:session_duration", `"1h"`}, say(app, "breaks", "session_duration")},
		"a longer token":                          {[]string{"portal:oauth_configuration.grant.access_token_lifetime", ``}, say(app, "widens", "oauth_configuration.grant.access_token_lifetime")},
		"a shorter token":                         {[]string{"portal:oauth_configuration.grant.access_token_lifetime", `"5m"`}, say(app, "breaks", "oauth_configuration.grant.access_token_lifetime")},
		"registration on":                         {[]string{"portal:oauth_configuration.dynamic_client_registration.enabled", ``}, say(app, "widens", "oauth_configuration.dynamic_client_registration.enabled")},
		"any on loopback, while nobody registers": {[]string{"portal:oauth_configuration.dynamic_client_registration.allow_any_on_loopback", `true`}, say(app, "", "oauth_configuration.dynamic_client_registration.allow_any_on_loopback")},
		"OAuth off":                               {[]string{"portal:oauth_configuration.enabled", `false`}, say(app, "breaks", "oauth_configuration.enabled")},
		"OAuth comes":                             {[]string{"docs:oauth_configuration", `{}`}, say("access_application [widens] docs applications.ad.oauth_configuration")},
		"OAuth comes, off":                        {[]string{"docs:oauth_configuration", `{"enabled":false}`}, say("access_application [] docs applications.ad.oauth_configuration.enabled")},
		"type":                                    {[]string{"portal:type", `"self_hosted"`}, say(app, "widens", "type")},
		"preflight":                               {[]string{"portal:options_preflight_bypass", `true`}, say(app, "widens", "options_preflight_bypass")},
		"cookie":                                  {[]string{"portal:http_only_cookie_attribute", `false`}, say(app, "widens", "http_only_cookie_attribute")},
		"stricter cookies": {[]string{"portal:http_only_cookie_attribute", `true`, "portal:same_site_cookie_attribute", `"strict"`, "portal:enable_binding_cookie", `true`}, []string{
			fmt.Sprintf(app, "", "enable_binding_cookie"), fmt.Sprintf(app, "", "http_only_cookie_attribute"), fmt.Sprintf(app, "", "same_site_cookie_attribute")}},
		"what is shown": {[]string{"portal:logo_url", `"x"`, "portal:name", `"Q"`, "portal:custom_deny_message", `"no"`, "portal:app_launcher_visible", `true`, "portal:auto_redirect_to_identity", `true`}, []string{
			fmt.Sprintf(harmless, "app_launcher_visible"), fmt.Sprintf(harmless, "auto_redirect_to_identity"), fmt.Sprintf(harmless, "custom_deny_message"), fmt.Sprintf(harmless, "logo_url"), fmt.Sprintf(harmless, "name")}},
		"unknown field": {[]string{"docs:policies.0.open_to_all", `"yes"`, "docs:weird", `1`}, []string{
			"unknown_field [widens] docs applications.ad.weird", "unknown_field [widens] docs applications.ad.policies[0].open_to_all"}},

		// Login methods.
		"login method of another type": {[]string{"login okta:type", `"github"`}, say("access_login_method [widens] identity_providers.okta.type")},
		"login method gone":            {[]string{"login okta", ``}, say("access_login_method [widens] identity_providers.okta")},
		"login method's name":          {[]string{"login okta:name", `"O"`}, say("no_effect [] identity_providers.okta.name")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := acceptAccess(t, nil)
			portal, objects := editedAccess(t, scene.edits)
			result := compareAccess(t, dir, portal, objects)
			requireSameLines(t, result, scene.want)
			if len(result.Files) > 0 {
				if _, ok := result.Files["access.json"]; !ok {
					t.Errorf("the files are %v", result.Files)
				}
				apply(t, dir, result.Files)
				if again := compareAccess(t, dir, portal, objects); again.Drifted || len(again.Files) > 0 {
					t.Errorf("accepted, it still differs:\n%s", again.Summary)
				}
			}
		})
	}
}

// requireSameLines compares what is said of each change, in any order.
func requireSameLines(t *testing.T, result *baseline.Result, want []string) {
	t.Helper()
	requireLines(t, slices.Sorted(slices.Values(linesOf(result))), slices.Sorted(slices.Values(want)))
}

// acceptAccess makes a working directory in which the access of the scenes, with some
// edits, has been accepted.
func acceptAccess(t *testing.T, edits []string) string {
	t.Helper()
	dir := t.TempDir()
	portal, objects := editedAccess(t, edits)
	for name, file := range compareAccess(t, dir, portal, objects).Files {
		write(t, filepath.Join(dir, "baseline", name), created(file.Patch))
	}
	return dir
}
