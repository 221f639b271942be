package leaderboard

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// board is a definition with its schedule and the table of its present period.
type board struct {
	def      Board
	schedule schedule

	// open is read-locked by every operation for as long as it lasts, and write-locked while the board is loaded
	// or deleted. Lock order: the owner's turn, open, roll, mu of the table.
	open sync.RWMutex
	gone bool // guarded by open: not loaded, or deleted

	roll    sync.Mutex // held while the next table is loaded and takes the place of the present one
	present atomic.Pointer[present]

	handled time.Time // up to when resets have been dealt with; zero: not known. Owned by Run
}

// present is the phase a board is in, and the ranks of its period.
type present struct {
	phase
	*table
}

func newBoard(def Board) (*board, error) {
	e := &board{def: def}
	e.schedule.def = &e.def
	if def.Reset != "" {
		reset, err := parseCron(def.Reset)
		if err != nil {
			return nil, fmt.Errorf("leaderboard: reset of %q: %w", def.ID, err)
		}
		e.schedule.reset = reset
	}
	return e, nil
}

// at returns what is present at a moment that the caller has just read from the clock. The first to ask in a new period
// loads it; usually there is nothing to load. The caller holds open.
func (e *board) at(ctx context.Context, when time.Time, from Rankings, in *room) (*present, error) {
	if p := e.present.Load(); p != nil && p.holds(when) {
		return p, nil
	}
	e.roll.Lock()
	defer e.roll.Unlock()
	last := e.present.Load()
	if last != nil && when.Before(last.from) {
		// Somebody who read the clock later has been faster. Going back to the period before would load all of it, and
		// lose the scores that are on their way into the new one. Only if the clock was put back this is a step back.
		when = now()
	}
	if last != nil && last.holds(when) {
		return last, nil
	}
	p := &present{phase: e.schedule.at(when)}
	if last != nil && last.table.period.Equal(p.phase.period) {
		p.table = last.table
		e.present.Store(p)
		return p, nil
	}
	p.table = newTable(&e.def, p.phase.period, in)
	if err := p.load(ctx, from); err != nil {
		p.retire()
		return nil, err
	}
	e.retire()
	e.present.Store(p)
	return p, nil
}

// retire takes the ranks of the present period out of memory.
func (e *board) retire() {
	if p := e.present.Load(); p != nil {
		p.retire()
	}
}

// settled calls f with the table of the present period, and waits for one that is being loaded: what f does to it is
// not undone by what was read before.
func (e *board) settled(f func(*table)) {
	e.roll.Lock()
	defer e.roll.Unlock()
	if p := e.present.Load(); p != nil {
		f(p.table)
	}
}

// room counts the records whose ranks are in memory.
type room struct {
	limit int64
	used  atomic.Int64
}

// over tells whether there are more than there is room for.
func (r *room) over() bool { return r.used.Load() > r.limit }
