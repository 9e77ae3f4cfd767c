package cloudflare

// Tool is a tool as its MCP server describes it. The API hands it on whole and
// promises nothing of its shape ("array of map[unknown]"), so it is open.
//
// Source: the Model Context Protocol's schema, "Tool".
type Tool struct {
	Name         *string      `json:"name"`
	Title        *string      `json:"title"`
	Description  *string      `json:"description"`
	InputSchema  *JSONObject  `json:"inputSchema"`
	OutputSchema *JSONObject  `json:"outputSchema"`
	Annotations  *Annotations `json:"annotations"`
	Extra        Extra        `json:",open"`
}

// Annotations is what an MCP server claims of a tool's behaviour.
//
// Source: the Model Context Protocol's schema, "ToolAnnotations".
type Annotations struct {
	Title           *string `json:"title"`
	ReadOnlyHint    *bool   `json:"readOnlyHint"`
	DestructiveHint *bool   `json:"destructiveHint"`
	IdempotentHint  *bool   `json:"idempotentHint"`
	OpenWorldHint   *bool   `json:"openWorldHint"`
	Extra           Extra   `json:",open"`
}

// Prompt is a prompt as its MCP server describes it; open, as [Tool] is.
//
// Source: the Model Context Protocol's schema, "Prompt".
type Prompt struct {
	Name        *string    `json:"name"`
	Title       *string    `json:"title"`
	Description *string    `json:"description"`
	Arguments   []Argument `json:"arguments"`
	Extra       Extra      `json:",open"`
}

// Argument is an argument that a [Prompt] accepts.
//
// Source: the Model Context Protocol's schema, "PromptArgument".
type Argument struct {
	Name        *string `json:"name"`
	Title       *string `json:"title"`
	Description *string `json:"description"`
	Required    *bool   `json:"required"`
	Extra       Extra   `json:",open"`
}
