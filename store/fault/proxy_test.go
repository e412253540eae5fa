package fault_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/whetgo/whet/store/fault"
)

// echo starts a server that says back every line.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func listen(t *testing.T, to string) *fault.Proxy {
	t.Helper()
	p, err := fault.Listen(to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

type client struct {
	net.Conn
	lines *bufio.Reader
}

func dial(t *testing.T, p *fault.Proxy) client {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return client{c, bufio.NewReader(c)}
}

// ask sends a line and returns the answer.
func (c client) ask(line string, patience time.Duration) (string, error) {
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", err
	}
	return c.answer(patience)
}

func (c client) answer(patience time.Duration) (string, error) {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	line, err := c.lines.ReadString('\n')
	return strings.TrimSpace(line), err
}

func wantAnswer(t *testing.T, c client, line string) {
	t.Helper()
	if got, err := c.ask(line, time.Minute); got != line || err != nil {
		t.Fatalf("asking %q: got %q, %v", line, got, err)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func TestCut(t *testing.T) {
	p := listen(t, echo(t))
	a, b := dial(t, p), dial(t, p)
	wantAnswer(t, a, "one")
	wantAnswer(t, b, "two")
	if n := p.Cut(); n != 2 {
		t.Errorf("cut %d connections, want 2", n)
	}
	for _, c := range []client{a, b} {
		if _, err := c.answer(time.Minute); err == nil || isTimeout(err) {
			t.Errorf("after the cut: %v", err)
		}
	}
	if n := p.Conns(); n != 0 {
		t.Errorf("%d connections left", n)
	}
	wantAnswer(t, dial(t, p), "three")
	if p.Bytes() != 2*(4+4+6) {
		t.Errorf("%d bytes passed", p.Bytes())
	}
}

func TestRefuse(t *testing.T) {
	p := listen(t, echo(t))
	old := dial(t, p)
	wantAnswer(t, old, "one")
	p.Refuse(true)
	if c, err := net.Dial("tcp", p.Addr()); err == nil {
		defer c.Close()
		if _, err := (client{c, bufio.NewReader(c)}).answer(time.Minute); err == nil || isTimeout(err) {
			t.Errorf("a new connection: %v", err)
		}
	}
	wantAnswer(t, old, "two")
	p.Refuse(false)
	wantAnswer(t, dial(t, p), "three")
}

func TestMute(t *testing.T) {
	p := listen(t, echo(t))
	c := dial(t, p)
	wantAnswer(t, c, "one")
	p.Mute(true)
	if got, err := c.ask("two", 50*time.Millisecond); !isTimeout(err) {
		t.Errorf("while mute: %q, %v", got, err)
	}
	p.Mute(false)
	if got, err := c.answer(time.Minute); got != "two" || err != nil {
		t.Errorf("after: %q, %v", got, err)
	}
	p.Mute(true)
	if got, err := c.ask("three", 50*time.Millisecond); !isTimeout(err) {
		t.Errorf("while mute again: %q, %v", got, err)
	}
	p.Cut()
	p.Heal()
	if got, err := c.answer(time.Minute); err == nil || isTimeout(err) {
		t.Errorf("cut while mute: %q, %v", got, err)
	}
}

func TestSlow(t *testing.T) {
	p := listen(t, echo(t))
	c := dial(t, p)
	p.Slow(20 * time.Millisecond)
	start := time.Now()
	wantAnswer(t, c, "one")
	if took := time.Since(start); took < 40*time.Millisecond {
		t.Errorf("twice 20 ms are %v", took)
	}
}

func TestTo(t *testing.T) {
	p := listen(t, "127.0.0.1:1")
	if c, err := net.Dial("tcp", p.Addr()); err == nil {
		defer c.Close()
		if _, err := (client{c, bufio.NewReader(c)}).answer(time.Minute); err == nil || isTimeout(err) {
			t.Errorf("without a server: %v", err)
		}
	}
	p.To(echo(t))
	wantAnswer(t, dial(t, p), "one")
}

func TestCloseEndsAll(t *testing.T) {
	to := echo(t)
	p, err := fault.Listen(to)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		wantAnswer(t, dial(t, p), "one")
	}
	p.Mute(true)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; strings.Contains(string(stacks), "fault.(*Proxy)") {
		t.Errorf("goroutines left:\n%s", stacks)
	}
	if c, err := net.Dial("tcp", p.Addr()); err == nil {
		_ = c.Close()
		t.Error("it still listens")
	}
}
