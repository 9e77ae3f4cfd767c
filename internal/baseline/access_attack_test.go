package baseline_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Changes from what is not the access of the scenes.
func TestAccessScenesFromOthers(t *testing.T) {
	t.Parallel()
	const (
		strict   = `{"id":"1","name":"admins","decision":"allow","include":[{"email":{"email":"a@x.example"}},{"email":{"email":"b@x.example"}}],"approval_required":true}`
		loose    = `{"id":"2","name":"all","decision":"allow","include":[{"email_domain":{"domain":"x.example"}}]}`
		less     = `{"id":"1","name":"admins","decision":"allow","include":[{"email":{"email":"a@x.example"}}],"approval_required":true}`
		deny1    = `{"id":"1","decision":"deny","include":[{"everyone":{}}]}`
		deny2    = `{"id":"2","decision":"deny","include":[{"everyone":{}}],"name":"x"}`
		noTokens = "access_service_tokens [breaks] docs reach[\"server docs\"].service_tokens"
		guest    = `{"id":"3","name":"guests","decision":"%s","include":[{"ip":{"ip":"192.0.2.0/24"}}]}`
	)
	bypass, unknown := fmt.Sprintf(guest, "bypass"), fmt.Sprintf(guest, "maybe")
	policies := func(all ...string) []string { return []string{"docs:policies", "[" + strings.Join(all, ",") + "]"} }
	for name, scene := range map[string]struct{ before, after, want []string }{
		"guarded for the first time": {[]string{"docs", ``}, []string{"docs", accessOfScenes["docs"]}, []string{"access_application [widens] docs applications.ad"}},
		"guarded for the first time, open": {[]string{"docs", ``}, []string{"docs", edited(t, accessOfScenes["docs"], "policies.0.include", `[{"everyone":{}}]`)}, []string{
			`access_open [widens] docs reach["server docs"].open`, "access_application [widens] docs applications.ad"}},
		"an include less, and they fall through": {policies(strict, loose), policies(less, loose), []string{"access_policy [widens breaks] docs applications.ad.policies[0].include"}},
		"gone, and they fall through":            {policies(strict, loose), policies(loose), []string{"access_policy [widens breaks] docs applications.ad.policies[0]"}},
		"an excluded group grows, and they fall through": {policies(strings.Replace(strict, `"approval`, `"exclude":[{"group":{"id":"ex"}}],"approval`, 1), loose), []string{"group ex:include.-1", `{"email":{"email":"b@x.example"}}`}, []string{
			"access_group [widens breaks] groups.ex.include"}},
		"an include less, and what is later denies": {policies(strict, deny2), policies(less, deny2), []string{"access_policy [breaks] docs applications.ad.policies[0].include"}},
		"an include less, and what is later demands more": {policies(loose, strict), policies(strings.Replace(loose, "email_domain\":{\"domain\":\"x.example\"}", "email\":{\"email\":\"c@x.example\"}", 1), strict), []string{
			"access_policy [widens breaks] docs applications.ad.policies[0].include"}},
		"one passes another that demands more": {policies(strict, loose), policies(loose, strict), []string{"access_policy [widens] docs applications.ad.policies"}},
		"one passes another that demands less": {policies(loose, strict), policies(strict, loose), []string{"access_policy [] docs applications.ad.policies"}},
		"denies in another order":              {policies(deny1, deny2), policies(deny2, deny1), []string{"access_policy [] docs applications.ad.policies"}},
		"moved behind a deny":                  {policies(loose, deny1), policies(deny1, loose), []string{"access_policy [breaks] docs applications.ad.policies"}},
		"moved before a deny":                  {policies(deny1, loose), policies(loose, deny1), []string{"access_policy [widens] docs applications.ad.policies"}},
		"a bypass moved":                       {policies(bypass, deny1, loose), policies(deny1, loose, bypass), []string{"access_policy [] docs applications.ad.policies"}},
		"an unknown one moved":                 {policies(unknown, deny1), policies(deny1, unknown), []string{"access_policy [widens] docs applications.ad.policies"}},
		"no longer bypassed":                   {policies(bypass), policies(fmt.Sprintf(guest, "non_identity")), []string{"access_policy [] docs applications.ad.policies[0].decision"}},
		"bypass to allow":                      {policies(bypass), policies(fmt.Sprintf(guest, "allow")), []string{"access_policy [widens] docs applications.ad.policies[0].decision", noTokens}},
		"an unknown one gone":                  {policies(unknown, deny1), policies(deny1), []string{`access_open [breaks] docs reach["server docs"].open`, "access_policy [widens breaks] docs applications.ad.policies[0]", noTokens}},
		"two that have one id change places": {policies(loose, strings.Replace(deny1, `"1"`, `"2"`, 1)), policies(strings.Replace(deny1, `"1"`, `"2"`, 1), loose), []string{
			"access_policy [breaks] docs applications.ad.policies[0].decision", "access_policy [breaks] docs applications.ad.policies[0].include", "no_effect [] docs applications.ad.policies[0].name",
			"access_policy [widens] docs applications.ad.policies[1].decision", "access_policy [widens breaks] docs applications.ad.policies[1].include", "no_effect [] docs applications.ad.policies[1].name"}},
		"a login method that anybody has": {[]string{"docs:policies.0.include", `[{"login_method":{"id":"okta"}}]`}, []string{"login okta:type", `"github"`}, []string{
			"access_login_method [widens] identity_providers.okta.type", `access_open [widens] docs reach["server docs"].open`}},
		"members only, and then not": {nil, []string{"login cf:config.restrict_to_account_members", `false`}, []string{"access_login_method [widens] identity_providers.cf.config.restrict_to_account_members"}},
		"members only":               {[]string{"login cf:config", `{}`}, []string{"login cf:config", `{"restrict_to_account_members":true}`}, []string{"access_login_method [breaks] identity_providers.cf.config.restrict_to_account_members"}},
		"another tenant":             {[]string{"login okta:config", `{"okta_account":"https://a.okta.example"}`}, []string{"login okta:config", `{"okta_account":"https://evil.okta.example"}`}, []string{"unknown_field [widens] identity_providers.okta.config.okta_account"}},
		"a service token in a group": {[]string{"docs:policies.0.decision", `"non_identity"`, "portal:policies.2.include", `[{"any_valid_service_token":{}}]`}, []string{"group eng:include.-1", `{"service_token":{"token_id":"t1"}}`}, []string{
			"access_group [widens] groups.eng.include", `access_service_tokens [widens] docs reach["server docs"].service_tokens`}},
		"one login for all": {[]string{"docs:policies.0.include", `[{"service_token":{"token_id":"t1"}}]`, "docs:policies.0.decision", `"non_identity"`, "mcp:" + docs + "on_behalf", `true`}, []string{"mcp:" + docs + "on_behalf", `false`}, []string{
			"server_on_behalf [widens] docs server.on_behalf", `access_service_tokens [widens] docs reach["server docs"].service_tokens`}},
		"a server gone, and its application": {nil, []string{"mcp:servers.1", ``, "docs", ``}, []string{
			"server_removed [breaks] docs", "access_application [] docs applications.ad", `access_open [] docs reach["server docs"]`}},
		"a server that is no longer guarded by one of two": {[]string{"git:destinations.-1", `{"type":"via_mcp_server_portal","mcp_server_id":"docs"}`}, []string{"git:destinations.1", ``}, []string{
			"access_application [widens] applications.ag.destinations", "access_application [widens] applications.ag.guards_servers"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := acceptAccess(t, scene.before)
			portal, objects := editedAccess(t, append(slices.Clone(scene.before), scene.after...))
			requireSameLines(t, compareAccess(t, dir, portal, objects), scene.want)
		})
	}
}

// Whatever somebody takes out of access.json is a change, or an error: never nothing,
// and never a panic.
func TestEveryLineOfAccessIsSeen(t *testing.T) {
	t.Parallel()
	dir := acceptAccess(t, nil)
	access, portal := accessOf(t, portalOfScenes, accessOfScenes), decode(t, portalOfScenes)
	file := filepath.Join(dir, "baseline", "access.json")
	lines := slices.Collect(strings.Lines(read(t, file)))
	head := `{"format":"mcp-portal-baseline/1","portal_id":"p"`
	edits := []string{head + `}`, head + `,"access":{}}`, head + `,"access":{"reach":7,"groups":null,"applications":[]}}`, head + `,"access":{"applications":{"ap":null,"ad":{"policies":{"a":1}},"ag":{"policies":[null,7,{"id":7}]}},"groups":{"eng":[],"sub":"x"},"identity_providers":{"okta":1},"reach":{"portal":null}}}`}
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
		if err != nil || !result.Drifted || result.Summary == "" || result.Report == "" {
			t.Errorf("edit %d is not seen: %v\n%s", i, err, edit)
		}
	}
}

// What stands in access.json under another name than it has now is known again.
func TestAccessSays(t *testing.T) {
	t.Parallel()
	dir := acceptAccess(t, nil)
	portal, objects := editedAccess(t, []string{
		"docs:policies.0.include", `[{"email":{"email":"z@evil.example"}},` + numbered(20_000, func(i int) string { return fmt.Sprintf(`{"email":{"email":"%d@x.example"}}`, i) }) + `,{"everyone":{}}]`,
		"portal:session_duration", `"720h"`, "portal:policies.1.session_duration", ``, "portal:policies.1.approval_required", `false`,
		"portal:policies.-1", `{"id":"p4","name":"@all [x](https://evil.example) <b>","precedence":7,"decision":"allow","include":[{"email_domain":{"domain":"evil.example"}},{"everyone":{}}],"require":[{"geo":{"country_code":"PT"}}],"isolation_required":true}`,
		"git", ``, "group con:name", `"Cons"`, "docs:name", `"D` + "\u202e\u200b" + `\n! access: fine"`,
	})
	result := compareAccess(t, dir, portal, objects)
	for _, want := range []string{
		"\n! access: application Portal: session_duration: \"24h\" -> \"720h\"\n",
		"\n! access: policy staff of Portal: approval_required: true -> false\n",
		"\n! access: policy staff of Portal: session_duration: \"1h\" -> \"720h\"\n",
		"\n! access: docs is open to whoever passes the portal:",
		"include: added everyone,", "added e-mail", "500@x.example",
		"\"allow\", include everyone, include", "isolation_required true",
		"\n! access: gone: application Git: guards git: policy engineers (\"allow\",\n    include group Engineers)\n    nothing guards git now\n",
		"\n  access: group Cons: name: \"Contractors\" -> \"Cons\"\n",
		`\u202e\u200b`,
	} {
		flat := strings.Join(strings.Fields(result.Summary), " ")
		if !strings.Contains(result.Summary, want) && (strings.Contains(want, "\n") || !strings.Contains(flat, want)) {
			t.Errorf("not in the summary: %q", want)
		}
	}
	for name, text := range map[string]string{"summary": result.Summary, "report": result.Report} {
		if strings.ContainsAny(text, "\u202e\u200b") || strings.Contains(text, "\n! access: fine") {
			t.Errorf("the %s shows what is hidden", name)
		}
	}
	outside := regexp.MustCompile("`[^`]*`").ReplaceAllString(result.Report, "")
	for _, bad := range []string{"@all", "[x]", "<b>", "evil.example"} {
		if strings.Contains(outside, bad) {
			t.Errorf("%q stands in the report outside of code", bad)
		}
	}
	for _, c := range result.Changes {
		if strings.ContainsAny(c.Text, "\n\u202e\u200b") {
			t.Errorf("not one visible line: %q", c.Text)
		}
	}
	if title := result.Files["access.json"].Title; len(title) > 72 || !strings.HasPrefix(title, "access: ") {
		t.Errorf("the title is %q", title)
	}
}

// decodeAccess returns access as the client would, of objects that it does not look at.
func decodeAccess(t *testing.T, applications []string, groups map[string]string) *cloudflare.Access {
	t.Helper()
	a := &cloudflare.Access{Groups: map[string]*cloudflare.Group{}, IdentityProviders: map[string]*cloudflare.IdentityProvider{}, Reach: []cloudflare.Reach{{Guarded: true}}}
	for _, text := range applications {
		one := cloudflare.GuardingApplication{Portal: true}
		if err := wirejson.NewDecoder(t.Context(), []byte(text)).Decode(&one.Application); err != nil {
			t.Fatal(err)
		}
		a.Applications = append(a.Applications, one)
	}
	for id, text := range groups {
		a.Groups[id] = new(cloudflare.Group)
		if err := wirejson.NewDecoder(t.Context(), []byte(text)).Decode(a.Groups[id]); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// An insider, too, does not decide how long it takes, or how much memory.
func TestAccessIsBounded(t *testing.T) { //nolint:paralleltest // what others allocate would be counted
	const size = 1 << 20
	policy := func(i int, rest string) string {
		return fmt.Sprintf(`{"id":"p%d","decision":"allow","include":[{"email":{"email":"%d@x.example"}}]%s}`, i, i, rest)
	}
	application := func(rest string) []string { return []string{`{"id":"a","name":"A",` + rest + `}`} }
	policies := func(n int, one func(i int) string) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = one(i)
		}
		return application(`"policies":[` + strings.Join(all, ",") + `]`)
	}
	rules := func(format string) []string {
		return policies(1, func(int) string {
			return `{"id":"p","decision":"allow","include":[` + numbered(size, func(i int) string { return fmt.Sprintf(format, i) }) + `]}`
		})
	}
	groups := func(email string) map[string]string {
		all := map[string]string{}
		for i := range 7_000 {
			all[fmt.Sprint(i)] = fmt.Sprintf(`{"id":"%d","include":[{"group":{"id":"%d"}},{"email":{"email":"%s"}}]}`, i, i+1, email)
		}
		return all
	}
	referring := policies(1, func(int) string { return `{"id":"p","decision":"allow","include":[{"group":{"id":"0"}}]}` })
	type side struct {
		applications []string
		groups       map[string]string
	}
	for name, sides := range map[string][2]side{
		"2,000 policies reversed": {{policies(2000, func(i int) string { return policy(i, "") }), nil}, {policies(2000, func(i int) string { return policy(2000-i, "") }), nil}},
		"2,000 that demand each something else": {
			{policies(2000, func(i int) string { return policy(i, fmt.Sprintf(`,"session_duration":"%dm"`, i+1)) }), nil},
			{policies(2000, func(i int) string { return policy(2000-i, fmt.Sprintf(`,"session_duration":"%dm"`, i+1)) }), nil},
		},
		"small policies": {{policies(size/160, func(i int) string {
			return fmt.Sprintf(`{"id":"%d","name":"A policy of which nothing else is known to anybody"}`, i)
		}), nil}, {policies(size/160, func(i int) string {
			return fmt.Sprintf(`{"id":"%d","name":"A policy of which nothing else is known to anybody"}`, -i)
		}), nil}},
		"policies changed": {{policies(size/300, func(i int) string { return policy(i, "") }), nil}, {policies(size/300, func(i int) string { return policy(i, `,"approval_required":true`) }), nil}},
		"rules":            {{rules(`{"email":{"email":"%d@x.example"}}`), nil}, {rules(`{"email":{"email":"%d@y.example"}}`), nil}},
		"one rule":         {{application(`"policies":[]`), nil}, {policies(1, func(int) string { return policy(0, `,"exclude":[{"email":{"email":"`+strings.Repeat("x", size)+`"}}]`) }), nil}},
		"a field that nobody knows": {
			{application(`"policies":[],"x":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"%d":"some text to be read"`, i) }) + `}`), nil},
			{application(`"policies":[],"x":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"%d":"some text to be told"`, i) }) + `}`), nil},
		},
		"groups in a chain": {{referring, groups("a@x.example")}, {referring, groups("b@x.example")}},
		"applications": {{nil, nil}, {slices.Collect(func(yield func(string) bool) {
			for i := range size / 100 {
				if !yield(fmt.Sprintf(`{"id":"%d","name":"An application among many others","policies":[]}`, i)) {
					return
				}
			}
		}), nil}},
	} {
		portal := decode(t, portalOfScenes)
		dir := t.TempDir()
		run := func(s side) *baseline.Result {
			folder, err := baseline.ReadFolder(t.Context(), dir, "baseline", true)
			if err != nil {
				t.Fatal(err)
			}
			result, err := baseline.Compare(t.Context(), portal, folder, baseline.Options{Access: decodeAccess(t, s.applications, s.groups)})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		for file, content := range maps.All(run(sides[0]).Files) {
			write(t, filepath.Join(dir, "baseline", file), created(content.Patch))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		result := run(sides[1])
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d changes, %v, %d MiB allocated", name, len(result.Changes), took.Round(time.Millisecond), allocated)
		if len(result.Changes) > 5000 || !slices.Contains(result.Effects, baseline.Widens) && name != "policies changed" || allocated > 500 {
			t.Errorf("%s: %d changes, effects %v, %d MiB allocated", name, len(result.Changes), result.Effects, allocated)
		}
	}
}
