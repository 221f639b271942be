package nakama_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heroiclabs/nakama-common/api"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/transport"
)

// notify sends a notification to a user, by the host.
func (w *world) notify(user, subject string, persistent bool) notification.Notification {
	w.t.Helper()
	sent, err := w.notes.Send(w.t.Context(), []notification.Notification{{
		User: user, Subject: subject, Content: `{"coins":  5}`, Code: 7, Persistent: persistent,
	}})
	require.NoError(w.t, err)
	return sent[0]
}

// listed are the subjects of an answer, and its cursor, which must be there.
func (a answer) listed() (subjects []string, cursor string) {
	a.t.Helper()
	m := a.ok()
	list, _ := m["notifications"].([]any)
	for _, n := range list {
		subjects = append(subjects, n.(map[string]any)["subject"].(string))
	}
	require.NotEmpty(a.t, m["cacheable_cursor"])
	return subjects, m["cacheable_cursor"].(string)
}

func TestHTTPNotifications(t *testing.T) {
	t.Run("shapes", notificationShapes)
	t.Run("H087", notificationList)
	t.Run("delete", notificationDelete)
}

func notificationShapes(t *testing.T) {
	w := newWorld(t, nil)
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	sent, err := w.notes.Send(t.Context(), []notification.Notification{
		{User: ann.id, Subject: "hello", Content: `{"a":  1}`, Code: 7, Sender: ben.id, Persistent: true},
		{User: ann.id, Subject: "from nobody", Code: -1000, Persistent: true},
	})
	require.NoError(t, err)
	got := ann.http("GET", "/v2/notification?limit=100", "").ok()["notifications"].([]any)
	first, second := got[0].(map[string]any), got[1].(map[string]any)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, first["create_time"])
	delete(first, "create_time")
	require.Equal(t, map[string]any{
		"id": sent[0].ID, "subject": "hello", "content": `{"a":  1}`, "code": 7.0, "sender_id": ben.id, "persistent": true,
	}, first)
	require.Equal(t, -1000.0, second["code"])
	require.Equal(t, "{}", second["content"])
	require.NotContains(t, second, "sender_id")
	for _, method := range []string{"GET", "DELETE"} {
		w.http(method, "/v2/notification", "").unauthenticated("Auth token required")
	}
}

func notificationList(t *testing.T) {
	w := newWorld(t, nil).listen()
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	list := func(query string) ([]string, string) {
		t.Helper()
		return ann.http("GET", "/v2/notification?"+query, "").listed()
	}
	none, start := list("")
	require.Empty(t, none)
	_, again := list("cacheable_cursor=" + url.QueryEscape(start))
	require.Equal(t, start, again, "an empty list gives the same cursor back")

	for _, subject := range []string{"1", "2", "3"} {
		w.notify(ann.id, subject, true)
		w.notify(ann.id, "live", false)
	}
	w.notify(ben.id, "ben's", true)
	one, cursor := list("")
	require.Equal(t, []string{"1"}, one, "one, and the oldest, unless asked otherwise")
	rest, end := list("limit=100&cacheableCursor=" + url.QueryEscape(cursor))
	require.Equal(t, []string{"2", "3"}, rest)
	all, _ := list("limit=100&cacheable_cursor=" + url.QueryEscape(start))
	require.Equal(t, []string{"1", "2", "3"}, all)
	none, _ = list("limit=100&cacheable_cursor=" + url.QueryEscape(end))
	require.Empty(t, none)
	newest := w.notify(ann.id, "4", true)
	fresh, _ := list("limit=100&cacheable_cursor=" + url.QueryEscape(end))
	require.Equal(t, []string{"4"}, fresh)

	ben.http("DELETE", "/v2/notification?ids="+newest.ID, "").nothing()
	all, _ = list("limit=100")
	require.Equal(t, []string{"1", "2", "3", "4"}, all, "not another's")
	ann.http("DELETE", "/v2/notification?ids="+newest.ID, "").nothing()
	all, _ = list("limit=100")
	require.Equal(t, []string{"1", "2", "3"}, all)

	_, bens := ben.http("GET", "/v2/notification", "").listed()
	for query, text := range map[string]string{
		"limit=0": limitText, "limit=101": limitText, "limit=x": "parsing field", "cacheable_cursor=x": cursorText,
		"cacheable_cursor=" + url.QueryEscape(bens): cursorText,
	} {
		ann.http("GET", "/v2/notification?"+query, "").invalid(text)
	}
}

func notificationDelete(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	first, second := w.notify(ann.id, "1", true), w.notify(ann.id, "2", true)
	ann.http("DELETE", "/v2/notification", "").nothing()
	ann.http("DELETE", "/v2/notification?ids="+systemUserID, "").nothing()
	ann.http("DELETE", "/v2/notification?ids="+first.ID+"&ids=x", "").
		invalid("Invalid notification ID - make sure notification ID is a valid UUID.")
	left, _ := ann.http("GET", "/v2/notification?limit=9", "").listed()
	require.Equal(t, []string{"1", "2"}, left)
	ann.http("DELETE", "/v2/notification?ids="+first.ID+"&ids="+second.ID, "").nothing()
	left, _ = ann.http("GET", "/v2/notification?limit=9", "").listed()
	require.Empty(t, left)
}

func TestHTTPNotificationFailures(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) {
		broken, err := notification.New(notification.Config{Store: brokenStore{}})
		require.NoError(t, err)
		c.Notifications = broken
	})
	ann := w.newAccount("ann")
	for text, got := range map[string]answer{
		"Error retrieving notifications.":     ann.http("GET", "/v2/notification", ""),
		"Error while deleting notifications.": ann.http("DELETE", "/v2/notification?ids="+ann.id, ""),
	} {
		got.refused(http.StatusServiceUnavailable, nakama.Unavailable, text)
	}
}

// Every socket of a user gets what the user is told, whatever it speaks; nobody else's does.
func TestNotificationsArePushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.run()()
		anns := []*client{w.connect("ann", transport.Text), w.connect("ann", transport.Binary)}
		ben := w.connect("ben", transport.Text)
		for _, c := range append(anns, ben) {
			c.nothing() // it is connected
		}
		time.Sleep(300 * time.Millisecond)
		sent, err := w.notes.Send(t.Context(), []notification.Notification{
			{User: userID("ann"), Subject: "kept", Content: `{"a":  1}`, Code: 7, Sender: userID("ben"), Persistent: true},
			{User: userID("ann"), Subject: "live", Code: -1500},
			{User: userID("nobody"), Subject: "unheard", Code: 1},
		})
		require.NoError(t, err)
		at := &timestamppb.Timestamp{Seconds: sent[0].Created.Unix()}
		want := []*api.Notification{
			{
				Id: sent[0].ID, Subject: "kept", Content: `{"a":  1}`, Code: 7, SenderId: userID("ben"), CreateTime: at,
				Persistent: true,
			},
			{Id: sent[1].ID, Subject: "live", Content: "{}", Code: -1500, CreateTime: at},
		}
		for _, c := range anns {
			e := c.next()
			require.Empty(t, e.Cid)
			got := e.GetNotifications().GetNotifications()
			require.Len(t, got, len(want), "in one message")
			for i := range want {
				require.True(t, proto.Equal(want[i], got[i]), "%v", got[i])
			}
			c.nothing()
		}
		ben.nothing()
	})
}

// What the domains keep of a user goes with the account; what they keep of others stays.
func TestHTTPDeleteAccountTakesAllAlong(t *testing.T) {
	w := newWorld(t, nil)
	ann, ben := w.newAccount("ann"), w.newAccount("ben")
	for _, a := range []*account{ann, ben} {
		a.puts(save("slot", "{}", doc{"permission_read": 2}))
		w.notify(a.id, "hello", true)
	}
	ann.http("DELETE", "/v2/account", "").nothing()
	require.Len(t, ben.http("GET", "/v2/storage/saves?limit=10", "").keys(), 1)
	left, _ := ben.http("GET", "/v2/notification", "").listed()
	require.Len(t, left, 1)
	page, err := w.notes.List(t.Context(), notification.ListRequest{User: ann.id, Limit: 1})
	require.NoError(t, err)
	require.Empty(t, page.Notifications)
}
