package tick

import (
	"math"
	"sync"
	"time"
)

const (
	never = math.MaxInt64
	// goodTurns is how many quick turns in a row bring a slow task back among the others.
	goodTurns = 100
)

// lane is the tasks of one worker: those that wait for their time, and those that wait for the worker because their
// time has come or they were woken.
// Exactly one goroutine works a lane: the one started by Run, or by the last handOver.
type lane struct {
	s     *Scheduler
	wake  chan struct{}
	solo  *entry      // the one slow task that this lane is for; nil for a shared lane
	guard *time.Timer // runs while the worker of a shared lane is awake, and calls check
	alarm *alarm      // ends the worker's sleep in time; nil for a solo lane

	mu       sync.Mutex // guards the rest
	timeline timeline
	ready    queue  // due
	woken    queue  // woken
	turn     bool   // whose turn it is: woken tasks and due tasks alternate, so that neither starves the other
	running  *entry // nil between turns
	idle     bool   // the worker sleeps, or is about to
	roused   bool   // a token for it is in wake
	crowded  bool   // it has a crowd to wake up for; belongs to the worker
	good     int    // solo: quick turns in a row
}

// newLane makes a shared lane.
func newLane(s *Scheduler) *lane {
	l := &lane{s: s, wake: make(chan struct{}, 1)}
	l.guard = time.AfterFunc(never, l.check)
	l.guard.Stop() // until there is a worker
	return l
}

// pick takes the next entry to run. Without one it says how long to wait; negative: the lane is over. The lane is
// locked.
func (l *lane) pick(now int64) (*entry, time.Duration) {
	if l.idle {
		l.idle, l.roused = false, false
		l.watch()
	}
	for l.ready.empty() && l.timeline.first() <= now {
		l.gather(now)
	}
	one, other := &l.ready, &l.woken
	if l.turn = !l.turn; l.turn {
		one, other = other, one
	}
	e := l.dequeue(one)
	if e == nil {
		e = l.dequeue(other)
	}
	if e != nil {
		return l.begin(e, now), 0
	}
	if l.solo != nil && l.solo.removed {
		return nil, -1
	}
	l.idle, l.crowded = true, l.timeline.size >= crowd
	if l.guard != nil {
		l.guard.Stop()
	}
	if first := l.timeline.first(); first != never {
		return nil, time.Duration(first - now)
	}
	return nil, never
}

// gather makes entries ready that are due, several at once: with thousands of tasks the memory of each is in no cache, and
// the waits for all of them overlap.
func (l *lane) gather(now int64) {
	var due [16]*entry
	for room := due[:]; len(room) > 0 && l.timeline.first() <= now; {
		n, at := l.timeline.take(room)
		for _, e := range room[:n] {
			l.come(e, at)
		}
		room = room[n:]
	}
	for _, e := range l.ready.entries {
		if e.warms {
			e.task.(Warmer).Warm()
		}
	}
}

// come makes an entry ready whose time has come.
func (l *lane) come(e *entry, due int64) {
	switch {
	case !l.live(e, due):
		l.timeline.dropped()
		return
	case !e.queued: // else it was woken, and has its place there
		e.queued = true
		l.ready.push(e)
	}
	e.due = never
}

// begin marks e as running. That woken is cleared here, before the turn, is what makes Wake's promise true; Swap, not Store: by
// reading what Wake wrote, the turn comes after it in the memory model too.
func (l *lane) begin(e *entry, now int64) *entry {
	e.woken.Swap(false)
	e.running, e.queued = true, false
	e.began, e.ended = now, 0
	l.running = e
	return e
}

// finish puts the entry back after its turn and returns the lane to go on with, locked; nil if that lane is over.
func (s *Scheduler) finish(e *entry, due, now int64) *lane {
	l := e.lock() // not the lane in which the turn began, if that was handed over
	l.running = nil
	e.running = false
	if e.removed {
		if l.solo == nil {
			return l
		}
		l.mu.Unlock()
		return nil
	}
	if l.solo != nil && l.behaves(time.Duration(now-e.began)) {
		s.lanes[s.added.Add(1)%uint64(len(s.lanes))].adopt(e, due)
		l.mu.Unlock()
		return nil
	}
	l.putBack(e, due)
	return l
}

// adopt takes an entry from the lane of its own, which is locked.
func (l *lane) adopt(e *entry, due int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.due = never
	e.lane.Store(l)
	l.putBack(e, due)
}

// putBack lets an entry wait for its time, or gives it the turn that is owed.
func (l *lane) putBack(e *entry, due int64) {
	l.schedule(e, due)
	if e.woken.Load() {
		l.enqueue(e)
	}
}

// schedule sets when e is due.
func (l *lane) schedule(e *entry, due int64) {
	if e.due == due {
		return // its place is still right
	}
	if e.due != never {
		l.timeline.abandon(l)
	}
	e.due = due
	if due == never {
		return
	}
	sooner := due < l.timeline.first()
	l.timeline.insert(due, e)
	if sooner && l.idle {
		l.rouse()
	}
}

// enqueue gives e a turn as soon as possible. A running entry is looked at again when its turn is over.
func (l *lane) enqueue(e *entry) {
	if e.running || e.queued || e.removed {
		return
	}
	e.queued = true
	l.woken.push(e)
	l.rouse()
}

func (l *lane) dequeue(q *queue) *entry {
	for e := q.pop(); e != nil; e = q.pop() {
		// One that has had a turn since, or is in another lane, has left this place behind.
		if e.lane.Load() == l && e.queued && !e.removed {
			return e
		}
	}
	return nil
}

// rouse ends the worker's sleep.
func (l *lane) rouse() {
	if l.idle && !l.roused {
		l.roused = true
		select {
		case l.wake <- struct{}{}:
		default: // an old token is still there, and will do
		}
	}
}

// watch lets the guard look at the worker soon.
func (l *lane) watch() {
	if l.guard != nil {
		l.guard.Reset(l.s.slow)
	}
}

// check hands the lane over if its turn has been running for too long, and looks again while the worker is awake.
func (l *lane) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.idle || l.s.stopped() {
		return
	}
	if l.running != nil && l.s.since()-l.running.began > int64(l.s.slow) {
		l.handOver()
	}
	l.watch()
}

// handOver moves the running entry to a lane of its own, which the current worker goes on with, and starts a fresh
// worker for everybody else.
func (l *lane) handOver() {
	e := l.running
	if e == nil || l.solo != nil {
		return
	}
	own := &lane{s: l.s, wake: make(chan struct{}, 1), solo: e}
	own.running = e
	if e.due != never {
		e.due = never
		l.timeline.abandon(l)
	}
	e.lane.Store(own)
	l.running = nil
	l.s.wg.Go(func() { l.s.work(l) })
}

// behaves counts the quick turns of a slow task.
func (l *lane) behaves(took time.Duration) bool {
	if l.good++; took > l.s.slow {
		l.good = 0
	}
	return l.good >= goodTurns
}
