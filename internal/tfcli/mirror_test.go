package tfcli

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestNewMirror(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), `with a "quote`)
	if runtime.GOOS == "windows" {
		dir = t.TempDir()
	}
	executable := filepath.Join(t.TempDir(), "terraform-provider-mcp")
	// Twice: the second call replaces what the first one left.
	for _, content := range []string{"first build", "second build"} {
		write(t, executable, content)
		m, err := NewMirror(dir, executable)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "mirror"); m.Dir != want {
			t.Errorf("mirror in %s, want %s", m.Dir, want)
		}

		var files []string
		err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				rel, _ := filepath.Rel(dir, path)
				files = append(files, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		below := "/mcp-portals/mcp/0.0.1/" + runtime.GOOS + "_" + runtime.GOARCH + "/terraform-provider-mcp_v0.0.1" + exeSuffix()
		want := []string{"cli.tfrc", "mirror/registry.opentofu.org" + below, "mirror/registry.terraform.io" + below}
		if !slices.Equal(files, want) {
			t.Fatalf("files:\n got %q\nwant %q", files, want)
		}
		for _, name := range want[1:] {
			path := filepath.Join(dir, filepath.FromSlash(name))
			got, err := os.ReadFile(path)
			if err != nil || string(got) != content {
				t.Errorf("%s holds %q, %v; want %q", name, got, err, content)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
				t.Errorf("%s cannot be executed: %v, %v", name, info.Mode(), err)
			}
		}

		config, err := os.ReadFile(m.ConfigFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{
			`path    = "` + strings.ReplaceAll(filepath.ToSlash(m.Dir), `"`, `\"`) + `"`,
			`include = ["registry.terraform.io/mcp-portals/mcp", "registry.opentofu.org/mcp-portals/mcp"]`,
		} {
			if !strings.Contains(string(config), part) {
				t.Errorf("the CLI configuration lacks %s:\n%s", part, config)
			}
		}
	}
}

func TestNewMirrorWithoutAProvider(t *testing.T) {
	t.Parallel()
	if m, err := NewMirror(t.TempDir(), filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Errorf("got %+v, want an error", m)
	}
}

func TestMirrorEnv(t *testing.T) {
	t.Parallel()
	m := Mirror{Dir: "/m/mirror", ConfigFile: "/m/cli.tfrc"}
	mirrored := []string{"TF_CLI_CONFIG_FILE=/m/cli.tfrc", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0"}
	tests := []struct {
		name    string
		environ []string
		opts    EnvOptions
		want    []string // before and after the mirror's own
		extra   []string
	}{
		{
			name: "what steers the CLI is dropped",
			environ: []string{
				"PATH=/bin", "TF_LOG=trace", "TF_VAR_x=1", "TF_DATA_DIR=/x", "TF_WORKSPACE=w", "TF_CLI_ARGS_plan=-json",
				"TF_CLI_CONFIG_FILE=/other", "TF_REATTACH_PROVIDERS={}", "tf_input=1", "TERRAFORM_CONFIG=/old", "HOME=/home/x", "TFX=kept",
			},
			want: []string{"PATH=/bin", "HOME=/home/x", "TFX=kept"},
		},
		{
			name:    "the account is dropped unless asked for",
			environ: []string{"CLOUDFLARE_API_TOKEN=t", "PATH=/bin", "CLOUDFLARE_ACCOUNT_ID=a"},
			want:    []string{"PATH=/bin"},
		},
		{
			name:    "the account is kept if asked for",
			environ: []string{"CLOUDFLARE_API_TOKEN=t", "PATH=/bin"},
			opts:    EnvOptions{KeepCloudflare: true},
			want:    []string{"CLOUDFLARE_API_TOKEN=t", "PATH=/bin"},
		},
		{
			name:    "extra variables come last, and so win",
			environ: []string{"CLOUDFLARE_API_TOKEN=t"},
			opts:    EnvOptions{Extra: []string{"CLOUDFLARE_API_TOKEN=demo", "TF_INPUT=1"}},
			extra:   []string{"CLOUDFLARE_API_TOKEN=demo", "TF_INPUT=1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := m.env(test.environ, test.opts)
			if want := slices.Concat(test.want, mirrored, test.extra); !slices.Equal(got, want) {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
		})
	}
}
