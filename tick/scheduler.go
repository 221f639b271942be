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
	// Stagger bounds the shift of [Handle.Start]. 0 means 20 ms, negative means no shift, and that tasks share no
	// times. Within it there are about eight times to start at, so that one wake-up serves several tasks.
	Stagger time.Duration
}

// startTimes is how many there are within Stagger.
const startTimes = 8

// Scheduler gives turns on the wall clock. It is safe for concurrent use. Tasks may be added before Run; they get
// their turns while Run runs.
type Scheduler struct {
	slow    time.Duration
	stagger time.Duration
	grid    time.Duration // between two times to start at, at most; 0 is no grid
	epoch   time.Time     // times are kept as nanoseconds since then, by the monotonic clock
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
		slow: c.Slow, stagger: c.Stagger, grid: c.Stagger / startTimes, epoch: time.Now(),
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
		l.alarm = newAlarm()
		s.wg.Go(func() { s.work(l) })
	}
	<-ctx.Done()
	close(s.stop)
	s.wg.Wait()
	for _, l := range s.lanes {
		l.guard.Stop()
		l.alarm.close()
	}
	return nil
}

// Now is the wall clock.
func (s *Scheduler) Now() time.Time { return time.Now() }

// Add implements [Source].
func (s *Scheduler) Add(t Task) Handle {
	n := s.added.Add(1)
	e := &entry{task: t, start: s.since() + s.shift(n), due: never}
	_, e.warms = t.(Warmer)
	e.lane.Store(s.lanes[n%uint64(len(s.lanes))])
	return e
}

// shift is by how much the n-th task starts later. The shifts are spread evenly however many tasks there are: multiples of
// the golden ratio, modulo 1, never cluster.
func (s *Scheduler) shift(n uint64) int64 {
	return int64(float64(n*golden) / (1 << 64) * float64(s.stagger-s.grid))
}

// golden is 2^64 / golden ratio.
const golden = 0x9E3779B97F4A7C15

// longest is the longest interval whose tasks have times of their own to start at.
const longest = time.Second

// align moves a start to the next one that tasks with this interval share: those which cut the interval, counted from the epoch,
// into the fewest equal parts that are no longer than the grid. So such tasks are due at the same times whenever they
// were added, and waking up costs more than the turn of a small match.
func (s *Scheduler) align(start int64, interval time.Duration) int64 {
	grid, every := int64(s.grid), int64(interval)
	if grid == 0 {
		return start
	}
	if interval > longest || every < grid {
		every = grid
	}
	parts := (every + grid - 1) / grid
	begin := start / every * every
	part := ((start-begin)*parts + every - 1) / every
	return begin + part*every/parts
}

// since is the time in nanoseconds after the epoch. It costs half of what the time of day does.
func (s *Scheduler) since() int64 { return int64(time.Since(s.epoch)) }

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
type entry struct {
	task  Task                 // never changes, nor does start
	lane  atomic.Pointer[lane] // changes only under the lock of the lane it names
	start int64
	due   int64       // guarded by the lane's lock, as are the bools but warms
	began int64       // the turn that runs, or the last one; set by the worker under that lock
	ended int64       // when the turn looked at the clock last, 0 if it did not; belongs to the turn
	woken atomic.Bool // a turn is owed
	warms bool        // the task is a Warmer

	running, queued, removed bool
}

func (e *entry) Start(interval time.Duration) time.Time {
	s := e.lane.Load().s
	return s.at(s.align(e.start, interval))
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

func (e *entry) Elapsed() time.Duration {
	e.ended = e.lane.Load().s.since()
	return time.Duration(e.ended - e.began)
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
