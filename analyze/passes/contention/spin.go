package contention

import "github.com/whetgo/whet/analyze"

func spins(s *analyze.Session, w *analyze.Workload) []candidate { return nil }
