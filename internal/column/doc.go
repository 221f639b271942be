// Package column keeps what many documents have in their fields, so that those with certain values are found without
// looking at the others.
//
// A document is a slot: a small number that its owner chooses. Whoever gives out slots in the order in which documents
// come, and numbers them anew when most slots are empty, finds them in that order: a [Scan] goes from the lowest slot up,
// and stops when its caller has enough.
//
// A field is a column: [Texts] for words, [Numbers] for numbers. A document with several values in one field, such as an
// array, is in several sets of Texts; its least and greatest numbers go into two Numbers. Columns do not remember words:
// to change a document, remove its old ones and add its new ones.
//
//	var live column.Set
//	var mode column.Texts
//	var skill column.Numbers
//	// live.Add(slot), mode.Add(slot, "duel"), skill.Put(slot, 1500), …
//
//	var s column.Scan
//	s.All(mode.Set("duel"))
//	s.Within(&skill, 1400, 1600)
//	s.All(&live)
//	for slot := range s.Slots {
//		…
//	}
//
// A word costs one set, which is a list while it is short and a bit for each slot when it is long. Numbers cost 12 bytes
// for each slot. A Scan costs about 40 ns for each condition and 4,096 slots; the order in which the conditions are given
// matters little, but the one that most slots fail should come first.
//
// Nothing here is safe for concurrent use, except that several goroutines may read, each with a Scan of its own, while
// none writes.
package column
