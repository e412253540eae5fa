// Package file is a driver for folders of bar files. It has history only.
//
//	import _ "github.com/whetgo/whet/store/file"
//
//	s, err := store.Open(ctx, store.Params{Driver: "file", Addr: "/data/bars"})
//
// The bars of symbol ES are looked for in ES.bars, ES.csv and ES.txt, and with the interval in the
// name: ES_M1.csv, ES_H1.csv, ES_D1.csv as MetaTrader writes them, or ES_1m.csv, ES_1h.csv,
// ES_1d.csv.
//
// A .bars file is flat: the eight bytes WHETBAR1, the interval in nanoseconds, and then 48 bytes
// a bar: the time in nanoseconds since 1970, open, high, low and close in steps of 10⁻⁸, and the
// volume as a floating number; all of 64 bits, the least byte first. See Write. A query reads
// no more of it than it needs.
//
// In text files the columns are found by the names in the header (Date, Time, Open, High, Low,
// Close, Volume, in any order and case, <OPEN> too; others are left out), and without a header are
// date, time if there is one, open, high, low, close, volume. They are divided by commas,
// semicolons or tabs. Times are in UTC, or where the parameter tz says (tz=America/New_York).
//
// All that is in a file is checked: a row that is broken, out of order, overlaps the one before
// or has a price out of its range is a *store.RowError that names it.
package file
