package main

import (
	"regexp"
	"time"
)

var synchronised = regexp.MustCompile(`("(?:last_synced|last_successful_sync)"\s*:\s*)"([0-9TZ :.-]+)"`)

// moving returns raw with times of synchronisations that move with the clock, as the
// stand-in reads them, the latest of them a quarter of an hour ago.
func moving(raw []byte) []byte {
	read := func(text []byte) (time.Time, error) {
		t, err := time.Parse(time.DateTime, string(text))
		if err != nil {
			t, err = time.Parse(time.RFC3339, string(text))
		}
		return t, err
	}
	var latest time.Time
	for _, parts := range synchronised.FindAllSubmatch(raw, -1) {
		if t, err := read(parts[2]); err == nil && t.After(latest) {
			latest = t
		}
	}
	return synchronised.ReplaceAllFunc(raw, func(found []byte) []byte {
		parts := synchronised.FindSubmatch(found)
		t, err := read(parts[2])
		if err != nil {
			return found
		}
		age := latest.Sub(t).Round(time.Minute) + 15*time.Minute
		return append(parts[1], `"now-`+age.String()+`"`...)
	})
}
