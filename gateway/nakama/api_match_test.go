package nakama_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/match"
	"github.com/shoal-go/shoal/matchmaker"
	"github.com/shoal-go/shoal/presence"
	"github.com/shoal-go/shoal/relay"
	"github.com/shoal-go/shoal/tick"
)

// labelled is a match whose label it was created with.
type labelled struct{ match.NopHandler[struct{}] }

func (labelled) Init(_ context.Context, p match.Params) (struct{}, match.Settings, error) {
	return struct{}{}, match.Settings{Every: 100 * time.Millisecond, Label: p.Value.(string)}, nil
}

func (labelled) Loop(context.Context, *match.Dispatcher, tick.Tick, *struct{}, []match.Message) error {
	return nil
}

func TestHTTPMatchList(t *testing.T) {
	w := newWorld(t, nil).listen()
	match.Register(w.matches, "lobby", match.Handler[struct{}](labelled{}))
	ann := w.newAccount("ann")
	made := map[string]string{} // ids by label
	for _, label := range []string{`{"skill":60,"maps":["sea","lake"]}`, "plain", ""} {
		id, err := w.matches.Create(t.Context(), "lobby", label)
		require.NoError(t, err)
		made[label] = string(id)
	}
	relayed := func(members int) string {
		var id relay.ID
		for i := range members {
			who := presence.Presence{User: ownerID(i), Session: fmt.Sprintf("%d of %d", i, members)}
			q := relay.CreateRequest{Name: fmt.Sprint("of ", members), Who: who, Accepted: func(relay.Joined) {}}
			var err error
			id, err = w.relays.Create(q)
			require.NoError(t, err)
		}
		return string(id)
	}
	two, one := relayed(2), relayed(1)
	list := func(query string) (ids []string) {
		matches, _ := ann.http("GET", "/v2/match?"+query, "").ok()["matches"].([]any)
		for _, m := range matches {
			ids = append(ids, m.(map[string]any)["match_id"].(string))
		}
		return ids
	}
	game, plain, none := made[`{"skill":60,"maps":["sea","lake"]}`], made["plain"], made[""]

	t.Run("H088", func(t *testing.T) {
		got := ann.http("GET", "/v2/match?label=&query="+url.QueryEscape("+label.skill:>=50 +label.maps:lake")+"&", "").ok()
		require.Equal(t, map[string]any{"matches": []any{map[string]any{
			"match_id": game, "authoritative": true, "label": `{"skill":60,"maps":["sea","lake"]}`,
			"tick_rate": 10.0, "handler_name": "lobby",
		}}}, got)
		got = ann.http("GET", "/v2/match?authoritative=false&min_size=2", "").ok()
		require.Equal(t, map[string]any{"matches": []any{map[string]any{"match_id": two, "size": 2.0}}}, got)
		require.Regexp(t, `^[0-9a-f-]{36}\.$`, two)
	})
	for name, tt := range map[string]struct {
		query string
		want  []string
	}{
		"both kinds, newest first":             {"", []string{none, plain, game, one, two}},
		"authoritative only":                   {"authoritative=true", []string{none, plain, game}},
		"relayed only":                         {"authoritative=false", []string{one, two}},
		"relayed if there is room":             {"limit=4", []string{none, plain, game, one}},
		"no room":                              {"limit=2", []string{none, plain}},
		"by label":                             {"label=plain", []string{plain}},
		"by the empty label":                   {"label=", []string{none}},
		"by an unknown label":                  {"label=nothing", nil},
		"a query makes the label not count":    {"query=&label=plain", []string{none, plain, game}},
		"by query, without relayed ones":       {"query=" + url.QueryEscape("label.maps:sea"), []string{game}},
		"by size":                              {"min_size=1", []string{one, two}},
		"by size, both ends":                   {"min_size=1&max_size=1", []string{one}},
		"empty ones":                           {"max_size=0&limit=2", []string{none, plain}},
		"empty relayed ones there are not":     {"max_size=0&authoritative=false", nil},
		"boolean forms":                        {"authoritative=F", []string{one, two}},
		"a trailing separator, as clients do":  {"authoritative=false&", []string{one, two}},
		"parameters nobody knows":              {"authoritative=false&sort=up", []string{one, two}},
		"names in the other way of writing":    {"minSize=2&authoritative=false", []string{two}},
		"the query's own fields, handler_name": {"query=" + url.QueryEscape("+handler_name:lobby +tick_rate:10") + "&limit=1", []string{none}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, list(tt.query)) })
	}
	t.Run("an empty label is shown", func(t *testing.T) {
		got := ann.http("GET", "/v2/match?limit=1", "").ok()["matches"].([]any)[0].(map[string]any)
		require.Contains(t, got, "label")
		require.Empty(t, got["label"])
		require.NotContains(t, got, "size")
	})
	t.Run("H089", func(t *testing.T) {
		for query, text := range map[string]string{
			"limit=0":                       "Invalid limit - limit must be between 1 and 100.",
			"limit=101":                     "Invalid limit - limit must be between 1 and 100.",
			"authoritative=false&label=x":   "Label filtering is not supported for non-authoritative matches.",
			"authoritative=false&query=":    "Query filtering is not supported for non-authoritative matches.",
			"min_size=-1":                   "Minimum size must be 0 or above.",
			"max_size=-1":                   "Maximum size must be 0 or above.",
			"min_size=3&max_size=2":         "Maximum size must be greater than or equal to minimum size when both are specified.",
			"min_size=2147483648":           `parsing field "min_size": strconv.ParseInt: parsing "2147483648": value out of range`,
			"query=" + url.QueryEscape(`"`): "Invalid query, at ",
		} {
			ann.http("GET", "/v2/match?"+query, "").invalid(text)
		}
	})
}

// Only one kind of match may be there.
func TestHTTPMatchListOfOneKind(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.Matches = nil })
	ann := w.newAccount("ann")
	ann.http("GET", "/v2/match?authoritative=true", "").nothing()
	w = newWorld(t, func(_ *world, c *nakama.Config) { c.Relays = nil })
	w.newAccount("ann").http("GET", "/v2/match?authoritative=false", "").nothing()
}

// strangeMatches are those of another implementation, which says little.
type strangeMatches struct{ nakama.Matches }

func (strangeMatches) List(match.ListRequest) (match.Page, error) {
	return match.Page{Matches: []match.Info{{ID: "a.b"}, {ID: "c.d", Every: time.Second / 30}}}, nil
}

func TestHTTPMatchListOfAnother(t *testing.T) {
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.Matches = strangeMatches{} })
	require.Equal(t, map[string]any{"matches": []any{
		map[string]any{"match_id": "a.b", "authoritative": true, "label": ""},
		map[string]any{"match_id": "c.d", "authoritative": true, "label": "", "tick_rate": 30.0},
	}}, w.newAccount("ann").http("GET", "/v2/match", "").ok())
}

// brokenMatches cannot be listed.
type brokenMatches struct{ nakama.Matches }

func (brokenMatches) List(match.ListRequest) (match.Page, error) {
	return match.Page{}, errors.New("node a is not reachable")
}

func TestHTTPMatchListFails(t *testing.T) {
	var j journal
	w := newWorld(t, func(_ *world, c *nakama.Config) { c.Matches, c.Logger = brokenMatches{}, j.logger() })
	w.newAccount("ann").http("GET", "/v2/match", "").
		refused(http.StatusServiceUnavailable, nakama.Unavailable, "Error listing matches.")
	require.Contains(t, j.String(), "node a is not reachable")
}

func TestHTTPMatchmakerStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		ann := w.newAccount("ann")
		ann.http("GET", "/v2/matchmaker/stats", "").nothing()
		add := func(session, query string) {
			_, err := w.queue.Add(matchmaker.Request{
				Presences: []presence.Presence{{User: session, Session: session}},
				MinCount:  2, MaxCount: 2, Query: query,
			})
			require.NoError(t, err)
		}
		now := func() string { return time.Now().UTC().Format(time.RFC3339) }
		first := now()
		add("a", "*")
		time.Sleep(3 * time.Second)
		add("b", "*")
		synctest.Wait()
		matched, waiting := now(), now()
		add("c", "+properties.none:x")
		got := ann.http("GET", "/v2/matchmaker/stats", "").ok()
		require.Equal(t, 1.0, got["ticket_count"])
		require.Equal(t, waiting, got["oldest_ticket_create_time"])
		require.Len(t, got["completions"], 2)
		require.Contains(t, got["completions"], map[string]any{"create_time": first, "complete_time": matched})
		require.NotContains(t, first, ".", "seconds are enough")
	})
}
