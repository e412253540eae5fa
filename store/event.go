package store

import (
	"fmt"
	"math"
	"time"
)

// A Kind says what a subscription carries.
type Kind uint8

// The kinds of subscriptions.
const (
	Ticks Kind = iota // quotes and trades
	Bars              // bars, each when it is closed
)

// String returns "ticks" or "bars".
func (k Kind) String() string {
	if k == Bars {
		return "bars"
	}
	return "ticks"
}

// A Sub is a subscription to market data: what is asked for, and its identity. All feeds of
// one Sub in a store share one upstream subscription.
type Sub struct {
	Symbol   string
	Kind     Kind
	Interval time.Duration // of Bars
}

// Check returns what is wrong with the subscription, or nil.
func (s Sub) Check() error {
	switch {
	case s.Symbol == "":
		return &SubError{s, "no symbol"}
	case s.Kind > Bars:
		return &SubError{s, "its kind is unknown"}
	case s.Kind == Bars && s.Interval <= 0:
		return &SubError{s, "its interval is not positive"}
	case s.Kind == Ticks && s.Interval != 0:
		return &SubError{s, "ticks have no interval"}
	}
	return nil
}

// String returns the subscription as "ES ticks" or "ES bars of 1m0s".
func (s Sub) String() string {
	if s.Kind == Bars {
		return s.Symbol + " bars of " + s.Interval.String()
	}
	return s.Symbol + " " + s.Kind.String()
}

// A Tick is a quote, a trade, or both.
type Tick struct {
	Time     Time
	Seq      uint64 // of this symbol at the venue, from 1 without holes; 0 if it doesn't number
	Bid, Ask Price  // 0 if none
	Last     Price  // of a trade, 0 if there was none
	Size     Qty    // of the trade
}

// A Gap marks what a feed has missed. It stands in the feed where the missing events would. What it says is
// missing stays so: a tick that comes after its gap was told is dropped, and is one of Stats.Duplicates, so that what
// is delivered and what gaps say is missing are together what the venue has published, each once. The
// bars of a gap that is filled follow it.
type Gap struct {
	From, To Time   // what was seen last before, and first after or when the gap was noticed; 0 if unknown
	Missed   uint64 // market events that are known to be missing
	Cause    GapCause
}

// A GapCause says why a feed has a gap.
type GapCause uint8

// The causes of gaps.
const (
	GapSession GapCause = iota // the connection was lost; Missed is 0 if the venue doesn't number
	GapVenue                   // the venue's numbers jumped
	GapSlow                    // the reader was too slow, and its feed dropped events
	GapFilled                  // the connection was lost; the bars of the gap follow, all of them
)

// String returns the cause in a word.
func (c GapCause) String() string {
	return [...]string{"session", "venue", "slow reader", "filled"}[c&3]
}

// An EventKind says what an Event carries.
type EventKind uint8

// The kinds of events.
const (
	IsTick  EventKind = iota + 1
	IsBar             // a closed bar
	IsGap             // events are missing here
	IsPhase           // the store went into another phase here
)

// An Event is what a feed gives: a tick, a bar, a gap or the phase of the store. It holds no
// pointer and fits a cache line.
type Event struct {
	words [6]int64
	kind  EventKind
}

// TickEvent returns an event of a tick.
func TickEvent(t Tick) Event {
	return Event{kind: IsTick, words: [6]int64{int64(t.Time), int64(t.Seq), int64(t.Bid), int64(t.Ask), int64(t.Last), int64(t.Size)}}
}

// BarEvent returns an event of a closed bar.
func BarEvent(b Bar) Event {
	return Event{kind: IsBar, words: [6]int64{int64(b.Time), int64(b.Open), int64(b.High), int64(b.Low), int64(b.Close), int64(math.Float64bits(float64(b.Volume)))}}
}

// GapEvent returns an event of a gap.
func GapEvent(g Gap) Event {
	return Event{kind: IsGap, words: [6]int64{int64(g.From), int64(g.To), int64(g.Missed), int64(g.Cause)}}
}

// PhaseEvent returns an event of a phase that began at a time.
func PhaseEvent(p Phase, since Time) Event {
	return Event{kind: IsPhase, words: [6]int64{int64(since), int64(p)}}
}

// Kind says which of Tick, Bar, Gap and Phase the event carries; 0 of the zero Event.
func (e Event) Kind() EventKind { return e.kind }

// Time returns when the event was: of a bar when it began, of a gap where it begins.
func (e Event) Time() Time { return Time(e.words[0]) }

// Tick returns the tick of an event that carries one; it panics if it doesn't.
func (e Event) Tick() Tick {
	e.want(IsTick)
	return Tick{Time(e.words[0]), uint64(e.words[1]), Price(e.words[2]), Price(e.words[3]), Price(e.words[4]), Qty(e.words[5])}
}

// Bar returns the bar of an event that carries one; it panics if it doesn't.
func (e Event) Bar() Bar {
	e.want(IsBar)
	return Bar{Time(e.words[0]), Price(e.words[1]), Price(e.words[2]), Price(e.words[3]), Price(e.words[4]), Volume(math.Float64frombits(uint64(e.words[5])))}
}

// Gap returns the gap of an event that carries one; it panics if it doesn't.
func (e Event) Gap() Gap {
	e.want(IsGap)
	return Gap{Time(e.words[0]), Time(e.words[1]), uint64(e.words[2]), GapCause(e.words[3])}
}

// Phase returns the phase of an event that carries one; it panics if it doesn't.
func (e Event) Phase() Phase {
	e.want(IsPhase)
	return Phase(e.words[1])
}

// market reports whether the event is one of the market, and not a mark of the store.
func (e Event) market() bool { return e.kind <= IsBar }

func (e Event) want(k EventKind) {
	if e.kind != k {
		panic(fmt.Sprintf("store: event of kind %d read as %d", e.kind, k))
	}
}
