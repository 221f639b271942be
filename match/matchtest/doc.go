// Package matchtest tests match handlers: it plays one match on the test's own goroutine, tick by tick.
//
//	h := matchtest.New(t, arena{size: 2}, matchtest.Config{})
//	ann, bob := h.Join("ann"), h.Join("bob")
//	h.Send(ann, opSay, []byte("hi"))
//	h.Step(1)
//	got := h.Sent(bob) // one message, "hi"
//
// The match runs on the production engine: a real [match.Registry] with a [tick.Manual] clock and an [match.Outbox]
// that records. Nothing sleeps, nothing runs in the background, and every run of a test is the same.
//
// A virtual player has a [Link] with latency, jitter, loss and duplicates, and does what the test or its OnData says, in
// virtual time:
//
//	far := h.Connect("far", matchtest.Link{Latency: 150 * time.Millisecond, Loss: 0.02})
//	far.Join()
//	h.Advance(time.Second)
//	far.Send(opSay, []byte("hi"))
//	h.Advance(time.Second)
//	got := far.Received()
//
// All that goes in and comes out is in the [Transcript], which can be compared, kept in a file, and played again to the
// handler of tomorrow with [Replay].
//
// The match of a [match.Snapshotter] goes on after the process that had it was restarted or killed:
//
//	h := matchtest.New(t, chess{}, matchtest.Config{Snapshots: memory.New()})
//	h.Send(h.Join("ann"), opMove, move)
//	h.Step(1)
//	h.Kill()
//	ann := h.Join("ann")
//
// A panic in the handler fails the test with its stack. So does a step that cannot be done, such as sending for a
// player who is not in the match; what a handler may well refuse is reported as an error instead.
//
// [Stress] runs many matches of one handler at once. Run it with the race detector: it finds state that was kept in
// the handler instead of the match.
package matchtest
