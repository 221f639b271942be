package transport

// Outgoing says how a frame may be treated when its recipient is slow. The zero value is a frame that must arrive.
type Outgoing struct {
	// Unreliable frames are the first to be dropped when a queue is full, the oldest first.
	Unreliable bool

	// Replace, if not 0, names what the frame tells the state of. A frame with the same key that still waits in
	// the queue is superseded: it is taken out, and the new one goes to the end. So what arrives is always in the
	// order in which it was queued, and of each key the newest.
	Replace uint64
}

// Drop is why a frame that was queued did not leave.
type Drop uint8

// The reasons to drop a frame.
const (
	DropUnreliable Drop = iota // an Unreliable frame gave way in a full queue
	DropSuperseded             // a newer frame had the same Replace key
	DropUnsent                 // the session ended first, or the frame ended it by finding no room
)

// String returns the name as used for labels of figures.
func (d Drop) String() string {
	return [...]string{"unreliable", "superseded", "unsent"}[d]
}

// Drops counts frames that did not leave, by reason.
type Drops struct {
	Unreliable, Superseded, Unsent uint64
}

func (d *Drops) add(why Drop, n int) {
	switch why {
	case DropUnreliable:
		d.Unreliable += uint64(n)
	case DropSuperseded:
		d.Superseded += uint64(n)
	case DropUnsent:
		d.Unsent += uint64(n)
	}
}

// keepFrames is the length of the slices a session keeps for its next batch; a burst leaves no memory behind.
const keepFrames = 64

// queue holds the frames of one session that wait to leave. The session's lock guards it.
// frames and marks run in parallel, so that frames can be handed to a Conn as it is.
type queue struct {
	frames     []*Frame
	marks      []Outgoing
	bytes      int
	unreliable int // how many of marks are Unreliable
}

// push appends f, which it retains, within the limits. It returns how many frames fell out, and whether f found room.
func (q *queue) push(f *Frame, o Outgoing, maxFrames, maxBytes int) (superseded, dropped int, ok bool) {
	if o.Replace != 0 && q.supersede(o.Replace) {
		superseded = 1
	}
	for q.full(f, maxFrames, maxBytes) {
		if q.unreliable == 0 {
			return superseded, dropped, false
		}
		q.dropUnreliable()
		dropped++
	}
	f.Retain()
	q.frames = append(q.frames, f)
	q.marks = append(q.marks, o)
	q.bytes += len(f.bytes)
	if o.Unreliable {
		q.unreliable++
	}
	return superseded, dropped, true
}

// full tells whether there is no room for f. An empty queue takes any frame.
func (q *queue) full(f *Frame, maxFrames, maxBytes int) bool {
	return len(q.frames) > 0 && (len(q.frames) >= maxFrames || q.bytes+len(f.bytes) > maxBytes)
}

func (q *queue) supersede(key uint64) bool {
	for i := range q.marks {
		if q.marks[i].Replace == key {
			q.remove(i)
			return true
		}
	}
	return false
}

func (q *queue) dropUnreliable() {
	for i := range q.marks {
		if q.marks[i].Unreliable {
			q.remove(i)
			return
		}
	}
}

func (q *queue) remove(i int) {
	f := q.frames[i]
	q.bytes -= len(f.bytes)
	if q.marks[i].Unreliable {
		q.unreliable--
	}
	last := len(q.frames) - 1
	copy(q.frames[i:], q.frames[i+1:])
	q.frames[last] = nil
	q.frames = q.frames[:last]
	q.marks = append(q.marks[:i], q.marks[i+1:]...)
	f.Release()
}

// take hands out everything that waits, and goes on with the empty slice spare.
func (q *queue) take(spare []*Frame) []*Frame {
	batch := q.frames
	q.frames = spare
	q.marks = q.marks[:0]
	if cap(q.marks) > keepFrames {
		q.marks = nil
	}
	q.bytes, q.unreliable = 0, 0
	return batch
}

// release gives the references of frames back and forgets them.
func release(frames []*Frame) {
	for i, f := range frames {
		f.Release()
		frames[i] = nil
	}
}
