// Package report renders the figures of the comparison.
package report

import (
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/whetgo/whet/bench"
	"github.com/whetgo/whet/compare/measure"
)

// Results are all that was measured in a run. What is empty was not asked for.
type Results struct {
	Machine  bench.Machine      `json:"machine"`
	CPU      string             `json:"cpu"`
	Time     time.Time          `json:"time"`
	Command  string             `json:"command"` // that repeats the run
	Rounds   int                `json:"rounds"`
	Sample   time.Duration      `json:"sample_ns"`
	Scale    int                `json:"scale"`    // all sizes were divided by it
	Versions map[string]string  `json:"versions"` // of modules, by path
	Speed    []measure.Speed    `json:"speed,omitempty"`
	Lifetime []measure.Lifetime `json:"lifetime,omitempty"`
	Latency  []measure.Latency  `json:"latency,omitempty"`
	Bound    []measure.Bound    `json:"bound,omitempty"`
	Memory   []measure.Memory   `json:"memory,omitempty"`
	HitRatio []measure.HitRatio `json:"hit_ratio,omitempty"`
}

// CPU returns the processor's name, "" if the system does not tell.
func CPU() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Versions returns the versions of the modules that this program is made of, by path.
// That of a test binary does not say.
func Versions() map[string]string {
	versions := make(map[string]string)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	return versions
}
