package host

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/notification"
	"github.com/shoal-go/shoal/tick"
)

// crashGame is what the servers of the crash test offer besides the routes: notes to oneself, and matches that count.
func crashGame(h *Host) map[string]nakama.RPC {
	match.Register(h.Matches, "counter", counter{})
	return map[string]nakama.RPC{
		"note": func(ctx context.Context, c nakama.Caller, subject string) (string, error) {
			note := notification.Notification{User: c.Presence.User, Subject: subject, Code: 1, Persistent: true}
			_, err := h.Notifications.Send(ctx, []notification.Notification{note})
			return "", err
		},
		"open": func(ctx context.Context, _ nakama.Caller, _ string) (string, error) {
			id, err := h.Matches.Create(ctx, "counter", nil)
			return string(id), err
		},
		"count": func(ctx context.Context, _ nakama.Caller, id string) (string, error) {
			return h.Matches.Signal(ctx, match.ID(id), "1")
		},
		"read": func(ctx context.Context, _ nakama.Caller, id string) (string, error) {
			return h.Matches.Signal(ctx, match.ID(id), "0")
		},
	}
}

// counter is a match that adds up its signals.
type counter struct{ match.NopHandler[int] }

func (counter) Init(context.Context, match.Params) (int, match.Settings, error) {
	return 0, match.Settings{Every: match.PerSecond(10)}, nil
}

func (counter) Loop(_ context.Context, d *match.Dispatcher, _ tick.Tick, _ *int, _ []match.Message) error {
	return d.SleepUntil(time.Time{})
}

func (counter) Signal(_ context.Context, d *match.Dispatcher, _ tick.Tick, sum *int, data string) (string, error) {
	n, err := strconv.Atoi(data)
	if err != nil {
		return "", err
	}
	if *sum += n; n > 0 {
		err = d.Save()
	}
	return strconv.Itoa(*sum), err
}

func (counter) Snapshot(sum *int) ([]byte, error) { return json.Marshal(sum) }

func (counter) Restore(_ context.Context, data []byte) (sum int, err error) {
	err = json.Unmarshal(data, &sum)
	return sum, err
}

// rpc calls a function of the server; it tells whether the answer was good.
func (v *victim) rpc(token, id, payload string) (string, bool) {
	status, got := v.call("POST", "/v2/rpc/"+id, "Bearer "+token, strconv.Quote(payload))
	answer, _ := got["payload"].(string)
	return answer, status == http.StatusOK
}

// played are promises about notifications and a match.
type played struct {
	notes  []string // subjects, since the last time
	read   []string // ids of those that were deleted
	match  string   // "" if there is none
	counts int      // acknowledged, in all
	unsure int      // counts whose answer was lost, in all
}

// make tells whether the server has given good answers.
func (p *played) make(v *victim, token, name string) (ok bool) {
	if _, ok = v.rpc(token, "note", name); !ok {
		return false
	}
	p.notes = append(p.notes, name)
	if p.match == "" {
		if p.match, ok = v.rpc(token, "open", ""); !ok {
			p.match = ""
			return false
		}
	}
	if _, ok = v.rpc(token, "count", p.match); !ok {
		p.unsure++
		return false
	}
	p.counts++
	return true
}

// hold checks that a server keeps what others have promised.
func (p *played) hold(t *testing.T, v *victim, token string) {
	t.Helper()
	p.holdNotes(t, v, token)
	if p.match == "" {
		return
	}
	sum, ok := v.rpc(token, "read", p.match)
	if p.counts == 0 && !ok {
		p.match, p.unsure = "", 0 // it was never saved, for all that is known
		return
	}
	require.True(t, ok, "a match is lost whose save was acknowledged")
	n, err := strconv.Atoi(sum)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, p.counts, "an acknowledged count is lost")
	require.LessOrEqual(t, n, p.counts+p.unsure, "a count was made twice")
}

func (p *played) holdNotes(t *testing.T, v *victim, token string) {
	t.Helper()
	times, ids := map[string]int{}, []string{}
	for cursor := ""; ; {
		status, page := v.call("GET", "/v2/notification?limit=100&cacheable_cursor="+url.QueryEscape(cursor), "Bearer "+token, "")
		require.Equal(t, http.StatusOK, status)
		list, _ := page["notifications"].([]any)
		if len(list) == 0 {
			break
		}
		for _, n := range list {
			note := n.(map[string]any)
			times[note["subject"].(string)]++
			ids = append(ids, note["id"].(string))
		}
		cursor = page["cacheable_cursor"].(string)
	}
	for _, subject := range p.notes {
		require.Equal(t, 1, times[subject], "an acknowledged notification is there once: %s", subject)
	}
	for subject, n := range times {
		require.Equal(t, 1, n, "a notification was stored twice: %s", subject)
	}
	for _, id := range p.read {
		require.NotContains(t, ids, id, "an acknowledged deletion is lost")
	}
	ids = ids[:min(len(ids), 100)] // all would be too long for an address
	if len(ids) > 0 {
		status, _ := v.call("DELETE", fmt.Sprint("/v2/notification?ids=", strings.Join(ids, "&ids=")), "Bearer "+token, "")
		require.Equal(t, http.StatusOK, status)
	}
	p.notes, p.read = nil, ids
}
