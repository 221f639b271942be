package tick

import "time"

// rest is the least time from one wake-up of a worker to the next, unless somebody rouses it. To wake up costs more than
// the turns of many small tasks, and those whose times are no better than random would have it do so for each.
const rest = 500 * time.Microsecond

// crowd is how many tasks a worker has that wakes up to the microsecond. With fewer, a tick that is up to a millisecond late
// holds up nobody, and Go's timers come along with whatever else wakes the process, which costs less.
const crowd = 64

// worker is a goroutine that works a lane.
type worker struct {
	s       *Scheduler
	timer   *time.Timer
	day     timeOfDay
	now     int64  // when its last turn or sleep ended
	woke    int64  // when its last sleep ended
	running *entry // whose turn it is
}

// work gives turns to the tasks of a lane until the scheduler stops. If the lane is handed over during a turn, the
// worker goes on with the lane that its slow task was moved to.
func (s *Scheduler) work(l *lane) {
	now := s.since()
	w := &worker{s: s, timer: time.NewTimer(never), day: timeOfDay{epoch: s.epoch}, now: now, woke: now}
	defer w.leave()
	l.watch()
	l.mu.Lock()
	for l != nil {
		e, wait := l.pick(w.now)
		l.mu.Unlock()
		switch {
		case s.stopped():
			return
		case e != nil:
			l = w.turn(e)
		case wait < 0 || !w.sleep(l, wait):
			return
		default:
			l.mu.Lock()
		}
	}
}

// turn gives an entry its turn and returns the lane to go on with, see finish.
func (w *worker) turn(e *entry) *lane {
	w.running = e
	at := w.day.at(w.now)
	next := e.task.Turn(at)
	w.running = nil
	due := int64(never)
	if !next.IsZero() {
		// Counted from now, not from the epoch: next may be a time of day alone, and somebody may have set the clock since.
		due = w.now + min(int64(next.Sub(at)), never-w.now)
	}
	if w.now = e.ended; w.now == 0 {
		w.now = w.s.since()
	}
	return w.s.finish(e, due, w.now)
}

// sleep waits for the time or a rouse; it is false when the scheduler stops.
func (w *worker) sleep(l *lane, wait time.Duration) bool {
	now := w.s.since() // a turn may have gone on after its last look at the clock
	if wait != never {
		wait -= time.Duration(now - w.now)
	}
	wait = max(wait, rest-time.Duration(now-w.woke))
	w.timer.Reset(wait)
	if l.crowded {
		l.alarm.set(wait)
	}
	select {
	case <-w.timer.C:
	case <-l.wake:
	case <-w.s.stop:
		return false
	}
	w.now = w.s.since()
	w.woke = w.now
	return true
}

// leave ends the worker. If a turn has ended its goroutine (runtime.Goexit, as a failing test does), the others need
// a new one.
func (w *worker) leave() {
	w.timer.Stop()
	if w.running == nil {
		return
	}
	if l := w.s.finish(w.running, never, w.s.since()); l != nil {
		l.mu.Unlock()
		w.s.wg.Go(func() { w.s.work(l) })
	}
}
