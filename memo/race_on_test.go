//go:build race

package memo_test

const raceEnabled = true
