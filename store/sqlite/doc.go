// Package sqlite keeps everything in one file, with nothing to install: SQLite, compiled to Go.
//
//	st, err := sqlite.Open(ctx, sqlite.Config{Path: "game.db"})
//	if err != nil { … }
//	defer st.Close()
//	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
//
// Open creates the file, or brings the tables of an older one up to date. While the store is open there are a -wal and a
// -shm file next to it, which belong to it, and a -lock file, by which one store at a time has it. To copy a store that is
// open, use [Store.Backup].
//
// What a method has acknowledged survives a crash of the process, kill -9 included. A loss of power may take the last
// moments with it (the file stays sound) unless [Config.SyncAlways] is set.
package sqlite
