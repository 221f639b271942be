// Package arena is the Fish Game itself, without a network: two to four fish on platforms above the sea, the last one
// alive wins the round, and who first wins enough rounds wins the match.
//
// A [World] is stepped 30 times a second. All figures are whole numbers (positions in 1/256 of a pixel, times in ticks),
// and the rules and the map are read from rules.json; so the same steps written in JavaScript (web/game/sim.js) give
// the same results bit for bit, and a browser can predict its own fish exactly. Test vectors in testdata keep both in step.
//
// Three ideas make the game fair and smooth over a slow network:
//
//   - A fish lives in the time of its player: it moves one step for each input that arrives, in the player's own
//     sequence, so that the player's prediction is right whatever the delay. An allowance of one step a tick, saved up
//     for two thirds of a second at most, keeps everybody at the same speed.
//   - Hits are judged in the past: an input says which tick its player saw, and the fish it hits are looked up where they were
//     then, up to 15 ticks back.
//   - A fish takes a push with the first input of a player who has seen it, so that prediction and server agree on it.
package arena
