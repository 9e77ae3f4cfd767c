package cloudflare

import (
	"context"
	"fmt"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Tool is a tool as its MCP server describes it. The API hands it on whole and
// promises nothing of its shape ("array of map[unknown]"), so it is open.
//
// Source: the Model Context Protocol's schema, "Tool".
type Tool struct {
	Name         *string          `json:"name"`
	Title        *string          `json:"title"`
	Description  *string          `json:"description"`
	InputSchema  *wirejson.Object `json:"inputSchema"`
	OutputSchema *wirejson.Object `json:"outputSchema"`
	Annotations  *Annotations     `json:"annotations"`
	Extra        wirejson.Extra   `wirejson:"open"`
}

// Annotations is what an MCP server claims of a tool's behaviour.
//
// Source: the Model Context Protocol's schema, "ToolAnnotations".
type Annotations struct {
	Title           *string        `json:"title"`
	ReadOnlyHint    *bool          `json:"readOnlyHint"`
	DestructiveHint *bool          `json:"destructiveHint"`
	IdempotentHint  *bool          `json:"idempotentHint"`
	OpenWorldHint   *bool          `json:"openWorldHint"`
	Extra           wirejson.Extra `wirejson:"open"`
}

// Prompt is a prompt as its MCP server describes it; open, as [Tool] is.
//
// Source: the Model Context Protocol's schema, "Prompt".
type Prompt struct {
	Name        *string        `json:"name"`
	Title       *string        `json:"title"`
	Description *string        `json:"description"`
	Arguments   []Argument     `json:"arguments"`
	Extra       wirejson.Extra `wirejson:"open"`
}

// Argument is an argument that a [Prompt] accepts.
//
// Source: the Model Context Protocol's schema, "PromptArgument".
type Argument struct {
	Name        *string        `json:"name"`
	Title       *string        `json:"title"`
	Description *string        `json:"description"`
	Required    *bool          `json:"required"`
	Extra       wirejson.Extra `wirejson:"open"`
}

// Strays returns the places in the server's tools and prompts at which something other
// than an object was received, such as "tools[3]": a careless server was seen to send
// null. A client is given nothing for it.
func (s *Server) Strays() []string {
	var places []string
	for _, name := range []string{"tools", "prompts"} {
		var list []wirejson.Value
		received, there := s.Extra[name]
		if !there || wirejson.NewDecoder(context.Background(), []byte(received)).Decode(&list) != nil {
			continue
		}
		for i, value := range list {
			if !strings.HasPrefix(string(value), "{") {
				places = append(places, fmt.Sprintf("%s[%d]", name, i))
			}
		}
	}
	return places
}
