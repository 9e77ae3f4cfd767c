package provider

import (
	"math/big"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// policyModel is a policy of an Access application.
type policyModel struct {
	ID                           *string           `tfsdk:"id"`
	Name                         *string           `tfsdk:"name"`
	Precedence                   *big.Float        `tfsdk:"precedence"`
	Decision                     *string           `tfsdk:"decision"`
	Include                      []ruleModel       `tfsdk:"include"`
	Require                      []ruleModel       `tfsdk:"require"`
	Exclude                      []ruleModel       `tfsdk:"exclude"`
	SessionDuration              *string           `tfsdk:"session_duration"`
	ApprovalRequired             *bool             `tfsdk:"approval_required"`
	ApprovalGroups               *string           `tfsdk:"approval_groups"`
	PurposeJustificationRequired *bool             `tfsdk:"purpose_justification_required"`
	IsolationRequired            *bool             `tfsdk:"isolation_required"`
	MFAConfig                    *string           `tfsdk:"mfa_config"`
	Extra                        map[string]string `tfsdk:"extra"`
}

func policyAttributes() attributes {
	return attributes{
		"id":                             text("The policy's id. Reusable policies have the same one at every application."),
		"name":                           text("The policy's name."),
		"precedence":                     number("The policy's place among those of the application, the lowest first. Null if the API returned none."),
		"decision":                       text("What happens to whoever matches: `allow`; `deny`; `bypass`, which lets them past Access and its log; or `non_identity`, Service Auth, which admits service tokens and asks for no login. The set is open."),
		"include":                        list("Whoever matches the policy meets at least one of these rules. Null if the API returned no such list: then nobody can tell whom the policy is about.", ruleAttributes()),
		"require":                        list("Whoever matches also meets all of these rules. Null or empty if there are none.", ruleAttributes()),
		"exclude":                        list("Whoever matches meets none of these rules. Null or empty if there are none.", ruleAttributes()),
		"session_duration":               text("How long a login by this policy lasts. Null if the application's duration applies."),
		"approval_required":              boolean("Whether somebody has to approve each login. Cloudflare documents that this is not enforced for the policies of a server behind a portal."),
		"approval_groups":                text("Who may approve, as JSON text, for `jsondecode`. Null if the API returned nothing of it."),
		"purpose_justification_required": boolean("Whether people have to give a reason when they log in. Cloudflare documents that this is not enforced for the policies of a server behind a portal."),
		"isolation_required":             boolean("Whether the application is only shown in an isolated browser."),
		"mfa_config":                     text("What Access itself asks for as a second factor, as JSON text, for `jsondecode`. Null if the API returned nothing of it. Cloudflare documents that this is not enforced for the policies of a server behind a portal."),
		"extra":                          extra("policy"),
	}
}

func newPolicyModel(p *cloudflare.Policy) policyModel {
	return policyModel{
		ID:                           p.ID,
		Name:                         p.Name,
		Precedence:                   float(p.Precedence),
		Decision:                     p.Decision,
		Include:                      mapped(p.Include, newRuleModel),
		Require:                      mapped(p.Require, newRuleModel),
		Exclude:                      mapped(p.Exclude, newRuleModel),
		SessionDuration:              p.SessionDuration,
		ApprovalRequired:             p.ApprovalRequired,
		ApprovalGroups:               (*string)(p.ApprovalGroups),
		PurposeJustificationRequired: p.PurposeJustificationRequired,
		IsolationRequired:            p.IsolationRequired,
		MFAConfig:                    (*string)(p.MFAConfig),
		Extra:                        p.Extra,
	}
}
