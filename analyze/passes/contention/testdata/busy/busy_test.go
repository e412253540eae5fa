package busy

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

func BenchmarkPublish(b *testing.B) {
	s := NewSubscribers(100)
	for b.Loop() {
		s.Publish(1)
	}
}

func BenchmarkCount(b *testing.B) {
	for b.Loop() {
		var total Total
		ctx, cancel := context.WithTimeout(b.Context(), time.Millisecond)
		Count(ctx, &total)
		cancel()
	}
}

func BenchmarkSum(b *testing.B) {
	values := make([]int, 1000)
	for b.Loop() {
		var done atomic.Bool
		time.AfterFunc(time.Millisecond, func() { done.Store(true) })
		Sum(values, &done)
	}
}

func BenchmarkReplay(b *testing.B) {
	for b.Loop() {
		var j Journal
		n := uint64(0)
		j.Replay(func() (uint64, bool) { n++; return n, n < 1000 })
	}
}

func BenchmarkTallies(b *testing.B) {
	var t Tallies
	var goroutine atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		i := int(goroutine.Add(1))
		for pb.Next() {
			t.Add(i)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	var keys []string
	for i := range 10000 {
		keys = append(keys, "key"+strconv.Itoa(i))
	}
	t := NewTable(keys)
	var goroutine atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for i := int(goroutine.Add(1)) * 997; pb.Next(); i++ {
			t.Get(keys[i%len(keys)])
		}
	})
}
