package monitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/whetgo/whet/monitor"
)

// run runs a history for a time, in a bubble, with work done before each second's sample.
func run(t *testing.T, r *monitor.Registry, opts *monitor.HistoryOptions, seconds int, work func(second int), check func(h *monitor.History)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := monitor.NewHistory(r, opts)
		for n := range seconds {
			if work != nil {
				work(n)
			}
			h.Sample()
			time.Sleep(time.Second)
		}
		check(h)
	})
}

func TestSeries(t *testing.T) {
	var r monitor.Registry
	c, g, d := r.Counter("/c:x"), r.Gauge("/g:x"), r.Timer("/t:seconds")
	work := func(n int) {
		c.Add(int64(n))
		g.Set(float64(n))
		if n%2 == 0 {
			d.Observe(time.Duration(n) * time.Millisecond)
		}
	}
	run(t, &r, nil, 1000, work, func(h *monitor.History) {
		fine := h.Series(time.Minute, nil)
		if n := len(fine.Times); n != 300 || fine.Window.Step != time.Second {
			t.Fatalf("%d points %v apart, want 300, a second", n, fine.Window.Step)
		}
		for i := range fine.Times {
			n := float32(700 + i) // the second that the point is of
			if got := fine.Values["/c:x"][i]; got != n {
				t.Fatalf("point %d: the counter's rate is %v, want %v", i, got, n)
			}
			if got := fine.Values["/g:x"][i]; got != n {
				t.Fatalf("point %d: the gauge is %v, want %v", i, got, n)
			}
			p99, rate := fine.Values["/t:seconds@p99"][i], fine.Values["/t:seconds@rate"][i]
			if i%2 == 0 && (math.Abs(float64(p99-n/1000)) > .01*float64(n/1000) || rate != 1) {
				t.Fatalf("point %d: the timer's p99 is %v, its rate %v, want %v, 1", i, p99, rate, n/1000)
			}
			if i%2 == 1 && (p99 == p99 || rate != 0) {
				t.Fatalf("point %d: the timer's p99 is %v of %v durations", i, p99, rate)
			}
		}
		coarse := h.Series(time.Hour, func(name string) bool { return name == "/g:x" || name == "/c:x" })
		if len(coarse.Values) != 2 || len(coarse.Times) != 1000/12 || coarse.Window.Step != 12*time.Second {
			t.Fatalf("%d series of %d points, %v apart", len(coarse.Values), len(coarse.Times), coarse.Window.Step)
		}
		// The second point is of the seconds 12 to 23, and a gauge's is their mean.
		if got := coarse.Values["/g:x"][1]; got != 17.5 {
			t.Errorf("the gauge's mean is %v, want 17.5", got)
		}
		if got := coarse.Values["/c:x"][1]; got != 17.5 {
			t.Errorf("the counter's rate is %v, want 17.5", got)
		}
	})
}

func TestGaps(t *testing.T) {
	var r monitor.Registry
	var remove func()
	work := func(n int) {
		switch n {
		case 0, 20:
			remove = monitor.Watch(&r, "/s", some{})
		case 10:
			remove()
		}
	}
	run(t, &r, nil, 30, work, func(h *monitor.History) {
		for i, v := range h.Series(0, nil).Values["/s/n:count"] {
			if there := i < 10 || i >= 20; (v == 1) != there {
				t.Errorf("point %d is %v", i, v)
			}
		}
	})
}

// A metric that is there no more is forgotten when its last point is.
func TestForgets(t *testing.T) {
	var r monitor.Registry
	var remove func()
	work := func(n int) {
		if n > 0 {
			remove()
		}
		remove = monitor.Watch(&r, fmt.Sprintf("/s/%d", n), some{})
	}
	run(t, &r, &monitor.HistoryOptions{MaxSeries: 1000}, 900, work, func(h *monitor.History) {
		if n := h.SeriesKept()[0]; n > 301 {
			t.Errorf("%d series are kept, of which 300 have a point", n)
		}
		if left := h.Report().Left; left != 0 {
			t.Errorf("%d metrics were left out", left)
		}
	})
}

func TestMaxSeries(t *testing.T) {
	var r monitor.Registry
	for i := range 20 {
		r.Gauge(fmt.Sprintf("/g/%d:x", i))
	}
	run(t, &r, &monitor.HistoryOptions{MaxSeries: 15}, 30, nil, func(h *monitor.History) {
		if got := h.SeriesKept(); got[0] != 15 || got[1] != 15 {
			t.Errorf("%d series are kept, want 15", got)
		}
		report := h.Report()
		if report.Left != 5 || len(report.Metrics) != 20 {
			t.Errorf("%d metrics left out of %d, want 5 of 20", report.Left, len(report.Metrics))
		}
	})
}

// Run takes a sample each period, and ends with its context.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r monitor.Registry
		r.Counter("/c:x").Add(1)
		h := monitor.NewHistory(&r, &monitor.HistoryOptions{Period: 2 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		samples := 0
		go func() {
			for ctx.Err() == nil {
				select {
				case <-h.Changed():
					samples++
				case <-ctx.Done():
				}
			}
		}()
		synctest.Wait()
		if err := h.Run(ctx); err != context.DeadlineExceeded {
			t.Errorf("Run returns %v", err)
		}
		synctest.Wait()
		if samples < 30 || samples > 31 {
			t.Errorf("%d samples in a minute, want one in 2 seconds", samples)
		}
		if n := len(h.Series(0, nil).Times); n < 30 || n > 31 {
			t.Errorf("%d points", n)
		}
	})
}

// A day of load takes no more memory at its end than after two hours: there are counters,
// gauges, timers, subjects that come and go, and readers.
func TestDay(t *testing.T) {
	hours := 24
	if raceEnabled || testing.Short() {
		hours = 3
	}
	var r monitor.Registry
	counter, gauge, timer := r.Counter("/c:x"), r.Gauge("/g:x"), r.Timer("/t:seconds")
	remove := func() {}
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	early := 0.
	run(t, &r, nil, hours*3600, func(n int) {
		if n == 2*3600 {
			early = heap()
		}
		counter.Add(int64(n))
		gauge.Set(float64(n % 1000))
		timer.Observe(time.Duration(1+n*n%1_000_000) * time.Microsecond)
		if n%100 == 0 {
			remove()
			remove = monitor.Watch(&r, fmt.Sprintf("/s/%d", n/100%7), some{})
		}
	}, func(h *monitor.History) {
		for range 10 {
			h.Report()
			h.Series(24*time.Hour, nil)
		}
		if late := heap(); late > early*1.05+100e3 {
			t.Errorf("the heap has grown from %.0f kB after two hours to %.0f kB after %d", early/1e3, late/1e3, hours)
		}
		if n := len(h.Series(24*time.Hour, nil).Times); n != hours*12 {
			t.Errorf("the last window has %d points, want %d", n, hours*12)
		}
	})
}

func TestReportJSON(t *testing.T) {
	var r monitor.Registry
	r.Counter("/c:x").Add(3)
	r.Gauge("/nan:x").Set(math.NaN())
	r.Gauge("/inf:x").Set(math.Inf(-1))
	d := r.Timer("/t:seconds")
	c := []monitor.Rule{{Name: "odd", Check: func(*monitor.View) []monitor.Advice {
		return []monitor.Advice{{Text: "a", Do: "b", Evidence: []monitor.Evidence{{What: "c", Value: math.NaN(), Unit: "ratio"}}}}
	}}}
	work := func(n int) {
		d.Observe(time.Second)
		r.Counter("/c:x").Add(2)
	}
	run(t, &r, &monitor.HistoryOptions{Rules: c}, 100, work, func(h *monitor.History) {
		text, err := json.Marshal(h.Report())
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Schema         string
			Period, Recent float64
			Windows        []struct{ Step, Length float64 }
			Advice         []struct {
				Rule, Text, Do string
				Evidence       []struct {
					What, Unit string
					Value      *float64
				}
			}
			Metrics []struct {
				Name, Kind          string
				Value, Rate         *float64
				All, Recent, Latest *struct{ Count, P50, Max float64 }
			}
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.Schema != "whet/monitor/1" || got.Period != 1 || got.Recent < 59 || got.Recent > 70 || len(got.Windows) != 3 || got.Windows[1].Length != 3600 {
			t.Errorf("the frame is %.300s", text)
		}
		if len(got.Advice) != 1 || got.Advice[0].Rule != "odd" || got.Advice[0].Evidence[0].Value != nil {
			t.Errorf("the advice is %v", got.Advice)
		}
		if len(got.Metrics) != 4 {
			t.Fatalf("%d metrics", len(got.Metrics))
		}
		if m := got.Metrics[0]; m.Kind != "counter" || *m.Value != 203 || *m.Rate != 2 {
			t.Errorf("the counter is %v, %v each second", *m.Value, *m.Rate)
		}
		if got.Metrics[1].Value != nil || got.Metrics[2].Value != nil || got.Metrics[1].Rate != nil {
			t.Error("a gauge without a number has one, or a rate")
		}
		if m := got.Metrics[3]; m.Kind != "timer" || m.All.Count != 100 || m.Recent.Count < 59 || m.Recent.Count > 70 || m.Latest.Count != 1 || math.Abs(m.Latest.P50-1) > .01 {
			t.Errorf("the timer is %+v %+v %+v", m.All, m.Recent, m.Latest)
		}
		series, err := json.Marshal(h.Series(0, nil))
		if err != nil || !bytes.Contains(series, []byte(`"/nan:x":[null,`)) {
			t.Errorf("%v in %.300s", err, series)
		}
	})
}

// Advice stands as long as it is given, and a minute longer; the log is told of both.
func TestAdviceStands(t *testing.T) {
	var log strings.Builder
	wrong := true
	rules := []monitor.Rule{{Name: "wrong", Check: func(*monitor.View) []monitor.Advice {
		if wrong {
			return []monitor.Advice{{Subject: "/s", Text: "it is wrong", Do: "mend it", Evidence: []monitor.Evidence{{What: "how much", Value: 3}}}}
		}
		return nil
	}}}
	opts := &monitor.HistoryOptions{Rules: rules, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	var r monitor.Registry
	work := func(n int) { wrong = n < 45 } // it is last given with the 40th sample
	run(t, &r, opts, 99, work, func(h *monitor.History) {
		all := h.Advice()
		if len(all) != 1 || all[0].Rule != "wrong" || time.Since(all[0].Since) != 90*time.Second {
			t.Fatalf("it stands %v", all)
		}
		h.Sample()
		if all := h.Advice(); len(all) != 0 {
			t.Errorf("it still stands: %v", all)
		}
	})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN msg="/s: it is wrong" advice.rule=wrong advice.subject=/s advice.do="mend it" "advice.how much"=3`) ||
		!strings.Contains(lines[1], `level=INFO msg="no longer: /s: it is wrong"`) {
		t.Errorf("the log is\n%s", log.String())
	}
}
