package dash

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// named reports whether a request may be answered under the name it came by. A page of the
// web can let a name of its own point to a loopback address, and would then pass for the
// origin of what is served there; so on such an address only its own names are answered to.
func (d *Handler) named(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok || !isLoopback(hostOf(local.String())) {
		return true
	}
	host := hostOf(r.Host)
	return strings.EqualFold(host, "localhost") || isLoopback(host) ||
		slices.ContainsFunc(d.opts.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// hostOf is an address without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.Trim(address, "[]")
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
