package probe

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/whetgo/whet/analyze/probe/whetprobe"
	"github.com/whetgo/whet/internal/robust"
	"github.com/whetgo/whet/profile"
)

// mostProcesses is how many record files of one workload are read.
const mostProcesses = 64

// read makes records of the files in dir, one for each process.
func (r *run) read(p *planting, dir string, w Workload, ran *Ran) {
	records := make([]*Record, len(p.sites))
	for i, s := range p.sites {
		records[i] = &Record{
			Candidate: s.cand, Func: s.cand.Func, File: s.src.path, Line: s.line, Workload: w,
			Inputs: s.inputs, Outputs: s.outputs, Rate: 1,
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.warn(w.Package, "what was recorded of %s cannot be read: %v", w.Package, err)
	}
	if len(entries) > mostProcesses {
		r.warn(w.Package, "%s started %d processes of itself: %d of them are counted", w.Package, len(entries), mostProcesses)
		entries = entries[:mostProcesses]
	}
	for _, e := range entries {
		if err := readFile(filepath.Join(dir, e.Name()), len(p.sites), records, ran); err != nil {
			r.warn(w.Package, "a record of %s cannot be read: %v", w.Package, err)
		}
	}
	if len(entries) == 0 {
		r.warn(w.Package, "nothing was recorded of %s: it ended before its packages were initialized, or files cannot be mapped here", w.Package)
	}
	for _, rec := range records {
		for i := range rec.Callers {
			rec.Callers[i].File = p.at.real(rec.Callers[i].File)
		}
	}
	r.result.Records = append(r.result.Records, records...)
}

// order puts the records in the order of the candidates.
func (r *run) order(p *planting) {
	at := make(map[string]int)
	for i, c := range r.plan.Candidates {
		at[key(c)] = i
	}
	slices.SortStableFunc(r.result.Records, func(a, b *Record) int { return at[key(a.Candidate)] - at[key(b.Candidate)] })
}

func key(c Candidate) string { return c.Func + "\x00" + strconv.Itoa(c.Line) + "\x00" + c.Callee }

// readFile adds one process's record to the records.
func readFile(name string, sites int, records []*Record, ran *Ran) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	// The header and one site are read at a time into memory aligned for them.
	mem := make([]uint64, (whetprobe.Size(1)+7)/8)
	buf := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(mem))), whetprobe.Size(1))
	head, view := whetprobe.View(buf, 1)
	headLen := whetprobe.Size(0)
	if _, err := io.ReadFull(f, buf[:headLen]); err != nil {
		return err
	}
	if err := head.Check(max(1, sites)); err != nil {
		return err
	}
	ran.Processes++
	ran.Operations += int64(head.Ops)
	ran.Spent += time.Duration(head.Spent)
	for _, rec := range records {
		if _, err := io.ReadFull(f, buf[headLen:]); err != nil {
			return err
		}
		rec.add(&view[0], head)
	}
	return nil
}

// add adds what one process recorded of the candidate.
func (r *Record) add(s *whetprobe.Site, head *whetprobe.Header) {
	var calls, same, outside uint64
	for i := range s.Lines {
		l := &s.Lines[i]
		calls, same, outside = calls+l.Calls, same+l.Same, outside+l.Outside
	}
	if s.Stopped() {
		r.ops += int64(s.OffOps) - int64(s.OnOps) // before it was called there may have been others
	} else {
		r.ops += int64(head.Ops)
	}
	if calls == 0 {
		return
	}
	in := float64(calls - min(outside, calls))
	r.Calls += int64(calls)
	r.Outside += int64(outside)
	r.Stopped = r.Stopped || s.Stopped()
	r.Sampled += int64(s.Looked)
	r.Long += int64(s.Long)
	r.Panics += int64(s.Panics)
	shift := min(s.Shift, 62)
	r.Rate = min(r.Rate, 1/float64(uint64(1)<<shift))
	distinct := in
	if s.Shift == 0 && s.GaveUp == 0 {
		distinct = min(float64(s.Used), in)
	} else {
		distinct = min(estimate(&s.Reg), in)
	}
	r.Distinct += distinct
	exact := s.Shift == 0 && s.GaveUp == 0
	r.All.add(in, in-distinct, s.Dist[:], float64(same), exact)
	r.All.Last += int64(same)
	scale := 1.0
	if s.CallsW > 0 {
		scale = in / float64(s.CallsW)
	}
	r.Within.addSample(in, s.DistIn[:], float64(s.CallsW), in-distinct)
	r.Age.add(s.Age[:])
	r.Since.add(s.Since[:])
	// A share of what was sampled stands for the same share of all.
	scaled := func(n uint64) int64 { return int64(math.Round(min(float64(n)*scale, in))) }
	r.Joined += scaled(s.JoinedW)
	r.Differ += scaled(s.DifferW)
	r.DifferWithin += scaled(s.DifferInW)
	r.Compared += scaled(s.ComparedW)
	r.Shared += scaled(s.SharedW)
	r.addTexts(s)
	if r.Candidate.Callee == "" {
		r.addCallers(s.From[:min(s.NCall, whetprobe.Callers)])
	}
	if r.Candidate.Mode&Creation != 0 {
		r.create(s, head)
	}
}

// addSample adds the reuse of one process within operations: of calls, the sampled
// distances, and for how many calls the sample stands. An input that is asked for often may
// be in the sample or not, and then the sample stands for more or for fewer calls than there
// were; its distances are of as many calls as it stands for, and are scaled from those to
// all. Within operations no more can repeat than in the whole run.
func (u *Reuse) addSample(calls float64, sampled []uint64, stands, most float64) {
	u.Calls += int64(calls)
	for len(u.Distance) < len(sampled) {
		u.Distance = append(u.Distance, 0)
	}
	sum := 0.0
	for _, n := range sampled {
		sum += float64(n)
	}
	if sum == 0 {
		return
	}
	repeats := min(sum/stands*calls, most)
	u.Repeats += repeats
	for i, n := range sampled {
		u.Distance[i] += float64(n) / sum * repeats
	}
}

// add adds the reuse of one process: of calls, of which repeats asked again, the sampled
// distances and the repeats of the last input. Where the sample misses inputs that are
// asked for often, their repeats are missing from it: they count as the last input's as far
// as those were counted, else as at most 16 inputs away, since what is asked for often was
// asked for just now.
func (u *Reuse) add(calls, repeats float64, sampled []uint64, last float64, exact bool) {
	u.Calls += int64(calls)
	u.Repeats += repeats
	for len(u.Distance) < len(sampled) {
		u.Distance = append(u.Distance, 0)
	}
	sum := 0.0
	for _, n := range sampled {
		sum += float64(n)
	}
	scale := 1.0
	if sum > repeats && sum > 0 {
		scale = repeats / sum
	}
	for i, n := range sampled {
		u.Distance[i] += float64(n) * scale
	}
	if missing := repeats - sum*scale; missing > 0 && !exact {
		near := min(missing, max(0, last-float64(sampled[0])*scale))
		u.Distance[0] += near
		u.Distance[4] += missing - near
	}
}

func (t *Times) add(counts []uint64) {
	for len(t.Counts) < len(counts) {
		t.Counts = append(t.Counts, 0)
	}
	for i, n := range counts {
		t.Counts[i] += float64(n)
	}
}

// estimate is the HyperLogLog estimator [1] with linear counting for few.
//
// [1] Flajolet, Fusy, Gandouet, Meunier (2007). "HyperLogLog". AofA '07, figure 3.
func estimate(reg *[whetprobe.Regs]uint8) float64 {
	const m = whetprobe.Regs
	sum, zeros := 0.0, 0
	for _, z := range reg {
		sum += 1 / float64(uint64(1)<<min(z, 63))
		if z == 0 {
			zeros++
		}
	}
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e <= 2.5*m && zeros > 0 {
		return m * math.Log(m/float64(zeros))
	}
	return e
}

// addTexts adds sample inputs, the most asked for first.
func (r *Record) addTexts(s *whetprobe.Site) {
	counts := make(map[uint64]int64)
	for i := range s.Table {
		counts[s.Table[i].Hash] = int64(s.Table[i].Count)
	}
	for i := range min(s.NText, whetprobe.Texts) {
		t := &s.Texts[i]
		text := t.Buf[:min(t.Len, whetprobe.TextLen)]
		if t.Hash == 0 || len(text) == 0 {
			continue
		}
		sample := Sample{Calls: counts[t.Hash]}
		for i, part := range bytes.Split(bytes.TrimSuffix(text, []byte{0x1e}), []byte{0x1e}) {
			name, value, _ := bytes.Cut(part, []byte{0x1f})
			sample.Values = append(sample.Values, Value{r.argName(string(name), i), strings.ToValidUTF8(string(value), "�")})
		}
		r.Samples = append(r.Samples, sample)
	}
	slices.SortStableFunc(r.Samples, func(a, b Sample) int { return cmp.Compare(b.Calls, a.Calls) })
}

// argName returns the name of the i-th part of a sample: arguments of a call have none in
// the record.
func (r *Record) argName(name string, i int) string {
	if name != "" {
		return name
	}
	for _, p := range r.Inputs {
		if p.Level == Ignored {
			continue
		}
		if i == 0 {
			return p.Name
		}
		i--
	}
	return "?"
}

func (r *Record) addCallers(from []whetprobe.Caller) {
	for i := range from {
		c, ok := callerOf(&from[i])
		if !ok {
			continue
		}
		at := slices.IndexFunc(r.Callers, func(o Caller) bool { return o.File == c.File && o.Line == c.Line })
		if at < 0 {
			r.Callers = append(r.Callers, c)
		} else {
			r.Callers[at].Calls += c.Calls
		}
	}
	slices.SortStableFunc(r.Callers, func(a, b Caller) int { return cmp.Compare(b.Calls, a.Calls) })
}

func callerOf(c *whetprobe.Caller) (Caller, bool) {
	fields := strings.Split(string(c.Buf[:min(c.Len, whetprobe.NameLen)]), "\x1f")
	if len(fields) != 3 {
		return Caller{}, false
	}
	line, err := strconv.Atoi(fields[2])
	return Caller{Func: profile.Normalize(fields[0]), File: fields[1], Line: line, Calls: int64(c.Count)}, err == nil
}

// create adds what one process recorded of a creation: the first process's first call is
// the first.
func (r *Record) create(s *whetprobe.Site, head *whetprobe.Header) {
	if s.FirstStart == 0 {
		return
	}
	c := r.Created
	if c == nil {
		c = new(Creating)
		r.Created = c
		c.First = time.Duration(max(0, s.FirstEnd-s.FirstStart))
		c.Start = time.Duration(max(0, s.FirstStart-head.Start))
		c.Creator, _ = callerOf(&s.Creator)
		c.InOperation = s.FirstOp != 0 && head.Ops > 1
		later := s.Later[:min(s.NTimed, whetprobe.Timed)]
		if c.Timed = len(later); c.Timed > 0 {
			c.Later = time.Duration(robust.Median(later))
		}
	}
	c.Waiters += int64(s.Waiters)
	c.Waited += time.Duration(s.Waited)
	c.Twice += int64(s.Twice)
	c.Instances = max(c.Instances, int(min(s.NInst, whetprobe.Distinct)))
	for i := range s.Waiting[:min(int(s.NWait), len(s.Waiting))] {
		if w, ok := callerOf(&s.Waiting[i]); ok {
			c.Waiting = append(c.Waiting, w)
		}
	}
}
