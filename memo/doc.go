// Package memo gives functions a memory.
//
//	price, prices := memo.Wrap2(price, nil) // func(symbol string, day Date) float64, as before
//	p := price("AAPL", today)               // computed
//	p = price("AAPL", today)                // remembered
//	fmt.Println(prices.Stats().HitRatio())  // 0.5
//
// A wrapped function has the signature it had. [Wrap] to [Wrap4] take functions of one to
// four arguments, [WrapErr] those that can fail, [WrapCtx] those that can also be cancelled,
// and [WrapKey] those whose argument has no ==, such as slices. A method is wrapped as a
// method value, whose memory is that of one receiver, or as a method expression, whose
// first argument is the receiver.
//
// Every answer is remembered, nil and zero among them. Errors are not, unless
// [Options].Errors says for how long. Calls with the same arguments at the same time are
// one call, for which all wait. No lock is held during it, so f may call itself and other
// wrapped functions. A panic reaches all who wait, as a *cache.PanicError, and is not
// remembered; nor is [runtime.Goexit], which ends the goroutines of all who wait, or, where
// there is an error to return, gives them cache.ErrGoexit.
//
// # Arguments
//
// Arguments are the key, and are kept as they are, never as text made of them: 1 and "1"
// are two even where the argument is an any. What == takes for equal is the same argument:
// 0.0 and -0.0 are one. NaN does not equal itself, so a call with it is never remembered. A
// pointer is its address: what it points to is not looked at, and lives until it is
// forgotten. An interface that holds something without == panics, as in a map.
//
// # When not to use it
//
// Wrap only what depends on its arguments alone and does nothing else. Who calls a wrapped
// function that reads the clock, a file, a global variable or the fields of its receiver
// gets what these were at the first call, and what a function does beside answering is
// not done again: a remembered "fetch new messages" delivers the same ones twice. All
// callers get the same answer, so a slice, map or pointer in it must not be written to.
//
// A hit costs some 30 ns, a miss about half a microsecond beyond the call, so what takes
// less than that is better called. For one answer there is sync.OnceValue. Who wants to
// store answers as well as look them up wants package cache.
//
// # Recursion
//
// A function may call itself through its wrapper, and wrapped functions may call each other,
// as long as no answer depends on itself. If one does, without a wrapper the calls would
// never end; with it, a call waits for itself. Where every function on the way is wrapped
// by WrapCtx to WrapCtx4 or WrapKeyCtx and passes its context on, this is found out, even
// over several functions and goroutines, and the call that closes the circle returns
// [ErrRecursion]. Otherwise it is a deadlock.
package memo
