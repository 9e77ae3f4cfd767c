package cloudflare

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/shown"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Rule is a rule of a policy or a group: an object of one key, the selector.
type Rule struct {
	// Selector is the API's key, such as "email_domain"; nil for a rule that has
	// not exactly one.
	Selector *string
	// Value is the one text in it that says who or what, such as "example.com";
	// nil if there is none or several.
	Value *string
	// JSON is the selector's value as it was received; without a selector, the rule.
	JSON string
	// texts are the texts of the selector's value, by their keys, and what is under
	// user_risk_score, which is a list; nil if the value is not an object.
	texts map[string]string
}

// RuleOf reads a rule as the API returned it. There is none that it cannot read:
// what has not the form of a rule has no selector.
func RuleOf(raw wirejson.Value) Rule {
	type object struct{ Extra wirejson.Extra }
	whole := Rule{JSON: string(raw)}
	var rule object
	if !strings.HasPrefix(string(raw), "{") || wirejson.NewDecoder(context.Background(), []byte(raw)).Decode(&rule) != nil || len(rule.Extra) != 1 {
		return whole
	}
	var r Rule
	for selector, value := range rule.Extra {
		r.Selector, r.JSON = &selector, value
	}
	var members object
	if !strings.HasPrefix(r.JSON, "{") || wirejson.NewDecoder(context.Background(), []byte(r.JSON)).Decode(&members) != nil {
		return r
	}
	r.texts = map[string]string{}
	var says []string
	for key, value := range members.Extra {
		if text := textIn(jsontext.Value(value)); text != nil {
			r.texts[key] = *text
			if key != provenance {
				says = append(says, *text)
			}
		}
	}
	if len(says) == 1 {
		r.Value = &says[0]
	}
	if r.is(selectorRiskScore) {
		var scores struct {
			List  []string `json:"user_risk_score"`
			Extra wirejson.Extra
		}
		_ = wirejson.NewDecoder(context.Background(), []byte(r.JSON)).Decode(&scores) // in another form, it has none
		r.texts[selectorRiskScore] = strings.Join(scores.List, " or ")
	}
	return r
}

// Known reports whether the rule is one whose meaning is known: a selector of
// [Selectors], with the value that belongs to it. Any other counts as met by
// anybody.
func (r *Rule) Known() bool {
	_, known := r.subject()
	return known
}

// rulesOf reads the rules of one list or several.
func rulesOf(lists ...[]wirejson.Value) []Rule {
	var rules []Rule
	for _, raw := range lists {
		for i := range raw {
			rules = append(rules, RuleOf(raw[i]))
		}
	}
	return rules
}

// provenance is the key, in several selectors, of the identity provider that
// tells whether the rule is met. It does not say who.
const provenance = "identity_provider_id"

// is reports whether the rule has that selector.
func (r *Rule) is(selector string) bool { return deref(r.Selector) == selector }

// The selectors that mean something to the code.
const (
	selectorEveryone        = "everyone"
	selectorIP              = "ip"
	selectorGroup           = "group"
	selectorLoginMethod     = "login_method"
	selectorServiceToken    = "service_token"
	selectorAnyServiceToken = "any_valid_service_token" //nolint:gosec // the name of a kind of rule, no credential
	selectorAuthMethod      = "auth_method"
	selectorRiskScore       = "user_risk_score"
)

// selector is what is known of a selector.
type selector struct {
	// key is the member of its value without which nobody can tell what it
	// selects; empty for those that need none.
	key string
	// words says what it selects. A %s takes what is under key.
	words string
	// qualifiers are further members, with words to put behind.
	qualifiers map[string]string
	// without says what it selects if there is nothing under key; empty if it needs
	// the key.
	without string
	// elsewhere is true where the rule only points at what is kept elsewhere, which
	// is not read here.
	elsewhere bool
	// before is true where Access knows it before anybody logs in.
	before bool
}

// selectors are those that are known, by the API's key.
//
// Source: Cloudflare's Go SDK, AccessRule. conformance holds this against it.
var selectors = map[string]selector{
	selectorAnyServiceToken:     {words: "any valid service token"},
	"auth_context":              {key: "ac_id", words: "authentication context %s", elsewhere: true},
	selectorAuthMethod:          {key: "auth_method", words: "authentication method %s"},
	"azureAD":                   {key: "id", words: "Microsoft Entra group %s", elsewhere: true},
	"certificate":               {words: "any valid client certificate", before: true},
	"cloudflare_account_member": {key: "account_id", words: "member of the Cloudflare account %s", without: "member of this Cloudflare account", elsewhere: true},
	"common_name":               {key: "common_name", words: "client certificate of %s", before: true},
	"device_posture":            {key: "integration_uid", words: "device posture check %s", elsewhere: true, before: true},
	"email":                     {key: "email", words: "e-mail address %s"},
	"email_domain":              {key: "domain", words: "e-mail domain %s"},
	"email_list":                {key: "id", words: "e-mail list %s", elsewhere: true},
	selectorEveryone:            {words: "everyone"},
	"external_evaluation":       {key: "evaluate_url", words: "external evaluation by %s", elsewhere: true},
	"geo":                       {key: "country_code", words: "country %s", before: true},
	"github-organization":       {key: "name", words: "GitHub organization %s", qualifiers: map[string]string{"team": ", team %s"}, elsewhere: true},
	selectorGroup:               {key: "id", words: "group %s"},
	"gsuite":                    {key: "email", words: "Google Workspace group %s", elsewhere: true},
	selectorIP:                  {key: "ip", words: "address %s", before: true},
	"ip_list":                   {key: "id", words: "address list %s", elsewhere: true, before: true},
	"linked_app_token":          {key: "app_uid", words: "token of the application %s"},
	selectorLoginMethod:         {key: "id", words: "login method %s"},
	"oidc":                      {key: "claim_name", words: "OIDC claim %s", qualifiers: map[string]string{"claim_value": " with the value %s"}, elsewhere: true},
	"okta":                      {key: "name", words: "Okta group %s", elsewhere: true},
	"saml":                      {key: "attribute_name", words: "SAML attribute %s", qualifiers: map[string]string{"attribute_value": " with the value %s"}, elsewhere: true},
	selectorServiceToken:        {key: "token_id", words: "service token %s"},
	selectorRiskScore:           {key: "user_risk_score", words: "user risk score %s"},
}

// Selectors returns the keys of the selectors whose meaning is known, in
// alphabetical order. Any other selector counts as met by anybody.
func Selectors() []string { return slices.Sorted(maps.Keys(selectors)) }

// subject returns the member of the selector's value that says who or what, and
// whether it does so in a form that is known.
func (r *Rule) subject() (string, bool) {
	s, known := selectors[deref(r.Selector)]
	switch {
	case !known || r.texts == nil:
		return "", false
	case s.key == "":
		return "", true
	}
	text := r.texts[s.key]
	return text, text != "" || r.isBare(s)
}

// isBare reports whether the rule says nothing under the selector's key, and needs not.
func (r *Rule) isBare(s selector) bool {
	return s.without != "" && (r.JSON == "{}" || r.JSON == `{"`+s.key+`":null}`)
}

// prefix returns the addresses of a rule ip; false for any other rule.
func (r *Rule) prefix() (netip.Prefix, bool) {
	text, ok := r.subject()
	if !ok || !r.is(selectorIP) {
		return netip.Prefix{}, false
	}
	prefix, err := netip.ParsePrefix(text)
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()), !address.Is4In6()
	}
	return prefix.Masked(), err == nil && !prefix.Addr().Is4In6()
}

// Words returns what the rule selects, as a person reads it, in ASCII. named returns
// what to call the group or login method of an id.
func (r *Rule) Words(named func(selector, id string) string) string {
	if r.Selector == nil {
		return "a rule that is not one selector"
	}
	s, known := selectors[*r.Selector]
	if !known {
		return "the unknown selector " + plain(*r.Selector)
	}
	subject, ok := r.subject()
	if !ok {
		return "the selector " + *r.Selector + " in an unknown form"
	}
	if r.is(selectorGroup) || r.is(selectorLoginMethod) {
		subject = named(*r.Selector, subject)
	} else {
		subject = plain(subject)
	}
	words := s.words
	switch {
	case r.isBare(s):
		words = s.without
	case s.key != "":
		words = fmt.Sprintf(words, subject)
	}
	for _, key := range slices.Sorted(maps.Keys(s.qualifiers)) {
		if text := r.texts[key]; text != "" {
			words += fmt.Sprintf(s.qualifiers[key], plain(text))
		}
	}
	if s.elsewhere {
		words += " (contents not read)"
	}
	return words
}

// maxName is how many characters of a name are shown.
const maxName = 100

// harmless removes what is nothing to wonder at in an e-mail address, a pattern or an
// enumeration.
var harmless = strings.NewReplacer("@", "", "+", "", "*", "", " or ", "")

// plain returns a name from outside as it stands among words: quoted unless it cannot
// be taken for them, in ASCII, and of a length that a person reads.
func plain(name string) string {
	runes := []rune(name)
	more := ""
	if len(runes) > maxName {
		runes, more = runes[:maxName], fmt.Sprintf(" and %d more characters", len(runes)-maxName)
	}
	name = string(runes)
	if shown.IsPlain(harmless.Replace(name)) {
		return name + more
	}
	return shown.Quote(name) + more
}
