// Package blugetest compares package query with Bluge and its query strings, which the reference server searches with. It
// has no code but its tests, and a module of its own, so that nobody who uses the library gets to know Bluge.
//
// What the two must agree on is fuzzed: documents and queries from a generator, and queries of any text. Where they
// differ is a list of quirks, each with queries that show both sides; the documentation of package query says why.
package blugetest
