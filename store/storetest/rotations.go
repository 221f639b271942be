package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

func rotation(family string, generation int64) auth.Rotation {
	return auth.Rotation{
		Family: family, Generation: generation, Successor: fmt.Appendf(nil, "%s %d\x00\xff", family, generation),
		At: noon(), Until: later(),
	}
}

// rotated ends the test unless r is stored now.
func rotated(t testing.TB, s auth.Rotations, r auth.Rotation, since time.Time) {
	t.Helper()
	got, err := s.Rotate(t.Context(), r, since)
	noError(t, err, "rotate")
	equal(t, "rotation", got, r)
}

// rotatedBefore ends the test unless the store has want where r is to be stored.
func rotatedBefore(t testing.TB, s auth.Rotations, r, want auth.Rotation) {
	t.Helper()
	r.Successor, r.At, r.Until = []byte("another"), r.At.Add(time.Second), r.Until.Add(time.Second)
	got, err := s.Rotate(t.Context(), r, time.Time{})
	noError(t, err, "rotate again")
	equal(t, "rotation", got, want)
}

func rotationRules() []rule[auth.Rotations] {
	return []rule[auth.Rotations]{
		{
			"rotation round-trips", "the client that asks again gets the same successors, also after a restart",
			rotationFields,
		},
		{
			"the first of a generation stays", "two tabs that refresh at once must get the same tokens",
			rotationFirst,
		},
		{
			"an old generation is answered with what is stored", "whether a token was used before decides whether it was stolen",
			rotationOld,
		},
		{
			"what was before since is forgotten, the newest never", "a token of a forgotten generation must still be known as old",
			rotationForgets,
		},
		{
			"families are apart", "rotating in one browser must not log another out",
			rotationsApart,
		},
		{
			"of concurrent rotations one is stored", "the look and the change must be one transaction",
			concurrentRotations,
		},
		{
			"successors are copies", "a caller may wipe what it gave or got",
			rotationsAreCopies,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away never learned the successor",
			rotationsCancelled,
		},
	}
}

func rotationFields(t testing.TB, s auth.Rotations) {
	r := rotation("phone", 1)
	r.At = r.At.Add(123 * time.Millisecond)
	filled(t, r)
	given := r
	given.At, given.Until = r.At.Add(456*time.Microsecond).In(time.FixedZone("elsewhere", 3600)), r.Until.Local()
	got, err := s.Rotate(t.Context(), given, noon())
	noError(t, err, "rotate")
	equal(t, "rotation", got, r)
	rotatedBefore(t, s, r, r)
}

func rotationFirst(t testing.TB, s auth.Rotations) {
	first := rotation("phone", 1)
	rotated(t, s, first, noon())
	for range 2 {
		rotatedBefore(t, s, first, first)
	}
}

func rotationOld(t testing.TB, s auth.Rotations) {
	for g := int64(1); g <= 3; g++ {
		rotated(t, s, rotation("phone", g), noon())
	}
	for g := int64(1); g <= 3; g++ {
		rotatedBefore(t, s, rotation("phone", g), rotation("phone", g))
	}
	gap := rotation("phone", 9) // the rotations between were made while the setting was off
	rotated(t, s, gap, noon())
	rotatedBefore(t, s, rotation("phone", 6), gap)
}

func rotationForgets(t testing.TB, s auth.Rotations) {
	first, second, third := rotation("phone", 1), rotation("phone", 2), rotation("phone", 3)
	second.At, third.At = noon().Add(time.Minute), noon().Add(2*time.Minute)
	rotated(t, s, first, noon())
	rotated(t, s, second, noon())
	rotated(t, s, third, second.At)
	rotatedBefore(t, s, first, third)
	rotatedBefore(t, s, second, second)

	fourth := rotation("phone", 4)
	fourth.At = noon().Add(3 * time.Minute)
	rotated(t, s, fourth, fourth.At.Add(time.Minute))
	for _, old := range []auth.Rotation{first, second, third, fourth} {
		rotatedBefore(t, s, old, fourth)
	}
}

func rotationsApart(t testing.TB, s auth.Rotations) {
	families := append(oddTexts(), "phone", "Phone", "phone ")
	for _, family := range families {
		rotated(t, s, rotation(family, 1), noon())
	}
	long := rotation("long", 2)
	long.At, long.Until = noon().Add(30*time.Minute), noon().Add(24*time.Hour)
	rotated(t, s, long, long.At)
	for _, family := range families {
		rotatedBefore(t, s, rotation(family, 1), rotation(family, 1))
	}
}

func concurrentRotations(t testing.TB, s auth.Rotations) {
	const n = 8
	ctx := t.Context()
	got := make([]auth.Rotation, n)
	for _, err := range together(n, func(i int) (err error) {
		r := rotation("phone", 1)
		r.Successor = []byte{byte(i)}
		got[i], err = s.Rotate(ctx, r, noon())
		return err
	}) {
		noError(t, err, "concurrent rotate")
	}
	for _, r := range got {
		equal(t, "rotation of a concurrent caller", r, got[0])
	}
}

func rotationsAreCopies(t testing.TB, s auth.Rotations) {
	want, given := rotation("phone", 1), rotation("phone", 1)
	for range 3 {
		got, err := s.Rotate(t.Context(), given, noon())
		noError(t, err, "rotate")
		equal(t, "rotation", got, want)
		clear(given.Successor)
		clear(got.Successor)
		given = rotation("phone", 1)
	}
}

func rotationsCancelled(t testing.TB, s auth.Rotations) {
	_, err := s.Rotate(cancelled(t), rotation("phone", 1), noon())
	refused(t, map[string]error{"Rotate": err})
	rotated(t, s, rotation("phone", 1), noon())
	_, err = s.Rotate(cancelled(t), rotation("phone", 1), noon())
	refused(t, map[string]error{"Rotate": err})
}
