//go:build linux || darwin

package main

import (
	"os"
	"runtime"
	"syscall"
)

// largestProcess returns the most memory, in bytes, that one process of those
// below and including this one held at a time.
func largestProcess(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss // bytes there, kilobytes elsewhere
	}
	return usage.Maxrss << 10
}
