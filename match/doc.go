// Package match runs authoritative matches: a typed handler in, messages out.
//
// Write a [Handler] for each kind of match, [Register] it, and let a [Registry] create matches and take players in:
//
//	matches, err := match.New(match.Config{Outbox: out})
//	match.Register(matches, "arena", arena{})
//	go matches.Run(ctx)
//	id, err := matches.Create(ctx, "arena", nil)
//
// Each match is a mailbox. Callers post to it; its callbacks run one after the other on a worker of the
// [tick.Source], which also runs its Loop at the fixed rate that Init chose. Callbacks of one match never overlap,
// so a handler needs no locks; callbacks of different matches run in parallel.
//
// # Order
//
// What was posted first is handled first: joins, leaves, signals, kicks and ends of one match keep their order, and
// all that came before a tick is handled before that tick's Loop. A join is a transaction: JoinAttempt, the seat, the
// caller's Accepted, the presence event for the clients, Join. Leave comes exactly once for each member that leaves a
// running match. A match that ends calls no Leave: the members' clients are told by [Outbox].MatchEnded and the host
// by [Hooks].Ended.
//
// # Ticks
//
// The start points of Loop are evenly spaced, the first one interval after the match began; see [Overrun] for what
// happens when callbacks take too long.
//
// # Errors
//
// [ErrEnd] from any callback ends the match cleanly. From Init, Join, Leave, Loop and Terminate any other error ends
// it as failed, and so does a panic anywhere ([PanicError]); other matches never notice.
package match
