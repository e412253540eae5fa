// Package linear checks that singleton.Keyed is linearizable: whatever its callers do at the
// same time, with builds that fail, panic or are cancelled, and resets in between, there is
// an order of all calls, each within the time it took, in which one after the other they
// give the same answers. It is a module of its own because the checker is a dependency.
package linear
