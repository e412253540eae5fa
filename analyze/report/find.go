package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/whetgo/whet/analyze"
)

// minPrefix is the shortest beginning of a fingerprint that names a finding: shorter
// ones would be taken for typing errors' luck.
const minPrefix = 4

// Find returns the finding that name means: its number on the first screen, its ID,
// or the beginning of its ID or fingerprint. The error says why there is none, or
// which ones it could be.
func Find(fs []analyze.Finding, name string) (*analyze.Finding, error) {
	for i := range fs {
		if name != "" && (fs[i].ID == name || fs[i].Fingerprint == name) {
			return &fs[i], nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(fs) {
		return &fs[n-1], nil
	}
	var hits []*analyze.Finding
	for i := range fs {
		if len(name) >= minPrefix && (strings.HasPrefix(fs[i].ID, name) || strings.HasPrefix(fs[i].Fingerprint, name)) {
			hits = append(hits, &fs[i])
		}
	}
	switch {
	case len(hits) == 1:
		return hits[0], nil
	case len(hits) > 1:
		return nil, fmt.Errorf("%q could be %s or %s: write more of it", name, hits[0].ID, hits[1].ID)
	case len(fs) == 0:
		return nil, fmt.Errorf("no finding %q: the last run found nothing", name)
	}
	return nil, fmt.Errorf("no finding %q in the last run, which has 1 to %d", name, len(fs))
}
