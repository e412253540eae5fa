package cache

type curve struct{}

func newCurve(int) *curve       { return nil }
func (c *curve) observe(uint64) {}
