package leaderboard

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// table has the ranks of one period of a board, as long as they are in memory. Two things can make them differ from the
// store: a write that the store has done and the table has not heard of yet, which nobody has been told about either; and
// a write whose outcome the store could not tell. The owner of such a write is in doubt, and because one score moves the
// ranks of others, nothing is read from the table before all doubts are settled from the store.
type table struct {
	def    *Board
	period time.Time
	room   *room

	mu struct { // never held while the store is asked
		sync.RWMutex
		ranks  *ranks            // nil: not in memory, or not any more; the store knows
		doubts map[string]uint64 // by owner; the number tells a doubt from a later one of the same owner
		last   uint64            // number of the latest doubt
	}
}

func newTable(def *Board, period time.Time, in *room) *table {
	t := &table{def: def, period: period, room: in}
	if !def.NoRanks {
		t.mu.ranks = newRanks(def.Sort)
		t.mu.doubts = make(map[string]uint64)
	}
	return t
}

// span returns all of the period.
func (t *table) span() Span { return Span{Board: t.def.ID, Period: t.period} }

// loadBatch is how many standings are asked for at once when a board is loaded.
const loadBatch = 10_000

// load fills the ranks. It is called once, before the table is used.
func (t *table) load(ctx context.Context, from Rankings) error {
	span := t.span()
	for !t.def.NoRanks {
		// Until nothing comes, because a store may return fewer than it was asked for.
		batch, err := from.Standings(ctx, span, loadBatch)
		if err != nil {
			return fmt.Errorf("leaderboard: load ranks of %q: %w", t.def.ID, err)
		}
		if len(batch) == 0 || !t.enter(batch) {
			return nil
		}
		span.After = &batch[len(batch)-1]
	}
	return nil
}

// enter puts standings into the ranks, and tells whether there was room.
func (t *table) enter(batch []Standing) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range batch {
		if _, ok := t.setLocked(s); !ok {
			return false
		}
	}
	return true
}

// setLocked enters an owner and returns its place. ok is false if the ranks are not in memory, and also when there is no
// room for one more: then they are no longer. t.mu must be held.
func (t *table) setLocked(s Standing) (place int, ok bool) {
	r := t.mu.ranks
	if r == nil {
		return 0, false
	}
	before := r.len()
	place = r.set(s)
	t.room.used.Add(int64(r.len() - before))
	if r.len() > before && t.room.over() {
		t.retireLocked()
		return 0, false
	}
	return place, true
}

// removeLocked takes an owner out. t.mu must be held.
func (t *table) removeLocked(owner string) {
	r := t.mu.ranks
	if r == nil {
		return
	}
	before := r.len()
	r.remove(owner)
	t.room.used.Add(int64(r.len() - before))
}

// retire takes the ranks out of memory.
func (t *table) retire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retireLocked()
}

func (t *table) retireLocked() {
	if r := t.mu.ranks; r != nil {
		t.room.used.Add(int64(-r.len()))
		t.mu.ranks, t.mu.doubts = nil, nil
	}
}

// put enters what the store has acknowledged, and returns the place if it is known without asking the store. The caller
// has the owner's turn.
func (t *table) put(s Standing) (place int, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.mu.doubts, s.Owner)
	place, ok := t.setLocked(s)
	return place, ok && len(t.mu.doubts) == 0
}

// drop does the same for an owner who has no record any more.
func (t *table) drop(owner string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.mu.doubts, owner)
	t.removeLocked(owner)
}

// doubt notes that only the store knows what the owner has. The caller has the owner's turn.
func (t *table) doubt(owner string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.mu.ranks == nil {
		return
	}
	t.mu.last++
	t.mu.doubts[owner] = t.mu.last
}

// read calls f with ranks that are exact, and returns false if they are not in memory. f must not keep them.
func (t *table) read(ctx context.Context, from Records, f func(*ranks)) (bool, error) {
	for {
		if known, sure := t.readIfSure(f); sure {
			return known, nil
		}
		if err := t.settle(ctx, from); err != nil {
			return false, err
		}
	}
}

func (t *table) readIfSure(f func(*ranks)) (known, sure bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.mu.ranks == nil {
		return false, true
	}
	if len(t.mu.doubts) > 0 {
		return false, false
	}
	f(t.mu.ranks)
	return true, true
}

// settle asks the store about the owners in doubt. It does not take their turns, so that it may be called with a turn
// of another owner. Instead it leaves out owners about whom something newer has become known meanwhile: what is then
// entered was read after the doubt arose and before any later write was acknowledged, and is at most replaced by that.
func (t *table) settle(ctx context.Context, from Records) error {
	t.mu.RLock()
	asked := make(map[string]uint64, len(t.mu.doubts))
	owners := make([]string, 0, len(t.mu.doubts))
	for owner, number := range t.mu.doubts {
		asked[owner] = number
		owners = append(owners, owner)
	}
	t.mu.RUnlock()

	records, err := from.RecordsOf(ctx, t.def.ID, t.period, owners)
	if err != nil {
		return fmt.Errorf("leaderboard: settle ranks of %q: %w", t.def.ID, err)
	}
	stored := make(map[string]Record, len(records))
	for _, r := range records {
		stored[r.Owner] = r
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	for owner, number := range asked {
		if t.mu.doubts[owner] != number {
			continue
		}
		delete(t.mu.doubts, owner)
		if r, ok := stored[owner]; ok {
			t.setLocked(Standing{owner, r.Score, r.Subscore})
		} else {
			t.removeLocked(owner)
		}
	}
	return nil
}
