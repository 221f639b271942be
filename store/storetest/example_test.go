package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/memory"
	"github.com/shoal-go/shoal/store/storetest"
)

// The connection to the database breaks when a score is written, and before its answer is there.
func ExampleFlaky() {
	cut := errors.New("connection reset")
	st := &storetest.Flaky{Store: memory.New()}
	ctx := context.Background()
	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: st})
	if err != nil {
		log.Fatal(err)
	}
	if err := boards.Create(ctx, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment}); err != nil {
		log.Fatal(err)
	}

	win := leaderboard.Submission{Board: "wins", Owner: "ann", Username: "ann", Score: 1}
	st.After = func(_ context.Context, method string) error {
		if method == "WriteRecord" {
			return cut
		}
		return nil
	}
	_, err = boards.Write(ctx, win)
	fmt.Println("told:", errors.Is(err, cut))

	st.After = nil // the database is back
	record, err := boards.Write(ctx, win)
	fmt.Println("both are there:", record.Score, err)
	// Output:
	// told: true
	// both are there: 2 <nil>
}
