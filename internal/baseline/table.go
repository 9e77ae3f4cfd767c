package baseline

import (
	"maps"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// field says what a change of a field means.
type field struct {
	// rule judges a change of it; nil for a part that has fields of its own, and for
	// what says where something stands.
	rule *Rule
	// object is the name of the object that the field holds.
	object string
	// same is the value, as JSON, that means the same as no value. It is not written.
	same string
	// because says why a change has no effect, or why the field is left out.
	because string
	// left is true for a field that changes while nobody touches the configuration.
	left bool
	// elsewhere is true for a field whose effect another field's change has.
	elsewhere bool
	// nullable is true for a field in which null says that the API does not tell it.
	nullable bool
	// order says what in the value has no order.
	order order
	// judge judges a change of the field in its rule's place; nil for most.
	judge func(*difference) effects
}

// order says what in a value has no order.
type order byte

const (
	ordered        order = iota
	unorderedList        // the elements of a list
	unorderedWords       // the words of a text
)

// by returns a field whose changes a rule judges.
func by(rule *Rule) field { return field{rule: rule} }

// unless returns the field, of which one value means the same as no value.
func (f field) unless(value string) field {
	f.same = value
	return f
}

// judged returns the field, of which a function judges each change.
func (f field) judged(judge func(*difference) effects) field {
	f.judge = judge
	return f
}

// harmless returns a field whose changes have no effect, and why.
func harmless(because string) field { return field{rule: noEffect, because: because} }

// elsewhere returns a field whose effect the change of another field has, and which.
func elsewhere(because string) field { return field{rule: noEffect, because: because, elsewhere: true} }

// anyOrder returns the field, in whose value there is no order.
func (f field) anyOrder(o order) field {
	f.order = o
	return f
}

// leftOut returns a field that is not compared, and why.
func leftOut(because string) field { return field{left: true, because: because} }

// holds returns a field that holds an object with fields of its own.
func holds(object string) field { return field{object: object} }

// structure is a field that says where something stands in a file, such as a name.
var structure = field{}

const (
	byItself  = "it changes while nobody changes the configuration"
	aRecord   = "a record of who made it, and when; all else is compared field by field"
	asEnabled = "what it does to the tool or prompt is listed as enabled"
	asExposed = "what it does to the tool or prompt is listed as exposed_as"
	notGiven  = "clients are given another text"
	itsName   = "it says which tool or prompt the override is about"
)

// table says of every field that the API is known to give, object by object, what a
// change of it means. A field that is not here is one that nobody has modelled: see
// unknownField. It is the one place that says so: what is compared and left out, the
// page of the data source, ignore_fields and the tests read it.
var table = func() map[string]map[string]field {
	all := maps.Clone(portalFields)
	maps.Copy(all, accessFields)
	return all
}()

// portalFields are the fields of a portal, and of all in it.
var portalFields = map[string]map[string]field{
	"portal": {
		"id": structure, "servers": structure,
		"hostname":           by(portalHostname),
		"name":               by(portalText),
		"description":        by(portalText),
		"code_mode":          by(portalCodeMode),
		"allow_code_mode":    by(portalCodeMode).unless("false"),
		"secure_web_gateway": by(gateway).unless("false"),
		"created_at":         harmless(aRecord),
		"created_by":         harmless(aRecord),
		"modified_at":        leftOut(byItself),
		"modified_by":        leftOut(byItself),
	},
	"server": {
		"id": structure, "server_id": structure,
		"tools": structure, "prompts": structure, "updated_tools": structure, "updated_prompts": structure,
		"auth_config_summary":              holds("login"),
		"hostname":                         by(serverHostname),
		"auth_type":                        by(serverAuthType),
		"name":                             by(serverText),
		"description":                      by(serverText),
		"default_disabled":                 by(serverDefaultDisabled).unless("false"),
		"on_behalf":                        by(serverOnBehalf).unless("false"),
		"secure_web_gateway":               by(gateway).unless("false"),
		"is_shared_oauth_callback_enabled": by(serverCallback).unless("false"),
		"created_at":                       harmless(aRecord),
		"created_by":                       harmless(aRecord),
		"modified_at":                      leftOut(byItself),
		"modified_by":                      leftOut(byItself),
		"last_synced":                      leftOut(byItself),
		"last_successful_sync":             leftOut(byItself),
		"status":                           leftOut(byItself),
		"error":                            leftOut(byItself),
		"error_details":                    leftOut(byItself),
		"authentication_status":            leftOut(byItself),
	},
	"login": {
		"config": holds("login.config"), "registration_info": holds("login.registration_info"),
		"auth_mode":             by(loginClient),
		"has_client_secret":     by(loginClient).unless("false"),
		"client_secret_version": harmless("one secret was replaced by another; that there is one is compared"),
	},
	"login.config": {
		"authorization_endpoint": by(loginEndpoint),
		"issuer":                 by(loginEndpoint),
		"resource":               by(loginEndpoint),
		"revocation_endpoint":    by(loginEndpoint),
		"token_endpoint":         by(loginEndpoint),
	},
	"login.registration_info": {
		"client_id":                  by(loginClient),
		"token_endpoint_auth_method": by(loginClient),
		"redirect_uris":              by(loginRedirectURI).anyOrder(unorderedList),
		"scope":                      by(loginScope).anyOrder(unorderedWords),
	},
	"override": {
		"name":               elsewhere(itsName),
		"enabled":            elsewhere(asEnabled),
		"alias":              elsewhere(asExposed),
		"portal_alias":       elsewhere(asExposed),
		"server_alias":       elsewhere(asExposed),
		"description":        elsewhere(notGiven),
		"portal_description": elsewhere(notGiven),
		"server_description": elsewhere(notGiven),
	},
	"tool": {
		"name":         by(tools.other),
		"title":        by(tools.other),
		"description":  elsewhere(notGiven),
		"inputSchema":  by(toolInputSchema),
		"outputSchema": by(tools.other),
		"annotations":  holds("annotations"),
	},
	"annotations": {
		"title":           by(tools.other),
		"readOnlyHint":    by(toolReadOnly),
		"destructiveHint": by(toolDestructive),
		"openWorldHint":   by(toolOpenWorld),
		"idempotentHint":  by(tools.other),
	},
	"prompt": {
		"name":        by(prompts.other),
		"title":       by(prompts.other),
		"description": elsewhere(notGiven),
		"arguments":   by(prompts.other),
	},
}

// locate returns what the table says of a place in an object: the object and the
// field that the place is in, and how far the path leads there. known is false for a
// field that is not in the table.
func locate(object string, path jsontree.Path) (in string, f field, depth int, known bool) {
	for depth = range path {
		step := path[depth]
		if step.Index >= 0 {
			return object, field{}, depth, false
		}
		f, known = table[object][step.Name]
		if !known || f.object == "" || depth == len(path)-1 {
			return object, f, depth + 1, known
		}
		object = f.object
	}
	return object, f, len(path), known
}

// isOpen reports whether a place is an object of the table, whose fields are compared
// with nothing where the other side has none.
func isOpen(object string) func(jsontree.Path) bool {
	return func(path jsontree.Path) bool {
		_, f, depth, known := locate(object, path)
		return len(path) == 0 || known && depth == len(path) && f.object != ""
	}
}

// ignorable are the objects whose fields may be ignored, and those of the table in
// which these fields stand.
var ignorable = map[string][]string{
	"portal":      {"portal"},
	"server":      {"server"},
	"override":    {"override"},
	"login":       {"login", "login.config", "login.registration_info"},
	"application": {"application", "oauth", "oauth.dynamic_client_registration", "oauth.grant"},
	"policy":      {"policy"},
	"group":       {"group"},
}

// CanIgnore returns why a field may not be ignored, as a sentence that begins with
// what it is about; "" if it may. The field has its object before it, such as
// server.region.
func CanIgnore(name string) string {
	object, fieldName, _ := strings.Cut(name, ".")
	parts, known := ignorable[object]
	switch {
	case !known || fieldName == "":
		return "a field is named with its object, such as server.region; the objects are application, group, login, override, policy, portal and server"
	case strings.Contains(fieldName, "."):
		return "a field is named with its object alone: the fields within it cannot be ignored one by one"
	}
	for _, part := range parts {
		if f, known := table[part][fieldName]; known && !f.left && (f.rule != noEffect || f.elsewhere) {
			return "a change of this field has an effect, and would not be reported any more"
		}
	}
	return ""
}
