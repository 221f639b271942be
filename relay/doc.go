// Package relay runs client-driven matches: the players' own code decides what happens, and the server passes messages
// on without reading them.
//
// A relayed match is nothing but its members. It begins when somebody creates it and ends when the last member leaves;
// there is no state, no owner and no label. A [Hub] holds the matches of a server. What it has to tell goes to an
// [Outbox], which the host's network layer implements:
//
//	hub, err := relay.New(relay.Config{Outbox: out})
//	id, err := hub.Create(relay.CreateRequest{Who: ann})
//	err = hub.Join(relay.JoinRequest{ID: id, Who: bob})
//	err = hub.Send(id, relay.Message{From: bob, Op: 1, Data: data}, nil) // to ann
//	hub.LeaveAll(bob.Session)                                           // when the connection is gone
//
// # Order
//
// Each match has a lock of its own, and everything that happens in it happens under that lock, on the goroutine of the
// caller: a join with its reply and its presence event, a leave, a message. So all members see all of it in the same
// order, the messages of one sender arrive in the order in which they were sent, and a member sees the reply to its
// join first, before any event or message of the match. Matches do not wait for each other.
//
// The price is a rule for whatever is called under that lock, which is the Outbox, Accepted and the [Hooks]: it
// returns at once and does not call the Hub.
//
// # Who may join
//
// Whoever knows an id, or the name that an id is made from, may join. A random id is a secret between the players only
// as long as the host does not list it.
package relay
