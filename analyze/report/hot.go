package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/whetgo/whet/analyze"
	"github.com/whetgo/whet/internal/terminal"
	"github.com/whetgo/whet/profile"
)

// hotFuncs is how many functions are listed for a workload.
const hotFuncs = 6

// Hot writes where the time of each workload went: the functions of the subject that
// are responsible for most of its CPU profile, whether or not anything is to be said
// against them.
func Hot(w io.Writer, s *analyze.Session, o Options) error {
	sc := newScreen(o)
	for _, wl := range s.Workloads {
		ix := s.Index(wl, "cpu", "cpu")
		if ix.Total > 0 {
			sc.hot(s, wl, ix)
		}
	}
	_, err := sc.WriteTo(w)
	return err
}

func (s screen) hot(session *analyze.Session, wl *analyze.Workload, ix *profile.Index) {
	title := "time of " + terminal.Clean(wl.Name)
	if t := wl.SecPerOp(); t > 0 {
		title += ", " + quantity(t, "sec/op")
	}
	if ix.GC > 0 {
		title += ", " + share(ix.Share(ix.GC)) + " of it collecting garbage"
	}
	s.Heading(title)
	for i, f := range ix.Ranked() {
		if i == hotFuncs {
			break
		}
		at := session.RelPath(f.File)
		if len(f.Lines) > 0 {
			at += ":" + strconv.Itoa(f.Lines[0].Line)
		}
		s.Line(fmt.Sprintf("  %5s ", share(ix.Share(f.Own))) + s.Hue(terminal.Cyan, terminal.Pad(bars(ix.Share(f.Own)), bar)) + "  " +
			terminal.Clean(shortFunc(f.Name)) + s.Dim("  "+terminal.Clean(at)))
	}
}
