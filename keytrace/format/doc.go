// Package format reads and writes files of key traces: who asked for what, in order.
//
//	r, err := format.NewReader(file, "OLTP.lis.zst", format.Options{})
//	for q, err := range r.All() {
//		…
//	}
//
// A request is a 64-bit key, and in some formats a size and a time. Requests are read one
// at a time, whatever the file's size. gzip and zstd are recognized and unpacked. The
// format is recognized by the name's extension, then by content; where two formats cannot
// be told apart (random 32-bit and 64-bit keys look alike) NewReader says so and wants
// [Options].Format.
//
// Keys that are written as integers keep their value, all others are hashed to 64 bits
// (see [Key]); two of a billion different strings collide with a chance of 3 %.
//
// Files are not trusted: lines, runs, blocks and the number of requests have limits, and an
// error names the line or record.
//
// Not read: xz (the standard library and this module have no decoder; use xz -d), and
// traces of addresses or instructions, whose reuse is another kind.
package format
