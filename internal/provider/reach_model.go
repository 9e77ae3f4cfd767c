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
		"open": boolean("Whether its own policies let anybody in: by `bypass`, by `non_identity`, or by an `allow` before which nothing denies everyone, one of them includes what anybody meets and requires nothing else. " +
			"Anybody meets `everyone`; every address; a login method at which anybody can have an account, such as a one-time PIN; and an Access group that comes to this. " +
			"What can't be told counts as open, and `text` says what that is: a decision or selector that nobody knows, a group or login method that is not there, a policy that does not say whom it includes. So does a portal or server that nothing guards. " +
			"Of several applications, the most open decides."),
		"everyone": boolean("Whether anybody reaches it: for the portal, whether it is open; for a server, whether the portal and the server both are."),
		"service_tokens": boolean("Whether a service token reaches it. For the portal, whether a policy of the kind `non_identity` takes one. For a server, whether one and the same token passes the portal and the server, and `on_behalf` is not true. " +
			"What such a policy requires beside the token is not looked at."),
		"text": text("Who, in words, such as `e-mail domain example.com, except group contractors (policy staff); service token t1 (policy ci)`. What lets anybody in stands first. It is for people: its wording may change with any version."),
	}
}

func newReachModel(r *cloudflare.Reach) reachModel {
	return reachModel{r.ServerID, r.ApplicationIDs, r.Guarded, r.Open, r.Everyone, r.ServiceTokens, r.Text}
}
