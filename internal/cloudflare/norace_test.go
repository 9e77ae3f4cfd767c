//go:build !race

package cloudflare

// RaceDetector reports whether the race detector is at work.
const RaceDetector = false
