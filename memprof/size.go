package memprof

import "fmt"

// size writes a number of bytes as people read it: "512 B", "1.5 KB", "10.0 MB".
func size(n int64) string {
	switch a := max(n, -n); {
	case a < 1<<10:
		return fmt.Sprintf("%d B", n)
	case a < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	case a < 1<<30:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}
