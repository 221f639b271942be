package tick

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Config configures a [Scheduler]. The zero value is good.
type Config struct {
	// Workers is how many tasks may have a turn at once. 0 means one per core that Go uses.
	Workers int
	// Slow is how long one turn may hold up the other tasks of its worker. After that they go on with a fresh
	// worker, and the slow task keeps the old one to itself until it is quick again. 0 means 10 ms.
	Slow time.Duration
	// Stagger bounds the shift of [Handle.Start]. 0 means 20 ms, negative means no shift. Within it there are eight
	// times to start at, so that one wake-up serves several tasks.
	Stagger time.Duration
}

// startTimes is how many there are within Stagger.
const startTimes = 8

// Scheduler gives turns on the wall clock. It is safe for concurrent use. Tasks may be added before Run; they get
// their turns while Run runs.
type Scheduler struct {
	slow    time.Duration
	stagger time.Duration
	epoch   time.Time // times are kept as nanoseconds since then, by the monotonic clock
	lanes   []*lane
	added   atomic.Uint64

	stop chan struct{}
	wg   sync.WaitGroup
}

// NewScheduler makes a scheduler. It does nothing before Run.
func NewScheduler(c Config) *Scheduler {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Slow <= 0 {
		c.Slow = 10 * time.Millisecond
	}
	switch {
	case c.Stagger == 0:
		c.Stagger = 20 * time.Millisecond
	case c.Stagger < 0:
		c.Stagger = 0
	}
	s := &Scheduler{
		slow: c.Slow, stagger: c.Stagger, epoch: time.Now(),
		lanes: make([]*lane, c.Workers), stop: make(chan struct{}),
	}
	for i := range s.lanes {
		s.lanes[i] = newLane(s)
	}
	return s
}

// Run gives turns until ctx is done, then waits for the turns that are running. It returns nil. Run may be called
// once.
func (s *Scheduler) Run(ctx context.Context) error {
	for _, l := range s.lanes {
		s.wg.Go(func() { s.work(l) })
	}
	<-ctx.Done()
	close(s.stop)
	s.wg.Wait()
	for _, l := range s.lanes {
		l.guard.Stop()
	}
	return nil
}

// Now is the wall clock.
func (s *Scheduler) Now() time.Time { return time.Now() }

// Add implements [Source].
func (s *Scheduler) Add(t Task) Handle {
	n := s.added.Add(1)
	e := &entry{task: t, start: int64(s.start(n, time.Now()).Sub(s.epoch)), due: never}
	e.warm, _ = t.(Warmer)
	e.lane.Store(s.lanes[n%uint64(len(s.lanes))])
	return e
}

// start is the shifted start of the n-th task. The shifts are spread evenly however many tasks there are: multiples of
// the golden ratio, modulo 1, never cluster. Then it is put on a grid that all tasks of the scheduler share: those whose
// periods are multiples of the grid's stay together, and waking up costs more than the turn of a small match.
func (s *Scheduler) start(n uint64, now time.Time) time.Time {
	grid := s.stagger / startTimes
	if grid == 0 {
		return now
	}
	const golden = 0x9E3779B97F4A7C15 // 2^64 / golden ratio
	shift := time.Duration(float64(n*golden) / (1 << 64) * float64(s.stagger-grid))
	since := now.Add(shift).Sub(s.epoch)
	return s.epoch.Add((since + grid - 1).Truncate(grid))
}

// at is the time so many nanoseconds after the epoch.
func (s *Scheduler) at(ns int64) time.Time { return s.epoch.Add(time.Duration(ns)) }

func (s *Scheduler) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// entry is a task in its lane. It is the Handle. It fills one cache line, because each turn begins with a look at it.
// Fields without a comment never change.
type entry struct {
	task  Task
	lane  atomic.Pointer[lane] // changes only under the lock of the lane it names
	warm  Warmer               // the task, or nil if it is none
	start int64
	due   int64       // guarded by the lane's lock, as are the last three
	woken atomic.Bool // a turn is owed

	running, queued, removed bool
}

func (e *entry) Start() time.Time {
	return e.lane.Load().s.at(e.start)
}

func (e *entry) Wake() {
	// The turn that takes woken back begins after this, so it sees all that the caller did before.
	if e.woken.Swap(true) {
		return
	}
	l := e.lock()
	defer l.mu.Unlock()
	l.enqueue(e)
}

func (e *entry) Detach() {
	l := e.lock()
	defer l.mu.Unlock()
	if e.running && l.running == e {
		l.handOver()
	}
}

func (e *entry) Remove() {
	l := e.lock()
	defer l.mu.Unlock()
	e.removed = true
	if e.due != never {
		e.due = never
		l.timeline.abandon(l)
	}
	if l.solo != nil {
		l.rouse() // its worker has nothing left to do
	}
}

// lock locks the lane that the entry is in.
func (e *entry) lock() *lane {
	for {
		l := e.lane.Load()
		l.mu.Lock()
		if e.lane.Load() == l {
			return l
		}
		l.mu.Unlock()
	}
}
