package valkey_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	client "github.com/valkey-io/valkey-go"
	"github.com/whetgo/whet/cache/valkey"
)

// A server is a process of its own on the loopback interface.
type server struct {
	binary, address string
	args            []string
	process         *exec.Cmd
}

// binary finds a server to test with.
func binary() (string, error) {
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither valkey-server nor redis-server is installed")
}

// startServer starts a server and stops it after the test. Without one the test is skipped,
// unless all is asked for.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	path, err := binary()
	if err != nil && os.Getenv("WHET_ALL") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for range 5 { // somebody may take the port before the server does
		s := &server{binary: path, address: freeAddress(t)}
		_, port, _ := net.SplitHostPort(s.address)
		s.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir}, args...)
		if err = s.start(); err == nil {
			t.Cleanup(s.kill)
			return s
		}
	}
	t.Fatal(err)
	return nil
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the process and waits until it answers.
func (s *server) start() error {
	s.process = exec.Command(s.binary, s.args...)
	if err := s.process.Start(); err != nil {
		return err
	}
	for range 200 {
		if s.answers() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.kill()
	return errors.New("the server does not answer")
}

func (s *server) answers() bool {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	_, err = c.Write([]byte("PING\r\n"))
	answer := make([]byte, 1)
	if err == nil {
		_, err = c.Read(answer)
	}
	return err == nil // it may also want a password
}

func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

func (s *server) options() client.ClientOption { return optionsOf(s.address) }

// patience is how long tests wait for what should come at once, on a machine that has other
// things to do.
const patience = 30 * time.Second

func optionsOf(address string) client.ClientOption {
	return client.ClientOption{InitAddress: []string{address}, ConnWriteTimeout: patience}
}

// command sends a command as somebody else.
func (s *server) command(t testing.TB, args ...string) client.ValkeyResult {
	t.Helper()
	o := s.options()
	o.ForceSingleClient, o.DisableCache = true, true
	c, err := client.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.Do(context.Background(), c.B().Arbitrary(args...).Build())
}

// newTier returns a tier that is closed after the test. It has patience with the server if
// the options do not say how much.
func newTier[K comparable, V any](t testing.TB, address, prefix string, opts *valkey.Options[K, V]) *valkey.Tier[K, V] {
	t.Helper()
	var o valkey.Options[K, V]
	if opts != nil {
		o = *opts
	}
	if o.Timeout == 0 {
		o.Timeout = patience
	}
	tier, err := valkey.New(optionsOf(address), prefix, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tier.Close)
	return tier
}

// eventually waits until ok, and fails the test if that takes much longer than it ever should.
func eventually(t testing.TB, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(100 * time.Microsecond)
	}
	return time.Since(start)
}
