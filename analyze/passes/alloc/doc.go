// Package alloc finds what a workload allocates for nothing: values that do not outlive
// their function, slices that grow step by step to a known length, copies made for
// each reader, strings and interfaces built on the way to something else.
//
// Before, where a heap profile shows that each call makes a buffer:
//
//	var buf bytes.Buffer
//	…
//	return buf.String()
//
// After:
//
//	buf := buffers.Get().(*bytes.Buffer)
//	defer func() { buf.Reset(); buffers.Put(buf) }()
//	…
//	return buf.String()
//
// Prerequisites: a heap profile with alloc_space and alloc_objects, and the source: what
// an allocation is, and whether it could be spared, is read from the line that is
// responsible for it. The time that goes with it is that of runtime.mallocgc below the
// line and its part of the garbage collection.
//
// It is silent on allocations that are what a function is for (a constructor's object,
// a parsed result, the string that String returns), on what long-lived collections
// grow by (the pass growth's), on the order of fields and on maps of any (layout's), and on
// workloads for which allocation is no cost.
package alloc
