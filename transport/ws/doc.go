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
// A Conn has to be read until it fails, and then closed (a transport.Session does that on its Close): one that is not
// read notices neither pongs nor the end, and one that is never closed is a leak. There are two ways to read:
//
//   - With a Config.Poller, on Linux and plain TCP, Receive hands over what comes in. There is no goroutine for an
//     idle connection, and messages that come in at about the same time cost one wake-up together.
//   - Everywhere: call Read in a goroutine of the connection's own, as above, and return from the handler. The
//     handler's goroutine has grown a stack, and holds the request with its buffers. The request's context ends with
//     the handler, so the goroutine needs another.
//
// transport.NewReceiver chooses the first where it is there.
//
// # What costs what
//
// github.com/coder/websocket does the handshake; frames are read and written by this package. A transport.Frame holds
// ready bytes, so a write is one system call, for as many frames as fit into 16 KiB. On plain TCP and Unix sockets
// TryWrite never blocks; what the socket does not take is kept and goes first with the next write, whoever makes it. On
// TLS TryWrite always returns transport.ErrBlocked, and the session's writer does the work. An idle connection holds no
// buffers (on TLS one of 512 bytes for reading) and one timer.
package ws
