package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// promptModel is a prompt as its MCP server describes it.
type promptModel struct {
	Name        *string           `tfsdk:"name"`
	Title       *string           `tfsdk:"title"`
	Description *string           `tfsdk:"description"`
	Arguments   []argumentModel   `tfsdk:"arguments"`
	Extra       map[string]string `tfsdk:"extra"`
}

func promptAttributes() attributes {
	return attributes{
		"name":        text("The prompt's name at its server. It is exposed under another one: see `effective_prompts`."),
		"title":       text("The prompt's name as people read it (MCP's `title`)."),
		"description": text("What the prompt is for, in the server's words."),
		"arguments":   list("The arguments that the prompt takes, in the API's order. Null if the API returned no such list.", argumentAttributes()),
		"extra":       catalogueExtra("prompt"),
	}
}

func newPromptModel(p *cloudflare.Prompt) promptModel {
	return promptModel{
		Name:        p.Name,
		Title:       p.Title,
		Description: p.Description,
		Arguments:   mapped(p.Arguments, newArgumentModel),
		Extra:       p.Extra,
	}
}

// argumentModel is an argument that a prompt takes.
type argumentModel struct {
	Name        *string           `tfsdk:"name"`
	Title       *string           `tfsdk:"title"`
	Description *string           `tfsdk:"description"`
	Required    *bool             `tfsdk:"required"`
	Extra       map[string]string `tfsdk:"extra"`
}

func argumentAttributes() attributes {
	return attributes{
		"name":        text("The argument's name."),
		"title":       text("The argument's name as people read it (MCP's `title`)."),
		"description": text("What the argument means, in the server's words."),
		"required":    boolean("Whether the prompt needs the argument. Where it is null, MCP says to assume false."),
		"extra":       catalogueExtra("argument"),
	}
}

func newArgumentModel(a *cloudflare.Argument) argumentModel {
	return argumentModel{
		Name:        a.Name,
		Title:       a.Title,
		Description: a.Description,
		Required:    a.Required,
		Extra:       a.Extra,
	}
}
