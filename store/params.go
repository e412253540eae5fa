package store

import (
	"net/url"
	"strconv"
	"strings"
)

// Params are the identity of a store: equal Params mean one store. They are comparable, and
// hold no secret; see WithSecret.
type Params struct {
	Driver  string // the name it is registered under
	Addr    string // host:port, folder, or whatever the driver calls the venue
	Account string // "" for data only, or for the venue's default account
	Client  int    // tells apart connections of one account
	Extra   string // further parameters of the driver, as ExtraOf writes them
}

const maxDSN = 4096 // bytes of all parameters

// secretWords are found in names of parameters that must not be in a DSN.
var secretWords = []string{"pass", "pwd", "secret", "token", "apikey", "api_key", "private", "credential"}

// Parse reads a DSN of the form
//
//	driver://account@addr?client=7&name=value
//
// of which everything but driver:// may be left out. An addr that begins with a slash is a
// path: file:///data/bars. Account and addr are escaped as in a URL. A password, or a parameter whose name says that it is one,
// is refused: secrets are given by WithSecret. All errors are *ParamError, and show nothing
// of what was given but names of parameters.
func Parse(dsn string) (Params, error) {
	var p Params
	if len(dsn) > maxDSN {
		return p, &ParamError{"dsn", "longer than 4096 bytes"}
	}
	name, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		return p, &ParamError{"dsn", "want driver://account@addr?name=value"}
	}
	rest, query, _ := strings.Cut(rest, "?")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if strings.Contains(rest[:i], ":") {
			return p, &ParamError{"account", "a password must not be in it; give it as an option (WithSecret)"}
		}
		account, err := url.PathUnescape(rest[:i])
		if err != nil {
			return p, &ParamError{"account", "badly escaped"}
		}
		p.Account, rest = account, rest[i+1:]
	}
	addr, err := url.PathUnescape(rest)
	if err != nil {
		return p, &ParamError{"addr", "badly escaped"}
	}
	p.Driver, p.Addr = name, addr
	if err := p.parseQuery(query); err != nil {
		return Params{}, err
	}
	if err := p.Check(); err != nil {
		return Params{}, err
	}
	return p, nil
}

func (p *Params) parseQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return &ParamError{"extra", "badly escaped"}
	}
	if c, ok := values["client"]; ok {
		n, err := strconv.Atoi(c[0])
		if err != nil || len(c) != 1 {
			return &ParamError{"client", "not one whole number"}
		}
		p.Client = n
		delete(values, "client")
	}
	p.Extra = values.Encode()
	return nil
}

// ExtraOf returns names and values, one after the other, as Params.Extra wants them: sorted
// by name and escaped. It panics if their number is odd.
func ExtraOf(namesAndValues ...string) string {
	if len(namesAndValues)%2 != 0 {
		panic("store: ExtraOf of a name without a value")
	}
	values := make(url.Values)
	for i := 0; i < len(namesAndValues); i += 2 {
		values.Add(namesAndValues[i], namesAndValues[i+1])
	}
	return values.Encode()
}

// Get returns the parameter of a name in Extra, and whether it is there. It parses Extra:
// drivers ask once, when they dial.
func (p Params) Get(name string) (value string, ok bool) {
	values, err := url.ParseQuery(p.Extra)
	if err != nil || len(values[name]) == 0 {
		return "", false
	}
	return values[name][0], true
}

// Check returns what is wrong with the parameters by themselves, as a *ParamError, or nil.
// Open checks those of a store it makes.
func (p Params) Check() error {
	if p.Driver == "" || strings.Trim(p.Driver, "abcdefghijklmnopqrstuvwxyz0123456789_+-.") != "" {
		return &ParamError{"driver", "not a name in lower case"}
	}
	if len(p.Driver)+len(p.Addr)+len(p.Account)+len(p.Extra) > maxDSN {
		return &ParamError{"dsn", "longer than 4096 bytes"}
	}
	for _, s := range []string{p.Addr, p.Account} {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return &ParamError{"addr or account", "a control character is in it"}
		}
	}
	return checkExtra(p.Extra)
}

func checkExtra(extra string) error {
	if extra == "" {
		return nil
	}
	values, err := url.ParseQuery(extra)
	if err != nil || values.Encode() != extra {
		return &ParamError{"extra", "not sorted and escaped as by ExtraOf"}
	}
	for name, vs := range values {
		if len(vs) != 1 {
			return &ParamError{strconv.Quote(cut(name)), "given twice"}
		}
		for _, w := range secretWords {
			if strings.Contains(strings.ToLower(name), w) {
				return &ParamError{strconv.Quote(cut(name)), "a secret must not be in it; give it as an option (WithSecret)"}
			}
		}
	}
	return nil
}

// cut shortens what somebody else wrote, for an error.
func cut(s string) string { return s[:min(len(s), 40)] }

// String returns p as a DSN, which Parse reads.
func (p Params) String() string {
	var b strings.Builder
	b.WriteString(p.Driver + "://")
	if p.Account != "" {
		b.WriteString(url.QueryEscape(p.Account) + "@")
	}
	b.WriteString(strings.ReplaceAll((&url.URL{Path: p.Addr}).EscapedPath(), "@", "%40"))
	query := p.Extra
	if p.Client != 0 {
		query = strings.TrimPrefix(query+"&client="+strconv.Itoa(p.Client), "&")
	}
	if query != "" {
		b.WriteString("?" + query)
	}
	return b.String()
}
