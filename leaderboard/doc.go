// Package leaderboard ranks scores.
//
// [Boards] has the rules: what a submitted score does to the one stored, who may write, who is where. Make it with
// [Open] over a store, [Boards.Create] a board, and write:
//
//	boards, err := leaderboard.Open(ctx, leaderboard.Config{Store: store})
//	err = boards.Create(ctx, leaderboard.Board{ID: "wins", Operator: leaderboard.Increment})
//	record, err := boards.Write(ctx, leaderboard.Submission{Board: "wins", Owner: user, Score: 1})
//
// An owner has one record on a board. Boards are ordered by score, then subscore, then owner, all of them descending
// or all ascending; so ranks are 1, 2, 3 and so on, and no two records share one.
//
// The host may do everything. What comes from a client goes through [Boards.Submit] and [Boards.Withdraw], which keep
// to what the board allows its players.
//
// A store implements [Definitions] and [Records], and calls [Apply] where scores change. Ranks are no concern of it:
// they are loaded by Open, kept in memory and exact from the first request on.
package leaderboard
