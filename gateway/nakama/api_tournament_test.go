package nakama_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/memory"
)

// ids are those of listed tournaments.
func ids(list map[string]any) (out []string) {
	all, _ := list["tournaments"].([]any)
	for _, one := range all {
		out = append(out, one.(map[string]any)["id"].(string))
	}
	return out
}

func TestHTTPTournaments(t *testing.T) {
	honest := func(_ context.Context, _ leaderboard.Board, s leaderboard.Submission) error {
		switch s.Score {
		case 13:
			return leaderboard.Reject("nobody is that unlucky")
		case 14:
			return errors.New("a secret of the host")
		}
		return nil
	}
	w := newWorld(t, func(w *world, c *nakama.Config) {
		boards, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: memory.New(), Validate: honest})
		require.NoError(t, err)
		w.boards, c.Boards = boards, boards
	})
	ann := w.newAccount("ann")
	now := time.Now().UTC().Truncate(time.Second)
	for _, def := range []leaderboard.Board{
		{ID: "plain"},
		{ID: "open", Tournament: leaderboard.Tournament{Duration: time.Hour, Start: now, Category: 3}},
		{ID: "hosted", Authoritative: true, Tournament: leaderboard.Tournament{Duration: time.Hour, Start: now.Add(-time.Minute)}},
		{ID: "soon", Tournament: leaderboard.Tournament{Duration: time.Hour, Start: now.Add(time.Hour), JoinRequired: true}},
		{ID: "over", Tournament: leaderboard.Tournament{
			Duration: time.Hour, Start: now.Add(-2 * time.Hour), End: now.Add(-time.Hour), JoinRequired: true,
		}},
	} {
		require.NoError(t, w.boards.Create(t.Context(), def))
	}
	ask := func(method, rest, body string) answer { return ann.http(method, "/v2/tournament"+rest, body) }

	t.Run("what is not over is listed in order, in pages", func(t *testing.T) {
		require.Equal(t, []string{"hosted", "open", "soon"}, ids(ask("GET", "", "").ok()))
		first := ask("GET", "?limit=2", "").ok()
		require.Equal(t, []string{"hosted", "open"}, ids(first))
		last := ask("GET", "?limit=2&cursor="+first["cursor"].(string), "").ok()
		require.Equal(t, []string{"soon"}, ids(last))
		require.NotContains(t, last, "cursor")
		require.Equal(t, []string{"open"}, ids(ask("GET", "?category_start=3&categoryEnd=3", "").ok()))
		require.Empty(t, ask("GET", "?category_start=4", "").ok())
	})
	t.Run("a tournament has the shape that clients read", func(t *testing.T) {
		got := ask("GET", "?category_start=3", "").ok()["tournaments"].([]any)[0]
		require.Equal(t, map[string]any{
			"id": "open", "category": 3.0, "sort_order": 1.0, "operator": 1.0, "max_num_score": 1e6, "can_enter": true,
			"metadata": "{}", "duration": 3600.0, "start_active": float64(now.Unix()), "end_active": float64(now.Unix() + 3600),
			"start_time": now.Format(time.RFC3339), "create_time": w.created(t, "open"),
		}, got)
	})
	t.Run("wrong lists", func(t *testing.T) {
		for query, text := range map[string]string{
			"?limit=0":   "Invalid limit - limit must be between 1 and 100.",
			"?limit=101": "Invalid limit - limit must be between 1 and 100.",
			"?cursor=x":  "Cursor is invalid or expired.",
			"?limit=":    `parsing field "limit": strconv.ParseInt: parsing "": invalid syntax`,
		} {
			ask("GET", query, "").invalid(text)
		}
	})
	t.Run("scores, deletions and joins that are refused", func(t *testing.T) {
		for _, tt := range []struct {
			method, rest, body string
			status             int
			code               nakama.Code
			text               string
		}{
			{"POST", "/hosted", `{"score":1}`, http.StatusForbidden, nakama.PermissionDenied, "Tournament only allows authoritative score submissions."},
			{"DELETE", "/hosted", "", http.StatusForbidden, nakama.PermissionDenied, "Tournament only allows authoritative score deletions."},
			{"PUT", "/soon", `{"score":1}`, http.StatusBadRequest, nakama.FailedPrecondition, "Tournament is not active and cannot accept new scores."},
			{"POST", "/soon/join", "", http.StatusBadRequest, nakama.InvalidArgument, "Tournament is not active and cannot accept new joins."},
			{"POST", "/over", `{"score":1}`, http.StatusNotFound, nakama.NotFound, "Tournament not found or has ended."},
			{"POST", "/over/join", "", http.StatusNotFound, nakama.NotFound, "Tournament not found or has ended."},
			{"POST", "/open", `{"score":1,"operator":2}`, http.StatusForbidden, nakama.PermissionDenied, "Tournament does not allow another operator."},
			{"POST", "/open", `{"score":13}`, http.StatusBadRequest, nakama.InvalidArgument, "nobody is that unlucky"},
			{"POST", "/open", `{"score":14}`, http.StatusInternalServerError, nakama.Internal, "Error writing score to tournament."},
			{"POST", "/plain", `{"score":1}`, http.StatusNotFound, nakama.NotFound, "Tournament not found."},
			{"DELETE", "/plain", "", http.StatusNotFound, nakama.NotFound, "Tournament not found."},
			{"POST", "/plain/join", "", http.StatusNotFound, nakama.NotFound, "Tournament not found."},
			{"GET", "/plain", "", http.StatusNotFound, nakama.NotFound, "Tournament not found."},
			{"GET", "/none/owner/" + ownerID(1), "", http.StatusNotFound, nakama.NotFound, "Tournament not found."},
		} {
			ask(tt.method, tt.rest, tt.body).refused(tt.status, tt.code, tt.text)
		}
	})
	t.Run("pages show ten records, around an owner a hundred", func(t *testing.T) {
		w.fill("open", 12)
		list := ask("GET", "/open?owner_ids="+ownerID(1), "").ok()
		require.Len(t, list["records"], 10)
		require.Equal(t, "1:12:1", standing(list["owner_records"]))
		require.Equal(t, "2:11:2 1:12:1", standing(ask("GET", "/open?cursor="+list["next_cursor"].(string), "").ok()["records"]))
		require.Len(t, ask("GET", "/open/owner/"+ownerID(3), "").ok()["records"], 12)
		middle := ask("GET", "/open/owner/"+ownerID(5)+"?limit=3", "").ok()
		require.Equal(t, "6:7:6 5:8:5 4:9:4", standing(middle["records"]))
		before := ask("GET", "/open/owner/"+ownerID(5)+"?limit=3&cursor="+middle["prev_cursor"].(string), "").ok()
		require.Equal(t, "9:4:9 8:5:8 7:6:7", standing(before["records"]))
	})
}

// created is when a board was, as clients read it.
func (w *world) created(t *testing.T, id string) string {
	def, err := w.boards.Get(id)
	require.NoError(t, err)
	return def.Created.Format(time.RFC3339)
}
