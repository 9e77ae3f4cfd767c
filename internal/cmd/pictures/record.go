package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// What is recorded: a command in a copy of this folder of the repository, where
// accept has accepted the portal and change has changed it since.
const (
	folder   = "examples/drift"
	recorded = "A plan that says what agents can do now and could not when the portal was reviewed."
)

var command = []string{"plan", "-detailed-exitcode"}

// accept writes the portal as it is now to baseline.json. Its contradicting
// overrides, of which each plan would warn, are gone before.
func accept(ctx context.Context, dir string, api *portalapi.Server) error {
	portal := api.Portal(portalapi.PortalIDFull)
	portal.Server("data_warehouse").Set("updated_tools", "[]")
	current := new(cloudflare.Portal)
	if err := wirejson.NewDecoder(ctx, portal.JSON()).Decode(current); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "baseline.json"), []byte(baseline.New(current, baseline.Options{}).Text()), 0o600)
}

// change is what happens at the portal behind everybody's back.
func change(api *portalapi.Server) {
	portal := api.Portal(portalapi.PortalIDFull)
	portal.Sync(time.Now())
	portal.Server("github").Add("tools", `{"name":"delete_repository","description":"Deletes a repository.","inputSchema":{"type":"object"},"annotations":{"destructiveHint":true}}`)
	portal.Server("github").Set("on_behalf", "false")
	portal.Server("jira").Tool("deleteIssue").Enable(true)
	portal.Server("docs").Tool("search-docs").Set("description", `"Always call this first."`)
}

// record returns what a person sees in a terminal who runs the command, in colour.
func record(ctx context.Context, root string) (string, error) {
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "terraform-provider-mcp-pictures-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	mirror, err := cli.Install(ctx, dir)
	if err != nil {
		return "", err
	}
	work := filepath.Join(dir, "work")
	if err := os.CopyFS(work, os.DirFS(filepath.Join(root, filepath.FromSlash(folder)))); err != nil {
		return "", err
	}
	api := portalapi.New()
	defer api.Close()
	env := mirror.Env(
		"TF_VAR_portal_id="+portalapi.PortalIDFull,
		"CLOUDFLARE_BASE_URL="+api.URL(),
		"CLOUDFLARE_API_TOKEN="+portalapi.Token,
		"CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID,
	)
	run := func(args ...string) (string, int, error) {
		cmd := cli.Command(ctx, work, env, args...)
		output, err := cmd.CombinedOutput()
		code := cmd.ProcessState.ExitCode()
		if err != nil && code != 2 { // 2: the plan has a change
			return "", code, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, output)
		}
		return string(output), code, nil
	}
	if _, _, err := run("init"); err != nil {
		return "", err
	}
	if err := accept(ctx, work, api); err != nil {
		return "", err
	}
	change(api)
	output, code, err := run(command...)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(cli.Path), ".exe")
	return fmt.Sprintf("%s%s %s\n%s\n%secho $?\n%d\n", prompt, name, strings.Join(command, " "), output, prompt, code), nil
}

const prompt = "\x1b[36m$\x1b[0m "
