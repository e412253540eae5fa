// Package whetprobe is the part of a probe that runs inside the watched program.
//
// It is never imported by its path here: analyze/probe places its source, through the
// go command's -overlay, into the standard library's tree, where any package may import
// it, or into an internal folder of the watched module. std holds what differs in the
// first of these.
//
// All that it learns lies in a file mapped into memory, one a process ([Header], then
// [Site] by [Site]), so there is nothing to flush and nothing is lost when the process is
// killed. Without that file every function here returns at once.
//
// None of it may disturb the program: no goroutine, no channel, no lock of package sync,
// no finalizer, no call of the program's code; no allocation but when a caller or an input
// is written down as text; nothing that the race detector sees, which would order
// the program's goroutines and hide its races.
package whetprobe
