package naive

// Average is the moving average of the last prices. It is not safe for
// concurrent use.
type Average struct {
	prices []int64
	next   int
	full   bool
	sum    int64
}

// NewAverage returns the average of the last size prices; size must be
// positive.
func NewAverage(size int) *Average {
	return &Average{prices: make([]int64, size)}
}

// Add enters a price in ticks.
func (a *Average) Add(price int64) {
	a.sum += price - a.prices[a.next]
	a.prices[a.next] = price
	a.next++
	if a.next == len(a.prices) {
		a.next = 0
		a.full = true
	}
}

// Mean returns the average in ticks; it reports false until as many prices
// were added as the average spans.
func (a *Average) Mean() (float64, bool) {
	if !a.full {
		return 0, false
	}
	return float64(a.sum) / float64(len(a.prices)), true
}

// Reset forgets the prices.
func (a *Average) Reset() {
	clear(a.prices)
	a.next, a.full, a.sum = 0, false, 0
}
