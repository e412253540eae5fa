package store_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/whetgo/whet/store"
)

func TestDecimals(t *testing.T) {
	for text, want := range map[string]store.Price{
		"0": 0, "1": store.Unit, "-1.5": -1.5 * store.Unit, "+.25": store.Unit / 4, "3.": 3 * store.Unit, "1e-7": 10, "1.5E2": 150 * store.Unit,
		"0.00000001": 1, "0.000000014": 1, "0.000000015": 2, "-0.000000015": -2, "1394.4600830078125": 139446008301,
		"92233720368.54775807": math.MaxInt64, "0000000000000000000000000001": store.Unit,
	} {
		if got, err := store.ParsePrice(text); got != want || err != nil {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	var out *store.RangeError
	for _, text := range []string{"92233720368.54775808", "1e99", "-99999999999999"} {
		if got, err := store.ParsePrice(text); !errors.As(err, &out) {
			t.Errorf("%s: got %d, %v, want a RangeError", text, got, err)
		}
	}
	for _, text := range []string{"", "-", ".", "1,5", "0x1", "NaN", "Inf", "1e", "1e+", "1_0", "--1", " 1", "1e9999", strings.Repeat("1", 100)} {
		if got, err := store.ParsePrice(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), 1e12} {
		if p, err := store.PriceOf(f); !errors.As(err, &out) {
			t.Errorf("%v: got %v, %v", f, p, err)
		}
	}
}

func TestNotional(t *testing.T) {
	if m, err := store.Notional(store.Points(-3), store.Lots(7)); m != -21*store.Unit || err != nil {
		t.Errorf("-3 × 7 = %v, %v", m, err)
	}
	if m, err := store.Notional(1, store.Unit/2); m != 1 || err != nil { // half a step, away from zero
		t.Errorf("a step × 0.5 = %v, %v", m, err)
	}
	var out *store.RangeError
	if m, err := store.Notional(store.Points(90_000_000_000), store.Lots(2)); !errors.As(err, &out) {
		t.Errorf("too large: %v, %v", m, err)
	}
}

// FuzzDecimal compares with rational numbers.
func FuzzDecimal(f *testing.F) {
	f.Add("1.5", int64(3))
	f.Add("-92233720368.54775807", int64(-1))
	f.Add("1e-9", int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, text string, n int64) {
		p, err := store.ParsePrice(text)
		if err == nil {
			if again, err := store.ParsePrice(p.String()); again != p || err != nil {
				t.Errorf("%q is %d, written as %s and read as %d, %v", text, p, p, again, err)
			}
			exact, ok := new(big.Rat).SetString(text)
			if !ok {
				t.Fatalf("%q was read as %v", text, p)
			}
			exact.Mul(exact, big.NewRat(store.Unit, 1)).Sub(exact, new(big.Rat).SetInt64(int64(p)))
			if exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 {
				t.Errorf("%q was read as %v", text, p)
			}
		}
		m, err := store.Notional(p, store.Qty(n))
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(p)), big.NewInt(n)), big.NewInt(store.Unit))
		if err != nil {
			if exact.Abs(exact).Cmp(new(big.Rat).SetInt64(math.MaxInt64)) < 0 {
				t.Errorf("%v × %v: %v", p, store.Qty(n), err)
			}
			return
		}
		exact.Sub(exact, new(big.Rat).SetInt64(int64(m)))
		if exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 {
			t.Errorf("%v × %v = %v", p, store.Qty(n), m)
		}
	})
}
