package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// reachModel is who gets to a portal, or to a server through it.
type reachModel struct {
	ServerID       *string  `tfsdk:"server_id"`
	ApplicationIDs []string `tfsdk:"application_ids"`
	Guarded        bool     `tfsdk:"guarded"`
	Open           bool     `tfsdk:"open"`
	Everyone       bool     `tfsdk:"everyone"`
	ServiceTokens  bool     `tfsdk:"service_tokens"`
	Text           string   `tfsdk:"text"`
}

func reachAttributes() attributes {
	return attributes{
		"server_id":       text("The server's id; null for the portal itself."),
		"application_ids": texts("The ids of the applications that guard it, in the API's order. Empty if none does; never null."),
		"guarded":         boolean("Whether an application guards it."),
		"open": boolean("Whether its own policies let in a stranger: somebody of whom nothing is known that a rule could ask for. " +
			"Before a login, a stranger meets `everyone`, and `ip` where the rules name every address. So `bypass` and `non_identity` admit strangers by these alone. " +
			"After a login at which anybody can have an account, such as a one-time PIN, a stranger also meets that `login_method`, `auth_method` `otp`, and `user_risk_score` with `unscored`. An Access group is met if its rules are. " +
			"If an application has `allowed_idps`, only logins by these count: with none but types such as `okta`, at which an organisation decides who has an account, `everyone` is everyone of that organisation, and not open. " +
			"An application of the type `end_user` admits every user of its populations, and is open if anybody can log in. " +
			"What cannot be told counts as open, and `text` says what that is: a decision, selector or type of application that this provider does not know, a group or login method that does not exist, a policy that does not say whom it includes. So does a portal or server that nothing guards. " +
			"Of several applications, the most open decides. A token that sees a part of the applications cannot tell: see the permissions above."),
		"everyone": boolean("Whether anybody reaches it: for the portal, whether it is open; for a server, whether the portal and the server both are."),
		"service_tokens": boolean("Whether a service token reaches it. For the portal, whether a policy of the kind `non_identity` or `bypass` admits one. For a server, whether one and the same token passes the portal and the server, and `on_behalf` is not true. " +
			"Address, country, device posture and certificate count as met, because whoever runs the robot decides about these."),
		"text": text("Who gets in, in words, such as `e-mail domain example.com, except group contractors (policy staff); service token t1 (policy ci)`. The rule that lets anybody in stands first. Rules are named up to 2,000 characters, and the rest is counted. It is for people: its wording may change with any version."),
	}
}

func newReachModel(r *cloudflare.Reach) reachModel {
	return reachModel{r.ServerID, r.ApplicationIDs, r.Guarded, r.Open, r.Everyone, r.ServiceTokens, r.Text}
}
