package provider

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// `make bench` runs these, too: whole plans through the CLI, with the memory of
// the largest process.

// BenchmarkNothing is a plan without a provider.
func BenchmarkNothing(b *testing.B) {
	newPlanner(b, `output "nothing" { value = 1 }`, false).measure(b)
}

// BenchmarkPlan is a plan of a portal.
func BenchmarkPlan(b *testing.B) {
	p := newPlanner(b, `
variable "id" { type = string }
data "mcp_portal" "p" { id = var.id }
output "servers" { value = length(data.mcp_portal.p.servers) }
`, true)
	p.sizes(b, func(*testing.B, string) {})
}

// BenchmarkDrift is a plan of a portal's baseline that has nothing to say.
func BenchmarkDrift(b *testing.B) {
	p := newPlanner(b, `
variable "id" { type = string }
data "mcp_portal_baseline" "p" {
  id        = var.id
  directory = "${path.module}/${var.id}"
}
output "drift" { value = data.mcp_portal_baseline.p.summary }
`, true)
	p.sizes(b, p.accept)
}

// BenchmarkMany is a plan of 300 small portals, at an API that takes 20 ms for
// each answer: 0.6 s at Terraform's parallelism of 10.
func BenchmarkMany(b *testing.B) {
	p := newPlanner(b, `
data "mcp_portal" "p" {
  count = 300
  id    = "many-${count.index}"
}
output "portals" { value = length(data.mcp_portal.p) }
`, true)
	for i := range 300 {
		id := fmt.Sprintf("many-%d", i)
		p.api.Portal(id).Put(portalapi.MinimalPortal(id, id+".example.com", id))
	}
	p.api.SetLatency(20 * time.Millisecond)
	p.measure(b)
}

// planner plans one configuration.
type planner struct {
	cli tfcli.CLI
	env []string
	api *portalapi.Server
	dir string
}

func newPlanner(b *testing.B, configuration string, withProvider bool) *planner {
	b.Helper()
	if withProvider {
		configuration = "terraform {\n  required_providers {\n    mcp = { source = \"mcp-portals/mcp\" }\n  }\n}\n" + configuration
	}
	cli, err := tfcli.Find(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	mirror, err := cli.Install(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	p := &planner{cli: cli, api: portalapi.New(), dir: b.TempDir()}
	b.Cleanup(p.api.Close)
	p.env = mirror.Env("CLOUDFLARE_BASE_URL="+p.api.URL(), "CLOUDFLARE_API_TOKEN="+portalapi.Token, "CLOUDFLARE_ACCOUNT_ID="+portalapi.AccountID)
	if err := os.WriteFile(filepath.Join(p.dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		b.Fatal(err)
	}
	p.run(b, "init")
	return p
}

// run runs the CLI.
func (p *planner) run(b *testing.B, args ...string) {
	b.Helper()
	if _, err := p.cli.Run(b.Context(), p.dir, p.env, args...); err != nil {
		b.Fatal(err)
	}
}

// measure plans again and again, and once more for the memory of the largest
// process.
func (p *planner) measure(b *testing.B, args ...string) {
	b.Helper()
	args = append([]string{"plan", "-lock=false"}, args...)
	for b.Loop() {
		p.run(b, args...)
	}
	file := filepath.Join(b.TempDir(), "largest")
	small := *p
	small.cli.Path, small.env = os.Args[0], slices.Concat(p.env, []string{largestInto + "=" + file, largestOf + "=" + p.cli.Path})
	small.run(b, args...)
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	largest, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(largest, "largest-B")
}

// The environment in which this executable only runs a command, and says how
// large it became: to Linux a process has been as large as the one that started
// it, and that of the benchmarks holds all portals.
const (
	largestInto = "MCP_BENCH_LARGEST_INTO"
	largestOf   = "MCP_BENCH_LARGEST_OF"
)

func init() {
	file := os.Getenv(largestInto)
	if file == "" {
		return
	}
	command := exec.CommandContext(context.Background(), os.Getenv(largestOf), os.Args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	err := command.Run()
	if err == nil {
		err = os.WriteFile(file, fmt.Append(nil, largestProcess(command.ProcessState)), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// sizes measures portals of several sizes, each of them prepared before.
func (p *planner) sizes(b *testing.B, prepare func(b *testing.B, id string)) {
	b.Helper()
	for _, size := range benchSizes {
		id := portalapi.GeneratedID(size.servers, size.tools)
		p.api.Portal(id).Put(portalapi.Generate(size.servers, size.tools))
		b.Run(fmt.Sprintf("portal=%dx%d", size.servers, size.tools), func(b *testing.B) {
			prepare(b, id)
			p.measure(b, "-var", "id="+id)
		})
	}
}

// accept accepts what is there, and fails if the next one has something to say.
func (p *planner) accept(b *testing.B, id string) {
	b.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, id)); err != nil {
		b.Fatal(err)
	}
	if _, err := p.cli.Accept(b.Context(), p.dir, slices.Concat(p.env, []string{"TF_VAR_id=" + id})); err != nil {
		b.Fatal(err)
	}
	p.run(b, "plan", "-var", "id="+id, "-detailed-exitcode")
}

// largestProcess returns the most memory, in bytes, that one process of those
// below and including this one held at a time; 0 on Windows, whose usage has no
// such field.
func largestProcess(state *os.ProcessState) float64 {
	most := reflect.Indirect(reflect.ValueOf(state.SysUsage())).FieldByName("Maxrss")
	switch {
	case !most.IsValid():
		return 0
	case runtime.GOOS == "darwin":
		return float64(most.Int()) // bytes there, kilobytes elsewhere
	default:
		return float64(most.Int() << 10)
	}
}
