package monitor

// A Rule looks at what was measured and says what should be changed.
type Rule struct {
	Name  string                 // a word or two: "cache-small"
	Doc   string                 // what it looks for, in a sentence
	Check func(v *View) []Advice // Rule and Since are filled in by who asks
}

// Rules returns the rules that there are. Take some of them, or add your own, for
// HistoryOptions.Rules.
func Rules() []Rule {
	return []Rule{
		{"cache-lifetime", "entries expire that are asked for again", checkLifetime},
		{"cache-small", "a cache misses what a larger one would hit", checkSmall},
		{"cache-large", "a cache is larger than it needs to be", checkLarge},
		{"cache-blind", "a cache misses much, and does not know what size would help", checkBlind},
		{"load-failing", "what a cache loads from fails", checkFailing},
		{"created-again", "an instance that should be shared is created again and again", checkCreatedAgain},
		{"created-late", "callers wait for an instance to be created", checkCreatedLate},
		{"leaked", "shared instances are forgotten instead of being closed", checkLeaked},
		{"lock-wait", "goroutines wait for locks", checkLockWait},
		{"heap-growth", "the live heap grows steadily", checkHeap},
		{"goroutine-growth", "goroutines become more and more", checkGoroutines},
		{"gc-cost", "collecting garbage takes much of the processors", checkGC},
		{"dropped", "something is dropped because nobody takes it in time", checkDropped},
	}
}

// A View is what a rule looks at.
type View struct {
	Now      Snapshot
	Recent   Snapshot  // what happened during the last sixty periods, or since the beginning
	Subjects []Subject // sorted by name
	Windows  []Series  // all points that are known, the finest window first
}

// view returns the present one.
func (h *History) view() *View {
	v := &View{Now: h.Last(), Recent: h.Recent(), Subjects: h.registry.Subjects()}
	for _, w := range h.Windows() {
		v.Windows = append(v.Windows, h.Series(w.Length, isWatched))
	}
	return v
}

// isWatched reports whether rules look at the past of a metric.
func isWatched(name string) bool {
	switch name {
	case heapLive, gcCycles, goroutines:
		return true
	}
	return false
}

// Of returns the values of a subject's counters and gauges, by their field: what happened
// during Recent of counters and timers, the present level of gauges.
func (v *View) Of(subject string) map[string]float64 {
	fields := make(map[string]float64)
	for _, m := range v.Recent.Metrics {
		if m.Subject == subject {
			fields[m.Field()] = m.Value
		}
	}
	return fields
}

// since is the name of the time that Recent covers, for a text.
func (v *View) since() string { return "in the last " + roundSeconds(v.Recent.Over) }
