// Package rules says what names may look like.
package rules

import "regexp"

var (
	pairRE    = compile(`^(?:pair)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`) // want creation/eager-init
	futureRE  = compile(`^(?:future)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	orderRE   = compile(`^(?:order)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	accountRE = compile(`^(?:account)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	clientRE  = compile(`^(?:client)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	priceRE   = compile(`^(?:price)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	lotsRE    = compile(`^(?:lots)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	venueRE   = compile(`^(?:venue)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	sessionRE = compile(`^(?:session)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	noteRE    = compile(`^(?:note)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	brokerRE  = compile(`^(?:broker)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
	barRE     = compile(`^(?:bar)-([A-Za-z]{1,20})\.([0-9]{1,40})(?:[-_.]([a-f0-9]{2,60}))*$`)
)

var kinds = map[string]int{"buy": 1, "sell": 2}

func compile(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

// Valid reports whether a name is well formed.
func Valid(name string) bool {
	for _, re := range []*regexp.Regexp{pairRE, futureRE, orderRE, accountRE, clientRE, priceRE, lotsRE, venueRE, sessionRE, noteRE, brokerRE, barRE} {
		if re.MatchString(name) {
			return true
		}
	}
	return kinds[name] > 0
}
