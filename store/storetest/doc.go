// Package storetest is the contract of the stores: run it on your own adapter and you know that Shoal can stand on it.
//
//	func TestStore(t *testing.T) {
//		storetest.All(t, func(t *testing.T) *Store { return openEmpty(t) })
//	}
//
// There is one function for each port ([Accounts], [Identities], [Deletions], [Revocations], [Rotations], [Keys],
// [Definitions], [Records], [Rankings], [Periods], [Objects], [Notifications], [Snapshots]), one for all of them
// ([All]), and one for stores that outlive the process ([Durable]). Each rule is a subtest with an empty store of its
// own; when a rule is broken the test says why it is one.
//
// What every port promises besides its own comment: strings and bytes come back as they were given; times come back in
// UTC, cut to the second (revocations: to the millisecond; objects: to the microsecond), and a zero time stays zero;
// what goes in and what comes out are copies; a method whose ctx is already cancelled returns an error that is
// [context.Canceled] and changes nothing.
//
// [Flaky] is a store that fails or is slow when a test says so.
//
// The package imports the standard library and Shoal only, so an adapter in a module of its own inherits nothing else.
package storetest
