package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
)

// tables are all there is to keep: rows by their keys. They are also what a transaction changes, and then a row that
// is nil is deleted.
type tables struct {
	Accounts    map[string]*account            `json:",omitempty"` // by id
	Deletions   map[string]*auth.Deletion      `json:",omitempty"` // by user
	Revocations map[string]*auth.Revocation    `json:",omitempty"` // by user and family
	Keys        map[string]*[]byte             `json:",omitempty"` // by name
	Boards      map[string]*leaderboard.Board  `json:",omitempty"` // by id
	Records     map[string]*leaderboard.Record `json:",omitempty"` // by board, owner and period
	Handled     map[string]*time.Time          `json:",omitempty"` // by board
}

// account is an account and the ways in which its owner proves to be it.
type account struct {
	Account    auth.Account
	Identities []auth.Identity
}

// store keeps the tables in memory and in a file. Each line of the file is what one transaction changed, in JSON.
// What a method acknowledged survives a process that is killed; it is not forced to the disk, so a power cut may cost
// the last seconds. One process at a time may use a file. A store is safe for concurrent use.
type store struct {
	mu     sync.Mutex
	rows   tables
	file   *os.File
	failed error // what every further change returns
}

var errStoreClosed = errors.New("store: closed")

// openStore reads the file, if there is one, and begins a new one in its place, with all that is kept in one line.
func openStore(path string) (*store, error) {
	s := &store{rows: tables{
		Accounts:    make(map[string]*account),
		Deletions:   make(map[string]*auth.Deletion),
		Revocations: make(map[string]*auth.Revocation),
		Keys:        make(map[string]*[]byte),
		Boards:      make(map[string]*leaderboard.Board),
		Records:     make(map[string]*leaderboard.Record),
		Handled:     make(map[string]*time.Time),
	}}
	lines, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(lines, []byte("\n"))
		if !whole { // nothing left, or what the last process was writing when it was killed, and did not acknowledge
			break
		}
		if err := s.apply(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		lines = rest
	}
	all, err := json.Marshal(s.rows)
	if err != nil {
		return nil, err
	}
	if err := replace(path, append(all, '\n')); err != nil {
		return nil, err
	}
	s.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	return s, err
}

// replace makes data the content of a file. There is always either the old content or the new.
func replace(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // it holds keys
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Close closes the file. Calls after the first do nothing.
func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.failed, errStoreClosed) {
		return nil
	}
	s.failed = errStoreClosed
	return s.file.Close()
}

// lock begins a transaction, unless the caller has gone away. It ends with s.mu.Unlock.
func (s *store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	return nil
}

// commit writes a change to the file, and then makes it here. After a write that failed nobody knows what the file
// holds, so there are no more changes until the next start, which will find out.
func (s *store) commit(change tables) error {
	line, err := json.Marshal(change)
	if err != nil {
		return err
	}
	if s.failed != nil {
		return s.failed
	}
	if _, err := s.file.Write(append(line, '\n')); err != nil {
		s.failed = fmt.Errorf("store: no more changes: %w", err)
		return s.failed
	}
	return s.apply(line)
}

// apply makes the change in a line of the file. It is the only way into the tables: what is in memory is what the
// file says, and shares nothing with the caller.
func (s *store) apply(line []byte) error {
	var change tables
	if err := json.Unmarshal(line, &change); err != nil {
		return err
	}
	merge(s.rows.Accounts, change.Accounts)
	merge(s.rows.Deletions, change.Deletions)
	merge(s.rows.Revocations, change.Revocations)
	merge(s.rows.Keys, change.Keys)
	merge(s.rows.Boards, change.Boards)
	merge(s.rows.Handled, change.Handled)
	merge(s.rows.Records, change.Records)
	return nil
}

func merge[V any](rows, changed map[string]*V) {
	for key, row := range changed {
		if row == nil {
			delete(rows, key)
		} else {
			rows[key] = row
		}
	}
}

// seconds is a time as the contracts want it back.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
