package monitor

// A Source measures itself, and is read whenever a Snapshot is taken.
type Source interface {
	// Read calls yield for each metric, with its full name. It is called by one goroutine
	// at a time or by several; yield must not be called after it has returned.
	Read(yield func(Metric))
}

// A Subject is something that is watched as a whole, such as a cache. The metrics that name
// it in Metric.Subject are its own.
type Subject struct {
	Name  string            `json:"name"`            // a path without a unit
	Type  string            `json:"type"`            // what it is: "cache", "lru", "memo", "singleton", "store", "runtime", ...
	Facts map[string]string `json:"facts,omitempty"` // what it says of itself in words
	Curve *Curve            `json:"curve,omitempty"` // of a cache that knows it, else nil
}

// A describer is a Source that is a subject.
type describer interface{ Subject() Subject }

// subjectName returns a source's name if it is one of something watched, else "".
func subjectName(s Source) string {
	if w, ok := s.(interface{ subjectName() string }); ok {
		return w.subjectName()
	}
	if d, ok := s.(describer); ok {
		return d.Subject().Name
	}
	return ""
}
