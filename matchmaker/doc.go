// Package matchmaker groups waiting players into matches.
//
// A player, or a party, waits with a ticket: how many players the match should have, properties that describe who
// waits, and a query that says whom the ticket wants. A [Matchmaker] forms groups and tells them to an [Outbox]:
//
//	mm, err := matchmaker.New(matchmaker.Config{Outbox: out})
//	go mm.Run(ctx)
//	ticket, err := mm.Add(matchmaker.Request{
//		Presences:    []presence.Presence{ann},
//		MinCount:     2,
//		MaxCount:     4,
//		Query:        "+region:europe +rank:>=7",
//		StringProps:  map[string]string{"region": "europe"},
//		NumericProps: map[string]float64{"rank": 8},
//	})
//
// With Config.Matched the host makes a match on the server for each group; without it the players get a relayed match.
//
// # Queries
//
// The language is that of package query. What a query finds of the other tickets: properties.<key>, min_count,
// max_count, created_at (Unix time in nanoseconds), party_id and ticket. Any other field means the property of that
// name, so region:europe is properties.region:europe. Where a key is in both kinds of properties, the number counts.
//
// # The rule
//
// A group is some tickets, or a single party, of whom each two want each other: the query of each matches the other.
// They share no session and no party. The group's size, in players, is one that every ticket in it accepts: from
// MinCount to MaxCount and a multiple of CountMultiple.
//
// For each ticket, oldest first, the matchmaker looks at its best candidates (Config.Candidates): the tickets that it
// could be grouped with, in the order of the score that its query gives them, and among equals the oldest first. If
// there is a group among them, of a size that the ticket allows at the time, the ticket is matched: with the largest
// such group, and among those the one with the best candidates. At first a ticket allows only its MaxCount, and from
// its Config.MaxIntervals-th run on every size that it accepts. A ticket that cannot decide within Config.Steps (only
// in a pool of many tickets that mostly exclude each other) tries again in the next run; Hooks.GaveUp is told.
//
// The rule is applied to the new ticket alone when it arrives, for groups of its MaxCount and of more than one ticket, and
// to all of them in a run every Config.Interval. The same tickets in the same order always give the same groups.
//
// Nobody starves: a ticket that is not matched in the run after its Config.MaxIntervals-th goes before new ones. A group
// that would form on arrival is not formed while it has somebody whom such a ticket can be matched with.
//
// # What time, and the host, change
//
// Config.Widen lets tickets ask for more the longer they wait; Config.Expiry ends their waiting, and tells the players.
// [Matchmaker.Edit] changes a ticket that waits. Config.Score prefers good opponents, by skill with [BySkill]; Config.Form
// lets the host form the groups. [Matchmaker.Backfill] finds players for a match that runs. [Matchmaker.Explain] says why
// a ticket waits, and [Matchmaker.Stats] how long tickets do.
//
// # The index
//
// Nobody looks at all tickets to find those that a ticket may be grouped with. Tickets whose queries insist on the same
// texts are one class, of which only tickets with those texts see anything. Within a class, fields by which many tickets
// were refused get columns, for what tickets have and for the numbers that they want; wildcards and regular expressions
// are tried on the different texts of a field, not on tickets. All of that only leaves out tickets: who is left is tested
// with both queries.
//
// # One result for a session
//
// A session may wait with several tickets, but is matched with one of them: when a group has been told that it is
// matched, its sessions' other tickets are removed ([Superseded]). While Config.Matched still works on a group, all
// tickets of its sessions are held back; when it fails they all wait again, as if nothing had happened.
package matchmaker
