// Terraform-provider-mcp serves the Terraform provider "mcp", which reads
// Cloudflare MCP server portals. Terraform starts it; a person does not.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// version is set when a release is linked (-X main.version=…).
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "print what Terraform needs to attach to this process, for a debugger such as delve")
	showVersion := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-mcp " + version)
		return
	}

	// What net/http has to complain about goes to the standard logger, with bytes
	// of the other side; from there it would go into Terraform's log.
	log.SetOutput(io.Discard)

	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	newServer := func() tfprotov6.ProviderServer {
		return provider.NewServer(provider.Options{Version: version})
	}
	if err := tf6server.Serve(provider.Address, newServer, options...); err != nil {
		log.SetFlags(0)
		log.SetOutput(os.Stderr)
		log.Fatal(err)
	}
}
