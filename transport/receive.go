package transport

// Receiver is a Conn that hands over what comes in, so that nobody has to wait in Read. [NewReceiver] makes one of any
// Conn.
type Receiver interface {
	Conn

	// CanReceive tells whether this connection does it; one that does not has to be read. It is always the same.
	CanReceive() bool

	// Receive begins to call on with every message, one after the other, some maybe before it returns. on must not
	// block; the payload is valid until it returns. When on returns false it gets no more messages until Resume. At the
	// end, maybe without Resume, it is called once with the error that Read would return. Receive is called once, instead
	// of Read.
	Receive(on func(kind Kind, payload []byte, err error) (more bool))

	// Resume goes on after on has returned false, once for each time. on may be called before Resume returns; on
	// itself must not call it.
	Resume()
}

// NewReceiver returns conn itself if it can receive, else a Receiver with a goroutine that reads.
func NewReceiver(conn Conn) Receiver {
	if r, ok := conn.(Receiver); ok && r.CanReceive() {
		return r
	}
	return NewReader(conn)
}

// NewReader returns a Receiver with a goroutine that reads conn. Its on may block: that holds up nobody else. After it
// has returned false the end comes only when receiving was resumed.
func NewReader(conn Conn) Receiver {
	return &reader{Conn: conn, again: make(chan struct{}, 1)}
}

// reader makes a Receiver of a Conn that has to be read.
type reader struct {
	Conn
	again chan struct{}
}

func (r *reader) CanReceive() bool { return true }

func (r *reader) Receive(on func(Kind, []byte, error) bool) {
	go func() {
		for {
			kind, payload, err := r.Read()
			more := on(kind, payload, err)
			if err != nil {
				return
			}
			if !more {
				<-r.again
			}
		}
	}()
}

func (r *reader) Resume() { r.again <- struct{}{} }
