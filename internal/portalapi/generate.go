package portalapi

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	var b bytes.Buffer
	id := GeneratedID(servers, toolsPerServer)
	fmt.Fprintf(&b, `{"id":%q,"hostname":"%s.example.com","name":"Generated, %d servers","description":"For benchmarks",`, id, id, servers)
	b.WriteString(`"allow_code_mode":true,"code_mode":"opt_in","secure_web_gateway":false,` + generatedTimes + `,"servers":[`)
	for i := range servers {
		separate(&b, i)
		generateServer(&b, i, toolsPerServer)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

const generatedTimes = `"created_at":"2026-01-05T09:00:00.000Z","created_by":"admin@example.com",` +
	`"modified_at":"2026-03-11T16:06:01.767Z","modified_by":"admin@example.com"`

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func generateServer(b *bytes.Buffer, server, tools int) {
	fmt.Fprintf(b, `{"id":"server-%d","name":"Server %d","hostname":"https://s%d.example.net/mcp",`, server, server, server)
	b.WriteString(`"auth_type":"bearer","authentication_status":"manual","status":"ready","error":"","default_disabled":false,"on_behalf":false,"secure_web_gateway":false,`)
	b.WriteString(generatedTimes + `,"last_synced":"2026-03-11 15:00:45","last_successful_sync":"2026-03-11 15:00:45","tools":[`)
	for i := range tools {
		separate(b, i)
		generateTool(b, server, i)
	}
	b.WriteString(`],"prompts":[`)
	for i := range 2 {
		separate(b, i)
		fmt.Fprintf(b, `{"name":"prompt_%d","title":"Prompt %d","description":"Summarise what happened.","arguments":[{"name":"since","description":"From when on","required":true}]}`, i, i)
	}
	b.WriteString(`],"updated_tools":[`)
	for i := range tools {
		separate(b, i)
		generateOverride(b, i)
	}
	b.WriteString(`]}`)
}

func toolName(i int) string {
	verbs := [...]string{"get", "list", "search", "create", "update", "delete"}
	return fmt.Sprintf("%s_resource_%03d", verbs[i%len(verbs)], i)
}

func generateTool(b *bytes.Buffer, server, i int) {
	reads, deletes := i%6 < 3, i%6 == 5
	fmt.Fprintf(b, `{"name":%q,"title":"Resource %d","description":"Works on resource %d of server %d. Give the project and a query; answers come in pages.",`, toolName(i), i, i, server)
	fmt.Fprintf(b, `"inputSchema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{`+
		`"project":{"type":"string","description":"The project's key, for example ENG","minLength":1,"maxLength":64},`+
		`"query":{"type":"string","description":"What to look for, in the service's own query language"},`+
		`"limit":{"type":"integer","minimum":1,"maximum":%d,"default":25},`+
		`"order":{"type":"string","enum":["created","updated","priority"],"default":"updated"},`+
		`"fields":{"type":"array","items":{"type":"string"},"uniqueItems":true}},`+
		`"required":["project","query"],"additionalProperties":false},`, 50+i)
	b.WriteString(`"outputSchema":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object"}},"next":{"type":["string","null"]}}},`)
	fmt.Fprintf(b, `"annotations":{"title":"Resource %d","readOnlyHint":%t,"destructiveHint":%t,"idempotentHint":%t,"openWorldHint":true}}`, i, reads, deletes, reads)
}

func generateOverride(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, `{"name":%q,"enabled":%t,"portal_alias":"resource_%d"}`, toolName(i), i%4 != 3, i)
}
