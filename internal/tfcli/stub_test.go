package tfcli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// stub says what a stand-in for terraform, tofu or go does. The stand-ins are
// symbolic links to this test's own executable, each with its stub in a file
// beside it: unlike a script written a moment ago, a link can be started while
// other tests start processes (no "text file busy").
type stub struct {
	Stdout string
	Stderr string
	Exit   int
	// Builds, if set, makes this a go command: the version that the executable
	// which it "builds" answers with.
	Builds string
}

const (
	stubSuffix  = ".stub"
	callsSuffix = ".calls"
)

// The answers of the two products to "version".
func terraformVersion(v string) stub { return stub{Stdout: "Terraform v" + v + "\non linux_amd64\n"} }
func openTofuVersion(v string) stub  { return stub{Stdout: "OpenTofu v" + v + "\non linux_amd64\n"} }

func TestMain(m *testing.M) {
	if text, err := os.ReadFile(os.Args[0] + stubSuffix); err == nil {
		os.Exit(playStub(text))
	}
	// An executable that a stub go has built. Its link holds its version, since
	// it is moved without any file beside it.
	if target, err := os.Readlink(os.Args[0]); err == nil {
		if _, through, ok := strings.Cut(target, builtFolder); ok {
			fmt.Print(openTofuVersion(filepath.Base(filepath.Dir(through))).Stdout)
			os.Exit(0)
		}
	}
	// Under the race detector every stub would otherwise wait a second at its end.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// builtFolder holds the folders, each named after a version, through which the
// links of "built" executables lead.
const builtFolder = "built-from"

func playStub(text []byte) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "stub:", err)
		return 99
	}
	var s stub
	if err := json.Unmarshal(text, &s); err != nil {
		return fail(err)
	}
	// One short write to a file opened for appending: two processes' lines do
	// not mix.
	calls, err := os.OpenFile(os.Args[0]+callsSuffix, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fail(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		return fail(err)
	}
	line, err := json.Marshal(call{Args: os.Args[1:], Dir: dir, Env: os.Environ()})
	if err != nil {
		return fail(err)
	}
	if _, err := calls.Write(append(line, '\n')); err != nil {
		return fail(err)
	}
	if err := calls.Close(); err != nil {
		return fail(err)
	}

	if s.Builds != "" {
		// Long enough for a second builder to arrive.
		time.Sleep(300 * time.Millisecond)
		self, err := os.Executable()
		if err != nil {
			return fail(err)
		}
		out := os.Args[slices.Index(os.Args, "-o")+1]
		through := filepath.Join(filepath.Dir(os.Args[0]), builtFolder, s.Builds)
		if err := os.MkdirAll(through, 0o755); err != nil {
			return fail(err)
		}
		link := filepath.Join(through, "tofu")
		if err := os.Symlink(self, link); err != nil && !errors.Is(err, fs.ErrExist) {
			return fail(err)
		}
		if err := os.Symlink(link, out); err != nil {
			return fail(err)
		}
	}
	fmt.Print(s.Stdout)
	fmt.Fprint(os.Stderr, s.Stderr)
	return s.Exit
}

// call is one call of a stub.
type call struct {
	Args []string
	Dir  string
	Env  []string
}

// env returns the value of a variable that the call had, and whether it had it.
func (c call) env(name string) (string, bool) {
	for _, kv := range slices.Backward(c.Env) {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			return v, true
		}
	}
	return "", false
}

// calls returns the calls of the stub at path, oldest first.
func calls(t *testing.T, path string) []call {
	t.Helper()
	text, err := os.ReadFile(path + callsSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []call
	for line := range strings.Lines(string(text)) {
		var c call
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// putStub puts a stub into dir and returns its path.
func putStub(t *testing.T, dir, name string, s stub) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stubs are symbolic links")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	mkdir(t, dir)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	write(t, path+stubSuffix, string(text))
	return path
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	mkdir(t, filepath.Dir(path))
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
