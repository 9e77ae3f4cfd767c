package tfcli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

const pinned = "1.12.6"

// newRoot returns the root of a made-up repository that pins OpenTofu.
func newRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "tools", "opentofu", "go.mod"),
		"module example.com/tools\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/opentofu/opentofu v"+pinned+" // indirect\n)\n")
	return root
}

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		path     map[string]stub // what the PATH holds
		override string          // EnvCLI; {other} stands for an executable off the PATH
		other    stub
		openTofu bool // FindOpenTofu instead of Find

		want      string // the base name of the executable that is found
		wantCLI   CLI    // Path is not compared
		wantBuild string // what the build's announcement starts with
		wantErr   string // a regular expression
	}{
		{
			name:    "terraform comes before tofu",
			path:    map[string]stub{"terraform": terraformVersion("1.11.4"), "tofu": openTofuVersion("1.10.0")},
			want:    "terraform",
			wantCLI: CLI{Version: "1.11.4"},
		},
		{
			name:    "tofu alone",
			path:    map[string]stub{"tofu": openTofuVersion("1.10.0")},
			want:    "tofu",
			wantCLI: CLI{Version: "1.10.0", OpenTofu: true},
		},
		{
			name:    "the product is what the executable says, not what it is called",
			path:    map[string]stub{"terraform": openTofuVersion("1.9.1")},
			want:    "terraform",
			wantCLI: CLI{Version: "1.9.1", OpenTofu: true},
		},
		{
			name: "a warning before the version and a hint after it",
			path: map[string]stub{"terraform": {
				Stdout: "\nWarning: Something\n\nTerraform v1.14.0-rc1\non linux_amd64\n\nYour version of Terraform is out of date!\n",
				Stderr: "a problem with the CLI configuration\n",
			}},
			want:    "terraform",
			wantCLI: CLI{Version: "1.14.0-rc1"},
		},
		{
			name:    "a terraform that does not work is not passed over",
			path:    map[string]stub{"terraform": {Stderr: "No version is set\n", Exit: 1}, "tofu": openTofuVersion("1.10.0")},
			wantErr: `terraform version: exit status 1: No version is set; .* ` + EnvCLI,
		},
		{
			name:    "a terraform that is something else",
			path:    map[string]stub{"terraform": {Stdout: "hello\nworld\n"}},
			wantErr: `neither Terraform's nor OpenTofu's answer: "hello"`,
		},
		{
			name:    "neither, and no go",
			wantErr: `no terraform or tofu on the PATH, and no go to build OpenTofu 1\.12\.6`,
		},
		{
			name:      "neither: builds the pinned OpenTofu",
			path:      map[string]stub{"go": {Builds: pinned}},
			want:      "tofu",
			wantCLI:   CLI{Version: pinned, OpenTofu: true},
			wantBuild: "no terraform or tofu on the PATH: building OpenTofu 1.12.6 from source, a few minutes, once\n",
		},
		{
			name:    "a build that fails says why",
			path:    map[string]stub{"go": {Stderr: "go: no such module\n", Exit: 1}},
			wantErr: `(?s)building OpenTofu 1\.12\.6: .*exit status 1\ngo: no such module$`,
		},
		{
			name:    "a build of another version is refused",
			path:    map[string]stub{"go": {Builds: "1.11.0"}},
			wantErr: `says that it is OpenTofu 1\.11\.0`,
		},
		{
			name:     "the override wins over the PATH",
			path:     map[string]stub{"terraform": terraformVersion("1.11.4")},
			override: "{other}",
			other:    openTofuVersion("1.8.0"),
			want:     "other",
			wantCLI:  CLI{Version: "1.8.0", OpenTofu: true},
		},
		{
			name:     "the override may be a name on the PATH",
			path:     map[string]stub{"terraform": terraformVersion("1.11.4"), "tofu": openTofuVersion("1.10.0")},
			override: "tofu",
			want:     "tofu",
			wantCLI:  CLI{Version: "1.10.0", OpenTofu: true},
		},
		{
			name:     "an override that is not there is an error",
			path:     map[string]stub{"terraform": terraformVersion("1.11.4")},
			override: "nothing",
			wantErr:  `^MCP_TEST_CLI=nothing: .*not found`,
		},
		{
			name:     "an override that does not work is an error",
			path:     map[string]stub{"terraform": terraformVersion("1.11.4")},
			override: "{other}",
			other:    stub{Exit: 3},
			wantErr:  `^MCP_TEST_CLI=.*exit status 3`,
		},
		{
			name:     "a relative override is refused",
			override: filepath.Join("bin", "tofu"),
			wantErr:  `want an absolute path`,
		},
		{
			name:     "OpenTofu wanted: terraform does not count",
			path:     map[string]stub{"terraform": terraformVersion("1.11.4"), "tofu": openTofuVersion("1.10.0")},
			openTofu: true,
			want:     "tofu",
			wantCLI:  CLI{Version: "1.10.0", OpenTofu: true},
		},
		{
			name:      "OpenTofu wanted: built although there is a terraform",
			path:      map[string]stub{"terraform": terraformVersion("1.11.4"), "go": {Builds: pinned}},
			openTofu:  true,
			want:      "tofu",
			wantCLI:   CLI{Version: pinned, OpenTofu: true},
			wantBuild: "no tofu on the PATH: building OpenTofu 1.12.6 from source, a few minutes, once\n",
		},
		{
			name:     "OpenTofu wanted: the override serves if it is one",
			path:     map[string]stub{"tofu": openTofuVersion("1.10.0")},
			override: "{other}",
			other:    openTofuVersion("1.8.0"),
			openTofu: true,
			want:     "other",
			wantCLI:  CLI{Version: "1.8.0", OpenTofu: true},
		},
		{
			name:     "OpenTofu wanted: an override that is a Terraform is passed over",
			path:     map[string]stub{"tofu": openTofuVersion("1.10.0")},
			override: "{other}",
			other:    terraformVersion("1.11.4"),
			openTofu: true,
			want:     "tofu",
			wantCLI:  CLI{Version: "1.10.0", OpenTofu: true},
		},
		{
			name:     "OpenTofu wanted: a Terraform named tofu is refused",
			path:     map[string]stub{"tofu": terraformVersion("1.11.4")},
			openTofu: true,
			wantErr:  `tofu says that it is Terraform 1\.11\.4, not OpenTofu`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bin, empty := t.TempDir(), t.TempDir()
			for name, s := range test.path {
				putStub(t, bin, name, s)
			}
			other := putStub(t, t.TempDir(), "other", test.other)
			var stderr bytes.Buffer
			f := &finder{
				root: newRoot(t),
				// A relative entry is never searched.
				path:     strings.Join([]string{".", empty, bin}, string(os.PathListSeparator)),
				override: strings.ReplaceAll(test.override, "{other}", other),
				stderr:   &stderr,
			}
			find := f.find
			if test.openTofu {
				find = f.findOpenTofu
			}

			got, err := find(t.Context())
			if stderr.String() != test.wantBuild && test.wantErr == "" {
				t.Errorf("standard error:\n got %q\nwant %q", stderr.String(), test.wantBuild)
			}
			if test.wantErr != "" {
				if err == nil || !regexp.MustCompile(test.wantErr).MatchString(err.Error()) {
					t.Fatalf("error %v, want a match of %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !filepath.IsAbs(got.Path) || filepath.Base(got.Path) != test.want {
				t.Errorf("path %s, want an absolute one that ends with %s", got.Path, test.want)
			}
			want := test.wantCLI
			want.Path = got.Path
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestBuildIsKept(t *testing.T) {
	t.Parallel()
	root, bin := newRoot(t), t.TempDir()
	goTool := putStub(t, bin, "go", stub{Builds: pinned})
	var stderr bytes.Buffer
	f := &finder{root: root, path: bin, stderr: &stderr}

	first, err := f.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, ".cache", "tofu-"+pinned)
	if want := filepath.Join(dir, "tofu"); first.Path != want {
		t.Errorf("built to %s, want %s", first.Path, want)
	}
	built := calls(t, goTool)
	if len(built) != 1 {
		t.Fatalf("%d builds, want one", len(built))
	}
	wantDir, err := filepath.EvalSymlinks(filepath.Join(root, "tools", "opentofu"))
	if err != nil {
		t.Fatal(err)
	}
	if built[0].Dir != wantDir {
		t.Errorf("built in %s, want %s", built[0].Dir, wantDir)
	}
	if args := strings.Join(built[0].Args, " "); !strings.Contains(args, "-X github.com/opentofu/opentofu/version.dev=no") {
		t.Errorf("go %s: lacks the flag without which OpenTofu calls itself a development build", args)
	}
	for name, want := range map[string]string{"CGO_ENABLED": "0", "GOWORK": "off"} {
		if got, _ := built[0].env(name); got != want {
			t.Errorf("%s=%s, want %s", name, got, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "build-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}

	// The next search needs neither go nor a word on standard error.
	stderr.Reset()
	again, err := (&finder{root: root, path: t.TempDir(), stderr: &stderr}).find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again != first || stderr.Len() > 0 {
		t.Errorf("the second time: %+v and %q on standard error, want %+v and nothing", again, stderr.String(), first)
	}

	// One that does not work any more is built again.
	if err := os.Remove(first.Path); err != nil {
		t.Fatal(err)
	}
	write(t, first.Path, "half an executable")
	if got, err := f.find(t.Context()); err != nil || got != first {
		t.Errorf("after damage: %+v, %v; want %+v", got, err, first)
	}
	if n := len(calls(t, goTool)); n != 2 {
		t.Errorf("%d builds in all, want 2", n)
	}
}

func TestBuildOnceForManyAtOnce(t *testing.T) {
	t.Parallel()
	root, bin := newRoot(t), t.TempDir()
	goTool := putStub(t, bin, "go", stub{Builds: pinned})

	const searches = 4
	var group sync.WaitGroup
	said := make([]bytes.Buffer, searches)
	for i := range searches {
		group.Go(func() {
			// The lock is on an open file, so two searches in one process are to
			// each other what two processes are.
			got, err := (&finder{root: root, path: bin, stderr: &said[i]}).find(t.Context())
			if err != nil || got.Version != pinned {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	group.Wait()
	if n := len(calls(t, goTool)); n != 1 {
		t.Errorf("%d builds, want one", n)
	}
	building, waiting := 0, 0
	for i := range said {
		building += strings.Count(said[i].String(), ": building OpenTofu")
		waiting += strings.Count(said[i].String(), ": waiting for another process")
	}
	if building != 1 || waiting > searches-1 {
		t.Errorf("%d said that they build and %d that they wait, want 1 and at most %d", building, waiting, searches-1)
	}
}

func TestWaitForABuildEndsWithTheContext(t *testing.T) {
	t.Parallel()
	root, bin := newRoot(t), t.TempDir()
	putStub(t, bin, "go", stub{Builds: pinned})
	dir := filepath.Join(root, ".cache", "tofu-"+pinned)
	mkdir(t, dir)
	unlock, err := lock(t.Context(), filepath.Join(dir, ".lock"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()

	ctx, cancel := context.WithCancel(t.Context())
	waits := writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	_, err = (&finder{root: root, path: bin, stderr: waits}).find(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context ended", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// The probe must not see what would make a CLI fail or answer otherwise, such
// as TF_CLI_CONFIG_FILE with a file that is not there. This test sets variables
// and so cannot be parallel.
func TestProbeInACleanEnvironment(t *testing.T) {
	t.Setenv("TF_CLI_ARGS", "-json")
	t.Setenv("CLOUDFLARE_API_TOKEN", "not for the CLI")
	path := putStub(t, t.TempDir(), "terraform", terraformVersion("1.11.4"))
	if _, err := probe(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	got := calls(t, path)[0]
	for _, name := range []string{"TF_CLI_ARGS", "CLOUDFLARE_API_TOKEN"} {
		if value, ok := got.env(name); ok {
			t.Errorf("%s=%s reached the CLI", name, value)
		}
	}
	if value, _ := got.env("CHECKPOINT_DISABLE"); value == "" {
		t.Error("the CLI may ask the network for newer versions")
	}
}

func TestCLI(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cli        CLI
		name, host string
	}{
		{CLI{Version: "1.11.4"}, "Terraform 1.11.4", "registry.terraform.io"},
		{CLI{Version: "1.12.6", OpenTofu: true}, "OpenTofu 1.12.6", "registry.opentofu.org"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.cli.Name(); got != test.name {
				t.Errorf("name %q, want %q", got, test.name)
			}
			if got := test.cli.RegistryHost(); got != test.host {
				t.Errorf("host %q, want %q", got, test.host)
			}
		})
	}
}

func TestPinnedOpenTofu(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, goMod, want string
	}{
		{"in a block", "require (\n\tgithub.com/other/mod v1.0.0\n\tgithub.com/opentofu/opentofu v1.2.3 // indirect\n)\n", "1.2.3"},
		{"on its own", "require github.com/opentofu/opentofu v1.2.3-rc1\n", "1.2.3-rc1"},
		{"a replacement is not a requirement", "replace github.com/opentofu/opentofu v1.0.0 => ../x\nrequire github.com/opentofu/opentofu v1.2.3\n", "1.2.3"},
		{"the tool's line is not a requirement", "tool github.com/opentofu/opentofu/cmd/tofu\n", ""},
		{"another module whose name starts alike", "require github.com/opentofu/opentofu-x v1.0.0\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write(t, filepath.Join(root, "tools", "opentofu", "go.mod"), test.goMod)
			got, err := PinnedOpenTofu(root)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := PinnedOpenTofu(t.TempDir()); err == nil {
		t.Error("no error without the file")
	}
}

func TestRepositoryRoot(t *testing.T) {
	t.Parallel()
	root, err := RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if version, err := PinnedOpenTofu(root); err != nil || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) {
		t.Errorf("this repository pins %q, %v; want a released version", version, err)
	}
	below := filepath.Join(root, "tools", "opentofu")
	if got, err := rootFrom(below); err != nil || got != root {
		t.Errorf("from %s: %s, %v; want %s", below, got, err, root)
	}
	if got, err := rootFrom(t.TempDir()); err == nil {
		t.Errorf("outside of the repository: %s, want an error", got)
	}
}
