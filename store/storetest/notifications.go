package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shoal-go/shoal/notification"
)

// note returns a notification as Send gives it to a store.
func note(user, id string) notification.Notification {
	return notification.Notification{
		ID: id, User: user, Subject: "hello", Content: "{}", Code: 1, Persistent: true, Created: noon(),
	}
}

// noted stores notifications and checks that nothing but Seq is added.
func noted(t testing.TB, s notification.Store, ns ...notification.Notification) []notification.Notification {
	t.Helper()
	given := slices.Clone(ns)
	added, err := s.AddNotifications(t.Context(), ns)
	noError(t, err, "add notifications")
	equal(t, "what the caller holds", ns, given)
	equal(t, "how many were added", len(added), len(ns))
	for i, n := range added {
		want := ns[i]
		want.Seq = n.Seq
		equal(t, "added notification", n, want)
	}
	return added
}

// told ends the test unless exactly these are listed for the user, in this order.
func told(t testing.TB, s notification.Store, user string, want ...notification.Notification) {
	t.Helper()
	toldPage(t, s, user, 0, 1000, want...)
}

func toldPage(t testing.TB, s notification.Store, user string, after int64, limit int, want ...notification.Notification) {
	t.Helper()
	got, err := s.ListNotifications(t.Context(), user, after, limit)
	noError(t, err, "list notifications")
	equal(t, "notifications of "+user, append([]notification.Notification{}, got...), append([]notification.Notification{}, want...))
}

func notificationRules() []rule[notification.Store] {
	return []rule[notification.Store]{
		{
			"every field round-trips", "what is not kept is lost at the next start",
			notificationFields,
		},
		{
			"text is kept as it is", "subjects hold names of players, in every script",
			notificationTexts,
		},
		{
			"times are UTC seconds", "that is what clients are told",
			notificationTimes,
		},
		{
			"list is in the order of adding", "the oldest comes first, whatever its time says",
			notificationOrder,
		},
		{
			"list goes on behind a Seq", "clients ask for what is new since they last looked",
			notificationPages,
		},
		{
			"no Seq is given twice", "who has seen the one that is gone would never see the one that took its number",
			notificationSeqs,
		},
		{
			"whoever sees one sees all below it", "a client that has a cursor never looks back",
			notificationVisible,
		},
		{
			"delete removes one's own", "an id is no secret",
			deleteNotifications,
		},
		{
			"delete user removes all of it", "an account's notifications go with the account, and no others",
			deleteNotificationsOf,
		},
		{
			"cancelled context changes nothing", "a caller that has gone away cannot hear that it succeeded",
			notificationsCancelled,
		},
	}
}

func notificationFields(t testing.TB, s notification.Store) {
	n := notification.Notification{
		ID: "n-1", User: "ann", Subject: "You won", Content: `{"coins":  50}`, Code: -1500, Sender: "bob", Persistent: true,
		Created: noon(),
	}
	added := noted(t, s, n)
	filled(t, added[0])
	told(t, s, "ann", added...)
}

func notificationTexts(t testing.TB, s notification.Store) {
	for i, text := range oddTexts() {
		n := note(text, fmt.Sprint("n-", i))
		n.Subject, n.Content, n.Sender = text, text+long(), text
		told(t, s, text, noted(t, s, n)...)
	}
}

func notificationTimes(t testing.TB, s notification.Store) {
	n := note("ann", "n-1")
	n.Created = elsewhere(noon())
	added, err := s.AddNotifications(t.Context(), []notification.Notification{n})
	noError(t, err, "add notification")
	equal(t, "time of an added notification", added[0].Created, noon())
	told(t, s, "ann", added...)
}

func notificationOrder(t testing.TB, s notification.Store) {
	var all []notification.Notification
	for i, id := range []string{"b", "a", "c"} {
		n := note("ann", id)
		n.Created = noon().Add(time.Duration(-i) * time.Hour)
		all = append(all, noted(t, s, n, note("bob", id+" of bob"))[0])
	}
	all = append(all, noted(t, s, note("ann", "z"), note("ann", "y"), note("ann", "x"))...)
	for i := range all[1:] {
		if all[i].Seq < 1 || all[i+1].Seq <= all[i].Seq {
			t.Fatalf("Seq %d comes before %d", all[i].Seq, all[i+1].Seq)
		}
	}
	told(t, s, "ann", all...)
	told(t, s, "nobody")
}

func notificationPages(t testing.TB, s notification.Store) {
	var all []notification.Notification
	for i := range 7 {
		all = append(all, noted(t, s, note("ann", fmt.Sprint("n-", i)))...)
		noted(t, s, note("bob", fmt.Sprint("b-", i)))
	}
	after := int64(0)
	for rest := all; len(rest) > 0; {
		page := rest[:min(3, len(rest))]
		toldPage(t, s, "ann", after, 3, page...)
		after, rest = page[len(page)-1].Seq, rest[len(page):]
	}
	toldPage(t, s, "ann", after, 3)
	toldPage(t, s, "ann", 0, 0)
	noError(t, s.DeleteNotifications(t.Context(), "ann", []string{"n-2"}), "delete notification")
	toldPage(t, s, "ann", all[2].Seq, 1, all[3])
}

func notificationSeqs(t testing.TB, s notification.Store) {
	last := int64(0)
	for i := range 5 {
		id := fmt.Sprint("n-", i)
		n := noted(t, s, note("ann", id))[0]
		if n.Seq <= last {
			t.Fatalf("Seq %d after %d", n.Seq, last)
		}
		last = n.Seq
		if i%2 == 0 {
			noError(t, s.DeleteNotifications(t.Context(), "ann", []string{id}), "delete notification")
		} else {
			noError(t, s.DeleteNotificationsOf(t.Context(), "ann"), "delete user")
		}
	}
}

func notificationVisible(t testing.TB, s notification.Store) {
	const senders, each = 8, 10
	ctx := t.Context()
	seen, last := map[string]bool{}, int64(0)
	poll := func() error {
		page, err := s.ListNotifications(ctx, "ann", last, 1000)
		for _, n := range page {
			seen[n.ID], last = true, n.Seq
		}
		return err
	}
	for _, err := range together(senders+1, func(i int) error {
		for j := range each {
			if i == senders {
				if err := poll(); err != nil {
					return err
				}
				continue
			}
			ns := []notification.Notification{note("ann", fmt.Sprintf("a-%d-%d", i, j)), note("ann", fmt.Sprintf("b-%d-%d", i, j))}
			if _, err := s.AddNotifications(ctx, ns); err != nil {
				return err
			}
		}
		return nil
	}) {
		noError(t, err, "add and list at once")
	}
	noError(t, poll(), "list notifications")
	equal(t, "notifications seen by one who never looked back", len(seen), 2*senders*each)
}

func deleteNotifications(t testing.TB, s notification.Store) {
	anns := noted(t, s, note("ann", "a-1"), note("ann", "a-2"), note("ann", "a-3"))
	bobs := noted(t, s, note("bob", "b-1"))
	for range 2 {
		noError(t, s.DeleteNotifications(t.Context(), "ann", []string{"a-1", "b-1", "nothing", "a-3", "a-1"}), "delete notifications")
		told(t, s, "ann", anns[1])
		told(t, s, "bob", bobs...)
	}
	noError(t, s.DeleteNotifications(t.Context(), "ann", nil), "delete nothing")
	told(t, s, "ann", anns[1])
}

func deleteNotificationsOf(t testing.TB, s notification.Store) {
	noted(t, s, note("ann", "a-1"), note("ann", "a-2"))
	bobs := noted(t, s, note("bob", "b-1"))
	for range 2 {
		noError(t, s.DeleteNotificationsOf(t.Context(), "ann"), "delete user")
		told(t, s, "ann")
		told(t, s, "bob", bobs...)
	}
}

func notificationsCancelled(t testing.TB, s notification.Store) {
	added := noted(t, s, note("ann", "n-1"))
	ctx := cancelled(t)
	_, add := s.AddNotifications(ctx, []notification.Notification{note("ann", "n-2")})
	_, list := s.ListNotifications(ctx, "ann", 0, 10)
	refused(t, map[string]error{
		"AddNotifications": add, "ListNotifications": list,
		"DeleteNotifications":   s.DeleteNotifications(ctx, "ann", []string{"n-1"}),
		"DeleteNotificationsOf": s.DeleteNotificationsOf(ctx, "ann"),
	})
	told(t, s, "ann", added...)
}
