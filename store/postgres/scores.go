package postgres

import (
	"cmp"
	"context"
	"hash/maphash"
	"runtime"
	"slices"
	"sync"

	"github.com/shoal-go/shoal/internal/sqlstore"
	"github.com/shoal-go/shoal/leaderboard"
)

// maxScores is how many scores are written in one transaction, so that nobody waits long for the others.
const maxScores = 64

// lanes is how many transactions may write scores at the same time. The scores of one owner are all in one lane, so that
// they do not meet each other; the server waits for its disk once for many transactions. With few of them more scores
// share a transaction when there are many, and that costs less.
const lanes = 4

// maxKnown is how many records a lane remembers: a few MiB in all.
const maxKnown = 4096

// scores are writes of records that wait for their turn. Whoever has it does those of all others too, in one transaction:
// two ways to the server and the wait for its disk are most of what a score costs.
type scores struct {
	turn chan struct{}

	// Of whoever has the turn.
	known   *sqlstore.Known
	several bool // the last transaction wrote more than one score

	mu      sync.Mutex
	waiting []*score
}

func newScores() *scores {
	return &scores{turn: make(chan struct{}, 1), known: sqlstore.NewKnown(maxKnown)}
}

// remember keeps what an entry has become for the next score of its owner, unless that failed.
func (q *scores) remember(e *entry) {
	r := cmp.Or(e.next, e.stored)
	if e.failed != nil || e.missed || r == nil {
		q.known.Forget(e.Place)
		return
	}
	q.known.Put(e.Place, *r)
}

// score is one write that waits.
type score struct {
	leaderboard.Write
	read bool          // the record must be read first, since a direct statement has failed or would do nothing
	done chan struct{} // closed when the fields below are set

	record  leaderboard.Record
	changed bool
	err     error
}

// settle ends the wait for a score.
func (s *score) settle(err error) {
	if err != nil {
		s.record, s.changed, s.err = leaderboard.Record{}, false, err
	}
	close(s.done)
}

// WriteRecord implements [leaderboard.Records]. [leaderboard.ErrNotFound] when the board is not stored here.
func (s *Store) WriteRecord(ctx context.Context, w leaderboard.Write) (r leaderboard.Record, changed bool, err error) {
	if err := ctx.Err(); err != nil {
		return leaderboard.Record{}, false, err
	}
	if !storable([]any{w.Board, w.Owner, w.Username, w.Metadata}) {
		return leaderboard.Record{}, false, ErrText
	}
	w.At, w.Period = seconds(w.At), seconds(w.Period)
	own := &score{Write: w, done: make(chan struct{})}
	lane := s.lanes[maphash.String(s.seed, w.Owner)%lanes]
	lane.add(own)
	select {
	case <-own.done:
	case lane.turn <- struct{}{}:
		s.writeScores(ctx, lane)
		<-lane.turn
		<-own.done // by this call, or by one that had its turn before
	case <-ctx.Done():
		lane.giveUp(own, ctx.Err())
	}
	return own.record, own.changed, own.err
}

func (q *scores) add(s *score) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, s)
}

// take returns those that have waited longest.
func (q *scores) take() []*score {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), maxScores)
	taken := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return taken
}

// giveUp ends the wait of a score. One that is being written is waited for, so that it changes nothing later on.
func (q *scores) giveUp(s *score, err error) {
	q.mu.Lock()
	i := slices.Index(q.waiting, s)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		<-s.done
		return
	}
	s.err = err
}

// writeScores writes scores of a lane that wait, until none is left that waited when it was called. They are those of others too, so
// it goes on when the caller has gone away.
func (s *Store) writeScores(ctx context.Context, lane *scores) {
	ctx = context.WithoutCancel(ctx)
	if lane.several {
		runtime.Gosched() // who was served a moment ago may have the next score ready, to be written with this one
	}
	for {
		taken := lane.take()
		lane.several = len(taken) > 1
		left := taken
		err := s.write(ctx, func(ctx context.Context, c conn) error {
			if left = lane.writeRound(ctx, c, left); len(left) > 0 {
				return errAgain
			}
			return nil
		})
		for _, one := range left {
			one.settle(err)
		}
		if len(taken) < maxScores {
			return
		}
	}
}
