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
// A board may reset: a cron expression says when one period ends and the next begins, in which everybody starts anew.
// Past periods can still be read. [Boards.Run] tells the host's [Hooks] of each that ended, also of those that passed
// while no process ran. A tournament is a board that takes scores only for some time in each period; see [Tournament].
//
// A host's own store implements [Store] and calls [Apply] where scores change.
package leaderboard
