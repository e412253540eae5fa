package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ready waits until the page shows samples of the program.
func (b *tab) ready() {
	b.Helper()
	b.await(`document.querySelector("#link").textContent === "live" && document.querySelectorAll("#caches article").length === 3`)
	b.await(`document.querySelectorAll("#metrics tbody tr").length > 50`)
	b.await(`document.querySelector("#advice li") !== null`)
	eval[any](b, `document.querySelector("#caches").scrollIntoView(), null`) // what is out of sight is not drawn
	b.await(`document.querySelector("#caches .line.s1")?.getAttribute("d")?.length > 100`)
}

// clean demands that the page has not complained, and has asked for nothing elsewhere.
func (b *tab) clean(url string) {
	b.Helper()
	for _, m := range b.complaints() {
		b.Error("the console says", m)
	}
	for _, asked := range b.asked() {
		if !strings.HasPrefix(asked, url) && !strings.HasPrefix(asked, "blob:"+strings.TrimSuffix(url, "debug/whet/")) {
			b.Error("the page asks for", asked)
		}
	}
	if len(b.asked()) < 5 {
		b.Errorf("only %q was asked for: requests are not seen", b.asked())
	}
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
				dark := eval[string](b, "getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 24)"
				if dark != (scheme == "dark") {
					t.Errorf("it is dark: %v", dark)
				}
				b.accessible()
				b.keep(name)
				b.clean(p.url)
			})
		}
	}
}

// accessible demands that axe-core finds nothing wrong.
func (b *tab) accessible() {
	b.Helper()
	source, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		b.Run("axe", func(t *testing.T) { missing(t, "axe-core: npm ci in dash/browser") })
		return
	}
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](string(source)+";null"))
	b.must(err)
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
		`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify({passes: r.passes.length, violations: r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html.slice(0, 200)).slice(0, 3).join(" | "))}))`,
		chromedp.EvaluateOption(func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) })))
	b.must(err)
	var found struct {
		Passes     int
		Violations []string
	}
	b.must(json.Unmarshal([]byte(text), &found))
	for _, v := range found.Violations {
		b.Error(v)
	}
	if found.Passes < 15 {
		b.Errorf("axe-core looked at %d rules only", found.Passes)
	}
}

// What happens in the program is on the page with the next sample.
func TestLive(t *testing.T) {
	p := start(t, 100*time.Millisecond)
	b := open(t, p.url, 1440, "light")
	b.ready()
	p.registry.Gauge("/late/level:count").Set(4321)
	row := `[...document.querySelectorAll("#metrics tbody tr")].find(r => r.textContent.includes("/late/level"))`
	b.await(row + `?.textContent.includes("4,321")`)
	p.registry.Gauge("/late/level:count").Set(1234)
	b.await(row + `.textContent.includes("1,234")`)

	// A line is drawn anew with each sample.
	const line = `document.querySelector("#caches .line.s1").getAttribute("d")`
	eval[bool](b, "window.before = "+line+", true")
	b.await("window.before !== " + line)

	// Paused, it stands still; then it goes on.
	b.do(chromedp.Click(chromedp.CSS("#pause")))
	b.await(`document.querySelector("#link").textContent === "paused"`)
	p.registry.Gauge("/late/level:count").Set(99)
	for range 5 {
		<-p.history.Changed()
	}
	if text := eval[string](b, row+".textContent"); !strings.Contains(text, "1,234") {
		t.Errorf("while it is paused it shows %q", text)
	}
	b.do(chromedp.Click(chromedp.CSS("#pause")))
	b.await(row + `.textContent.includes("99")`)

	// Other windows, and back.
	for _, n := range []int{2, 3, 1} {
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("#windows button:nth-child(%d)", n))))
		b.await(fmt.Sprintf(`document.querySelector("#windows button:nth-child(%d)").getAttribute("aria-pressed") === "true"`, n))
	}
	b.await(`document.querySelector("#caches .line.s1")?.getAttribute("d")?.length > 100`)

	// Only the rows whose name is asked for.
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "late/level"))
	b.await(`[...document.querySelectorAll("#metrics tbody tr")].filter(r => !r.hidden).length === 1`)
	b.clean(p.url)
}

// Every control can be reached and used by the keyboard alone, and is seen to be.
func TestKeyboard(t *testing.T) {
	p := start(t, 100*time.Millisecond)
	b := open(t, p.url, 1440, "light")
	b.ready()
	reached := map[string]bool{}
	for range 40 {
		b.do(chromedp.KeyEvent(kb.Tab))
		where := eval[string](b, `(e => e === document.body ? "" : e.id || e.dataset.kind || e.parentElement.id || e.className || e.getAttribute("href") || e.tagName)(document.activeElement)`)
		if where == "" {
			break
		}
		reached[where] = true
		if eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
			t.Errorf("%s does not show that it has the focus", where)
		}
		if where == "theme" {
			b.do(chromedp.KeyEvent(kb.Enter))
			b.await(`document.documentElement.dataset.theme === "light"`)
			b.do(chromedp.KeyEvent(" "))
			b.await(`document.documentElement.dataset.theme === "dark" && getComputedStyle(document.body).backgroundColor === "rgb(14, 19, 24)"`)
		}
	}
	for _, want := range []string{"skip", "windows", "pause", "theme", "cpu", "heap", "trace", "filter", "zero", "report.json"} {
		if !reached[want] {
			t.Errorf("%s is not reached; reached were %v", want, reached)
		}
	}
}

// A profile is handed to the reader.
func TestProfile(t *testing.T) {
	p := start(t, 100*time.Millisecond)
	b := open(t, p.url, 1440, "light")
	b.ready()
	for _, kind := range []string{"heap", "trace"} {
		b.do(chromedp.Click(chromedp.CSS("[data-kind=" + kind + "]")))
		b.await(`document.querySelector("#taking").textContent.includes("whet-` + kind + `-") && !document.querySelector("[data-kind=heap]").disabled`)
		if text := eval[string](b, `document.querySelector("#taking").textContent`); !strings.Contains(text, "bytes. See it by go tool") || strings.Contains(text, " 0 bytes") {
			t.Errorf("it says %q", text)
		}
	}
	b.clean(p.url)
}

// With 1,000 instruments more, all of them changing with ten samples a second, the page
// keeps up and does not take ever more memory. How long frames take is told, and judged by no
// limit: that depends on the machine.
func TestThousand(t *testing.T) {
	p := start(t, 100*time.Millisecond)
	for i := range 1000 {
		p.registry.Gauge(fmt.Sprintf("/many/%d/level:count", i)).Set(float64(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for ctx.Err() == nil {
			for i := range 1000 {
				p.registry.Gauge(fmt.Sprintf("/many/%d/level:count", i)).Set(rand.Float64())
			}
			select {
			case <-p.history.Changed():
			case <-ctx.Done():
			}
		}
	}()
	defer func() { cancel(); <-changed }()
	b := open(t, p.url, 1440, "light")
	b.ready()
	b.await(`document.querySelectorAll("#metrics tbody tr").length > 1000`)
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#metrics")))
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`new Promise(done => {
		const frames = [];
		let last = performance.now();
		const tick = now => {
			frames.push(now - last);
			last = now;
			if (frames.length < 120) requestAnimationFrame(tick);
			else done(JSON.stringify(frames.sort((a, b) => a - b)));
		};
		requestAnimationFrame(tick);
	})`, chromedp.EvaluateOption(func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) })))
	b.must(err)
	var frames []float64
	b.must(json.Unmarshal([]byte(text), &frames))
	t.Logf("time between frames: median %.0f ms, 9 of 10 within %.0f ms, longest %.0f ms", frames[60], frames[108], frames[119])

	// It keeps up: what is shown is not older than what a slow machine takes for some samples.
	p.registry.Gauge("/probe:count").Set(777)
	b.await(`[...document.querySelectorAll("#metrics tbody tr")].some(r => r.textContent.startsWith("/probe") && r.textContent.includes("777"))`)
	if heap := eval[float64](b, "performance.memory?.usedJSHeapSize ?? 0"); heap > 400e6 {
		t.Errorf("the page takes %.0f MB", heap/1e6)
	}
	b.clean(p.url)
}
