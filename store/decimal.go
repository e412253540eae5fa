package store

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Unit is one whole of a Price, Qty or Money: they count in steps of 1/Unit, 10⁻⁸, so that
// the prices and lots of stocks, futures, currencies and coins are exact, and sums do not
// drift. The largest is a little above 92 billion.
const Unit = 100_000_000

// A Price is the price of one whole, in steps of 10⁻⁸ of the currency. It may be negative.
type Price int64

// A Qty is a quantity that is ordered, filled or held, in steps of 10⁻⁸ of a whole share,
// contract or coin. It is negative in a short position only; the side of an order is its Side.
type Qty int64

// Money is an amount of the account's currency, in steps of 10⁻⁸.
type Money int64

// A Volume is what was traded in a bar, in wholes. Unlike a Qty it is an aggregate, of
// anything from a millionth of a coin to a year of an index, and so a floating number.
type Volume float64

// ParsePrice reads a decimal such as 101.25 or 1e-7. Digits after the eighth decimal are
// rounded, half away from zero.
func ParsePrice(s string) (Price, error) { n, err := parseDecimal(s); return Price(n), err }

// ParseQty reads a decimal as ParsePrice does.
func ParseQty(s string) (Qty, error) { n, err := parseDecimal(s); return Qty(n), err }

// PriceOf returns the price nearest to f. It is an error if f is not a number, or too large.
func PriceOf(f float64) (Price, error) {
	if r := math.Round(f * Unit); math.Abs(r) < math.MaxInt64 { // false of NaN
		return Price(r), nil
	}
	return 0, &RangeError{What: fmt.Sprint(f)}
}

// Lots returns n wholes. It panics if that is out of range.
func Lots(n int64) Qty {
	if n > math.MaxInt64/Unit || n < math.MinInt64/Unit {
		panic(fmt.Sprintf("store: %d lots", n))
	}
	return Qty(n * Unit)
}

// Points returns the price of n wholes. It panics if that is out of range.
func Points(n int64) Price { return Price(Lots(n)) }

// Float returns p as a floating number, for indicators and charts.
func (p Price) Float() float64 { return float64(p) / Unit }

// Float returns q as a floating number.
func (q Qty) Float() float64 { return float64(q) / Unit }

// Float returns m as a floating number.
func (m Money) Float() float64 { return float64(m) / Unit }

// String returns p as the shortest decimal that is exact.
func (p Price) String() string { return formatDecimal(int64(p)) }

// String returns q as the shortest decimal that is exact.
func (q Qty) String() string { return formatDecimal(int64(q)) }

// String returns m as the shortest decimal that is exact.
func (m Money) String() string { return formatDecimal(int64(m)) }

// Notional returns p × q, rounded half away from zero. It is an error if that is too large.
func Notional(p Price, q Qty) (Money, error) {
	hi, lo := bits.Mul64(magnitude(int64(p)), magnitude(int64(q)))
	if hi < Unit {
		n, rest := bits.Div64(hi, lo, Unit)
		if rest >= Unit/2 {
			n++
		}
		if n <= math.MaxInt64 {
			if (p < 0) != (q < 0) {
				return -Money(n), nil
			}
			return Money(n), nil
		}
	}
	return 0, &RangeError{What: fmt.Sprintf("%v × %v", p, q)}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func formatDecimal(n int64) string {
	m, sign := magnitude(n), ""
	if n < 0 {
		sign = "-"
	}
	if m%Unit == 0 {
		return fmt.Sprintf("%s%d", sign, m/Unit)
	}
	return strings.TrimRight(fmt.Sprintf("%s%d.%08d", sign, m/Unit, m%Unit), "0")
}

const maxDecimal = 64 // characters

var errSyntax = errors.New("not a decimal number")

// parseDecimal reads sign, digits, point, digits and exponent, and returns steps of 10⁻⁸.
func parseDecimal(s string) (int64, error) {
	if len(s) > maxDecimal {
		return 0, errSyntax
	}
	body, negative := s, false
	if rest, ok := strings.CutPrefix(body, "-"); ok {
		body, negative = rest, true
	} else {
		body = strings.TrimPrefix(body, "+")
	}
	mantissa, exp, err := cutExponent(body)
	if err != nil {
		return 0, err
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errSyntax
	}
	n, ok := scale(digits, len(whole)+exp+8)
	if !ok {
		return 0, &RangeError{What: s}
	}
	if negative {
		n = -n
	}
	return n, nil
}

// cutExponent splits 1.5e-7 in 1.5 and -7.
func cutExponent(s string) (mantissa string, exp int, err error) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, nil
	}
	text, sign := s[i+1:], 1
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		text, sign = rest, -1
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	if text == "" || len(text) > 3 || strings.Trim(text, "0123456789") != "" {
		return "", 0, errSyntax
	}
	for _, d := range text {
		exp = exp*10 + int(d-'0')
	}
	return s[:i], sign * exp, nil
}

// scale returns the number that the first n of the digits make, zeros added if they are
// fewer, rounded by the digit that follows.
func scale(digits string, n int) (v int64, ok bool) {
	for i := range n {
		d := int64(0)
		if i < len(digits) {
			d = int64(digits[i] - '0')
		}
		if v > (math.MaxInt64-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	if n >= 0 && n < len(digits) && digits[n] >= '5' {
		if v == math.MaxInt64 {
			return 0, false
		}
		v++
	}
	return v, true
}
