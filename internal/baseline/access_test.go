package baseline_test

import (
	"errors"
	"maps"
	"path/filepath"
	"regexp"
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
	"portal": `{"id":"ap","type":"mcp_portal","name":"Portal","domain":"mcp.example.com","session_duration":"24h","allowed_idps":["okta"],"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","tags":["b","a"],
		"oauth_configuration":{"enabled":true,"dynamic_client_registration":{"enabled":false,"allowed_uris":["https://a.example/cb"],"allow_any_on_localhost":false,"allow_any_on_loopback":false},"grant":{"access_token_lifetime":"15m","session_duration":"24h"}},
		"policies":[
			{"id":"p1","name":"no contractors","precedence":1,"decision":"deny","include":[{"group":{"id":"con"}}]},
			{"id":"p2","name":"staff","precedence":2,"decision":"allow","include":[{"email_domain":{"domain":"example.com"}},{"email":{"email":"a@b.example"}}],"require":[{"login_method":{"id":"okta"}}],"exclude":[{"group":{"id":"ex"}}],"session_duration":"1h","approval_required":true,"mfa_config":{"mfa_required":true}},
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
	const everyone = `{"everyone":{}}`
	for name, scene := range map[string]struct {
		edits []string
		want  []string
	}{
		"nothing": {nil, nil},
		"order, times and empty values": {[]string{"portal:updated_at", `"2027-01-01T00:00:00Z"`, "portal:tags", `["a","b"]`, "portal:policies.1.include", `[{"email":{"email":"a@b.example"}},{"email_domain":{"domain":"example.com"}}]`, "portal:policies.1.purpose_justification_prompt", `""`,
			"portal:policies.0.precedence", `10`, "portal:policies.1.precedence", `20`, "portal:policies.2.precedence", `30`, "group eng:created_at", ``}, nil},
		"another application": {[]string{"new1", `{"id":"new1","type":"self_hosted","domain":"other.example.com","policies":[]}`}, nil},

		"everyone": {[]string{"docs:policies.0.include.-1", everyone}, []string{
			`access_rule_more [widens] docs: whoever passes the portal reaches it: the policy open includes everyone, accepted does not`}},
		"everyone, on the portal": {[]string{"portal:policies.1.require", ``, "portal:policies.1.include.-1", everyone, "portal:policies.0", ``}, []string{
			`access_deny_gone [widens] access: anybody reaches the portal: the policy "no contractors" of the application Portal is gone, accepted is: its decision is "deny", it includes group Contractors`,
			`access_rule_more [widens] access: the policy staff of the application Portal includes everyone, accepted does not`,
			`access_rule_more [widens] access: the policy staff of the application Portal does not require login method Okta, accepted does`}},
		"include less": {[]string{"portal:policies.1.include.1", ``}, []string{`access_rule_less [breaks] access: the policy staff of the application Portal does not include e-mail address a@b.example, accepted does`}},
		"require less": {[]string{"portal:policies.1.require", ``}, []string{`access_rule_more [widens] access: the policy staff of the application Portal does not require login method Okta, accepted does`}},
		"require more": {[]string{"portal:policies.1.require.-1", `{"geo":{"country_code":"PT"}}`}, []string{`access_rule_less [breaks] access: the policy staff of the application Portal requires country PT, accepted does not`}},
		"exclude less": {[]string{"portal:policies.1.exclude", ``}, []string{
			`access_rule_more [widens] access: the policy staff of the application Portal does not exclude group Leaving, accepted does`}},
		"deny less": {[]string{"portal:policies.0.include", `[{"email":{"email":"c@example.com"}},{"group":{"id":"con"}}]`, "portal:policies.0.require", `[{"certificate":{}}]`}, []string{
			`access_rule_less [breaks] access: the policy "no contractors" of the application Portal includes e-mail address c@example.com, accepted does not`,
			`access_rule_more [widens] access: the policy "no contractors" of the application Portal requires any valid client certificate, accepted does not`}},
		"unknown selector": {[]string{"git:policies.0.include.-1", `{"moon_phase":{"full":true}}`}, []string{`access_rule_more [widens] git: whoever passes the portal reaches it: the policy engineers includes the unknown selector moon_phase, accepted does not`}},

		"group grows":            {[]string{"group eng:include.-1", `{"email_domain":{"domain":"evil.example"}}`}, []string{`access_rule_more [widens] access: the group Engineers includes e-mail domain evil.example, accepted does not`}},
		"group in a group grows": {[]string{"group sub:include.-1", `{"email":{"email":"e@evil.example"}}`}, []string{`access_rule_more [widens] access: the group Sub includes e-mail address e@evil.example, accepted does not`}},
		"group shrinks":          {[]string{"group eng:include.0", ``}, []string{`access_rule_less [breaks] access: the group Engineers does not include e-mail domain eng.example.com, accepted does`}},
		"denied group shrinks": {[]string{"group con:include", `[{"email":{"email":"one@contractor.example"}}]`}, []string{
			`access_rule_more [widens] access: the group Contractors does not include e-mail domain contractor.example, accepted does`,
			`access_rule_less [breaks] access: the group Contractors includes e-mail address one@contractor.example, accepted does not`}},
		"excluded group is narrowed": {[]string{"group ex:require", `[{"certificate":{}}]`}, []string{`access_rule_more [widens] access: the group Leaving requires any valid client certificate, accepted does not`}},
		"group in both places": {[]string{"docs:policies.0.exclude", `[{"group":{"id":"sub"}}]`, "group sub:include.-1", `{"email":{"email":"e@evil.example"}}`}, []string{
			`access_rule_more [widens] access: the group Sub includes e-mail address e@evil.example, accepted does not`,
			`access_rule_less [breaks] docs: the policy open excludes group Sub, accepted does not`}},
		"group's name": {[]string{"group eng:name", `"All"`}, []string{`access_field [] access: the group All: name is "All", accepted is "Engineers"`}},
		"group gone":   {[]string{"group con", ``}, []string{`access_unknown [widens] access: the group Contractors is null, accepted is {"id":"con","include":[{"email_domain":{"domain":"contractor.example"}}],"name":"Contractors"}`}},

		"a policy more":       {[]string{"docs:policies.-1", `{"id":"d2","name":"more","decision":"allow","include":[{"email":{"email":"e@evil.example"}}],"require":[{"certificate":{}}]}`}, []string{`access_policy_added [widens] docs: the policy more is new: its decision is "allow", it includes e-mail address e@evil.example, it requires any valid client certificate`}},
		"a deny more":         {[]string{"docs:policies.-1", `{"id":"d2","name":"more","decision":"deny","include":[{"email":{"email":"e@evil.example"}}]}`}, []string{`access_deny_added [breaks] docs: the policy more is new: its decision is "deny", it includes e-mail address e@evil.example`}},
		"a policy less":       {[]string{"portal:policies.2", ``}, []string{`access_policy_gone [breaks] access: the policy CI of the application Portal is gone, accepted is: its decision is "non_identity", it includes service token t1`}},
		"moved before a deny": {[]string{"portal:policies.1.precedence", `0`}, []string{`access_policy_moved [widens] access: the policy staff of the application Portal stands before a policy that denies, accepted is after it`}},
		"bypass":              {[]string{"docs:policies.0.decision", `"bypass"`}, []string{`access_decision_more [widens] docs: the policy open: decision is "bypass", accepted is "allow"`}},
		"unknown decision":    {[]string{"docs:policies.0.decision", `"perhaps"`}, []string{`access_decision_more [widens] docs: whoever passes the portal reaches it: the policy open: decision is "perhaps", accepted is "allow"`}},
		"decision to deny":    {[]string{"docs:policies.0.decision", `"deny"`}, []string{`access_decision_less [breaks] docs: the policy open: decision is "deny", accepted is "allow"`}},
		"policy's name":       {[]string{"docs:policies.0.name", `"closed"`}, []string{`access_field [] docs: the policy closed: name is "closed", accepted is "open"`}},

		"application gone": {[]string{"docs", ``}, []string{`access_application_gone [widens] docs: whoever passes the portal reaches it: the application Docs is gone, accepted is that it guards docs`}},
		"destination gone": {[]string{"git:destinations", `[{"type":"via_mcp_server_portal","mcp_server_id":"docs"}]`}, []string{`access_destination [widens] access: whoever passes the portal reaches git: the application Git: destinations is [{"mcp_server_id":"docs","type":"via_mcp_server_portal"}], accepted is [{"mcp_server_id":"git","type":"via_mcp_server_portal"}]`}},
		"one more on the host": {[]string{"new1", `{"id":"new1","type":"self_hosted","name":"New","domain":"mcp.example.com/mcp","policies":[{"id":"n1","decision":"bypass","include":[{"everyone":{}}]}]}`}, []string{
			`access_guard_gone [widens] access: `, `access_application_added [widens] access: `}},
		"one more for a server": {[]string{"new1", `{"id":"new1","type":"mcp","name":"New","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":"git"}],"policies":[]}`}, []string{`access_application_added [widens] git: the application New is new, and guards git`}},

		"allowed providers emptied": {[]string{"portal:allowed_idps", `[]`}, []string{`access_login_more [widens] access: the application Portal: allowed_idps is absent, accepted is ["okta"]`}},
		"a provider more":           {[]string{"portal:allowed_idps.-1", `"github"`}, []string{`access_login_more [widens] access: the application Portal: allowed_idps is ["github","okta"], accepted is ["okta"]`}},
		"providers named":           {[]string{"docs:allowed_idps", `["okta"]`}, []string{`access_login_less [breaks] docs: the application Docs: allowed_idps is ["okta"], accepted is absent`}},
		"login method of another type": {[]string{"login okta:type", `"github"`, "docs:policies.0.include", `[{"login_method":{"id":"okta"}}]`}, []string{
			`access_login_method [widens] access: identity_providers.okta is`, `access_rule_less [breaks] docs: the policy open does not include group Engineers, accepted does`, `access_rule_more [widens] docs: whoever passes the portal reaches it: the policy open includes login method Okta, accepted does not`}},
		"login method gone":     {[]string{"login okta", ``}, []string{`access_unknown [widens] access: `}},
		"approval not asked":    {[]string{"portal:policies.1.approval_required", `false`}, []string{`access_safeguard_gone [widens] access: the policy staff of the application Portal: approval_required is false, accepted is true`}},
		"MFA gone":              {[]string{"portal:policies.1.mfa_config", ``}, []string{`access_safeguard_gone [widens] access: the policy staff of the application Portal: mfa_config is absent, accepted is {"mfa_required":true}`}},
		"MFA asked on a server": {[]string{"docs:policies.0.mfa_config", `{"mfa_required":true}`}, []string{`access_field [] docs: the policy open: mfa_config is {"mfa_required":true}, accepted is absent`}},
		"a longer session":      {[]string{"portal:session_duration", `"720h"`}, []string{`access_longer [widens] access: the application Portal: session_duration is "720h", accepted is "24h"`}},
		"a shorter session":     {[]string{"portal:policies.1.session_duration", `"30m"`}, []string{`access_field [] access: the policy staff of the application Portal: session_duration is "30m", accepted is "1h"`}},
		"a longer token":        {[]string{"portal:oauth_configuration.grant.access_token_lifetime", ``}, []string{`access_longer [widens] access: the application Portal: oauth_configuration.grant.access_token_lifetime is absent, accepted is "15m"`}},
		"registration on":       {[]string{"portal:oauth_configuration.dynamic_client_registration.enabled", ``}, []string{`access_clients_more [widens] access: the application Portal: oauth_configuration.dynamic_client_registration.enabled is absent, accepted is false`}},
		"any on loopback":       {[]string{"portal:oauth_configuration.dynamic_client_registration.allow_any_on_loopback", `true`}, []string{`access_clients_more [widens] access: the application Portal: oauth_configuration.dynamic_client_registration.allow_any_on_loopback is true, accepted is false`}},
		"a URI more":            {[]string{"portal:oauth_configuration.dynamic_client_registration.allowed_uris.-1", `"https://evil.example/cb"`}, []string{`access_clients_more [widens] access: the application Portal: oauth_configuration.dynamic_client_registration.allowed_uris is ["https://a.example/cb","https://evil.example/cb"], accepted is ["https://a.example/cb"]`}},
		"OAuth comes":           {[]string{"docs:oauth_configuration", `{}`}, []string{`access_clients_more [widens] docs: the application Docs: oauth_configuration is {}, accepted is absent`}},
		"unknown boolean":       {[]string{"docs:policies.0.open_to_all", `false`}, []string{`unknown_boolean [widens] docs: the policy open: open_to_all is false, accepted is absent`}},
		"unknown text":          {[]string{"docs:logo_url", `"x"`}, []string{`access_field [] docs: the application Docs: logo_url is "x", accepted is absent`}},

		"service token by a server's policy": {[]string{"docs:policies.-1", `{"id":"d2","name":"CI","decision":"non_identity","include":[{"any_valid_service_token":{}}]}`}, []string{`access_policy_added [widens] docs: the policy CI is new: its decision is "non_identity", it includes any valid service token`}},
		"portal's host": {[]string{"mcp:hostname", `"mcp2.example.com"`}, []string{
			`portal_field [] portal: hostname is "mcp2.example.com", accepted is "mcp.example.com"`,
			`access_application_gone [widens] access: anybody reaches the portal: the application Portal is gone, accepted is that it guards the portal`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, file := range compareAccess(t, dir, portalOfScenes, accessOfScenes).Files {
				write(t, filepath.Join(dir, "baseline", name), created(file.Patch))
			}
			portal, objects := editedAccess(t, scene.edits)
			result := compareAccess(t, dir, portal, objects)
			requireLinesBegin(t, linesOf(result), scene.want)
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

// Each file's report is about all of it, and about nothing else.
func TestAccessReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, file := range compareAccess(t, dir, portalOfScenes, accessOfScenes).Files {
		write(t, filepath.Join(dir, "baseline", name), created(file.Patch))
	}
	portal, objects := editedAccess(t, []string{"docs:policies.0.include.-1", `{"everyone":{}}`, "git:policies.0.include.-1", `{"everyone":{}}`, "mcp:" + docs + "name", `"D"`, "mcp:" + git + "description", `"G"`})
	result := compareAccess(t, dir, portal, objects)
	for name, want := range map[string]struct {
		effects []baseline.Effect
		lines   int
	}{"access.json": {[]baseline.Effect{baseline.Widens}, 2}, "servers/docs.json": {nil, 1}, "servers/git.json": {[]baseline.Effect{baseline.Steers}, 1}} {
		file := result.Files[name]
		if n := strings.Count(file.Report, ", accepted "); !slices.Equal(file.Effects, want.effects) || n != want.lines {
			t.Errorf("%s: effects %s, %d lines:\n%s", name, file.Effects, n, file.Report)
		}
	}
}

// Whatever somebody takes out of access.json is a change, or an error: never nothing,
// and never a panic.
func TestEveryLineOfAccessIsSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, file := range compareAccess(t, dir, portalOfScenes, accessOfScenes).Files {
		write(t, filepath.Join(dir, "baseline", name), created(file.Patch))
	}
	access, portal := accessOf(t, portalOfScenes, accessOfScenes), decode(t, portalOfScenes)
	file := filepath.Join(dir, "baseline", "access.json")
	lines := slices.Collect(strings.Lines(read(t, file)))
	edits := []string{`{"format":"mcp-portal-baseline/1","portal_id":"p"}`, `{"format":"mcp-portal-baseline/1","portal_id":"p","access":{}}`}
	for i := range lines {
		without := strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
		// The last member of an object leaves a comma behind.
		edits = append(edits, without, regexp.MustCompile(`,(\s*[}\]])`).ReplaceAllString(without, "$1"))
	}
	for i, edit := range edits {
		write(t, file, edit)
		folder, err := baseline.ReadFolder(t.Context(), dir, "baseline", true)
		if err != nil {
			t.Fatal(err)
		}
		result, err := baseline.Compare(t.Context(), portal, folder, baseline.Options{Access: access})
		if _, unusable := errors.AsType[*baseline.FolderError](err); unusable {
			continue
		}
		if err != nil || !result.Drifted {
			t.Errorf("edit %d is not seen: %v\n%s", i, err, edit)
		}
	}
}

// Changes from what is not the access of the scenes.
func TestAccessScenesFromOthers(t *testing.T) {
	t.Parallel()
	for name, scene := range map[string]struct{ before, after, want []string }{
		"guarded for the first time": {[]string{"docs", ``}, []string{"docs", accessOfScenes["docs"]}, []string{`access_application_first [] docs: the application Docs is new, and guards docs`}},
		"moved behind a deny": {[]string{"portal:policies.1.precedence", `0`}, []string{"portal:policies.1.precedence", `2`}, []string{
			`access_policy_moved_back [breaks] access: the policy staff of the application Portal stands after a policy that denies, accepted is before it`}},
		"a login method that anybody has": {[]string{"docs:policies.0.include", `[{"login_method":{"id":"okta"}}]`}, []string{"login okta:type", `"github"`}, []string{
			`access_login_method [widens] access: identity_providers.okta is`,
			`access_open [widens] docs: whoever passes the portal reaches it: anybody`}},
		"a service token in a group": {[]string{"docs:policies.0.decision", `"non_identity"`}, []string{"group eng:include.-1", `{"service_token":{"token_id":"t1"}}`}, []string{
			`access_rule_more [widens] access: the group Engineers includes service token t1, accepted does not`,
			`access_service_tokens [widens] docs: a service token reaches it, accepted is that none does: `}},
		"each user logs in": {[]string{"docs:policies.0.include", `[{"service_token":{"token_id":"t1"}}]`, "docs:policies.0.decision", `"non_identity"`}, []string{"mcp:" + docs + "on_behalf", `true`}, []string{
			`server_field [] docs: on_behalf is true, accepted is false`,
			`access_reach [] docs: reach["server docs"].service_tokens is false, accepted is true`}},
		"one login for all": {[]string{"docs:policies.0.include", `[{"service_token":{"token_id":"t1"}}]`, "docs:policies.0.decision", `"non_identity"`, "mcp:" + docs + "on_behalf", `true`}, []string{"mcp:" + docs + "on_behalf", `false`}, []string{
			`server_on_behalf [widens] docs: on_behalf is false, accepted is true`,
			`access_service_tokens [widens] docs: a service token reaches it, accepted is that none does: service token t1 (policy open)`}},
		"denies in another order": {[]string{"docs:policies", `[{"id":"1","decision":"deny","include":[{"everyone":{}}]},{"id":"2","decision":"deny","include":[{"everyone":{}}],"name":"x"}]`},
			[]string{"docs:policies", `[{"id":"2","decision":"deny","include":[{"everyone":{}}],"name":"x"},{"id":"1","decision":"deny","include":[{"everyone":{}}]}]`}, []string{
				`access_field [] access: access.applications.ad.policies[0]`, `access_field [] access: access.applications.ad.policies[0]`, `access_field [] access: access.applications.ad.policies[1]`, `access_field [] access: access.applications.ad.policies[1]`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal, objects := editedAccess(t, scene.before)
			dir := t.TempDir()
			for name, file := range compareAccess(t, dir, portal, objects).Files {
				write(t, filepath.Join(dir, "baseline", name), created(file.Patch))
			}
			portal, objects = editedAccess(t, append(slices.Clone(scene.before), scene.after...))
			requireLinesBegin(t, linesOf(compareAccess(t, dir, portal, objects)), scene.want)
		})
	}
}

// requireLinesBegin is requireLines, for which the beginning of a line is enough.
func requireLinesBegin(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
