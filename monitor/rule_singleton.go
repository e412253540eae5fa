package monitor

import "fmt"

const (
	createdOften = 5   // builds in the recent time, before they are called again and again
	waitsLong    = .05 // seconds that callers waited for builds together, below which it is well
)

// checkCreatedAgain finds singletons that are built much more often than there are instances.
func checkCreatedAgain(v *View) (all []Advice) {
	for _, s := range v.Subjects {
		f := v.Of(s.Name)
		builds := f["builds"]
		if s.Type != "singleton" || builds < createdOften || builds < 2*max(1, f["instances"]) {
			continue
		}
		a := Advice{
			Subject: s.Name,
			Text:    fmt.Sprintf("it was created %s times %s, and there are %s of it", count(builds), v.since(), count(f["instances"])),
			Do:      "find who resets or closes it, or lets go of it, before it is wanted again; hold it as long as it may be wanted",
			Evidence: []Evidence{
				{"created " + v.since(), s.Name + "/builds:count", builds, "count"},
				{"creating one takes", s.Name + "/build-time:seconds", f["build-time"] / builds, "seconds"},
				{"closed " + v.since(), s.Name + "/closed:count", f["closed"], "count"},
			},
		}
		if f["evictions"] > builds/2 {
			a.Do = "make its bound larger: instances are closed to make room for others"
			a.Evidence = append(a.Evidence, Evidence{"closed to make room", s.Name + "/evictions:count", f["evictions"], "count"})
		}
		all = append(all, a)
	}
	return all
}

// checkCreatedLate finds singletons for which callers had to wait.
func checkCreatedLate(v *View) (all []Advice) {
	for _, s := range v.Subjects {
		f := v.Of(s.Name)
		tries := f["builds"] + f["failures"] + f["cancels"]
		if s.Type != "singleton" || f["waits"] < 1 || tries == 0 {
			continue
		}
		each := f["build-time"] / tries
		if f["waits"]*each < waitsLong {
			continue
		}
		all = append(all, Advice{
			Subject: s.Name,
			Text:    fmt.Sprintf("%s callers waited %s while it was created, which takes %s", count(f["waits"]), v.since(), shortTime(each)),
			Do:      "create it before it is wanted: call Get when the program starts, before it serves",
			Evidence: []Evidence{
				{"callers who waited " + v.since(), s.Name + "/waits:count", f["waits"], "count"},
				{"creating one takes", s.Name + "/build-time:seconds", each, "seconds"},
			},
		})
	}
	return all
}

// checkLeaked finds instances that were forgotten by who should have closed them.
func checkLeaked(v *View) (all []Advice) {
	for _, s := range v.Subjects {
		n := v.Of(s.Name)["leaks"]
		if s.Type != "singleton" || n < 1 {
			continue
		}
		all = append(all, Advice{
			Subject: s.Name,
			Text:    fmt.Sprintf("%s instances were forgotten %s without having been closed", count(n), v.since()),
			Do:      "close or reset an instance when it is not wanted any more: until the garbage collector finds it, it keeps what it has open",
			Evidence: []Evidence{
				{"forgotten " + v.since(), s.Name + "/leaks:count", n, "count"},
				{"forgotten since the beginning", s.Name + "/leaks:count", v.Now.Value(s.Name + "/leaks:count"), "count"},
			},
		})
	}
	return all
}
