package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/baseline"

// changeModel is one thing that differs from what was accepted.
type changeModel struct {
	Kind     string  `tfsdk:"kind"`
	ServerID *string `tfsdk:"server_id"`
	Tool     *string `tfsdk:"tool"`
	Prompt   *string `tfsdk:"prompt"`
	Field    *string `tfsdk:"field"`
	Before   *string `tfsdk:"before"`
	After    *string `tfsdk:"after"`
	Widens   bool    `tfsdk:"widens"`
	Text     string  `tfsdk:"text"`
}

func changeAttributes() attributes {
	return attributes{
		"kind":      text("What became of it: `added`, `removed`, `changed`, or `undetermined`, which is a server whose tools or prompts were known and are not now."),
		"server_id": text("The server that it is about, as `json` names it. Null if it is about the portal itself."),
		"tool":      text("The tool that it is about, by its own name, as `json` has it. Null if it is about no tool."),
		"prompt":    text("The prompt that it is about, by its own name, as `json` has it. Null if it is about no prompt."),
		"field":     text("The field that differs, such as `description` or `annotations.read_only_hint`; `waiting` for an override of something that the server does not have. Null if a whole server, tool or prompt was added or removed."),
		"before":    text("The accepted value: text as it is, anything else as JSON text. Null if there was none."),
		"after":     text("The value now: text as it is, anything else as JSON text. Null if there is none."),
		"widens":    boolean("Whether agents can do more than was agreed, or a safeguard is gone; this page says when."),
		"text":      text("All of it for a person, in one line, such as `github: tool delete_branch was turned on`. Characters that a terminal would obey or that nobody sees are escaped, and long values cut."),
	}
}

func newChangeModel(c *baseline.Change) changeModel {
	return changeModel{
		Kind:     string(c.Kind),
		ServerID: c.ServerID,
		Tool:     c.Tool,
		Prompt:   c.Prompt,
		Field:    c.Field,
		Before:   c.Before,
		After:    c.After,
		Widens:   c.Widens,
		Text:     c.Text,
	}
}
