package policy

// A useHeap is a binary heap of positions, the largest first.
type useHeap []uint32

func (h *useHeap) push(x uint32) {
	*h = append(*h, x)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up] >= x {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = x
}

// down restores the order below i after s[i] became smaller.
func (h *useHeap) down(i int) {
	s := *h
	x := s[i]
	for {
		c := 2*i + 1
		if c >= len(s) {
			break
		}
		if c+1 < len(s) && s[c+1] > s[c] {
			c++
		}
		if s[c] <= x {
			break
		}
		s[i] = s[c]
		i = c
	}
	s[i] = x
}
