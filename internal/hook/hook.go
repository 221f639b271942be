// Package hook joins the funcs with which packages let a host observe them.
package hook

import "context"

// Both1 returns a func that calls first and then second. Either may be nil; of two nils it returns nil, so that nobody
// pays for what nobody observes.
func Both1[A any](first, second func(A)) func(A) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(a A) { first(a); second(a) }
}

// Both2 is Both1 for funcs of two arguments.
func Both2[A, B any](first, second func(A, B)) func(A, B) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(a A, b B) { first(a, b); second(a, b) }
}

// Both3 is Both1 for funcs of three arguments.
func Both3[A, B, C any](first, second func(A, B, C)) func(A, B, C) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(a A, b B, c C) { first(a, b, c); second(a, b, c) }
}

// Both4 is Both1 for funcs of four arguments.
func Both4[A, B, C, D any](first, second func(A, B, C, D)) func(A, B, C, D) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(a A, b B, c C, d D) { first(a, b, c, d); second(a, b, c, d) }
}

// InTurn joins funcs that may fail: the second is called when the first has returned nil. Either may be nil.
func InTurn[A any](first, second func(context.Context, A) error) func(context.Context, A) error {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(ctx context.Context, a A) error {
		if err := first(ctx, a); err != nil {
			return err
		}
		return second(ctx, a)
	}
}
