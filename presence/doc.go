// Package presence is the shared vocabulary for who is where: one user, speaking through one session, on one node.
//
// Every domain of Shoal (matches, relays, the matchmaker, …) names its members with a [Presence]; none of them
// knows more about a player than this.
package presence
