package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/whetgo/whet/store/nats/natstest"
)

func TestMain(m *testing.M) {
	natstest.Main()
	if os.Getenv("FANOUT_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// fanout returns the command as a process of its own.
func fanout(ctx context.Context, t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Env = append(os.Environ(), "FANOUT_MAIN=1", "WHET_PASSWORD="+natstest.Password)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

func TestOneToThree(t *testing.T) {
	srv, err := natstest.Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Stop()
	dsn := fmt.Sprintf("nats://%s?user=%s", srv.Addr, natstest.User)
	ctx, cancel := context.WithCancel(t.Context())
	var readers []*exec.Cmd
	var outs []*bytes.Buffer
	for range 3 { // they wait for who publishes
		cmd, out := fanout(t.Context(), t, "-dsn", dsn, "-ticks", "20", "read")
		readers, outs = append(readers, cmd), append(outs, out)
	}
	publisher, said := fanout(ctx, t, "-dsn", dsn, "publish")
	form := regexp.MustCompile(`^reading\n20 ticks, from \d+ to \d+, 0 missing\n$`)
	for i, cmd := range readers {
		if err := cmd.Wait(); err != nil || !form.MatchString(outs[i].String()) {
			t.Errorf("reader %d: %v, %q", i, err, outs[i])
		}
	}
	cancel()
	_ = publisher.Wait()
	if !strings.Contains(said.String(), "publishing") {
		t.Errorf("the publisher said %q", said)
	}
}
