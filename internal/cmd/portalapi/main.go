// Portalapi serves the stand-in for Cloudflare's API until it is interrupted,
// for trying a build of the provider by hand. It prints what to put into the
// environment.
package main

import (
	"fmt"
	"os"
	"os/signal"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
)

func main() {
	server := portalapi.New()
	defer server.Close()
	for _, size := range [][2]int{{1, 2}, {6, 25}, {40, 30}, {40, 100}, {40, 250}} {
		server.Portal(portalapi.GeneratedID(size[0], size[1])).Put(portalapi.Generate(size[0], size[1]))
	}
	fmt.Printf("export CLOUDFLARE_BASE_URL=%s\nexport CLOUDFLARE_API_TOKEN=%s\nexport CLOUDFLARE_ACCOUNT_ID=%s\n",
		server.URL(), portalapi.Token, portalapi.AccountID)

	fmt.Println("# portals: engineering (mcp.example.com), ugly, synced-never, empty, minimal, my-mcp-portal, and generated-40x100 and other sizes")

	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	<-interrupted
}
