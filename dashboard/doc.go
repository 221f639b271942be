// Package dashboard is a page on which a host watches its server: live matches with how long and how late their ticks
// are, what waits and what was dropped, one match in detail, sessions, who waits for opponents and why, and boards. A
// match can be ended or signalled from there, and a player kicked.
//
// A [Dashboard] is made first. Its hooks are given to the registry of matches, next to those of the host if it has some,
// and its Handler takes what it shows:
//
//	window, err := dashboard.New(dashboard.Config{Key: key})
//	matches, err := match.New(match.Config{Hooks: window.Match()})
//	mux.Handle("/shoal/", http.StripPrefix("/shoal", window.Handler(dashboard.Domains{Matches: matches})))
//
// It can be mounted anywhere: all its addresses are relative.
//
// # What it costs
//
// As long as nobody watches, what happens to matches is noted and nothing else. While somebody does, figures are
// collected once a second, for all who watch together, and each is sent a bounded list of what was asked for. No
// match waits for that. For 2,000 matches it is a few milliseconds of one core each second: see BenchmarkSecond.
//
// # Who may see it
//
// Who has the key, and nobody else. It is asked for by a form, which sets a cookie; it may also come in the query of an
// address, as in /shoal/?key=…, which is meant for a link in a terminal and is replaced by the cookie at once, or as a
// bearer token. The key opens everything, so it should travel over TLS only.
package dashboard
