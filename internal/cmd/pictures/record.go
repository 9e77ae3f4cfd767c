package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// What is recorded: a command in this example, after accept, and after change at
// the portal.
const (
	example  = "demo"
	recorded = "A plan that names two tools which agents can reach now and could not before."
)

var command = []string{"plan", "-detailed-exitcode"}

// accept leaves the example as somebody leaves it who has reviewed the portal.
func accept(run func(args ...string) (string, int, error)) error {
	_, _, err := run("apply", "-auto-approve")
	return err
}

// change is what happens at the portal behind the configuration's back.
func change(api *portalapi.Server) {
	portal := api.Portal(portalapi.PortalIDFull)
	portal.Server("github").Add("tools", `{"name":"delete_repository","description":"Deletes a repository.","inputSchema":{"type":"object"},"annotations":{"destructiveHint":true}}`)
	portal.Server("jira").Tool("deleteIssue").Enable(true)
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
	examples := filepath.Join(dir, "examples")
	if err := os.CopyFS(examples, os.DirFS(filepath.Join(root, "examples"))); err != nil {
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
		cmd := cli.Command(ctx, filepath.Join(examples, example), env, args...)
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
	if err := accept(run); err != nil {
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
