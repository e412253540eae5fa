// Package parquet is a driver of package store for bars in Parquet files, for history that many tools read and
// that back-tests read fast.
//
//	import _ "github.com/whetgo/whet/store/parquet"
//
//	p, err := store.Parse("parquet:///data/bars")
//	s, err := store.Open(ctx, p)
//	bars, err := s.Bars(ctx, store.Query{Symbol: "ES", Interval: time.Minute, From: from, To: to})
//
// Params.Addr is a folder. It has a file for each symbol and interval, whose name is that of Path: ES_1m0s.parquet.
// There are no other parameters, no live data, no accounts and no secrets. Write makes such files.
//
// A file has at least the columns time, open, high, low, close and volume, none of them optional. Time is
// in nanoseconds since 1970; all are 64 bits wide. Prices are steps of 1e-8 if they are whole numbers, as Write
// makes them, and decimals if they are doubles. Rows must be in order of time. A column that is missing or otherwise
// is a *SchemaError; a row that can't be a bar is a *store.RowError with the number of the row.
//
// A query reads the pages that its time is in, which the index of the file tells, so that a short one
// of a long file is cheap. Files are looked up again for each query, and may be replaced meanwhile.
package parquet
