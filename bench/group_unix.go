//go:build unix

package bench

import (
	"os/exec"
	"syscall"
	"time"
)

// group puts the child into its own process group, and has the group interrupted,
// then killed, when the command's context ends.
func group(cmd *exec.Cmd, grace time.Duration) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if grace > 0 {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
			pid := cmd.Process.Pid
			time.AfterFunc(grace, func() { syscall.Kill(-pid, syscall.SIGKILL) })
			return nil
		}
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	cmd.WaitDelay = grace + 2*time.Second
}
