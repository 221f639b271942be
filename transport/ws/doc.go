// Package ws makes transport connections from WebSockets (RFC 6455). In an HTTP handler:
//
//	conn, err := ws.Accept(w, r, ws.Config{})
//	if err != nil {
//		return // the client has been answered
//	}
//	go serve(conn) // and return
//
// # What the caller must do
//
// Serve the connection in a goroutine of its own, as above, and return from the handler: the handler's goroutine has
// grown a stack, and holds the request with its buffers; a fresh one makes an idle connection three times smaller.
// The request's context ends with the handler, so the goroutine needs another. It calls Read until Read fails, and
// then closes the connection (a transport.Session does that on its Close); a Conn that is not read
// notices neither pongs nor the end, and one that is never closed is a leak.
//
// # What costs what
//
// github.com/coder/websocket does the handshake, reads, and answers control frames. Data frames are written by this
// package: a transport.Frame holds ready bytes, so a write is one system call, for as many frames as fit into 16 KiB.
// On plain TCP and Unix sockets TryWrite never blocks; what the socket does not take is kept and goes first with the
// next write, whoever makes it. On TLS TryWrite always returns transport.ErrBlocked, and the session's writer does
// the work. An idle connection holds no read buffer but 64 bytes (512 on TLS), no write buffer but 128, one timer,
// and no goroutine but its reader's.
package ws
