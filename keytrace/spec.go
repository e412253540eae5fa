package keytrace

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ParseSpec reads the description of a generated trace, as on a command line:
//
//	zipf:n=100000,s=0.99,len=1000000,seed=1
//	scan:len=1e6
//	loop:n=5000
//	shifting:n=1e5,s=1,every=1e4,by=100
//	zipf:n=1e5,weight=9,len=2e6+scan:weight=1+loop:n=1000,weight=2
//
// The last one mixes. What is not said is n=100000, s=1, len=1000000, seed=1, weight=1,
// every=n/10 and by=n/100. len and seed belong to the whole and stand in the first part.
func ParseSpec(text string) (Spec, error) {
	s := Spec{Len: 1e6, Seed: 1}
	for i, part := range strings.Split(text, "+") {
		p, err := s.parsePart(strings.TrimSpace(part), i == 0)
		if err != nil {
			return Spec{}, fmt.Errorf("trace description %q: %w", text, err)
		}
		s.Parts = append(s.Parts, p)
	}
	if len(s.Parts) > 1000 {
		return Spec{}, fmt.Errorf("trace description: %d parts", len(s.Parts))
	}
	return s, nil
}

// uses says which settings a kind has, besides weight.
var uses = map[string][]string{
	"zipf":     {"n", "s"},
	"scan":     {},
	"loop":     {"n"},
	"shifting": {"n", "s", "every", "by"},
}

func (s *Spec) parsePart(text string, first bool) (Part, error) {
	kind, settings, _ := strings.Cut(text, ":")
	allowed, ok := uses[kind]
	if !ok {
		return Part{}, fmt.Errorf("no generator %q (there are zipf, scan, loop, shifting)", kind)
	}
	p := Part{Kind: kind, Weight: 1}
	if slices.Contains(allowed, "n") {
		p.N = 100000
	}
	if slices.Contains(allowed, "s") {
		p.S = 1
	}
	for setting := range strings.SplitSeq(settings, ",") {
		if setting == "" {
			continue
		}
		name, value, _ := strings.Cut(setting, "=")
		whole := name == "len" || name == "seed"
		if !whole && name != "weight" && !slices.Contains(allowed, name) {
			return p, fmt.Errorf("%s has no setting %q", kind, name)
		}
		if whole && !first {
			return p, fmt.Errorf("%s belongs to the first part", name)
		}
		if err := s.set(&p, name, value); err != nil {
			return p, err
		}
	}
	if kind == "shifting" {
		p.Every = max(1, orElse(p.Every, p.N/10))
		p.By = max(1, orElse(p.By, min(mostBy, p.N/100)))
	}
	return p, nil
}

// The second operands are for machines of 32 bits.
const (
	mostRequests = min(1<<31, math.MaxInt)
	mostKeys     = min(1<<40, math.MaxInt)
)

// mostBy keeps the longest shifting part within its own keys.
const mostBy = 1 << 16

func orElse(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

func (s *Spec) set(p *Part, name, value string) (err error) {
	switch name {
	case "len":
		s.Len, err = integer(value, 0, mostRequests)
	case "seed":
		s.Seed, err = strconv.ParseUint(value, 10, 64)
	case "n":
		p.N, err = integer(value, 1, mostKeys)
	case "every":
		p.Every, err = integer(value, 1, mostKeys)
	case "by":
		p.By, err = integer(value, 1, mostBy)
	case "s":
		p.S, err = positive(value, 0, 10)
	case "weight":
		p.Weight, err = positive(value, 1e-9, 1e9)
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w", name, value, err)
	}
	return nil
}

// integer reads a whole number, 1e6 too.
func integer(s string, least, most int) (int, error) {
	x, err := positive(s, float64(least), float64(most))
	if err == nil && x != math.Trunc(x) {
		err = fmt.Errorf("not a whole number")
	}
	return int(x), err
}

func positive(s string, least, most float64) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("not a number")
	}
	if !(x >= least && x <= most) {
		return 0, fmt.Errorf("want a number from %g to %g", least, most)
	}
	return x, nil
}

// String returns the description that ParseSpec reads back.
func (s Spec) String() string {
	var b strings.Builder
	for i, p := range s.Parts {
		if i > 0 {
			b.WriteByte('+')
		}
		set := []string{}
		for _, name := range uses[p.Kind] {
			switch name {
			case "n":
				set = append(set, fmt.Sprintf("n=%d", p.N))
			case "s":
				set = append(set, fmt.Sprintf("s=%g", p.S))
			case "every":
				set = append(set, fmt.Sprintf("every=%d", p.Every))
			case "by":
				set = append(set, fmt.Sprintf("by=%d", p.By))
			}
		}
		if len(s.Parts) > 1 || p.Weight != 1 {
			set = append(set, fmt.Sprintf("weight=%g", p.Weight))
		}
		if i == 0 {
			set = append(set, fmt.Sprintf("len=%d", s.Len), fmt.Sprintf("seed=%d", s.Seed))
		}
		fmt.Fprintf(&b, "%s:%s", p.Kind, strings.Join(set, ","))
	}
	return b.String()
}
