package portalapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/template"
)

// GeneratedID returns the id of the portal that Generate returns.
func GeneratedID(servers, toolsPerServer int) string {
	return fmt.Sprintf("generated-%dx%d", servers, toolsPerServer)
}

// Generate returns a portal with that many servers and tools on each, the same
// at every call: about 1.1 KB a tool with its schema, annotations and entry in
// updated_tools, so that 40 servers with 30 tools are 1.3 MB and 40 with 100
// are 4.3 MB. Each server has two prompts.
func Generate(servers, toolsPerServer int) json.RawMessage {
	// Servers differ by their number alone: to replace it in the text of one
	// takes a fraction of the time.
	server := execute("server", toolsPerServer)
	list := make([]string, servers)
	for i := range list {
		list[i] = strings.ReplaceAll(server, "NUMBER", strconv.Itoa(i))
	}
	return json.RawMessage(execute("portal", map[string]any{"ID": GeneratedID(servers, toolsPerServer), "Servers": list}))
}

func execute(name string, data any) string {
	var b strings.Builder
	if err := generated.ExecuteTemplate(&b, name, data); err != nil {
		panic(fmt.Sprintf("portalapi: %v", err)) // every portal takes the same way
	}
	return b.String()
}

var generated = template.Must(template.New("").Funcs(template.FuncMap{
	"add": func(a, b int) int { return a + b },
	"mod": func(a, b int) int { return a % b },
	"tool": func(i int) string {
		verbs := [...]string{"get", "list", "search", "create", "update", "delete"}
		return fmt.Sprintf("%s_resource_%03d", verbs[i%len(verbs)], i)
	},
}).ParseFS(files, "fixtures/generated.tmpl"))
