package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/whetgo/whet/dash"
	"github.com/whetgo/whet/monitor"
	"github.com/whetgo/whet/store"
)

// watch serves what a store says of itself under /debug/whet/ until ctx ends, and returns where.
func watch(ctx context.Context, address string, s *store.Store) (url string, err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	var registry monitor.Registry
	monitor.Watch(&registry, "/store/survivor", s)
	history := monitor.NewHistory(&registry, nil)
	page := dash.New(history, nil)
	mux := http.NewServeMux()
	mux.Handle("/debug/whet/", page)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	server.RegisterOnShutdown(page.Close)
	go history.Run(ctx)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // the listener was ours alone
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return "http://" + listener.Addr().String() + "/debug/whet/", nil
}
