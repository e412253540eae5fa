// Package dash is a page that shows what package monitor knows of the running program, and
// the same as JSON:
//
//	http.Handle("/debug/whet/", dash.New(history, nil))
//
// The page is embedded in the program. It asks for nothing beyond where it came from, so it
// works offline and behind any proxy; it updates itself by server-sent events. What is served
// under which name, and the form of the JSON, is in docs/monitor.md.
//
// # What it exposes
//
// Who can reach the handler sees the names and values of all metrics. Nothing that it serves
// changes the program. Profiles and traces, which cost time and tell more, can be taken only
// if Options say so, and only by a POST that no other site's page can make. The handler does
// not ask who is there: put it on a loopback address, or behind what does. On a loopback
// address it answers only to names of that address, so that no page of the web can read it by
// making a name of its own point there.
package dash
