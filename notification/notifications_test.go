package notification_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/notification"
)

func TestNewNeedsAStore(t *testing.T) {
	_, err := notification.New(notification.Config{Outbox: new(fakeOutbox)})
	require.ErrorContains(t, err, "Config.Store")
}

func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store, out := newNotifications(t)
		time.Sleep(1500 * time.Millisecond)
		now := time.Now().UTC().Truncate(time.Second)
		sent, err := s.Send(t.Context(), []notification.Notification{
			{User: "ann", Subject: "kept", Content: ` {"a": 1}`, Code: 3, Sender: "bob", Persistent: true},
			note("bob", "kept too", true),
			note("ann", "live", false),
		})
		require.NoError(t, err)
		require.Equal(t, []string{"kept", "kept too", "live"}, subjects(sent))
		seen := map[string]bool{}
		for _, n := range sent {
			require.NoError(t, uuid.Validate(n.ID))
			require.False(t, seen[n.ID])
			seen[n.ID] = true
		}
		require.Equal(t, notification.Notification{
			ID: sent[0].ID, User: "ann", Subject: "kept", Content: ` {"a": 1}`, Code: 3, Sender: "bob", Persistent: true,
			Created: now, Seq: 1,
		}, sent[0])
		require.Zero(t, sent[2].Seq)
		require.Equal(t, sent[:2], store.kept, "only the persistent ones")
		require.Equal(t, []pushed{
			{"ann", []notification.Notification{sent[0], sent[2]}}, {"bob", sent[1:2]},
		}, out.all, "all, in one go for each user")
	})
}

func TestSendFillsWhatIsItsOwn(t *testing.T) {
	s, _, _ := newNotifications(t)
	sent, err := s.Send(t.Context(), []notification.Notification{{
		ID: "mine", User: "ann", Subject: "x", Code: -1500, Sender: "00000000-0000-0000-0000-000000000000",
		Created: time.Unix(1, 0), Seq: 99,
	}})
	require.NoError(t, err)
	require.NotEqual(t, "mine", sent[0].ID)
	require.NotEqual(t, int64(1), sent[0].Created.Unix())
	require.Zero(t, sent[0].Seq)
	require.Equal(t, "{}", sent[0].Content)
	require.Empty(t, sent[0].Sender, "the system is nobody")
}

func TestSendRefuses(t *testing.T) {
	s, store, out := newNotifications(t)
	for name, tc := range map[string]struct {
		change func(*notification.Notification)
		err    error
	}{
		"no user":                {func(n *notification.Notification) { n.User = "" }, notification.ErrUser},
		"a long user":            {func(n *notification.Notification) { n.User = strings.Repeat("x", 129) }, notification.ErrUser},
		"a user that is no text": {func(n *notification.Notification) { n.User = "\xff" }, notification.ErrUser},
		"a sender of no text":    {func(n *notification.Notification) { n.Sender = "\xff" }, notification.ErrUser},
		"no subject":             {func(n *notification.Notification) { n.Subject = "" }, notification.ErrSubject},
		"a long subject":         {func(n *notification.Notification) { n.Subject = strings.Repeat("é", 256) }, notification.ErrSubject},
		"a subject of no text":   {func(n *notification.Notification) { n.Subject = "a\x00" }, notification.ErrSubject},
		"a list":                 {func(n *notification.Notification) { n.Content = "[]" }, notification.ErrContent},
		"half an object":         {func(n *notification.Notification) { n.Content = "{" }, notification.ErrContent},
		"content of no text":     {func(n *notification.Notification) { n.Content = "{\"a\":\"\xff\"}" }, notification.ErrContent},
		"no code":                {func(n *notification.Notification) { n.Code = 0 }, notification.ErrCode},
		"a code of the library":  {func(n *notification.Notification) { n.Code = notification.CodeBanned }, notification.ErrCode},
		"just above the range":   {func(n *notification.Notification) { n.Code = -999 }, notification.ErrCode},
		"just below the range":   {func(n *notification.Notification) { n.Code = -2001 }, notification.ErrCode},
		"a code too large":       {func(n *notification.Notification) { n.Code = math.MaxInt32 + 1 }, notification.ErrCode},
	} {
		bad := note("ann", "x", true)
		tc.change(&bad)
		_, err := s.Send(t.Context(), []notification.Notification{note("ann", "good", true), bad})
		require.ErrorIs(t, err, tc.err, name)
	}
	require.Empty(t, store.kept, "all or nothing")
	require.Empty(t, out.all)

	for _, code := range []int{1, math.MaxInt32, -1000, -2000} {
		n := note("ann", strings.Repeat("é", 255), true)
		n.Code = code
		_, err := s.Send(t.Context(), []notification.Notification{n})
		require.NoError(t, err, code)
	}
}

func TestSendPushesWhatIsStored(t *testing.T) {
	s, store, out := newNotifications(t)
	store.fail = errStore
	_, err := s.Send(t.Context(), []notification.Notification{note("ann", "live", false), note("ann", "kept", true)})
	require.ErrorIs(t, err, errStore)
	require.Empty(t, out.all, "what could not be stored is not announced")
	_, err = s.Send(t.Context(), []notification.Notification{note("ann", "live", false)})
	require.NoError(t, err, "what is live only needs no store")
	require.Len(t, out.all, 1)

	quiet, err := notification.New(notification.Config{Store: new(fakeStore)})
	require.NoError(t, err)
	_, err = quiet.Send(t.Context(), []notification.Notification{note("ann", "kept", true)})
	require.NoError(t, err)
	page, err := quiet.List(t.Context(), notification.ListRequest{User: "ann", Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Notifications, 1, "without an outbox it can still be listed")
}

func TestList(t *testing.T) {
	s, _, _ := newNotifications(t)
	list := func(limit int, cursor string) notification.Page {
		t.Helper()
		page, err := s.List(t.Context(), notification.ListRequest{User: "ann", Limit: limit, Cursor: cursor})
		require.NoError(t, err)
		require.NotEmpty(t, page.Cursor, "there is always one")
		return page
	}
	send := func(user string, subjects ...string) {
		t.Helper()
		for _, subject := range subjects {
			_, err := s.Send(t.Context(), []notification.Notification{note(user, subject, true), note(user, "live", false)})
			require.NoError(t, err)
		}
	}
	start := list(10, "")
	require.Empty(t, start.Notifications)
	require.Equal(t, start, list(10, start.Cursor), "with nothing new, the same cursor")

	send("ann", "1", "2", "3")
	send("bob", "not ann's")
	for _, cursor := range []string{"", start.Cursor} {
		require.Equal(t, []string{"1", "2", "3"}, subjects(list(10, cursor).Notifications), "the oldest first")
	}
	first := list(2, "")
	require.Equal(t, []string{"1", "2"}, subjects(first.Notifications))
	rest := list(2, first.Cursor)
	require.Equal(t, []string{"3"}, subjects(rest.Notifications))
	end := list(2, rest.Cursor)
	require.Empty(t, end.Notifications)
	require.Equal(t, rest.Cursor, end.Cursor)

	t.Log("a cursor outlives the notification that it points to")
	require.NoError(t, s.Delete(t.Context(), "ann", []string{rest.Notifications[0].ID}))
	send("ann", "4")
	require.Equal(t, []string{"4"}, subjects(list(2, rest.Cursor).Notifications))
}

func TestListShowsAHundredByDefault(t *testing.T) {
	s, _, _ := newNotifications(t)
	_, err := s.Send(t.Context(), slices.Repeat([]notification.Notification{{User: "ann", Subject: "s", Code: 1, Persistent: true}}, 102))
	require.NoError(t, err)
	page, err := s.List(t.Context(), notification.ListRequest{User: "ann"})
	require.NoError(t, err)
	require.Len(t, page.Notifications, 100)
	page, err = s.List(t.Context(), notification.ListRequest{User: "ann", Cursor: page.Cursor})
	require.NoError(t, err)
	require.Len(t, page.Notifications, 2)
}

func TestListRefuses(t *testing.T) {
	s, store, _ := newNotifications(t)
	of := func(user string) string {
		page, err := s.List(t.Context(), notification.ListRequest{User: user, Limit: 1})
		require.NoError(t, err)
		return page.Cursor
	}
	good := of("ann")
	for name, tc := range map[string]struct {
		q   notification.ListRequest
		err error
	}{
		"no user":           {notification.ListRequest{Limit: 1}, notification.ErrUser},
		"a negative limit":  {notification.ListRequest{User: "ann", Limit: -1}, notification.ErrLimit},
		"a limit too large": {notification.ListRequest{User: "ann", Limit: 1001}, notification.ErrLimit},
		"no cursor":         {notification.ListRequest{User: "ann", Limit: 1, Cursor: "x"}, notification.ErrCursor},
		"another's cursor":  {notification.ListRequest{User: "ann", Limit: 1, Cursor: of("bob")}, notification.ErrCursor},
		"a longer cursor":   {notification.ListRequest{User: "ann", Limit: 1, Cursor: good + "A"}, notification.ErrCursor},
		"a line break":      {notification.ListRequest{User: "ann", Limit: 1, Cursor: good[:len(good)-1] + "\n"}, notification.ErrCursor},
	} {
		_, err := s.List(t.Context(), tc.q)
		require.ErrorIs(t, err, tc.err, name)
	}
	store.fail = errStore
	_, err := s.List(t.Context(), notification.ListRequest{User: "ann", Limit: 1})
	require.ErrorIs(t, err, errStore)
}

func TestDelete(t *testing.T) {
	s, store, _ := newNotifications(t)
	sent, err := s.Send(t.Context(), []notification.Notification{note("ann", "1", true), note("ann", "2", true), note("bob", "3", true)})
	require.NoError(t, err)
	require.NoError(t, s.Delete(t.Context(), "ann", nil))
	require.NoError(t, s.Delete(t.Context(), "ann", []string{sent[0].ID, sent[2].ID, uuid.NewString(), "no id"}))
	require.Equal(t, []string{"2", "3"}, subjects(store.kept), "one's own only")

	require.ErrorIs(t, s.Delete(t.Context(), "", []string{sent[2].ID}), notification.ErrUser)

	store.fail = errStore
	require.ErrorIs(t, s.Delete(t.Context(), "bob", []string{sent[2].ID}), errStore)
}

// A client that polls while many send misses nothing.
func TestPollingMissesNothing(t *testing.T) {
	s, _, _ := newNotifications(t)
	const senders, each = 8, 10
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for range each {
				if _, err := s.Send(t.Context(), []notification.Notification{note("ann", "x", true)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen, cursor := map[string]bool{}, ""
	poll := func() {
		page, err := s.List(t.Context(), notification.ListRequest{User: "ann", Limit: 7, Cursor: cursor})
		require.NoError(t, err)
		for _, n := range page.Notifications {
			require.False(t, seen[n.ID], "listed twice")
			seen[n.ID] = true
		}
		cursor = page.Cursor
	}
	for range 5 {
		poll()
	}
	wg.Wait()
	for range senders * each {
		poll()
	}
	require.Len(t, seen, senders*each)
}
