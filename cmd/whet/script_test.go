//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/whetgo/whet/analyze"
)

var update = flag.Bool("u", false, "rewrite what the scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"whet": main})
}

// TestScripts runs testdata/script/*.txtar, one behaviour each, against the command
// as a process of its own.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("the scripts build and run programs for minutes")
	}
	env := goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			e.Vars = append(e.Vars, "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOWORK=", "NO_COLOR=", "TERM=xterm",
				"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
			e.Values["env"] = e // completed by the script's own settings
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":      code,
			"interrupt": interrupt,
			"gone":      gone,
			"empty":     empty,
			"serve":     serve,
			"serveself": serveSelf,
			"interact":  interact,
			"schema":    schema,
			"mount":     mount,
			"cachejson": cachejson,
			"xml":       wellFormed,
		},
	})
}

func goEnv(t *testing.T, names ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for i, v := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		env = append(env, names[i]+"="+v)
	}
	return env
}

func need(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

// code N PROGRAM ARGS... runs a program that must exit with N.
func code(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "code N program args...")
	checkCode(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func checkCode(ts *testscript.TestScript, want string, err error) {
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("got exit code %d (%v), want %s", got, err, want)
	}
}

// interrupt N FILE PROGRAM ARGS... runs a program, sends it SIGINT when FILE is there
// and not empty, and checks its exit code. Its output goes to the files out and err.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 3, "interrupt N file program args...")
	stdout, err := os.Create(ts.MkAbs("out"))
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(ts.MkAbs("err"))
	ts.Check(err)
	defer stderr.Close()
	name := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[2])
	cmd := exec.Command(name, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = ts.Value("env").(*testscript.Env).Vars
	cmd.Stdout, cmd.Stderr = stdout, stderr
	ts.Check(cmd.Start())
	defer cmd.Process.Kill()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[1])); err == nil && info.Size() > 0 {
			break
		}
		if time.Now().After(end) {
			ts.Fatalf("%s did not appear; stderr: %s", args[1], ts.ReadFile("err"))
		}
	}
	sent := time.Now()
	ts.Check(cmd.Process.Signal(os.Interrupt))
	err = cmd.Wait()
	if took := time.Since(sent); took > 20*time.Second {
		ts.Fatalf("it took %v to end", took)
	}
	checkCode(ts, args[0], err)
}

// gone FILE checks that the process whose number is in FILE has ended.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "gone file")
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	for range 50 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("process %d is still there", pid)
}

// empty DIR checks that nothing was left in DIR.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "empty dir")
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("left in %s: %v", args[0], entries)
	}
}

// serve KIND starts a web server and sets $URL: "pprof" answers as net/http/pprof
// does, "slow" after a minute, "text" with a page, "redirect" leads to a pprof server,
// "loop" to itself, "down" is closed.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "serve kind")
	live := http.NewServeMux()
	live.HandleFunc("/debug/pprof/", pprof.Index)
	live.HandleFunc("/debug/pprof/profile", pprof.Profile)
	start := func(h http.Handler) *httptest.Server {
		s := httptest.NewServer(h)
		ts.Defer(func() { s.CloseClientConnections(); s.Close() })
		ts.Setenv("URL", s.URL)
		e := ts.Value("env").(*testscript.Env)
		e.Setenv("URL", s.URL)
		return s
	}
	switch args[0] {
	case "pprof":
		start(live)
	case "slow":
		start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		}))
	case "text":
		start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello</html>") }))
	case "redirect":
		target := start(live).URL
		start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target+r.URL.RequestURI(), http.StatusFound)
		}))
	case "loop":
		start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusFound)
		}))
	case "down":
		start(live).Close()
	default:
		ts.Fatalf("no server %q", args[0])
	}
}

// schema FILE checks that FILE holds findings of schema whet/1 and nothing else, at
// least one, each with what a reader needs.
func schema(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "schema file")
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	dec.DisallowUnknownFields()
	n := 0
	for ; ; n++ {
		var f analyze.Finding
		if err := dec.Decode(&f); err == io.EOF {
			break
		} else if err != nil {
			ts.Fatalf("finding %d: %v", n+1, err)
		}
		if f.Schema != analyze.Schema || f.ID == "" || f.Fingerprint == "" || f.Title == "" || f.Advice.Do == "" ||
			f.Confidence.Level.Rank() < 0 || f.Where().File == "" || f.Gain.How == "" || f.Repro == "" {
			ts.Fatalf("finding %d lacks something: %+v", n+1, f)
		}
	}
	if n == 0 {
		ts.Fatalf("no finding in %s", args[0])
	}
}

// condition answers [mount]: file systems may be mounted here.
func condition(cond string) (bool, error) {
	if cond != "mount" {
		return false, errors.New("unknown condition " + cond)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return false, err
	}
	defer os.Remove(dir)
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", dir).Run() != nil {
		return false, nil
	}
	return true, exec.Command("umount", dir).Run()
}

// mount DIR mounts a file system of 64 kB.
func mount(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "mount dir")
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	ts.Check(exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", dir).Run())
	ts.Defer(func() { exec.Command("umount", "-l", dir).Run() })
}
