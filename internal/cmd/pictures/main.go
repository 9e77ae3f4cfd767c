// Pictures draws the README's pictures into assets/, as SVG that is readable on
// light and on dark: a plan that shows a drift, from a real run of the CLI, and
// how long whole plans take, from speed.json.
//
//	go run ./internal/cmd/pictures                   draws both
//	go run ./internal/cmd/pictures -bench bench.json takes this provider's figures from a `make bench` first,
//	                                                 which should have run where the others' were measured
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// columns is the terminal's width: what Terraform takes where there is none.
const columns = 80

func main() {
	bench := flag.String("bench", "", "what `file` make bench wrote of this provider, to be put into speed.json")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *bench)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bench string) error {
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return err
	}
	assets := filepath.Join(root, "assets")
	measured, err := measurements(filepath.Join(root, "internal", "cmd", "pictures", "speed.json"), bench)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(assets, "speed.svg"), []byte(measured.chart()), 0o644); err != nil {
		return err
	}
	printed, err := record(ctx, root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(assets, "drift.svg"), []byte(terminal(printed, recorded, columns)), 0o644)
}

// measurements reads speed.json, and puts the figures of bench into it, if there
// is one.
func measurements(path, bench string) (speed, error) {
	s, err := readSpeed(path)
	if err != nil || bench == "" {
		return s, err
	}
	content, err := os.ReadFile(bench)
	if err != nil {
		return s, err
	}
	ours := series{Name: s.Series[0].Name}
	if err := json.Unmarshal(content, &ours); err != nil {
		return s, fmt.Errorf("%s: %w", bench, err)
	}
	s.Series[0] = ours
	return s, s.write(path)
}
