// Package nakama lets the game clients of Nakama connect without a change: it speaks their HTTP API (version 2) and
// their realtime protocol, in JSON and in protobuf, and hands everything to the domains of Shoal.
//
// [New] makes the [Handler] from a [Config]; the Handler is an http.Handler, and [NewServer] puts it into an
// http.Server with safe limits. [NewOutbox] makes what matches, parties and the other domains send through.
//
//	sessions := transport.NewSessions(transport.Config{})
//	out, err := nakama.NewOutbox(nakama.OutboxConfig{Sessions: sessions, Tokens: users})
//	matches, err := match.New(match.Config{Outbox: out})
//	h, err := nakama.New(nakama.Config{Sessions: sessions, Auth: users, Matches: matches, ServerKey: key})
//	err = nakama.NewServer(":7350", h, log).ListenAndServe()
//
// A host takes part through [Hooks], which see, change and refuse what clients ask for, over HTTP and on sockets; through
// functions that clients call, [RPC]; and through HTTP routes of its own, [Config].Mux.
//
// It is the one package that knows the wire protocol. What it does differently from the reference server on purpose
// is listed in docs/differences.md.
package nakama
