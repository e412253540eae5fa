// Package effects says what a function does besides computing its result: whether an
// answer that was given once may be given again.
//
// It reads the SSA form of the packages in question and of what they call, and follows
// calls. For each function it knows
//
//   - on what the answer may depend besides the values of the arguments: memory behind
//     pointer arguments, package variables, the clock, randomness, files, the
//     environment, the order of a map, other goroutines;
//   - what it changes: memory behind its arguments, package variables, the world;
//   - whether a result shares memory with an argument or with a package variable;
//
// and for each of these the chain of calls that leads to it.
//
// What cannot be read is taken for the worst: unsafe pointers, reflection that sets,
// linked names, assembly, calls through interfaces and function values that are not
// seen. The standard library is not read: a table in std.go says what is known of it, and
// what is not in the table is unknown.
//
// The analysis is flow-insensitive: a function that writes its argument only if a flag is
// set writes its argument. There is one exception, [Fills]: a function that makes what it
// finds missing, an index that is nil or an entry that a map does not hold, of nothing but
// the object that it is in and the key, whose answer does not tell whether it was missing.
// A flag that is set, a number that is counted, what depends on who asked first, and what
// anything that is called looks at without the test, are changes. It does not tell whether the order of a map shows in an answer,
// nor whether two loads of a variable see the same value.
package effects
