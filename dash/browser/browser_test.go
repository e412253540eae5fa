package browser_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// missing skips a test that needs what is not here, or fails it if all is asked for.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("WHET_ALL") != "" {
		t.Fatal("needs " + what)
	}
	t.Skip("needs " + what)
}

// chromium finds the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "a Chromium")
	return ""
}

// A tab is a page that is open in a browser, and what it has asked for and complained of.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex // guards what follows
	requests []string
	messages []string
}

// open starts a browser and opens a page in it, in a window of that size and color scheme.
func open(t *testing.T, url string, width int64, scheme string) *tab {
	t.Helper()
	browser, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(time.Minute))
	t.Cleanup(stop)
	b := &tab{T: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the browser's end, so that its folder can be removed
		cancel()
	})
	b.ctx = ctx
	b.must(chromedp.Do(ctx)) // a timeout on the first call would end the browser with it
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			if m.Type == "error" || m.Type == "warning" || m.IsException() {
				b.mu.Lock()
				b.messages = append(b.messages, m.String())
				b.mu.Unlock()
			}
		}
	}()
	requests := chromedp.Events(ctx, network.RequestWillBeSent)
	go func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.requests = append(b.requests, r.Request.URL)
			b.mu.Unlock()
		}
	}()
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.must(err)
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.must(err)
	b.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(url))
	return b
}

func (b *tab) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	b.must(chromedp.Do(ctx, steps...))
}

// await waits until an expression is true.
func (b *tab) await(expression string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Minute), chromedp.WithPollingInterval(50*time.Millisecond))); err != nil {
		var body string
		body, _ = chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.Fatalf("waiting for %s: %v; messages: %q; the page says:\n%.1500s", expression, err, b.complaints(), body)
	}
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%.200s: %v", expression, err)
	}
	return v
}

func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.messages...)
}

// asked returns the URLs that were asked for.
func (b *tab) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

// keep writes a screenshot of the whole page, in a window that is as high as that, so that
// nothing is out of sight.
func (b *tab) keep(name string) {
	b.Helper()
	width := eval[int64](b, "window.innerWidth")
	b.do(chromedp.EmulateViewport(width, eval[int64](b, "document.documentElement.scrollHeight")))
	b.await(`[...document.querySelectorAll("svg.chart .line.s1")].every(l => l.getAttribute("d") !== null)`)
	dir := os.Getenv("WHET_ARTIFACTS")
	if dir == "" {
		dir = b.TempDir()
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.must(err)
	b.must(os.MkdirAll(dir, 0o755))
	path := filepath.Join(dir, name+".png")
	b.must(os.WriteFile(path, png, 0o644))
	if !strings.HasPrefix(string(png), "\x89PNG") {
		b.Errorf("%s: no picture", path)
	}
	b.Logf("screenshot: %s (%d bytes)", path, len(png))
}
