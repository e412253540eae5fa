package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// maxOutput is how much of a child's output is kept, in bytes: enough for a hundred
// thousand benchmark lines. What a program prints beyond it is dropped.
const maxOutput = 16 << 20

// ErrTimeout is the cause of an Outcome whose child was stopped for taking too long.
var ErrTimeout = errors.New("took too long")

// An Exec is a child process to run to its end.
type Exec struct {
	Path    string
	Args    []string
	Dir     string
	Env     []string      // added to the environment
	Timeout time.Duration // 0: none
	Grace   time.Duration // between the interrupt and the kill when it is stopped; 0 kills at once
	Tee     io.Writer     // also receives the output; nil: nobody
}

// An Outcome is how a child ended.
type Outcome struct {
	Output []byte // standard output and error, interleaved, at most 16 MB
	Stdout []byte // standard output alone
	Stderr []byte // standard error alone
	Took   time.Duration
	CPU    time.Duration // of the child itself, user and system
	Err    error         // nil: exit status 0; wraps ErrTimeout if it was stopped for that
}

// Run starts the child in a process group of its own and waits for its end. When ctx
// or the time ends, the whole group is killed, so that nothing that the child started
// outlives it.
func (e Exec) Run(ctx context.Context) Outcome {
	if e.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, e.Timeout, fmt.Errorf("%w (more than %v)", ErrTimeout, e.Timeout.Round(100*time.Millisecond)))
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, e.Path, e.Args...)
	cmd.Dir = e.Dir
	cmd.Env = append(os.Environ(), e.Env...)
	var out, stdout, stderr limited
	both := &serial{w: tee(&out, e.Tee)}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(both, &stdout), io.MultiWriter(both, &stderr)
	group(cmd, e.Grace)
	start := time.Now()
	err := cmd.Run()
	o := Outcome{Output: out.Bytes(), Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Took: time.Since(start), Err: err}
	if cmd.ProcessState != nil {
		o.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err != nil && ctx.Err() != nil {
		o.Err = context.Cause(ctx)
	}
	return o
}

func tee(w, also io.Writer) io.Writer {
	if also == nil {
		return w
	}
	return io.MultiWriter(w, also)
}

// serial lets one write through at a time: the child's two streams come from two
// goroutines, and Tee need not know.
type serial struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

// limited keeps the first maxOutput bytes written to it, and never fails.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := maxOutput - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// Complaint returns the part of a failed child's output that says why it failed, at
// most n lines: from its panic, fatal error or failed test on, else the last lines.
func Complaint(output []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	from := max(0, len(lines)-n)
	for i, l := range lines {
		if strings.HasPrefix(l, "panic: ") || strings.HasPrefix(l, "fatal error: ") || strings.Contains(l, "--- FAIL: ") {
			from = i
			break
		}
	}
	return strings.Join(lines[from:min(len(lines), from+n)], "\n")
}
