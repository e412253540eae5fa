// Command whet finds what slows a Go program.
//
//	whet analyze ./...
//	whet show 1
//
// "whet help analyze" says the rest.
package main

import "os"

func main() { os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr)) }
