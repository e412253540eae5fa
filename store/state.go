package store

import "time"

// A Phase is where in its life a store is.
type Phase uint8

// The phases. From Idle or Stopped, Start leads to Connecting; from there to Live or Backoff,
// from Live to Degraded or Backoff, from each to Stopped.
const (
	Idle       Phase = iota // opened; nothing has been asked of it yet
	Connecting              // dialling, subscribing again, reconciling orders
	Live                    // all is well
	Degraded                // connected, but something is wrong: see State.Cause
	Backoff                 // the connection failed, and will be tried again
	Stopped                 // by Stop, or by an error that trying again can't mend
)

// String returns the phase in a word.
func (p Phase) String() string {
	return [...]string{"idle", "connecting", "live", "degraded", "backoff", "stopped", "?", "?"}[p&7]
}

// A State is the phase of a store, since when, and why.
type State struct {
	Phase   Phase
	Since   time.Time
	Cause   error         // of Degraded, Backoff, and Stopped if it was not by Stop
	Attempt int           // dials that failed since it was last up
	Wait    time.Duration // until the next dial, from Since, in Backoff
}
