package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/store/memory"
)

// Each type here is a store of snapshots with one fault. The first five have theirs in other ports too.

func (s uncancelled) PageSnapshots(ctx context.Context, after match.ID, limit int) ([]match.Snapshot, error) {
	return s.Store.PageSnapshots(context.WithoutCancel(ctx), after, limit)
}

func (s forgetful) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	m.Head = nil
	return s.Store.SaveSnapshot(ctx, m)
}

func (s strict) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	if _, err := s.LoadSnapshot(ctx, id); err != nil {
		return err
	}
	return s.Store.DeleteSnapshot(ctx, id, epoch)
}

func (s lavish) PageSnapshots(ctx context.Context, after match.ID, limit int) ([]match.Snapshot, error) {
	return s.Store.PageSnapshots(ctx, after, limit+1)
}

func (s *sharing) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	s.snapshot = m
	return s.Store.SaveSnapshot(ctx, m)
}

func (s *sharing) LoadSnapshot(context.Context, match.ID) (match.Snapshot, error) {
	return s.snapshot, nil
}

// lastEpoch lets who comes last win.
type lastEpoch struct{ *memory.Store }

func (s lastEpoch) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if err := s.Store.DeleteSnapshot(ctx, m.ID, 1<<62); err != nil {
		return err
	}
	return s.Store.SaveSnapshot(ctx, m)
}

func (s lastEpoch) DeleteSnapshot(ctx context.Context, id match.ID, _ int64) error {
	return s.Store.DeleteSnapshot(ctx, id, 1<<62)
}

// leastEpoch has the comparison the wrong way round.
type leastEpoch struct {
	*memory.Store
	mu *sync.Mutex
}

func (s leastEpoch) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, err := s.LoadSnapshot(ctx, m.ID); err == nil && old.Epoch < m.Epoch {
		return match.ErrStale
	}
	return lastEpoch{s.Store}.SaveSnapshot(ctx, m)
}

// unversioned looks at epochs alone.
type unversioned struct{ *memory.Store }

func (s unversioned) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if kept, err := s.LoadSnapshot(ctx, m.ID); err == nil {
		m.Version = max(m.Version, kept.Version)
	}
	return s.Store.SaveSnapshot(ctx, m)
}

// reviving inserts whatever it has not.
type reviving struct{ *memory.Store }

func (s reviving) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if _, err := s.LoadSnapshot(ctx, m.ID); err != nil {
		m.Version = 1
	}
	return s.Store.SaveSnapshot(ctx, m)
}

// firstOnly inserts, and forgets to update.
type firstOnly struct{ *memory.Store }

func (s firstOnly) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if _, err := s.LoadSnapshot(ctx, m.ID); err == nil {
		return nil
	}
	return s.Store.SaveSnapshot(ctx, m)
}

// textual keeps bytes as text.
type textual struct{ *memory.Store }

func (s textual) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	m.State = bytes.ToValidUTF8(m.State, []byte("\ufffd"))
	return s.Store.SaveSnapshot(ctx, m)
}

// inventing returns an empty snapshot for one that it has not.
type inventing struct{ *memory.Store }

func (s inventing) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	m, err := s.Store.LoadSnapshot(ctx, id)
	if errors.Is(err, match.ErrNotFound) {
		err = nil
	}
	return m, err
}
