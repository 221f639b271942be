//go:build !postgres

package host

// serverStores are the stores that need a server, which the tag postgres brings.
var serverStores []storeKind
