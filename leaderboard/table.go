package leaderboard

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// table is a board with the ranks of its current period. Two things can make the ranks differ from the store: a write
// that the store has done and the table has not heard of yet, which nobody has been told about either; and a write
// whose outcome the store could not tell. The owner of such a write is in doubt, and because one score moves the ranks
// of others, nothing is read from the table before all doubts are settled from the store.
type table struct {
	def    Board
	period time.Time

	// open is read-locked by every operation for as long as it lasts, and write-locked while the board is loaded
	// or deleted. Lock order: the owner's turn, open, mu.
	open sync.RWMutex
	gone bool // guarded by open: not loaded, or deleted

	mu struct { // never held while the store is asked
		sync.RWMutex
		ranks  *ranks
		doubts map[string]uint64 // by owner; the number tells a doubt from a later one of the same owner
		last   uint64            // number of the latest doubt
	}
}

func newTable(def Board) *table {
	t := &table{def: def}
	t.mu.ranks = newRanks(def.Sort)
	t.mu.doubts = make(map[string]uint64)
	return t
}

// loadBatch is how many records are asked for at once when a board is loaded.
const loadBatch = 1000

// load fills the ranks. It is called once, before the table is used.
func (t *table) load(ctx context.Context, from Records) error {
	for after := ""; ; {
		// Until nothing comes, because a store may return fewer than it was asked for.
		batch, err := from.ScanRecords(ctx, t.def.ID, t.period, after, loadBatch)
		if err != nil {
			return fmt.Errorf("leaderboard: load ranks of %q: %w", t.def.ID, err)
		}
		if len(batch) == 0 {
			return nil
		}
		t.mu.Lock()
		for _, r := range batch {
			t.mu.ranks.set(Standing{r.Owner, r.Score, r.Subscore})
		}
		t.mu.Unlock()
		after = batch[len(batch)-1].Owner
	}
}

// put enters what the store has acknowledged. The caller has the owner's turn.
func (t *table) put(s Standing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.mu.doubts, s.Owner)
	t.mu.ranks.set(s)
}

// drop does the same for an owner who has no record any more.
func (t *table) drop(owner string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.mu.doubts, owner)
	t.mu.ranks.remove(owner)
}

// doubt notes that only the store knows what the owner has. The caller has the owner's turn.
func (t *table) doubt(owner string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mu.last++
	t.mu.doubts[owner] = t.mu.last
}

// read calls f with ranks that are exact. f must not keep them.
func (t *table) read(ctx context.Context, from Records, f func(*ranks)) error {
	for !t.readIfSure(f) {
		if err := t.settle(ctx, from); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) readIfSure(f func(*ranks)) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.mu.doubts) > 0 {
		return false
	}
	f(t.mu.ranks)
	return true
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
			t.mu.ranks.set(Standing{owner, r.Score, r.Subscore})
		} else {
			t.mu.ranks.remove(owner)
		}
	}
	return nil
}
