package hist_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/whetgo/whet/hist"
)

func Example() {
	var latency hist.Histogram
	for ms := range 100 {
		latency.Record(int64(time.Duration(ms+1) * time.Millisecond))
	}
	s := latency.Snapshot()
	fmt.Println(s.Count(), "calls, mean", time.Duration(s.Mean()).Round(time.Microsecond))
	fmt.Println("99 % within", time.Duration(s.Quantile(0.99)).Round(time.Millisecond))
	// Output:
	// 100 calls, mean 50.5ms
	// 99 % within 99ms
}

func ExampleSnapshot_Sub() {
	var sizes hist.Histogram
	sizes.Record(3)
	before := sizes.Snapshot()
	sizes.Record(5)
	sizes.Record(5)
	text, _ := json.Marshal(sizes.Snapshot().Sub(before))
	fmt.Println(string(text))
	// Output: {"count":2,"sum":10,"buckets":[[5,2]]}
}

func ExampleSnapshot_Buckets() {
	var latency hist.Histogram
	for _, v := range []int64{100, 500, 501} {
		latency.Record(v)
	}
	for b := range latency.Snapshot().Buckets() {
		fmt.Printf("%d–%d: %d\n", b.Min, b.Max, b.Count)
	}
	// Output:
	// 100–100: 1
	// 500–503: 2
}
