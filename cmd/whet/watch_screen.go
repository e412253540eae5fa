package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// draw shows samples on the terminal until the reader leaves.
func (w *watching) draw(ctx context.Context, first *watchSample) error {
	o := []tea.ProgramOption{tea.WithContext(ctx), tea.WithOutput(w.stdout), tea.WithoutSignalHandler()}
	s := newWatchScreen(ctx, w.source, w.interval, w.options().Color)
	s.take(first)
	_, err := tea.NewProgram(s, o...).Run()
	if ctx.Err() != nil {
		w.code = exitInterrupted
		return nil
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	return err
}

// A watchScreen is the state of the terminal view.
type watchScreen struct {
	ctx      context.Context
	source   *watchSource
	interval time.Duration
	style    watchStyle

	sample        *watchSample
	history       watchHistory
	trouble       error // of the last try
	width, height int
	top           int // the first metric that is shown
	paused, help  bool
}

type watchStyle struct{ head, dim, warn, line lipgloss.Style }

func newWatchScreen(ctx context.Context, source *watchSource, interval time.Duration, colour bool) *watchScreen {
	s := &watchScreen{ctx: ctx, source: source, interval: interval, width: 80, height: 24}
	plain := lipgloss.NewStyle()
	s.style = watchStyle{plain, plain, plain, plain}
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
	watchTick  struct{}
	watchTaken struct {
		sample *watchSample
		err    error
	}
)

func (s *watchScreen) Init() tea.Cmd { return s.later() }

func (s *watchScreen) later() tea.Cmd {
	return tea.Tick(s.interval, func(time.Time) tea.Msg { return watchTick{} })
}

func (s *watchScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 { // a terminal may not know
			s.width, s.height = msg.Width, msg.Height
		}
		s.move(0)
	case watchTick:
		if s.paused {
			return s, s.later()
		}
		return s, func() tea.Msg {
			sample, err := s.source.sample(s.ctx)
			return watchTaken{sample, err}
		}
	case watchTaken:
		if s.trouble = msg.err; msg.err == nil && !s.paused {
			s.take(msg.sample)
		}
		return s, s.later()
	case tea.KeyPressMsg:
		return s, s.key(msg.String())
	}
	return s, nil
}

func (s *watchScreen) take(sample *watchSample) {
	s.sample = sample
	s.history.add(sample)
	s.move(0)
}

func (s *watchScreen) key(k string) tea.Cmd {
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
func (s *watchScreen) move(by int) {
	s.top = max(0, min(s.top+by, len(s.sample.Metrics)-s.room()))
}

// room returns how many metrics fit on the screen.
func (s *watchScreen) room() int { return max(1, s.height-len(s.above())-1) }

func (s *watchScreen) View() tea.View {
	v := tea.NewView(s.text())
	v.AltScreen = true
	v.WindowTitle = "whet watch " + clean(s.sample.Source)
	return v
}

// text returns the screen: as many lines as there are, none longer than it is wide.
func (s *watchScreen) text() string {
	lines := s.above()
	if s.help {
		lines = append(lines, strings.Split(watchHelp, "\n")...)
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

const watchHelp = `
  q, Esc       leave
  p, Space     pause, and go on
  ↑ ↓          one metric up, down
  PgUp PgDn    a screen up, down
  Home End     the first, the last
  ?            this

  Counters show their total, then what they become more in a second; the course is
  that of the rate. Of others it is that of the value. Any key goes back.`

// above returns the lines above the metrics: what is watched, its state, its advice.
func (s *watchScreen) above() []string {
	lines := []string{s.style.head.Render(clean(s.title())) + "  " + s.style.dim.Render(clean(s.sample.Source))}
	if s.trouble != nil {
		lines = append(lines, s.style.warn.Render("! "+clean(s.trouble.Error())+"; trying again"))
	}
	most := max(1, s.height/6)
	for i, a := range s.sample.Advice {
		if i == most && len(s.sample.Advice) > most {
			lines = append(lines, s.style.dim.Render(fmt.Sprintf("  and %d more", len(s.sample.Advice)-most)))
			break
		}
		lines = append(lines, s.style.warn.Render("! "+clean(a.head())), s.style.dim.Render("  → "+clean(a.Do)))
	}
	return append(lines, "")
}

func (s *watchScreen) title() string {
	if s.sample.Process != "" {
		return s.sample.Process
	}
	return "a process"
}

// row returns the line of a metric: name, value, rate, course and note, as far as they fit.
func (s *watchScreen) row(m *watchMetric) string {
	name := max(12, min(44, s.width-26))
	text := ansi.Truncate(clean(m.Name), name, "…")
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
		text += "  " + s.style.dim.Render(clean(m.Note))
	}
	return text
}

// foot returns the last line: which metrics are shown, when, and the keys.
func (s *watchScreen) foot() string {
	state := s.sample.At.Local().Format("15:04:05")
	if s.paused {
		state = "paused at " + state
	}
	n := len(s.sample.Metrics)
	return s.style.dim.Render(fmt.Sprintf("%d–%d of %d  %s  q leave  p pause  ↑↓ move  ? help", min(s.top+1, n), min(s.top+s.room(), n), n, state))
}
