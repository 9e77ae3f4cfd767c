// Release checks what goreleaser has made of the provider, before anybody
// installs it: that the folder holds the files that the registries expect, and
// that the zip for this machine, installed by the CLI that package tfcli finds,
// is the provider in the version that its name says.
//
//	go run ./internal/cmd/release dist                # after make snapshot
//	go run ./internal/cmd/release -complete uploaded  # the files of a release, as downloaded: all of them, with a good signature
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

func main() {
	complete := flag.Bool("complete", false, "want the files of a whole release and no others, and a good signature")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: release [-complete] folder")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, flag.Arg(0), *complete)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, complete bool) error {
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return err
	}
	d, err := readDist(dir, filepath.Join(root, "terraform-registry-manifest.json"))
	if err != nil {
		return err
	}
	if err := d.check(); err != nil {
		return err
	}
	fmt.Printf("version %s: zips for %s, the manifest, and checksums that are right\n",
		d.version, strings.Join(slices.Sorted(maps.Keys(d.zips)), ", "))
	if complete {
		if err := d.checkComplete(ctx); err != nil {
			return err
		}
		fmt.Println("every file of a release and no other, and a good signature")
	}
	return install(ctx, d)
}
