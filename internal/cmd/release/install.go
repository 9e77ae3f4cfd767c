package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// install has the CLI install the zip for this machine, as from a registry, and
// read a portal of the stand-in with it.
func install(ctx context.Context, d *dist) (err error) {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	name := d.zips[platform]
	if name == "" {
		return fmt.Errorf("no zip for this machine, %s", platform)
	}
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", project+"-release-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()

	mirror, err := tfcli.NewMirror(tmp)
	if err != nil {
		return err
	}
	// A mirror also holds zips as they were released.
	if err := copyTo(filepath.Join(mirror.Dir, cli.RegistryHost(), filepath.FromSlash(tfcli.ProviderSource)), filepath.Join(d.dir, name)); err != nil {
		return err
	}
	api := portalapi.New()
	defer api.Close()
	work := filepath.Join(tmp, "work")
	if err := writeConfiguration(work, d.version); err != nil {
		return err
	}
	env := mirror.Env(
		"CLOUDFLARE_BASE_URL="+api.URL(),
		"CLOUDFLARE_API_TOKEN="+portalapi.Token,
		"CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID,
	)
	for _, args := range [][]string{{"init", "-no-color"}, {"plan", "-no-color"}} {
		if output, err := cli.Command(ctx, work, env, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", cli.Name(), args[0], err, output)
		}
	}
	installed := filepath.Join(work, ".terraform", "providers", cli.RegistryHost(),
		filepath.FromSlash(tfcli.ProviderSource), d.version, platform, d.executable(platform))
	if err := checkVersion(ctx, installed, d.version); err != nil {
		return err
	}
	agent, err := checkUserAgent(api.Requests(), d.version)
	if err != nil {
		return err
	}
	fmt.Printf("%s installed %s and read a portal with it, as %s\n", cli.Name(), name, agent)
	return nil
}

func copyTo(dir, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o644)
}

func writeConfiguration(dir, version string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	config := fmt.Sprintf(`terraform {
  required_providers {
    mcp = {
      source  = %q
      version = "= %s"
    }
  }
}

data "mcp_portal" "released" {
  id = %q
}
`, tfcli.ProviderSource, version, portalapi.PortalIDReference)
	return os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o644)
}

func checkVersion(ctx context.Context, executable, version string) error {
	output, err := exec.CommandContext(ctx, executable, "-version").Output()
	if err != nil {
		return fmt.Errorf("%s -version: %w", executable, err)
	}
	if said, want := strings.TrimSpace(string(output)), project+" "+version; said != want {
		return fmt.Errorf("%s -version says %q, and should say %q", executable, said, want)
	}
	return nil
}

// checkUserAgent returns the User-Agent of the requests, which has to name the version.
func checkUserAgent(requests []portalapi.Request, version string) (string, error) {
	if len(requests) == 0 {
		return "", errors.New("the plan read nothing")
	}
	agent := requests[0].Header.Get("User-Agent")
	if want := project + "/" + version; agent != want && !strings.HasPrefix(agent, want+" ") {
		return "", fmt.Errorf("the User-Agent is %q, and should begin with %q", agent, want)
	}
	for _, r := range requests {
		if r.Method != http.MethodGet {
			return "", fmt.Errorf("%s %s: the provider should only read", r.Method, r.Path)
		}
	}
	return agent, nil
}
