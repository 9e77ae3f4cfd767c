// Release checks the zip for this machine: the CLI that package tfcli finds installs it,
// as from a registry, and reads a portal of the stand-in with it; the provider must
// report the version in the zip's name. .ci/check-release checks the rest of a release.
//
//	go run ./internal/cmd/release dist      # after make snapshot
//	go run ./internal/cmd/release uploaded  # the files of a release, as downloaded
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

const project = "terraform-provider-mcp"

const configuration = `terraform {
  required_providers {
    mcp = { source = %q, version = "= %s" }
  }
}
data "mcp_portal" "released" { id = %q }
`

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: release folder")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := install(ctx, os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func install(ctx context.Context, folder string) error {
	platform := "_" + runtime.GOOS + "_" + runtime.GOARCH + ".zip"
	zips, err := filepath.Glob(filepath.Join(folder, project+"_*"+platform))
	if err != nil || len(zips) != 1 {
		return fmt.Errorf("want one zip for this machine in %s, found %q", folder, zips)
	}
	name := filepath.Base(zips[0])
	version := strings.TrimSuffix(strings.TrimPrefix(name, project+"_"), platform)

	cli, err := tfcli.Find(ctx)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", project+"-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	mirror, err := tfcli.NewMirror(tmp)
	if err != nil {
		return err
	}
	// A mirror may contain zips as they were released.
	content, err := os.ReadFile(zips[0])
	mirrored := filepath.Join(mirror.Dir, cli.RegistryHost(), filepath.FromSlash(tfcli.ProviderSource))
	work := filepath.Join(tmp, "work")
	err = errors.Join(err, os.MkdirAll(mirrored, 0o755), os.Mkdir(work, 0o755),
		os.WriteFile(filepath.Join(mirrored, name), content, 0o644),
		os.WriteFile(filepath.Join(work, "main.tf"), fmt.Appendf(nil, configuration, tfcli.ProviderSource, version, portalapi.PortalIDReference), 0o644))
	if err != nil {
		return err
	}

	api := portalapi.New()
	defer api.Close()
	env := mirror.Env("CLOUDFLARE_BASE_URL="+api.URL(), "CLOUDFLARE_API_TOKEN="+portalapi.Token, "CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID)
	for _, command := range []string{"init", "plan"} {
		if _, err := cli.Run(ctx, work, env, command, "-no-color"); err != nil {
			return err
		}
	}
	requests := api.Requests()
	if len(requests) == 0 {
		return errors.New("the plan read nothing")
	}
	agent := requests[0].Header.Get("User-Agent")
	if !strings.HasPrefix(agent, project+"/"+version+" ") {
		return fmt.Errorf("the User-Agent of %s is %q", name, agent)
	}
	fmt.Printf("%s installed %s and read a portal with it, as %s\n", cli.Name(), name, agent)
	return nil
}
