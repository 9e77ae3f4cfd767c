// Package tfcli finds the CLI, Terraform or OpenTofu, that serves the tests, the
// demo and the documentation generator, and gives it providers to install
// without a registry and without a network.
package tfcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// EnvCLI is the environment variable that overrides the choice of a CLI. It
// holds an absolute path, or a bare name that is looked up on the PATH.
const EnvCLI = "MCP_TEST_CLI"

// CLI is a Terraform or OpenTofu executable that has answered its "version"
// command.
type CLI struct {
	// Path is the executable's absolute path.
	Path string
	// OpenTofu tells the two products apart.
	OpenTofu bool
	// Version is the CLI's version without a leading "v", such as "1.11.4".
	Version string
}

// Name returns the product's name with its version: "Terraform 1.11.4".
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
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// Command returns a command, not started yet, that runs the CLI in dir with
// exactly the environment env (see [Mirror.Env]). When ctx ends the CLI is
// interrupted, so that it can stop its providers, and killed if it has not
// ended ten seconds later. On Windows, where nothing can be interrupted, it is
// killed at once.
func (c CLI) Command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, args...)
	cmd.Dir = dir
	cmd.Env = env
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Run runs the CLI as Command says, and returns its standard output. All that it
// printed is part of the error.
func (c CLI) Run(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := c.Command(ctx, dir, env, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(string(stdout)+stderr.String()))
	}
	return stdout, nil
}

// Find returns the CLI to use: the one that [EnvCLI] names, else terraform on
// the PATH, else tofu, else the OpenTofu that make has built into .cache/. One
// that does not work is an error and not a reason to look further: the next one
// would silently test something else.
func Find(ctx context.Context) (CLI, error) {
	path, err := find()
	if err != nil {
		return CLI{}, err
	}
	cli := CLI{Path: path}
	out, err := cli.Run(ctx, "", append(cleanEnv(), "CHECKPOINT_DISABLE=1"), "version")
	if err != nil {
		return CLI{}, fmt.Errorf("%w (%s names another CLI)", err, EnvCLI)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return CLI{}, fmt.Errorf("%s version: neither Terraform's nor OpenTofu's answer: %.100q", path, out)
	}
	cli.OpenTofu, cli.Version = string(match[1]) == "OpenTofu", string(match[2])
	return cli, nil
}

// versionLine is the line of "version" that both products print. The output of
// "version -json" would be easier to read, but it does not name the product.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\r?$`)

func find() (string, error) {
	if name := os.Getenv(EnvCLI); name != "" {
		// Go starts each test in its package's folder: a relative path would
		// mean another file to each.
		if !filepath.IsAbs(name) && filepath.Base(name) != name {
			return "", fmt.Errorf("%s=%s: want an absolute path, or a name on the PATH", EnvCLI, name)
		}
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", EnvCLI, err)
		}
		return path, nil
	}
	root, err := RepositoryRoot()
	if err != nil {
		return "", err
	}
	for _, name := range []string{"terraform", "tofu", filepath.Join(root, ".cache", "tofu")} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no terraform or tofu on the PATH; `make .cache/tofu` builds an OpenTofu from source, in some minutes")
}

// steering matches the variables that change what Terraform, OpenTofu and the
// provider do. Windows does not tell the cases of their names apart.
var steering = regexp.MustCompile(`(?i)^(TF_|TOFU_|TERRAFORM_CONFIG=|CHECKPOINT_DISABLE=|CLOUDFLARE_)`)

func cleanEnv() []string { return slices.DeleteFunc(os.Environ(), steering.MatchString) }

// RepositoryRoot returns the absolute path of the repository's root: the nearest
// folder, from the working one upwards, that holds the GNUmakefile.
func RepositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "GNUmakefile")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in the repository: no GNUmakefile from there upwards", start)
		}
	}
}
