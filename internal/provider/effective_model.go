package provider

import (
	"fmt"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// effectivePromptModel is a prompt as the configuration exposes it.
type effectivePromptModel struct {
	Name         *string `tfsdk:"name"`
	ServerID     *string `tfsdk:"server_id"`
	OriginalName *string `tfsdk:"original_name"`
	Description  *string `tfsdk:"description"`
	Enabled      bool    `tfsdk:"enabled"`
}

func effectivePromptAttributes() attributes { return effectiveAttributes("prompt") }

// effectiveAttributes returns what tools and prompts have in common.
func effectiveAttributes(thing string) attributes {
	what := func(format string) string { return fmt.Sprintf(format, thing) }
	return attributes{
		"name": text(what("The name under which the configuration exposes the %[1]s to MCP clients: the server's id, an underscore, and the first that is set of `portal_alias`, `server_alias`, `alias` and the %[1]s's own name. " +
			"Null if the %[1]s or its server has no name; then it cannot be exposed. An alias is that of a name: when the server renames the %[1]s, it no longer counts. Two %[1]ss can have the same name.")),
		"server_id":     text(what("The id of the server that the %s belongs to.")),
		"original_name": text(what("The %s's own name at its server.")),
		"description":   text(what("The description that the configuration gives it: the first that is set of `portal_description`, `server_description`, the override's `description`, and the %s's own.")),
		"enabled":       boolean(what("Whether the configuration exposes the %s. It does unless `enabled` of its override is false, or, on a server with `default_disabled`, unless that is true. Where several overrides are about it and contradict each other, it is true: nobody documents which of them Cloudflare takes. For the name and the description, the first counts.")),
	}
}

func newEffectivePromptModel(p *cloudflare.EffectivePrompt) effectivePromptModel {
	return effectivePromptModel{p.Name, p.ServerID, p.OriginalName, p.Description, p.Enabled}
}

// effectiveToolModel is a tool as the configuration exposes it.
type effectiveToolModel struct {
	effectivePromptModel
	ReadOnlyHint    *bool `tfsdk:"read_only_hint"`
	DestructiveHint *bool `tfsdk:"destructive_hint"`
}

func effectiveToolAttributes() attributes {
	return with(effectiveAttributes("tool"), attributes{
		"read_only_hint":   boolean("What the server claims: `annotations.read_only_hint` of the tool. Null if it claims nothing; MCP then says to assume false."),
		"destructive_hint": boolean("What the server claims: `annotations.destructive_hint` of the tool. Null if it claims nothing; MCP then says to assume true."),
	})
}

func newEffectiveToolModel(t *cloudflare.EffectiveTool) effectiveToolModel {
	return effectiveToolModel{
		effectivePromptModel{t.Name, t.ServerID, t.OriginalName, t.Description, t.Enabled},
		t.ReadOnlyHint,
		t.DestructiveHint,
	}
}
