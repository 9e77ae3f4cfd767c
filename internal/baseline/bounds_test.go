package baseline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
)

// Whoever runs a server behind a portal writes much of what is compared, and must
// not make its reader pay: the work is in proportion to what was read, whatever is in
// it. Each shape is two portals of about size bytes; one is accepted, and the other
// compared.
var shapes = map[string]func(size int) (before, after string){
	"deep schemas of unsorted objects": func(size int) (string, string) {
		deep := func(leaf string) string {
			const levels = 200
			schema := strings.Repeat(`{"z":1,"properties":{"b":`, levels) + leaf + strings.Repeat(`,"a":1}}`, levels)
			return aTool(`"inputSchema":[` + repeated(size, schema) + `]`)
		}
		return deep(`{"type":"string"}`), deep(`{"type":"number"}`)
	},
	"one deep schema": func(size int) (string, string) {
		deep := func(leaf string) string {
			levels := min(size/40, 2000)
			schema := strings.Repeat(`{"properties":{"b":`, levels) + leaf + strings.Repeat(`}}`, levels)
			return manyTools(size/len(schema)+1, func(i int) string { return fmt.Sprintf(`{"name":"t%d","inputSchema":%s}`, i, schema) })
		}
		return deep(`{"type":"string"}`), deep(`{"type":"number"}`)
	},
	"deep differences": func(size int) (string, string) {
		deep := func(kind string) string {
			levels := min(size/60, 1500)
			schema := strings.Repeat(`{"description":"`+kind+`","properties":{"b":`, levels) + `{}` + strings.Repeat(`}}`, levels)
			return manyTools(size/len(schema)+1, func(i int) string { return fmt.Sprintf(`{"name":"t%d","inputSchema":%s}`, i, schema) })
		}
		return deep("a"), deep("b")
	},
	"argument names against others": func(size int) (string, string) {
		names := func(prefix string) string {
			return aTool(`"inputSchema":{"properties":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"%s%d":{"type":"string"}`, prefix, i) }) + `}}`)
		}
		return names("a"), names("b")
	},
	"required names against others": func(size int) (string, string) {
		names := func(prefix string) string {
			return aTool(`"inputSchema":{"required":[` + numbered(size, func(i int) string { return fmt.Sprintf(`"%s%d"`, prefix, i) }) + `]}`)
		}
		return names("a"), names("b")
	},
	"a long key above many differences": func(size int) (string, string) {
		long := func(value string) string {
			return aTool(`"_meta":{"` + strings.Repeat("k", size/2) + `":{` + numbered(size/2, func(i int) string { return fmt.Sprintf(`"%d":%s`, i, value) }) + `}}`)
		}
		return long("1"), long("2")
	},
	"keys of some length above differences": func(size int) (string, string) {
		long := func(value string) string {
			return aTool(`"_meta":{"` + strings.Repeat("k", 1900) + `":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"%d":%s`, i, value) }) + `}}`)
		}
		return long("1"), long("2")
	},
	"alternatives": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"inputSchema":{"anyOf":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"const":"%s%d"}`, kind, i) }) + `]}`)
		}
		return of("a"), of("b")
	},
	"alternatives within alternatives": func(size int) (string, string) {
		of := func(leaf string) string {
			schema := strings.Repeat(`{"anyOf":[{"type":"null"},`, 100) + leaf + strings.Repeat(`]}`, 100)
			return aTool(`"inputSchema":{"allOf":[` + repeated(size, schema) + `]}`)
		}
		return of(`{"type":"string"}`), of(`{"type":"number"}`)
	},
	"references in circles": func(size int) (string, string) {
		of := func(step int) string {
			n := size / 60
			return aTool(`"inputSchema":{"$ref":"#/$defs/d0","$defs":{` + numbered(size, func(i int) string {
				return fmt.Sprintf(`"d%d":{"properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}}`, i, (i+step)%n, (i*7+step)%n)
			}) + `}}`)
		}
		return of(1), of(2)
	},
	"references to all from one": func(size int) (string, string) {
		of := func(target string) string {
			return aTool(`"inputSchema":{"properties":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"p%d":{"$ref":"#/$defs/%s%d"}`, i, target, i%3) }) +
				`},"$defs":{` + numbered(size/4, func(i int) string { return fmt.Sprintf(`"%s%d":{"enum":["%s%d"]}`, target, i, target, i) }) + `}}`)
		}
		return of("a"), of("b")
	},
	"references of one long path": func(size int) (string, string) {
		of := func(kind string) string {
			const levels = 300
			return aTool(`"inputSchema":{"properties":{` + numbered(size, func(i int) string {
				return fmt.Sprintf(`"p%d":{"$ref":"#%s/%s"}`, i, strings.Repeat("/x", levels), kind)
			}) + `},"x":` + strings.Repeat(`{"x":`, levels-1) + `{"a":{"type":"string"},"b":{"type":"number"}}` + strings.Repeat(`}`, levels-1) + `}`)
		}
		return of("a"), of("b")
	},
	"unused definitions": func(size int) (string, string) {
		of := func(kind string) string {
			const levels = 20
			return aTool(`"inputSchema":{"$defs":{` + numbered(size, func(i int) string {
				return fmt.Sprintf(`"d%d":%s{"type":"%s"}%s`, i, strings.Repeat(`{"$defs":{"x":`, levels), kind, strings.Repeat(`}}`, levels))
			}) + `}}`)
		}
		return of("string"), of("number")
	},
	"definitions within definitions": func(size int) (string, string) {
		of := func(leaf string) string {
			levels := min(size/60, 1500)
			schema := strings.Repeat(`{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":`, levels) + leaf + strings.Repeat(`}}`, levels)
			return manyTools(size/len(schema)+1, func(i int) string { return fmt.Sprintf(`{"name":"t%d","inputSchema":%s}`, i, schema) })
		}
		return of(`{"type":"string"}`), of(`{"type":"number"}`)
	},
	"texts in what came, within texts": func(size int) (string, string) {
		of := func(kind string) string {
			levels := min(size/40, 1500)
			schema := strings.Repeat(`{"default":{"description":`, levels) + `"` + kind + `"` + strings.Repeat(`}}`, levels)
			return manyTools(size/len(schema)+1, func(i int) string {
				return fmt.Sprintf(`{"name":"t%d","inputSchema":{"properties":{"%s":%s}}}`, i, kind, schema)
			})
		}
		return of("a"), of("b")
	},
	"enums": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"inputSchema":{"enum":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"%s":%d}`, kind, i) }) + `]}`)
		}
		return of("a"), of("b")
	},
	"many edits in one file": func(size int) (string, string) {
		of := func(every int) string {
			return aTool(`"_meta":{"text":"` + numbered(size, func(i int) string { return fmt.Sprintf(`line %d of %d\n`, i, i%every) }) + `"}`)
		}
		return of(2), of(3)
	},
	"many edits in many tools": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/120, func(i int) string {
				return fmt.Sprintf(`{"name":"t%d","description":"%s","inputSchema":{"type":"object","properties":{"a":{"type":"string"}}}}`, i, kind)
			})
		}
		return of("a"), of("b")
	},
	"one edit in many tools": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/120, func(i int) string {
				if i > 0 {
					return fmt.Sprintf(`{"name":"t%d","description":"same","inputSchema":{"type":"object","properties":{"a":{"type":"string"}}}}`, i)
				}
				return `{"name":"t0","description":"` + kind + `"}`
			})
		}
		return of("a"), of("b")
	},
	"long texts": func(size int) (string, string) {
		of := func(end string) string { return aTool(`"description":"` + strings.Repeat("xy ", size/3) + end + `"`) }
		return of("a"), of("b")
	},
	"long texts with line breaks": func(size int) (string, string) {
		of := func(kind string) string { return aTool(`"description":"` + strings.Repeat(kind+`\n`, size/3) + `"`) }
		return of("a"), of("b")
	},
	"escapes": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"description":"` + strings.Repeat(`\u0001\\`, size/8) + kind + `"`)
		}
		return of("a"), of("b")
	},
	"backslashes": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"description":"` + strings.Repeat(`\\`, size/4) + `n` + strings.Repeat(`\\n`, size/6) + kind + `"`)
		}
		return of("a"), of("b")
	},
	"escaped keys": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"_meta":{` + numbered(size, func(i int) string { return fmt.Sprintf(`"\u00e9\n%d":"%s"`, i, kind) }) + `}`)
		}
		return of("a"), of("b")
	},
	"invisible characters": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"description":"` + strings.Repeat("\u200b\ufe0f", size/6) + kind + `"`)
		}
		return of("a"), of("b")
	},
	"combining characters": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"description":"e` + strings.Repeat("\u0301", size/2) + kind + `"`)
		}
		return of("a"), of("b")
	},
	"one character": func(size int) (string, string) {
		of := func(kind string) string { return aTool(`"description":"` + strings.Repeat(kind, size) + `"`) }
		return of("a"), of("b")
	},
	"runs of characters": func(size int) (string, string) {
		of := func(kind string) string {
			return aTool(`"description":"` + numbered(size, func(i int) string { return strings.Repeat(string(rune('a'+i%20)), 20) }) + kind + `"`)
		}
		return of("a"), of("b")
	},
	"backticks": func(size int) (string, string) {
		of := func(kind string) string { return aTool(`"description":"` + strings.Repeat("`", size) + kind + `"`) }
		return of("a"), of("b")
	},
	"tools of one name": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/30, func(i int) string { return fmt.Sprintf(`{"name":"t","description":"%s%d"}`, kind, i) })
		}
		return of("a"), of("b")
	},
	"tools of one content": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/20, func(i int) string { return fmt.Sprintf(`{"name":"%s%d"}`, kind, i) })
		}
		return of("a"), of("b")
	},
	"tools without a name": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/30, func(i int) string { return fmt.Sprintf(`{"description":"%s%d"}`, kind, i) })
		}
		return of("a"), of("b")
	},
	"tools gone and come": func(size int) (string, string) {
		of := func(kind string) string {
			return manyTools(size/40, func(i int) string { return fmt.Sprintf(`{"name":"%s%d","description":"%s%d"}`, kind, i, kind, i) })
		}
		return of("a"), of("b")
	},
	"overrides of one name": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"tools":[{"name":"t"}],"prompts":[],"updated_tools":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"name":"t","description":"%s%d"}`, kind, i) }) + `]`)
		}
		return of("a"), of("b")
	},
	"overrides of what is not there": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"tools":[],"prompts":[],"updated_tools":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"name":"%s%d","enabled":true}`, kind, i) }) + `]`)
		}
		return of("a"), of("b")
	},
	"aliases of each other": func(size int) (string, string) {
		of := func(step int) string {
			n := size / 60
			return aPortal(`"tools":[` + counted(n, func(i int) string { return fmt.Sprintf(`{"name":"t%d"}`, i) }) + `],"prompts":[],"updated_tools":[` +
				counted(n, func(i int) string { return fmt.Sprintf(`{"name":"t%d","alias":"t%d"}`, i, (i+step)%n) }) + `]`)
		}
		return of(1), of(2)
	},
	"arguments of prompts": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"tools":[],"prompts":[{"name":"p","arguments":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"name":"%s%d"}`, kind, i) }) + `]}]`)
		}
		return of("a"), of("b")
	},
	"redirect URIs": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"auth_config_summary":{"registration_info":{"redirect_uris":[` + numbered(size, func(i int) string { return fmt.Sprintf(`"%s%d"`, kind, i) }) + `]}},"tools":[],"prompts":[]`)
		}
		return of("a"), of("b")
	},
	"as many redirect URIs": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"auth_config_summary":{"registration_info":{"redirect_uris":["` + kind + `",` + numbered(size, func(i int) string { return fmt.Sprintf(`"%s%d"`, kind, i) }) + `]}},"tools":[],"prompts":[]`)
		}
		return of("a"), of("b")
	},
	"scopes": func(size int) (string, string) {
		of := func(kind string) string {
			return aPortal(`"auth_config_summary":{"registration_info":{"scope":"` + strings.ReplaceAll(numbered(size, func(i int) string { return fmt.Sprintf(`%s%d`, kind, i) }), ",", " ") + `"}},"tools":[],"prompts":[]`)
		}
		return of("a"), of("b")
	},
	"servers": func(size int) (string, string) {
		of := func(kind string) string {
			return `{"id":"p","servers":[` + numbered(size, func(i int) string {
				return fmt.Sprintf(`{"id":"s%d","hostname":"%s","tools":[],"prompts":[]}`, i, kind)
			}) + `]}`
		}
		return of("a"), of("b")
	},
	"servers gone and come": func(size int) (string, string) {
		of := func(kind string) string {
			return `{"id":"p","servers":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"id":"%s%d","tools":[],"prompts":[]}`, kind, i) }) + `]}`
		}
		return of("a"), of("b")
	},
	"servers of one id": func(size int) (string, string) {
		of := func(kind string) string {
			return `{"id":"p","servers":[` + numbered(size, func(i int) string { return fmt.Sprintf(`{"id":"s","name":"%s%d","tools":[],"prompts":[]}`, kind, i) }) + `]}`
		}
		return of("a"), of("b")
	},
	"servers in an outage": func(size int) (string, string) {
		of := func(tools string) string {
			return `{"id":"p","servers":[` + numbered(size, func(i int) string {
				return fmt.Sprintf(`{"id":"s%d","tools":%s,"prompts":[]}`, i, tools)
			}) + `]}`
		}
		return of(`[{"name":"t","description":"T."}]`), of("null")
	},
	"fields of a portal": func(size int) (string, string) {
		of := func(kind string) string {
			return `{"id":"p",` + numbered(size, func(i int) string { return fmt.Sprintf(`"%s%d":true`, kind, i) }) + `,"servers":[]}`
		}
		return of("a"), of("b")
	},
	"nested fields of a server": func(size int) (string, string) {
		of := func(leaf string) string {
			return aPortal(`"flags":` + strings.Repeat(`{"a":[1,`, min(size/10, 2000)) + leaf + strings.Repeat(`]}`, min(size/10, 2000)) + `,"tools":[],"prompts":[],"x":[` + repeated(size, `{"a":null}`) + `]`)
		}
		return of("true"), of("false")
	},
}

func aPortal(server string) string {
	return `{"id":"p","hostname":"mcp.example.com","servers":[{"id":"s",` + server + `}]}`
}

func aTool(fields string) string {
	return aPortal(`"tools":[{"name":"t",` + fields + `}],"prompts":[]`)
}

func manyTools(n int, tool func(i int) string) string {
	return aPortal(`"tools":[` + counted(n, tool) + `],"prompts":[]`)
}

func repeated(size int, text string) string {
	return strings.TrimSuffix(strings.Repeat(text+",", max(1, size/(len(text)+1))), ",")
}

func numbered(size int, element func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(element(i) + ",")
	}
	return strings.TrimSuffix(b.String(), ",")
}

func counted(n int, element func(i int) string) string {
	var b strings.Builder
	for i := range max(n, 1) {
		b.WriteString(element(i) + ",")
	}
	return strings.TrimSuffix(b.String(), ",")
}

// spent is what a comparison took.
type spent struct {
	bytes uint64 // allocated, all in all
	took  time.Duration
}

// spend compares a portal with a folder, some times, and returns the least it took.
func spend(t *testing.T, dir, portal string) spent {
	t.Helper()
	decoded := decode(t, portal)
	least := spent{took: time.Hour}
	for range 3 {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		folder, err := baseline.ReadFolder(t.Context(), dir, "baseline", false)
		if err == nil {
			_, err = baseline.Compare(t.Context(), decoded, folder, baseline.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if took < least.took {
			least = spent{after.TotalAlloc - before.TotalAlloc, took}
		}
	}
	return least
}

var _ = context.Background
var _ = filepath.Join

func TestProportion(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			const size = 1 << 16
			var costs [2][2]spent
			for i, n := range []int{size, 4 * size} {
				before, after := shape(n)
				costs[0][i] = spend(t, t.TempDir(), before)
				costs[1][i] = spend(t, accept(t, before), after)
			}
			for i, what := range []string{"first", "changed"} {
				c := costs[i]
				fmt.Printf("%-42s %-8s %8.1f ms -> %8.1f ms: %5.1f   %8.2f MB -> %8.2f MB: %5.1f  (%.0f x)\n", name, what,
					c[0].took.Seconds()*1000, c[1].took.Seconds()*1000, float64(c[1].took)/float64(c[0].took),
					float64(c[0].bytes)/1e6, float64(c[1].bytes)/1e6, float64(c[1].bytes)/float64(c[0].bytes), float64(c[1].bytes)/float64(4*size))
			}
		})
	}
}
