package matchtest

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/shoal-go/shoal/tick"
)

// maxLost is how often in a row a reliable message can be lost, so that a link with a Loss of 1 is not for ever.
const maxLost = 10

// Link is a connection, in each direction. The zero Link is perfect: what is sent arrives at once, which is the next
// time the clock moves.
type Link struct {
	Latency time.Duration // how long a message is on its way, at least
	Jitter  time.Duration // up to how much longer
	// Loss is the share of messages that are lost, from 0 to 1. An unreliable message is gone then; a reliable one is sent
	// again, which costs a round trip each time, and holds up those behind it, as on a WebSocket.
	Loss float64
	// Duplicate is the share of unreliable messages that arrive twice. Unreliable messages may also overtake others, if
	// there is Jitter.
	Duplicate float64
}

// network carries messages and keeps appointments. It is a task of the clock, as the match is, so that all happens in
// order of time.
type network struct {
	clock  *tick.Manual
	handle tick.Handle
	rand   *rand.Rand
	queue  parcels
	sent   uint64
}

func newNetwork(clock *tick.Manual, seed uint64) *network {
	n := &network{clock: clock, rand: rand.New(rand.NewPCG(seed, 0))}
	n.attach()
	return n
}

// attach makes the network the last task of its clock: of a tick and an arrival at the same time the tick is first.
func (n *network) attach() {
	if n.handle != nil {
		n.handle.Remove()
	}
	n.handle = n.clock.Add(n)
	n.handle.Wake()
}

// parcel is something that happens at a time.
type parcel struct {
	at     time.Time
	number uint64 // of two at the same time the first sent comes first
	open   func()
}

// deliver has something done at a time, but not before the clock moves: so nothing is delivered in the middle of a turn.
func (n *network) deliver(at time.Time, open func()) {
	if now := n.clock.Now(); !at.After(now) {
		at = now.Add(1)
	}
	n.sent++
	heap.Push(&n.queue, parcel{at, n.sent, open})
	n.handle.Wake()
}

// Turn implements [tick.Task].
func (n *network) Turn(now time.Time) time.Time {
	for len(n.queue) > 0 && !n.queue[0].at.After(now) {
		heap.Pop(&n.queue).(parcel).open()
	}
	if len(n.queue) == 0 {
		return time.Time{}
	}
	return n.queue[0].at
}

// line is one direction of a player's link.
type line struct {
	n    *network
	free time.Time // when the last reliable message arrives
}

// send carries a message over a link as it is now.
func (l *line) send(over Link, unreliable bool, open func()) {
	if !unreliable {
		at := l.arrival(over)
		for lost := 0; lost < maxLost && l.chance(over.Loss); lost++ {
			at = at.Add(2 * over.Latency)
		}
		if at.Before(l.free) {
			at = l.free
		}
		l.free = at
		l.n.deliver(at, open)
		return
	}
	if l.chance(over.Loss) {
		return
	}
	l.n.deliver(l.arrival(over), open)
	if l.chance(over.Duplicate) {
		l.n.deliver(l.arrival(over), open)
	}
}

func (l *line) arrival(over Link) time.Time {
	at := l.n.clock.Now().Add(over.Latency)
	if over.Jitter > 0 {
		at = at.Add(time.Duration(l.n.rand.Int64N(int64(over.Jitter) + 1)))
	}
	return at
}

func (l *line) chance(share float64) bool { return share > 0 && l.n.rand.Float64() < share }

// parcels is a heap.
type parcels []parcel

func (p parcels) Len() int      { return len(p) }
func (p parcels) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *parcels) Push(x any)   { *p = append(*p, x.(parcel)) }
func (p *parcels) Pop() any     { last := (*p)[len(*p)-1]; *p = (*p)[:len(*p)-1]; return last }

func (p parcels) Less(i, j int) bool {
	return p[i].at.Before(p[j].at) || p[i].at.Equal(p[j].at) && p[i].number < p[j].number
}
