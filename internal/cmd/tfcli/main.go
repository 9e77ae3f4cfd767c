// Tfcli prints the path of the CLI that serves the tests, the demo and the
// documentation generator, so that make and shell scripts choose as the Go code
// does. See package tfcli for the order of the search.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

func main() {
	openTofu := flag.Bool("opentofu", false, "want an OpenTofu, even where there is a terraform")
	verbose := flag.Bool("v", false, "also say on standard error what was chosen")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*openTofu, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "tfcli:", err)
		os.Exit(1)
	}
}

func run(openTofu, verbose bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	find := tfcli.Find
	if openTofu {
		find = tfcli.FindOpenTofu
	}
	cli, err := find(ctx)
	if err != nil {
		return err
	}
	if verbose {
		fmt.Fprintln(os.Stderr, cli.Name())
	}
	fmt.Println(cli.Path)
	return nil
}
