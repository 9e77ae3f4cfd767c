package tfcli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// ProviderSource is the provider's source address as a configuration writes
	// it. Each CLI puts its own registry's host before it.
	ProviderSource = "mcp-portals/mcp"
	// MirrorVersion is the version under which a mirror offers the provider.
	MirrorVersion = "0.0.1"
)

// Mirror is a filesystem mirror that holds one built provider, with the CLI
// configuration file that makes it the only place to install providers from.
// With it "init" needs no network, and a provider that the mirror does not hold
// is an error at once instead of a download.
type Mirror struct {
	// Dir is the mirror's root, an absolute path.
	Dir string
	// ConfigFile is the absolute path of the CLI configuration file, for
	// TF_CLI_CONFIG_FILE.
	ConfigFile string
}

// NewMirror copies the provider executable into dir/mirror, in the unpacked
// layout and under both registries' hosts, writes dir/cli.tfrc, and returns the
// two. It copies, so that a later build of the executable does not change what
// a lock file has recorded; what an earlier call left in dir is replaced.
func NewMirror(dir, executable string) (Mirror, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Mirror{}, err
	}
	m := Mirror{Dir: filepath.Join(dir, "mirror"), ConfigFile: filepath.Join(dir, "cli.tfrc")}

	first := m.executable(TerraformRegistry)
	if err := replaceFile(first, func(tmp string) error { return copyFile(executable, tmp) }); err != nil {
		return Mirror{}, fmt.Errorf("copying the provider into the mirror: %w", err)
	}
	// The second host's file costs nothing where the file system has links.
	err = replaceFile(m.executable(OpenTofuRegistry), func(tmp string) error {
		if os.Link(first, tmp) == nil {
			return nil
		}
		return copyFile(first, tmp)
	})
	if err != nil {
		return Mirror{}, fmt.Errorf("copying the provider into the mirror: %w", err)
	}

	err = replaceFile(m.ConfigFile, func(tmp string) error {
		return os.WriteFile(tmp, []byte(m.config()), 0o644)
	})
	if err != nil {
		return Mirror{}, fmt.Errorf("writing the CLI configuration: %w", err)
	}
	return m, nil
}

// executable returns the place of the provider's executable for one registry.
func (m Mirror) executable(host string) string {
	return filepath.Join(m.Dir, host, filepath.FromSlash(ProviderSource), MirrorVersion,
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-mcp_v"+MirrorVersion+exeSuffix())
}

// config returns the CLI configuration file's text.
func (m Mirror) config() string {
	return fmt.Sprintf(`provider_installation {
  filesystem_mirror {
    path    = %s
    include = [%s, %s]
  }
}
`, quote(filepath.ToSlash(m.Dir)),
		quote(TerraformRegistry+"/"+ProviderSource), quote(OpenTofuRegistry+"/"+ProviderSource))
}

// quote returns s as a string of the configuration language.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// EnvOptions says what [Mirror.Env] keeps and adds.
type EnvOptions struct {
	// KeepCloudflare keeps the caller's CLOUDFLARE_* variables, which otherwise
	// are dropped so that nothing reaches a real account by accident.
	KeepCloudflare bool
	// Extra holds more variables, as NAME=value; they win over all others.
	Extra []string
}

// Env returns the environment in which a CLI installs the provider from this
// mirror: the caller's, less every variable that would change what the CLI does
// (TF_*, such as TF_LOG, TF_VAR_*, TF_DATA_DIR, TF_WORKSPACE and TF_CLI_ARGS),
// with the mirror's CLI configuration, no check for newer versions, no
// questions and no advice on what to type next.
func (m Mirror) Env(opts EnvOptions) []string {
	return m.env(os.Environ(), opts)
}

func (m Mirror) env(environ []string, opts EnvOptions) []string {
	env := append(cleanEnv(environ, opts.KeepCloudflare),
		"TF_CLI_CONFIG_FILE="+m.ConfigFile,
		"CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
	)
	return append(env, opts.Extra...)
}

// cleanEnv returns environ without the variables that steer Terraform, OpenTofu
// and, unless keepCloudflare, the provider.
func cleanEnv(environ []string, keepCloudflare bool) []string {
	env := make([]string, 0, len(environ)+8)
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		name = strings.ToUpper(name) // Windows does not tell the cases apart.
		switch {
		case strings.HasPrefix(name, "TF_"), strings.HasPrefix(name, "TOFU_"),
			name == "TERRAFORM_CONFIG", name == "CHECKPOINT_DISABLE":
		case strings.HasPrefix(name, "CLOUDFLARE_") && !keepCloudflare:
		default:
			env = append(env, kv)
		}
	}
	return env
}

// replaceFile lets write make a file under a temporary name beside path, and
// then renames it to path, in one step.
func replaceFile(path string, write func(tmp string) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmpDir, err := os.MkdirTemp(dir, ".tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmpDir)
	tmp := filepath.Join(tmpDir, filepath.Base(path))
	if err := write(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
