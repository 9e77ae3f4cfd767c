package tfcli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// ProviderSource is the provider's source address as a configuration writes
	// it. Each CLI puts its own registry's host before it.
	ProviderSource = "mcp-portals/mcp"
	// MirrorVersion is the version that [CLI.Install] builds.
	MirrorVersion = "0.0.1"
)

// Mirror is a filesystem mirror, with a CLI configuration that installs providers from
// it alone: "init" needs no network, and a provider that the mirror lacks is an error
// rather than a download.
type Mirror struct {
	// Dir is the mirror's root, an absolute path.
	Dir string
	// ConfigFile is the absolute path of the CLI configuration file, for
	// TF_CLI_CONFIG_FILE.
	ConfigFile string
}

// NewMirror returns the empty mirror dir/mirror, and writes its configuration to
// dir/cli.tfrc, which installs providers from the others as well.
func NewMirror(dir string, others ...Mirror) (Mirror, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Mirror{}, err
	}
	m := Mirror{Dir: filepath.Join(dir, "mirror"), ConfigFile: filepath.Join(dir, "cli.tfrc")}
	var config strings.Builder
	for _, from := range append(others, m) {
		fmt.Fprintf(&config, "  filesystem_mirror {\n    path = %q\n  }\n", filepath.ToSlash(from.Dir))
	}
	if err := os.MkdirAll(m.Dir, 0o755); err != nil {
		return Mirror{}, err
	}
	return m, os.WriteFile(m.ConfigFile, []byte("provider_installation {\n"+config.String()+"}\n"), 0o644)
}

// Install builds the provider for this machine into a mirror in dir, from which the CLI
// installs it as version [MirrorVersion].
func (c CLI) Install(ctx context.Context, dir string) (Mirror, error) {
	m, err := NewMirror(dir)
	if err != nil {
		return Mirror{}, err
	}
	executable := filepath.Join(m.Dir, c.RegistryHost(), filepath.FromSlash(ProviderSource), MirrorVersion,
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-mcp_v"+MirrorVersion)
	if runtime.GOOS == "windows" {
		executable += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X main.version="+MirrorVersion, "-o", executable, ".")
	if cmd.Dir, err = RepositoryRoot(); err != nil {
		return Mirror{}, err
	}
	// For this machine, whatever the environment says about cross-compiling.
	cmd.Env = append(cmd.Environ(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH, "GOFLAGS=")
	if output, err := cmd.CombinedOutput(); err != nil {
		return Mirror{}, fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	return m, nil
}

// Env returns the environment in which a CLI installs providers from this mirror: the
// caller's, without the variables that change what the CLI does (TF_*, such as TF_LOG,
// TF_VAR_*, TF_DATA_DIR, TF_WORKSPACE and TF_CLI_ARGS) or what the provider reads
// (CLOUDFLARE_*, so that no test reaches a real account by accident). The CLI checks for
// no newer versions, asks no questions and gives no advice. The extra variables, as
// NAME=value, take precedence.
func (m Mirror) Env(extra ...string) []string {
	env := append(cleanEnv(), "TF_CLI_CONFIG_FILE="+m.ConfigFile, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return append(env, extra...)
}
