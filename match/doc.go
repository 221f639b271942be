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
// caller's Accepted, the presence event for the clients, Join. Joins that wait for the match one behind the other are
// asked one by one in that way, up to the presence event, and then share one Join; anything else between them comes after
// the Join of those before it. So all callbacks but JoinAttempt find that all members have had their Join, and Join comes
// before Leave. Leave comes exactly once for each member that leaves a
// running match. A match that ends calls no Leave: the members' clients are told by [Outbox].MatchEnded and the host
// by [Hooks].Ended.
//
// # Who may call what
//
// Send, Leave, Kick, Get, List, Len, Figures and Totals wait for no match: everybody may call them, a callback, a hook and
// an [Outbox] too. Create, Join, JoinOrCreate, Watch, Reserve, Signal and End wait until Init has returned or the match has
// answered. A callback may call them with its own context: its worker goes on with other matches meanwhile, and a call
// that would wait for the match itself, also by way of others, is [ErrOwnTurn] at once. Hooks, an Outbox and Accepted must
// not, for they have no such context. A [Dispatcher] is for the callback that got it.
//
// # Ticks
//
// The start points of Loop are evenly spaced, the first one interval after the match began; see [Overrun] for what
// happens when callbacks take too long. [Dispatcher.SetRate] changes the interval, and [Dispatcher.SleepUntil] stops the
// ticks until there is input or a deadline: a turn-based match that waits for its players costs nothing but memory.
//
// [Hooks].Tick tells how late each Loop was and how long it took, [Hooks].Slow names the callbacks that take too long.
// Hooks that are not set cost nothing. [Registry.Figures] and [Registry.Totals] say what has happened so far, with
// histograms, drops, refusals and the traffic of each player: they wait for no match, and no match for them.
//
// # Seats
//
// Settings.Capacity is how many seats a match has. [Registry.Reserve] and [Dispatcher.Reserve] keep seats for users who
// have not come yet, until their time is over. A seat is given in the match's turn, so that no two players get the
// same one, and a seat that a signal has reserved is there for the join that follows. A handler that is a [Holder] keeps
// the seats of players who lost their connection, until they return or the time it chose is over.
//
// [Registry.JoinOrCreate] finds a player a match, or makes one; callers who come while one is made share it.
//
// # Bots and spectators
//
// A member needs no socket: who joins with a [Sink] reads there what a client would be sent, and sends with
// [Registry.Send] as the gateway does for clients. So bots take seats, are refused, kicked and held like everybody else.
//
//	var sink match.Sink
//	err := matches.Join(ctx, match.JoinRequest{ID: id, Who: match.Joiner{Presence: bot}, Sink: &sink})
//	for {
//		event, err := sink.Next(ctx)
//		…
//	}
//
// [Registry.Watch] lets a session, with a socket or a Sink, see what goes to all without a seat, with a delay if the host
// wishes. Settings.Spectators limits or forbids that.
//
// # Survival
//
// A handler that is a [Snapshotter] has its matches kept in [Config].Snapshots: they sleep outside of memory, and outlive
// the process. What a turn that was stored has confirmed is never lost. See [Registry.Resume] for the next start.
//
// # Listing
//
// [Registry.List] finds matches by handler, label, members, free seats, or a query on labels. Ranges of numbers are
// answered from an index; a match is in it from the moment Create returns, and with a new label or rate from the moment
// the callback returns.
//
// # Errors
//
// [ErrEnd] from any callback ends the match cleanly. From Init, Join, Leave, Loop and Terminate any other error ends
// it as failed, and so does a panic anywhere ([PanicError]); other matches never notice.
package match
