package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// toolModel is a tool as its MCP server describes it.
type toolModel struct {
	Name         *string           `tfsdk:"name"`
	Title        *string           `tfsdk:"title"`
	Description  *string           `tfsdk:"description"`
	InputSchema  *string           `tfsdk:"input_schema"`
	OutputSchema *string           `tfsdk:"output_schema"`
	Annotations  *annotationsModel `tfsdk:"annotations"`
	Extra        map[string]string `tfsdk:"extra"`
}

func toolAttributes() attributes {
	return attributes{
		"name":          text("The tool's name at its server. It is exposed under another one: see `effective_tools`."),
		"title":         text("The tool's name as people read it (MCP's `title`)."),
		"description":   text("What the tool does, in the server's words, which are written for a model to read."),
		"input_schema":  text("The JSON Schema of the tool's arguments (MCP's `inputSchema`), as compact JSON text with the keys in the API's order and numbers as received, for `jsondecode`."),
		"output_schema": text("The JSON Schema of the tool's structured result (MCP's `outputSchema`), as JSON text like `input_schema`. Null if the server gives none."),
		"annotations":   object("What the server claims about the tool's behaviour (MCP's `annotations`). Null if it claims nothing. A claim is no guarantee: it is only worth as much as the server.", annotationsAttributes()),
		"extra":         catalogueExtra("tool"),
	}
}

func newToolModel(t *cloudflare.Tool) toolModel {
	return toolModel{
		Name:         t.Name,
		Title:        t.Title,
		Description:  t.Description,
		InputSchema:  (*string)(t.InputSchema),
		OutputSchema: (*string)(t.OutputSchema),
		Annotations:  newAnnotationsModel(t.Annotations),
		Extra:        t.Extra,
	}
}

// annotationsModel is what a server claims of a tool's behaviour.
type annotationsModel struct {
	Title           *string           `tfsdk:"title"`
	ReadOnlyHint    *bool             `tfsdk:"read_only_hint"`
	DestructiveHint *bool             `tfsdk:"destructive_hint"`
	IdempotentHint  *bool             `tfsdk:"idempotent_hint"`
	OpenWorldHint   *bool             `tfsdk:"open_world_hint"`
	Extra           map[string]string `tfsdk:"extra"`
}

func annotationsAttributes() attributes {
	return attributes{
		"title":            text("The tool's name as people read it, in the older place for it."),
		"read_only_hint":   boolean("Whether the tool changes nothing (MCP's `readOnlyHint`). Where it is null, MCP says to assume false."),
		"destructive_hint": boolean("Whether the tool may destroy something, rather than only add to it (MCP's `destructiveHint`); of interest if the tool is not read-only. Where it is null, MCP says to assume true."),
		"idempotent_hint":  boolean("Whether calling the tool again with the same arguments has no further effect (MCP's `idempotentHint`). Where it is null, MCP says to assume false."),
		"open_world_hint":  boolean("Whether the tool deals with an open world of things outside, such as the web (MCP's `openWorldHint`). Where it is null, MCP says to assume true."),
		"extra":            catalogueExtra("object"),
	}
}

func newAnnotationsModel(a *cloudflare.Annotations) *annotationsModel {
	if a == nil {
		return nil
	}
	return &annotationsModel{
		Title:           a.Title,
		ReadOnlyHint:    a.ReadOnlyHint,
		DestructiveHint: a.DestructiveHint,
		IdempotentHint:  a.IdempotentHint,
		OpenWorldHint:   a.OpenWorldHint,
		Extra:           a.Extra,
	}
}
