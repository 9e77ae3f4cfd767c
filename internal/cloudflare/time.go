package cloudflare

import (
	"regexp"
	"strings"
	"time"
)

// zoneless matches a time of the API without a zone, such as 2026-03-11 15:00:45.
var zoneless = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?$`)

// Timestamp returns a time of the API in the form of RFC 3339. The API gives
// some times in that form, which stay as they are, and others, in the same
// object, without a zone, which are in UTC. Anything else stays as it is.
func Timestamp(text *string) *string {
	if text == nil || !zoneless.MatchString(*text) {
		return text
	}
	rfc3339 := strings.Replace(*text, " ", "T", 1) + "Z"
	if _, err := time.Parse(time.RFC3339, rfc3339); err != nil {
		return text
	}
	return &rfc3339
}
