package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// probeTimeout is below the usual limits of container platforms (5 s).
const probeTimeout = 3 * time.Second

// healthcheck asks the server of this machine whether it takes requests, for
// platforms that judge by the exit code of a command. A container without a
// shell has no other program to ask with.
func healthcheck(ctx context.Context, env environment, args []string) error {
	cfg, _, err := load(env, "healthcheck", args)
	if err != nil {
		return err
	}
	host := cfg.host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, cfg.port)+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("HOST is %q: %w", cfg.host, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w; is it running, and on the port in PORT?", err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10)) // the connection is not used again
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: it answered %d; its log says why", resp.StatusCode)
	}
	return nil
}
