package tick

import (
	"slices"
	"sync"
	"time"
)

// Manual is a source whose clock moves only by Advance. Turns run on the goroutine that calls Advance or Wake, and
// are over when that call returns: no goroutine is started and nothing is left to chance. It is safe for
// concurrent use.
type Manual struct {
	mu    sync.Mutex
	now   time.Time
	tasks []*manualTask // in the order they were added
}

// NewManual returns a source whose clock stands at start.
func NewManual(start time.Time) *Manual { return &Manual{now: start} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Add implements [Source]. The handle's Start is Now exactly.
func (m *Manual) Add(t Task) Handle {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := &manualTask{m: m, task: t, start: m.now}
	m.tasks = append(m.tasks, h)
	return h
}

// Advance moves the clock forward by d, and gives each turn that falls due on the way, in order of time; the clock
// stands at a turn's time while it runs. Turns due at the same time come in the order the tasks were added.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	end := m.now.Add(d)
	m.mu.Unlock()
	for {
		h := m.next(end)
		if h == nil {
			return
		}
		h.run(true)
	}
}

// next moves the clock to the earliest due time up to end and returns its task; nil when the clock is at end.
func (m *Manual) next(end time.Time) *manualTask {
	m.mu.Lock()
	defer m.mu.Unlock()
	var first *manualTask
	for _, h := range m.tasks {
		if h.due.IsZero() || h.due.After(end) || h.running {
			continue
		}
		if first == nil || h.due.Before(first.due) {
			first = h
		}
	}
	if first == nil {
		if end.After(m.now) { // a turn may have moved the clock further
			m.now = end
		}
		return nil
	}
	if first.due.After(m.now) {
		m.now = first.due
	}
	return first
}

// manualTask is a task of a Manual source; its lock guards all but the first three fields and began, which is the turn's.
type manualTask struct {
	m       *Manual
	task    Task
	start   time.Time
	began   time.Time // its turn
	due     time.Time
	running bool
	again   bool // woken while running
	removed bool
}

func (h *manualTask) Start(time.Duration) time.Time { return h.start }

func (h *manualTask) Wake() { h.run(false) }

func (h *manualTask) Elapsed() time.Duration { return h.m.Now().Sub(h.began) }

// Detach has nothing to do: who waits in a turn of a Manual source has already run what it waits for.
func (h *manualTask) Detach() {}

func (h *manualTask) Remove() {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	h.removed = true
	h.m.tasks = slices.DeleteFunc(h.m.tasks, func(o *manualTask) bool { return o == h })
}

// run gives turns until none is owed. When another goroutine is running the task, that one gives the turn.
func (h *manualTask) run(dueOnly bool) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if h.running {
		h.again = true
		return
	}
	if dueOnly && (h.due.IsZero() || h.due.After(h.m.now)) {
		return // somebody else was quicker
	}
	for owed := true; owed && !h.removed; owed = h.again {
		h.again, h.running, h.due, h.began = false, true, time.Time{}, h.m.now
		h.due = h.turn(h.m.now)
	}
}

// turn gives one turn without the lock, and has it again also when the turn ends its goroutine, as a failing test does.
func (h *manualTask) turn(now time.Time) (next time.Time) {
	h.m.mu.Unlock()
	defer func() {
		h.m.mu.Lock()
		h.running = false
	}()
	return h.task.Turn(now)
}
