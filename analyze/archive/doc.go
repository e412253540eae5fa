// Package archive keeps the runs of whet in the folder .whet of the analyzed module,
// so that a finding can be looked at later.
//
//	.whet/.gitignore                              "*": git does not see the folder
//	.whet/last                                    the identity of the newest run
//	.whet/runs/<id>/run.json                      a [Run] without its findings
//	.whet/runs/<id>/findings.jsonl                one finding a line, best first
//	.whet/runs/<id>/profiles/<workload>.<kind>.pprof
//
// A run appears whole or not at all: it is written beside its place and renamed. The
// newest [Keep] runs are kept. Two processes may save at the same time.
package archive
