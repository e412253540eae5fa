package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// A Role is what a process that a test has started does, until its standard input ends. It says lines to the test.
type Role func(ctx context.Context, arg string, say func(words ...any)) error

const (
	envRole = "WHET_STORETEST_ROLE"
	envArg  = "WHET_STORETEST_ARG"
)

// Main plays a role, if this process was started to play one, and then does not return. A test's program
// that starts processes must begin with it:
//
//	func TestMain(m *testing.M) {
//		storetest.Main(nil)
//		os.Exit(m.Run())
//	}
func Main(roles map[string]Role) {
	name := os.Getenv(envRole)
	if name == "" {
		return
	}
	role := roles[name]
	if name == clientRole {
		role = client
	}
	if role == nil {
		fmt.Fprintf(os.Stderr, "storetest: no role %q\n", name)
		os.Exit(2)
	}
	if err := play(role); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// play plays a role until there is no more input.
func play(role Role) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var mu sync.Mutex // one line at a time
	return role(ctx, os.Getenv(envArg), func(words ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(os.Stdout, words...) // one write: a line is said whole or not at all
	})
}

// A Process is one that plays a role. One goroutine may use it.
type Process struct {
	t     testing.TB
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// Play starts a process that plays a role, with an argument that is passed on as JSON. It is killed when ctx ends.
func Play(ctx context.Context, t testing.TB, role string, arg any) *Process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(arg)
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, cmd: exec.CommandContext(ctx, program)}
	p.cmd.Env = append(os.Environ(), envRole+"="+role, envArg+"="+string(data))
	p.cmd.Stderr = os.Stderr
	stdout, err := p.cmd.StdoutPipe()
	if err == nil {
		p.stdin, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(stdout)
	return p
}

// Line returns the words of the next line that the process says, or ends the test if there is none.
func (p *Process) Line() []string {
	p.t.Helper()
	if !p.lines.Scan() {
		p.Kill()
		p.t.Fatalf("the process says no more: %v, %v", p.lines.Err(), p.cmd.ProcessState)
	}
	return strings.Fields(p.lines.Text())
}

// Kill ends the process at once: it can do nothing about it. It returns what the process has said until
// then and was not read.
func (p *Process) Kill() (unread [][]string) {
	_ = p.cmd.Process.Kill()
	for p.lines.Scan() {
		unread = append(unread, strings.Fields(p.lines.Text()))
	}
	_ = p.cmd.Wait()
	return unread
}

// End ends the input of the process, and waits for it to end by itself.
func (p *Process) End() {
	p.t.Helper()
	_ = p.stdin.Close()
	for p.lines.Scan() { // it may have something to say
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the process has failed: %v", err)
	}
}
