// Package archtest keeps the house in order: its test reads the imports of every package of every module in this
// repository and fails when one of them breaks the table in house_test.go. It has no code but its test.
//
// The rules:
//
//   - A package imports only from floors below its own. What it needs of a package beside it or above it, it declares
//     as a port, and the floor above joins the two.
//   - Floor 0 imports the standard library only.
//   - A library of others is imported only by the packages that the table names for it, and testing libraries only by
//     tests.
//   - A test kit imports the standard library and this repository only, and only tests import kits.
//   - Only kits and tests import package testing.
//   - A test may import what its package may, the kits besides, and its package. Tests of the root package and of main
//     packages may import everything.
//   - What stands in internal/ under a package belongs to it and lives on its floor.
//   - Each numbered statement about the reference server that was asked for has a subtest with its name, and each that we
//     differ from a row in docs/differences.md.
//   - Every package is in the table, and every module is in go.work or on the short list of those outside.
package archtest
