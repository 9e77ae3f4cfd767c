package baseline

import (
	"errors"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// FuzzParse reads what somebody may have committed: it is either refused in
// words, or a baseline that says the same once it is written anew.
func FuzzParse(f *testing.F) {
	for _, name := range portalapi.FixtureNames() {
		f.Add(New(decode(f, portalapi.Fixture(name)), Options{}).Text())
	}
	for _, text := range []string{
		"", " \n", "null", "{}", `{"format":"mcp-portal-baseline/1"}`, `{"format":"mcp-portal-baseline/2","portal":{}}`, `{"format":1}`,
		`{"format":"mcp-portal-baseline/1","portal":{"id":"p"},"servers":{"a":null,"b":{"tools":{"x":null,"y":{"enabled":true,"arguments":{"z":{}}}}}}}`,
		`{"format":"mcp-portal-baseline/1","portal":{"id":"p","id":"q"}}`, `{"format":"mcp-portal-baseline/1","portal":{"id":"p"}} x`,
		`{"format":"mcp-portal-baseline/1","portal":{"id":"p","extra":{"a":"1e3000"}},"servers":{"é":{"auth_config_summary":{"client_secret_version":1e400}}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse(text)
		if err != nil {
			var parse *ParseError
			if !errors.As(err, &parse) || parse.Reason == "" {
				t.Fatalf("got %v", err)
			}
			return
		}
		written := b.Text()
		if norm.NFC.String(written) != written {
			t.Errorf("Terraform would change %q", written)
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("%v in what was written: %s", err, written)
		}
		if changes := Diff(b, again); len(changes) > 0 {
			t.Errorf("%v once it was written", changes)
		}
		if second := again.Text(); second != written {
			t.Errorf("%s\nbecame\n%s", written, second)
		}
		_ = Summary(Diff(b, &Baseline{Portal: b.Portal}))
		_ = Summary(Diff(&Baseline{Portal: b.Portal}, b))
	})
}
