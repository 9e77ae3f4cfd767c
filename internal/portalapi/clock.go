package portalapi

import (
	"regexp"
	"time"
)

// recently matches a time in a file of WithFolder that moves with the clock, such as
// "last_synced": "now-90m", an hour and a half before the request.
var recently = regexp.MustCompile(`("(?:last_synced|last_successful_sync|created_at|modified_at)"\s*:\s*)"now-([0-9hms]+)"`)

// asOf returns raw with the times that move with the clock as the API gives them.
func asOf(now time.Time, raw []byte) []byte {
	return recently.ReplaceAllFunc(raw, func(found []byte) []byte {
		parts := recently.FindSubmatch(found)
		age, err := time.ParseDuration(string(parts[2]))
		if err != nil {
			return found
		}
		return now.Add(-age).UTC().AppendFormat(parts[1], `"`+time.DateTime+`"`)
	})
}
