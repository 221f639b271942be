// Package status tells players which of the users that they follow are online, and what they say of themselves.
//
// A session shows itself with a text, which may be empty, or stays hidden, as it does at first. A user is online while at
// least one of its sessions shows itself. A session follows its own user, and others that it names; what it follows ends
// with it. A [Board] knows all of this; what it has to tell goes to an [Outbox], which the host's network layer
// implements:
//
//	board, err := status.New(status.Config{Outbox: out})
//	board.Enter(ann)                                                // her session begins
//	err = board.Follow(ann.Session, []string{bob.User}, reply)      // the reply says how bob is
//	text := "fishing"
//	err = board.Set(bob.Session, &text, nil)                        // ann is told, and bob's other sessions
//	board.LeaveAll(bob.Session)                                     // his connection is gone: ann is told
//
// # Order
//
// Everything about one user happens under one lock, on the goroutine of the caller: all who follow the user see the
// changes in the same order, and who asks for something sees the reply first, before anything that happens later. The
// price is a rule for whatever is called under that lock, which is the Outbox and the Accepted functions: it returns at
// once and does not call the Board.
package status
