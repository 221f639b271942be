package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// noError ends the test unless err is nil.
func noError(t testing.TB, err error, doing string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: unexpected error: %v", doing, err)
	}
}

// wantError ends the test unless err is want.
func wantError(t testing.TB, err, want error, doing string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error is %v, want %v", doing, err, want)
	}
}

// equal ends the test unless got is want in all its parts. Times must be the same instant, in UTC.
func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\n got: %s\nwant: %s", what, clip(got), clip(want))
	}
}

func clip(v any) string {
	s := fmt.Sprintf("%#v", v)
	if len(s) > 2000 {
		s = s[:2000] + " …"
	}
	return s
}

// filled ends the test if some field is zero in all the samples. It makes a field that is added later fail here, until
// the sample has it and every store keeps it.
func filled[T any](t testing.TB, samples ...T) {
	t.Helper()
	typ := reflect.TypeFor[T]()
	for i := range typ.NumField() {
		found := false
		for _, s := range samples {
			found = found || !reflect.ValueOf(s).Field(i).IsZero()
		}
		if !found {
			t.Fatalf("storetest has no sample with %v.%s", typ, typ.Field(i).Name)
		}
	}
}

// together calls do(0) … do(n-1) at the same time, and returns their errors.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWins ends the test unless exactly one of errs is nil and all others are want. It returns the winner.
func oneWins(t testing.TB, errs []error, want error, doing string) int {
	t.Helper()
	winner, wins := 0, 0
	for i, err := range errs {
		if err == nil {
			winner, wins = i, wins+1
			continue
		}
		wantError(t, err, want, doing)
	}
	if wins != 1 {
		t.Fatalf("%s: %d callers of %d succeeded, want 1", doing, wins, len(errs))
	}
	return winner
}

// cancelled returns a ctx that is over.
func cancelled(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// noon is the moment of most tests.
func noon() time.Time { return time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC) }

// elsewhere returns the instant t with parts of a second, as a clock in another zone shows it.
func elsewhere(t time.Time) time.Time {
	return t.Add(987654321 * time.Nanosecond).In(time.FixedZone("elsewhere", -7*60*60-30*60))
}

// long is more than fits in one page of a database. It stands where no index does.
func long() string { return strings.Repeat("long text ", 5000) }

// oddTexts are what a careless store mangles, all different and at most 128 bytes, which is what names and ids may have.
func oddTexts() []string {
	return []string{
		`'; DROP TABLE users; --`, `" OR ""="`, "`", `\`, `\'`, `%`, `_`, `*`, `?1`, `$1`, `:name`, `@name`, `{}`, `[]`,
		` in front`, `behind `, "tab\tnew\nline\r", "0", "00", "0.0", "1e3", "0x10", "NULL", "null", "true", "{\"a\": 1 }",
		"žluťoučký kůň", "日本語", "שלום", "\u202eright to left", "👩‍👩‍👧‍👦", "\ufeffmark", "\u0001", "\u2028", "\ufffd",
		"\U0010ffff", "caf\u00e9", "cafe\u0301", "straße", "STRASSE", "İ", "i", "I", "ı",
		strings.Repeat("x", 127), strings.Repeat("x", 128),
	}
}

// refused ends the test unless every call with a cancelled ctx returned its error.
func refused(t testing.TB, errs map[string]error) {
	t.Helper()
	for method, err := range errs {
		wantError(t, err, context.Canceled, method+" with a cancelled context")
	}
}
