package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"text/tabwriter"

	"github.com/mcp-portals/terraform-provider-mcp/internal/tfcli"
)

// measurement is one line of `go test -bench -benchmem`.
type measurement struct{ nanoseconds, bytes, allocations float64 }

var line = regexp.MustCompile(`^Benchmark(\w+)(?:/(\S+?))?-\d+\s+\d+\s+([\d.]+) ns/op.*?\s+(\d+) B/op\s+(\d+) allocs/op`)

// reads runs the benchmarks of internal/provider and prints them beside each other.
func reads(ctx context.Context, quick bool) error {
	names := "Floor|Served|Framework|JSON|Start"
	if quick {
		names = "Floor|Served|JSON|Start"
	}
	measured, err := benchmarks(ctx, names)
	if err != nil {
		return err
	}
	fmt.Println("One ReadDataSource through the protocol, portals of servers × tools.")
	fmt.Println("Floor: decode the JSON into the wire types and marshal the finished state, nothing else.")
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "portal\tfloor ms\tserved ms\tserved MB\tallocations\tserved/floor\tframework/served\tencoding/json/served\t")
	for _, size := range []string{"1x2", "6x25", "40x30", "40x100", "40x250"} {
		floor, served, framework, json := measured["Floor/"+size], measured["Served/"+size], measured["Framework/"+size], measured["JSON/"+size]
		fmt.Fprintf(out, "%s\t%.2f\t%.2f\t%.1f\t%.0f\t%s\t%s\t%s\t\n", size, floor.nanoseconds/1e6, served.nanoseconds/1e6, served.bytes/1e6, served.allocations,
			ratio(served.nanoseconds, floor.nanoseconds), ratio(framework.nanoseconds, served.nanoseconds), ratio(json.nanoseconds, served.nanoseconds))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Printf("40x250 takes %s times as long as 40x100 (%s times its JSON).\n",
		ratio(measured["Served/40x250"].nanoseconds, measured["Served/40x100"].nanoseconds), "2.5")
	start := measured["Start/"]
	fmt.Printf("Making the provider, its schemas and its configuration: %.2f ms, %.0f allocations.\n\n", start.nanoseconds/1e6, start.allocations)
	return nil
}

func benchmarks(ctx context.Context, names string) (map[string]measurement, error) {
	root, err := tfcli.RepositoryRoot()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^Benchmark("+names+")$", "-benchmem", "-timeout=30m", "./internal/provider")
	command.Dir = root
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	measured := map[string]measurement{}
	for scanner := bufio.NewScanner(bytes.NewReader(output)); scanner.Scan(); {
		if m := line.FindStringSubmatch(scanner.Text()); m != nil {
			measured[m[1]+"/"+m[2]] = measurement{number(m[3]), number(m[4]), number(m[5])}
		}
	}
	if len(measured) == 0 {
		return nil, fmt.Errorf("no measurement in\n%s", output)
	}
	return measured, nil
}

func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err) // the expression matched digits
	}
	return n
}
