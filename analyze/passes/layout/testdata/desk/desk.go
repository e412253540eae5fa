// Package desk hands parameters about in maps.
package desk

import "encoding/json"

// Params always has the same keys.
type Params map[string]any

// NewParams makes the parameters of an account.
func NewParams(account string, client int) Params {
	return Params{ // want layout/map-of-any
		"driver":   "file",
		"account":  account,
		"client":   client,
		"max-lots": int64(100),
	}
}

// Limit reads the parameters.
func (p Params) Limit() int64 {
	return p["max-lots"].(int64) + int64(p["client"].(int))
}

func describe(symbol string, price float64) map[string]any {
	m := make(map[string]any) // want layout/map-of-any
	m["symbol"] = symbol
	m["price"] = price
	return m
}

// Describe writes a quote as JSON.
func Describe(symbol string, price float64) ([]byte, error) {
	m := describe(symbol, price)
	m["live"] = true
	return json.Marshal(m)
}

// Settings is only asked: where it is made is not in the benchmark.
type Settings map[string]any // want layout/map-of-any

// NewSettings makes settings.
func NewSettings(depth int) Settings {
	return Settings{"depth": depth, "wide": depth > 5}
}

// Depth asks for the depth.
func (s Settings) Depth() int {
	if s["wide"].(bool) {
		return 2 * s["depth"].(int)
	}
	return s["depth"].(int)
}
