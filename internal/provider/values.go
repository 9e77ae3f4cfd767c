package provider

import (
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// zoneless matches a time of the API without a zone, such as 2026-03-11 15:00:45.
var zoneless = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?$`)

// timestamp returns a time of the API in the form of RFC 3339. The API gives
// some times in that form, which stay as they are, and others, in the same
// object, without a zone, which are in UTC. Anything else stays as it is.
func timestamp(text *string) *string {
	if text == nil || !zoneless.MatchString(*text) {
		return text
	}
	rfc3339 := strings.Replace(*text, " ", "T", 1) + "Z"
	if _, err := time.Parse(time.RFC3339, rfc3339); err != nil {
		return text
	}
	return &rfc3339
}

// float returns a number of the API as Terraform holds it.
func float(n *wirejson.Number) *big.Float {
	if n == nil {
		return nil
	}
	return n.Float()
}

// mapped returns list with each element mapped; null stays null.
func mapped[From, To any](list []From, to func(*From) To) []To {
	if list == nil {
		return nil
	}
	result := make([]To, len(list))
	for i := range list {
		result[i] = to(&list[i])
	}
	return result
}

// or returns value, or other in place of null.
func or[T any](value, other *T) *T {
	if value == nil {
		return other
	}
	return value
}

// neverNull returns list, or the empty one in place of null.
func neverNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
