package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/whetgo/whet/cmd/whet/shell"
	"github.com/whetgo/whet/internal/terminal"
)

// draw shows samples on the terminal until the reader leaves.
func (w *watching) draw(ctx context.Context, first *sample) error {
	o := []tea.ProgramOption{tea.WithContext(ctx), tea.WithOutput(w.Stdout), tea.WithoutSignalHandler()}
	s := newScreen(ctx, w.source, w.interval, w.Options().Color)
	s.take(first)
	_, err := tea.NewProgram(s, o...).Run()
	if ctx.Err() != nil {
		w.Code = shell.ExitInterrupted
		return nil
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	return err
}

// A screen is the state of the terminal view.
type screen struct {
	ctx      context.Context
	source   *source
	interval time.Duration
	style    style

	sample        *sample
	history       history
	trouble       error // of the last try
	width, height int
	top           int // the first metric that is shown
	paused, help  bool
}

type style struct{ head, dim, warn, line lipgloss.Style }

func newScreen(ctx context.Context, source *source, interval time.Duration, colour bool) *screen {
	s := &screen{ctx: ctx, source: source, interval: interval, width: 80, height: 24}
	plain := lipgloss.NewStyle()
	s.style = style{plain, plain, plain, plain}
	if colour {
		s.style.head = plain.Bold(true)
		s.style.dim = plain.Faint(true)
		s.style.warn = plain.Foreground(lipgloss.Yellow)
		s.style.line = plain.Foreground(lipgloss.Cyan)
	}
	return s
}

// What comes to the screen beside keys.
type (
	tick  struct{}
	taken struct {
		sample *sample
		err    error
	}
)

func (s *screen) Init() tea.Cmd { return s.later() }

func (s *screen) later() tea.Cmd {
	return tea.Tick(s.interval, func(time.Time) tea.Msg { return tick{} })
}

func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 { // a terminal may not know
			s.width, s.height = msg.Width, msg.Height
		}
		s.move(0)
	case tick:
		if s.paused {
			return s, s.later()
		}
		return s, func() tea.Msg {
			sample, err := s.source.sample(s.ctx)
			return taken{sample, err}
		}
	case taken:
		if s.trouble = msg.err; msg.err == nil && !s.paused {
			s.take(msg.sample)
		}
		return s, s.later()
	case tea.KeyPressMsg:
		return s, s.key(msg.String())
	}
	return s, nil
}

func (s *screen) take(sample *sample) {
	s.sample = sample
	s.history.add(sample)
	s.move(0)
}

func (s *screen) key(k string) tea.Cmd {
	if s.help && k != "q" && k != "ctrl+c" {
		s.help = false
		return nil
	}
	switch k {
	case "q", "ctrl+c", "esc":
		return tea.Quit
	case "p", "space":
		s.paused = !s.paused
	case "?", "h":
		s.help = true
	case "up", "k":
		s.move(-1)
	case "down", "j":
		s.move(1)
	case "pgup":
		s.move(-s.room())
	case "pgdown":
		s.move(s.room())
	case "home", "g":
		s.move(-s.top)
	case "end", "G":
		s.move(len(s.sample.Metrics))
	}
	return nil
}

// move moves the list, within its bounds.
func (s *screen) move(by int) {
	s.top = max(0, min(s.top+by, len(s.sample.Metrics)-s.room()))
}

// room returns how many metrics fit on the screen.
func (s *screen) room() int { return max(1, s.height-len(s.above())-1) }

func (s *screen) View() tea.View {
	v := tea.NewView(s.text())
	v.AltScreen = true
	v.WindowTitle = "whet watch " + terminal.Clean(s.sample.Source)
	return v
}

// text returns the screen: as many lines as there are, none longer than it is wide.
func (s *screen) text() string {
	lines := s.above()
	if s.help {
		lines = append(lines, strings.Split(keys, "\n")...)
	} else {
		ms := s.sample.Metrics
		for i := s.top; i < min(s.top+s.room(), len(ms)); i++ {
			lines = append(lines, s.row(&ms[i]))
		}
	}
	for len(lines) < s.height-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, min(len(lines), s.height-1))], s.foot())
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], max(1, s.width), "…")
	}
	return strings.Join(lines, "\n")
}

const keys = `
  q, Esc       leave
  p, Space     pause, and go on
  ↑ ↓          one metric up, down
  PgUp PgDn    a screen up, down
  Home End     the first, the last
  ?            this

  Counters show their total, then what they become more in a second; the course is
  that of the rate. Of others it is that of the value. Any key goes back.`

// above returns the lines above the metrics: what is watched, its state, its advice.
func (s *screen) above() []string {
	lines := []string{s.style.head.Render(terminal.Clean(s.title())) + "  " + s.style.dim.Render(terminal.Clean(s.sample.Source))}
	if s.trouble != nil {
		lines = append(lines, s.style.warn.Render("! "+terminal.Clean(s.trouble.Error())+"; trying again"))
	}
	most := max(1, s.height/6)
	for i, a := range s.sample.Advice {
		if i == most && len(s.sample.Advice) > most {
			lines = append(lines, s.style.dim.Render(fmt.Sprintf("  and %d more", len(s.sample.Advice)-most)))
			break
		}
		lines = append(lines, s.style.warn.Render("! "+terminal.Clean(a.head())), s.style.dim.Render("  → "+terminal.Clean(a.Do)))
	}
	return append(lines, "")
}

func (s *screen) title() string {
	if s.sample.Process != "" {
		return s.sample.Process
	}
	return "a process"
}

// row returns the line of a metric: name, value, rate, course and note, as far as they fit.
func (s *screen) row(m *metric) string {
	name := max(12, min(44, s.width-26))
	text := ansi.Truncate(terminal.Clean(m.Name), name, "…")
	text += strings.Repeat(" ", max(0, name-ansi.StringWidth(text)))
	text += fmt.Sprintf(" %10s %12s ", m.value(), m.rate())
	if left := min(s.width-ansi.StringWidth(text)-1, 60); left >= 4 {
		course := left
		if m.Note != "" && left > 40 {
			course = left - 30
		}
		text += " " + s.style.line.Render(spark(s.history.last(m.Name, course), course))
	}
	if m.Note != "" {
		text += "  " + s.style.dim.Render(terminal.Clean(m.Note))
	}
	return text
}

// foot returns the last line: which metrics are shown, when, and the keys.
func (s *screen) foot() string {
	state := s.sample.At.Local().Format("15:04:05")
	if s.paused {
		state = "paused at " + state
	}
	n := len(s.sample.Metrics)
	return s.style.dim.Render(fmt.Sprintf("%d–%d of %d  %s  q leave  p pause  ↑↓ move  ? help", min(s.top+1, n), min(s.top+s.room(), n), n, state))
}
