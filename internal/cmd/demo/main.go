// Demo shows the provider at work: it builds it, lets the CLI read a portal, and
// shows a change at the portal as drift in a plan, and in the file that was agreed
// to.
//
// The portal is one of the stand-in for Cloudflare's API, on a loopback port, in
// which the demo plays the person who clicks in the dashboard. With
// CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and MCP_PORTAL_ID in the
// environment it is that portal, read from Cloudflare.
package main

import (
	"context"
	"encoding/json"
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
	out    io.Writer
	colour bool
	cli    tfcli.CLI
	dir    string // where the CLI runs
	drift  string // a copy of examples/drift
	env    []string
}

// inColour reports whether f is a terminal that shows colours, to somebody who
// wants them.
func inColour(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func run(ctx context.Context, out *os.File) error {
	dir, err := os.MkdirTemp("", "terraform-provider-mcp-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	d := &demo{out: out, colour: inColour(out), dir: filepath.Join(dir, "demo"), drift: filepath.Join(dir, "drift")}
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
	for _, folder := range []string{d.dir, d.drift} {
		if err := os.CopyFS(folder, os.DirFS(filepath.Join(root, "examples", filepath.Base(folder)))); err != nil {
			return tfcli.Mirror{}, err
		}
		init := d.cli.Command(ctx, folder, mirror.Env(), "init", "-no-color")
		if output, err := init.CombinedOutput(); err != nil {
			return tfcli.Mirror{}, fmt.Errorf("init: %w\n%s", err, output)
		}
	}
	return mirror, nil
}

func (d *demo) readReal(ctx context.Context, id string) error {
	d.say("Reading the portal %q from Cloudflare. Nothing but GET is sent.", id)
	if err := d.terraform(ctx, anyPlan, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.dir = d.drift
	if err := os.Remove(filepath.Join(d.dir, baselineFile)); err != nil { // of the stand-in's portal
		return err
	}
	if err := d.accept(ctx); err != nil {
		return err
	}
	d.say("What is there now has been accepted. Exit code 0: nothing changed since. 2: something did, and the plan says what.")
	return d.terraform(ctx, anyPlan, "plan", "-detailed-exitcode")
}

func (d *demo) readStandIn(ctx context.Context, api *portalapi.Server) error {
	d.say("A stand-in for Cloudflare's API is listening at %s. The portal %q is planned, as in a pull request.", api.URL(), portalapi.PortalIDFull)
	if err := d.terraform(ctx, 2, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.dir = d.drift
	d.say("Now examples/drift: its baseline.json says what was reviewed. Nothing changed at the portal, so a plan exits with 0. There is no state.")
	if err := d.terraform(ctx, 0, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.say("Then two things happen that nobody reviewed: the server github brings a new tool in its sync, which is exposed by itself, and somebody turns jira's deleteIssue on in the dashboard.")
	change(api)
	d.say("The next plan, say that of a nightly job, names both, and exits with 2.")
	if err := d.terraform(ctx, 2, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	d.say("To accept that is to merge a pull request, which changes the committed file so:")
	before := filepath.Join(d.dir, "accepted.json")
	if err := os.Rename(filepath.Join(d.dir, baselineFile), before); err != nil {
		return err
	}
	if err := d.accept(ctx); err != nil {
		return err
	}
	return d.diff(ctx, before)
}

const baselineFile = "baseline.json"

// accept writes the portal to the baseline, as a plan reads it.
func (d *demo) accept(ctx context.Context) error {
	const file = "drift.tfplan"
	if output, err := d.cli.Command(ctx, d.dir, d.env, "plan", "-no-color", "-input=false", "-out="+file).CombinedOutput(); err != nil {
		return fmt.Errorf("plan: %w\n%s", err, output)
	}
	shown, err := d.cli.Command(ctx, d.dir, d.env, "show", "-json", file).Output()
	if err != nil {
		return fmt.Errorf("show: %w", err)
	}
	var plan struct {
		PriorState struct {
			Values struct {
				RootModule struct {
					Resources []struct{ Values struct{ JSON string } }
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	if err := json.Unmarshal(shown, &plan); err != nil {
		return fmt.Errorf("the plan: %w", err)
	}
	resources := plan.PriorState.Values.RootModule.Resources
	if len(resources) != 1 {
		return fmt.Errorf("the plan has %d data sources, want 1", len(resources))
	}
	return os.WriteFile(filepath.Join(d.dir, baselineFile), []byte(resources[0].Values.JSON), 0o600)
}

// diff shows how the baseline differs from what it was before.
func (d *demo) diff(ctx context.Context, before string) error {
	colour := "--color=never"
	if d.colour {
		colour = "--color=always"
	}
	command := exec.CommandContext(ctx, "git", "--no-pager", "diff", "--no-index", colour, filepath.Base(before), baselineFile)
	command.Dir, command.Stdout, command.Stderr = d.dir, d.out, os.Stderr
	if err := command.Run(); command.ProcessState == nil || command.ProcessState.ExitCode() != 1 { // 1: they differ
		return fmt.Errorf("git diff, which should show a difference: %w", err)
	}
	return nil
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
	args = append(args, "-input=false")
	if !d.colour {
		args = append(args, "-no-color")
	}
	command := d.cli.Command(ctx, d.dir, d.env, args...)
	command.Stdout, command.Stderr = d.out, os.Stderr
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
