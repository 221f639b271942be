// Package party keeps groups of players who talk, queue and travel together.
//
// A party has a leader, its first member, who decides who else gets in, and a label by which others may find it. It ends
// when the last member leaves or the leader closes it. A [Parties] holds the parties of a server. What it has to tell goes
// to an [Outbox], which the host's network layer implements; tickets for whole parties go to a [Queue]:
//
//	parties, err := party.New(party.Config{Outbox: out, Queue: queue})
//	id, err := parties.Create(party.CreateRequest{Who: ann, MaxSize: 4})
//	_, err = parties.Join(party.JoinRequest{ID: id, Who: bob})               // ann is asked
//	err = parties.Accept(party.Call{ID: id, Session: ann.Session}, bob)      // bob is in
//	_, err = parties.Enqueue(id, ann.Session, party.Ticket{MinCount: 4, MaxCount: 4})
//	parties.LeaveAll(ann.Session)                                            // her connection is gone: bob leads
//
// # Order
//
// Each party has a lock of its own, and everything that happens in it happens under that lock, on the goroutine of the
// caller. So there is one list of members, all members see it change in the same order, and who asks for something sees
// the reply first, before anything that follows from it. Parties do not wait for each other.
//
// The price is a rule for whatever is called under that lock, which is the Outbox, the Queue, the Accepted functions and
// the [Hooks]: it returns at once and does not call the Parties.
//
// # Tickets
//
// A ticket is for the members as they are. Whoever comes or goes, all tickets of the party are taken back, and the leader
// queues again. A match that is being made at that moment still comes about.
package party
