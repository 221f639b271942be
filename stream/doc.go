// Package stream sends what a host has to say to groups of sessions that the host puts together: spectators of a
// tournament, players on one map, readers of a news line.
//
// A stream is named by a [Key] and is there as long as somebody is in it. Clients can neither join nor send by themselves;
// a function of the host does it for them. A [Streams] holds the streams of a server. What it has to tell goes to an
// [Outbox], which the host's network layer implements:
//
//	streams, err := stream.New(stream.Config{Outbox: out})
//	streams.Enter(ann)                                                // her session begins
//	news := stream.Key{Mode: 100, Label: "news"}
//	_, err = streams.Join(news, ann.Session, stream.As{Hidden: true}) // she hears, and is not seen
//	err = streams.Send(news, stream.Message{Data: `{"text":"hello"}`})
//	streams.LeaveAll(ann.Session)                                     // her connection is gone
//
// # Order
//
// Each stream has a lock of its own, and everything that happens in it happens under that lock, on the goroutine of the
// caller: all members see it in the same order. Streams do not wait for each other. The price is a rule for the Outbox,
// which is called under that lock: it returns at once and does not call the Streams.
package stream
