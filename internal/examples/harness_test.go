package examples

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// What all tests share: the CLI, and a mirror with the provider as it stands in
// the working tree.
var (
	cli    tfcli.CLI
	mirror tfcli.Mirror
	tree   string // the folder examples/ of the repository
)

func TestMain(m *testing.M) {
	if isOfficialProvider() {
		if err := serveOfficialProvider(); err != nil {
			fmt.Fprintln(os.Stderr, "examples:", err)
			os.Exit(1)
		}
		return
	}
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	ctx := context.Background()
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return 0, err
	}
	tree = filepath.Join(root, "examples")
	flag.Parse()
	if testing.Short() {
		return m.Run(), nil // startsCLI skips what starts one
	}
	if cli, err = tfcli.Find(ctx); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "examples-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if mirror, err = cli.Install(ctx, dir); err != nil {
		return 0, err
	}
	code := m.Run()
	if code != 0 || flag.Lookup("test.run").Value.String()+flag.Lookup("test.skip").Value.String()+flag.Lookup("test.list").Value.String() != "" {
		return code, nil
	}
	return code, everyExampleWasRun()
}

// ran holds the folders of examples/ that a test has planned, applied or tested.
var ran sync.Map

// everyExampleWasRun returns an error for a folder with a configuration that no
// test has run.
func everyExampleWasRun() error {
	return fs.WalkDir(os.DirFS(tree), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".terraform" {
			return fs.SkipDir
		}
		if _, ok := ran.Load(path.Dir(name)); err == nil && path.Ext(name) == ".tf" && !ok {
			return fmt.Errorf("no test runs examples/%s", name)
		}
		return err
	})
}

// runs notes that the example was run, with the modules that init found in it.
func (e *example) runs() {
	var installed struct{ Modules []struct{ Dir string } }
	if raw, err := os.ReadFile(filepath.Join(e.dir, ".terraform", "modules", "modules.json")); err == nil {
		must(e.t, json.Unmarshal(raw, &installed))
	}
	ran.Store(e.folder, true)
	for _, m := range installed.Modules {
		ran.Store(path.Join(e.folder, filepath.ToSlash(m.Dir)), true)
	}
}

// example is a copy of one example, ready to be run, and the API that it reads.
type example struct {
	t      *testing.T
	api    *portalapi.Server
	folder string // below examples/
	dir    string // where its copy is
	env    []string
}

// startsCLI skips the test with -short.
func startsCLI(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a CLI")
	}
}

// open copies examples/, because examples use each other's files, and initialises
// the one in folder. Its variables are set from vars, as NAME=value.
func open(t *testing.T, folder string, vars ...string) *example {
	t.Helper()
	startsCLI(t)
	e := &example{t: t, api: portalapi.New(), folder: folder}
	t.Cleanup(e.api.Close)

	all := t.TempDir()
	if err := os.CopyFS(all, os.DirFS(tree)); err != nil {
		t.Fatal(err)
	}
	e.dir = filepath.Join(all, filepath.FromSlash(folder))
	e.env = []string{
		"CLOUDFLARE_BASE_URL=" + e.api.URL(),
		"CLOUDFLARE_API_TOKEN=" + portalapi.Token,
		"CLOUDFLARE_ACCOUNT_ID=" + portalapi.AccountID,
	}
	for _, v := range vars {
		e.env = append(e.env, "TF_VAR_"+v)
	}
	return e
}

// initialised is open and init.
func initialised(t *testing.T, folder string, vars ...string) *example {
	t.Helper()
	e := open(t, folder, vars...)
	e.run("init").exits(0)
	return e
}

// write puts a file beside the example's own.
func (e *example) write(name, text string) {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

// result is how a command of the CLI ended, and what it printed.
type result struct {
	t       *testing.T
	command string
	code    int
	stdout  string
	printed string // on both streams
}

// run runs a command of the CLI, such as "plan".
func (e *example) run(command string, args ...string) result {
	e.t.Helper()
	args = append([]string{command}, args...)
	switch command {
	case "init", "plan", "apply", "test", "validate":
		args = append(args, "-no-color")
	}
	cmd := cli.Command(e.t.Context(), e.dir, mirror.Env(e.env...), args...)
	var stdout strings.Builder
	var both shared
	cmd.Stdout = tee{&stdout, &both}
	cmd.Stderr = &both
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		e.t.Fatalf("%s %s: %v", cli.Name(), strings.Join(args, " "), err)
	}
	if command == "plan" || command == "apply" || command == "test" {
		e.runs()
	}
	r := result{e.t, strings.Join(args, " "), cmd.ProcessState.ExitCode(), stdout.String(), both.text.String()}
	e.t.Logf("%s: exit code %d\n%s", r.command, r.code, r.printed)
	return r
}

// plan plans as a pipeline does that wants to know about changes.
func (e *example) plan(args ...string) result {
	e.t.Helper()
	return e.run("plan", append([]string{"-detailed-exitcode"}, args...)...)
}

// tee writes to both, of which the second is shared with another goroutine.
type tee struct {
	one  *strings.Builder
	both *shared
}

func (w tee) Write(p []byte) (int, error) {
	w.one.Write(p)
	return w.both.Write(p)
}

// shared is a strings.Builder for several goroutines.
type shared struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (r result) exits(code int) result {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("%s: exit code %d, want %d", r.command, r.code, code)
	}
	return r
}

// text is what was printed, without the CLI's line breaks and borders.
func (r result) text() string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(r.printed)), " ")
}

// says fails the test unless all of these were printed.
func (r result) says(want ...string) result {
	r.t.Helper()
	for _, w := range want {
		if !strings.Contains(r.text(), w) {
			r.t.Errorf("%s: doesn't say %q", r.command, w)
		}
	}
	return r
}

// omits fails the test if any of these was printed.
func (r result) omits(unwanted ...string) result {
	r.t.Helper()
	for _, u := range unwanted {
		if strings.Contains(r.text(), u) {
			r.t.Errorf("%s: says %q", r.command, u)
		}
	}
	return r
}

// must fails the test on an error of an edit.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cliIsAtLeast reports whether the CLI is of that version, or a newer one.
func cliIsAtLeast(t *testing.T, minimum string) bool {
	t.Helper()
	startsCLI(t)
	have, err := version.NewVersion(cli.Version)
	must(t, err)
	return have.GreaterThanOrEqual(version.Must(version.NewVersion(minimum)))
}
