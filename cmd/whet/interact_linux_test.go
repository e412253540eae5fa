package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// interact N FILE PROGRAM ARGS... runs a program at a terminal of its own, which is done to
// as the lines of FILE say, and checks its exit code:
//
//	expect PATTERN       waits until what was drawn since the last one matches
//	send KEYS            types; ^C is the interrupt key
//	resize WIDTH HEIGHT  changes the size of the terminal
func interact(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "interact N file program args...")
	t, err := openTerminal()
	ts.Check(err)
	defer t.master.Close()
	ts.Check(t.resize(100, 30))
	name := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[2])
	cmd := exec.Command(name, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = ts.Value("env").(*testscript.Env).Vars
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.slave, t.slave, t.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(cmd.Start())
	t.slave.Close()
	defer cmd.Process.Kill()
	go t.read()
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if err := t.step(strings.TrimSpace(line)); err != nil {
			ts.Fatalf("%s: %v", strings.TrimSpace(line), err)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		checkCode(ts, args[0], err)
	case <-time.After(time.Minute):
		ts.Fatalf("it does not end; it drew: %s", t.drawn())
	}
	if !strings.Contains(t.all(), "\x1b[?1049l") {
		ts.Fatalf("the terminal was not left as it was")
	}
}

// A terminal is the other side of a program's terminal.
type pseudoTerminal struct {
	master, slave *os.File

	mu   sync.Mutex
	text []byte // all that was drawn
	seen int    // how much of it was expected
}

func openTerminal() (*pseudoTerminal, error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		return nil, err
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		return nil, err
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	return &pseudoTerminal{master: master, slave: slave}, err
}

func (t *pseudoTerminal) resize(width, height uint16) error {
	return unix.IoctlSetWinsize(int(t.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height})
}

func (t *pseudoTerminal) read() {
	for b := make([]byte, 4096); ; {
		n, err := t.master.Read(b)
		t.mu.Lock()
		t.text = append(t.text, b[:n]...)
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (t *pseudoTerminal) all() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// drawn returns the text that was drawn since the last that was expected.
func (t *pseudoTerminal) drawn() string { return ansi.Strip(t.all()[t.seen:]) }

func (t *pseudoTerminal) step(line string) error {
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "send":
		_, err := t.master.WriteString(strings.ReplaceAll(arg, "^C", "\x03"))
		return err
	case "resize":
		var width, height uint16
		if _, err := fmt.Sscan(arg, &width, &height); err != nil {
			return err
		}
		return t.resize(width, height)
	case "expect":
		re, err := regexp.Compile(arg)
		for end := time.Now().Add(30 * time.Second); err == nil && !re.MatchString(t.drawn()); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				return fmt.Errorf("not drawn; but: %q", t.drawn())
			}
		}
		t.seen = len(t.all())
		return err
	}
	return fmt.Errorf("no step %q", what)
}
