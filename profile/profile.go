package profile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/google/pprof/profile"
)

// MaxSize is the largest profile that is read, in bytes, compressed or not.
// A CPU profile of an hour is below 20 MB; beyond this a file is not a profile
// that could be shown, and may be an attack.
const MaxSize = 128 << 20

var (
	// ErrEmpty is returned for an input without a byte in it, as a profile has
	// whose program was killed before writing.
	ErrEmpty = errors.New("profile is empty")
	// ErrTooLarge is returned for an input above MaxSize.
	ErrTooLarge = fmt.Errorf("profile is larger than %d MB", MaxSize>>20)
)

// A Profile is a set of samples of one or more kinds of value.
// It is immutable once read; any goroutine may use it.
type Profile struct {
	Types   []ValueType
	Samples []Sample
	// Seconds is how long the profile was taken, 0 if the file does not say.
	Seconds float64
	raw     *profile.Profile
}

// A ValueType names one value of each sample: what, and in which unit,
// for instance {"cpu", "nanoseconds"} or {"alloc_space", "bytes"}.
type ValueType struct{ Type, Unit string }

// A Sample is one stack and its values, one for each of the profile's Types.
type Sample struct {
	Stack  []Frame // leaf first; inlined calls are frames of their own
	Values []int64
}

// A Frame is a function on a stack and the line at which it was.
type Frame struct {
	Func string // normalized; see [Normalize]
	File string
	Line int
}

// ReadFile reads the profile in the named file, gzipped or not.
func ReadFile(name string) (*Profile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading profile: %w", err)
	}
	defer f.Close()
	p, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("reading profile %s: %w", name, err)
	}
	return p, nil
}

// Read reads a profile in any encoding that pprof knows, up to MaxSize.
// Damaged input is an error, never a panic.
func Read(r io.Reader) (*Profile, error) {
	data, err := inflate(r)
	if err != nil {
		return nil, err
	}
	raw, err := parse(data)
	if err != nil {
		return nil, err
	}
	return New(raw), nil
}

func inflate(r io.Reader) ([]byte, error) {
	data, err := readLimited(r)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, ErrEmpty
	}
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil
	}
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a profile: %w", err)
	}
	plain, err := readLimited(zr)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("profile is truncated")
	}
	return plain, err
}

func readLimited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, ErrTooLarge
	}
	return data, nil
}

// parse shields the caller from the parser: its legacy formats index into
// hostile input.
func parse(data []byte) (p *profile.Profile, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("not a profile: %v", r)
		}
	}()
	p, err = profile.ParseData(data)
	if err != nil {
		return nil, fmt.Errorf("not a profile: %w", err)
	}
	if err := p.CheckValid(); err != nil {
		return nil, fmt.Errorf("profile is damaged: %w", err)
	}
	return p, nil
}

// New returns the normalized view of raw, which it keeps for [Profile.Write].
// It takes time and memory in proportion to the frames of raw.
func New(raw *profile.Profile) *Profile {
	p := &Profile{raw: raw, Seconds: float64(raw.DurationNanos) / 1e9}
	for _, t := range raw.SampleType {
		p.Types = append(p.Types, ValueType{t.Type, t.Unit})
	}
	frames := make(map[*profile.Location][]Frame, len(raw.Location))
	for _, loc := range raw.Location {
		frames[loc] = locationFrames(loc)
	}
	p.Samples = make([]Sample, 0, len(raw.Sample))
	for _, s := range raw.Sample {
		n := 0
		for _, loc := range s.Location {
			n += len(frames[loc])
		}
		stack := make([]Frame, 0, n)
		for _, loc := range s.Location {
			stack = append(stack, frames[loc]...)
		}
		p.Samples = append(p.Samples, Sample{Stack: stack, Values: s.Value})
	}
	return p
}

func locationFrames(loc *profile.Location) []Frame {
	if len(loc.Line) == 0 {
		return []Frame{{Func: fmt.Sprintf("0x%x", loc.Address)}}
	}
	fs := make([]Frame, 0, len(loc.Line))
	for _, ln := range loc.Line {
		f := Frame{Line: int(ln.Line)}
		if ln.Function != nil {
			f.Func, f.File = Normalize(ln.Function.Name), ln.Function.Filename
		}
		fs = append(fs, f)
	}
	return fs
}

// Index returns the position of the named type in each sample's Values, -1 if the
// profile has no such type.
func (p *Profile) Index(typ string) int {
	return slices.IndexFunc(p.Types, func(t ValueType) bool { return t.Type == typ })
}

// Total returns the sum of the named value over all samples, 0 for an unknown type.
func (p *Profile) Total(typ string) int64 {
	i := p.Index(typ)
	if i < 0 {
		return 0
	}
	var sum int64
	for _, s := range p.Samples {
		sum += s.Values[i]
	}
	return sum
}

// Symbolized reports whether the profile names the functions of at least half of
// its samples. One that does not was taken without symbols, and can be attributed
// only with the binary at hand.
func (p *Profile) Symbolized() bool {
	named := 0
	for _, s := range p.Samples {
		for _, f := range s.Stack {
			if f.File != "" {
				named++
				break
			}
		}
	}
	return len(p.Samples) == 0 || 2*named >= len(p.Samples)
}

// Write writes the profile in pprof's gzipped encoding.
func (p *Profile) Write(w io.Writer) error { return p.raw.Write(w) }

// Merge returns the sum of ps, which must be of the same types: the successive
// parts of one recording. It fails for none.
func Merge(ps ...*Profile) (*Profile, error) {
	raws := make([]*profile.Profile, len(ps))
	for i, p := range ps {
		raws[i] = p.raw
	}
	sum, err := profile.Merge(raws)
	if err != nil {
		return nil, fmt.Errorf("merging profiles: %w", err)
	}
	return New(sum), nil
}
