package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/whetgo/whet/store"
	_ "github.com/whetgo/whet/store/sim"
)

var params = store.Params{Driver: "sim", Addr: "bench", Account: "DU1", Client: 7}

func BenchmarkOpen(b *testing.B) {
	s, err := store.Open(b.Context(), params)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if got, _ := store.Open(context.Background(), params); got != s {
			b.Fatal("another store")
		}
	}
}

func BenchmarkOpenByKey(b *testing.B) {
	s, err := store.Open(b.Context(), params)
	if err != nil {
		b.Fatal(err)
	}
	k := store.KeyOf(params)
	b.ReportAllocs()
	for b.Loop() {
		if got, _ := k.Open(context.Background()); got != s {
			b.Fatal("another store")
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	p := params
	b.ReportAllocs()
	for b.Loop() {
		p.Client++
		if _, err := store.Open(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	s, err := store.Open(b.Context(), params)
	if err != nil {
		b.Fatal(err)
	}
	n := store.Note{Class: store.InfoNotes, Symbol: "ES", Text: "hello"}
	b.ReportAllocs()
	for b.Loop() {
		s.Put(n)
	}
}

func BenchmarkBars(b *testing.B) {
	s, err := store.Open(b.Context(), params)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Stop(context.Background())
	to := store.At(time.Now()).Floor(time.Hour)
	q := store.Query{Symbol: "ES", Interval: time.Minute, From: to.Add(-time.Hour), To: to}
	m := map[store.Query]store.Series{q: {}}
	if got, err := s.Bars(b.Context(), q); err != nil || got.Len() != 60 {
		b.Fatal(got.Len(), err)
	}
	b.Run("store", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Bars(context.Background(), q)
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			if _, ok := m[q]; !ok {
				b.Fatal()
			}
		}
	})
}
