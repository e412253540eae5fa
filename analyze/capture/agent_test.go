package capture_test

import (
	"testing"

	"github.com/whetgo/whet/analyze/capture"
)

func TestAgentInPackage(t *testing.T) {
	dir := module(t, map[string]string{"m.go": sumSource, "m_test.go": sumBench})
	epochs, err := capture.WatchInPackage(t.Context(), t.TempDir(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(epochs) < 4 || epochs[0].Heap == nil || epochs[0].Goroutine == nil {
		t.Errorf("got %d epochs", len(epochs))
	}
}

func TestParseInits(t *testing.T) {
	got := capture.ParseInits([]byte("hello\ninit regexp @0.26 ms, 0.002 ms clock, 16 bytes, 1 allocs\ninit broken @\ninit a.b/c @1 ms, 3.5 ms clock, 2048 bytes, 9 allocs\n"))
	if len(got) != 2 || got[1].Package != "a.b/c" || got[1].Sec != 3.5e-3 || got[1].Bytes != 2048 || got[1].Allocs != 9 {
		t.Errorf("got %+v", got)
	}
}
