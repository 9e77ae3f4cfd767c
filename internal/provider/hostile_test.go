package provider_test

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// hostileBodies are bodies of about size bytes that were made to cost as much as
// they can. Whoever runs a server behind a portal writes much of what is read.
func hostileBodies(size int) map[string]string {
	repeat := func(head, body, tail string) string {
		return head + strings.Repeat(body, max(size/len(body), 2)-1) + strings.TrimSuffix(body, ",") + tail
	}
	numbered := func(head, format, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format+",", i)
		}
		return strings.TrimSuffix(b.String(), ",") + tail
	}
	const (
		tools   = `{"success":true,"result":{"id":"p","servers":[{"id":"s","tools":[`
		prompts = `{"success":true,"result":{"id":"p","servers":[{"id":"s","prompts":[`
		servers = `{"success":true,"result":{"id":"p","servers":[`
		tool    = `{"success":true,"result":{"id":"p","servers":[{"id":"s","tools":[{`
		errors  = `{"success":false,"errors":`
	)
	// Objects within objects as deep as JSON may go within a tool, whose keys are not
	// sorted: of two, the second leads on. The first fills the body.
	const depth = 9_900
	first := `{"z` + strings.Repeat("x", max(size/depth-len(`{"z":0,"a":}`), 0)) + `":0,"a":`
	deepest := strings.Repeat(first, depth) + `{}` + strings.Repeat("}", depth)
	overrides := strings.Replace(tools, "tools", "updated_tools", 1)
	chain := strings.Repeat(`[{"error_chain":`, min(size/18, 9_000)) + "[]" + strings.Repeat("}]", min(size/18, 9_000))
	return map[string]string{
		"empty tools":             repeat(tools, `{},`, `]}]}}`),
		"nulls for tools":         repeat(tools, `null,`, `]}]}}`),
		"lists for tools":         repeat(tools, `[{}],`, `]}]}}`),
		"empty servers":           repeat(servers, `{},`, `]}}`),
		"empty overrides":         repeat(overrides, `{},`, `]}]}}`),
		"tools with one key":      repeat(tools, `{"a":0},`, `]}]}}`),
		"servers with one key":    repeat(servers, `{"a":0},`, `]}}`),
		"annotations":             repeat(tools, `{"annotations":{}},`, `]}]}}`),
		"annotations with a key":  repeat(tools, `{"annotations":{"a":0}},`, `]}]}}`),
		"arguments":               repeat(prompts, `{"arguments":[{},{},{},{},{},{},{},{}]},`, `]}]}}`),
		"arguments kept as text":  repeat(prompts, `{"arguments":[{},{},{},{},{},{},{},0]},`, `]}]}}`),
		"tools of one name":       repeat(tools, `{"name":"a","x":0},`, `]}]}}`),
		"nameless tools":          repeat(tools, `{"x":"yyyyyyyyyy"},`, `]}]}}`),
		"overrides of one name":   repeat(overrides, `{"name":"a","enabled":true},`, `]}]}}`),
		"servers of one id":       repeat(servers, `{"id":"a","name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","tools":[]},`, `]}}`),
		"prompts of one name":     repeat(prompts, `{"name":"a","arguments":[{"name":"b"},{"name":"b"}]},`, `]}]}}`),
		"named tools":             numbered(tools, `{"name":"%x"}`, `]}]}}`),
		"one tool, many keys":     numbered(tool, `"%x":0`, `}]}]}}`),
		"keys outside NFC":        numbered(tool, "\"e\u0301%x\":0", `}]}]}}`),
		"halves of pairs as keys": numbered(tool, `"\ud83d%x":0`, `}]}]}}`),
		"text outside NFC":        tools + `{"name":"` + strings.Repeat("e\u0301", size/3) + `"}]}]}}`,
		"one combining text":      tools + `{"name":"e` + strings.Repeat("\u0301", size/2) + `"}]}]}}`,
		"schema outside NFC":      tools + `{"inputSchema":{"a":"` + strings.Repeat("e\u0301", size/3) + `"}}]}]}}`,
		"escapes":                 tools + `{"name":"` + strings.Repeat(`\u0001`, size/6) + `"}]}]}}`,
		"large numbers":           repeat(servers, `{"error_details":{"mcp_code":1e3000,"status_code":1e3000}},`, `]}}`),
		"long numbers":            repeat(servers, `{"error_details":{"mcp_code":`+strings.Repeat("9", 2000)+`}},`, `]}}`),
		"numbers that are held":   repeat(servers, `{"error_details":{"mcp_code":-12345678901234567890}},`, `]}}`),
		"redirect URIs":           repeat(servers+`{"auth_config_summary":{"registration_info":{"redirect_uris":[`, `"",`, `]}}}]}}`),
		"one long text":           tools + `{"description":"` + strings.Repeat("x", size) + `"}]}]}}`,
		"deep schemas of objects": repeat(tools, `{"inputSchema":`+strings.Repeat(`{"b":0,"a":`, 4000)+`{}`+strings.Repeat(`}`, 4000)+`},`, `]}]}}`),
		"the deepest schema":      tools + `{"inputSchema":` + deepest + `}]}]}}`,
		"another deep field":      tools + `{"_meta":` + deepest + `}]}]}}`,
		"a wide schema":           numbered(tools+`{"inputSchema":{`, `"%x":{"z":1,"a":2}`, `}}]}]}}`),
		"deep schemas of lists":   repeat(tools, `{"inputSchema":{"a":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+`}},`, `]}]}}`),
		"many overrides":          numbered(overrides, `{"name":"a%x","enabled":true}`, `]}]}}`),
		"a chain of errors":       errors + chain + `}`,
		"chains of errors":        repeat(errors+`[`, `{"error_chain":`+strings.Repeat(`[{"error_chain":`, 180)+`[]`+strings.Repeat(`}]`, 180)+`},`, `]}`),
		"errors":                  repeat(errors+`[`, `{},`, `]}`),
		"errors that are texts":   errors + `["` + strings.Repeat(`\u0041`, size/6) + `"]}`,
		"deep errors":             errors + strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999) + `}`,
		"white space":             strings.Repeat(" ", size) + `{"success":true,"result":{"id":"p","servers":[]}}`,
		"keys of the envelope":    numbered(`{"success":true,"result":{"id":"p","servers":[]},`, `"%x":0`, `}`),
	}
}

// heap returns how many bytes are on the heap, garbage as well.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// cost is what a read took of its reader.
type cost struct {
	memory uint64 // bytes, at most at a time
	took   time.Duration
	state  []byte // none if it failed
}

func costOf(t *testing.T, p *peer, api *portalapi.Server, dataSource, body string) cost {
	t.Helper()
	api.ClearFaults()
	api.FailAlways(portalapi.Body([]byte(body)))
	// Early, so that what is measured is what is needed, and little of what could
	// have been freed.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	runtime.GC()
	before := heap()
	peak, done, stopped := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			peak = max(peak, heap())
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	start := time.Now()
	config := values{"id": "p"}
	if dataSource == "mcp_portal_baseline" {
		config["directory"] = "baseline"
	}
	response := p.read(t, dataSource, config)
	took := time.Since(start)
	close(done)
	<-stopped
	c := cost{memory: peak - before, took: took}
	if len(response.Diagnostics) == 0 {
		c.state = response.State.MsgPack
	}
	return c
}

// TestHostileBodies holds a body of a megabyte, whatever is in it, to what
// SECURITY.md promises, and to the same state each time.
//
//nolint:paralleltest // it measures the memory of the process
func TestHostileBodies(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("measures memory")
	}
	api := portalapi.New()
	t.Cleanup(api.Close)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api, values{"max_retries": 0})
	const size = 1 << 20
	for name, body := range hostileBodies(size) {
		for _, dataSource := range []string{"mcp_portal", "mcp_portal_baseline"} {
			t.Run(dataSource+"/"+name, func(t *testing.T) {
				c := costOf(t, p, api, dataSource, body)
				t.Logf("%d KB: %.1f MiB, %s, a state of %d KB", len(body)>>10, float64(c.memory)/(1<<20), c.took, len(c.state)>>10)
				// Of which nothing is accepted, a baseline holds each file, its patch and its
				// reports at once.
				most := uint64(100 << 20)
				if dataSource == "mcp_portal_baseline" {
					most = 256 << 20
				}
				if c.memory > most { // something else may have been collected late
					if again := costOf(t, p, api, dataSource, body); again.memory > most {
						t.Errorf("%d MiB for a body of %d KB", again.memory>>20, len(body)>>10)
					}
				}
				if strings.Contains(name, "schema") && dataSource == "mcp_portal" && len(c.state) < size/2 {
					t.Error("the schema was not read, so that this measured an error")
				}
			})
		}
	}
	for name, body := range hostileBodies(size >> 5) {
		for _, dataSource := range []string{"mcp_portal", "mcp_portal_baseline"} {
			if !bytes.Equal(costOf(t, p, api, dataSource, body).state, costOf(t, p, api, dataSource, body).state) {
				t.Errorf("%s, %s: the same answer gives another state", dataSource, name)
			}
		}
	}
}
