// Bench times whole plans through the CLI and prints ratios, which say the same
// on any machine that is otherwise idle: how the time of a plan grows with the
// portal, and what a drift plan takes of one. `make bench` runs it after the
// benchmarks of internal/provider, which time reads alone.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

const (
	planRuns    = 5
	manyPortals = 300
	apiLatency  = 20 * time.Millisecond
	parallelism = 10 // Terraform's default
)

// configurations are those that are planned, by the names of their folders.
var configurations = map[string]string{
	"none": `
output "nothing" { value = 1 }
`,
	"portal": `
variable "id" { type = string }
data "mcp_portal" "p" { id = var.id }
output "servers" { value = length(data.mcp_portal.p.servers) }
`,
	"drift": `
variable "id" { type = string }
data "mcp_portal_baseline" "p" {
  id        = var.id
  directory = "${path.module}/${var.id}"
}
output "drift" { value = data.mcp_portal_baseline.p.summary }
`,
	"many": `
variable "number" { type = number }
data "mcp_portal" "p" {
  count = var.number
  id    = "many-${count.index}"
}
output "portals" { value = length(data.mcp_portal.p) }
`,
}

const required = `
terraform {
  required_providers {
    mcp = { source = "mcp-portals/mcp" }
  }
}
`

// bench runs whole plans.
type bench struct {
	cli    tfcli.CLI
	mirror tfcli.Mirror
	api    *portalapi.Server
	dir    string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "terraform-provider-mcp-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{api: portalapi.New(), dir: dir}
	defer b.api.Close()
	if b.cli, err = tfcli.Find(ctx); err != nil {
		return err
	}
	if b.mirror, err = b.cli.Install(ctx, dir); err != nil {
		return err
	}
	for name, configuration := range configurations {
		if name != "none" {
			configuration = required + configuration
		}
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name, "main.tf"), []byte(configuration), 0o600); err != nil {
			return err
		}
		if _, err := b.terraform(ctx, name, "init"); err != nil {
			return err
		}
	}
	fmt.Printf("Whole plans with %s, median of %d.\n", b.cli.Name(), planRuns)
	if err := b.sizes(ctx); err != nil {
		return err
	}
	return b.many(ctx)
}

// terraform runs the CLI in the folder of a configuration.
func (b *bench) terraform(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	env := b.mirror.Env("CLOUDFLARE_BASE_URL="+b.api.URL(), "CLOUDFLARE_API_TOKEN="+portalapi.Token, "CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID)
	command := b.cli.Command(ctx, filepath.Join(b.dir, name), env, args...)
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %s: %w\n%s", name, strings.Join(args, " "), err, output)
	}
	return command, nil
}

// measured is what plans took.
type measured struct {
	seconds   float64 // the median
	mebibytes float64 // of the largest process; 0 where the system does not tell
}

// plan times plans. A plan that has something to say fails.
func (b *bench) plan(ctx context.Context, name string, args ...string) (measured, error) {
	var m measured
	var took []float64
	for range planRuns {
		start := time.Now()
		command, err := b.terraform(ctx, name, append([]string{"plan", "-lock=false"}, args...)...)
		if err != nil {
			return m, err
		}
		took = append(took, time.Since(start).Seconds())
		m.mebibytes = max(m.mebibytes, largestProcess(command.ProcessState))
	}
	slices.Sort(took)
	m.seconds = took[len(took)/2]
	return m, nil
}

// largestProcess returns the most memory, in MiB, that one process of those below
// and including this one held at a time; 0 on Windows, whose usage has no such
// field.
func largestProcess(state *os.ProcessState) float64 {
	most := reflect.Indirect(reflect.ValueOf(state.SysUsage())).FieldByName("Maxrss")
	switch {
	case !most.IsValid():
		return 0
	case runtime.GOOS == "darwin":
		return float64(most.Int()) / (1 << 20) // bytes there, kilobytes elsewhere
	default:
		return float64(most.Int()) / (1 << 10)
	}
}

// sizes times a plan and a drift plan of one portal of each size.
func (b *bench) sizes(ctx context.Context) error {
	none, err := b.plan(ctx, "none")
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "portal\tJSON MB\tplan s\tof 1x2\tlargest process MiB\tdrift plan s\tof the plan\tlargest process MiB\tof the plan's\t")
	fmt.Fprintf(out, "no provider\t\t%.2f\t\t%.0f\t\t\t\t\t\n", none.seconds, none.mebibytes)
	var smallest measured
	for _, size := range [][2]int{{1, 2}, {40, 30}, {40, 100}, {40, 250}} {
		id, raw := portalapi.GeneratedID(size[0], size[1]), portalapi.Generate(size[0], size[1])
		b.api.Portal(id).Put(raw)
		plan, err := b.plan(ctx, "portal", "-var", "id="+id)
		if err != nil {
			return err
		}
		if err := b.accept(ctx, id); err != nil {
			return err
		}
		drift, err := b.plan(ctx, "drift", "-var", "id="+id, "-detailed-exitcode")
		if err != nil {
			return err
		}
		if smallest.seconds == 0 {
			smallest = plan
		}
		fmt.Fprintf(out, "%dx%d\t%.2f\t%.2f\t%.2f\t%.0f\t%.2f\t%.2f\t%.0f\t%.2f\t\n", size[0], size[1], float64(len(raw))/1e6,
			plan.seconds, plan.seconds/smallest.seconds, plan.mebibytes,
			drift.seconds, drift.seconds/plan.seconds, drift.mebibytes, drift.mebibytes/plan.mebibytes)
	}
	return out.Flush()
}

// accept applies the patches of a first drift plan, so that the next ones have
// nothing to say.
func (b *bench) accept(ctx context.Context, id string) error {
	const file = "first.tfplan"
	if _, err := b.terraform(ctx, "drift", "plan", "-var", "id="+id, "-out="+file); err != nil {
		return err
	}
	work := filepath.Join(b.dir, "drift")
	shown, err := b.cli.Command(ctx, work, b.mirror.Env(), "show", "-json", file).Output()
	if err != nil {
		return fmt.Errorf("show: %w", err)
	}
	var plan struct {
		PriorState struct {
			Values struct {
				RootModule struct {
					Resources []struct {
						Values struct {
							Files map[string]struct{ Patch string }
						}
					}
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	if err := json.Unmarshal(shown, &plan); err != nil {
		return err
	}
	for _, resource := range plan.PriorState.Values.RootModule.Resources {
		for name, file := range resource.Values.Files {
			command := exec.CommandContext(ctx, "git", "apply", "-p1")
			command.Dir, command.Stdin = work, strings.NewReader(file.Patch)
			if output, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("git apply of %s: %w\n%s", name, err, output)
			}
		}
	}
	return nil
}

// many plans many small portals at an API that takes its time.
func (b *bench) many(ctx context.Context) error {
	for i := range manyPortals {
		id := fmt.Sprintf("many-%d", i)
		b.api.Portal(id).Put(portalapi.MinimalPortal(id, id+".example.com", id))
	}
	b.api.SetLatency(apiLatency)
	before := b.api.Connections()
	all, err := b.plan(ctx, "many", "-var", fmt.Sprintf("number=%d", manyPortals))
	if err != nil {
		return err
	}
	fmt.Printf("%d portals in one plan, at an API with %s latency: %.2f s, of which the API itself takes %.2f s at Terraform's parallelism of %d; %.0f connections a plan.\n",
		manyPortals, apiLatency, all.seconds, (apiLatency * manyPortals / parallelism).Seconds(), parallelism, float64(b.api.Connections()-before)/planRuns)
	return nil
}
