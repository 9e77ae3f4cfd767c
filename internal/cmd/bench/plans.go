package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

const (
	planRuns    = 5
	manyPortals = 300
	apiLatency  = 20 * time.Millisecond
)

// planner runs whole plans.
type planner struct {
	cli    tfcli.CLI
	mirror tfcli.Mirror
	api    *portalapi.Server
	dir    string
}

const (
	onePortal = `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
variable "id" { type = string }
data "mcp_portal" "p" { id = var.id }
output "servers" { value = length(data.mcp_portal.p.servers) }
`
	onBaseline = `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
variable "id" { type = string }
data "mcp_portal_baseline" "p" {
  id       = var.id
  accepted = file("${path.module}/baseline.json")
}
output "drift" { value = data.mcp_portal_baseline.p.drifted ? data.mcp_portal_baseline.p.summary : null }
`
	portals = `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
variable "number" { type = number }
data "mcp_portal" "p" {
  count = var.number
  id    = "many-${count.index}"
}
output "portals" { value = length(data.mcp_portal.p) }
`
	noProvider = `
output "nothing" { value = 1 }
`
)

// plans times whole plans through the CLI, and puts the figures into the file if
// it is given.
func plans(ctx context.Context, file string) error {
	dir, err := os.MkdirTemp("", "terraform-provider-mcp-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := newPlanner(ctx, dir)
	if err != nil {
		return err
	}
	defer p.api.Close()
	fmt.Printf("Whole plans with %s, median of %d.\n", p.cli.Name(), planRuns)
	measured, err := p.sizes(ctx)
	if err != nil {
		return err
	}
	if file != "" {
		if err := p.write(file, measured); err != nil {
			return err
		}
	}
	return p.many(ctx)
}

func newPlanner(ctx context.Context, dir string) (*planner, error) {
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return nil, err
	}
	mirror, err := cli.Install(ctx, dir)
	if err != nil {
		return nil, err
	}
	p := &planner{cli: cli, mirror: mirror, api: portalapi.New(), dir: dir}
	for name, config := range map[string]string{"one": onePortal, "drift": onBaseline, "many": portals, "none": noProvider} {
		if err := p.init(ctx, name, config); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *planner) init(ctx context.Context, name, config string) error {
	work := filepath.Join(p.dir, name)
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(config), 0o600); err != nil {
		return err
	}
	if output, err := p.command(ctx, name, "init").CombinedOutput(); err != nil {
		return fmt.Errorf("init: %w\n%s", err, output)
	}
	return nil
}

func (p *planner) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	env := p.mirror.Env("CLOUDFLARE_BASE_URL="+p.api.URL(), "CLOUDFLARE_API_TOKEN="+portalapi.Token, "CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID)
	return p.cli.Command(ctx, filepath.Join(p.dir, name), env, args...)
}

// planned is what plans took.
type planned struct {
	median  time.Duration
	largest int64 // bytes of the largest process; 0 where the system does not tell
}

func (p *planner) plan(ctx context.Context, name string, args ...string) (planned, error) {
	var result planned
	var took []time.Duration
	for range planRuns {
		command := p.command(ctx, name, append([]string{"plan", "-lock=false"}, args...)...)
		start := time.Now()
		output, err := command.CombinedOutput()
		if err != nil {
			return result, errors.Join(err, errors.New(string(output)))
		}
		took = append(took, time.Since(start))
		result.largest = max(result.largest, largestProcess(command.ProcessState))
	}
	slices.Sort(took)
	result.median = took[len(took)/2]
	return result, nil
}

// sizes times one portal of each size, and returns the figures by size.
func (p *planner) sizes(ctx context.Context) (map[string]planned, error) {
	none, err := p.plan(ctx, "none")
	if err != nil {
		return nil, err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "portal\tJSON MB\tplan s\trelative to 1x2\tlargest process MiB\tdrift plan s\tof the plan\tlargest process MiB\t")
	fmt.Fprintf(out, "no provider\t\t%.2f\t\t%d\t\t\t\t\n", none.median.Seconds(), none.largest>>20)
	measured := map[string]planned{}
	for _, size := range [][2]int{{1, 2}, {6, 25}, {40, 30}, {40, 100}, {40, 250}} {
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		id, raw := portalapi.GeneratedID(size[0], size[1]), portalapi.Generate(size[0], size[1])
		p.api.Portal(id).Put(raw)
		if err := p.accept(ctx, raw); err != nil {
			return nil, err
		}
		result, err := p.plan(ctx, "one", "-var", "id="+id)
		if err != nil {
			return nil, err
		}
		// With this exit code, a drift plan that finds a change fails.
		drift, err := p.plan(ctx, "drift", "-var", "id="+id, "-detailed-exitcode")
		if err != nil {
			return nil, err
		}
		measured[name] = result
		fmt.Fprintf(out, "%s\t%.2f\t%.2f\t%s\t%d\t%.2f\t%s\t%d\t\n", name, float64(len(raw))/1e6, result.median.Seconds(),
			ratio(result.median.Seconds(), measured["1x2"].median.Seconds()), result.largest>>20,
			drift.median.Seconds(), ratio(drift.median.Seconds(), result.median.Seconds()), drift.largest>>20)
	}
	return measured, out.Flush()
}

// accept writes the baseline of a portal to where a drift plan reads it.
func (p *planner) accept(ctx context.Context, raw []byte) error {
	portal := new(cloudflare.Portal)
	if err := wirejson.NewDecoder(ctx, raw).Decode(portal); err != nil {
		return err
	}
	text := baseline.New(portal, baseline.Options{}).Text()
	return os.WriteFile(filepath.Join(p.dir, "drift", "baseline.json"), []byte(text), 0o600)
}

// write puts figures into a file, in the form that `make pictures` reads.
func (p *planner) write(file string, measured map[string]planned) error {
	type figure struct {
		Seconds   float64 `json:"seconds"`
		Mebibytes int64   `json:"mebibytes,omitempty"`
	}
	figures := map[string]figure{}
	for size, result := range measured {
		figures[size] = figure{math.Round(result.median.Seconds()*100) / 100, result.largest >> 20}
	}
	content, err := json.MarshalIndent(map[string]any{
		"measured":   time.Now().Format(time.DateOnly),
		"conditions": fmt.Sprintf("median of %d runs with %s, %s, %d cores", planRuns, p.cli.Name(), runtime.GOOS, runtime.NumCPU()),
		"plans":      figures,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o644)
}

// many plans many small portals at an API that takes its time.
func (p *planner) many(ctx context.Context) error {
	for i := range manyPortals {
		id := fmt.Sprintf("many-%d", i)
		p.api.Portal(id).Put(portalapi.MinimalPortal(id, id+".example.com", id))
	}
	p.api.SetLatency(apiLatency)
	one, err := p.plan(ctx, "many", "-var", "number=1")
	if err != nil {
		return err
	}
	before := p.api.Connections()
	all, err := p.plan(ctx, "many", "-var", fmt.Sprintf("number=%d", manyPortals))
	if err != nil {
		return err
	}
	const parallelism = 10 // Terraform's default
	bound := apiLatency * manyPortals / parallelism
	fmt.Printf("%d portals in one plan, at an API with %s latency: %.2f s, against %.2f s for one and %.2f s that the API itself takes at Terraform's parallelism of %d; %.0f connections a plan.\n",
		manyPortals, apiLatency, all.median.Seconds(), one.median.Seconds(), bound.Seconds(), parallelism, float64(p.api.Connections()-before)/planRuns)
	return nil
}
