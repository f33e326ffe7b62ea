// Command visualizer shows a Docker Swarm live on one web page: its nodes, and their tasks by service and state.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", setting("VISUALIZER_LISTEN", ":8080"), "address to serve on (VISUALIZER_LISTEN)")
	socket := flag.String("socket", setting("VISUALIZER_SOCKET", "/var/run/docker.sock"),
		"unix socket of a manager's Docker engine (VISUALIZER_SOCKET)")
	flag.Parse()
	if err := serve(*listen, *socket); err != nil {
		fmt.Fprintln(os.Stderr, "visualizer:", err)
		os.Exit(1)
	}
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func serve(listen, socket string) error {
	// As process 1 of a container it gets no default handling of signals.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot serve on %s: %w. Choose another address with -listen", listen, err)
	}
	watcher := &Watcher{Engine: NewEngine(socket), Pace: UsualPace}
	server := &http.Server{
		Handler:           NewHandler(watcher, NewHub(watcher.Run)),
		ReadHeaderTimeout: 10 * time.Second,
		// Ends the live streams too, which would otherwise keep Shutdown waiting.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	fmt.Printf("visualizer: serving on %s, reading %s\n", listener.Addr(), socket)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
