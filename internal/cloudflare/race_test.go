//go:build race

package cloudflare

// RaceDetector reports whether the race detector is at work. It takes memory of
// its own, so tests that measure memory are left out.
const RaceDetector = true
