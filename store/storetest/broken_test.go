package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/shoal-go/shoal/auth"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/store/memory"
)

// Each type here is a store with one fault, of a kind that adapters have.

// uncancelled does not listen to ctx.
type uncancelled struct{ *memory.Store }

func (s uncancelled) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	return s.Store.AccountsByID(context.WithoutCancel(ctx), ids)
}

func (s uncancelled) Password(ctx context.Context, username string) (auth.Account, []byte, error) {
	return s.Store.Password(context.WithoutCancel(ctx), username)
}

func (s uncancelled) ForgetDeletion(ctx context.Context, user string) error {
	return s.Store.ForgetDeletion(context.WithoutCancel(ctx), user)
}

func (s uncancelled) Rotate(ctx context.Context, r auth.Rotation, since time.Time) (auth.Rotation, error) {
	return s.Store.Rotate(context.WithoutCancel(ctx), r, since)
}

func (s uncancelled) Revoke(ctx context.Context, r auth.Revocation) error {
	return s.Store.Revoke(context.WithoutCancel(ctx), r)
}

func (s uncancelled) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	return s.Store.Key(context.WithoutCancel(ctx), name, candidate)
}

func (s uncancelled) DeleteBoard(ctx context.Context, id string) error {
	return s.Store.DeleteBoard(context.WithoutCancel(ctx), id)
}

func (s uncancelled) DeleteRecordsOf(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	return s.Store.DeleteRecordsOf(context.WithoutCancel(ctx), owner)
}

// usernameFirst looks at the username before the identity.
type usernameFirst struct{ *memory.Store }

func (s usernameFirst) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	if found, _ := s.AccountsByUsername(ctx, []string{a.Username}); len(found) > 0 {
		return auth.ErrUsernameTaken
	}
	return s.Store.CreateAccount(ctx, a, first)
}

// orphans stores the account in one transaction and the identity in another.
type orphans struct{ *memory.Store }

func (s orphans) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	err := s.Store.CreateAccount(ctx, a, first)
	if errors.Is(err, auth.ErrIdentityTaken) {
		_ = s.Store.CreateAccount(ctx, a, auth.Identity{Kind: "none", ID: a.ID})
	}
	return err
}

// folding takes usernames that differ in case for the same.
type folding struct{ *memory.Store }

func (s folding) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	a.Username = strings.ToLower(a.Username)
	return s.Store.CreateAccount(ctx, a, first)
}

// trimming takes blanks away, as some column types do.
type trimming struct{ *memory.Store }

func (s trimming) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	a.DisplayName = strings.TrimSpace(a.DisplayName)
	return s.Store.CreateAccount(ctx, a, first)
}

// forgetful has no column for one field.
type forgetful struct{ *memory.Store }

func (s forgetful) CreateAccount(ctx context.Context, a auth.Account, first auth.Identity) error {
	a.Disabled = time.Time{}
	return s.Store.CreateAccount(ctx, a, first)
}

func (s forgetful) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	b.Authoritative = false
	return s.Store.CreateBoard(ctx, b)
}

func (s forgetful) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	w.Metadata = ""
	return s.Store.WriteRecord(ctx, w)
}

// local returns times in the zone of the server.
type local struct{ *memory.Store }

func (s local) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	found, err := s.Store.AccountsByID(ctx, ids)
	for i := range found {
		found[i].Created = found[i].Created.In(time.FixedZone("local", 3600))
	}
	return found, err
}

// repeating answers once for each key it is asked for.
type repeating struct{ *memory.Store }

func (s repeating) AccountsByID(ctx context.Context, ids []string) ([]auth.Account, error) {
	var all []auth.Account
	for _, id := range ids {
		found, err := s.Store.AccountsByID(ctx, []string{id})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// touching changes Updated whether a value changed or not.
type touching struct{ *memory.Store }

func (s touching) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	other, none := "other", "none"
	return errors.Join(s.Store.UpdateAccount(ctx, id, u, at),
		s.Store.UpdateAccount(ctx, id, auth.Update{LangTag: &other}, at),
		s.Store.UpdateAccount(ctx, id, auth.Update{LangTag: cmp.Or(u.LangTag, &none)}, at))
}

// takenFirst looks for the username before the account.
type takenFirst struct{ *memory.Store }

func (s takenFirst) UpdateAccount(ctx context.Context, id string, u auth.Update, at time.Time) error {
	if u.Username != nil {
		if found, _ := s.AccountsByUsername(ctx, []string{*u.Username}); len(found) > 0 && found[0].ID != id {
			return auth.ErrUsernameTaken
		}
	}
	return s.Store.UpdateAccount(ctx, id, u, at)
}

// strict finds it an error to delete what is not there.
type strict struct{ *memory.Store }

func (s strict) DeleteAccount(ctx context.Context, id string, at time.Time) error {
	if found, err := s.AccountsByID(ctx, []string{id}); err == nil && len(found) == 0 {
		return auth.ErrNotFound
	}
	return s.Store.DeleteAccount(ctx, id, at)
}

// sharing returns its own memory.
type sharing struct {
	*memory.Store
	secret, key []byte
	snapshot    match.Snapshot
}

func (s *sharing) AccountByIdentity(ctx context.Context, kind auth.Kind, id string) (auth.Account, []byte, error) {
	a, secret, err := s.Store.AccountByIdentity(ctx, kind, id)
	if s.secret == nil {
		s.secret = secret
	}
	return a, s.secret, err
}

func (s *sharing) Key(ctx context.Context, name string, candidate []byte) ([]byte, error) {
	key, err := s.Store.Key(ctx, name, candidate)
	if s.key == nil {
		s.key = key
	}
	return s.key, err
}

// lastKey lets the last candidate win.
type lastKey struct{ *memory.Store }

func (s lastKey) Key(ctx context.Context, _ string, candidate []byte) ([]byte, error) {
	return bytes.Clone(candidate), ctx.Err()
}

// byUser, coarse and late keep revocations by user only, to the second, and at Until itself.
type byUser struct{ *memory.Store }

func (s byUser) Revoke(ctx context.Context, r auth.Revocation) error {
	r.Family = ""
	return s.Store.Revoke(ctx, r)
}

type coarse struct{ *memory.Store }

func (s coarse) Revoke(ctx context.Context, r auth.Revocation) error {
	r.At = r.At.Truncate(time.Second)
	return s.Store.Revoke(ctx, r)
}

type late struct{ *memory.Store }

func (s late) Revocations(ctx context.Context, now time.Time) ([]auth.Revocation, error) {
	return s.Store.Revocations(ctx, now.Add(-time.Nanosecond))
}

// replacing makes a board anew when it is created again.
type replacing struct{ *memory.Store }

func (s replacing) CreateBoard(ctx context.Context, b leaderboard.Board) (leaderboard.Board, error) {
	if err := s.DeleteBoard(ctx, b.ID); err != nil {
		return b, err
	}
	return s.Store.CreateBoard(ctx, b)
}

// losing stores all but every tenth write, as a race would.
type losing struct {
	*memory.Store
	writes int
}

func (s *losing) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	if w.Owner == "owner-a" {
		if s.writes++; s.writes%10 == 0 {
			return leaderboard.Record{}, true, nil
		}
	}
	return s.Store.WriteRecord(ctx, w)
}

// floating keeps scores as floating point numbers.
type floating struct{ *memory.Store }

func (s floating) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	if w.Score < 1<<62 {
		w.Score = int64(float64(w.Score))
	}
	return s.Store.WriteRecord(ctx, w)
}

// halfway leaves an empty record behind when Apply fails.
type halfway struct{ *memory.Store }

func (s halfway) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	r, changed, err := s.Store.WriteRecord(ctx, w)
	if errors.Is(err, leaderboard.ErrNegativeScore) {
		w.Score = 0
		_, _, _ = s.Store.WriteRecord(ctx, w)
	}
	return r, changed, err
}

// timeless has one record for all periods.
type timeless struct{ *memory.Store }

func (s timeless) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	w.Period = time.Time{}
	return s.Store.WriteRecord(ctx, w)
}

// generous makes the board that a record lacks.
type generous struct{ *memory.Store }

func (s generous) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	if _, err := s.CreateBoard(ctx, leaderboard.Board{ID: w.Board}); err != nil {
		return leaderboard.Record{}, false, err
	}
	return s.Store.WriteRecord(ctx, w)
}

// inclusive begins a span with the standing it is after.
type inclusive struct{ *memory.Store }

func (s inclusive) PageRecords(ctx context.Context, span leaderboard.Span, order leaderboard.Sort, limit int) ([]leaderboard.Record, error) {
	page, err := s.Store.PageRecords(ctx, span, order, limit)
	if span.After == nil || order == leaderboard.Descending {
		return page, err
	}
	last, _ := s.RecordsOf(ctx, span.Board, span.Period, []string{span.After.Owner})
	return append(last, page...), err
}

// byOwner orders equal scores by owner and forgets the subscore.
type byOwner struct{ *memory.Store }

func (s byOwner) Standings(ctx context.Context, span leaderboard.Span, limit int) ([]leaderboard.Standing, error) {
	found, err := s.Store.Standings(ctx, span, limit)
	slices.SortStableFunc(found, func(a, b leaderboard.Standing) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), strings.Compare(a.Owner, b.Owner))
	})
	return found, err
}

// boundless counts all of a period.
type boundless struct{ *memory.Store }

func (s boundless) CountRecords(ctx context.Context, span leaderboard.Span) (int64, error) {
	return s.Store.CountRecords(ctx, leaderboard.Span{Board: span.Board, Period: span.Period})
}

// greedy deletes more than it was asked for.
type greedy struct{ *memory.Store }

func (s greedy) DeletePeriod(ctx context.Context, board string, period time.Time, _ int) (int, error) {
	return s.Store.DeletePeriod(ctx, board, period, 1<<30)
}

// crowded looks for a place before its transaction, so that two can find the same one, or none at all.
type crowded struct{ *memory.Store }

func (s crowded) WriteRecord(ctx context.Context, w leaderboard.Write) (leaderboard.Record, bool, error) {
	w.MaxSize = 0
	return s.Store.WriteRecord(ctx, w)
}

// backwards keeps whatever was handled last.
type backwards struct {
	*memory.Store
	at map[string]time.Time
}

func (s *backwards) SetHandled(_ context.Context, board string, at time.Time) error {
	s.at = map[string]time.Time{board: at.UTC().Truncate(time.Second)}
	return nil
}

func (s *backwards) Handled(_ context.Context, board string) (time.Time, error) {
	return s.at[board], nil
}

// silent does not say which records it removed.
type silent struct{ *memory.Store }

func (s silent) DeleteRecordsOf(ctx context.Context, owner string) ([]leaderboard.Record, error) {
	_, err := s.Store.DeleteRecordsOf(ctx, owner)
	return nil, err
}

func (s silent) DeleteRecord(ctx context.Context, board string, period time.Time, owner string) (bool, error) {
	_, err := s.Store.DeleteRecord(ctx, board, period, owner)
	return true, err
}
