package transport

// Receive calls on with every message that comes in on conn, as [Receiver] says, whether conn is one or has to be read
// by a goroutine. The returned function is Resume.
func Receive(conn Conn, on func(kind Kind, payload []byte, err error) (more bool)) (resume func()) {
	if r, ok := conn.(Receiver); ok && r.Receive(on) {
		return r.Resume
	}
	again := make(chan struct{}, 1)
	go func() {
		for {
			kind, payload, err := conn.Read()
			more := on(kind, payload, err)
			if err != nil {
				return
			}
			if !more {
				<-again
			}
		}
	}()
	return func() { again <- struct{}{} }
}
