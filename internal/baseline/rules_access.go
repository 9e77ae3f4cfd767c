package baseline

import (
	"cmp"
	"slices"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// A change of Access widens unless it is proven to let in no more. The proofs of
// fields stand here; those that take the policies of an application, or all that
// refers to a group, in judge_access.go.

// Rules of Access.
var (
	accessApplication = &Rule{
		ID: "access_application", can: widens | breaks, judge: judgeAccess, say: sayAccess,
		Sentence: "An Access application that guards the portal or a server came, went or changed. It widens unless it is proven to let in no more: a non-empty `allowed_idps` without a new one, a shorter duration, OAuth, registration or `allow_any_…` off, a URI less.",
	}
	accessPolicy = &Rule{
		ID: "access_policy", can: widens | breaks, judge: judgeAccess, say: sayAccess,
		Sentence: "A policy of such an application came, went, moved or changed. It widens unless it is proven to let in no more: an admitting policy gone, a denying one added or moved up, a decision that became `deny`, an `include` less, a `require` or `exclude` more (in a policy that denies, the reverse), a demand more. Where people fall through to a policy that demands less of them, it widens.",
	}
	accessGroup = &Rule{
		ID: "access_group", can: widens | breaks, judge: judgeAccess, say: sayAccess,
		Sentence: "An Access group that a policy refers to changed. Whether it widens that the group grows or shrinks is up to everything that refers to it.",
	}
	accessLoginMethod = &Rule{
		ID: "access_login_method", can: widens | breaks, judge: judgeAccess, say: sayAccess,
		Sentence: "A login method that a policy or an application refers to changed. It widens unless `restrict_to_account_members` became true.",
	}
	accessOpen = &Rule{
		ID: "access_open", can: widens | breaks, judge: judgeAccess, say: sayReach,
		Sentence: "The portal or a server is open to anybody now, by its own gate, and was not: or the reverse, which breaks. A server that nothing guarded was shown to nobody.",
	}
	accessServiceTokens = &Rule{
		ID: "access_service_tokens", can: widens | breaks, judge: judgeAccess, say: sayReach,
		Sentence: "A service token reaches the portal or a server now, and none did: or the reverse, which breaks.",
	}
	accessRules = []*Rule{accessApplication, accessPolicy, accessGroup, accessLoginMethod, accessOpen, accessServiceTokens}
)

// judgeAccess judges a change of a field by its proof, if it has one.
func judgeAccess(d *difference) effects {
	if d.field.judge != nil {
		return d.field.judge(d)
	}
	return widens
}

// The reasons why changes of Access have no effect.
const (
	onlySeen    = "people see it, and it decides nothing"
	onlyLabels  = "it is only a label"
	onlyStrict  = "browsers send the cookie in fewer cases"
	sameMeaning = "it means the same as before"
	byPosition  = "the order of the policies is compared"
)

// accessFields are the fields of Access.
var accessFields = map[string]map[string]field{
	"application": {
		"id": structure, "policies": {rule: accessPolicy, object: "policy", nullable: true},
		"type":                         by(accessApplication),
		"aud":                          by(accessApplication),
		"domain":                       by(accessApplication),
		"self_hosted_domains":          by(accessApplication).anyOrder(unorderedList),
		"destinations":                 by(accessApplication).anyOrder(unorderedList),
		"user_populations":             by(accessApplication).anyOrder(unorderedList),
		"guards_portal":                by(accessApplication).unless("false"),
		"guards_servers":               by(accessApplication).anyOrder(unorderedList).judged(judgeGuarded),
		"allowed_idps":                 by(accessApplication).anyOrder(unorderedList).judged(subset),
		"allow_authenticate_via_warp":  by(accessApplication).judged(overWARP),
		"session_duration":             by(accessApplication).unless(`"24h"`).judged(session),
		"oauth_configuration":          {rule: accessApplication, object: "oauth", nullable: true, judge: while(hasOAuth, unproven)},
		"mfa_config":                   {rule: accessApplication, object: "mfa"},
		"scim_config":                  by(accessApplication),
		"cors_headers":                 by(accessApplication),
		"options_preflight_bypass":     by(accessApplication).unless("false").judged(offIsLess),
		"skip_interstitial":            by(accessApplication).unless("false").judged(offIsLess),
		"allow_iframe":                 by(accessApplication).unless("false").judged(offIsLess),
		"http_only_cookie_attribute":   by(accessApplication).judged(stricter("true")),
		"enable_binding_cookie":        by(accessApplication).unless("false").judged(stricter("true")),
		"path_cookie_attribute":        by(accessApplication).unless("false").judged(stricter("true")),
		"same_site_cookie_attribute":   by(accessApplication).judged(stricter("none", "lax", "strict")),
		"name":                         harmless(onlyLabels),
		"uid":                          harmless("it is another form of the id"),
		"tags":                         harmless(onlyLabels).anyOrder(unorderedList),
		"logo_url":                     harmless(onlySeen),
		"custom_deny_message":          harmless(onlySeen),
		"custom_deny_url":              harmless(onlySeen),
		"custom_non_identity_deny_url": harmless(onlySeen),
		"custom_pages":                 harmless(onlySeen).anyOrder(unorderedList),
		"app_launcher_visible":         harmless(onlySeen),
		"service_auth_401_redirect":    harmless("it is the answer to whom a policy refuses"),
		"auto_redirect_to_identity":    harmless("it skips the choice of a login method where there is one"),
		"created_at":                   leftOut(byItself),
		"updated_at":                   leftOut(byItself),
	},
	"oauth": {
		"dynamic_client_registration": {rule: accessApplication, object: "oauth.dynamic_client_registration", judge: while(registers, unproven)},
		"grant":                       {rule: accessApplication, object: "oauth.grant", judge: while(hasOAuth, unproven)},
		"enabled":                     by(accessApplication).judged(while(hasOAuth, absentIsOn)),
	},
	"oauth.dynamic_client_registration": {
		"enabled":                by(accessApplication).judged(while(registers, absentIsOn)),
		"allow_any_on_localhost": by(accessApplication).judged(while(registers, absentIsOn)),
		"allow_any_on_loopback":  by(accessApplication).judged(while(registers, absentIsOn)),
		"allowed_uris":           by(accessApplication).anyOrder(unorderedList).judged(while(registers, lessOfSome)),
	},
	"oauth.grant": {
		"access_token_lifetime": by(accessApplication).judged(while(hasOAuth, shorter)),
		"session_duration":      by(accessApplication).judged(while(hasOAuth, shorter)),
	},
	"policy": {
		"id":                             structure,
		"decision":                       by(accessPolicy).judged(judgeDecision),
		"include":                        {rule: accessPolicy, nullable: true, order: unorderedList},
		"require":                        by(accessPolicy).anyOrder(unorderedList),
		"exclude":                        by(accessPolicy).anyOrder(unorderedList),
		"session_duration":               by(accessPolicy).judged(session),
		"approval_required":              by(accessPolicy).unless("false").judged(onIsLess),
		"purpose_justification_required": by(accessPolicy).unless("false").judged(onIsLess),
		"isolation_required":             by(accessPolicy).unless("false").judged(onIsLess),
		"approval_groups":                by(accessPolicy).judged(approvers),
		"mfa_config":                     {rule: accessPolicy, object: "mfa"},
		"connection_rules":               by(accessPolicy),
		"name":                           harmless(onlyLabels),
		"uid":                            harmless("it is another form of the id"),
		"account_id":                     harmless("it is the account's own"),
		"purpose_justification_prompt":   harmless(onlySeen),
		"reusable":                       harmless("what the policy says is compared, wherever it is kept"),
		"precedence":                     leftOut(byPosition),
		"app_count":                      leftOut("it counts other applications"),
		"created_at":                     leftOut(byItself),
		"updated_at":                     leftOut(byItself),
	},
	"mfa": {
		"mfa_disabled":           by(accessPolicy).unless("false").judged(offIsLess),
		"allowed_authenticators": by(accessPolicy).anyOrder(unorderedList).judged(ifMFA(lessOfSome)),
		"session_duration":       by(accessPolicy).judged(ifMFA(shorter)),
	},
	"group": {
		"id":         structure,
		"include":    {rule: accessGroup, nullable: true, order: unorderedList},
		"require":    by(accessGroup).anyOrder(unorderedList),
		"exclude":    by(accessGroup).anyOrder(unorderedList),
		"is_default": by(accessGroup).unless("false"),
		"name":       harmless(onlyLabels),
		"uid":        harmless("it is another form of the id"),
		"created_at": leftOut(byItself),
		"updated_at": leftOut(byItself),
	},
	"identity_provider": {
		"id": structure, "config": {rule: accessLoginMethod, object: "identity_provider.config"},
		"type":       by(accessLoginMethod),
		"name":       harmless(onlyLabels),
		"created_at": leftOut(byItself),
		"updated_at": leftOut(byItself),
	},
	"identity_provider.config": {
		"restrict_to_account_members": by(accessLoginMethod).unless("false").judged(onIsLess),
	},
	"reach": {
		"open":           by(accessOpen).judged(offIsLess),
		"service_tokens": by(accessServiceTokens).judged(offIsLess),
	},
}

func unproven(*difference) effects { return widens }

// offIsLess judges a switch that lets in more where it is on.
func offIsLess(d *difference) effects {
	if d.after == nil || d.after.IsFalse() {
		return breaks
	}
	return widens
}

// onIsLess judges a demand.
func onIsLess(d *difference) effects {
	if d.after.IsTrue() {
		return breaks
	}
	return widens
}

// absentIsOn judges a switch that lets in more where it is on, and is on where it is
// absent.
//
// Source: the code of Cloudflare's own Terraform provider.
func absentIsOn(d *difference) effects {
	switch {
	case d.after.IsFalse():
		return breaks
	case d.before == nil && d.after.IsTrue() || d.before.IsTrue() && d.after == nil:
		d.because = sameMeaning
		return none
	}
	return widens
}

// overWARP judges whether the login of a device counts. Absent, the setting of the
// organisation does, which may be either.
func overWARP(d *difference) effects {
	if d.after.IsFalse() || d.after == nil && d.before.IsTrue() {
		return breaks
	}
	return widens
}

// stricter judges an attribute of a cookie: it has no effect if its value became a
// later one of the order, or the last.
func stricter(order ...string) func(*difference) effects {
	return func(d *difference) effects {
		rank := func(n *jsontree.Node) int {
			if n == nil {
				return -1
			}
			return slices.Index(order, n.Value())
		}
		was, is := rank(d.before), rank(d.after)
		if is == len(order)-1 || is > was && was >= 0 {
			d.because = onlyStrict
			return none
		}
		return widens
	}
}

// lessOfSome judges a list of what is admitted, of which nobody says what it means
// that it is empty.
func lessOfSome(d *difference) effects {
	added, _ := addedAndRemoved(d.values[0], d.values[1])
	if len(added) == 0 && len(d.values[1].Elements()) > 0 {
		return breaks
	}
	return widens
}

// subset judges a list of what is admitted, where an empty one admits all.
func subset(d *difference) effects {
	added, removed := addedAndRemoved(d.values[0], d.values[1])
	wasAll, isAll := len(d.values[0].Elements()) == 0, len(d.values[1].Elements()) == 0
	return widens.when(isAll || !wasAll && len(added) > 0) | breaks.when(wasAll || !isAll && len(removed) > 0)
}

// durationOf returns how long something is good for; false where nobody can tell.
func durationOf(n *jsontree.Node) (time.Duration, bool) {
	text, _ := n.Str()
	length, err := time.ParseDuration(text)
	return length, err == nil && length > 0
}

func compareDurations(d *difference, before, after *jsontree.Node) effects {
	was, known := durationOf(before)
	is, isKnown := durationOf(after)
	if !known || !isKnown || is > was {
		return widens
	}
	d.because = sameMeaning
	return breaks.when(is < was)
}

func shorter(d *difference) effects { return compareDurations(d, d.before, d.after) }

// session judges how long a login is good for: that of a policy is its application's
// where it has none, and the application's 24 hours.
//
// Source: Cloudflare's documentation, "Session management".
func session(d *difference) effects {
	return compareDurations(d, d.facts.sessionOf(0, d.before), d.facts.sessionOf(1, d.after))
}

func (f *accessFacts) sessionOf(side int, own *jsontree.Node) *jsontree.Node {
	return cmp.Or(own, f.application[side].Member("session_duration"), jsontree.NewString("24h"))
}

// hasOAuth and registers report whether an application is an authorization server of
// OAuth clients, and whether they may register with it.
func hasOAuth(application *jsontree.Node) bool {
	oauth := application.Member("oauth_configuration")
	return oauth != nil && !oauth.Member("enabled").IsFalse()
}

func registers(application *jsontree.Node) bool {
	return hasOAuth(application) && !application.At("oauth_configuration", "dynamic_client_registration", "enabled").IsFalse()
}

// while returns a judgement of what counts only while something is on.
func while(on func(application *jsontree.Node) bool, judge func(*difference) effects) func(*difference) effects {
	return func(d *difference) effects {
		was, is := on(d.facts.application[0]), on(d.facts.application[1])
		switch {
		case !is:
			d.because = "it is off"
			return breaks.when(was)
		case !was:
			return widens
		}
		return judge(d)
	}
}

// ifMFA returns a judgement of a demand that counts unless MFA is turned off.
func ifMFA(judge func(*difference) effects) func(*difference) effects {
	return func(d *difference) effects {
		if d.parents[0].Member("mfa_disabled").IsTrue() {
			return breaks
		}
		return judge(d)
	}
}

// approvers judges who approves a login: nobody had to, or it widens.
func approvers(d *difference) effects {
	if d.parents[0].Member("approval_required").IsTrue() {
		return widens
	}
	d.because = "no approval was required"
	return none
}

// judgeDecision judges what a policy does with whom it matches.
func judgeDecision(d *difference) effects {
	was, _ := d.before.Str()
	is, _ := d.after.Str()
	switch {
	case is == "deny" && admits(was):
		return breaks
	case is == "non_identity" && was == "bypass":
		d.because = "the same requests pass without a login, and are logged now"
		return none
	}
	return widens
}

// admits reports whether a decision is known to admit whom its policy matches.
func admits(decision string) bool {
	return slices.Contains([]string{"allow", "non_identity", "bypass"}, decision)
}

// judgeGuarded judges which servers an application guards. One that is no longer in
// the portal, or is new in it, has a file of its own.
func judgeGuarded(d *difference) effects {
	added, removed := addedAndRemoved(d.values[0], d.values[1])
	for _, id := range append(added, removed...) {
		if d.isThere(0, id) && d.isThere(1, id) {
			return widens
		}
	}
	d.because = "a server that is new in the portal, or gone from it, has an entry of its own"
	return none
}

// isThere reports whether a server was in the portal, or is.
func (d *difference) isThere(side int, serverID string) bool {
	return d.roots[side].At("access", "reach").Named(reachOfServer+serverID) != nil
}

// judgeApplication judges an application that came or went. Only one of type mcp guards
// servers alone.
func judgeApplication(d *difference) effects {
	if kind, _ := d.before.Member("type").Str(); kind != "mcp" || d.before.Member("domain") != nil || d.before.Member("guards_portal") != nil {
		return widens
	}
	for _, id := range d.before.Member("guards_servers").Elements() {
		if d.isThere(1, id.Value()) {
			return widens
		}
	}
	d.because = "the servers that it guarded are gone"
	return none
}
