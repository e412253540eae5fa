package naive

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrNoSymbol is returned for a symbol that is ill-formed or not traded.
var ErrNoSymbol = errors.New("no such symbol")

// futures gives the price of a tick of each futures contract traded.
var futures = map[string]float64{
	"CL": 0.01,
	"ES": 0.25,
	"GC": 0.1,
	"NQ": 0.25,
	"ZN": 1.0 / 64,
}

// deliveryMonths has the letter of January first.
const deliveryMonths = "FGHJKMNQUVXZ"

// Instrument is what a symbol stands for.
type Instrument struct {
	Symbol string
	Root   string     // currency pair or futures root
	Tick   float64    // least step of the price
	Year   int        // of delivery; 0 for a currency pair
	Month  time.Month // of delivery; 0 for a currency pair
}

// Ticks returns a price in whole ticks, rounded to the nearest.
func (in Instrument) Ticks(price float64) int64 {
	return int64(math.Round(price / in.Tick))
}

// Lookup returns the instrument of a symbol: a currency pair as EURUSD.FX, or
// a future as ESZ6 or ESZ26, where a single digit is a year of the 2020s.
func Lookup(symbol string) (Instrument, error) {
	re := regexp.MustCompile(`^(?:([A-Z]{3})([A-Z]{3})\.FX|([A-Z]{2})([FGHJKMNQUVXZ])([0-9]{1,2}))$`)
	m := re.FindStringSubmatch(symbol)
	if m == nil {
		return Instrument{}, fmt.Errorf("symbol %q: %w", symbol, ErrNoSymbol)
	}
	if m[3] == "" {
		return pair(symbol, m[2]), nil
	}
	tick, ok := futures[m[3]]
	if !ok {
		return Instrument{}, fmt.Errorf("symbol %q: %w", symbol, ErrNoSymbol)
	}
	year, err := strconv.Atoi(m[5])
	if err != nil {
		return Instrument{}, fmt.Errorf("symbol %q: %w", symbol, err)
	}
	if len(m[5]) == 1 {
		year += 20
	}
	month := time.Month(strings.Index(deliveryMonths, m[4]) + 1)
	return Instrument{Symbol: symbol, Root: m[3], Tick: tick, Year: 2000 + year, Month: month}, nil
}

// pair returns a currency pair, which is quoted in tenths of a pip.
func pair(symbol, quote string) Instrument {
	tick := 0.00001
	if quote == "JPY" {
		tick = 0.001
	}
	return Instrument{Symbol: symbol, Root: symbol[:6], Tick: tick}
}
