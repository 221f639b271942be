package match

import "context"

// Snapshotter is what a [Handler] may have besides: it turns the state of a match into bytes and back, so that the match
// survives the end of the process and costs next to nothing while it sleeps. Register looks for it once, as for a
// [Holder]; it is at work if the registry has [Config].Snapshots, and else the match is like any other.
//
// A snapshot is stored when the match is created, in turns that slept ([Dispatcher.SleepUntil]) or asked for it
// ([Dispatcher.Save]), and when the registry stops. It is taken at the end of the turn and stored on no worker, and the
// match waits meanwhile: what the turn sent, and its answers to joins, signals and reservations, go out once it is
// stored. So a player never sees a move confirmed that could still be lost. What a turn without a snapshot sent goes out
// at once.
//
// A match that sleeps and has no members connected is unloaded: its state is dropped, while it stays listed with its
// label and its seats. The next join, signal or deadline loads it again, also in the next process (see
// [Registry.Resume]). Those who were members when the process ended count as disconnected when their match is loaded: a
// [Holder] is asked to hold their seats, else Leave tells of them.
//
// While the store fails, it is tried again with growing pauses and the match waits: nothing is confirmed, and callers
// give up with their contexts. Members of a match that waits may go on sending; their messages are kept as in any inbox.
//
// The snapshot of a match that ends is deleted, whatever ended it, before anybody is told. It is left where it is if
// that is what has failed: an error of Snapshot or Restore ends the match in this process only, and so does another
// process that has taken the match over ([ErrStale]).
type Snapshotter[S any] interface {
	// Snapshot makes bytes of the state. It runs in the match's turn, after its callbacks, and must not change s.
	Snapshot(s *S) ([]byte, error)
	// Restore makes a state of such bytes, and owns them. It runs in no match's turn, so it may wait, until ctx is done.
	Restore(ctx context.Context, data []byte) (S, error)
}

// Snapshot is all that is needed to go on with a match.
type Snapshot struct {
	ID      ID
	Epoch   int64  // counts the processes that have had the match; from 1
	Version int64  // counts the snapshots of the match; from 1
	Head    []byte // what the match is listed with, its settings, seats and deadlines, in JSON
	State   []byte // what Snapshotter.Snapshot made
}

// Snapshots keeps one snapshot for each match. All methods are safe for concurrent use, heed ctx, and keep nothing of
// what they are given, nor do they give away what they keep: bytes are copied. An error changes nothing, but for one of
// ctx that says nothing about a change under way.
type Snapshots interface {
	// SaveSnapshot keeps s, in the place of the one with the same ID; when it returns nil, s survives the process.
	// ErrStale if the one that is kept has a greater Epoch, or the same Epoch and a greater Version. ErrNotFound if
	// none is kept and the Version is not 1. So a save that was given up, and is done later than others, changes nothing;
	// where that was the first one of a match, a snapshot of the next Epoch without a State stays until Resume deletes it.
	SaveSnapshot(ctx context.Context, s Snapshot) error
	// LoadSnapshot returns the snapshot of a match. ErrNotFound.
	LoadSnapshot(ctx context.Context, id ID) (Snapshot, error)
	// DeleteSnapshot forgets a match; one that is not there is forgotten already. ErrStale if the snapshot that is kept
	// has a greater Epoch than this.
	DeleteSnapshot(ctx context.Context, id ID, epoch int64) error
	// PageSnapshots returns up to limit snapshots without their State, those with the smallest IDs greater than after,
	// in the order of the IDs' bytes.
	PageSnapshots(ctx context.Context, after ID, limit int) ([]Snapshot, error)
}
