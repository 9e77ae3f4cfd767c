package cloudflare

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

func TestPatterns(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ covers, host bool }{
		"mcp.example.com":              {true, true},
		"MCP.Example.COM.":             {true, true},
		"https://mcp.example.com:443/": {true, true},
		"mcp.example.com/*":            {true, true},
		"mcp.example.com/mcp":          {true, true},
		"mcp.example.com/mcp/":         {true, true},
		"mcp.example.com/m*":           {true, true},
		"mcp.example.com/*p":           {true, true},
		"mcp.example.com/mc":           {false, true},
		"mcp.example.com/mcp/*":        {false, true},
		"mcp.example.com/admin":        {false, true},
		"mcp.example.com/MCP":          {false, true},
		"*.example.com":                {true, true},
		"*mcp.example.com":             {true, true},
		"m*.example.com/mcp":           {true, true},
		"*.*.com":                      {true, true},
		"mcp.*.com":                    {true, true},
		"*.com":                        {false, false}, // one level alone
		"example.com":                  {false, false},
		"*.mcp.example.com":            {false, false},
		"mcp.example.com.evil.example": {false, false},
		"evil-mcp.example.com":         {false, false},
		"mcpexample.com":               {false, false},
		"":                             {false, false},
	} {
		p := parsePattern(address)
		got := struct{ covers, host bool }{p.covers(pattern{"mcp.example.com", mcpPath}), p.coversHost("mcp.example.com")}
		if got != want {
			t.Errorf("%q: %+v", address, got)
		}
	}
}

func TestMostSpecific(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ all, want []string }{
		{[]string{"*.example.com", "mcp.example.com"}, []string{"mcp.example.com"}},
		{[]string{"mcp.example.com", "mcp.example.com/mcp"}, []string{"mcp.example.com/mcp"}},
		{[]string{"mcp.example.com/m*", "mcp.example.com/mcp", "mcp.example.com"}, []string{"mcp.example.com/mcp"}},
		{[]string{"mcp.example.com/*", "MCP.example.com", "mcp.example.com."}, []string{"mcp.example.com"}},
		{[]string{"*.example.com", "*cp.example.com", "*.*.com"}, []string{"*cp.example.com"}},
		// Nobody documents which of these counts.
		{[]string{"*.example.com/mcp", "mcp.example.com"}, []string{"*.example.com/mcp", "mcp.example.com"}},
		{[]string{"m*.example.com", "*p.example.com"}, []string{"*p.example.com", "m*.example.com"}},
		{nil, nil},
	} {
		var all []pattern
		for _, address := range test.all {
			all = append(all, parsePattern(address))
		}
		var got []string
		for _, p := range mostSpecific(all) {
			got = append(got, strings.TrimSuffix(p.host+"/"+p.path, "/"))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.all, diff)
		}
	}
}

// What an application guards is read from whatever it looks like otherwise.
func TestOutline(t *testing.T) {
	t.Parallel()
	type result struct {
		ID       string
		Patterns []pattern
		Servers  []string
		Odd      *DecodeError
		MayGuard bool
	}
	for raw, want := range map[string]result{
		`{"id":"a","type":"self_hosted","domain":"a.example.com","self_hosted_domains":["a.example.com","B.example.com/x"],
		  "destinations":[{"type":"public","uri":"c.example.com"},{"type":"private","uri":"d.example.com","hostname":"h"},
		    {"type":"via_mcp_server_portal","mcp_server_id":"s1"},{"type":"public","mcp_server_id":"s2"},{"type":"worker","worker_id":"w"}]}`: {
			ID:       "a",
			Patterns: []pattern{{"a.example.com", ""}, {"a.example.com", ""}, {"b.example.com", "x"}, {"c.example.com", ""}},
			Servers:  []string{"s1"},
		},
		`{"id":"a","type":"mcp","domain":null,"self_hosted_domains":null,"destinations":null}`:   {ID: "a", MayGuard: true},
		`{"id":"a","type":"orbital","domain":["x"],"policies":7}`:                                {ID: "a", Odd: &DecodeError{Path: "domain", Expected: "a string", Found: "a list"}},
		`{"id":"a","type":"mcp","destinations":"all"}`:                                           {ID: "a", MayGuard: true, Odd: &DecodeError{Path: "destinations", Expected: "a list", Found: "a string"}},
		`{"id":"a","type":"mcp_portal","destinations":[7,{}]}`:                                   {ID: "a", MayGuard: true, Odd: &DecodeError{Path: "destinations[0]", Expected: "an object", Found: "a number"}},
		`{"id":"a","destinations":[{"type":"via_mcp_server_portal","mcp_server_id":7}]}`:         {ID: "a", Odd: &DecodeError{Path: "destinations[0].mcp_server_id", Expected: "a string", Found: "a number"}},
		`{"id":"a","type":"mcp","id":"b"}`:                                                       {ID: "a", MayGuard: true, Odd: &DecodeError{Path: "id", Expected: "one value", Found: "the key twice"}},
		`{"id":"a","self_hosted_domains":["x.example.com",7]}`:                                   {ID: "a", Patterns: []pattern{{"x.example.com", ""}}, Odd: &DecodeError{Path: "self_hosted_domains[1]", Expected: "a string", Found: "a number"}},
		`{"id":"a","destinations":[{"type":"public","uri":["x"]},{"type":"later","uri":["x"]}]}`: {ID: "a", Odd: &DecodeError{Path: "destinations[0].uri", Expected: "a string", Found: "a list"}},
		`{"id":"a","domain":"e\u0301.example.com"}`:                                              {ID: "a", Patterns: []pattern{{"e\u0301.example.com", ""}}},
		`7`: {Odd: &DecodeError{Path: "", Expected: "an object", Found: "a number"}},
	} {
		o := outlineOf(wirejson.Value(raw))
		got := result{o.id, o.patterns, o.servers, o.odd, o.mayGuard()}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(pattern{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

// An account of many applications, and one whose groups are many, take time in
// proportion.
func BenchmarkGuards(b *testing.B) {
	list := make([]wirejson.Value, 2000)
	policies, err := json.Marshal(strings.Repeat("x", 2000))
	if err != nil {
		b.Fatal(err)
	}
	for i := range list {
		list[i] = wirejson.Value(fmt.Sprintf(`{"id":"%d","domain":"a%d.example.com","policies":%s,"destinations":[{"type":"public","uri":"a%d.example.com"}]}`, i, i, policies, i))
	}
	portal := &Portal{Hostname: new("a7.example.com")}
	for b.Loop() {
		g := newGuards(portal)
		for i, raw := range list {
			g.add(i, outlineOf(raw))
		}
		if len(g.relevant()) != 1 {
			b.Fatal("not one")
		}
	}
}
