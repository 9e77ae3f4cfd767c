package baseline_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
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
	"references to a large definition": func(size int) (string, string) {
		of := func(target string) string {
			return aTool(`"inputSchema":{"properties":{` + numbered(size/2, func(i int) string { return fmt.Sprintf(`"p%d":{"$ref":"#/$defs/%s"}`, i, target) }) +
				`},"$defs":{"` + target + `":{` + numbered(size/2, func(i int) string { return fmt.Sprintf(`"%s%d":1`, target, i) }) + `}}}`)
		}
		return of("a"), of("b")
	},
	"references of many to a large definition": func(size int) (string, string) {
		of := func(target string, step int) string {
			return aTool(`"inputSchema":{"properties":{` + numbered(size/3, func(i int) string { return fmt.Sprintf(`"p%d":{"$ref":"#/$defs/%s%d"}`, i, target, i*step) }) +
				`},"$defs":{` + numbered(size/3, func(i int) string { return fmt.Sprintf(`"a%d":{"enum":["%d"]}`, i, i) }) +
				`,"b0":{` + numbered(size/3, func(i int) string { return fmt.Sprintf(`"x%d":1`, i) }) + `}}}`)
		}
		return of("a", 1), of("b", 0)
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

// allocated returns how many bytes a comparison allocates.
func allocated(t *testing.T, dir string, portal *cloudflare.Portal) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	folder, err := baseline.ReadFolder(t.Context(), dir, "baseline", false)
	if err == nil {
		_, err = baseline.Compare(t.Context(), portal, folder, baseline.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Eight times as much to read allocates about eight times as much; what grows with the
// square would allocate sixty-four times as much.
//
//nolint:paralleltest // it measures the process
func TestProportion(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time")
	}
	const small, times, most = 6 << 10, 8, 24
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			before, after := shape(small)
			manyBefore, manyAfter := shape(times * small)
			for what, test := range map[string][2]struct{ dir, portal string }{
				"first":   {{t.TempDir(), before}, {t.TempDir(), manyBefore}},
				"changed": {{accept(t, before), after}, {accept(t, manyBefore), manyAfter}},
			} {
				few := allocated(t, test[0].dir, decode(t, test[0].portal))
				many := allocated(t, test[1].dir, decode(t, test[1].portal))
				if ratio := float64(many) / float64(few); ratio > most {
					t.Errorf("%s: %d times as much allocated %.1f times the bytes (%d MB)", what, times, ratio, many>>20)
				}
			}
		})
	}
}

// A context that ends, ends the work, wherever it is, with its own error.
func TestComparisonsEnd(t *testing.T) {
	t.Parallel()
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := shape(12 << 10)
			dir, portal := accept(t, before), decode(t, after)
			counter := &countdown{Context: t.Context(), left: 1 << 30}
			folder, err := baseline.ReadFolder(counter, dir, "baseline", false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := baseline.Compare(counter, portal, folder, baseline.Options{}); err != nil {
				t.Fatal(err)
			}
			asked := 1<<30 - counter.left
			// Whenever the context is looked at, it may have ended.
			for left := 0; left < asked; left += 1 + asked/10 {
				ended := &countdown{Context: t.Context(), left: left}
				folder, err := baseline.ReadFolder(ended, dir, "baseline", false)
				if err == nil {
					_, err = baseline.Compare(ended, portal, folder, baseline.Options{})
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("ended when it was looked at for the time %d of %d: %v", left+1, asked, err)
				}
			}
		})
	}
}

// countdown is a context that ends when it has been looked at some times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}
