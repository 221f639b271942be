package leaderboard

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxID is the longest id of a board or owner, in bytes.
const maxID = 128

// Config says what [Open] works with.
type Config struct {
	// Definitions and Records keep the boards and the scores. Both are needed; they must be one store. No other
	// process may write to them meanwhile.
	Definitions Definitions
	Records     Records

	// CursorKey signs the cursors that are given to clients, with at least 16 bytes. Nil means a random key: cursors
	// then are good until the process ends.
	CursorKey []byte

	// Logger gets a warning when a store could not tell whether a write succeeded. Nil means no log.
	Logger *slog.Logger
}

// Boards are the leaderboards of a server: the rules and the ranks, over the stores that keep the records.
// All methods are safe for concurrent use.
//
// Write, DeleteRecord, Create and Delete are for the host, which may do everything; Submit and Withdraw are what a
// client may do, and their caller has made sure that the owner is the client itself. Everybody may read.
//
// The ranks are kept in memory, about 130 bytes for each record, and are exact at every moment: a score counts from
// the moment the store has acknowledged it.
type Boards struct {
	definitions Definitions
	records     Records
	cursors     cursors
	log         *slog.Logger

	// owners makes the writes of one owner run one after the other, from before the store until the ranks are
	// changed: otherwise an older score could overtake a newer one in between. A lock per board would do too, but make
	// all players wait for each other's trip to the store; a comparison of NumScore would not, but a deleted record
	// starts to count anew.
	owners turns
	ids    turns // the same for Create and Delete of one board

	mu     sync.RWMutex
	tables map[string]*table
}

// Open makes Boards of all boards and records the stores have. It returns when all ranks are loaded; for a million
// records that takes seconds.
func Open(ctx context.Context, c Config) (*Boards, error) {
	if c.Definitions == nil || c.Records == nil {
		return nil, errors.New("leaderboard: Config needs Definitions and Records")
	}
	if c.CursorKey != nil && len(c.CursorKey) < 16 {
		return nil, errors.New("leaderboard: Config.CursorKey is shorter than 16 bytes")
	}
	b := &Boards{
		definitions: c.Definitions,
		records:     c.Records,
		cursors:     cursors{key: slices.Clone(c.CursorKey)},
		log:         c.Logger,
		tables:      make(map[string]*table),
	}
	if c.CursorKey == nil {
		b.cursors.key = []byte(rand.Text())
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	defs, err := b.definitions.Boards(ctx)
	if err != nil {
		return nil, fmt.Errorf("leaderboard: load boards: %w", err)
	}
	for _, def := range defs {
		if err := b.add(ctx, newTable(def)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Create makes a board. Is there one with this id already, it stays as it is, whatever the other fields say, and
// that is no error. A zero Created becomes the present time. The errors are [ErrBoard], [ErrMetadata] and those of the
// store.
func (b *Boards) Create(ctx context.Context, def Board) error {
	switch {
	case !validID(def.ID):
		return fmt.Errorf("%w: id must be text of 1 to %d bytes", ErrBoard, maxID)
	case def.Sort > Ascending:
		return fmt.Errorf("%w: unknown sort order", ErrBoard)
	case def.Operator > Decrement:
		return fmt.Errorf("%w: unknown operator", ErrBoard)
	case !validMetadata(def.Metadata):
		return ErrMetadata
	}
	if def.Metadata == "" {
		def.Metadata = "{}"
	}
	if def.Created.IsZero() {
		def.Created = now()
	}
	done, err := b.ids.take(ctx, def.ID)
	if err != nil {
		return err
	}
	defer done()
	if b.table(def.ID) != nil {
		return nil
	}
	stored, err := b.definitions.CreateBoard(ctx, def)
	if err != nil {
		return fmt.Errorf("leaderboard: create board: %w", err)
	}
	// A board that was created by an earlier call that seemed to fail may have records.
	return b.add(ctx, newTable(stored))
}

// Delete removes a board and its records. A missing one is no error. When the store fails, the board is closed to
// all use, since nobody knows whether it still exists, until Delete or Create succeeds.
func (b *Boards) Delete(ctx context.Context, id string) error {
	done, err := b.ids.take(ctx, id)
	if err != nil {
		return err
	}
	defer done()
	if t := b.table(id); t != nil {
		b.forget(id)
		t.open.Lock() // waits for the operations that are under way, so that none stores a record afterwards
		t.gone = true
		t.open.Unlock()
	}
	if err := b.definitions.DeleteBoard(ctx, id); err != nil {
		return fmt.Errorf("leaderboard: delete board: %w", err)
	}
	return nil
}

// Board returns the definition of a board; ok is false if there is none.
func (b *Boards) Board(id string) (def Board, ok bool) {
	if t := b.table(id); t != nil {
		return t.def, true
	}
	return Board{}, false
}

// All returns the definitions of all boards, sorted by id.
func (b *Boards) All() []Board {
	var all []Board
	for _, t := range b.everyTable() {
		all = append(all, t.def)
	}
	slices.SortFunc(all, func(x, y Board) int { return strings.Compare(x.ID, y.ID) })
	return all
}

// add loads a table. It is put among the others before, locked, so that a DeleteOwner during the load finds it.
func (b *Boards) add(ctx context.Context, t *table) error {
	t.open.Lock()
	defer t.open.Unlock()
	b.mu.Lock()
	b.tables[t.def.ID] = t
	b.mu.Unlock()
	if err := t.load(ctx, b.records); err != nil {
		t.gone = true
		b.forget(t.def.ID)
		return err
	}
	return nil
}

func (b *Boards) forget(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tables, id)
}

// table returns nil for an unknown board.
func (b *Boards) table(id string) *table {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.tables[id]
}

func (b *Boards) everyTable() []*table {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Collect(maps.Values(b.tables))
}

// enter begins an operation on a board; the caller ends it with open.RUnlock.
func (b *Boards) enter(id string) (*table, error) {
	t := b.table(id)
	if t == nil {
		return nil, ErrNotFound
	}
	t.open.RLock()
	if t.gone {
		t.open.RUnlock()
		return nil, ErrNotFound
	}
	return t, nil
}

func validID(id string) bool { return id != "" && len(id) <= maxID && utf8.ValidString(id) }

// validMetadata allows nothing, and a JSON object.
func validMetadata(text string) bool {
	if text == "" {
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && utf8.ValidString(text) && json.Valid([]byte(text))
}

// now is precise to the second, so that every store returns it as it was.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
