package tick

import "time"

// Tick describes one step of something that runs at a fixed rate.
type Tick struct {
	N         int64         // number of this tick: 0, 1, 2, …; before the first one, 0
	Scheduled time.Time     // when it was due
	At        time.Time     // when it began
	Delta     time.Duration // from the beginning of the tick before it; for the first one, from an interval before it was due
	Missed    int64         // ticks left out just before this one
}

// Task is a state machine that is given turns.
type Task interface {
	// Turn does everything that is due at now and returns when the next turn is due; the zero time means not
	// before the task is woken, one that has passed means as soon as possible. Turns of one task never overlap, and each
	// sees what the turn before it wrote.
	Turn(now time.Time) (next time.Time)
}

// Warmer is what a [Task] may be besides. With thousands of tasks the memory of one is in no cache when its turn comes. A
// source may call Warm of several tasks shortly before their turns: a look at what the turn begins with is all it should
// do, for then the tasks do not wait for memory one after the other. It may be called at any time, also during a turn, so
// it must read nothing but atomically, and it must not call the handle.
type Warmer interface {
	Warm()
}

// Source gives turns to tasks. It is safe for concurrent use.
type Source interface {
	// Now is the source's idea of the time.
	Now() time.Time
	// Add takes t in. Its first turn comes when the handle is woken, so that t can keep the handle before.
	Add(t Task) Handle
}

// Handle is a task's place in its source. It is safe for concurrent use.
type Handle interface {
	// Start is the moment from which a schedule with this interval counts: the moment the task was added, shifted by a
	// few milliseconds at most so that tasks added together do not all fall due together, and that tasks with the same
	// interval share the times at which they do.
	Start(interval time.Duration) time.Time
	// Wake asks for a turn as soon as possible. A turn that begins after Wake was called is guaranteed; many calls
	// may share one turn. After Remove it does nothing.
	Wake()
	// Elapsed is for the task itself, in its turn: how long the turn has taken so far. To look at the clock is a good
	// part of what a small turn costs, so a source may begin the next task's turn with this time, and need not look again:
	// call it last.
	Elapsed() time.Duration
	// Detach is for the task itself, in its turn: it says that this turn is about to wait for something, so the
	// source must not let other tasks wait for it.
	Detach()
	// Remove ends the turns. One that is running is finished.
	Remove()
}
