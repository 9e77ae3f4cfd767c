package tfcli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A stub stands in for terraform or tofu. It is a link to this test's own
// executable, with what it prints in a file beside it; unlike a script written a
// moment ago it can be started at once (no "text file busy").
const (
	stubSuffix = ".stub"
	fails      = "fails: " // it exits with 3
	waits      = "waits"   // until it is interrupted
)

func TestMain(m *testing.M) {
	if text, err := os.ReadFile(os.Args[0] + stubSuffix); err == nil {
		os.Exit(playStub(string(text)))
	}
	os.Exit(m.Run())
}

func playStub(text string) int {
	if i := slices.IndexFunc(os.Environ(), steering.MatchString); i >= 0 && os.Environ()[i] != "CHECKPOINT_DISABLE=1" {
		fmt.Fprintln(os.Stderr, os.Environ()[i], "reached the CLI")
		return 99
	}
	if message, ok := strings.CutPrefix(text, fails); ok {
		fmt.Fprintln(os.Stderr, message)
		return 3
	}
	if text == waits {
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		fmt.Println("ready")
		<-interrupted
		return 7
	}
	fmt.Println(text)
	return 0
}

// putStub returns the path of a stub that prints text.
func putStub(t *testing.T, dir, name, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stubs are symbolic links")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	write(t, path+stubSuffix, text)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	terraform = "Terraform v1.11.4\non linux_amd64"
	openTofu  = "OpenTofu v1.10.0\non linux_amd64"
)

func TestFind(t *testing.T) {
	t.Setenv("TF_CLI_ARGS", "-json") // makes a stub fail, and is kept from it
	t.Setenv("CLOUDFLARE_API_TOKEN", "not for the CLI")
	for _, test := range []struct {
		name     string
		path     map[string]string // what the PATH holds
		built    string            // what .cache/tofu prints
		override string            // EnvCLI; {other} stands for an executable off the PATH
		other    string

		want    string // the base name of the executable that is found
		cli     CLI    // Path is not compared
		wantErr string // a regular expression
	}{
		{name: "terraform comes before tofu", path: map[string]string{"terraform": terraform, "tofu": openTofu}, built: openTofu,
			want: "terraform", cli: CLI{Version: "1.11.4"}},
		{name: "tofu alone", path: map[string]string{"tofu": openTofu},
			want: "tofu", cli: CLI{Version: "1.10.0", OpenTofu: true}},
		{name: "the product is what the executable says, not what it is called", path: map[string]string{"terraform": openTofu},
			want: "terraform", cli: CLI{Version: "1.10.0", OpenTofu: true}},
		{name: "a warning before the version and a hint after it",
			path: map[string]string{"terraform": "\nWarning: Something\n\nTerraform v1.14.0-rc1\r\non linux_amd64\n\nYour version of Terraform is out of date!"},
			want: "terraform", cli: CLI{Version: "1.14.0-rc1"}},
		{name: "one that does not work is not passed over", path: map[string]string{"terraform": fails + "No version is set", "tofu": openTofu},
			wantErr: `terraform version: exit status 3\nNo version is set \(` + EnvCLI},
		{name: "one that is something else", path: map[string]string{"terraform": "hello"},
			wantErr: `neither Terraform's nor OpenTofu's answer: "hello`},
		{name: "what make has built", built: "OpenTofu v1.12.6",
			want: "tofu", cli: CLI{Version: "1.12.6", OpenTofu: true}},
		{name: "none", wantErr: "no terraform or tofu on the PATH; `make .cache/tofu` builds"},
		{name: "the override wins over the PATH", path: map[string]string{"terraform": terraform}, override: "{other}", other: openTofu,
			want: "other", cli: CLI{Version: "1.10.0", OpenTofu: true}},
		{name: "the override may be a name on the PATH", path: map[string]string{"terraform": terraform, "tofu": openTofu}, override: "tofu",
			want: "tofu", cli: CLI{Version: "1.10.0", OpenTofu: true}},
		{name: "an override that is not there", path: map[string]string{"terraform": terraform}, override: "nothing",
			wantErr: `^MCP_TEST_CLI: .*nothing.*not found`},
		{name: "an override that does not work", path: map[string]string{"terraform": terraform}, override: "{other}", other: fails + "no",
			wantErr: `other version: exit status 3\nno`},
		{name: "a relative override", override: filepath.Join("bin", "tofu"), wantErr: `want an absolute path`},
	} {
		t.Run(test.name, func(t *testing.T) {
			bin, root := t.TempDir(), t.TempDir()
			for name, text := range test.path {
				putStub(t, bin, name, text)
			}
			other := putStub(t, t.TempDir(), "other", test.other)
			write(t, filepath.Join(root, "GNUmakefile"), "")
			if test.built != "" {
				putStub(t, root, filepath.Join(".cache", "tofu"), test.built)
			}
			t.Chdir(root)
			t.Setenv("PATH", strings.Join([]string{t.TempDir(), bin}, string(os.PathListSeparator)))
			t.Setenv(EnvCLI, strings.ReplaceAll(test.override, "{other}", other))

			got, err := Find(t.Context())
			if test.wantErr != "" {
				if err == nil || !regexp.MustCompile(test.wantErr).MatchString(err.Error()) {
					t.Fatalf("error %v, want a match of %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.cli.Path = got.Path
			if got != test.cli || !filepath.IsAbs(got.Path) || filepath.Base(got.Path) != test.want {
				t.Errorf("got %+v, want %s, %+v", got, test.want, test.cli)
			}
		})
	}
}

func TestCLI(t *testing.T) {
	t.Parallel()
	for cli, want := range map[CLI][2]string{
		{Version: "1.11.4"}:                 {"Terraform 1.11.4", "registry.terraform.io"},
		{Version: "1.12.6", OpenTofu: true}: {"OpenTofu 1.12.6", "registry.opentofu.org"},
	} {
		if got := [2]string{cli.Name(), cli.RegistryHost()}; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The CLI gets the chance to stop its providers.
func TestCommandIsInterrupted(t *testing.T) {
	t.Parallel()
	cli := CLI{Path: putStub(t, t.TempDir(), "terraform", waits)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := cli.Command(ctx, t.TempDir(), cleanEnv(), "plan")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := command.Wait(); command.ProcessState.ExitCode() != 7 {
		t.Errorf("ended with %v", err)
	}
}

func TestRepositoryRoot(t *testing.T) {
	root, err := RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "tools", "opentofu", "go.mod")); err != nil {
		t.Error(err)
	}
	t.Chdir(t.TempDir())
	if got, err := RepositoryRoot(); err == nil {
		t.Errorf("outside of the repository: %s, want an error", got)
	}
}

// Either CLI finds a working provider where it looks for one.
func TestInstall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the provider")
	}
	dir := filepath.Join(t.TempDir(), "with a space")
	m, err := CLI{OpenTofu: true}.Install(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	executables, err := filepath.Glob(filepath.Join(dir, "mirror", "registry.opentofu.org", "mcp-portals", "mcp", "0.0.1",
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-mcp_v0.0.1*"))
	if err != nil || len(executables) != 1 {
		t.Fatalf("in the mirror: %q, %v", executables, err)
	}
	if output, err := exec.CommandContext(t.Context(), executables[0], "-version").CombinedOutput(); err != nil || strings.TrimSpace(string(output)) != "terraform-provider-mcp 0.0.1" {
		t.Errorf("it says %q, %v", output, err)
	}
	both, err := NewMirror(t.TempDir(), m)
	if err != nil {
		t.Fatal(err)
	}
	for file, dirs := range map[string][]string{m.ConfigFile: {m.Dir}, both.ConfigFile: {m.Dir, both.Dir}} {
		want := "provider_installation {\n"
		for _, dir := range dirs {
			want += "  filesystem_mirror {\n    path = \"" + filepath.ToSlash(dir) + "\"\n  }\n"
		}
		if config, err := os.ReadFile(file); err != nil || string(config) != want+"}\n" {
			t.Errorf("%s: %s, %v, want %s}", file, config, err, want)
		}
	}
}

func TestMirrorEnv(t *testing.T) {
	t.Setenv("TFX", "kept")
	for _, kv := range []string{
		"TF_LOG=trace", "TF_VAR_x=1", "TF_DATA_DIR=/x", "TF_WORKSPACE=w", "TF_CLI_ARGS_plan=-json", "TF_CLI_CONFIG_FILE=/other",
		"TF_REATTACH_PROVIDERS={}", "tf_input=1", "TOFU_X=1", "TERRAFORM_CONFIG=/old", "CLOUDFLARE_API_TOKEN=t", "XTF_=kept",
	} {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	got := Mirror{ConfigFile: "/m/cli.tfrc"}.Env("CLOUDFLARE_API_TOKEN=demo", "TF_INPUT=1")
	own := []string{"TF_CLI_CONFIG_FILE=/m/cli.tfrc", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CLOUDFLARE_API_TOKEN=demo", "TF_INPUT=1"}
	if steered := slices.DeleteFunc(slices.Clone(got), func(kv string) bool { return !steering.MatchString(kv) }); !slices.Equal(steered, own) {
		t.Errorf("got %q, want %q", steered, own)
	}
	for _, kept := range []string{"TFX=kept", "XTF_=kept", "PATH=" + os.Getenv("PATH")} {
		if !slices.Contains(got, kept) {
			t.Errorf("%s is gone", kept)
		}
	}
}
