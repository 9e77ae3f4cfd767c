package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// portalModel is a portal in the state. Every data source that shows a portal
// shows this one.
type portalModel struct {
	ID               *string                `tfsdk:"id"`
	Hostname         *string                `tfsdk:"hostname"`
	Name             *string                `tfsdk:"name"`
	Description      *string                `tfsdk:"description"`
	AllowCodeMode    *bool                  `tfsdk:"allow_code_mode"`
	CodeMode         *string                `tfsdk:"code_mode"`
	SecureWebGateway *bool                  `tfsdk:"secure_web_gateway"`
	CreatedAt        *string                `tfsdk:"created_at"`
	CreatedBy        *string                `tfsdk:"created_by"`
	ModifiedAt       *string                `tfsdk:"modified_at"`
	ModifiedBy       *string                `tfsdk:"modified_by"`
	Servers          []portalServerModel    `tfsdk:"servers"`
	EffectiveTools   []effectiveToolModel   `tfsdk:"effective_tools"`
	EffectivePrompts []effectivePromptModel `tfsdk:"effective_prompts"`
	Extra            map[string]string      `tfsdk:"extra"`
}

func portalAttributes() attributes {
	return attributes{
		"id":                 text("The portal's id: 1 to 32 characters of `A-Za-z0-9_-`, unique in the account."),
		"hostname":           text("The host name at which MCP clients reach the portal, such as `mcp.example.com`. In DNS it is a CNAME to `gateway.agents.cloudflare.com`."),
		"name":               text("The portal's name as people read it, at most 350 characters."),
		"description":        text("What the portal is for, at most 512 characters. Null if nobody said."),
		"allow_code_mode":    boolean("Whether the portal lets clients run code that calls tools, in Dynamic Workers. It is the older form of `code_mode`, and true for every policy but `off`."),
		"code_mode":          text("The portal's policy on Code Mode: `off`, `opt_in`, `default_on` or `enforced`. Null where the API only gives `allow_code_mode`. Known from Cloudflare's Go SDK."),
		"secure_web_gateway": boolean("Whether the traffic of all the portal's servers goes through Zero Trust Secure Web Gateway. That of a single server does too if its own `secure_web_gateway` is true."),
		"created_at":         text("When the portal was created, in RFC 3339."),
		"created_by":         text("Who created the portal."),
		"modified_at":        text("When the portal was last changed, in RFC 3339."),
		"modified_by":        text("Who last changed the portal."),
		"servers":            list("The MCP servers behind the portal, in the API's order. Never null.", portalServerAttributes()),
		"effective_tools": list("Every tool behind the portal as the configuration exposes it, worked out from `servers`: server by server and tool by tool in the API's order, "+
			"those that are off with `enabled = false`. Never null. The nth is the nth of `flatten(servers[*].tools)`, which has its schemas and annotations. `[for t in data.mcp_portal.example.effective_tools : t.name if t.enabled]` is what is on offer. "+
			"Whether a given person's client sees it depends on more: Access policies, for which see `mcp_portal_access`; Code Mode and `optimize_context`, with which clients are given a pair of tools through which they call these, and not these names; a server in trouble, whose tools may be gone for users; and, with `on_behalf`, each user's login (service tokens reach only servers without). "+
			"Of a server whose `tools_known` is false nothing stands here.", effectiveToolAttributes()),
		"effective_prompts": list("Every prompt behind the portal as the configuration exposes it, as `effective_tools` has the tools; the nth is the nth of `flatten(servers[*].prompts)`. Never null.", effectivePromptAttributes()),
		"extra":             extra("portal"),
	}
}

func newPortalModel(p *cloudflare.Portal) portalModel {
	return portalModel{
		ID:               p.ID,
		Hostname:         p.Hostname,
		Name:             p.Name,
		Description:      p.Description,
		AllowCodeMode:    p.AllowCodeMode,
		CodeMode:         p.CodeMode,
		SecureWebGateway: p.SecureWebGateway,
		CreatedAt:        cloudflare.Timestamp(p.CreatedAt),
		CreatedBy:        p.CreatedBy,
		ModifiedAt:       cloudflare.Timestamp(p.ModifiedAt),
		ModifiedBy:       p.ModifiedBy,
		Servers:          neverNull(mapped(p.Servers, newPortalServerModel)),
		EffectiveTools:   mapped(p.EffectiveTools(), newEffectiveToolModel),
		EffectivePrompts: mapped(p.EffectivePrompts(), newEffectivePromptModel),
		Extra:            p.Extra,
	}
}
