package portalapi

import (
	"bytes"
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

// synchronised matches when a server of the fixtures synchronised, in both forms.
var synchronised = regexp.MustCompile(`("(?:last_synced|last_successful_sync)"\s*:\s*)"([0-9-]{10}[ T][0-9:]{8})[^"]*"`)

// lastSynchronised is when most servers of the fixtures did, to the minute.
var lastSynchronised = time.Date(2026, time.March, 11, 15, 1, 0, 0, time.UTC)

// moving returns raw with times of synchronisations that move with the clock, the
// latest of them a quarter of an hour ago.
func moving(raw []byte) []byte {
	return synchronised.ReplaceAllFunc(raw, func(found []byte) []byte {
		parts := synchronised.FindSubmatch(found)
		t, err := time.Parse(time.DateTime, string(bytes.Replace(parts[2], []byte("T"), []byte(" "), 1)))
		if err != nil {
			return found
		}
		age := max(0, lastSynchronised.Sub(t).Round(time.Minute)) + 15*time.Minute
		return append(parts[1], `"now-`+age.String()+`"`...)
	})
}
