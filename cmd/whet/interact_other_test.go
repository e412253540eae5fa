//go:build unix && !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

func interact(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("needs a pseudo-terminal of Linux")
}
