package leaderboard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config says what [Open] works with.
type Config struct {
	// Store keeps the boards and the scores. Required. No other process may write to it meanwhile.
	Store Store

	// MaxRanks is how many records, of all boards together, have their ranks in memory, at about 60 bytes each. A board
	// that would exceed it is ranked by the store until its next period: as exactly, but a look at a rank then takes as
	// long as counting the records before it. 0 means 10,000,000, less than 0 none.
	MaxRanks int

	// Validate, if not nil, is asked about each score that a client submits, before it is written; s.Operator is never
	// nil then. An error refuses the score; a player is told only the reason of [Reject]. It may be called for many
	// scores at the same time.
	Validate func(ctx context.Context, b Board, s Submission) error

	// Hooks are told by Run of periods and tournaments that end.
	Hooks Hooks

	// CursorKey signs the cursors that are given to clients, with at least 16 bytes. nil means one that is generated once
	// and kept in Keys; without Keys too, cursors are good until the process ends.
	CursorKey []byte
	Keys      Keys

	// Logger gets a warning when a store could not tell whether a write succeeded, and an error when a hook fails. nil
	// drops both.
	Logger *slog.Logger
}

// Boards are the leaderboards of a server: the rules and the ranks, over the store that keeps the records.
// They are safe for concurrent use.
//
// Write, DeleteRecord, GrantAttempts, Create and Delete are for the host, which may do everything; Submit, Withdraw and
// Join are what a client may do, and their caller has made sure that the owner is the client itself. Everybody may read.
//
// The ranks of the present periods are kept in memory, as far as [Config.MaxRanks] allows, and are exact at every moment:
// a score counts from the moment the store has acknowledged it.
type Boards struct {
	store    Store
	cursors  cursors
	validate func(context.Context, Board, Submission) error
	hooks    Hooks
	log      *slog.Logger
	room     room
	created  chan struct{} // tells Run of a new board

	// owners makes the writes of one owner run one after the other, from before the store until the ranks are
	// changed: otherwise an older score could overtake a newer one in between. A lock per board would do too, but make
	// all players wait for each other's trip to the store; a comparison of NumScore would not, but a deleted record
	// starts to count anew.
	owners turns
	ids    turns // the same for Create and Delete of one board

	mu     sync.RWMutex
	boards map[string]*board
}

// Open makes Boards of all boards and records the store has. It returns when all ranks are loaded; for a million
// records that takes about a second.
func Open(ctx context.Context, c Config) (*Boards, error) {
	if c.Store == nil {
		return nil, errors.New("leaderboard: Config needs a Store")
	}
	if c.MaxRanks == 0 {
		c.MaxRanks = 10_000_000
	}
	key, err := c.cursorKey(ctx)
	if err != nil {
		return nil, err
	}
	b := &Boards{
		store:    c.Store,
		cursors:  cursors{key: key},
		validate: c.Validate,
		hooks:    c.Hooks,
		log:      c.Logger,
		room:     room{limit: int64(c.MaxRanks)},
		created:  make(chan struct{}, 1),
		boards:   make(map[string]*board),
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	defs, err := b.store.Boards(ctx)
	if err != nil {
		return nil, fmt.Errorf("leaderboard: load boards: %w", err)
	}
	for _, def := range defs {
		if err := b.add(ctx, def); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// cursorKey returns the key that is given, or the one that is kept.
func (c *Config) cursorKey(ctx context.Context) ([]byte, error) {
	key := slices.Clone(c.CursorKey)
	if key == nil {
		key = []byte(rand.Text())
		if c.Keys != nil {
			var err error
			if key, err = c.Keys.Key(ctx, "leaderboard.cursor", key); err != nil {
				return nil, fmt.Errorf("leaderboard: read the key of cursors: %w", err)
			}
		}
	}
	if len(key) < 16 {
		return nil, errors.New("leaderboard: the key of cursors is shorter than 16 bytes")
	}
	return key, nil
}

// Create makes a board, or a tournament. If there is one with this id already, it stays as it is, whatever the other
// fields say, and that is no error. A zero Created becomes the present time. The errors are [ErrBoard], [ErrMetadata]
// and those of the store.
func (b *Boards) Create(ctx context.Context, def Board) error {
	def, err := def.checked(now())
	if err != nil {
		return err
	}
	if err := b.ids.take(ctx, def.ID); err != nil {
		return err
	}
	defer b.ids.free(def.ID)
	if b.board(def.ID) != nil {
		return nil
	}
	stored, err := b.store.CreateBoard(ctx, def)
	if err != nil {
		return fmt.Errorf("leaderboard: create board: %w", err)
	}
	// A board that was created by an earlier call that seemed to fail may have records.
	if err := b.add(ctx, stored); err != nil {
		return err
	}
	select {
	case b.created <- struct{}{}:
	default: // Run has not looked at the one before yet, and will find both
	}
	return nil
}

// Delete removes a board and its records. A missing one is no error. When the store fails, the board is closed to
// all use, since nobody knows whether it still exists, until Delete or Create succeeds.
func (b *Boards) Delete(ctx context.Context, id string) error {
	if err := b.ids.take(ctx, id); err != nil {
		return err
	}
	defer b.ids.free(id)
	if e := b.board(id); e != nil {
		b.forget(id)
		e.open.Lock() // waits for the operations that are under way, so that none stores a record afterwards
		e.gone = true
		e.retire()
		e.open.Unlock()
	}
	if err := b.store.DeleteBoard(ctx, id); err != nil {
		return fmt.Errorf("leaderboard: delete board: %w", err)
	}
	return nil
}

// Get returns the definition of a board. The error is ErrNotFound.
func (b *Boards) Get(id string) (Board, error) {
	if e := b.board(id); e != nil {
		return e.def, nil
	}
	return Board{}, ErrNotFound
}

// All returns the definitions of all boards, sorted by id.
func (b *Boards) All() []Board {
	var all []Board
	for _, e := range b.everyBoard() {
		all = append(all, e.def)
	}
	slices.SortFunc(all, func(x, y Board) int { return strings.Compare(x.ID, y.ID) })
	return all
}

// add loads a board. It is put among the others before, locked, so that a DeleteOwner during the load finds it.
func (b *Boards) add(ctx context.Context, def Board) error {
	e, err := newBoard(def)
	if err != nil {
		return err
	}
	e.open.Lock()
	defer e.open.Unlock()
	b.mu.Lock()
	b.boards[def.ID] = e
	b.mu.Unlock()
	if _, err := e.at(ctx, now(), b.store, &b.room); err != nil {
		e.gone = true
		b.forget(def.ID)
		return err
	}
	return nil
}

func (b *Boards) forget(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.boards, id)
}

// board returns nil for an unknown board.
func (b *Boards) board(id string) *board {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.boards[id]
}

func (b *Boards) everyBoard() []*board {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Collect(maps.Values(b.boards))
}

// enter begins an operation on a board; the caller ends it with open.RUnlock.
func (b *Boards) enter(id string) (*board, error) {
	e := b.board(id)
	if e == nil {
		return nil, ErrNotFound
	}
	e.open.RLock()
	if e.gone {
		e.open.RUnlock()
		return nil, ErrNotFound
	}
	return e, nil
}

// now is precise to the second, so that every store returns it as it was.
func now() time.Time { return seconds(time.Now()) }
