package baseline

import (
	"path/filepath"
	"strings"
)

// toSlash returns a path with slashes, whatever the system writes.
func toSlash(path string) string { return filepath.ToSlash(path) }

func isWindowsAbs(path string) bool { return filepath.IsAbs(path) }

// relative returns the path from one folder to another, and whether it leads into
// it. Links on the way are followed: the working directory is often told without them.
func relative(from, to string) (string, bool) {
	for _, resolve := range []func(string) (string, error){func(p string) (string, error) { return p, nil }, filepath.EvalSymlinks} {
		resolved, err := resolve(from)
		if err != nil {
			continue
		}
		rest, err := filepath.Rel(resolved, filepath.Clean(to))
		if err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator)) {
			return rest, true
		}
	}
	return "", false
}
