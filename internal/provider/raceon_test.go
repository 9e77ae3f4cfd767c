//go:build race

package provider_test

// raceDetector reports whether the race detector is at work. It takes memory and time
// of its own, so tests that measure either are left out.
const raceDetector = true
