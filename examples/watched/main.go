// Watched is a small program under load that can be looked at while it runs: it quotes prices
// from a cache, a function with a memory, shared calendars and a store with a made-up venue, and serves what package monitor
// knows of all that at /debug/whet/ on a loopback address.
//
//	go run ./examples/watched
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/trace"
	"time"

	"github.com/whetgo/whet/dash"
	"github.com/whetgo/whet/monitor"
)

func main() {
	address := flag.String("http", "127.0.0.1:8080", "`address` to serve on")
	length := flag.Duration("for", 0, "end after this `time`; 0: at an interrupt")
	period := flag.Duration("every", time.Second, "`time` between samples")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *length > 0 {
		ctx, stop = context.WithTimeout(ctx, *length)
		defer stop()
	}
	if err := run(ctx, *address, *period); err != nil {
		fmt.Fprintln(os.Stderr, "watched:", err)
		os.Exit(1)
	}
}

// run serves the page and does the work until ctx ends.
func run(ctx context.Context, address string, period time.Duration) error {
	var registry monitor.Registry
	registry.Add(monitor.Runtime())
	desk, err := newDesk(ctx, &registry)
	if err != nil {
		return err
	}
	defer desk.close()

	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	history := monitor.NewHistory(&registry, &monitor.HistoryOptions{Period: period, Logger: log})
	go history.Run(ctx)

	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 5 * time.Second})
	if err := recorder.Start(); err != nil {
		return err
	}
	defer recorder.Stop()
	page := dash.New(history, &dash.Options{Profiles: true, Trace: recorder})

	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/whet/", page)
	mux.Handle("/{$}", http.RedirectHandler("/debug/whet/", http.StatusFound))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	server.RegisterOnShutdown(page.Close)
	fmt.Printf("http://%s/debug/whet/\n", listener.Addr())

	desk.open(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = server.Shutdown(late)
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		return served
	}
	return err
}
