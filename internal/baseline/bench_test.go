package baseline

import (
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// BenchmarkBaseline shows what each step takes on a portal of ten thousand tools.
func BenchmarkBaseline(b *testing.B) {
	portal := decode(b, portalapi.Generate(40, 250))
	current := New(portal, Options{})
	text := current.Text()
	b.Logf("%d bytes", len(text))
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			New(portal, Options{})
		}
	})
	b.Run("Text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = current.Text()
		}
	})
	b.Run("Since", func(b *testing.B) {
		b.ReportAllocs()
		crlf := strings.ReplaceAll(text, "\n", "\r\n")
		for b.Loop() {
			if changes, err := current.Since(crlf); err != nil || len(changes) > 0 {
				b.Fatal(changes, err)
			}
		}
	})
}
