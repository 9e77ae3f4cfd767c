//go:build !unix

package baseline_test

import "time"

var started = time.Now()

// processorTime returns how long the process runs, where the system does not say how
// long it had a processor.
func processorTime() time.Duration { return time.Since(started) }
