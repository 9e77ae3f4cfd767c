//go:build !race

package provider_test

// raceDetector reports whether the race detector is at work.
const raceDetector = false
