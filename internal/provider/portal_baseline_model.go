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
		"rule":      text("The rule that judged it, such as `tool_enabled`. This page lists all rules."),
		"effects":   textSet("What it does: `widens`, `steers`, `breaks`. Empty if it has no effect."),
		"server_id": text("The server. Null if it is about the portal or Access."),
		"tool":      text("The tool, by its own name. Null if it is about no tool."),
		"prompt":    text("The prompt, by its own name. Null if it is about no prompt."),
		"field":     text("Where it stands in the file, such as `tools.search.definition.inputSchema.properties.q.description`. Null for a whole server, tool or prompt."),
		"before":    text("The accepted value: text as it is, anything else as JSON text. Null where there is none. A value of more than 4,000 characters is cut, and says how many it has."),
		"after":     text("The value now, in the same form."),
		"text":      text("The change for a person, in one line, such as `github: delete_branch: off -> on`. Characters that would not be seen are escaped."),
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
		"server_id": text("The server. Null if the API does not tell the portal's servers."),
		"text":      text("What could not be compared and why, in one line."),
	}
}

func newUndeterminedModel(g *baseline.Gap) undeterminedModel {
	return undeterminedModel{g.ServerID, g.Text}
}

// fileModel is a file of the folder that is not as it should be.
type fileModel struct {
	Patch   string   `tfsdk:"patch"`
	Title   string   `tfsdk:"title"`
	Report  string   `tfsdk:"report"`
	Effects []string `tfsdk:"effects"`
}

func fileAttributes() attributes {
	return attributes{
		"patch":   text("The unified diff that makes the file say what the portal is, for `git apply -p1` in the directory in which Terraform runs."),
		"title":   text("What changed, in at most 72 plain characters, the worst first, such as `github: delete_branch turned on, 12 new tools`."),
		"report":  text("Markdown about this file alone, in at most 60,000 characters."),
		"effects": textSet("The effects of the changes in this file."),
	}
}

func newFileModel(f baseline.File) fileModel {
	return fileModel{f.Patch, f.Title, f.Report, effectNames(f.Effects)}
}
