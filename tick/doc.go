// Package tick gives turns to many small state machines: at fixed points in time, and when somebody wakes them.
//
// A [Task] is such a state machine; a match is one. A [Source] calls its Turn method when a turn is due, never twice
// at once, and knows nothing else about it. There are two sources:
//
//   - [Scheduler] runs on the wall clock, with one worker and one timer per core. It is the only place in Shoal that
//     starts goroutines for matches.
//   - [Manual] has a clock that moves only when told, and runs turns on the goroutine that moves it: for tests,
//     replays and simulations.
//
// [Tick] is what a task that ticks tells its own code about one tick.
package tick
