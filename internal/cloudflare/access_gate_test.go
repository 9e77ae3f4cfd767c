package cloudflare

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// testDirectory has a group of each kind, and an identity provider of each.
func testDirectory(t *testing.T) *directory {
	t.Helper()
	groups := map[string]*Group{"gone": nil}
	for id, text := range map[string]string{
		"staff":      `{"include":[{"email_domain":{"domain":"example.com"}}]}`,
		"all":        `{"include":[{"everyone":{}}]}`,
		"all-but":    `{"include":[{"everyone":{}}],"exclude":[{"email":{"email":"a@example.com"}}]}`,
		"required":   `{"include":[{"everyone":{}}],"require":[{"geo":{"country_code":"GB"}}]}`,
		"nested":     `{"include":[{"group":{"id":"staff"}},{"group":{"id":"all"}}],"require":[{"group":{"id":"all"}}]}`,
		"of-gone":    `{"include":[{"group":{"id":"gone"}}]}`,
		"circle-a":   `{"include":[{"group":{"id":"circle-b"}},{"email":{"email":"a@example.com"}}]}`,
		"circle-b":   `{"include":[{"group":{"id":"staff"}}],"exclude":[{"group":{"id":"circle-a"}}]}`,
		"itself":     `{"include":[{"group":{"id":"itself"}}]}`,
		"at-circle":  `{"include":[{"group":{"id":"circle-a"}}]}`,
		"untold":     `{"name":"Untold"}`,
		"empty":      `{"include":[]}`,
		"robots":     `{"include":[{"service_token":{"token_id":"t1"}},{"group":{"id":"robots-too"}}]}`,
		"robots-too": `{"include":[{"service_token":{"token_id":"t2"}}],"exclude":[{"service_token":{"token_id":"t1"}}]}`,
		"nobody":     `{"include":[{"everyone":{}}],"exclude":[{"everyone":{}}]}`,
	} {
		groups[id] = new(decodeAs[Group](t, text))
	}
	providers := map[string]*IdentityProvider{"idp-gone": nil, "idp-untyped": {Name: new("Odd")}}
	for _, kind := range append([]string{"onetimepin", "google", "github", "facebook", "linkedin", "yandex", "cloudflare"}, closedProviders...) {
		providers["idp-"+kind] = &IdentityProvider{Name: &kind, Type: &kind}
	}
	providers["idp-members"] = &IdentityProvider{Name: new("members"), Type: new("cloudflare"), Config: &IdentityProviderConfig{RestrictToAccountMembers: new(true)}}
	providers["idp-everybody"] = &IdentityProvider{Name: new("everybody"), Type: new("cloudflare"), Config: &IdentityProviderConfig{RestrictToAccountMembers: new(false)}}
	providers["idp-new"] = &IdentityProvider{Name: new("new"), Type: new("passkeys")}
	return newDirectory(groups, providers)
}

// gateOfText returns the gate of policies as the API has them, in short: each a
// decision, and lists of rules.
func gateOfText(t *testing.T, d *directory, policies string) gate {
	t.Helper()
	var application Application
	if err := wirejson.NewDecoder(t.Context(), []byte(`{"type":"self_hosted","policies":`+policies+`}`)).Decode(&application); err != nil {
		t.Fatal(err)
	}
	sortByPrecedence(application.Policies)
	return d.gateOf(&application)
}

// policyText returns a policy whose rules are given as the API has them; those
// left out are empty.
func policyText(decision, include string, more ...string) string {
	text := fmt.Sprintf(`{"name":%q,"decision":%q,"include":[%s]`, decision, decision, include)
	for _, m := range more {
		text += "," + m
	}
	return text + "}"
}

const everyoneRule = `{"everyone":{}}`

func TestGateIsOpen(t *testing.T) {
	t.Parallel()
	const (
		email = `{"email":{"email":"a@example.com"}}`
		gb    = `{"geo":{"country_code":"GB"}}`
		v4    = `{"ip":{"ip":"0.0.0.0/0"}}`
		v6    = `{"ip":{"ip":"::/0"}}`
	)
	group := func(id string) string { return fmt.Sprintf(`{"group":{"id":%q}}`, id) }
	login := func(id string) string { return fmt.Sprintf(`{"login_method":{"id":%q}}`, id) }
	require := func(rules string) string { return `"require":[` + rules + `]` }
	exclude := func(rules string) string { return `"exclude":[` + rules + `]` }
	first := func(n int) string { return fmt.Sprintf(`"precedence":%d`, n) }
	list := func(policies ...string) string { return "[" + strings.Join(policies, ",") + "]" }
	for name, test := range map[string]struct {
		policies string
		open     bool
		doubt    string // what text says cannot be told
	}{
		"the API did not tell":           {"null", true, "the API did not tell the policies"},
		"no policy":                      {"[]", false, ""},
		"everyone":                       {list(policyText("allow", everyoneRule)), true, ""},
		"everyone, past Access":          {list(policyText("bypass", everyoneRule)), true, ""},
		"everyone, without login":        {list(policyText("non_identity", everyoneRule)), true, ""},
		"everyone is denied":             {list(policyText("deny", everyoneRule)), false, ""},
		"somebody":                       {list(policyText("allow", email)), false, ""},
		"somebody or everyone":           {list(policyText("allow", email+","+everyoneRule)), true, ""},
		"everyone of a country":          {list(policyText("allow", everyoneRule, require(gb))), false, ""},
		"everyone who is everyone":       {list(policyText("allow", everyoneRule, require(everyoneRule+","+v4))), true, ""},
		"everyone but one":               {list(policyText("allow", everyoneRule, exclude(email))), true, ""},
		"everyone but everyone":          {list(policyText("allow", everyoneRule, exclude(everyoneRule))), false, ""},
		"everyone but every address":     {list(policyText("allow", everyoneRule, exclude(v4+","+v6))), false, ""},
		"everyone but IPv4":              {list(policyText("allow", everyoneRule, exclude(v4))), true, ""},
		"everyone but the unknown":       {list(policyText("allow", everyoneRule, exclude(`{"moon":{}}`+","+group("gone")))), true, ""},
		"everyone but a one-time PIN":    {list(policyText("allow", everyoneRule, exclude(login("idp-onetimepin")))), true, ""},
		"every address":                  {list(policyText("allow", v4+","+v6)), true, ""},
		"every IPv4 address":             {list(policyText("bypass", v4)), true, ""},
		"every IPv6 address":             {list(policyText("bypass", v6)), true, ""},
		"every address in two":           {list(policyText("allow", `{"ip":{"ip":"0.0.0.0/1"}},{"ip":{"ip":"128.0.0.0/1"}}`)), true, ""},
		"half of all addresses":          {list(policyText("allow", `{"ip":{"ip":"0.0.0.0/1"}},{"ip":{"ip":"128.0.0.0/2"}}`)), false, ""},
		"one address":                    {list(policyText("allow", `{"ip":{"ip":"192.0.2.1"}},{"ip":{"ip":"2001:db8::/32"}}`)), false, ""},
		"no address":                     {list(policyText("allow", `{"ip":{"ip":"anywhere"}}`)), true, "the address anywhere is none"},
		"a group":                        {list(policyText("allow", group("staff"))), false, ""},
		"a group of everyone":            {list(policyText("allow", group("all"))), true, ""},
		"a group of nearly everyone":     {list(policyText("allow", group("all-but"))), true, ""},
		"a group that requires":          {list(policyText("allow", group("required"))), false, ""},
		"a group of groups":              {list(policyText("allow", group("nested"))), true, ""},
		"a group of nobody":              {list(policyText("allow", group("nobody"))), false, ""},
		"a group that is gone":           {list(policyText("allow", group("gone"))), true, "group gone is not there"},
		"a group that was not asked for": {list(policyText("allow", group("never"))), true, "group never is not there"},
		"a group of one that is gone":    {list(policyText("allow", group("of-gone"))), true, "group gone is not there"},
		"a group that is required, gone": {list(policyText("allow", everyoneRule, require(group("gone")))), true, "group gone is not there"},
		"a group in a circle":            {list(policyText("allow", group("circle-b"))), true, "group circle-b refers to itself, or to one that does"},
		"a group of itself":              {list(policyText("allow", group("itself"))), true, "group itself refers to itself"},
		"a group at a circle":            {list(policyText("allow", group("at-circle"))), true, "group at-circle refers to itself, or to one that does"},
		"a group without rules":          {list(policyText("allow", group("untold"))), true, "group Untold does not say whom it includes"},
		"a group of no rules":            {list(policyText("allow", group("empty"))), true, "group empty does not say whom it includes"},
		"a login method":                 {list(policyText("allow", login("idp-okta"))), false, ""},
		"a login method, gone":           {list(policyText("allow", login("idp-gone"))), true, "login method idp-gone is not there"},
		"a login method without a type":  {list(policyText("allow", login("idp-untyped"))), true, "login method idp-untyped is of no known type"},
		"a login method is required":     {list(policyText("allow", everyoneRule, require(login("idp-okta")))), false, ""},
		"an open one is required":        {list(policyText("allow", everyoneRule, require(login("idp-onetimepin")))), true, ""},
		"an unknown selector":            {list(policyText("allow", `{"moon_phase":{"phase":"full"}}`)), true, "the unknown selector moon_phase"},
		"an unknown selector, required":  {list(policyText("allow", everyoneRule, require(`{"moon_phase":{}}`))), true, "the unknown selector moon_phase"},
		"unknown, but somebody required": {list(policyText("allow", `{"moon_phase":{}}`, require(email))), false, ""},
		"a rule of two selectors":        {list(policyText("allow", `{"email":{"email":"a@example.com"},"geo":{"country_code":"GB"}}`)), true, "a rule that is not one selector"},
		"a selector twice":               {list(policyText("allow", `{"email":{"email":"a"},"email":{"email":"b"}}`)), true, "a rule that is not one selector"},
		"a rule of none":                 {list(policyText("allow", `{}`)), true, "a rule that is not one selector"},
		"a rule that is a text":          {list(policyText("allow", `"everyone"`)), true, "a rule that is not one selector"},
		"a rule that is null":            {list(policyText("allow", `null`)), true, "a rule that is not one selector"},
		"a selector without a value":     {list(policyText("allow", `{"email_domain":{}}`)), true, "the selector email_domain in an unknown form"},
		"everyone in another form":       {list(policyText("allow", `{"everyone":null}`)), true, "the selector everyone in an unknown form"},
		"an unknown decision":            {list(policyText("step_up", email)), true, "its decision step_up is unknown"},
		"an unknown decision below":      {list(policyText("deny", everyoneRule), policyText("step_up", email)), true, "its decision step_up is unknown"},
		"no decision":                    {`[{"name":"p","include":[` + email + `]}]`, true, `its decision "" is unknown`},
		"no rules":                       {`[{"name":"p","decision":"allow"}]`, true, "it does not say whom it includes"},
		"no rules, null":                 {`[{"name":"p","decision":"bypass","include":null}]`, true, "it does not say whom it includes"},
		"no rules, empty":                {list(policyText("allow", "")), true, "it does not say whom it includes"},
		"no rules that deny":             {`[{"name":"p","decision":"deny"},` + policyText("allow", everyoneRule) + `]`, true, ""},
		"denied before":                  {list(policyText("deny", everyoneRule), policyText("allow", everyoneRule)), false, ""},
		"denied after":                   {list(policyText("allow", everyoneRule), policyText("deny", everyoneRule)), true, ""},
		"denied before by precedence":    {list(policyText("allow", everyoneRule, first(2)), policyText("deny", everyoneRule, first(1))), false, ""},
		"denied after by precedence":     {list(policyText("deny", everyoneRule, first(10)), policyText("allow", everyoneRule, first(9))), true, ""},
		"precedence of one alone":        {list(policyText("deny", everyoneRule, first(10)), policyText("allow", everyoneRule)), false, ""},
		"denied, but past Access":        {list(policyText("deny", everyoneRule), policyText("bypass", everyoneRule)), true, ""},
		"denied, but without login":      {list(policyText("deny", everyoneRule), policyText("non_identity", everyoneRule)), true, ""},
		"denied by a group":              {list(policyText("deny", group("all")), policyText("allow", everyoneRule)), false, ""},
		"denied by every address":        {list(policyText("deny", v4+","+v6), policyText("allow", everyoneRule)), false, ""},
		"denied by IPv4":                 {list(policyText("deny", v4), policyText("allow", everyoneRule)), true, ""},
		"denied but for one":             {list(policyText("deny", everyoneRule, exclude(email)), policyText("allow", everyoneRule)), false, ""}, // that one gets in
		"denied of a country":            {list(policyText("deny", everyoneRule, require(gb)), policyText("allow", everyoneRule)), true, ""},
		"denied by the unknown":          {list(policyText("deny", `{"moon":{}}`), policyText("allow", everyoneRule)), true, ""},
		"denied by a group, gone":        {list(policyText("deny", group("gone")), policyText("allow", everyoneRule)), true, ""},
		"denied by a circle":             {list(policyText("deny", group("circle-a")), policyText("allow", everyoneRule)), true, ""},
		"denied by a one-time PIN":       {list(policyText("deny", login("idp-onetimepin")), policyText("allow", everyoneRule)), true, ""},
		"every address in two policies":  {list(policyText("allow", `{"ip":{"ip":"0.0.0.0/1"}}`), policyText("bypass", `{"ip":{"ip":"128.0.0.0/1"}}`)), true, ""},
		"every address but one":          {list(policyText("deny", `{"ip":{"ip":"192.0.2.1"}}`), policyText("allow", v4)), true, ""},
		"a mapped address":               {list(policyText("allow", `{"ip":{"ip":"::ffff:0.0.0.0/96"}}`)), true, "the address ::ffff:0.0.0.0/96 is none"},
		"excluded as included":           {list(policyText("allow", `{"moon":{}},`+group("gone"), exclude(group("gone")+`,{"moon":{}}`))), false, ""},
		"excluded in another form":       {list(policyText("allow", `{"moon":{"a":1}}`, exclude(`{"moon":{"a":2}}`))), true, "the unknown selector moon"},
		"all who could be denied":        {list(policyText("deny", login("idp-google")+","+login("idp-onetimepin")), policyText("allow", login("idp-google"))), false, ""},
		"denied, and allowed by another": {list(policyText("deny", login("idp-google")), policyText("allow", login("idp-google")+","+login("idp-onetimepin"))), true, ""},
		"required by another login":      {list(policyText("allow", login("idp-google"), require(login("idp-onetimepin")))), false, ""},
		"a one-time PIN as a method":     {list(policyText("allow", `{"auth_method":{"auth_method":"otp"}}`)), true, ""},
		"a PIN as a method, excluded":    {list(policyText("allow", everyoneRule, exclude(`{"auth_method":{"auth_method":"otp"}}`))), true, ""},
		"another method":                 {list(policyText("allow", `{"auth_method":{"auth_method":"hwk"}}`)), false, ""},
		"no risk score":                  {list(policyText("allow", `{"user_risk_score":{"user_risk_score":["low","unscored"]}}`)), true, ""},
		"a low risk score":               {list(policyText("allow", `{"user_risk_score":{"user_risk_score":["low"]}}`)), false, ""},
		"a member of this account":       {list(policyText("allow", `{"cloudflare_account_member":{}}`)), false, ""},
		// Before a login, nothing is known of a person.
		"a login method, past Access":      {list(policyText("bypass", login("idp-onetimepin"))), false, ""},
		"a gone login method, past Access": {list(policyText("bypass", login("idp-gone"))), false, ""},
		"a PIN, without login":             {list(policyText("non_identity", `{"auth_method":{"auth_method":"otp"}}`)), false, ""},
		"an e-mail address, past Access":   {list(policyText("bypass", email+","+group("staff"))), false, ""},
		"everyone but a PIN, past Access":  {list(policyText("bypass", everyoneRule, exclude(login("idp-onetimepin")+","+email))), true, ""},
		"everyone with a PIN, past Access": {list(policyText("bypass", everyoneRule, require(login("idp-onetimepin")))), false, ""},
		"an unknown selector, past Access": {list(policyText("bypass", `{"moon":{}}`)), true, "the unknown selector moon"},
		"a country, past Access":           {list(policyText("bypass", gb)), false, ""},
		"a group of everyone, past Access": {list(policyText("bypass", group("nested"))), true, ""},
		"a token":                          {list(policyText("non_identity", `{"any_valid_service_token":{}}`)), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gateOfText(t, testDirectory(t), test.policies)
			if g.open != test.open {
				t.Errorf("open %v: %s", g.open, g.text)
			}
			if says := strings.Contains(g.text, "as far as can be told"); says != (test.doubt != "") || !strings.Contains(g.text, test.doubt) {
				t.Errorf("got %q, want %q in it", g.text, test.doubt)
			}
			if strings.HasPrefix(g.text, "anybody") != test.open {
				t.Errorf("open %v, and the text begins otherwise: %q", test.open, g.text)
			}
		})
	}
}

// An identity provider is closed only if an organisation decides who has an account:
// whether a rule names it, or an application allows it alone.
func TestOpenProviders(t *testing.T) {
	t.Parallel()
	d := testDirectory(t)
	for id, provider := range d.providers {
		want := provider == nil || !slices.Contains([]string{"okta", "azureAD", "oidc", "saml", "google-apps", "onelogin", "centrify", "pingone", "members"}, deref(provider.Name))
		byRule := gateOfText(t, d, "["+policyText("allow", fmt.Sprintf(`{"login_method":{"id":%q}}`, id))+"]")
		byApplication := gateOfText(t, d, "["+policyText("allow", everyoneRule)+`],"allowed_idps":["`+id+`"]`)
		if byRule.open != want || byApplication.open != want {
			t.Errorf("%s: open by a rule %v, by an application %v", id, byRule.open, byApplication.open)
		}
	}
}

// What an application of another type, or with other logins, comes to.
func TestGateOfApplication(t *testing.T) {
	t.Parallel()
	all, staff := "["+policyText("allow", everyoneRule)+"]", "["+policyText("allow", `{"email":{"email":"a@example.com"}}`)+"]"
	token := "[" + policyText("non_identity", `{"any_valid_service_token":{}}`) + "]"
	pin := "[" + policyText("allow", `{"login_method":{"id":"idp-onetimepin"}}`) + "]"
	for text, want := range map[string]struct {
		open, tokens bool
		text         string
	}{
		`{"type":"self_hosted","policies":` + all + `,"allowed_idps":[]}`:                                    {true, false, "anybody, by everyone (policy allow); everyone (policy allow)"},
		`{"type":"mcp","policies":` + all + `,"allowed_idps":["idp-okta"]}`:                                  {false, false, "everyone (policy allow); people log in only by okta of type okta"},
		`{"type":"mcp_portal","policies":` + all + `,"allowed_idps":["idp-okta","idp-new"]}`:                 {true, false, "anybody, by everyone (policy allow); everyone (policy allow); people log in only by okta of type okta or new of type passkeys"},
		`{"type":"mcp_portal","policies":` + all + `,"allowed_idps":["idp-gone"]}`:                           {true, false, "anybody, as far as can be told: login method idp-gone is not there (policy allow)"},
		`{"type":"ssh","policies":` + pin + `,"allowed_idps":["idp-okta"]}`:                                  {false, false, "login method onetimepin of type onetimepin (policy allow)"},
		`{"type":"rdp","policies":` + pin + `,"allowed_idps":["idp-okta","idp-onetimepin"]}`:                 {true, false, "anybody, by login method onetimepin"},
		`{"type":"vnc","policies":[` + policyText("bypass", everyoneRule) + `],"allowed_idps":["idp-okta"]}`: {true, true, "anybody, by everyone (policy bypass); past Access, everyone"},
		// A policy of Cloudflare's own.
		`{"type":"end_user"}`: {true, false, "anybody, as every user of its populations, by Cloudflare's own policy of the type end_user"},
		`{"type":"end_user","policies":[],"allowed_idps":["idp-google"]}`:          {true, false, "anybody, as every user"},
		`{"type":"end_user","policies":` + staff + `}`:                             {true, false, "anybody, as every user"},
		`{"type":"end_user","allowed_idps":["idp-okta","idp-members"]}`:            {false, false, "every user of its populations, by Cloudflare's own policy of the type end_user; people log in only by okta of type okta or members of type cloudflare"},
		`{"type":"end_user","allowed_idps":["idp-okta"],"policies":` + token + `}`: {false, true, "every user of its populations"},
		// Types that are not known.
		`{"type":"orbital","policies":` + staff + `}`: {true, true, "anybody, as far as can be told: the application is of the type orbital, which this provider does not know"},
		`{"policies":[]}`:              {true, true, `anybody, as far as can be told: the application is of the type "", which`},
		`{"type":"MCP","policies":[]}`: {true, true, "anybody, as far as can be told"},
	} {
		var application Application
		if err := wirejson.NewDecoder(t.Context(), []byte(text)).Decode(&application); err != nil {
			t.Fatal(err)
		}
		g := testDirectory(t).gateOf(&application)
		if g.open != want.open || g.tokens.some() != want.tokens || !strings.HasPrefix(g.text, want.text) {
			t.Errorf("%s: open %v, tokens %v: %s", text, g.open, g.tokens.some(), g.text)
		}
	}
}

// Every selector in every place is told in words, and is no doubt but for those
// that are about what is not there.
func TestSelectorsInWords(t *testing.T) {
	t.Parallel()
	values := map[string]struct{ json, words string }{
		"any_valid_service_token":   {`{}`, "any valid service token"},
		"auth_context":              {`{"id":"i","ac_id":"c1","identity_provider_id":"p"}`, "authentication context c1 (contents not read)"},
		"auth_method":               {`{"auth_method":"mfa"}`, "authentication method mfa"},
		"azureAD":                   {`{"id":"e1","identity_provider_id":"p"}`, "Microsoft Entra group e1 (contents not read)"},
		"certificate":               {`{}`, "any valid client certificate"},
		"cloudflare_account_member": {`{"account_id":"a1"}`, "member of the Cloudflare account a1 (contents not read)"},
		"common_name":               {`{"common_name":"agents.example.com"}`, "client certificate of agents.example.com"},
		"device_posture":            {`{"integration_uid":"d1"}`, "device posture check d1 (contents not read)"},
		"email":                     {`{"email":"a@example.com"}`, "e-mail address a@example.com"},
		"email_domain":              {`{"domain":"example.com"}`, "e-mail domain example.com"},
		"email_list":                {`{"id":"l1"}`, "e-mail list l1 (contents not read)"},
		"everyone":                  {`{}`, "everyone"},
		"external_evaluation":       {`{"evaluate_url":"https://e.example.com","keys_url":"https://k.example.com"}`, "external evaluation by https://e.example.com (contents not read)"},
		"geo":                       {`{"country_code":"GB"}`, "country GB"},
		"github-organization":       {`{"name":"example","team":"platform team","identity_provider_id":"p"}`, `GitHub organization example, team "platform team" (contents not read)`},
		"group":                     {`{"id":"staff"}`, "group staff"},
		"gsuite":                    {`{"email":"g@example.com","identity_provider_id":"p"}`, "Google Workspace group g@example.com (contents not read)"},
		"ip":                        {`{"ip":"192.0.2.0/24"}`, "address 192.0.2.0/24"},
		"ip_list":                   {`{"id":"l2"}`, "address list l2 (contents not read)"},
		"linked_app_token":          {`{"app_uid":"a2"}`, "token of the application a2"},
		"login_method":              {`{"id":"idp-okta"}`, "login method okta of type okta"},
		"oidc":                      {`{"claim_name":"dept","claim_value":"it","identity_provider_id":"p"}`, "OIDC claim dept with the value it (contents not read)"},
		"okta":                      {`{"name":"sre","identity_provider_id":"p"}`, "Okta group sre (contents not read)"},
		"saml":                      {`{"attribute_name":"role","attribute_value":"admin","identity_provider_id":"p"}`, "SAML attribute role with the value admin (contents not read)"},
		"service_token":             {`{"token_id":"t1"}`, "service token t1"},
		"user_risk_score":           {`{"user_risk_score":["low","medium"]}`, "user risk score low or medium"},
	}
	d := testDirectory(t)
	for _, selector := range Selectors() {
		value, ok := values[selector]
		if !ok {
			t.Errorf("%s is not tried here", selector)
		}
		rule := RuleOf(wirejson.Value(fmt.Sprintf(`{%q:%s}`, selector, value.json)))
		if got := rule.Words(d.named); got != value.words {
			t.Errorf("%s: got %q, want %q", selector, got, value.words)
		}
		if f := d.meets(&visitor{loggedIn: true, address: netip.IPv4Unspecified()}, &rule); f.doubt != "" || (f.answer != no) != (selector == "everyone") {
			t.Errorf("%s: %+v", selector, f)
		}
	}
	if len(values) != len(selectors) {
		t.Errorf("%d selectors are tried, and %d known", len(values), len(selectors))
	}
	for raw, words := range map[string]string{
		`{"group":{"id":"gone"}}`:                           "group gone, which is not there",
		`{"login_method":{"id":"idp-gone"}}`:                "login method idp-gone, which is not there",
		`{"email":{"email":"a b\";\u00a0\u202e"}}`:          `e-mail address "a b\";\u00a0\u202e"`,
		`{"moon phase":{}}`:                                 `the unknown selector "moon phase"`,
		`{"cloudflare_account_member":{}}`:                  "member of this Cloudflare account (contents not read)",
		`{"cloudflare_account_member":{"account_id":null}}`: "member of this Cloudflare account (contents not read)",
		`{"cloudflare_account_member":{"account_id":7}}`:    "the selector cloudflare_account_member in an unknown form",
		`{"user_risk_score":{"user_risk_score":7}}`:         "the selector user_risk_score in an unknown form",
	} {
		rule := RuleOf(wirejson.Value(raw))
		if got := rule.Words(d.named); got != words {
			t.Errorf("%s: got %q, want %q", raw, got, words)
		}
	}
}

func TestRuleOf(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Rule{
		`{"everyone":{}}`: {Selector: new("everyone"), JSON: `{}`},
		`{"email_domain":{"domain":"example.com"}}`: {Selector: new("email_domain"), Value: new("example.com"), JSON: `{"domain":"example.com"}`},
		`{"okta":{"name":"sre","identity_provider_id":"p"}}`: {
			Selector: new("okta"), Value: new("sre"), JSON: `{"name":"sre","identity_provider_id":"p"}`,
		},
		`{"saml":{"attribute_name":"a","attribute_value":"b"}}`: {Selector: new("saml"), JSON: `{"attribute_name":"a","attribute_value":"b"}`},
		`{"new":{"deep":{"a":"b"},"n":1e400}}`:                  {Selector: new("new"), JSON: `{"deep":{"a":"b"},"n":1e400}`},
		`{"new":"text"}`:                                        {Selector: new("new"), JSON: `"text"`},
		`{"new":null}`:                                          {Selector: new("new"), JSON: `null`},
		`{"a":{},"b":{}}`:                                       {JSON: `{"a":{},"b":{}}`},
		`{"a":{},"a":{}}`:                                       {JSON: `{"a":{},"a":{}}`},
		`{}`:                                                    {JSON: `{}`},
		`null`:                                                  {JSON: `null`},
		`["everyone"]`:                                          {JSON: `["everyone"]`},
		`{"a":{"x":"1","x":"2"}}`:                               {Selector: new("a"), JSON: `{"x":"1","x":"2"}`},
	} {
		got := RuleOf(wirejson.Value(raw))
		got.texts = nil
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Rule{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

func TestTextOfGate(t *testing.T) {
	t.Parallel()
	for policies, want := range map[string]string{
		`[]`: "nobody: there is no policy",
		`[` + policyText("deny", everyoneRule) + `]`: "nobody; never everyone (policy deny)",
		`[{"decision":"allow","include":[{"email_domain":{"domain":"example.com"}}],"exclude":[{"group":{"id":"staff"}}]},
		  {"name":"ci","decision":"non_identity","include":[{"service_token":{"token_id":"t1"}}]}]`: "service token t1 (policy ci); e-mail domain example.com, except group staff",
		`[{"name":"Open house","decision":"allow","include":[{"email":{"email":"a@example.com"}},{"everyone":{}}]}]`: `anybody, by everyone (policy "Open house"); e-mail address a@example.com, everyone (policy "Open house")`,
		`[{"id":"p1","decision":"bypass","include":[{"ip":{"ip":"192.0.2.1"}}],"require":[{"geo":{"country_code":"GB"}},{"certificate":{}}]},
		  {"name":"x","decision":"non_identity","include":[{"certificate":{}}]}]`: "past Access, address 192.0.2.1, only with country GB and any valid client certificate (policy p1); without login, any valid client certificate (policy x)",
		`[{"name":"d","decision":"deny","include":[{"everyone":{}}]},{"name":"a","decision":"allow","include":[{"everyone":{}}]}]`: "nobody; never everyone (policy d); no longer, since everyone was denied before, everyone (policy a)",
	} {
		if got := gateOfText(t, testDirectory(t), policies).text; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// Whatever lets anybody in is not what is cut off.
	many := strings.Repeat(`{"email":{"email":"a@example.com"}},`, 500) + everyoneRule
	text := gateOfText(t, testDirectory(t), "["+policyText("allow", many)+"]").text
	if !strings.HasPrefix(text, "anybody, by everyone (policy allow); e-mail address a@example.com, ") || !strings.HasSuffix(text, ", and 435 more rules (policy allow)") || len(text) > maxText+200 {
		t.Errorf("got %s", text)
	}
	// So it is with policies, and what is left out is counted.
	text = gateOfText(t, testDirectory(t), "["+strings.Repeat(policyText("allow", `{"email_domain":{"domain":"example.com"}}`, `"exclude":[`+everyoneRule+`]`)+",", 999)+policyText("bypass", everyoneRule)+"]").text
	if !strings.HasPrefix(text, "anybody, by everyone (policy bypass); past Access, everyone (policy bypass); e-mail domain") || !strings.HasSuffix(text, "; and 946 more policies") || len(text) > 2*maxText {
		t.Errorf("got %s", text)
	}
	text = gateOfText(t, testDirectory(t), "["+strings.Repeat(policyText("allow", everyoneRule)+",", 999)+policyText("allow", everyoneRule)+"]").text
	if !strings.Contains(text, "; and by 990 more policies; everyone (policy allow); ") || len(text) > 2*maxText+1000 {
		t.Errorf("got %s", text)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	const (
		t1, t2 = `{"service_token":{"token_id":"t1"}}`, `{"service_token":{"token_id":"t2"}}`
		valid  = `{"any_valid_service_token":{}}`
	)
	service := func(include string, more ...string) string {
		return "[" + policyText("non_identity", include, more...) + "]"
	}
	group := func(id string) string { return fmt.Sprintf(`{"group":{"id":%q}}`, id) }
	for name, test := range map[string]struct {
		portal, server string
		atPortal, both bool
	}{
		"the same":                     {service(t1), service(t2 + "," + t1), true, true},
		"another":                      {service(t1), service(t2), true, false},
		"any at the portal":            {service(valid), service(t2), true, true},
		"any at the server":            {service(t1), service(valid), true, true},
		"none at the portal":           {service(`{"email":{"email":"a@example.com"}}`), service(valid), false, false},
		"by a certificate":             {service(`{"certificate":{}}`), service(t1), true, true},
		"by a country":                 {service(`{"geo":{"country_code":"GB"}}`), service(t1), true, true},
		"by a posture check":           {service(`{"device_posture":{"integration_uid":"d"}}`), service(t1), true, true},
		"by an address":                {service(`{"ip":{"ip":"192.0.2.1"}}`), service(t1), true, true},
		"by an address list":           {service(`{"ip_list":{"id":"l"}}`), service(t1), true, true},
		"past Access, by a token":      {"[" + policyText("bypass", t1) + "]", service(t1 + "," + t2), true, true},
		"past Access, by a country":    {"[" + policyText("bypass", `{"geo":{"country_code":"GB"}}`) + "]", service(t2), true, true},
		"past Access, by a login":      {"[" + policyText("bypass", `{"login_method":{"id":"idp-onetimepin"}}`) + "]", service(t2), false, false},
		"any but one, and that one":    {service(valid, `"exclude":[`+t1+`]`), service(t1), true, false},
		"any but one, and another":     {service(valid, `"exclude":[`+t1+`]`), service(t2), true, true},
		"with a country":               {service(t1, `"require":[{"geo":{"country_code":"GB"}}]`), service(t1), true, true},
		"with a login":                 {service(t1, `"require":[{"email":{"email":"a@example.com"}}]`), service(t1), false, false},
		"with another token":           {service(t1, `"require":[`+t2+`]`), service(t1), false, false},
		"not from any address":         {service(t1, `"exclude":[{"ip":{"ip":"0.0.0.0/0"}},{"ip":{"ip":"::/0"}}]`), service(t1), false, false},
		"of another application":       {service(`{"linked_app_token":{"app_uid":"a"}}`), service(t1), false, false},
		"none at the server":           {service(valid), "[]", true, false},
		"a token in an allow":          {"[" + policyText("allow", t1) + "]", service(t1), false, false},
		"through a group":              {service(group("robots")), service(t2), true, true},
		"through a group of a group":   {service(group("robots")), service(group("robots-too")), true, true},
		"through a group, not this":    {service(group("robots-too")), service(t1), true, false},
		"excluded":                     {service(t1, `"exclude":[`+t1+`]`), service(t1), false, false},
		"any excluded":                 {service(t1, `"exclude":[`+valid+`]`), service(t1), false, false},
		"a group that is gone":         {service(group("gone")), service(t1), true, true},
		"a group in a circle":          {service(group("circle-a")), service(t1), true, true},
		"an unknown selector":          {service(`{"moon":{}}`), service(t1), true, true},
		"an unknown decision":          {"[" + policyText("step_up", t1) + "]", service(t1), true, true},
		"everyone without login":       {service(everyoneRule), service(t1), true, true},
		"policies that were not told":  {"null", service(t1), true, true},
		"a policy without rules":       {`[{"decision":"non_identity"}]`, service(t1), true, true},
		"everyone at an allow, closed": {"[" + policyText("allow", everyoneRule) + "]", service(t1), false, false},
	} {
		d := testDirectory(t)
		portal, server := gateOfText(t, d, test.portal).tokens, gateOfText(t, d, test.server).tokens
		if portal.some() != test.atPortal || portal.share(server) != test.both || server.share(portal) != test.both {
			t.Errorf("%s: at the portal %v, both %v", name, portal.some(), portal.share(server))
		}
	}
}

// Rules beyond any genuine number count as open, and take no more time than their
// number.
func TestManyRules(t *testing.T) {
	t.Parallel()
	many := func(n, step int, format string) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(format, i*step))
		}
		return strings.Join(list, ",")
	}
	for name, test := range map[string]struct {
		policies     string
		open, tokens bool
	}{
		"every address in 8 pieces":    {policyText("allow", many(8, 32, `{"ip":{"ip":"%d.0.0.0/3"}}`)), true, false},
		"and each of them denied":      {policyText("deny", many(8, 32, `{"ip":{"ip":"%d.0.0.0/3"}},{"ip":{"ip":"::/0"}}`)) + "," + policyText("allow", everyoneRule), false, false},
		"every address, one of 8 less": {policyText("allow", many(7, 32, `{"ip":{"ip":"%d.0.0.0/3"}}`)), false, false},
		"each denied, in 128 pieces":   {policyText("deny", many(128, 2, `{"ip":{"ip":"%d.0.0.0/7"}},{"ip":{"ip":"::/0"}}`)) + "," + policyText("allow", everyoneRule), true, false},
		"half of them in 128 pieces":   {policyText("allow", many(128, 1, `{"ip":{"ip":"%d.0.0.0/8"}}`)), false, false},
		"500 tokens, none of which":    {policyText("deny", many(500, 1, `{"service_token":{"token_id":"t%d"}}`)), false, false},
		"501 tokens, none of which":    {policyText("deny", many(501, 1, `{"service_token":{"token_id":"t%d"}}`)), false, true},
		"3,000 people and addresses":   {policyText("allow", many(3_000, 1, `{"ip":{"ip":"2001:db8::%x"}},{"email":{"email":"a@example.com"}}`)), false, false},
	} {
		g := gateOfText(t, testDirectory(t), "["+test.policies+"]")
		if g.open != test.open || g.tokens.some() != test.tokens {
			t.Errorf("%s: open %v, tokens %v: %.200s", name, g.open, g.tokens.some(), g.text)
		}
	}
}
