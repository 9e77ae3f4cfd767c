// Portalapi serves the stand-in for Cloudflare's API until it is interrupted, to try the
// provider, or your own rules, without an account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

const usage = `Serves a stand-in for Cloudflare's API, to try the provider without an account.
It prints the variables to export, and runs until it is interrupted.

  portalapi [-addr ADDRESS] [-dir FOLDER]

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "portalapi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("portalapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	addr := flags.String("addr", "127.0.0.1:8765", "the `address` to listen on; the provider uses plain http on the loopback interface alone")
	dir := flags.String("dir", "", "serve portals/*.json, servers/*.json, access_apps/*.json and so on from this `folder`, and read them again\non each request; a folder without portals and servers is filled with the default ones first;\na time such as \"now-90m\" moves with the clock")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see portalapi -h", flags.Arg(0))
	}
	server, err := serve(*addr, *dir, stderr)
	if err != nil {
		return err
	}
	defer server.Close()
	form := "export %s=%s\n"
	if runtime.GOOS == "windows" {
		form = "$env:%s = \"%s\"\n" // PowerShell
	}
	fmt.Fprintf(stdout, form, "CLOUDFLARE_BASE_URL", server.URL())
	fmt.Fprintf(stdout, form, "CLOUDFLARE_API_TOKEN", portalapi.Token)
	fmt.Fprintf(stdout, form, "CLOUDFLARE_ACCOUNT_ID", portalapi.AccountID)
	<-ctx.Done()
	return nil
}

// serve starts the stand-in, and lists its portals on stderr.
func serve(addr, dir string, stderr io.Writer) (*portalapi.Server, error) {
	var opts []portalapi.Option
	if dir != "" {
		if err := fill(dir, stderr); err != nil {
			return nil, err
		}
		opts = append(opts, portalapi.WithFolder(dir, func(err error) { fmt.Fprintln(stderr, "portalapi:", err) }))
	}
	server, err := portalapi.Listen(addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("%w (-addr chooses another address)", err)
	}
	if dir == "" {
		for _, size := range [][2]int{{1, 2}, {6, 25}, {40, 30}, {40, 100}, {40, 250}} {
			server.Portal(portalapi.GeneratedID(size[0], size[1])).Put(portalapi.Generate(size[0], size[1]))
		}
		fmt.Fprintln(stderr, "Portals: engineering (mcp.example.com), ugly, synced-never, empty, minimal, my-mcp-portal, generated-40x100 and other sizes. For portals that you can edit: portalapi -dir FOLDER")
	}
	return server, nil
}

// fill writes the fixtures to a folder that has neither portals nor servers.
func fill(dir string, stderr io.Writer) error {
	for _, name := range []string{"portals", "servers"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := portalapi.WriteFixtures(dir); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "Wrote invented portals to %s; begin with engineering.json.\n", filepath.Join(dir, "portals"))
	return nil
}
