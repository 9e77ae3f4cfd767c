package cloudflare_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

// What is decoded from a body is what a client reads.
func TestDecodePortalOfABody(t *testing.T) {
	t.Parallel()
	want, err := readFull(t, newClient(t, startAPI(t)))
	if err != nil {
		t.Fatal(err)
	}
	body := slices.Concat([]byte(`{"success":true,"errors":[],"messages":[],"result":`), portalapi.Fixture("full"), []byte(`}`))
	got, err := cloudflare.DecodePortal(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-read +decoded):\n%s", diff)
	}
}

func TestDecodePortalErrors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"success":false,"errors":[]}`:       "the API refused",
		`{"success":true,"result":{"id":1}}`:  "id: expected a string, found a number",
		`{"success":true}`:                    `the answer says "success" but has no "result" (no content type, 16 bytes)`,
		`{"success":true,"result":{"id":"a"`:  "the answer ends in the middle of its JSON (no content type, 34 bytes)",
		`<html>`:                              "the answer is an HTML page, not JSON (no content type, 6 bytes)",
		``:                                    "the answer is empty (no content type, 0 bytes)",
		"{\"success\":true,\"result\":\"\xff": "the answer is not valid UTF-8 (no content type, 27 bytes)",
	} {
		portal, err := cloudflare.DecodePortal([]byte(body))
		if portal != nil || err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", body, err, want)
		}
		if e, ok := errors.AsType[*cloudflare.Error](err); ok {
			t.Errorf("%q: %v is about a request, which there was none", body, e)
		}
	}
}
