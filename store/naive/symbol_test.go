package naive

import (
	"errors"
	"testing"
	"time"
)

func TestLookup(t *testing.T) {
	for symbol, want := range map[string]Instrument{
		"EURUSD.FX": {Root: "EURUSD", Tick: 0.00001},
		"USDJPY.FX": {Root: "USDJPY", Tick: 0.001},
		"ESZ6":      {Root: "ES", Tick: 0.25, Year: 2026, Month: time.December},
		"ESZ26":     {Root: "ES", Tick: 0.25, Year: 2026, Month: time.December},
		"CLF7":      {Root: "CL", Tick: 0.01, Year: 2027, Month: time.January},
		"ZNH30":     {Root: "ZN", Tick: 1.0 / 64, Year: 2030, Month: time.March},
	} {
		want.Symbol = symbol
		if got, err := Lookup(symbol); err != nil || got != want {
			t.Errorf("Lookup(%q) = %+v, %v, want %+v", symbol, got, err, want)
		}
	}
}

func TestLookupRejects(t *testing.T) {
	for _, symbol := range []string{
		"", "ES", "ESA6", "ESZ", "ESZ126", "XXZ6", "esz6", "EURUSD", "EURUSDX.FX",
		"EURUSD.FX ", " ESZ6", "ESZ6\n", "../ESZ6",
	} {
		if in, err := Lookup(symbol); !errors.Is(err, ErrNoSymbol) {
			t.Errorf("Lookup(%q) = %+v, %v, want %v", symbol, in, err, ErrNoSymbol)
		}
	}
}

func TestTicks(t *testing.T) {
	in := Instrument{Tick: 0.25}
	for price, want := range map[float64]int64{0: 0, 5000.25: 20001, 5000.3: 20001, -37.63: -151} {
		if got := in.Ticks(price); got != want {
			t.Errorf("Ticks(%v) = %d, want %d", price, got, want)
		}
	}
}
