package effects

import (
	"go/types"
	"strings"

	"github.com/whetgo/whet/internal/load"
)

// A known says what a function of the standard library does. The memory behind its
// arguments is taken to be read.
type known struct {
	kinds  Kind
	writes []int   // arguments, the receiver first, whose memory it changes
	shares Sharing // of its results
	what   string  // "" for its name
}

var (
	pure    = known{}
	fresh   = known{shares: SharesResult}      // makes something new that can be changed
	ofArgs  = known{shares: SharesArgs}        // hands out a part of an argument
	clock   = known{kinds: Time}               // the clock, or waiting
	chance  = known{kinds: Random}             // randomness
	outside = known{kinds: Reads}              // reads files, the network
	world   = known{kinds: Reads | Writes}     // changes what is outside
	around  = known{kinds: Environment}        // environment, machine
	first   = known{writes: []int{0}}          // changes its receiver or first argument
	state   = known{kinds: ReadsState}         // reads what others may change
	puts    = known{writes: []int{0, 1, 2, 3}} // changes what it is given
)

// byName are functions and methods, as profiles name them. They go before byPackage.
var byName = map[string]known{
	"errors.New": pure, // each error is another, and equal in what it says
	"errors.As":  {writes: []int{1}},

	"fmt.Sscan": puts, "fmt.Sscanf": puts, "fmt.Sscanln": puts,
	"fmt.Fprintf": {writes: []int{0}, kinds: Writes}, "fmt.Fprint": {writes: []int{0}, kinds: Writes}, "fmt.Fprintln": {writes: []int{0}, kinds: Writes},
	"fmt.Printf": world, "fmt.Print": world, "fmt.Println": world, "fmt.Scan": world, "fmt.Scanf": world, "fmt.Scanln": world,
	"fmt.Append": ofArgs, "fmt.Appendf": ofArgs, "fmt.Appendln": ofArgs,

	"bytes.Clone": fresh, "bytes.Repeat": fresh, "bytes.Join": fresh, "bytes.Replace": fresh, "bytes.ReplaceAll": fresh,
	"bytes.ToLower": fresh, "bytes.ToUpper": fresh, "bytes.Map": fresh, "bytes.NewReader": ofArgs, "bytes.NewBuffer": ofArgs, "bytes.NewBufferString": fresh,
	"strings.NewReader": fresh, "strings.NewReplacer": pure, "strings.Split": fresh, "strings.Fields": fresh,

	"math/rand.New": fresh, "math/rand.NewSource": fresh, "math/rand/v2.New": fresh, "math/rand/v2.NewPCG": fresh,

	"time.Now": clock, "time.Since": clock, "time.Until": clock, "time.Sleep": clock, "time.After": clock, "time.AfterFunc": clock,
	"time.NewTimer": clock, "time.NewTicker": clock, "time.Tick": clock,
	"time.(*Timer).Stop": clock, "time.(*Timer).Reset": clock, "time.(*Ticker).Stop": clock, "time.(*Ticker).Reset": clock,
	"time.LoadLocation": {kinds: Reads, what: "the time zone files"}, "time.Time.Local": {kinds: Environment, what: "the local time zone"},
	"time.ParseInLocation": pure, "time.Parse": {kinds: Environment, what: "the local time zone, where the text names no offset that is known"},
	"time.(*Time).UnmarshalText": first, "time.(*Time).UnmarshalJSON": first, "time.(*Time).UnmarshalBinary": first, "time.(*Time).GobDecode": first,

	"os.Getenv": around, "os.LookupEnv": around, "os.Environ": around, "os.Hostname": around, "os.Getpid": around, "os.Getwd": around,
	"os.UserHomeDir": around, "os.TempDir": around, "os.Executable": around, "os.Getpagesize": pure, "os.IsNotExist": pure, "os.IsExist": pure, "os.ExpandEnv": around,
	"os.Open": outside, "os.ReadFile": outside, "os.ReadDir": outside, "os.Stat": outside, "os.Lstat": outside, "os.Readlink": outside, "os.DirFS": pure,
	"os.(*File).Read": {kinds: Reads, writes: []int{0, 1}}, "os.(*File).ReadAt": {kinds: Reads, writes: []int{1}}, "os.(*File).Stat": outside, "os.(*File).Name": pure,
	"os.(*File).Close": {writes: []int{0}}, "os.(*File).Seek": {writes: []int{0}}, "os.(*File).ReadDir": outside, "os.(*File).Readdir": outside,
	"io/ioutil.ReadFile": outside, "io/ioutil.ReadDir": outside,

	"path/filepath.Abs": around, "path/filepath.EvalSymlinks": outside, "path/filepath.Glob": outside, "path/filepath.Walk": outside, "path/filepath.WalkDir": outside,

	"runtime.GOMAXPROCS": around, "runtime.NumCPU": around, "runtime.NumGoroutine": state, "runtime.KeepAlive": pure, "runtime.Caller": around, "runtime.Callers": around,
	"runtime/debug.Stack": around,

	"sync.(*Mutex).Lock": pure, "sync.(*Mutex).Unlock": pure, "sync.(*RWMutex).Lock": pure, "sync.(*RWMutex).Unlock": pure,
	"sync.(*RWMutex).RLock": pure, "sync.(*RWMutex).RUnlock": pure, "sync.(*Mutex).TryLock": state,
	"sync.(*Map).Load": {kinds: ReadsState, shares: SharesArgs}, "sync.(*Map).Store": {writes: []int{0}}, "sync.(*Map).LoadOrStore": {kinds: ReadsState, writes: []int{0}, shares: SharesArgs},
	"sync.(*Map).Delete": {writes: []int{0}}, "sync.(*Map).Range": {kinds: ReadsState | MapOrder},
	"sync.(*Once).Do":  {writes: []int{0}},
	"sync.(*Pool).Get": {kinds: ReadsState, shares: SharesUnknown, what: "a sync.Pool, whose objects hold what their last user left"}, "sync.(*Pool).Put": pure,
	"sync.(*WaitGroup).Wait": {kinds: Goroutines}, "sync.(*WaitGroup).Go": {kinds: Goroutines}, "sync.(*Cond).Wait": {kinds: Goroutines},

	"reflect.TypeOf": pure, "reflect.TypeFor[...]": pure, "reflect.ValueOf": ofArgs, "reflect.DeepEqual": pure, "reflect.Indirect": ofArgs, "reflect.Zero": pure, "reflect.New": fresh,
	"reflect.MakeSlice": fresh, "reflect.MakeMap": fresh, "reflect.MakeMapWithSize": fresh, "reflect.Copy": first, "reflect.Append": ofArgs,
	"reflect.PointerTo": pure, "reflect.PtrTo": pure, "reflect.SliceOf": pure, "reflect.MapOf": pure, "reflect.ArrayOf": pure, "reflect.Swapper": ofArgs,

	"context.Background": pure, "context.TODO": pure, "context.WithValue": ofArgs,
	"context.WithCancel": {kinds: Goroutines}, "context.WithTimeout": {kinds: Goroutines | Time}, "context.WithDeadline": {kinds: Goroutines | Time}, "context.Cause": state,

	"regexp.(*Regexp).Longest": first, "regexp.MustCompile": pure, "regexp.Compile": pure,
	"text/template.(*Template).Parse": first, "html/template.(*Template).Parse": first, "text/template.(*Template).Funcs": first, "html/template.(*Template).Funcs": first,
	"text/template.(*Template).Execute": {writes: []int{1}}, "text/template.(*Template).ExecuteTemplate": {writes: []int{1}},
	"html/template.(*Template).Execute": {writes: []int{0, 1}}, "html/template.(*Template).ExecuteTemplate": {writes: []int{0, 1}},
	"text/template.New": fresh, "html/template.New": fresh, "text/template.Must": ofArgs, "html/template.Must": ofArgs,
	"text/template.ParseFiles": outside, "html/template.ParseFiles": outside, "text/template.ParseGlob": outside, "html/template.ParseGlob": outside,

	"encoding/json.Marshal": fresh, "encoding/json.MarshalIndent": fresh, "encoding/json.Valid": pure, "encoding/json.Unmarshal": {writes: []int{1}},
	"encoding/json.NewDecoder": ofArgs, "encoding/json.NewEncoder": ofArgs, "encoding/json.(*Decoder).Decode": {writes: []int{0, 1}}, "encoding/json.(*Encoder).Encode": {writes: []int{0}},
	"encoding/xml.Marshal": fresh, "encoding/xml.Unmarshal": {writes: []int{1}},
	"encoding/hex.DecodeString": fresh, "encoding/hex.EncodeToString": pure, "encoding/hex.Encode": first, "encoding/hex.Decode": first,
	"encoding/base64.(*Encoding).EncodeToString": pure, "encoding/base64.(*Encoding).DecodeString": fresh, "encoding/base64.(*Encoding).Encode": {writes: []int{1}}, "encoding/base64.(*Encoding).Decode": {writes: []int{1}},
	"net/url.Parse": fresh, "net/url.ParseQuery": fresh, "net/url.QueryEscape": pure, "net/url.QueryUnescape": pure, "net/url.PathEscape": pure, "net/url.PathUnescape": pure,
	"net.ParseIP": fresh, "net.ParseCIDR": fresh, "net.SplitHostPort": pure, "net.JoinHostPort": pure,
	"crypto/tls.X509KeyPair": fresh, "crypto/tls.LoadX509KeyPair": outside, "crypto/x509.ParseCertificate": fresh, "crypto/x509.SystemCertPool": outside,
	"io.ReadAll": {kinds: Reads, writes: []int{0}, shares: SharesResult}, "io.Copy": {kinds: Reads | Writes, writes: []int{0, 1}}, "io.WriteString": {kinds: Writes, writes: []int{0}},
	"log.New":             fresh,
	"go/parser.ParseExpr": fresh, "go/parser.ParseFile": {kinds: Reads, writes: []int{0}, shares: SharesResult},
	"compress/gzip.NewReader": ofArgs, "compress/gzip.NewWriter": ofArgs, "compress/flate.NewReader": ofArgs, "compress/flate.NewWriter": ofArgs,
}

// byPackage is what functions do that byName does not name, by package: those that are
// free of effects but for what a method does to its receiver.
var byPackage = map[string]known{
	"math": pure, "math/bits": pure, "math/cmplx": pure, "cmp": pure, "unicode": pure, "unicode/utf8": ofArgs, "unicode/utf16": fresh, "errors": pure,
	"strings": ofArgs, "bytes": ofArgs, "strconv": ofArgs, "path": pure, "path/filepath": pure, "html": pure, "mime": state, "fmt": pure,
	"net/netip": pure, "regexp": fresh, "regexp/syntax": fresh, "time": pure, "hash/crc32": pure, "hash/maphash": chance,
	"crypto/sha1": pure, "crypto/sha256": pure, "crypto/sha512": pure, "crypto/md5": pure, "hash/adler32": pure, "hash/crc64": pure,
	"math/rand": chance, "math/rand/v2": chance, "crypto/rand": chance,
	"os": world, "os/exec": world, "net": world, "net/http": world, "syscall": world, "log": world, "log/slog": world, "io": world, "database/sql": world, "os/signal": world,
	"runtime": {kinds: ReadsState | WritesState}, "runtime/pprof": world, "runtime/trace": world, "runtime/debug": world,
	"internal/bytealg": pure, "internal/stringslite": pure, "go/token": pure, "encoding/binary": ofArgs,
}

// changers are types of those packages whose methods change their receivers.
var changers = map[string]bool{
	"strings.Builder": true, "strings.Reader": true, "bytes.Buffer": true, "bytes.Reader": true,
	"math/rand.Rand": true, "math/rand/v2.Rand": true, "math/rand/v2.PCG": true, "math/rand/v2.ChaCha8": true, "math/rand/v2.Zipf": true,
	"hash/maphash.Hash": true, "math/big.Int": true, "math/big.Float": true, "math/big.Rat": true, "regexp/syntax.Regexp": true,
}

// standard returns what is known of a function of the standard library.
func standard(f *types.Func) (known, bool) {
	name := load.FuncName(f)
	if k, ok := byName[name]; ok {
		return k.named(name), true
	}
	pkg := f.Pkg().Path()
	recv := receiver(f)
	switch {
	case pkg == "slices" || pkg == "sort" || pkg == "maps":
		return sorted(name), true
	case pkg == "sync/atomic":
		return atomic(f), true
	case pkg == "reflect" && recv != "":
		return reflected(recv, f.Name()), true
	case pkg == "unique":
		return pure, true
	case changers[recv]:
		return known{writes: []int{0}, shares: SharesArgs}.named(name), true
	}
	k, ok := byPackage[pkg]
	if !ok || recv != "" && (pkg == "hash/crc32" || strings.HasPrefix(pkg, "crypto/")) {
		return known{kinds: Unknown, what: name + ", of which nothing is known"}, false
	}
	return k.named(name), true
}

func (k known) named(name string) known {
	if k.what == "" {
		k.what = name
	}
	return k
}

// receiver returns the type of a method's receiver, "strings.Builder"; "" of a function.
func receiver(f *types.Func) string {
	r := f.Signature().Recv()
	if r == nil {
		return ""
	}
	t := r.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path() + "." + n.Obj().Name()
	}
	return ""
}

// sorted is what is known of slices, sort and maps: which of them change what they get.
func sorted(name string) known {
	base := strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "[...]")
	if i := strings.IndexByte(name, '.'); i >= 0 {
		base = strings.TrimSuffix(name[i+1:], "[...]")
	}
	k := known{shares: SharesArgs, what: name}
	for _, p := range []string{"Sort", "Stable", "Slice", "Reverse", "Insert", "Delete", "Replace", "Compact", "Strings", "Ints", "Float64s", "Copy", "Grow", "Clip"} {
		if strings.HasPrefix(base, p) && !strings.HasPrefix(base, "Sorted") && base != "SliceIsSorted" {
			k.writes = []int{0}
		}
	}
	if strings.HasPrefix(name, "maps.") && (base == "Keys" || base == "Values" || base == "All") {
		k.kinds = MapOrder
	}
	return k
}

// atomic is what is known of sync/atomic: loads read what others change.
func atomic(f *types.Func) known {
	k := known{shares: SharesArgs, what: load.FuncName(f)}
	if strings.HasPrefix(f.Name(), "Load") {
		return k
	}
	k.writes = []int{0}
	return k
}

// reflected is what is known of the methods of reflect's types.
func reflected(recv, name string) known {
	k := known{shares: SharesArgs, what: "reflect." + name}
	if recv != "reflect.Value" {
		return k
	}
	switch {
	case name == "Call" || name == "CallSlice" || name == "Method" || name == "MethodByName" || strings.HasPrefix(name, "Unsafe") || name == "Pointer":
		k.kinds = Unknown
	case strings.HasPrefix(name, "Set") || name == "Clear" || name == "Grow":
		k.writes = []int{0}
	case name == "Send" || name == "Recv" || name == "TrySend" || name == "TryRecv" || name == "Close":
		k.kinds = Goroutines
	case name == "MapRange" || name == "MapKeys" || name == "Seq" || name == "Seq2":
		k.kinds = MapOrder
	}
	return k
}

// byInterface is what the methods of well-known interfaces do, whoever implements them.
func byInterface(m *types.Func) (known, bool) {
	if m.Pkg() == nil {
		return known{what: "error.Error"}, m.Name() == "Error"
	}
	name := load.FuncName(m)
	switch m.Pkg().Path() {
	case "reflect":
		return known{what: name}, true // of reflect.Type: types never change
	case "context":
		return known{kinds: ReadsState, what: name, shares: SharesArgs}, true
	case "io/fs", "os":
		return known{kinds: Reads, what: name}, true
	case "io", "net", "net/http":
		return known{kinds: Reads | Writes, writes: []int{0, 1}, what: name}, true
	case "hash":
		return known{writes: []int{0}, what: name, shares: SharesArgs}, true
	}
	return known{}, false
}

// Known returns what the table says of a function of the standard library, nil if it says
// nothing of it.
func Known(f *types.Func) *Summary {
	if f.Pkg() == nil || !load.IsStd(f.Pkg().Path(), "") {
		return nil
	}
	k, ok := standard(f)
	if !ok {
		return nil
	}
	s := &Summary{Func: load.FuncName(f), Kinds: k.kinds, Results: k.shares}
	if len(k.writes) > 0 {
		s.Kinds |= WritesArgs
	}
	if !changeable(f.Signature().Results()) {
		s.Results = 0
	}
	for _, one := range All {
		if s.Kinds&one != 0 {
			s.Reasons = append(s.Reasons, Reason{Kind: one, What: k.what})
		}
	}
	return s
}
