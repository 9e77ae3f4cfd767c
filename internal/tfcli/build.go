package tfcli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

const openTofuModule = "github.com/opentofu/opentofu"

// requirement is the line of a go.mod file that requires OpenTofu, alone or in a
// block.
var requirement = regexp.MustCompile(`(?m)^\s*(?:require\s+)?` + regexp.QuoteMeta(openTofuModule) + `\s+v(\S+)`)

// PinnedOpenTofu returns the version of OpenTofu, without a leading "v", that
// root/tools/opentofu/go.mod requires. That file is the only place where the
// version is written.
func PinnedOpenTofu(root string) (string, error) {
	name := filepath.Join(root, "tools", "opentofu", "go.mod")
	content, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	match := requirement.FindSubmatch(content)
	if match == nil {
		return "", fmt.Errorf("%s does not require %s", name, openTofuModule)
	}
	return string(match[1]), nil
}

// built returns the pinned OpenTofu from the cache, building it first if it is
// not there or does not work (as when another system shares the folder).
// The reason says why the build is needed, in the line that announces it.
func (f *finder) built(ctx context.Context, reason string) (CLI, error) {
	version, err := PinnedOpenTofu(f.root)
	if err != nil {
		return CLI{}, err
	}
	dir := filepath.Join(f.root, ".cache", "tofu-"+version)
	path := filepath.Join(dir, "tofu"+exeSuffix())
	if cli, ok := cached(ctx, path, version); ok {
		return cli, nil
	}
	goTool, err := f.lookPath("go")
	if err != nil {
		return CLI{}, fmt.Errorf("%s, and no go to build OpenTofu %s with: %w", reason, version, err)
	}

	if err := os.MkdirAll(dir, 0o755); err != nil {
		return CLI{}, err
	}
	unlock, err := lock(ctx, filepath.Join(dir, ".lock"), func() {
		fmt.Fprintf(f.stderr, "%s: waiting for another process that builds OpenTofu %s\n", reason, version)
	})
	if err != nil {
		return CLI{}, fmt.Errorf("waiting to build OpenTofu %s: %w", version, err)
	}
	defer unlock()
	// The process that held the lock may have built it.
	if cli, ok := cached(ctx, path, version); ok {
		return cli, nil
	}

	fmt.Fprintf(f.stderr, "%s: building OpenTofu %s from source, a few minutes, once\n", reason, version)
	if err := f.build(ctx, goTool, path); err != nil {
		return CLI{}, fmt.Errorf("building OpenTofu %s: %w", version, err)
	}
	cli, err := probe(ctx, path)
	if err != nil {
		return CLI{}, err
	}
	if !cli.OpenTofu || cli.Version != version {
		return CLI{}, fmt.Errorf("%s was built from OpenTofu %s but says that it is %s", path, version, cli.Name())
	}
	return cli, nil
}

// cached returns the CLI at path if it works and is the OpenTofu wanted.
func cached(ctx context.Context, path, version string) (CLI, bool) {
	if _, err := os.Stat(path); err != nil {
		return CLI{}, false
	}
	cli, err := probe(ctx, path)
	return cli, err == nil && cli.OpenTofu && cli.Version == version
}

// build builds OpenTofu as its own releases are built and puts it at path in
// one step, so that nobody ever sees half an executable there.
func (f *finder) build(ctx context.Context, goTool, path string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	out := filepath.Join(tmp, filepath.Base(path))
	err = goBuild(ctx, goTool, filepath.Join(f.root, "tools", "opentofu"), out, openTofuModule+"/cmd/tofu",
		// Without this the executable calls itself a development build.
		"-s -w -X "+openTofuModule+"/version.dev=no",
		// As OpenTofu's releases are built; it also needs no C compiler.
		"CGO_ENABLED=0")
	if err != nil {
		return err
	}
	return os.Rename(out, path)
}

// BuildProvider builds this repository's provider into dir and returns the
// executable's path. The executable reports [MirrorVersion] as its version, the
// one under which [NewMirror] offers it.
func BuildProvider(ctx context.Context, dir string) (string, error) {
	root, err := RepositoryRoot()
	if err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("no go to build the provider with: %w", err)
	}
	out := filepath.Join(dir, "terraform-provider-mcp"+exeSuffix())
	if err := goBuild(ctx, goTool, root, out, ".", "-X main.version="+MirrorVersion); err != nil {
		return "", fmt.Errorf("building the provider: %w", err)
	}
	return out, nil
}

// goBuild builds a package of the module in dir for this machine, whatever the
// caller's environment says about cross-compiling, workspaces and flags. What
// the go command prints is returned only when it fails.
func goBuild(ctx context.Context, goTool, dir, out, pkg, ldflags string, env ...string) error {
	cmd := exec.CommandContext(ctx, goTool, "build", "-trimpath", "-ldflags", ldflags, "-o", out, pkg)
	cmd.Dir = dir
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); strings.ToUpper(name) {
		case "GOOS", "GOARCH", "GOFLAGS", "GOWORK", "PWD":
		default:
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "PWD="+dir, "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH,
		"GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off")
	cmd.Env = append(cmd.Env, env...)
	interruptible(cmd)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return fmt.Errorf("go build %s: %w\n%s", pkg, err, strings.TrimSpace(output.String()))
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
