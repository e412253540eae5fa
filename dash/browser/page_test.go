package browser_test

import (
	"strings"
	"testing"
	"time"
)

// ready waits until the page shows samples of the program.
func (b *tab) ready() {
	b.Helper()
	b.await(`document.querySelector("#link").textContent === "live" && document.querySelectorAll("#caches article").length === 3`)
	b.await(`document.querySelectorAll("#metrics tbody tr").length > 50`)
	b.await(`document.querySelector("#advice li") !== null`)
}

func TestPage(t *testing.T) {
	p := start(t, 100*time.Millisecond)
	for _, width := range []int64{1440, 390} {
		for _, scheme := range []string{"light", "dark"} {
			name := map[int64]string{1440: "desktop", 390: "phone"}[width] + "-" + scheme
			t.Run(name, func(t *testing.T) {
				b := open(t, p.url, width, scheme)
				b.ready()
				if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > width {
					t.Errorf("the page is %d wide, the window %d", wide, width)
				}
				b.keep(name)
				for _, m := range b.complaints() {
					t.Error("the console says", m)
				}
				for _, url := range b.asked() {
					if !strings.HasPrefix(url, p.url) {
						t.Error("the page asks for", url)
					}
				}
				if len(b.asked()) < 5 {
					t.Errorf("only %q was asked for: requests are not seen", b.asked())
				}
			})
		}
	}
}
