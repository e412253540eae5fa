// Package valkey is a second tier of cache.Cache in a Valkey or Redis server (6.2 or later),
// shared by many processes.
//
//	tier, err := valkey.New[string, Quote](client.ClientOption{InitAddress: []string{addr}}, "quotes", nil)
//	quotes := cache.New(10_000, &cache.Options[string, Quote]{TTL: time.Minute, Tier: tier})
//	tier.Attach(quotes)
//	q, err := quotes.GetOrLoad(ctx, "AAPL", fetch)
//
// When a process writes or deletes a key, or it expires in the server, the server tells all
// others, and the entry leaves their attached caches, within about a millisecond where the
// network is near. A cache is cleared when the connection is lost and again when there is a
// new one, since what happened between was not heard of. A connection that dies in silence
// is noticed after about 3 seconds.
//
// # Tracking
//
// The connection asks for CLIENT TRACKING in BCAST mode with the tier's prefix. The server
// keeps no list of who has read what: its memory does not grow with the caches, and what a
// process stores without having read it is covered too. The price is a message to every
// process for every write below the prefix, so tiers that have little to do with each other
// want prefixes of their own. NOLOOP spares a process the echo of its own writes, which
// would undo its own loads; it holds for commands on the connection that tracks, so there is
// one connection for all.
//
// # Loads that race
//
// A process that did not find a key stores what it then loaded only if the key is still
// absent. Of many that load at once the first wins, and the others read what it stored.
// Delete leaves a mark for Options.Settle, so that loads that began before it cannot store
// what they have read; while the mark stands no loads are stored, and when it ends copies
// made meanwhile are dropped once more.
//
// Two things can leave an old value in the server until its lifetime ends: a load that takes
// longer than Settle, and a Set without a Get before it (a refresh of the cache) that
// reaches the server within moments after another process's Delete. Lifetimes are therefore
// worth having. A value read from the server lives in the cache for its full TTL, or until
// the server says that it expired there.
//
// # When the server is down
//
// A call that fails makes the tier rest: calls fail at once with ErrResting, and the cache
// asks its loader instead. A probe in the background ends the rest, after a delay that
// doubles up to Options.Rest.
//
// Clusters and reads from replicas are not supported: their messages come by other
// connections than the reads.
package valkey
