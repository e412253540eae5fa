// Package naive is a trading store over a directory of bar files: strategies
// open it by parameters, ask it for bars, send orders to its paper broker and
// read its notifications.
//
// It is the baseline with which other forms of the store are compared, and so
// its behaviour and its shape are kept as they are. A Store, Open and Lookup
// may be used by several goroutines at once; Broker, Positions, Ring and
// Average belong to one goroutine, or to whoever holds their owner's lock.
package naive
