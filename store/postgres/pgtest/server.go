//go:build unix

// Package pgtest starts PostgreSQL servers for tests: each in a folder and on a port of its
// own, on the loopback interface, and as a user without privileges even if the test is root.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrAbsent is what Start returns on a machine without PostgreSQL.
var ErrAbsent = errors.New("pgtest: PostgreSQL is not installed (needs initdb and postgres)")

// User and Password are those of the servers' one account.
const (
	User     = "whet"
	Password = "hunter2-of-the-test"
)

// A Server is a process of its own. Its methods are not safe for concurrent use.
type Server struct {
	Addr string // host:port; a restart keeps it

	bin, dir string
	process  *exec.Cmd
	output   bytes.Buffer
	count    atomic.Int32
}

// Start makes a database cluster in a temporary folder, starts a server for it and waits
// until that answers, which takes about two seconds. Stop ends it and removes the folder.
func Start(ctx context.Context) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.dir, err = os.MkdirTemp("", "whet-postgres-"); err != nil {
		return nil, err
	}
	if err = s.init(ctx); err == nil {
		err = s.listen(ctx)
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// binaries returns the folder of initdb and postgres.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // as Debian keeps them
	slices.Sort(found)
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	for _, path := range slices.Backward(found) {
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", ErrAbsent
}

// init makes the cluster, in a folder of the server's user.
func (s *Server) init(ctx context.Context) error {
	passwords := filepath.Join(s.dir, "password")
	if err := os.WriteFile(passwords, []byte(Password), 0o600); err != nil {
		return err
	}
	if id := unprivileged(); id != nil {
		for _, path := range []string{s.dir, passwords} {
			if err := os.Chown(path, int(id.Uid), int(id.Gid)); err != nil {
				return err
			}
		}
	}
	cmd := s.command(ctx, "initdb", "-D", filepath.Join(s.dir, "data"), "-U", User, "--pwfile", passwords,
		"-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w: %s", err, out)
	}
	return nil
}

// unprivileged returns whose process the server is to be if that is not this process's
// user: it refuses to run as root.
func unprivileged() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: unprivileged(), Setpgid: true}
	return cmd
}

// listen starts the server on a port that is free.
func (s *Server) listen(ctx context.Context) (err error) {
	for range 5 { // somebody may take the port before the server does
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.Addr = l.Addr().String()
		if err = l.Close(); err != nil {
			return err
		}
		if err = s.Restart(ctx); err == nil {
			return nil
		}
	}
	return err
}

// Restart starts the server again after Kill, and waits until it answers.
func (s *Server) Restart(ctx context.Context) error {
	_, port, _ := net.SplitHostPort(s.Addr)
	s.output.Reset()
	// What a process has written outlives it even without fsync; a machine is not lost here.
	s.process = s.command(context.WithoutCancel(ctx), "postgres", "-D", filepath.Join(s.dir, "data"), "-p", port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
		"-c", "shared_buffers=64MB", "-c", "max_connections=60")
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	if err := s.process.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		if ctx.Err() != nil {
			s.Kill()
			return fmt.Errorf("pgtest: the server does not answer: %w\n%s", err, s.output.Bytes())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Kill ends the server and all its processes at once, as a crash does.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
	_ = s.process.Wait()
	s.process = nil
}

// Stop kills the server and removes its folder.
func (s *Server) Stop() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}

// DSN returns pgx's address of a database, with the password.
func (s *Server) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(User, Password), Host: s.Addr, Path: database}
	return u.String()
}

// Database makes a new, empty database and returns its name.
func (s *Server) Database(ctx context.Context) (string, error) {
	c, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	name := fmt.Sprintf("test%d", s.count.Add(1))
	_, err = c.Exec(ctx, "create database "+name)
	return name, err
}
