package schemadiff_test

import (
	"strings"
	"testing"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/schemadiff"
)

func parse(t testing.TB, text string) *jsontree.Node {
	t.Helper()
	if text == "" {
		return nil
	}
	if at := jsontree.Invalid(text); at >= 0 {
		t.Fatalf("not JSON at %d: %s", at, text)
	}
	return jsontree.Parse(text)
}

// outcome says what was found, such as "more properties.a, less required".
func outcome(result schemadiff.Result) string {
	var all []string
	for _, path := range result.More {
		all = append(all, "more "+path.String())
	}
	for _, path := range result.Less {
		all = append(all, "less "+path.String())
	}
	return strings.Join(all, ", ")
}
