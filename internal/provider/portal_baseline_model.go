package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/baseline"

// changeModel is one thing that differs from what was accepted.
type changeModel struct {
	Rule     string   `tfsdk:"rule"`
	Effects  []string `tfsdk:"effects"`
	ServerID *string  `tfsdk:"server_id"`
	Tool     *string  `tfsdk:"tool"`
	Prompt   *string  `tfsdk:"prompt"`
	Field    *string  `tfsdk:"field"`
	Before   *string  `tfsdk:"before"`
	After    *string  `tfsdk:"after"`
	Text     string   `tfsdk:"text"`
}

func changeAttributes() attributes {
	return attributes{
		"rule":      text("The rule by which it is reported, such as `tool_enabled`. This page lists them all."),
		"effects":   textSet("What it does to agents: `widens`, `steers`, `breaks`. Empty if it has no effect."),
		"server_id": text("The server that it is about. Null if it is about the portal itself."),
		"tool":      text("The tool that it is about, by its own name. Null if it is about no tool."),
		"prompt":    text("The prompt that it is about, by its own name. Null if it is about no prompt."),
		"field":     text("The path in the file, such as `inputSchema.properties.body.description` or `on_behalf`. Null if a whole server, tool or prompt came or went."),
		"before":    text("The accepted value: text as it is, anything else as JSON text. Null if there was none, and for a whole server."),
		"after":     text("The value now: text as it is, anything else as JSON text. Null if there is none, and for a whole server."),
		"text":      text("All of it for a person, in one line, such as `github: delete_branch is on, accepted is off`. Whatever would not be seen is escaped, and what is left out of long texts is counted."),
	}
}

func newChangeModel(c *baseline.Change) changeModel {
	return changeModel{
		Rule:     c.Rule,
		Effects:  effectNames(c.Effects),
		ServerID: c.ServerID,
		Tool:     c.Tool,
		Prompt:   c.Prompt,
		Field:    c.Field,
		Before:   c.Before,
		After:    c.After,
		Text:     c.Text,
	}
}

func effectNames(effects []baseline.Effect) []string {
	return neverNull(mapped(effects, func(e *baseline.Effect) string { return string(*e) }))
}

// undeterminedModel is what could not be compared.
type undeterminedModel struct {
	ServerID *string `tfsdk:"server_id"`
	Text     string  `tfsdk:"text"`
}

func undeterminedAttributes() attributes {
	return attributes{
		"server_id": text("The server whose tools or prompts the API does not tell. Null if it does not tell the portal's servers."),
		"text":      text("All of it for a person, in one line."),
	}
}

func newUndeterminedModel(g *baseline.Gap) undeterminedModel {
	return undeterminedModel{g.ServerID, g.Text}
}

// fileModel is a file of the folder that is not as it should be.
type fileModel struct {
	Patch   string   `tfsdk:"patch"`
	Report  string   `tfsdk:"report"`
	Effects []string `tfsdk:"effects"`
}

func fileAttributes() attributes {
	return attributes{
		"patch":   text("The unified diff that makes the file what it should be, for `git apply -p1` in the directory in which Terraform runs."),
		"report":  text("Markdown about this file alone, in at most 60,000 characters."),
		"effects": textSet("What the changes in this file do to agents. Empty if they have no effect."),
	}
}

func newFileModel(f baseline.File) fileModel {
	return fileModel{f.Patch, f.Report, effectNames(f.Effects)}
}
