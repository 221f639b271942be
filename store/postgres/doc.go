// Package postgres keeps everything in a PostgreSQL database, version 13 or newer: for servers whose data somebody else
// backs up and watches.
//
//	st, err := postgres.Open(ctx, postgres.Config{URL: "postgres://shoal@localhost/shoal"})
//	if err != nil { … }
//	defer st.Close()
//	accounts, err := auth.Open(ctx, auth.Config{Accounts: st, Identities: st, Deletions: st, Revocations: st, Keys: st})
//
// Open makes the tables, or brings older ones up to date; of several processes that open the same database at once one
// does it, and the others wait. To keep them apart from other tables give them a schema of their own: make it, and add
// ?search_path=NAME to the URL.
//
// # What is known after an error
//
// A method that returns an error has changed nothing, unless the error is [ErrUnknown]: then the connection broke, or
// the server fell silent, while it was told to commit, and only a look at what is stored can tell. Nothing is repeated
// then. What is repeated are transactions that the server itself has taken back, because of a deadlock with another one
// for example.
//
// What was acknowledged survives a crash of the process and of the server, as long as the database is set up to be safe
// (fsync and synchronous_commit on, as they are by default).
package postgres
