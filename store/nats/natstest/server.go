// Package natstest starts NATS servers with JetStream for tests: each a process of its own, in
// a folder and on a port of its own, on the loopback interface. The process is the test's program
// itself, which so must begin with Main:
//
//	func TestMain(m *testing.M) {
//		natstest.Main()
//		os.Exit(m.Run())
//	}
package natstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// User and Second are the users that servers know; Password is that of both.
const (
	User     = "whet"
	Second   = "second"
	Password = "hunter2-of-the-test"
)

const (
	envDir  = "WHET_NATSTEST_DIR"
	envPort = "WHET_NATSTEST_PORT"
	envSync = "WHET_NATSTEST_SYNC"
)

// Main is the server, if this process was started to be one, and then does not return.
func Main() {
	dir := os.Getenv(envDir)
	if dir == "" {
		return
	}
	if err := serve(dir); err != nil {
		fmt.Fprintln(os.Stderr, "natstest:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs a server until whoever started it is gone.
func serve(dir string) error {
	port, err := strconv.Atoi(os.Getenv(envPort))
	if err != nil {
		return err
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port,
		Users:     []*server.User{{Username: User, Password: Password}, {Username: Second, Password: Password}},
		JetStream: true, StoreDir: dir, SyncAlways: os.Getenv(envSync) != "", NoLog: true, NoSigs: true, MaxPending: 256 << 20})
	if err != nil {
		return err
	}
	s.Start()
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	return err
}

// A Server is a process of its own. Its methods are not safe for concurrent use.
type Server struct {
	Addr string // host:port; a restart keeps it

	dir     string
	sync    bool
	process *exec.Cmd
	stdin   io.Closer
}

// Start starts a server and waits until it answers. Stop ends it and removes its folder. If
// sync is set every message is on the disk before it is acknowledged, and so outlives Kill.
func Start(ctx context.Context, sync bool) (*Server, error) {
	dir, err := os.MkdirTemp("", "whet-nats-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, sync: sync}
	for range 5 { // somebody may take the port before the server does
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		s.Addr = l.Addr().String()
		_ = l.Close()
		if err = s.Restart(ctx); err == nil {
			return s, nil
		}
	}
	s.Stop()
	return nil, errors.New("natstest: the server does not answer")
}

// Restart starts the server again after Kill, and waits until it answers.
func (s *Server) Restart(ctx context.Context) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(s.Addr)
	s.process = exec.Command(program)
	s.process.Env = append(os.Environ(), envDir+"="+s.dir, envPort+"="+port)
	if s.sync {
		s.process.Env = append(s.process.Env, envSync+"=1")
	}
	s.process.Stderr = os.Stderr
	if s.stdin, err = s.process.StdinPipe(); err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.Kill()
			return fmt.Errorf("natstest: the server does not answer: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// answers returns nil when JetStream does.
func (s *Server) answers(ctx context.Context) error {
	c, err := nats.Connect("nats://"+s.Addr, nats.UserInfo(User, Password), nats.NoReconnect(), nats.Timeout(time.Second))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.RequestWithContext(ctx, "$JS.API.INFO", nil)
	return err
}

// Connections returns how many the server has of a user.
func (s *Server) Connections(ctx context.Context, user string) (int, error) {
	c, err := nats.Connect("nats://"+s.Addr, nats.UserInfo(User, Password))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	question, err := json.Marshal(server.ConnzOptions{Username: true, User: user})
	if err != nil {
		return 0, err
	}
	m, err := c.RequestWithContext(ctx, "$SYS.REQ.ACCOUNT.PING.CONNZ", question)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Data struct {
			Total int `json:"total"`
			Conns []struct {
				User string `json:"authorized_user"`
			} `json:"connections"`
		}
		Error any
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil || answer.Error != nil {
		return 0, fmt.Errorf("natstest: connections: %w %v", err, answer.Error)
	}
	return len(answer.Data.Conns), nil
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	_ = s.stdin.Close()
	s.process = nil
}

// Stop kills the server and removes its folder.
func (s *Server) Stop() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}
