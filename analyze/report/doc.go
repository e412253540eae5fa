// Package report shows a run to a reader: the first screen ([Terminal]), one finding
// with all that is behind it ([Show]), and the forms that other tools read.
//
// Text that came from the analyzed program (names, messages, source) is stripped of
// control characters before it reaches a terminal. Colour never stands alone: a word
// or a symbol says the same.
package report
