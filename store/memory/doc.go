// Package memory keeps everything in the memory of the process: for tests, toys and servers that may forget.
//
//	st := memory.New()
//	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
//
// Use store/sqlite or store/postgres for what must survive the process. All keep the contract of store/storetest, so one
// can take the place of the other.
package memory
