// Package probe runs a subject with chosen functions and calls watched, and says how
// often each was asked the same question again.
//
// The watched program is built from edited copies of its files, which only the go
// command sees, through -overlay: no file of the subject changes. An edit adds no line
// and stays inside the body of a function, so that line numbers, traces, recover and
// runtime.Caller are what they were. What a probe learns goes into a file that is mapped
// into the process, and is there however the process ends.
//
// A probe counts every call, and hashes its input. Of the inputs, not of the calls, a
// share is sampled: every call with a sampled input is looked at, so that each repeat of
// it is seen, and the hit ratio of a cache of any size follows from one run [1]. The
// share sinks by halves until the probes keep to their budget; a function so hot that
// counting alone is too much is no longer watched, and says so.
//
// What an input is, is said part by part ([Part]), since a hash may look only where the
// function itself looks: values and strings always, the contents of slices of numbers,
// fields that the function reads through a pointer before it synchronizes with anybody.
// Where that ends, the address stands for what lies behind it ([Identity]): two calls
// are then the same if they got the same object. No pointer, map or channel of the
// program is walked.
//
// Nothing here is a time of the program but what [Creation] says: a watched function is
// slower, and its time is to be taken from a run without probes.
//
// [1] Waldspurger, Park, Garthwaite, Ahmad (2015). "Efficient MRC Construction with
// SHARDS". FAST '15.
package probe
