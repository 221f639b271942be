package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/shoal-go/shoal/match"
)

// SaveSnapshot implements [match.Snapshots].
func (s *Store) SaveSnapshot(ctx context.Context, m match.Snapshot) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	kept, ok := s.snapshots[m.ID]
	switch {
	case !ok && m.Version > 1:
		return match.ErrNotFound
	case cmp.Or(cmp.Compare(kept.Epoch, m.Epoch), cmp.Compare(kept.Version, m.Version)) > 0:
		return match.ErrStale
	}
	s.snapshots[m.ID] = copied(m)
	return nil
}

// LoadSnapshot implements [match.Snapshots].
func (s *Store) LoadSnapshot(ctx context.Context, id match.ID) (match.Snapshot, error) {
	if err := s.lock(ctx); err != nil {
		return match.Snapshot{}, err
	}
	defer s.mu.Unlock()
	m, ok := s.snapshots[id]
	if !ok {
		return match.Snapshot{}, match.ErrNotFound
	}
	return copied(m), nil
}

// DeleteSnapshot implements [match.Snapshots].
func (s *Store) DeleteSnapshot(ctx context.Context, id match.ID, epoch int64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.snapshots[id].Epoch > epoch {
		return match.ErrStale
	}
	delete(s.snapshots, id)
	return nil
}

// PageSnapshots implements [match.Snapshots].
func (s *Store) PageSnapshots(ctx context.Context, after match.ID, limit int) ([]match.Snapshot, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var ids []match.ID
	for id := range s.snapshots {
		if id > after {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var page []match.Snapshot
	for _, id := range ids[:min(len(ids), max(limit, 0))] {
		m := s.snapshots[id]
		m.State = nil
		page = append(page, copied(m))
	}
	return page, nil
}

func copied(m match.Snapshot) match.Snapshot {
	m.Head, m.State = bytes.Clone(m.Head), bytes.Clone(m.State)
	return m
}
