// Package storage keeps small documents of players, with versions.
//
// An [Object] is the text of a JSON object under a collection, a key and an owner. Make [Objects] with [New] over a
// store, and write:
//
//	objects, err := storage.New(storage.Config{Store: store})
//	written, err := objects.Write(ctx, []storage.Put{{
//		ID:      storage.ID{Collection: "saves", Key: "slot-1", Owner: user},
//		Value:   `{"level": 7}`,
//		Readers: storage.Owner, Writers: storage.Owner,
//	}})
//
// The version of an object is the MD5 of its value, see [Version]. A Put names the version that it replaces, [Absent]
// if it replaces none, or nothing if it does not matter; so of two writers who read the same version only one
// succeeds. A batch is written whole or not at all.
//
// The host may do everything. What comes from a client goes through [Objects.Submit], [Objects.Fetch],
// [Objects.Browse] and [Objects.Withdraw], which keep to what the [Access] of each object allows.
//
// A store implements [Store], and calls [Apply] and [CheckDelete] where objects change.
package storage
