package report

import (
	"errors"
	"fmt"
	"strings"
)

// Merge joins the results of runs that measured different rows on one machine, in their
// order. The time is that of the first. It fails if the runs can't stand in one document.
func Merge(runs []Results) (Results, error) {
	if len(runs) == 0 {
		return Results{}, errors.New("no results")
	}
	all := runs[0]
	commands := []string{all.Command}
	for _, r := range runs[1:] {
		if r.CPU != all.CPU || r.Machine.Cores != all.Machine.Cores || r.Machine.Go != all.Machine.Go || r.Scale != all.Scale {
			return Results{}, fmt.Errorf("runs on different machines or of different sizes: %s and %s", all.CPU, r.CPU)
		}
		for _, s := range r.Speed {
			for _, t := range all.Speed {
				if s.Row == t.Row {
					return Results{}, fmt.Errorf("two runs have the row %s", s.Row)
				}
			}
		}
		all.Rounds = min(all.Rounds, r.Rounds)
		all.Sample = min(all.Sample, r.Sample)
		all.Speed = append(all.Speed, r.Speed...)
		all.Lifetime = append(all.Lifetime, r.Lifetime...)
		all.Latency = append(all.Latency, r.Latency...)
		all.Bound = append(all.Bound, r.Bound...)
		all.Memory = append(all.Memory, r.Memory...)
		all.HitRatio = append(all.HitRatio, r.HitRatio...)
		commands = append(commands, r.Command)
	}
	all.Command = strings.Join(commands, "\n    ")
	return all, nil
}
