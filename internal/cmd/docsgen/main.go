// Docsgen writes the reference documentation in docs/ from the provider's
// schema, templates/, examples/ and the rules of package baseline. It builds the
// provider, lets the CLI that package tfcli finds print the schema, and passes that to
// tfplugindocs. Nothing is downloaded, and the pages are the same with either CLI.
//
// Run it from anywhere in the repository:
//
//	go run ./internal/cmd/docsgen
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// providerName is the provider's local name in a configuration, and the key
// under which tfplugindocs looks for its schema.
const providerName = "mcp"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docsgen:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return err
	}
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "docsgen-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()

	printed, err := printSchema(ctx, cli, tmp)
	if err != nil {
		return err
	}
	schema, err := rename(printed, cli.RegistryHost()+"/"+tfcli.ProviderSource)
	if err != nil {
		return fmt.Errorf("the schema that %s printed: %w", cli.Name(), err)
	}
	schemaFile := filepath.Join(tmp, "schema.json")
	if err := os.WriteFile(schemaFile, schema, 0o600); err != nil {
		return err
	}
	if err := render(ctx, root, schemaFile); err != nil {
		return err
	}
	return insertRules(filepath.Join(root, "docs", "data-sources", "portal_baseline.md"))
}

// printSchema builds the provider and returns the output of "providers schema -json".
func printSchema(ctx context.Context, cli tfcli.CLI, tmp string) ([]byte, error) {
	mirror, err := cli.Install(ctx, tmp)
	if err != nil {
		return nil, err
	}
	work := filepath.Join(tmp, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return nil, err
	}
	config := fmt.Sprintf("terraform {\n  required_providers {\n    %s = {\n      source = %q\n    }\n  }\n}\n",
		providerName, tfcli.ProviderSource)
	if err := os.WriteFile(filepath.Join(work, "main.tf"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	env := mirror.Env()
	if _, err := cli.Run(ctx, work, env, "init", "-backend=false", "-no-color"); err != nil {
		return nil, err
	}
	return cli.Run(ctx, work, env, "providers", "schema", "-json", "-no-color")
}

// rename gives the provider its bare name in the schema that a CLI printed: the full
// address depends on the CLI, and tfplugindocs supports only HashiCorp's namespace.
func rename(printed []byte, address string) ([]byte, error) {
	if bytes.Count(printed, []byte(strconv.Quote(address))) != 1 {
		return nil, fmt.Errorf("does not name %s once", address)
	}
	return bytes.Replace(printed, []byte(strconv.Quote(address)), []byte(strconv.Quote(providerName)), 1), nil
}

// render runs tfplugindocs, which also deletes pages whose subject is gone.
func render(ctx context.Context, root, schemaFile string) error {
	cmd := exec.CommandContext(ctx, "go", "tool", "-modfile="+filepath.Join("tools", "go.mod"), "tfplugindocs",
		"generate",
		"--provider-dir", root,
		"--provider-name", providerName,
		"--rendered-provider-name", "MCP",
		"--providers-schema", schemaFile,
		"--examples-dir", "examples",
		"--website-source-dir", "templates",
		"--rendered-website-dir", "docs",
	)
	cmd.Dir = root
	// Its warnings, such as a template for a data source that does not exist.
	cmd.Stderr = os.Stderr
	if output, err := cmd.Output(); err != nil {
		return fmt.Errorf("tfplugindocs: %w\n%s", err, output)
	}
	return nil
}

// rulesHere is the line of a template that the table of rules replaces.
const rulesHere = "<!-- the rules of internal/baseline -->"

// insertRules puts the table of rules into a page.
func insertRules(file string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bytes.Count(page, []byte(rulesHere)) != 1 {
		return fmt.Errorf("the template of %s must contain %s exactly once", filepath.Base(file), rulesHere)
	}
	return os.WriteFile(file, bytes.Replace(page, []byte(rulesHere), []byte(rulesTable(baseline.Rules())), 1), 0o644)
}

// rulesTable returns rules as a table in Markdown, in their order.
func rulesTable(rules []*baseline.Rule) string {
	var b strings.Builder
	b.WriteString("| rule | effects | when |\n|---|---|---|")
	for _, r := range rules {
		var effects []string
		for _, e := range r.Effects() {
			effects = append(effects, string(e))
		}
		fmt.Fprintf(&b, "\n| `%s` | %s | %s |", r.ID, cmp.Or(strings.Join(effects, ", "), "–"), r.Sentence)
	}
	return b.String()
}
