// Package transport carries ready messages between the server and its clients: it knows frames, connections and
// sessions, and nothing about what is in a message.
//
// To send one message to many, encode it once into a [Frame] and put that frame on the queue of every [Session]
// that should get it; when the turn is over, call Flush on each of them:
//
//	f := transport.NewFrame(transport.Text, encode)
//	for _, s := range recipients {
//		s.Queue(f, transport.Outgoing{})
//	}
//	f.Release()
//	for _, s := range recipients {
//		s.Flush()
//	}
//
// All frames a session got since its last Flush leave in one write. Where the [Conn] can write without blocking (see
// [TryWriter]) the goroutine that flushes writes; else, and whenever the peer is slow, a writer goroutine that lives
// only as long as there is something to write takes over. Neither Queue nor Flush ever blocks, and a slow peer costs
// nobody but itself: its queue is bounded, frames marked Unreliable are dropped first, superseded ones are replaced,
// and in the end the session is closed with a reason.
//
// [Sessions] is the register of who is connected. A [Conn] is one connection: package transport/ws makes them from
// WebSockets, [Pipe] makes one within the process, and a host may bring its own (package transport/transporttest
// holds the contract as tests).
package transport
