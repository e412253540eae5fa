package report

import (
	"testing"

	"github.com/whetgo/whet/analyze"
)

func TestQuantity(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		unit string
		want string
	}{
		{0, "sec/op", "0 s/op"},
		{1.234e-9, "sec/op", "1.23 ns/op"},
		{0.1e-9, "sec/op", "0.1 ns/op"},
		{999.9e-6, "sec", "1 ms"},
		{-0.0032, "sec", "−3.2 ms"},
		{125, "sec", "125 s"},
		{512, "B", "512 B"},
		{40e6, "B", "40 MB"},
		{123456e9, "B", "123456 GB"},
		{12, "allocs/op", "12 allocs/op"},
		{64, "goroutines", "64 goroutines"},
		{0.78, "1", "0.78"},
		{3, "", "3"},
	} {
		if got := quantity(tt.v, tt.unit); got != tt.want {
			t.Errorf("quantity(%v, %q): got %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
}

func TestGain(t *testing.T) {
	for _, tt := range []struct {
		g    analyze.Gain
		want string
	}{
		{analyze.Gain{Metric: "sec/op", Predicted: [2]float64{-0.62, -0.91}, Base: 1}, "−62 … −91 % sec/op"},
		{analyze.Gain{Metric: "sec/op", Predicted: [2]float64{-0.901, -0.904}}, "−90 % sec/op"},
		{analyze.Gain{Metric: "sec/op", Predicted: [2]float64{-0.004, -0.9996}}, "−0.4 … −99.9 % sec/op"},
		{analyze.Gain{Metric: "goroutines", Predicted: [2]float64{-1, -1}, Base: 64}, "−64 goroutines"},
		{analyze.Gain{Metric: "goroutines", Predicted: [2]float64{-1, -1}}, "−100 % goroutines"},
		{analyze.Gain{Metric: "sec", Predicted: [2]float64{-0.1, -0.9}, Base: 0.001}, "−100 … −900 µs"},
		{analyze.Gain{Metric: "sec", Predicted: [2]float64{-0.1, -0.9}, Base: 0.002}, "−200 µs … −1.8 ms"},
		{analyze.Gain{Metric: "sec", Predicted: [2]float64{-0.5, -0.9}, Base: 0.01}, "−5 … −9 ms"},
		{analyze.Gain{Metric: "B/op"}, "not predicted"},
		{analyze.Gain{Metric: "B/op", Measured: &analyze.Measured{Delta: 0.021, CI: [2]float64{-0.01, 0.05}}}, "+2.1 % [−1, +5] B/op"},
	} {
		if got := gain(tt.g); got != tt.want {
			t.Errorf("gain(%+v): got %q, want %q", tt.g, got, tt.want)
		}
	}
}

func TestShortFunc(t *testing.T) {
	for name, want := range map[string]string{
		"example.com/a/b.(*T).M":             "(*T).M",
		"example.com/a/b.F":                  "F",
		"gopkg.in/yaml.v3.(*Decoder).Decode": "(*Decoder).Decode",
		"main.main.func1":                    "main.func1",
		"a/b.(*Map[...]).Get":                "(*Map[...]).Get",
		"type a/b.T":                         "type T",
		"var a/b.x":                          "var x",
		"b.Keys[go.shape.string,a/c.T]":      "Keys[go.shape.string,a/c.T]",
		"runtime.mallocgc":                   "mallocgc",
		"":                                   "",
		"_cgo_x":                             "_cgo_x",
	} {
		if got := shortFunc(name); got != want {
			t.Errorf("shortFunc(%q): got %q, want %q", name, got, want)
		}
	}
}
