package scorerace

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shoal-go/shoal/leaderboard"
)

// The boards of a race: Scored is written by the store, Bare by the database alone.
const (
	Scored = "scored"
	Bare   = "bare"
)

// Race is between scores and bare upserts. Both write the same rows in the same order, and take turns, so that they have the
// same disk. Each owner, from Owner(0) to Owner(Owners-1), needs a record with the score 0 on both boards.
type Race struct {
	Store  leaderboard.Records
	Upsert func(ctx context.Context, r leaderboard.Record) error // writes r whatever is stored
	Owners int64

	scored, bare int64 // rows written
}

// Owner names an owner.
func Owner(n int64) string { return fmt.Sprint("owner ", n) }

// Record is what an owner of a board has after n scores.
func Record(board, owner string, n int64) leaderboard.Record {
	at := time.Unix(1, 0).UTC()
	return leaderboard.Record{
		Board: board, Owner: owner, Username: owner, Score: n, NumScore: int32(n + 1), MaxNumScore: leaderboard.MaxNumScore,
		Metadata: "{}", Created: at, Updated: at,
	}
}

// Run reports microseconds for each score and each bare upsert of so many writers, and how many times the one is the other.
func (r *Race) Run(b *testing.B, writers int64) {
	const warm = 2000 // so that statements are prepared, and what a store can remember of few owners is
	for range min(r.Owners, warm)/(writers*each) + 1 {
		r.turn(b, writers, &r.bare, r.upsert)
		r.turn(b, writers, &r.scored, r.score)
	}
	var bare, scored time.Duration
	rows := int64(0)
	for b.Loop() {
		bare += r.turn(b, writers, &r.bare, r.upsert)
		scored += r.turn(b, writers, &r.scored, r.score)
		rows += writers * each
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bare.Nanoseconds())/1e3/float64(rows), "us/upsert")
	b.ReportMetric(float64(scored.Nanoseconds())/1e3/float64(rows), "us/score")
	b.ReportMetric(float64(scored)/float64(bare), "times")
}

func (r *Race) score(ctx context.Context, owner string, _ int64) error {
	_, _, err := r.Store.WriteRecord(ctx, leaderboard.Write{
		Board: Scored, Owner: owner, Username: owner, Operator: leaderboard.Increment, Score: 1, At: time.Unix(1, 0),
	})
	return err
}

func (r *Race) upsert(ctx context.Context, owner string, n int64) error {
	return r.Upsert(ctx, Record(Bare, owner, n))
}

// each is how many rows a writer writes in one turn.
const each = 16

// turn has all writers write some rows, and returns how long that took. The owners follow each other as if by chance.
func (r *Race) turn(b *testing.B, writers int64, written *int64, write func(ctx context.Context, owner string, n int64) error) time.Duration {
	var all sync.WaitGroup
	start := time.Now()
	for w := range writers {
		all.Go(func() {
			for i := range int64(each) {
				row := *written + w*each + i
				if err := write(b.Context(), Owner(row*7919%r.Owners), row/r.Owners+1); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	*written += writers * each
	return time.Since(start)
}
