// Bench measures the provider and prints ratios, which say the same on any
// machine that is otherwise idle: how much more a read costs than decoding its
// JSON and encoding its state, how much less than on the framework's own way,
// and how the time of whole plans grows with the portal.
//
//	go run ./internal/cmd/bench            everything, some minutes
//	go run ./internal/cmd/bench -quick     without the framework's own way, which is what takes them
//	go run ./internal/cmd/bench -json F    puts the plans' figures into the file F as well, for `make pictures`
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	quick := flag.Bool("quick", false, "leave out the framework's own way to the state")
	file := flag.String("json", "", "put the figures of the plans into `file` as well")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := reads(ctx, *quick)
	if err == nil {
		err = plans(ctx, *file)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// ratio returns a/b as it is printed, "–" if one was not measured.
func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}
