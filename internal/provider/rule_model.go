package provider

import (
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// ruleModel is a rule of a policy or of an Access group.
type ruleModel struct {
	Selector *string `tfsdk:"selector"`
	Value    *string `tfsdk:"value"`
	JSON     string  `tfsdk:"json"`
}

func ruleAttributes() attributes {
	return attributes{
		"selector": text("What the rule looks at, by the API's key, such as `email_domain`, `group`, `login_method`, `service_token` or `everyone`. The set is open. Null for a rule that has not exactly one key."),
		"value":    text("The one text in the rule that says who or what, such as `example.com`. An `identity_provider_id` beside it does not count. Null if there is none or several: then `json` has them."),
		"json":     text("The selector's value as JSON text, for `jsondecode`; of a rule without a selector, the whole rule."),
	}
}

func newRuleModel(raw *wirejson.Value) ruleModel {
	rule := cloudflare.RuleOf(*raw)
	return ruleModel{rule.Selector, rule.Value, rule.JSON}
}
