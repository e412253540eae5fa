package effects

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind is a set of effects.
type Kind uint16

// The effects.
const (
	Time        Kind = 1 << iota // the answer depends on the clock, or it waits
	Random                       // the answer depends on chance
	MapOrder                     // it ranges over a map, whose order changes
	Reads                        // it reads files, the network, other processes
	Environment                  // it reads environment variables, flags, the machine
	Writes                       // it changes the world: files, the network, output
	Goroutines                   // it starts goroutines, or speaks with others through channels
	ReadsState                   // it reads package variables or captured variables that may change
	WritesState                  // it changes package variables or captured variables
	ReadsArgs                    // it reads memory behind its arguments, the receiver among them
	WritesArgs                   // it changes memory behind its arguments
	Unknown                      // it does what cannot be read
	Fills                        // it makes what it finds missing behind its arguments, and answers the same as if it had been there
)

// All are the kinds, each by itself, the weightiest first.
var All = []Kind{Writes, WritesState, WritesArgs, Random, Time, Reads, Environment, Goroutines, Fills, MapOrder, ReadsState, Unknown, ReadsArgs}

var words = map[Kind]string{
	Time: "depends on time", Random: "depends on chance", MapOrder: "ranges over a map",
	Reads: "reads from outside", Environment: "reads the environment", Writes: "writes to the outside",
	Goroutines: "speaks with other goroutines", ReadsState: "reads state", WritesState: "changes state",
	ReadsArgs: "reads through its arguments", WritesArgs: "changes its arguments", Fills: "fills what it finds empty", Unknown: "does what cannot be read",
}

// String says what the effects are: "depends on time, reads state".
func (k Kind) String() string {
	if k == 0 {
		return "pure"
	}
	var parts []string
	for _, one := range All {
		if k&one != 0 {
			parts = append(parts, words[one])
		}
	}
	return strings.Join(parts, ", ")
}

// A Step is a place on the way to an effect.
type Step struct {
	Func string // normalized, as profiles name it
	File string
	Line int
}

// A Reason is why a function has an effect.
type Reason struct {
	Kind  Kind
	What  string // "time.Now", "var a/b.counter", "*s"
	Chain []Step // from a line of the function itself to the line that does it
}

// String tells the reason with the way to it: "reads state: var p.n (p.f:12 → p.g:30)".
func (r Reason) String() string {
	var way []string
	for _, s := range r.Chain {
		way = append(way, fmt.Sprintf("%s:%d", s.Func[strings.LastIndexByte(s.Func, '/')+1:], s.Line))
	}
	text := r.Kind.String() + ": " + r.What
	if len(way) > 0 {
		text += " (" + strings.Join(way, " → ") + ")"
	}
	return text
}

// A Sharing is with what a result shares memory that somebody may change.
type Sharing uint8

// What a result may share memory with.
const (
	SharesArgs    Sharing = 1 << iota // with what an argument points to
	SharesState                       // with a package variable or a captured one
	SharesUnknown                     // with something that is not seen
	SharesResult                      // with every other holder of the same result: it is made anew, and holds what can be changed
)

// A Summary is what is known of a function.
type Summary struct {
	Func    string
	Kinds   Kind
	Reasons []Reason // one for each kind, the weightiest first
	State   []string // package variables and captured variables that it reads and that may change, sorted
	Results Sharing  // of its results
}

// Pure reports whether the answer depends on the values of the arguments alone, and
// nothing is changed.
func (s *Summary) Pure() bool { return s.Kinds == 0 }

// Has reports whether the function has any of the effects.
func (s *Summary) Has(k Kind) bool { return s.Kinds&k != 0 }

// Why returns the reason for one effect, the zero Reason if the function does not have it.
func (s *Summary) Why(k Kind) Reason {
	i := slices.IndexFunc(s.Reasons, func(r Reason) bool { return r.Kind == k })
	if i < 0 {
		return Reason{}
	}
	return s.Reasons[i]
}
