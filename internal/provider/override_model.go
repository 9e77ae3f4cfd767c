package provider

import (
	"fmt"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// overrideModel is what people decided about one tool or prompt.
type overrideModel struct {
	Name              *string           `tfsdk:"name"`
	Enabled           *bool             `tfsdk:"enabled"`
	Alias             *string           `tfsdk:"alias"`
	Description       *string           `tfsdk:"description"`
	PortalAlias       *string           `tfsdk:"portal_alias"`
	PortalDescription *string           `tfsdk:"portal_description"`
	ServerAlias       *string           `tfsdk:"server_alias"`
	ServerDescription *string           `tfsdk:"server_description"`
	Extra             map[string]string `tfsdk:"extra"`
}

// overrideAttributes returns the attributes of an override of a thing: a tool or a prompt.
func overrideAttributes(thing string) attributes {
	what := func(format string) string { return fmt.Sprintf(format, thing) }
	return attributes{
		"name":               text(what("The name, at its server, of the %s that this is about. It may name one that the server no longer has.")),
		"enabled":            boolean(what("Whether the %s is exposed. Where it is null, the server's `default_disabled` decides.")),
		"alias":              text(what("Another name for the %s, weaker than `portal_alias` and `server_alias`. Known from Cloudflare's Go SDK.")),
		"description":        text(what("Another description of the %s, weaker than `portal_description` and `server_description`. Known from Cloudflare's Go SDK.")),
		"portal_alias":       text(what("Another name for the %s at this portal. It counts before every other name.")),
		"portal_description": text(what("Another description of the %s at this portal. It counts before every other description.")),
		"server_alias":       text(what("Another name for the %s at every portal that the server stands in.")),
		"server_description": text(what("Another description of the %s at every portal that the server stands in.")),
		"extra":              extra("object"),
	}
}

func newOverrideModel(o *cloudflare.Override) overrideModel {
	return overrideModel{
		Name:              o.Name,
		Enabled:           o.Enabled,
		Alias:             o.Alias,
		Description:       o.Description,
		PortalAlias:       o.PortalAlias,
		PortalDescription: o.PortalDescription,
		ServerAlias:       o.ServerAlias,
		ServerDescription: o.ServerDescription,
		Extra:             o.Extra,
	}
}
