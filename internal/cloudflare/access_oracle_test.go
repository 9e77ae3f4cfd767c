package cloudflare

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// The oracle lets somebody try each of many random gates, and says who got in. It
// shares nothing with the code that it judges: it reads the rules as plain JSON, knows
// everything of everybody, and decides what is unknown by a coin.

type (
	// world is an account with one application at the portal and one at a server.
	world struct {
		groups    map[string]rules
		providers map[string]string // id → type
		portal    app
		server    app
		coin      map[string]bool // how what is unknown turns out
	}
	app struct {
		Type        string      `json:"type"`
		AllowedIDPs []string    `json:"allowed_idps"`
		Policies    []appPolicy `json:"policies"`
	}
	appPolicy struct {
		Name     string `json:"name"`
		Decision string `json:"decision"`
		rules
	}
	rules struct {
		Include []rule `json:"include"`
		Require []rule `json:"require"`
		Exclude []rule `json:"exclude"`
	}
	// rule is a selector with its value, and its JSON.
	rule struct {
		selector string
		value    map[string]any
		text     string
	}
	// somebody is who tries.
	somebody struct {
		address  string // "v4", "v6": in no named prefix; "low", "high": half of IPv4
		country  string
		posture  bool
		cert     bool
		token    string // "" for none
		login    string // "" before a login
		method   string
		email    string
		member   bool // of this account
		unscored bool
	}
)

// rulesDrawn are the rules of which worlds are made.
var rulesDrawn = func() []rule {
	drawn := func(selector string, value map[string]any) rule {
		text, err := json.Marshal(map[string]any{selector: value})
		if err != nil {
			panic(err)
		}
		return rule{selector, value, string(text)}
	}
	of := func(selector, key string, values ...any) []rule {
		var list []rule
		for _, value := range values {
			list = append(list, drawn(selector, map[string]any{key: value}))
		}
		return list
	}
	none := map[string]any{}
	return slices.Concat(
		[]rule{drawn("everyone", none), drawn("everyone", none), drawn("any_valid_service_token", none), drawn("certificate", none), drawn("cloudflare_account_member", none)},
		of("email", "email", "a@example.com", "b@example.com"),
		of("email_domain", "domain", "example.com"),
		of("ip", "ip", "192.0.2.0/24", "0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2001:db8::/32"),
		of("geo", "country_code", "GB"),
		of("device_posture", "integration_uid", "d"),
		of("common_name", "common_name", "robot.example.com"),
		of("service_token", "token_id", "t1", "t2"),
		of("login_method", "id", "pin", "google", "okta", "members", "anybody", "gone"),
		of("group", "id", "g0", "g1", "g2", "gone"),
		of("auth_method", "auth_method", "otp", "hwk"),
		of("user_risk_score", "user_risk_score", []any{"low"}, []any{"high", "unscored"}),
		of("moon_phase", "phase", "full"),
	)
}()

// drawWorld returns a world that a seed makes.
func drawWorld(r *rand.Rand) world {
	draw := func(from int, most int) []rule {
		var list []rule
		for range r.IntN(most + 1 - from) {
			list = append(list, rulesDrawn[r.IntN(len(rulesDrawn))])
		}
		for range from {
			list = append(list, rulesDrawn[r.IntN(len(rulesDrawn))])
		}
		return list
	}
	set := func() rules {
		s := rules{Include: draw(1, 3), Require: draw(0, 1), Exclude: draw(0, 1)}
		if r.IntN(3) > 0 {
			s.Require = nil
		}
		return s
	}
	w := world{
		groups:    map[string]rules{},
		providers: map[string]string{"pin": "onetimepin", "google": "google", "okta": "okta", "members": "cloudflare", "anybody": "cloudflare"},
		coin:      map[string]bool{},
	}
	for i := range 3 {
		w.groups[fmt.Sprint("g", i)] = set()
	}
	drawApp := func() app {
		a := app{Type: []string{"self_hosted", "mcp", "mcp_portal", "self_hosted", "mcp", "mcp_portal", "ssh", "end_user", "orbital"}[r.IntN(9)]}
		if r.IntN(3) == 0 {
			ids := []string{"pin", "google", "okta", "members", "anybody"}
			for range 1 + r.IntN(2) {
				a.AllowedIDPs = append(a.AllowedIDPs, ids[r.IntN(len(ids))])
			}
		}
		for range r.IntN(4) {
			decision := []string{"allow", "allow", "allow", "deny", "bypass", "non_identity", "non_identity"}[r.IntN(7)]
			if r.IntN(40) == 0 {
				decision = "step_up"
			}
			a.Policies = append(a.Policies, appPolicy{"p", decision, set()})
		}
		return a
	}
	w.portal, w.server = drawApp(), drawApp()
	for _, unknown := range []string{"moon_phase", "group gone", "login gone", "orbital", "step_up"} {
		w.coin[unknown] = r.IntN(2) == 0
	}
	return w
}

// meets reports whether somebody meets a rule. deep counts groups within groups: one
// that refers to itself is up to the coin.
func (w *world) meets(s *somebody, r rule, deep int) bool {
	text := func(key string) string { t, _ := r.value[key].(string); return t }
	switch r.selector {
	case "everyone":
		return true
	case "any_valid_service_token":
		return s.token != ""
	case "service_token":
		return s.token == text("token_id")
	case "ip":
		return slices.Contains(map[string][]string{
			"v4": {"0.0.0.0/0"}, "v6": {"::/0"}, "low": {"0.0.0.0/0", "0.0.0.0/1"}, "high": {"0.0.0.0/0", "128.0.0.0/1"},
			"office": {"0.0.0.0/0", "128.0.0.0/1", "192.0.2.0/24"}, "office6": {"::/0", "2001:db8::/32"},
		}[s.address], text("ip"))
	case "geo":
		return s.country == text("country_code")
	case "device_posture":
		return s.posture
	case "certificate", "common_name":
		return s.cert
	case "moon_phase":
		return w.coin["moon_phase"]
	case "group":
		g, there := w.groups[text("id")]
		if !there || deep > 4 {
			return w.coin["group gone"]
		}
		return w.match(s, g, deep+1)
	}
	if s.login == "" {
		return false // of who has not logged in, nothing else is known
	}
	switch r.selector {
	case "login_method":
		if w.providers[text("id")] == "" {
			return w.coin["login gone"]
		}
		return s.login == text("id")
	case "email":
		return s.email == text("email")
	case "email_domain":
		return strings.HasSuffix(s.email, "@"+text("domain"))
	case "cloudflare_account_member":
		return s.member
	case "auth_method":
		return s.method == text("auth_method")
	case "user_risk_score":
		return s.unscored == slices.Contains(r.value["user_risk_score"].([]any), any("unscored"))
	}
	panic("the oracle does not know a rule")
}

func (w *world) match(s *somebody, r rules, deep int) bool {
	meets := func(one rule) bool { return w.meets(s, one, deep) }
	return slices.ContainsFunc(r.Include, meets) && !slices.ContainsFunc(r.Exclude, meets) &&
		!slices.ContainsFunc(r.Require, func(one rule) bool { return !meets(one) })
}

// passes reports whether somebody gets past an application.
func (w *world) passes(s *somebody, a *app) bool {
	if a.Type == "orbital" && w.coin["orbital"] {
		return true
	}
	stranger := *s
	stranger.login = ""
	for _, p := range a.Policies {
		switch p.Decision {
		case "bypass", "non_identity":
			if w.match(&stranger, p.rules, 0) {
				return true
			}
		case "step_up":
			if w.coin["step_up"] {
				return true
			}
		}
	}
	if s.login == "" || len(a.AllowedIDPs) > 0 && !slices.Contains(a.AllowedIDPs, s.login) {
		return false
	}
	if a.Type == "end_user" {
		return true
	}
	for _, p := range a.Policies {
		if (p.Decision == "allow" || p.Decision == "deny") && w.match(s, p.rules, 0) {
			return p.Decision == "allow"
		}
	}
	return false
}

// strangers are all kinds of people of whom nothing special is known: whoever can log
// in where anybody can, from an address that no rule of the gate names, if there is
// one.
func (w *world) strangers(gate *app) []somebody {
	text := w.text(gate)
	var list []somebody
	addresses := []string{"v6"}
	if strings.Contains(text, "0.0.0.0/1") && strings.Contains(text, "128.0.0.0/1") {
		addresses = append(addresses, "low", "high")
	} else {
		addresses = append(addresses, "v4")
	}
	for _, address := range addresses {
		list = append(list, somebody{address: address})
		for _, login := range []string{"pin", "google", "anybody", "another"} {
			for _, method := range []string{"otp", "pwd"} {
				list = append(list, somebody{address: address, login: login, method: method, email: "stranger@mail.example", unscored: true})
			}
		}
	}
	return list
}

// robots are holders of a service token, wherever and whatever they run on.
func robots() []somebody {
	var list []somebody
	for _, token := range []string{"t1", "t2", "t3"} {
		for _, address := range []string{"v4", "v6", "low", "high", "office", "office6"} {
			for kind := range 8 {
				list = append(list, somebody{token: token, address: address, country: []string{"", "GB"}[kind&1], posture: kind&2 > 0, cert: kind&4 > 0})
			}
		}
	}
	return list
}

// TestAccessOracle tries random gates: no stranger and no token gets in where the
// provider says that none does. It also counts how often the provider says open of what
// is closed, which is a false alarm.
func TestAccessOracle(t *testing.T) {
	t.Parallel()
	worlds := 20_000
	if testing.Short() {
		worlds = 2_000
	}
	everybody := robots()
	var closed, alarms, noTokens, tokenAlarms int
	for seed := range worlds {
		w := drawWorld(rand.New(rand.NewPCG(uint64(seed), 1)))
		reach := w.judged()
		known := w.isKnown(w.text(&w.portal, &w.server))
		for i, gate := range []*app{&w.portal, &w.server} {
			strangers := w.strangers(gate)
			in := slices.IndexFunc(strangers, func(s somebody) bool { return w.passes(&s, gate) })
			switch {
			case in >= 0 && !reach[i].Open:
				t.Fatalf("seed %d: %+v passes gate %d, which is not open: %s\n%s", seed, strangers[in], i, reach[i].Text, w.String())
			case in < 0 && reach[i].Open && known:
				alarms++
				fallthrough
			case in < 0:
				closed++
			}
		}
		for i, gates := range [][]*app{{&w.portal}, {&w.portal, &w.server}} {
			in := slices.IndexFunc(everybody, func(s somebody) bool {
				return !slices.ContainsFunc(gates, func(a *app) bool { return !w.passes(&s, a) })
			})
			switch {
			case in >= 0 && !reach[i].ServiceTokens:
				t.Fatalf("seed %d: %+v passes, and service_tokens of %d is false: %s; %s\n%s", seed, everybody[in], i, reach[0].Text, reach[i].Text, w.String())
			case in < 0 && reach[i].ServiceTokens && known:
				tokenAlarms++
				fallthrough
			case in < 0:
				noTokens++
			}
		}
	}
	t.Logf("%d worlds: %d of %d closed gates (%.1f %%) read as open, and %d of %d places (%.1f %%) that no token reaches as reached by one",
		worlds, alarms, closed, percent(alarms, closed), tokenAlarms, noTokens, percent(tokenAlarms, noTokens))
	if closed == 0 || percent(alarms, closed) > 0.5 || percent(tokenAlarms, noTokens) > 0.5 {
		t.Error("too many false alarms, or nothing was tried")
	}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// text returns the rules of gates and of all groups.
func (w *world) text(gates ...*app) string {
	var b strings.Builder
	write := func(r rules) {
		for _, list := range [][]rule{r.Include, r.Require, r.Exclude} {
			for i := range list {
				b.WriteString(list[i].text)
			}
		}
	}
	for _, a := range gates {
		b.WriteString(a.Type)
		for _, p := range a.Policies {
			b.WriteString(p.Decision)
			write(p.rules)
		}
	}
	for _, g := range w.groups {
		write(g)
	}
	return b.String()
}

// String returns a world as JSON, for a person.
func (w *world) String() string {
	text, _ := json.Marshal([]any{w.portal, w.server, w.groups})
	return string(text)
}

// MarshalJSON returns the rule as the API has it.
func (r rule) MarshalJSON() ([]byte, error) { return []byte(r.text), nil }

// isKnown reports whether a world has nothing unknown: what is unknown has to count as
// open, however the coin fell.
func (w *world) isKnown(text string) bool {
	if strings.Contains(text, "moon_phase") || strings.Contains(text, `"gone"`) || strings.Contains(text, "orbital") || strings.Contains(text, "step_up") {
		return false
	}
	for id := range w.groups {
		if w.reaches(id, id, 0) {
			return false
		}
	}
	return true
}

// reaches reports whether a group refers to another, through others or not.
func (w *world) reaches(from, to string, deep int) bool {
	for _, list := range [][]rule{w.groups[from].Include, w.groups[from].Require, w.groups[from].Exclude} {
		for _, r := range list {
			if id, ok := r.value["id"].(string); ok && r.selector == "group" && (id == to || deep < 4 && w.reaches(id, to, deep+1)) {
				return true
			}
		}
	}
	return false
}

// judged returns what the code under test says of the portal and the server.
func (w *world) judged() []Reach {
	a := &Access{Groups: map[string]*Group{}, IdentityProviders: map[string]*IdentityProvider{}}
	for id, kind := range w.providers {
		a.IdentityProviders[id] = &IdentityProvider{ID: &id, Type: &kind, Config: &IdentityProviderConfig{RestrictToAccountMembers: new(id == "members")}}
	}
	for id, r := range w.groups {
		a.Groups[id] = &Group{ID: &id, Include: received(r.Include), Require: received(r.Require), Exclude: received(r.Exclude)}
	}
	for i, from := range []app{w.portal, w.server} {
		g := GuardingApplication{Portal: i == 0, Application: Application{ID: new(fmt.Sprint(i)), Type: &from.Type, AllowedIDPs: from.AllowedIDPs, Policies: []Policy{}}}
		if i == 1 {
			g.ServerIDs = []string{"s"}
		}
		for _, p := range from.Policies {
			g.Policies = append(g.Policies, Policy{Decision: &p.Decision, Include: received(p.Include), Require: received(p.Require), Exclude: received(p.Exclude)})
		}
		a.Applications = append(a.Applications, g)
	}
	return a.reach(&Portal{Servers: []PortalServer{{Server: Server{ID: new("s")}}}})
}

func received(list []rule) []wirejson.Value {
	values := []wirejson.Value{}
	for i := range list {
		values = append(values, wirejson.Value(list[i].text))
	}
	return values
}
