package tfcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// EnvCLI is the environment variable that overrides the choice of a CLI. It
// holds an absolute path, or a bare name that is looked up on the PATH.
const EnvCLI = "MCP_TEST_CLI"

// The registries that a provider's address means when it names none.
const (
	// TerraformRegistry is Terraform's default registry host.
	TerraformRegistry = "registry.terraform.io"
	// OpenTofuRegistry is OpenTofu's default registry host.
	OpenTofuRegistry = "registry.opentofu.org"
)

// CLI is a Terraform or OpenTofu executable that has answered its "version"
// command.
type CLI struct {
	// Path is the executable's absolute path.
	Path string
	// OpenTofu tells the two products apart: true for OpenTofu, false for
	// Terraform.
	OpenTofu bool
	// Version is the CLI's version without a leading "v", such as "1.11.4".
	Version string
}

// Name returns the product's name with its version, as a person would write it:
// "Terraform 1.11.4".
func (c CLI) Name() string {
	if c.OpenTofu {
		return "OpenTofu " + c.Version
	}
	return "Terraform " + c.Version
}

// RegistryHost returns the host that this CLI adds to a provider source without
// one, since "mcp-portals/mcp" means another full address to each product.
func (c CLI) RegistryHost() string {
	if c.OpenTofu {
		return OpenTofuRegistry
	}
	return TerraformRegistry
}

// Command returns a command, not started yet, that runs the CLI in dir with
// exactly the environment env (see [Mirror.Env]). When ctx ends the CLI is
// interrupted first, so that it can stop its providers, and killed if it has
// not ended ten seconds later.
func (c CLI) Command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, args...)
	cmd.Dir = dir
	cmd.Env = env
	interruptible(cmd)
	return cmd
}

// Find returns the CLI to use, in the order that the package's comment gives.
// An executable that [EnvCLI] names or that the PATH holds but that does not
// work is an error and not a reason to look further: the next one would
// silently test something else.
func Find(ctx context.Context) (CLI, error) {
	f, err := newFinder()
	if err != nil {
		return CLI{}, err
	}
	return f.find(ctx)
}

// FindOpenTofu returns an OpenTofu: the one that [EnvCLI] names if that is an
// OpenTofu, else tofu on the PATH, else the pinned version built from source.
func FindOpenTofu(ctx context.Context) (CLI, error) {
	f, err := newFinder()
	if err != nil {
		return CLI{}, err
	}
	return f.findOpenTofu(ctx)
}

// finder holds what the search reads from its surroundings, so that a test can
// give it others.
type finder struct {
	root     string    // the repository's root
	path     string    // the PATH to search
	override string    // the value of EnvCLI
	stderr   io.Writer // where a build is announced
}

func newFinder() (*finder, error) {
	root, err := RepositoryRoot()
	if err != nil {
		return nil, err
	}
	return &finder{
		root:     root,
		path:     os.Getenv("PATH"),
		override: os.Getenv(EnvCLI),
		stderr:   os.Stderr,
	}, nil
}

func (f *finder) find(ctx context.Context) (CLI, error) {
	if f.override != "" {
		return f.overridden(ctx)
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := f.lookPath(name)
		if err != nil {
			continue
		}
		cli, err := probe(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("%w; take it off the PATH or name another CLI in %s", err, EnvCLI)
		}
		return cli, nil
	}
	return f.built(ctx, "no terraform or tofu on the PATH")
}

func (f *finder) findOpenTofu(ctx context.Context) (CLI, error) {
	if f.override != "" {
		cli, err := f.overridden(ctx)
		if err != nil || cli.OpenTofu {
			return cli, err
		}
	}
	if path, err := f.lookPath("tofu"); err == nil {
		cli, err := probe(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("%w; take it off the PATH or name another CLI in %s", err, EnvCLI)
		}
		if !cli.OpenTofu {
			return CLI{}, fmt.Errorf("%s says that it is %s, not OpenTofu", path, cli.Name())
		}
		return cli, nil
	}
	return f.built(ctx, "no tofu on the PATH")
}

// overridden returns the CLI that EnvCLI names. A relative path is refused: go
// test starts every test in its package's folder, so the path would mean
// another file to each.
func (f *finder) overridden(ctx context.Context) (CLI, error) {
	path := f.override
	if !filepath.IsAbs(path) {
		if filepath.Base(path) != path {
			return CLI{}, fmt.Errorf("%s=%s: want an absolute path, or a name on the PATH", EnvCLI, f.override)
		}
		found, err := f.lookPath(path)
		if err != nil {
			return CLI{}, fmt.Errorf("%s=%s: %w", EnvCLI, f.override, err)
		}
		path = found
	}
	cli, err := probe(ctx, path)
	if err != nil {
		return CLI{}, fmt.Errorf("%s=%s: %w", EnvCLI, f.override, err)
	}
	return cli, nil
}

// lookPath is exec.LookPath on the finder's own PATH. It skips relative
// entries, as exec.LookPath refuses them.
func (f *finder) lookPath(name string) (string, error) {
	for _, dir := range filepath.SplitList(f.path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// versionLine is the line of "version" that both products print. The output of
// "version -json" would be easier to read, but it does not name the product.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\r?$`)

// probe runs the "version" command of the executable at path, in a clean
// environment, to learn what it is and that it works.
func probe(ctx context.Context, path string) (CLI, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(cleanEnv(os.Environ(), false), "CHECKPOINT_DISABLE=1")
	interruptible(cmd)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(exit.Stderr) > 0 {
			return CLI{}, fmt.Errorf("%s version: %w: %s", path, err, strings.TrimSpace(string(exit.Stderr)))
		}
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return CLI{}, fmt.Errorf("%s version: neither Terraform's nor OpenTofu's answer: %q", path, firstLine(string(out)))
	}
	return CLI{Path: path, OpenTofu: string(match[1]) == "OpenTofu", Version: string(match[2])}, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// interruptible makes the end of a command's context interrupt it, and kill it
// only when that has not ended it in ten seconds.
func interruptible(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
}

// RepositoryRoot returns the absolute path of the repository's root: the
// nearest folder, from the working one upwards, that holds
// tools/opentofu/go.mod. Tests and tools start in different folders of the
// repository; this gives them one place for the cache and the pinned versions.
func RepositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return rootFrom(dir)
}

func rootFrom(start string) (string, error) {
	for dir := start; ; {
		_, err := os.Stat(filepath.Join(dir, "tools", "opentofu", "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("%s is not inside the repository: no folder above it has tools/opentofu/go.mod", start)
		}
		dir = parent
	}
}
