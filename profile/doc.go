// Package profile reads pprof profiles and says whose code their samples are.
//
//	p, err := profile.ReadFile("cpu.pprof")
//	ix := profile.Attribute(p, "cpu", owner)
//	for _, f := range ix.Ranked() {
//		fmt.Println(f.Name, ix.Share(f.Own))
//	}
//
// A sample of a profile is a stack and some values. The stack's leaf is seldom
// where anything can be changed: it lies in the runtime, in the standard library,
// in a library. [Attribute] therefore charges each sample to the frame that is
// responsible for it: the innermost frame of the reader's own code, or, where there
// is none (a goroutine started by a library), the innermost frame of the library.
//
// Function names are normalized so that they can be compared between builds and with
// source: type arguments are written "[...]", and the names of packages are whole
// import paths.
package profile
