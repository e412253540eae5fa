// Package idle makes at start what what runs has no use for.
package idle

import (
	"regexp"
	"strings"
)

var (
	account = regexp.MustCompile(`^(?:account)-([A-Za-z]{1,90})\.([0-9]{1,200})(?:[-_.]([a-f0-9]{2,200}))*$`) // want creation/eager-init
	order   = regexp.MustCompile(`^(?:order)-([A-Za-z]{1,90})\.([0-9]{1,200})(?:[-_.]([a-f0-9]{2,200}))*$`)
	used    = regexp.MustCompile(`^(?:used)-([A-Za-z]{1,90})\.([0-9]{1,200})(?:[-_.]([a-f0-9]{2,200}))*$`)
)

// Account reports whether a name is an account's.
func Account(name string) bool { return account.MatchString(name) }

// Order reports whether a name is an order's.
func Order(name string) bool { return order.MatchString(name) }

// Used reports whether a name is one that is used.
func Used(name string) bool { return used.MatchString(name) }

// Upper returns a name in capitals.
func Upper(name string) string { return strings.ToUpper(name) }
