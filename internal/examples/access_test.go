package examples

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// Rules of policies that the tests put together.
const (
	anybody  = `{"everyone":{}}`
	staff    = `{"email_domain":{"domain":"example.com"}}`
	token    = `{"service_token":{"token_id":"t1"}}`
	managed  = `{"device_posture":{"integration_uid":"managed"}}`
	evilRule = `{"email":{"email":"` + evil + `"}}`
)

// policy returns a policy with that name and one rule to include, and rules to require.
func policy(name, decision, include string, require ...string) string {
	return fmt.Sprintf(`{"id":"id","name":"%s","decision":%q,"include":[%s],"require":[%s]}`, name, decision, include, strings.Join(require, ","))
}

// guardsPortal puts an Access application with these policies before the portal
// p.example.com; guardsServers before servers of it.
func (e *example) guardsPortal(policies ...string) {
	e.api.AccessApp("zz-portal").Put(fmt.Appendf(nil, `{"id":"zz-portal","type":"mcp_portal","domain":"p.example.com","policies":[%s]}`, strings.Join(policies, ",")))
}

func (e *example) guardsServers(application string, servers []string, policies ...string) {
	var destinations []string
	for _, id := range servers {
		destinations = append(destinations, fmt.Sprintf(`{"type":"via_mcp_server_portal","mcp_server_id":%q}`, id))
	}
	e.api.AccessApp(application).Put(fmt.Appendf(nil, `{"id":%q,"type":"mcp","destinations":[%s],"policies":[%s]}`,
		application, strings.Join(destinations, ","), strings.Join(policies, ",")))
}

func TestAccessReach(t *testing.T) {
	t.Parallel()
	e := initialised(t, "access/reach", "portal_id="+engineering)
	e.run("plan").exits(1).omits("Anybody reaches", "github").says(
		"No Access application guards these of portal engineering: - figma",
		"Service tokens reach these through portal engineering: - docs: service token fa4e0005-0000-4000-8000-000000000001 (policy CI);", "- figma: anybody who passes the portal", "- the portal: service token")
	e.run("plan", `-var=allowed_unguarded=["figma"]`, `-var=allowed_service_tokens=["docs"]`).exits(1).
		omits("No Access application guards these", "- docs: ").says("- figma: anybody who passes the portal", "- the portal: service token")

	// With all that is so accepted, nothing is said; what is accepted and not so is.
	accepted := []string{`-var=allowed_unguarded=["figma"]`, `-var=allowed_service_tokens=["docs","figma","the portal"]`}
	e.run("plan", accepted...).exits(0).omits("Warning").says(`+ "github: group Engineers, only with login method Okta of type okta (policy Engineers); people log in only by Okta of type okta"`)
	e.run("plan", append(accepted, `-var=allowed_everyone=["docs"]`)...).exits(0).says(
		"Accepted, but no longer so, or not there; take them out: - allowed_everyone: docs")

	// A gate of the server alone lets nobody in who doesn't pass the portal.
	e.api.AccessApp(portalapi.AccessAppIDGitHub).Set("policies", "["+policy("for all", "allow", anybody)+"]")
	e.run("plan", accepted...).exits(0).omits("Warning", "github: anybody").says(`github: everyone (policy \"for all\"); people log in only by Okta of type okta`)
	e.api.AccessApp(portalapi.AccessAppIDGitHub).Remove("allowed_idps")
	e.run("plan", accepted...).exits(0).omits("Warning").says(`github: anybody, by everyone (policy \"for all\")`)
	e.api.AccessApp(portalapi.AccessAppIDPortal).Set("policies", "["+policy("for all", "allow", anybody)+"]").Set("allowed_idps", "[]")
	e.run("plan", accepted...).exits(1).omits("- docs", "- jira").says(
		`Anybody reaches these through portal engineering, as far as can be told: - figma: anybody who passes the portal`, `- github: anybody, by everyone (policy "for all")`, `- the portal: anybody, by everyone (policy "for all")`,
		"allowed_service_tokens: docs - allowed_service_tokens: figma - allowed_service_tokens: the portal")
	e.run("plan", append(accepted, `-var=allowed_everyone=["figma","github","the portal"]`)...).exits(0)

	// So does what can't be told.
	for _, policies := range []string{
		policy("new", "step_up", staff),
		policy("new", "allow", `{"moon_phase":{"phase":"full"}}`),
		policy("new", "allow", `{"group":{"id":"gone"}}`),
		policy("new", "allow", `{"login_method":{"id":"gone"}}`),
		`{"id":"1","name":"new","decision":"allow"}`,
	} {
		e.api.AccessApp(portalapi.AccessAppIDPortal).Set("policies", "["+policies+"]")
		e.run("plan", accepted...).exits(1).says("- the portal: anybody, as far as can be told: ", "- github: anybody")
	}
	e.api.AccessApp(portalapi.AccessAppIDPortal).Delete()
	e.run("plan", accepted...).exits(1).says("No Access application guards these of portal engineering: - the portal", "- the portal: anybody: no Access application guards the portal")

	setOdd(t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(1).says("- bare", "- server-id-only", "- the portal").omits("Invalid", "Unsupported", "must not be null", "Duplicate")
}

// A terminal and a reader get no more of a policy's name and its rules than that they
// are odd.
func TestAccessShowsNamesThatDeceive(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"access/reach":             `- a: anybody, by everyone (policy "evil\u001b[2Kfine\n\u202e\u009bx"); e-mail address "evil\u001b[2Kfine\n\u202e\u009bx"`,
		"access/destructive-tools": `- the portal: "` + evilSeen + `", "` + evilSeen + `" - a: "` + evilSeen + `"`,
		"who-can-do-what":          `anybody, by everyone (policy "evil\u001b[2Kfine\n\u202e\u009bx")`,
		"account-audit":            `- p: a: anybody, by everyone (policy "evil\u001b[2Kfine\n\u202e\u009bx")`,
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			e := initialised(t, folder, "portal_id=p", "required="+`{device_posture={integration_uid="managed"}}`, "watch_access=true")
			for _, id := range []string{engineering, "ugly", "synced-never", "minimal", "empty", "my-mcp-portal"} {
				e.api.Portal(id).Delete()
			}
			e.api.Portal("p").Put([]byte(`{"id":"p","hostname":"p.example.com","servers":[{"id":"a","tools":[` + evilTool + `]}]}`))
			bad := []string{policy(evil, "allow", evilRule, anybody), policy(evil, "allow", anybody)}
			e.guardsPortal(bad...)
			e.guardsServers("zz-a", []string{"a"}, bad...)
			r := e.run("plan").says(want)
			if i := strings.IndexFunc(r.printed, unprintable); i >= 0 {
				t.Errorf("prints %+.40q", r.printed[i:])
			}
		})
	}
}

func TestAccessDestructiveTools(t *testing.T) {
	t.Parallel()
	e := initialised(t, "access/destructive-tools", "portal_id=p", `required={device_posture={integration_uid="managed"}}`)
	e.api.Portal("p").Put([]byte(`{"id":"p","hostname":"p.example.com","servers":[
		{"id":"a","tools":[
			{"name":"destroys","annotations":{"destructiveHint":true}},
			{"name":"says_nothing"},
			{"name":"writes","annotations":{"readOnlyHint":false}},
			{"name":"says_both","annotations":{"destructiveHint":true,"readOnlyHint":true}},
			{"name":"adds","annotations":{"destructiveHint":false}},
			{"name":"reads","annotations":{"readOnlyHint":true}},
			{"name":"off"}],"updated_tools":[{"name":"off","enabled":false}]},
		{"id":"b","tools":[{"name":"reads","annotations":{"readOnlyHint":true}}]}]}`))
	a := []string{"a"}
	plain, asks := policy("Staff", "allow", staff), policy("Managed", "allow", staff, anybody, managed)
	e.guardsServers("zz-b", []string{"b"}, plain)
	const unwanted = `has passed {"device_posture":{"integration_uid":"managed"}}: - a: "destroys" - a: "says_both" - a: "says_nothing" - a: "writes" Policies that don't ask for it: `

	for name, test := range map[string]struct {
		portal, server []string
		want           string // which policies don't ask for it; "" if all of one do
	}{
		"neither":            {[]string{plain}, []string{plain}, `- the portal: "Staff" - a: "Staff"`},
		"the portal":         {[]string{asks}, []string{plain}, ""},
		"the server":         {[]string{plain}, []string{asks}, ""},
		"half of each":       {[]string{asks, plain}, []string{plain, asks}, `- the portal: "Staff" - a: "Staff"`},
		"by what it admits":  {[]string{plain}, []string{policy("Managed", "allow", managed+","+managed)}, ""},
		"or else":            {[]string{plain}, []string{policy("Either", "allow", managed+","+staff)}, `- the portal: "Staff" - a: "Either"`},
		"or what is no rule": {[]string{plain}, []string{policy("Either", "allow", managed+",{}")}, `- the portal: "Staff" - a: "Either"`},
		"or nobody knows":    {[]string{plain}, []string{`{"id":"7","decision":"allow"}`}, `- the portal: "Staff" - a: "7"`},
		"a denial":           {[]string{policy("No", "deny", anybody), asks}, []string{plain}, ""},
		"an exclusion":       {[]string{plain}, []string{`{"name":"Not","decision":"allow","include":[` + staff + `],"exclude":[` + managed + `]}`}, `- the portal: "Staff" - a: "Not"`},
		"a token":            {[]string{asks, policy("CI", "non_identity", token)}, []string{plain}, `- the portal: "CI" - a: "Staff"`},
		"a bypass":           {[]string{asks, policy("Past", "bypass", token)}, []string{plain}, `- the portal: "Past" - a: "Staff"`},
		"a new decision":     {[]string{asks, policy("New", "step_up", token)}, []string{plain}, `- the portal: "New" - a: "Staff"`},
		"another check":      {[]string{plain}, []string{policy("Other", "allow", staff, `{"device_posture":{"integration_uid":"other"}}`)}, `- a: "Other"`},
		"of another form":    {[]string{plain}, []string{policy("Other", "allow", staff, `{"device_posture":{"integration_uid":"managed","not":true}}`)}, `- a: "Other"`},
		"another selector":   {[]string{plain}, []string{policy("Other", "allow", staff, `{"group":{"integration_uid":"managed"}}`)}, `- a: "Other"`},
		"nobody":             {[]string{plain}, nil, ""},
	} {
		e.guardsPortal(test.portal...)
		e.guardsServers("zz-a", a, test.server...)
		r := e.run("plan")
		if test.want == "" {
			r.exits(0).omits("Warning").says("+ a = 4")
		} else {
			r.exits(1).says(unwanted, test.want).omits(`"adds"`, `"reads"`, `"off"`, "- b")
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}

	// Each of several applications counts; one of which the API does not tell the
	// policies, and none at all, keep nobody out.
	e.guardsPortal(plain)
	e.guardsServers("zz-a", a, asks)
	e.run("plan").exits(0)
	e.guardsServers("zz-c", a, plain)
	e.run("plan").exits(1).says(unwanted, `- a: "Staff"`)
	e.api.AccessApp("zz-c").Delete()
	e.api.AccessApp("zz-a").Set("policies", "null")
	e.api.FailAlways(portalapi.APIError(http.StatusNotFound, portalapi.Error{Code: 7002, Message: "Not Found"}).On("/policies"))
	e.run("plan").exits(1).says(unwanted, `- a: "(policies that the API did not tell)"`)
	e.api.AccessApp("zz-a").Delete()
	e.run("plan").exits(1).says(unwanted, "- a: no Access application guards it")
	accepted := `-var=allowed={"a":["destroys","says_both","says_nothing","writes"]}`
	e.run("plan", accepted).exits(0).omits("Warning")
	e.guardsPortal(asks)
	e.run("plan", accepted).exits(0).says("take them out of allowed: - a: \"destroys\"")

	// A server whose tools are not known may have any, unless that makes no difference.
	e.api.Portal("p").Server("b").Remove("tools")
	e.run("plan").exits(0)
	e.guardsPortal(plain)
	e.guardsServers("zz-a", a, asks)
	e.run("plan").exits(1).says("whose tools are not known, so no rule can be checked for them: - b").omits("- a", "can destroy something")
	e.run("plan", `-var=allowed_unknown=["b"]`).exits(0).omits("Warning")
	e.guardsServers("zz-b", []string{"b"}, asks)
	e.run("plan").exits(0)

	// A rule of any selector, whose identity provider counts.
	e.api.Portal("p").Server("b").Delete()
	e.guardsServers("zz-a", a, policy("SRE", "allow", staff, `{"okta":{"name":"sre","identity_provider_id":"1"}}`))
	e.run("plan", `-var=required={okta={identity_provider_id="1",name="sre"}}`).exits(0)
	e.run("plan", `-var=required={okta={identity_provider_id="2",name="sre"}}`).exits(1)
	e.run("plan", `-var=required={okta={name="sre"}}`).exits(1)
	for _, odd := range []string{`{}`, `{okta={},group={}}`, `{device_posture="managed"}`, `"device_posture"`, `null`} {
		e.run("plan", `-var=required=`+odd).exits(1).says("required").omits("has passed")
	}

	setOdd(t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(1).says(`- both-keys: "odd.name with spaces"`, "- notion", "- the portal: no Access application guards it").
		omits("Invalid", "Unsupported", "must not be null")
	e.run("plan", "-var=portal_id="+portalapi.PortalIDEmpty).exits(0)
}

// account-audit has the rules of access, if it is told to.
func TestAccountAuditOfAccess(t *testing.T) {
	t.Parallel()
	e := initialised(t, "account-audit")
	for _, portal := range []string{"ugly", "synced-never", "minimal", "my-mcp-portal", "empty"} {
		e.api.Portal(portal).Delete()
	}
	e.api.ResetRequests()
	e.run("plan").exits(0).omits("Anybody", "Access application", "Service tokens")
	for _, r := range e.api.Requests() {
		if !strings.Contains(r.Path, "/access/ai-controls/") {
			t.Errorf("asks for %s without watch_access", r.Path)
		}
	}
	e.env = append(e.env, "TF_VAR_watch_access=true")
	e.run("plan").exits(0).omits("Anybody reaches", "can destroy something").says("No Access application guards these: - engineering: figma",
		"Service tokens reach these: - engineering: the portal: service token", "- engineering: docs: service token", "- engineering: figma: anybody who passes the portal")
	e.run("plan", `-var=allowed_service_tokens={"engineering":["docs","figma","the portal"]}`).exits(0).omits("Service tokens")

	okta := `-var=required={login_method={id="fa4e0003-0000-4000-8000-000000000001"}}`
	e.run("plan", okta).exits(0).omits("can destroy something")
	e.api.AccessApp(portalapi.AccessAppIDGitHub).Set("policies", "["+policy("for all", "allow", anybody)+"]")
	e.run("plan", okta).exits(0).says(`has passed {"login_method":{"id":"fa4e0003-0000-4000-8000-000000000001"}}: - engineering: github: "run_workflow"`)
	e.api.AccessApp(portalapi.AccessAppIDPortal).Set("policies", "["+policy("Okta", "allow", staff, `{"login_method":{"id":"fa4e0003-0000-4000-8000-000000000001"}}`)+"]")
	e.run("plan", okta).exits(0).omits("can destroy something", "Anybody reaches")
	e.api.AccessApp(portalapi.AccessAppIDPortal).Set("policies", "["+policy("for all", "bypass", anybody)+"]")
	e.api.AccessApp(portalapi.AccessAppIDGitHub).Remove("allowed_idps")
	e.run("plan").exits(0).says("Anybody reaches these, as far as can be told: - engineering: the portal: anybody, by everyone", "- engineering: github: anybody, by everyone", "- engineering: figma: ")
}

func TestWhoCanDoWhat(t *testing.T) {
	t.Parallel()
	e := initialised(t, "who-can-do-what", "portal_id=p")
	e.api.Portal("p").Put([]byte(`{"id":"p","hostname":"p.example.com","servers":[
		{"id":"notes","on_behalf":false,"tools":[{"name":"wipe","annotations":{"destructiveHint":true}},{"name":"add","annotations":{"destructiveHint":false}},{"name":"guess"},{"name":"off"}],
		 "updated_tools":[{"name":"off","enabled":false}]},
		{"id":"later"},
		{"id":"b","status":"ready","tools":[]}]}`))
	e.guardsPortal(policy("ci", "non_identity", token), policy("Staff", "allow", staff))
	e.guardsServers("zz-notes", []string{"notes"}, policy("ci", "non_identity", token), policy("all", "allow", anybody))
	e.guardsServers("zz-b", []string{"b"})
	e.shell(strings.Replace(commented(t, e.folder), "git diff", "test -s", 1))
	//nolint:dupword // a table of "no" and "yes"
	const want = `server      tools on  destructive  everyone  tokens
the portal                               no     yes
b                  0            0        no      no
later              ?            ?        no     yes
notes              3            2        no     yes

destructive: declared so by its server or, without a hint, assumed
everyone, tokens: whether anybody, or a service token, passes the portal
and the server both. What cannot be determined counts as yes.

the portal lets in:
  service token t1 (policy ci)
  e-mail domain example.com (policy Staff)

b lets in:
  nobody: there is no policy
no tool is on

later lets in:
  anybody who passes the portal, as far as can be told: no Access
    application guards the server (Cloudflare documents that one
    without a policy is not shown)
its tools are not known

notes lets in:
  anybody, by everyone (policy all)
  service token t1 (policy ci)
  everyone (policy all)
tools on:
! "guess" (assumed)
! "wipe"
  "add"
`
	if got := e.read("who-can-do-what.txt"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// What changed is a line that changed.
	must(t, os.Rename(e.dir+"/who-can-do-what.txt", e.dir+"/before.txt"))
	e.guardsPortal(policy("Staff", "allow", anybody))
	e.api.Portal("p").Server("notes").Tool("off").Enable(true)
	e.shell(strings.Replace(commented(t, e.folder), "git diff", "! git diff --no-index -U0 --output=changes.txt before.txt", 1))
	for _, want := range []string{
		"\n-the portal                               no     yes\n", "\n+the portal                              yes      no\n",
		"\n-  service token t1 (policy ci)\n", "\n+  anybody, by everyone (policy Staff)\n",
		"\n+notes              4            3       yes      no\n", "\n+! \"off\" (assumed)\n",
	} {
		if !strings.Contains(e.read("changes.txt"), want) {
			t.Errorf("the difference is\n%s\nwant %q", e.read("changes.txt"), want)
		}
	}

	setOdd(t, e.api)
	e.run("plan", "-var=portal_id="+odd).exits(0).omits("Error").says(`! "true_schema"`, "notion lets in: ", "its tools are not known")

	// No line is wider than its terminal, whatever the rules are called; and no name of a
	// policy makes a line of its own.
	e.guardsPortal(policy(`x; everyone (policy y)`, "allow", staff), policy("Only those who "+strings.Repeat("write and read ", 20), "allow", staff, anybody, managed))
	e.shell(strings.Replace(commented(t, e.folder), "git diff", "test -s", 1))
	got := e.read("who-can-do-what.txt")
	for line := range strings.Lines(got) {
		if utf8.RuneCountInString(line) > 73 || strings.HasPrefix(line, "  everyone (policy y") {
			t.Errorf("the line %q of\n%s", line, got)
		}
	}
	if !strings.Contains(got, `"x; everyone (policy y)"`) || strings.Count(got, "write and") < 4 {
		t.Errorf("names are not whole:\n%s", got)
	}
	e.run("plan", "-var=portal_id="+portalapi.PortalIDEmpty).exits(0).says("the portal")
}
