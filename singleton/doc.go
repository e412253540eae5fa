// Package singleton shares instances that are dear to make: a connection, a parsed table, a
// client for an account. Each is built once, by the first who needs it, while the others
// wait; if that fails it is tried again; and in the end it is closed.
//
//	var db = singleton.New(func(ctx context.Context) (*sql.DB, error) {
//		return open(ctx, address)
//	}, nil)
//
//	conn, err := db.Get(ctx) // less than a nanosecond from the second time on
//
// A [Value] is one instance. A [Keyed] has one for each key, such as an address or a struct
// of parameters. A [Weak] has one for each key as long as somebody holds it: when the last
// holder has forgotten it, it is stopped, and counted as a leak if nobody had done so.
//
// # Building
//
// At any time a key has one instance, or one build, or one closing: the next build begins
// when what was there before has gone. No lock is held while the functions of the caller
// run, so a build may get other instances, from the same Keyed too. What a build needs must
// not need the build: Get then returns ErrCycle, even over several singletons and
// goroutines, provided that builds pass on their context. If they do not, it is a deadlock.
//
// A build that fails, with an error, a panic or runtime.Goexit, leaves nothing behind: those
// who waited are told, and the next Get tries again. Options.Backoff makes it wait.
//
// A build is not cancelled with the context of the Get that began it, as others may wait for
// the same, but when the last of them has left. One that cannot be cancelled runs on, and
// what it brings is kept.
//
// # When not to use it
//
// What is made without failure and never closed is simpler as a sync.OnceValue. A result
// that was computed and can be computed again belongs into package memo or cache, which
// forget what is not used. And what a test should be able to replace is best passed as a
// parameter; failing that, there is [Value.Swap].
package singleton
