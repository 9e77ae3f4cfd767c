// Demo shows the provider at work: it builds it, lets the CLI read a portal into
// typed state, and shows a change at the portal as drift in a plan.
//
// The portal is one of the stand-in for Cloudflare's API, on a loopback port, in
// which the demo plays the person who clicks in the dashboard. With
// CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and MCP_PORTAL_ID in the
// environment it is that portal, read from Cloudflare.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is one run.
type demo struct {
	out io.Writer
	cli tfcli.CLI
	dir string
	env []string
}

func run(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "terraform-provider-mcp-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	d := &demo{out: out, dir: filepath.Join(dir, "work")}
	mirror, err := d.prepare(ctx, dir)
	if err != nil {
		return err
	}
	id, token, account := os.Getenv("MCP_PORTAL_ID"), os.Getenv("CLOUDFLARE_API_TOKEN"), os.Getenv("CLOUDFLARE_ACCOUNT_ID")
	if id != "" && token != "" && account != "" {
		d.env = mirror.Env("TF_VAR_portal_id="+id, "CLOUDFLARE_BASE_URL="+os.Getenv("CLOUDFLARE_BASE_URL"),
			"CLOUDFLARE_API_TOKEN="+token, "CLOUDFLARE_ACCOUNT_ID="+account)
		return d.readReal(ctx, id)
	}
	api := portalapi.New()
	defer api.Close()
	d.env = mirror.Env(
		"TF_VAR_portal_id="+portalapi.PortalIDFull,
		"CLOUDFLARE_BASE_URL="+api.URL(),
		"CLOUDFLARE_API_TOKEN="+portalapi.Token,
		"CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID,
	)
	return d.readStandIn(ctx, api)
}

// prepare builds what is needed into dir and installs the provider.
func (d *demo) prepare(ctx context.Context, dir string) (tfcli.Mirror, error) {
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return tfcli.Mirror{}, err
	}
	d.cli = cli
	d.say("Building the provider, and installing it for %s from a folder of its own.", cli.Name())
	mirror, err := cli.Install(ctx, dir)
	if err != nil {
		return tfcli.Mirror{}, err
	}
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return tfcli.Mirror{}, err
	}
	if err := os.CopyFS(d.dir, os.DirFS(filepath.Join(root, "examples", "demo"))); err != nil {
		return tfcli.Mirror{}, err
	}
	d.env = mirror.Env()
	init := d.cli.Command(ctx, d.dir, d.env, "init", "-no-color")
	if output, err := init.CombinedOutput(); err != nil {
		return tfcli.Mirror{}, fmt.Errorf("init: %w\n%s", err, output)
	}
	return mirror, nil
}

func (d *demo) readReal(ctx context.Context, id string) error {
	d.say("Reading the portal %q from Cloudflare. Nothing but GET is sent.", id)
	if err := d.terraform(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	d.say("Planning again. Exit code 0: nothing changed. 2: something did in the meantime, and the plan shows what.")
	return d.terraform(ctx, anyPlan, "plan", "-detailed-exitcode")
}

func (d *demo) readStandIn(ctx context.Context, api *portalapi.Server) error {
	d.say("A stand-in for Cloudflare's API is listening at %s. The portal %q is planned, as in a pull request.", api.URL(), portalapi.PortalIDFull)
	if err := d.terraform(ctx, 2, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.say("Applying it: the state now holds the portal as it was reviewed.")
	if err := d.quietly(ctx, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	d.say("Nothing changed at the portal, so a plan exits with 0.")
	if err := d.terraform(ctx, 0, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.say("Now two things happen that nobody reviewed: the server github brings a new tool in its sync, which is exposed by itself, and somebody turns jira's deleteIssue on in the dashboard.")
	change(api)
	d.say("The next plan, say that of a nightly job, names both, and exits with 2.")
	return d.terraform(ctx, 2, "plan", "-detailed-exitcode")
}

// change is what happens behind the configuration's back.
func change(api *portalapi.Server) {
	portal := api.Portal(portalapi.PortalIDFull)
	portal.Server("github").Add("tools", `{"name":"delete_repository","description":"Deletes a repository.","inputSchema":{"type":"object"},"annotations":{"destructiveHint":true}}`)
	portal.Server("jira").Tool("deleteIssue").Enable(true)
}

// anyPlan stands for both exit codes of a plan that succeeds.
const anyPlan = -1

// terraform runs the CLI, shows what it prints, and makes any exit code but the
// expected one an error.
func (d *demo) terraform(ctx context.Context, want int, args ...string) error {
	return d.runCLI(ctx, d.out, want, args...)
}

// quietly is terraform without what the CLI prints.
func (d *demo) quietly(ctx context.Context, want int, args ...string) error {
	return d.runCLI(ctx, io.Discard, want, args...)
}

func (d *demo) runCLI(ctx context.Context, out io.Writer, want int, args ...string) error {
	command := d.cli.Command(ctx, d.dir, d.env, append(args, "-no-color", "-input=false")...)
	command.Stdout, command.Stderr = out, os.Stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	code := command.ProcessState.ExitCode()
	fmt.Fprintf(d.out, "\n[%s %s: exit code %d]\n", filepath.Base(d.cli.Path), args[0], code)
	if code != want && (want != anyPlan || code != 0 && code != 2) {
		return fmt.Errorf("%s exited with %d, and %d was expected", args[0], code, want)
	}
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "\n=> "+format+"\n", args...)
}
