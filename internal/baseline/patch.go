package baseline

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"golang.org/x/text/unicode/norm"
)

// patch returns the unified diff, in the traditional form, that makes a file of the
// folder what it should be; either text is empty where there is no such file.
func patch(path, before, after string) (string, error) {
	if ends := strings.Count(before, "\n"); ends > 0 && ends == strings.Count(before, "\r\n") {
		after = strings.ReplaceAll(after, "\n", "\r\n")
	}
	from, to := label("a", path), label("b", path)
	if before == "" {
		from = "/dev/null"
	}
	if after == "" {
		to = "/dev/null"
	}
	edits := []udiff.Edit{{Start: 0, End: len(before), New: after}}
	if before != "" && after != "" {
		if some := udiff.Lines(before, after); len(some)*len(before) <= maxPatchWork {
			edits = some
		}
	}
	return udiff.ToUnified(from, to, before, edits, udiff.DefaultContextLines)
}

// maxPatchWork bounds the work of ToUnified, which counts the lines before each edit
// anew. Beyond it, the patch replaces the whole file.
const maxPatchWork = 1 << 30

// label returns a file's name as git reads it in a patch.
func label(side, path string) string {
	path = side + "/" + path
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		var quoted strings.Builder
		for i := range len(path) {
			switch c := path[i]; {
			case c == '"' || c == '\\':
				quoted.WriteByte('\\')
				quoted.WriteByte(c)
			case c < ' ' || c == 0x7f:
				fmt.Fprintf(&quoted, `\%03o`, c)
			default:
				quoted.WriteByte(c)
			}
		}
		return `"` + quoted.String() + `"`
	}
	if strings.Contains(path, " ") {
		path += "\t" // it ends the name
	}
	return path
}

// changedByTerraform returns the number of the first line of a file, counted from 1,
// that Terraform would change in a patch, because it is not in Unicode's form NFC; 0
// if there is none.
func changedByTerraform(text string) int {
	if norm.NFC.IsNormalString(text) {
		return 0
	}
	n := 0
	for line := range strings.Lines(text) {
		if n++; !norm.NFC.IsNormalString(line) {
			return n
		}
	}
	return 0
}
