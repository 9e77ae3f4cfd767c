package baseline

import (
	"slices"
)

// Effect is what a change does to agents.
type Effect string

// The effects, the worst first.
const (
	// Widens: agents can do more, or a safeguard is gone.
	Widens Effect = "widens"
	// Steers: a model is told something else.
	Steers Effect = "steers"
	// Undetermined stands among the effects of a comparison in which something
	// could not be compared. No change has it.
	Undetermined Effect = "undetermined"
	// Breaks: agents lose something.
	Breaks Effect = "breaks"
)

// severity is the order in which a person reads.
var severity = []Effect{Widens, Steers, Undetermined, Breaks}

// sorted returns effects, each once, the worst first.
func sorted(effects []Effect) []Effect {
	var all []Effect
	for _, e := range severity {
		if slices.Contains(effects, e) {
			all = append(all, e)
		}
	}
	return all
}

// Rule is a kind of change: what it does to agents whenever it is about something
// that is on.
type Rule struct {
	// ID names the rule for good.
	ID string
	// Effects are what a change of this kind does, the worst first; none if nobody
	// can do more or less by it.
	Effects []Effect
	// Sentence says when it is reported, for the documentation.
	Sentence string
}

var (
	widens         = []Effect{Widens}
	steers         = []Effect{Steers}
	breaks         = []Effect{Breaks}
	steersAndBreak = []Effect{Steers, Breaks}
	none           []Effect
)

// Rules is every rule. The page of the data source is made from it.
var Rules = []Rule{
	{"not_accepted", widens, "`portal.json` is missing, or, with `include_access`, `access.json`: nobody has accepted what would stand in it."},

	{"code_mode_on", widens, "Code Mode of the portal was off and is not any more."},
	{"code_mode_changed", steers, "Code Mode of the portal changed in another way."},
	{"gateway_bypassed", widens, "Traffic that went through Gateway goes past it: `secure_web_gateway` of the portal or of a server was turned off, and the other is not on."},
	{"portal_description", steers, "The portal's `description` changed."},
	{"portal_field", none, "Another field of the portal changed."},
	{"unknown_boolean", widens, "A boolean that this provider does not know, of the portal, a server, an override, a login or Access, came or changed."},

	{"server_added", widens, "A server appeared."},
	{"server_added_off", none, "A server appeared with `default_disabled`, and all that it has is known and off."},
	{"server_removed", breaks, "A server is gone that had something on."},
	{"server_hostname", widens, "A server's `hostname` changed: its tools run elsewhere."},
	{"server_unauthenticated", widens, "A server's `auth_type` became `unauthenticated`."},
	{"server_default_on", widens, "A server's `default_disabled` is not true any more: what it brings next is on."},
	{"server_on_behalf", widens, "A server's `on_behalf` became false, or is not true any more: all agents share one login, and service tokens reach the server."},
	{"server_description", steers, "A server's `description` changed."},
	{"server_field", none, "Another field of a server changed."},

	{"login_endpoint", widens, "An OAuth endpoint, the issuer or the resource of a server's login changed."},
	{"login_redirect_uri", widens, "A redirect URI came to a server's login."},
	{"login_scope", widens, "A scope came to a server's login."},
	{"login_field", none, "Another field of a server's login changed, or a redirect URI or a scope went."},

	{"tool_added", widens, "A tool appeared, and is on."},
	{"tool_removed", breaks, "A tool that was on is gone."},
	{"tool_renamed", breaks, "A tool is gone, and a new one has the same content: it was renamed by its server."},
	{"tool_renamed_on", widens, "A tool was renamed by its server. It was off and is on: its override did not follow it."},
	{"tool_enabled", widens, "A tool was turned on."},
	{"tool_disabled", breaks, "A tool was turned off."},
	{"tool_exposed_as", steersAndBreak, "Clients see a tool under another name."},
	{"tool_name_taken", widens, "A tool took the name under which clients saw another one."},
	{"tool_description", steers, "The description of a tool changed, its own or that of an override."},
	{"tool_title", steers, "The title of a tool changed."},
	{"tool_read_only_gone", widens, "A tool does not claim to be read-only any more (`readOnlyHint`)."},
	{"tool_destructive", widens, "A tool counts as destructive now: `destructiveHint` is true or, as MCP says, absent, and `readOnlyHint` is not true."},
	{"tool_open_world", widens, "A tool reaches an open world now: `openWorldHint` is true or, as MCP says, absent."},
	{"tool_hint", steers, "Another hint of a tool changed, or one claims less harm now."},
	{"tool_hint_same", none, "A hint of a tool is written out, or left out, and means what it meant."},
	{"tool_field", steers, "Any other field of a tool changed."},

	{"input_schema_more", widens, "A tool's input schema accepts more, or differs in a way that can't be told from that."},
	{"input_schema_less", breaks, "A tool's input schema accepts less."},
	{"schema_text", steers, "A text within a tool's input or output schema changed: `title`, `description`, `default`, `examples`, `$comment`."},
	{"schema_form", none, "A tool's schema is written in another way, and accepts what it did."},
	{"output_schema", none, "The structure of a tool's output schema changed."},

	{"prompt_added", widens, "A prompt appeared, and is on."},
	{"prompt_removed", breaks, "A prompt that was on is gone."},
	{"prompt_renamed", breaks, "A prompt is gone, and a new one has the same content."},
	{"prompt_renamed_on", widens, "A prompt was renamed by its server. It was off and is on."},
	{"prompt_enabled", widens, "A prompt was turned on."},
	{"prompt_disabled", breaks, "A prompt was turned off."},
	{"prompt_exposed_as", steersAndBreak, "Clients see a prompt under another name."},
	{"prompt_name_taken", widens, "A prompt took the name under which clients saw another one."},
	{"prompt_description", steers, "The description of a prompt changed, its own or that of an override."},
	{"prompt_title", steers, "The title of a prompt changed."},
	{"prompt_argument", steers, "An argument of a prompt came, went or changed."},
	{"prompt_field", steers, "Any other field of a prompt changed."},

	{"overrides_contradict", widens, "Overrides of one tool or prompt contradict each other on whether it is on, which they did not. It counts as on: nobody documents which one Cloudflare takes."},
	{"override_enables_absent", widens, "An override that enables a tool or prompt which the server does not have came, or became one: what appears under that name is on."},
	{"override_absent", none, "Another override of what the server does not have changed."},
	{"override_field", none, "An override changed in a way that changes nothing for clients."},

	{"access_application_gone", widens, "An Access application is gone that guarded the portal or a server, or covered some of the portal's host."},
	{"access_application_added", widens, "An Access application is new that covers some of the portal's host, or guards a server that another one guards: the more open of them decides."},
	{"access_application_first", none, "An Access application is new, and guards a server that nothing guarded."},
	{"access_destination", widens, "What an application covers changed: its `domain`, `self_hosted_domains` or `destinations`."},
	{"access_guard_gone", widens, "An application, or none at all, guards the portal or a server no more, although none of the application's own fields says so."},
	{"access_policy_added", widens, "A policy is new that lets somebody in: `allow`, `bypass`, `non_identity`, or a decision that nobody knows."},
	{"access_policy_gone", breaks, "A policy is gone that let somebody in."},
	{"access_deny_added", breaks, "A policy is new that denies."},
	{"access_deny_gone", widens, "A policy is gone that denied."},
	{"access_decision_more", widens, "A policy's `decision` lets more in: from `deny` by `allow` and `non_identity` to `bypass`, or to one that nobody knows."},
	{"access_decision_less", breaks, "A policy's `decision` lets less in."},
	{"access_policy_moved", widens, "A policy that lets somebody in stands before one that denies, and stood after it."},
	{"access_policy_moved_back", breaks, "A policy that lets somebody in stands after one that denies, and stood before it."},
	{"access_rule_more", widens, "A policy, or a group by what refers to it, lets more in: a rule more in `include`, one less in `require` or `exclude`; in a policy that denies, the reverse."},
	{"access_rule_less", breaks, "A policy, or a group by what refers to it, lets less in."},
	{"access_unknown", widens, "The API does not tell any more what a policy, a group or a login method is: it counts as open."},
	{"access_login_more", widens, "`allowed_idps` is longer, or empty, which is every provider; or a login by WARP is allowed."},
	{"access_login_less", breaks, "`allowed_idps` is shorter; or a login by WARP is not allowed any more."},
	{"access_login_method", widens, "A login method that a rule refers to is of another type."},
	{"access_safeguard_gone", widens, "On the portal, a policy asks for less: `mfa_config`, `approval_required`, `approval_groups`, `purpose_justification_required`, `isolation_required`."},
	{"access_longer", widens, "A session, a token or a grant lasts longer, or as long as nobody knows."},
	{"access_clients_more", widens, "More OAuth clients may come: OAuth, their registration or `allow_any_on_*` is on (not set is on), or a URI was added."},
	{"access_open", widens, "Anybody reaches the portal, or whoever passes it a server, by a change that is told nowhere else."},
	{"access_service_tokens", widens, "A service token reaches the portal, or a server, by a change that is told nowhere else."},
	{"access_reach", none, "The portal or a server is open no more, guarded, or out of reach of service tokens, by a change that is told nowhere else."},
	{"access_field", none, "Anything else of Access changed."},

	{"too_long", steers, "In addition to its own: a change is too long to be shown whole, so that nobody can read it where it is reported."},
}

// rulesByID is Rules by their ids.
var rulesByID = func() map[string]*Rule {
	byID := make(map[string]*Rule, len(Rules))
	for i := range Rules {
		byID[Rules[i].ID] = &Rules[i]
	}
	return byID
}()

// place says what becomes of a field in a baseline: the id of a rule, or one of the
// words below. A walk over the wire types holds that no field is forgotten.
const (
	// structure: the field says where something stands, such as a name.
	structure = "(structure)"
	// left: the field changes while nobody touches the configuration, and is left out.
	left = "(left out)"
)

// fields says of every field that the API is known to give, object by object, by
// which rule a change of it is reported. A field that is not here is one that nobody
// has modelled: it is kept all the same.
var fields = map[string]map[string]string{
	"portal": {
		"id": structure, "servers": structure,
		"allow_code_mode": "code_mode_on", "code_mode": "code_mode_on",
		"secure_web_gateway": "gateway_bypassed",
		"description":        "portal_description",
		"hostname":           "portal_field", "name": "portal_field",
		"created_at": "portal_field", "created_by": "portal_field",
		"modified_at": left, "modified_by": left,
	},
	"server": {
		"id": structure, "server_id": structure,
		"tools": structure, "prompts": structure, "updated_tools": structure, "updated_prompts": structure,
		"auth_config_summary": structure,
		"auth_type":           "server_unauthenticated",
		"default_disabled":    "server_default_on",
		"description":         "server_description",
		"hostname":            "server_hostname",
		"on_behalf":           "server_on_behalf",
		"secure_web_gateway":  "gateway_bypassed",
		"name":                "server_field", "is_shared_oauth_callback_enabled": "server_field",
		"created_at": "server_field", "created_by": "server_field",
		"authentication_status": left, "status": left, "error": left, "error_details": left,
		"last_synced": left, "last_successful_sync": left, "modified_at": left, "modified_by": left,
	},
	"login": {
		"config": structure, "registration_info": structure,
		"auth_mode": "login_field", "client_secret_version": "login_field", "has_client_secret": "login_field",
	},
	"login.config": {
		"authorization_endpoint": "login_endpoint", "issuer": "login_endpoint", "resource": "login_endpoint",
		"revocation_endpoint": "login_endpoint", "token_endpoint": "login_endpoint",
	},
	"login.registration_info": {
		"redirect_uris": "login_redirect_uri", "scope": "login_scope",
		"client_id": "login_field", "token_endpoint_auth_method": "login_field",
	},
	"override": {
		"name": structure, "enabled": "tool_enabled",
		"alias": "tool_exposed_as", "portal_alias": "tool_exposed_as", "server_alias": "tool_exposed_as",
		"description": "tool_description", "portal_description": "tool_description", "server_description": "tool_description",
	},
	"tool": {
		"name": structure, "annotations": structure,
		"description": "tool_description", "title": "tool_title",
		"inputSchema": "input_schema_more", "outputSchema": "output_schema",
	},
	"annotations": {
		"title": "tool_title", "readOnlyHint": "tool_read_only_gone", "destructiveHint": "tool_destructive",
		"openWorldHint": "tool_open_world", "idempotentHint": "tool_hint",
	},
	"prompt": {
		"name": structure, "arguments": "prompt_argument",
		"description": "prompt_description", "title": "prompt_title",
	},
	"application": {
		"id": structure, "type": "access_field", "name": "access_field", "policies": structure, "oauth_configuration": structure,
		"domain": "access_destination", "session_duration": "access_longer", "allowed_idps": "access_login_more", "allow_authenticate_via_warp": "access_login_more",
	},
	"oauth": {
		"enabled": "access_clients_more", "dynamic_client_registration": structure, "grant": structure,
	},
	"oauth.dynamic_client_registration": {
		"enabled": "access_clients_more", "allowed_uris": "access_clients_more", "allow_any_on_localhost": "access_clients_more", "allow_any_on_loopback": "access_clients_more",
	},
	"oauth.grant": {"access_token_lifetime": "access_longer", "session_duration": "access_longer"},
	"policy": {
		"id": structure, "name": "access_field", "precedence": structure, "decision": "access_decision_more",
		"include": "access_rule_more", "require": "access_rule_more", "exclude": "access_rule_more",
		"session_duration": "access_longer", "approval_required": "access_safeguard_gone", "approval_groups": "access_safeguard_gone",
		"purpose_justification_required": "access_safeguard_gone", "isolation_required": "access_safeguard_gone", "mfa_config": "access_safeguard_gone",
	},
	"group": {
		"id": structure, "name": "access_field", "include": "access_rule_more", "require": "access_rule_more", "exclude": "access_rule_more",
	},
	"identity_provider": {"id": structure, "name": "access_field", "type": "access_login_method"},
	"argument": {
		"name": "prompt_argument", "title": "prompt_argument", "description": "prompt_argument", "required": "prompt_argument",
	},
}

// CanIgnore reports whether a field of a name may be left out: no rule that has an
// effect reads one of that name.
func CanIgnore(name string) bool {
	for _, object := range fields {
		rule, known := object[name]
		if known && (rule == structure || rule != left && len(rulesByID[rule].Effects) > 0) {
			return false
		}
	}
	return true
}
