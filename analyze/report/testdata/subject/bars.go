// Package bars reads bars of prices.
package bars

import (
	"os"
	"regexp"
	"sync"
)

// Store holds what was read.
type Store struct {
	mu   sync.Mutex
	bars map[string][]byte
}

// Bars returns the bars of the symbol.
func (s *Store) Bars(symbol string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	re := regexp.MustCompile(`^[A-Z]{1,5}$`)
	if !re.MatchString(symbol) {
		return nil, os.ErrInvalid
	}
	return os.ReadFile(symbol + ".csv")
}
