// Package sqlstore is what the stores that speak SQL do alike.
package sqlstore
