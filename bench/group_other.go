//go:build !unix

package bench

import (
	"os/exec"
	"time"
)

// group lets the command be killed when its context ends; there are no process groups
// here.
func group(cmd *exec.Cmd, grace time.Duration) { cmd.WaitDelay = grace + 2*time.Second }
