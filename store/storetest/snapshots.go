package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/shoal-go/shoal/match"
)

// snapshot returns one as a registry gives it to a store.
func snapshot(id match.ID, epoch int64) match.Snapshot {
	return match.Snapshot{
		ID: id, Epoch: epoch, Version: 1, Head: fmt.Appendf(nil, `{"of": %q}`, id), State: fmt.Appendf(nil, "%s %d", id, epoch),
	}
}

// saved stores snapshots.
func saved(t testing.TB, s match.Snapshots, ms ...match.Snapshot) {
	t.Helper()
	for _, m := range ms {
		noError(t, s.SaveSnapshot(t.Context(), m), "save snapshot")
	}
}

// loaded ends the test unless exactly this is kept for the match.
func loaded(t testing.TB, s match.Snapshots, want match.Snapshot) {
	t.Helper()
	got, err := s.LoadSnapshot(t.Context(), want.ID)
	noError(t, err, "load snapshot")
	equal(t, "snapshot", got, want)
}

// notLoaded ends the test if something is kept for the match.
func notLoaded(t testing.TB, s match.Snapshots, id match.ID) {
	t.Helper()
	_, err := s.LoadSnapshot(t.Context(), id)
	wantError(t, err, match.ErrNotFound, "load snapshot")
}

// paged ends the test unless the page is exactly these, without their State.
func paged(t testing.TB, s match.Snapshots, after match.ID, limit int, want ...match.Snapshot) {
	t.Helper()
	got, err := s.PageSnapshots(t.Context(), after, limit)
	noError(t, err, "page snapshots")
	equal(t, "length of the page", len(got), len(want))
	for i, m := range want {
		m.State = nil
		equal(t, "snapshot of the page", got[i], m)
	}
}

func snapshotRules() []rule[match.Snapshots] {
	return []rule[match.Snapshots]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			snapshotFields,
		},
		{
			"bytes are kept as they are", "how a state is encoded is the handler's own business",
			snapshotBytes,
		},
		{
			"save replaces", "a match goes on from its last snapshot, not from its first",
			snapshotReplaces,
		},
		{
			"an older epoch saves nothing", "a process that has lost the match must not undo what the next one did",
			snapshotEpochs,
		},
		{
			"an older version saves nothing", "a save that was given up may be carried out later",
			snapshotVersions,
		},
		{
			"a later version replaces, or is ErrNotFound", "a match that has ended must not come back",
			snapshotVersionMissing,
		},
		{
			"of concurrent versions the greatest stays", "looking and writing are one step",
			snapshotVersionRace,
		},
		{
			"of concurrent epochs the greatest stays", "looking and writing are one step",
			snapshotRace,
		},
		{
			"load of a missing match is ErrNotFound", "the match has ended, which is no failure of the store",
			snapshotMissing,
		},
		{
			"delete is idempotent", "a deletion that was interrupted is done again",
			snapshotDelete,
		},
		{
			"an older epoch deletes nothing", "the match goes on in another process",
			snapshotDeleteEpoch,
		},
		{
			"pages are in the order of ids and hold all", "a match that a start misses is lost to its players",
			snapshotPages,
		},
		{
			"snapshots are copies", "the match goes on changing its bytes",
			snapshotsAreCopies,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			snapshotsCancelled,
		},
	}
}

func snapshotFields(t testing.TB, s match.Snapshots) {
	m, other := snapshot("a.node", 3), snapshot("b.node", 1)
	filled(t, m)
	saved(t, s, m, other)
	loaded(t, s, m)
	loaded(t, s, other)
}

func snapshotBytes(t testing.TB, s match.Snapshots) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	for i, data := range [][]byte{all, {0}, {0xff, 0xfe}, []byte("text"), bytes.Repeat(all, 1000)} {
		m := snapshot(match.ID(fmt.Sprint(i)), 1)
		m.Head, m.State = data, data
		saved(t, s, m)
		loaded(t, s, m)
	}
	m := snapshot("empty", 1)
	m.State = nil
	saved(t, s, m)
	got, err := s.LoadSnapshot(t.Context(), "empty")
	noError(t, err, "load snapshot")
	equal(t, "length of an empty state", len(got.State), 0)
}

func snapshotReplaces(t testing.TB, s match.Snapshots) {
	for i := range int64(4) {
		m := snapshot("a", 1+i/2)
		m.Head, m.State = fmt.Appendf(nil, "head %d", i), fmt.Appendf(nil, "state %d", i)
		saved(t, s, m)
		loaded(t, s, m)
		paged(t, s, "", 10, m)
	}
}

func snapshotEpochs(t testing.TB, s match.Snapshots) {
	newer := snapshot("a", 3)
	saved(t, s, newer)
	wantError(t, s.SaveSnapshot(t.Context(), snapshot("a", 2)), match.ErrStale, "save an older epoch")
	loaded(t, s, newer)
	saved(t, s, snapshot("b", 2))
}

// version is a snapshot with this Version.
func version(id match.ID, epoch, version int64) match.Snapshot {
	m := snapshot(id, epoch)
	m.Version, m.State = version, fmt.Appendf(nil, "%s %d %d", id, epoch, version)
	return m
}

func snapshotVersions(t testing.TB, s match.Snapshots) {
	newer := version("a", 2, 5)
	saved(t, s, version("a", 2, 1), version("a", 2, 2), newer, newer)
	wantError(t, s.SaveSnapshot(t.Context(), version("a", 2, 4)), match.ErrStale, "save an older version")
	wantError(t, s.SaveSnapshot(t.Context(), version("a", 2, 1)), match.ErrStale, "save the first version")
	wantError(t, s.SaveSnapshot(t.Context(), version("a", 1, 6)), match.ErrStale, "save a newer version of an older epoch")
	loaded(t, s, newer)
	saved(t, s, version("a", 3, 2))
	loaded(t, s, version("a", 3, 2))
}

func snapshotVersionMissing(t testing.TB, s match.Snapshots) {
	saved(t, s, version("a", 1, 1), version("b", 1, 1))
	noError(t, s.DeleteSnapshot(t.Context(), "a", 1), "delete snapshot")
	wantError(t, s.SaveSnapshot(t.Context(), version("a", 1, 2)), match.ErrNotFound, "save a later version")
	wantError(t, s.SaveSnapshot(t.Context(), version("a", 2, 2)), match.ErrNotFound, "save a later version and epoch")
	notLoaded(t, s, "a")
	paged(t, s, "", 10, version("b", 1, 1))
}

func snapshotVersionRace(t testing.TB, s match.Snapshots) {
	const n = 16
	saved(t, s, version("a", 1, 1))
	for _, err := range together(n, func(i int) error {
		_ = s.SaveSnapshot(t.Context(), version("a", int64(1+i/4), int64(2+i%4))) // all but the greatest may come too late
		return nil
	}) {
		noError(t, err, "save")
	}
	loaded(t, s, version("a", n/4, 5))
}

func snapshotRace(t testing.TB, s match.Snapshots) {
	const n = 16
	for _, err := range together(n, func(i int) error {
		_ = s.SaveSnapshot(t.Context(), snapshot("a", int64(1+i))) // all but the greatest may come too late
		return nil
	}) {
		noError(t, err, "save")
	}
	loaded(t, s, snapshot("a", n))
}

func snapshotMissing(t testing.TB, s match.Snapshots) {
	notLoaded(t, s, "a")
	saved(t, s, snapshot("a", 1))
	notLoaded(t, s, "A")
	notLoaded(t, s, "")
}

func snapshotDelete(t testing.TB, s match.Snapshots) {
	other := snapshot("b", 1)
	saved(t, s, snapshot("a", 2), other)
	for range 2 {
		noError(t, s.DeleteSnapshot(t.Context(), "a", 2), "delete snapshot")
		notLoaded(t, s, "a")
		paged(t, s, "", 10, other)
	}
	loaded(t, s, other)
	saved(t, s, snapshot("a", 1))
	loaded(t, s, snapshot("a", 1))
}

func snapshotDeleteEpoch(t testing.TB, s match.Snapshots) {
	saved(t, s, snapshot("a", 2))
	wantError(t, s.DeleteSnapshot(t.Context(), "a", 1), match.ErrStale, "delete with an older epoch")
	loaded(t, s, snapshot("a", 2))
	noError(t, s.DeleteSnapshot(t.Context(), "a", 3), "delete with a newer epoch")
	notLoaded(t, s, "a")
}

func snapshotPages(t testing.TB, s match.Snapshots) {
	var all []match.Snapshot
	for _, id := range []match.ID{"0", "A", "B", "a", "aa", "ab", "é"} {
		all = append(all, snapshot(id, 1))
	}
	for _, i := range []int{4, 0, 6, 2, 5, 1, 3} {
		saved(t, s, all[i])
	}
	after := match.ID("")
	for rest := all; len(rest) > 0; {
		page := rest[:min(3, len(rest))]
		paged(t, s, after, 3, page...)
		after, rest = page[len(page)-1].ID, rest[len(page):]
	}
	paged(t, s, after, 3)
	paged(t, s, "", 0)
	paged(t, s, "AA", 1, all[2])
}

func snapshotsAreCopies(t testing.TB, s match.Snapshots) {
	want, given := snapshot("a", 1), snapshot("a", 1)
	saved(t, s, given)
	spoil(given)
	loaded(t, s, want)
	got, err := s.LoadSnapshot(t.Context(), "a")
	noError(t, err, "load snapshot")
	spoil(got)
	loaded(t, s, want)
	page, err := s.PageSnapshots(t.Context(), "", 1)
	noError(t, err, "page snapshots")
	spoil(page[0])
	loaded(t, s, want)
}

func spoil(m match.Snapshot) {
	for _, b := range [][]byte{m.Head, m.State} {
		for i := range b {
			b[i] = '!'
		}
	}
}

func snapshotsCancelled(t testing.TB, s match.Snapshots) {
	kept := snapshot("a", 1)
	saved(t, s, kept)
	ctx := cancelled(t)
	_, load := s.LoadSnapshot(ctx, "a")
	_, page := s.PageSnapshots(ctx, "", 1)
	refused(t, map[string]error{
		"SaveSnapshot": s.SaveSnapshot(ctx, snapshot("a", 2)), "LoadSnapshot": load, "PageSnapshots": page,
		"DeleteSnapshot": s.DeleteSnapshot(ctx, "a", 1),
	})
	loaded(t, s, kept)
}
