package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// interact N FILE PROGRAM ARGS... runs a program at a terminal of its own, which is done to
// as the lines of FILE say, and checks its exit code:
//
//	expect PATTERN       waits until what is on the screen matches
//	send KEYS            types; ^C is the interrupt key
//	resize WIDTH HEIGHT  changes the size of the terminal
func interact(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "interact N file program args...")
	t, err := openTerminal()
	ts.Check(err)
	defer t.close()
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
		ts.Fatalf("it does not end; it shows: %s", t.shown())
	}
	<-t.drawn // all that it wrote before it ended
	if t.alternate() {
		ts.Fatalf("the terminal was not left as it was")
	}
}

// A pseudoTerminal is the other side of a program's terminal, with the screen that the
// program draws on. What is on it does not depend on how often the program drew it.
type pseudoTerminal struct {
	master, slave *os.File
	drawn         chan struct{} // closed when no program has the terminal any more
	answering     sync.WaitGroup

	mu     sync.Mutex
	screen *vt.Emulator
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
	if err != nil {
		return nil, err
	}
	t := &pseudoTerminal{master: master, slave: slave, drawn: make(chan struct{}), screen: vt.NewEmulator(1, 1)}
	go t.draw()
	t.answering.Go(func() { _, _ = io.Copy(master, t.screen) }) // what a terminal answers when it is asked
	return t, nil
}

func (t *pseudoTerminal) close() {
	t.master.Close()
	t.screen.InputPipe().(io.Closer).Close()
	t.answering.Wait()
	<-t.drawn
}

func (t *pseudoTerminal) resize(width, height int) error {
	t.mu.Lock()
	t.screen.Resize(width, height)
	t.mu.Unlock()
	return unix.IoctlSetWinsize(int(t.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(width), Row: uint16(height)})
}

// draw draws what the program writes, until it has no terminal any more.
func (t *pseudoTerminal) draw() {
	defer close(t.drawn)
	for b := make([]byte, 4096); ; {
		n, err := t.master.Read(b)
		t.mu.Lock()
		t.screen.Write(b[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// shown returns the text on the screen.
func (t *pseudoTerminal) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.String()
}

// alternate reports whether the program draws on a screen of its own.
func (t *pseudoTerminal) alternate() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen.IsAltScreen()
}

func (t *pseudoTerminal) step(line string) error {
	what, arg, _ := strings.Cut(line, " ")
	switch what {
	case "send":
		_, err := t.master.WriteString(strings.ReplaceAll(arg, "^C", "\x03"))
		return err
	case "resize":
		var width, height int
		if _, err := fmt.Sscan(arg, &width, &height); err != nil {
			return err
		}
		return t.resize(width, height)
	case "expect":
		re, err := regexp.Compile(arg)
		for end := time.Now().Add(time.Minute); err == nil && !re.MatchString(t.shown()); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				return fmt.Errorf("not drawn; but: %s", t.shown())
			}
		}
		return err
	}
	return fmt.Errorf("no step %q", what)
}
