package leaderboard

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/shoal-go/shoal/internal/hook"
)

// Hooks are told of periods and tournaments that end. They are called by Run, one at a time, and no score waits for
// them. Each is called once for each period of a board, in order; for those that passed while no process ran, as soon as
// one does. That it was called is stored when it has returned nil. After an error, or a panic, it is called again ten
// seconds later, and so it is by the next process when this one dies in the middle: a hook that gives prizes notes
// Ended.Board.ID and Ended.Period where it notes the prizes.
type Hooks struct {
	// Reset is told that a period has ended. Its records are those of List with Ended.Period.
	Reset func(ctx context.Context, e Ended) error
	// TournamentEnd is told that a tournament takes no more scores in a period. Where the period ends with it, it comes
	// before Reset.
	TournamentEnd func(ctx context.Context, e Ended) error
}

// With returns hooks that call those of h, then those of other where h has not failed. An error of either has both called
// again.
func (h Hooks) With(other Hooks) Hooks {
	return Hooks{
		Reset:         hook.InTurn(h.Reset, other.Reset),
		TournamentEnd: hook.InTurn(h.TournamentEnd, other.TournamentEnd),
	}
}

// Ended is what a hook is told.
type Ended struct {
	Board  Board
	Period time.Time // as in Record.Period
	At     time.Time // when it happened
}

const (
	resetRetry = 10 * time.Second // after a hook or the store has failed
	// resetLook is how long Run sleeps at most: a clock that is put forward must not make it oversleep.
	resetLook = time.Minute
	// pruneBatch is how many records are deleted at once, so that scores do not wait long.
	pruneBatch = 1000
)

// Run calls the hooks and deletes old periods until ctx ends; then it returns nil. Without it boards still reset on time,
// but nobody is told and all periods are kept. It must run once at a time.
func (b *Boards) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		next := b.handleAll(ctx, now())
		select {
		case <-ctx.Done():
		case <-b.created:
		case <-time.After(time.Until(next)):
		}
	}
	return nil
}

// handleAll deals with everything that has happened up to a moment, and returns when to look again.
func (b *Boards) handleAll(ctx context.Context, at time.Time) (next time.Time) {
	next = at.Add(resetLook)
	for _, e := range b.everyBoard() {
		due, err := b.handle(ctx, e, at)
		if ctx.Err() != nil {
			return next
		}
		if err != nil {
			b.log.ErrorContext(ctx, "leaderboard: reset", "board", e.def.ID, "err", err)
			due = at.Add(resetRetry)
		}
		if !due.IsZero() && due.Before(next) {
			next = due
		}
	}
	return next
}

// handle deals with everything that has happened to a board up to a moment, and returns when something will happen next;
// zero: never.
func (b *Boards) handle(ctx context.Context, e *board, now time.Time) (next time.Time, err error) {
	if e.handled.IsZero() {
		if e.handled, err = b.store.Handled(ctx, e.def.ID); err != nil {
			return time.Time{}, fmt.Errorf("read what has been handled: %w", err)
		}
		if e.handled.IsZero() {
			e.handled = e.def.Created
		}
		if err := b.prune(ctx, e, now); err != nil {
			return time.Time{}, err
		}
	}
	for {
		happened, ok := e.schedule.after(e.handled)
		if !ok || happened.at.After(now) {
			return happened.at, nil
		}
		if err := b.tell(ctx, e, happened); err != nil {
			return time.Time{}, err
		}
		err := b.store.SetHandled(ctx, e.def.ID, happened.at)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, nil // deleted meanwhile
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("store what has been handled: %w", err)
		}
		e.handled = happened.at
		if happened.ended {
			if err := b.prune(ctx, e, now); err != nil {
				return time.Time{}, err
			}
		}
	}
}

// tell calls the hooks of an event.
func (b *Boards) tell(ctx context.Context, e *board, happened event) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in a hook: %v\n%s", v, debug.Stack())
		}
	}()
	ended := Ended{Board: e.def, Period: happened.phase.period, At: happened.at}
	if happened.closed && b.hooks.TournamentEnd != nil {
		if err := b.hooks.TournamentEnd(ctx, ended); err != nil {
			return err
		}
	}
	if happened.ended && b.hooks.Reset != nil {
		return b.hooks.Reset(ctx, ended)
	}
	return nil
}

// prune deletes the periods that are not to be kept. One whose end has not been handled is.
func (b *Boards) prune(ctx context.Context, e *board, now time.Time) error {
	if e.def.Keep == 0 {
		return nil
	}
	periods, err := b.store.Periods(ctx, e.def.ID)
	if err != nil {
		return fmt.Errorf("read periods: %w", err)
	}
	present := e.schedule.at(now).period
	past := slices.DeleteFunc(periods, func(p time.Time) bool { return p.IsZero() || p.After(e.handled) || p.Equal(present) })
	for _, period := range past[:max(len(past)-e.def.Keep, 0)] {
		for {
			n, err := b.store.DeletePeriod(ctx, e.def.ID, period, pruneBatch)
			if err != nil {
				return fmt.Errorf("delete a period: %w", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}
