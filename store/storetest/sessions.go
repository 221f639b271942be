package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/auth"
)

// revoked stores revocations.
func revoked(t testing.TB, s auth.Revocations, rs ...auth.Revocation) {
	t.Helper()
	for _, r := range rs {
		noError(t, s.Revoke(t.Context(), r), "revoke")
	}
}

// alive ends the test unless exactly these revocations are returned at the moment now.
func alive(t testing.TB, s auth.Revocations, now time.Time, want ...auth.Revocation) {
	t.Helper()
	got, err := s.Revocations(t.Context(), now)
	noError(t, err, "revocations")
	order := func(a, b auth.Revocation) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Family, b.Family))
	}
	got = append([]auth.Revocation{}, got...)
	want = append([]auth.Revocation{}, want...)
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	equal(t, "revocations", got, want)
}

func revocation(user, family string) auth.Revocation {
	return auth.Revocation{User: user, Family: family, At: noon(), Until: noon().Add(time.Hour)}
}

func revocationRules() []rule[auth.Revocations] {
	return []rule[auth.Revocations]{
		{
			"revocation round-trips", "a logged-out session must stay out after a restart",
			revocationFields,
		},
		{
			"times are UTC milliseconds", "a login in the same second as a logout must not be refused",
			revocationTimes,
		},
		{
			"same user and family replaces", "logging out twice must not fill the store",
			revocationReplaces,
		},
		{
			"users and families are apart", "logging one device out must not log others out",
			revocationsApart,
		},
		{
			"over at Until", "what refuses no living token only costs memory",
			revocationsEnd,
		},
		{
			"text is kept as it is", "ids are the caller's",
			revocationTexts,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			revocationsCancelled,
		},
	}
}

func revocationFields(t testing.TB, s auth.Revocations) {
	alive(t, s, noon())
	r := auth.Revocation{User: "ann", Family: "phone", At: noon().Add(123 * time.Millisecond), Until: noon().Add(time.Hour)}
	filled(t, r)
	revoked(t, s, r)
	alive(t, s, noon(), r)
}

func revocationTimes(t testing.TB, s auth.Revocations) {
	r := revocation("ann", "")
	given := r
	given.At, given.Until = elsewhere(r.At), elsewhere(r.Until)
	r.At, r.Until = r.At.Add(987*time.Millisecond), r.Until.Add(987*time.Millisecond)
	revoked(t, s, given, auth.Revocation{User: "bob", Until: r.Until})
	alive(t, s, noon(), r, auth.Revocation{User: "bob", Until: r.Until})
}

func revocationReplaces(t testing.TB, s auth.Revocations) {
	one := revocation("ann", "")
	two := auth.Revocation{User: "ann", At: one.At.Add(time.Minute), Until: one.Until.Add(time.Minute)}
	revoked(t, s, one, two)
	alive(t, s, noon(), two)
	revoked(t, s, one)
	alive(t, s, noon(), one)
}

func revocationsApart(t testing.TB, s auth.Revocations) {
	all := []auth.Revocation{
		revocation("ann", ""), revocation("ann", "phone"), revocation("ann", "Phone"), revocation("bob", "phone"), revocation("annphone", ""),
	}
	revoked(t, s, all...)
	alive(t, s, noon(), all...)
}

func revocationsEnd(t testing.TB, s auth.Revocations) {
	short, long := revocation("ann", ""), revocation("bob", "")
	long.Until = short.Until.Add(time.Millisecond)
	revoked(t, s, short, long)
	alive(t, s, short.Until.Add(-time.Millisecond), short, long)
	alive(t, s, short.Until, long)
	alive(t, s, long.Until)

	revoked(t, s, long)
	alive(t, s, short.Until, long)
}

func revocationTexts(t testing.TB, s auth.Revocations) {
	var all []auth.Revocation
	for _, text := range oddTexts() {
		all = append(all, revocation(text, text))
	}
	revoked(t, s, all...)
	alive(t, s, noon(), all...)
}

func revocationsCancelled(t testing.TB, s auth.Revocations) {
	r := revocation("ann", "")
	revoked(t, s, r)
	ctx := cancelled(t)
	_, err := s.Revocations(ctx, r.Until)
	refused(t, map[string]error{"Revoke": s.Revoke(ctx, revocation("bob", "")), "Revocations": err})
	alive(t, s, noon(), r)
}

func keyRules() []rule[auth.Keys] {
	return []rule[auth.Keys]{
		{
			"first candidate stays", "a key that changes ends every session",
			keyStays,
		},
		{
			"names are apart", "access and refresh tokens have different keys",
			keyNames,
		},
		{
			"key is kept byte by byte", "keys are random bytes",
			keyBytes,
		},
		{
			"concurrent callers get one key", "two servers that start together must accept each other's tokens",
			concurrentKeys,
		},
		{
			"keys are copies", "a caller may wipe the key it got",
			keysAreCopies,
		},
		{
			"cancelled context stores nothing", "a caller that has gone away never learned the key",
			keysCancelled,
		},
	}
}

// keyIs ends the test unless Key returns want.
func keyIs(t testing.TB, s auth.Keys, name string, candidate, want []byte) {
	t.Helper()
	got, err := s.Key(t.Context(), name, candidate)
	noError(t, err, "key "+name)
	equal(t, "key "+name, got, want)
}

func keyStays(t testing.TB, s auth.Keys) {
	keyIs(t, s, "access", []byte("first"), []byte("first"))
	keyIs(t, s, "access", []byte("second"), []byte("first"))
	keyIs(t, s, "access", []byte("first"), []byte("first"))
}

func keyNames(t testing.TB, s auth.Keys) {
	names := append(oddTexts(), "access", "Access", "access ", "")
	for i, name := range names {
		key := fmt.Appendf(nil, "key %d", i)
		keyIs(t, s, name, key, key)
	}
	for i, name := range names {
		keyIs(t, s, name, []byte("other"), fmt.Appendf(nil, "key %d", i))
	}
}

func keyBytes(t testing.TB, s auth.Keys) {
	key := make([]byte, 256)
	for i := range key {
		key[i] = byte(255 - i)
	}
	keyIs(t, s, "bytes", key, key)
	keyIs(t, s, "bytes", []byte("other"), key)
}

func concurrentKeys(t testing.TB, s auth.Keys) {
	const n = 16
	ctx := t.Context()
	got := make([][]byte, n)
	for _, err := range together(n, func(i int) (err error) {
		got[i], err = s.Key(ctx, "shared", []byte{'k', byte(i)})
		return err
	}) {
		noError(t, err, "concurrent Key")
	}
	for _, key := range got {
		equal(t, "key of a concurrent caller", key, got[0])
	}
	if len(got[0]) != 2 || got[0][0] != 'k' || got[0][1] >= n {
		t.Fatalf("the key %q is none of the candidates", got[0])
	}
	keyIs(t, s, "shared", []byte("late"), got[0])
}

func keysAreCopies(t testing.TB, s auth.Keys) {
	want := []byte("a key of some length")
	candidate := bytes.Clone(want)
	for range 3 {
		got, err := s.Key(t.Context(), "copied", candidate)
		noError(t, err, "key")
		equal(t, "key", got, want)
		clear(candidate)
		clear(got)
	}
}

func keysCancelled(t testing.TB, s auth.Keys) {
	_, err := s.Key(cancelled(t), "late", []byte("never"))
	refused(t, map[string]error{"Key": err})
	keyIs(t, s, "late", []byte("stored"), []byte("stored"))
	_, err = s.Key(cancelled(t), "late", []byte("never"))
	refused(t, map[string]error{"Key": err})
}
