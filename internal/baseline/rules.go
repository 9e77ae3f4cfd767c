package baseline

import (
	"slices"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// Rule is a kind of change. What a change by it does is either the same for all of
// them, or worked out from the difference.
type Rule struct {
	// ID names the rule. A release settles it for good.
	ID string
	// Sentence says which changes it is about, and what they do, for the documentation.
	Sentence string

	// can are the effects that a change by the rule may have.
	can effects
	// judge returns those that one has; nil for a rule whose changes have all of can.
	judge func(*difference) effects
	// means says, below a change that has one of the effects, what that is for agents;
	// "" where the change says it. It reads as a sentence without capital and period.
	means string
	// loses says the same below a change that breaks and does not widen.
	loses string
	// say returns the words for a change; nil for the words about a field.
	say func(*change) saying
}

// Effects returns the effects that a change by the rule may have.
func (r *Rule) Effects() []Effect { return r.can.list() }

// Rules returns every rule, in the order of the documentation.
func Rules() []*Rule { return allRules }

var allRules = slices.Concat([]*Rule{
	notAccepted,
	portalHostname, portalCodeMode, portalText,
	serverAdded, serverRemoved, serverHostname, serverAuthType, serverText, serverDefaultDisabled, serverOnBehalf, serverCallback, gateway,
	loginEndpoint, loginClient, loginRedirectURI, loginScope,
}, tools.rules(), []*Rule{
	toolReadOnly, toolDestructive, toolOpenWorld, toolAnnotations, toolInputSchema,
}, prompts.rules(), []*Rule{
	overridesContradict, severalOverrides, overrideUnmatched,
}, accessRules, []*Rule{unknownField, noEffect, manyChanges, tooLong})

// difference is a smallest place at which an accepted file differs from what is there
// now, with all that a rule may look at to judge it.
type difference struct {
	change
	// object and field are what the table calls the place; rest leads on from there.
	// known is false for a field that is not in the table.
	object string
	field  field
	known  bool
	rest   jsontree.Path
	// values are the whole of the field that the place is in, accepted and now.
	values [2]*jsontree.Node
	// parents are the objects that hold the field: the server, the login, …
	parents [2]*jsontree.Node
	// bypassesGateway is whether the traffic of the server, or of some server of the
	// portal, went through Gateway and no longer does.
	bypassesGateway bool
	// more and less are whether an input schema may accept more, or less, by it.
	more, less bool
}

// Rules of all objects.
var (
	notAccepted = &Rule{
		ID: "not_accepted", can: widens, say: sayNotAccepted,
		Sentence: "`portal.json` is missing, or, with `include_access`, `access.json`: nobody has accepted what belongs in it.",
	}
	unknownField = &Rule{
		ID: "unknown_field", can: widens, means: "this provider does not know this field",
		Sentence: "A field changed that this provider does not know: of the portal, a server, an override, a login or Access. One of a tool or prompt is `tool_field` or `prompt_field`.",
		judge: func(d *difference) effects {
			return widens.when(!d.before.IsEmpty() || !d.after.IsEmpty())
		},
	}
	noEffect = &Rule{
		ID:       "no_effect",
		Sentence: "A field changed that gives agents nothing and takes nothing from them. The change says why.",
	}
	tooLong = &Rule{
		ID: "too_long", can: steers,
		Sentence: "Never reported by itself: a change whose name, path or difference is very long steers in addition to what its own rule says.",
	}
)

// Rules of the portal.
var (
	portalHostname = &Rule{
		ID: "portal_hostname", can: widens, means: "clients reach the portal at another address, which other Access applications guard",
		Sentence: "The portal's `hostname` changed.",
	}
	portalCodeMode = &Rule{
		ID: "portal_code_mode", can: widens | steers,
		Sentence: "Code Mode changed: it widens if it was off, and steers otherwise.",
		means:    "in Code Mode, agents call tools from code that they write",
		judge: func(d *difference) effects {
			was, is := hasCodeMode(d.parents[0]), hasCodeMode(d.parents[1])
			mode := [2]*jsontree.Node{d.parents[0].Member("code_mode"), d.parents[1].Member("code_mode")}
			older := d.path[0].Name == "allow_code_mode"
			switch {
			case older && mode[1] != nil && agreeOnCodeMode(d.parents[1]) && (was || !jsontree.Equal(mode[0], mode[1])):
				d.because = "code_mode says the same, and has replaced this field"
				return none
			case !was && is:
				return widens
			}
			return steers
		},
	}
	portalText = &Rule{
		ID: "portal_text", can: steers, means: "models may be given it",
		Sentence: "The portal's `name` or `description` changed.",
	}
	gateway = &Rule{
		ID: "gateway", can: widens, means: "Gateway no longer inspects this traffic",
		Sentence: "`secure_web_gateway` of the portal or of a server changed. It widens if traffic that went through Gateway no longer does: either switch keeps it on.",
		judge: func(d *difference) effects {
			if !d.bypassesGateway {
				d.because = "no traffic leaves Gateway by it"
			}
			return widens.when(d.bypassesGateway)
		},
	}
)

// hasCodeMode reports whether anything says that Code Mode is on.
func hasCodeMode(portal *jsontree.Node) bool {
	mode, set := portal.Member("code_mode").Str()
	return portal.Member("allow_code_mode").IsTrue() || set && mode != "off"
}

// agreeOnCodeMode reports whether allow_code_mode, the older form, says what code_mode
// says.
func agreeOnCodeMode(portal *jsontree.Node) bool {
	mode, set := portal.Member("code_mode").Str()
	return portal.Member("allow_code_mode").IsTrue() == (set && mode != "off")
}

// Rules of servers.
var (
	serverAdded = &Rule{
		ID: "server_added", can: widens, say: sayServerAdded,
		Sentence: "A server appeared. It has no effect if `default_disabled` is true and everything it has is known and off.",
		judge: func(d *difference) effects {
			root := d.roots[1]
			off := root.At("server", "default_disabled").IsTrue() && !root.Member("tools").IsNull() && !root.Member("prompts").IsNull()
			for _, k := range kinds {
				for _, e := range entriesIn(root, k) {
					off = off && !e.enabled
				}
			}
			if off {
				d.because = "everything it has is off, and so is what it adds later"
			}
			return widens.when(!off)
		},
	}
	serverRemoved = &Rule{
		ID: "server_removed", can: breaks, say: sayServerRemoved,
		Sentence: "A server is gone.",
	}
	serverHostname = &Rule{
		ID: "server_hostname", can: widens, means: "calls, and what is in them, go to another address",
		Sentence: "A server's `hostname` changed.",
	}
	serverAuthType = &Rule{
		ID: "server_auth_type", can: widens, means: "the server is called with other credentials",
		Sentence: "A server's `auth_type` changed.",
	}
	serverText = &Rule{
		ID: "server_text", can: steers, means: "models may be given it",
		Sentence: "A server's `name` or `description` changed.",
	}
	serverDefaultDisabled = &Rule{
		ID: "server_default_disabled", can: widens, means: "tools it adds later are on at once",
		Sentence: "A server's `default_disabled` changed. It widens if it is no longer true.",
		judge: func(d *difference) effects {
			if !d.before.IsTrue() {
				d.because = "tools it adds later start off; tools that are off by it now are listed one by one"
			}
			return widens.when(d.before.IsTrue())
		},
	}
	serverOnBehalf = &Rule{
		ID: "server_on_behalf", can: widens | breaks, loses: "each user logs in now; service tokens no longer reach it", means: "users no longer log in themselves: all share one login; service tokens can reach it",
		Sentence: "A server's `on_behalf` changed. It widens if it is no longer true, and breaks if it is now.",
		judge:    func(d *difference) effects { return widens.when(d.before.IsTrue()) | breaks.when(d.after.IsTrue()) },
	}
	serverCallback = &Rule{
		ID: "server_shared_oauth_callback", can: widens, means: "logins to this server end at another address",
		Sentence: "A server's `is_shared_oauth_callback_enabled` changed.",
	}
)

// Rules of a server's login, which the API gives as auth_config_summary.
var (
	loginEndpoint = &Rule{
		ID: "login_endpoint", can: widens, means: "users or the portal log in elsewhere",
		Sentence: "An OAuth endpoint, the issuer or the resource of a server's login changed. A `resource` that appears and is the server's own address has no effect.",
		judge: func(d *difference) effects {
			own := d.path[len(d.path)-1].Name == "resource" && d.before == nil &&
				jsontree.Equal(d.after, d.roots[1].At("server", "hostname"))
			if own {
				d.because = "it is the server's own address, which Cloudflare fills in"
			}
			return widens.when(!own)
		},
	}
	loginClient = &Rule{
		ID: "login_client", can: widens, means: "the portal identifies itself to that server in another way",
		Sentence: "How the portal identifies itself at a server's login changed: `auth_mode`, `client_id`, `token_endpoint_auth_method`, or whether there is a client secret.",
	}
	loginRedirectURI = &Rule{
		ID: "login_redirect_uri", can: widens | breaks, say: sayList("login redirect URI"), judge: addedOrRemoved,
		Sentence: "Redirect URIs of a server's login changed. One that was added widens, one that was removed breaks.",
		means:    "a login may be handed to it",
	}
	loginScope = &Rule{
		ID: "login_scope", can: widens | breaks, say: sayList("login scope"), judge: addedOrRemoved,
		Sentence: "Scopes of a server's login changed. One that was added widens, one that was removed breaks.",
	}
)

// addedOrRemoved judges a list of which more is worse, and its text form.
func addedOrRemoved(d *difference) effects {
	added, removed := addedAndRemoved(d.before, d.after)
	return widens.when(len(added) > 0) | breaks.when(len(removed) > 0)
}
