package nakama_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
	"github.com/shoal-go/shoal/store/memory"
)

// board makes a board for a test.
func (w *world) board(id string, sort leaderboard.Sort, op leaderboard.Operator) {
	w.t.Helper()
	require.NoError(w.t, w.boards.Create(w.t.Context(), leaderboard.Board{ID: id, Sort: sort, Operator: op}))
}

// fill writes records of owners 1 to n: the score is the number of the owner, but for the last two, who share one.
func (w *world) fill(id string, n int) {
	w.t.Helper()
	for i := 1; i <= n; i++ {
		_, err := w.boards.Write(w.t.Context(), leaderboard.Submission{
			Board: id, Owner: ownerID(i), Username: fmt.Sprint("player ", i), Score: int64(min(i, n-1)),
		})
		require.NoError(w.t, err)
	}
}

func ownerID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// standing writes records as owner:rank:score, with owners by their number.
func standing(records any) string {
	var out []string
	list, _ := records.([]any)
	for _, r := range list {
		m := r.(map[string]any)
		owner := strings.TrimLeft(m["owner_id"].(string)[24:], "0")
		out = append(out, fmt.Sprintf("%s:%v:%v", owner, m["rank"], m["score"]))
	}
	return strings.Join(out, " ")
}

func TestHTTPRecordWrite(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	w.board("wins", leaderboard.Descending, leaderboard.Increment)
	write := func(board, body string) answer { return ann.http("POST", "/v2/leaderboard/"+board, body) }

	t.Run("a record has the shape that clients read", func(t *testing.T) {
		got := write("wins", `{"score":"10","subscore":1,"metadata":"{\"a\":2}"}`).ok()
		for _, name := range []string{"create_time", "update_time"} {
			require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, got[name])
			delete(got, name)
		}
		require.Equal(t, map[string]any{
			"leaderboard_id": "wins", "owner_id": ann.id, "username": "ann", "score": "10", "subscore": "1",
			"num_score": 1.0, "metadata": `{"a":2}`, "rank": "1", "max_num_score": 1e6,
		}, got)
	})
	t.Run("H056", func(t *testing.T) {
		for _, ask := range [][2]string{
			{"GET", "/v2/leaderboard/none"},
			{"POST", "/v2/leaderboard/none"},
			{"DELETE", "/v2/leaderboard/none"},
			{"GET", "/v2/leaderboard/none/owner/" + ann.id},
		} {
			ann.http(ask[0], ask[1], "").refused(http.StatusNotFound, nakama.NotFound, "Leaderboard not found.")
		}
	})
	t.Run("H057", func(t *testing.T) {
		require.NoError(t, w.boards.Create(t.Context(), leaderboard.Board{ID: "official", Authoritative: true}))
		_, err := w.boards.Write(t.Context(), leaderboard.Submission{Board: "official", Owner: ann.id, Score: 3})
		require.NoError(t, err)
		write("official", `{"score":9}`).refused(http.StatusForbidden, nakama.PermissionDenied,
			"Leaderboard only allows authoritative score submissions.")
		ann.http("DELETE", "/v2/leaderboard/official", "").refused(http.StatusForbidden, nakama.PermissionDenied,
			"Leaderboard only allows authoritative score deletions.")
		require.Contains(t, standing(ann.http("GET", "/v2/leaderboard/official", "").ok()["records"]), ":1:3")
	})
	t.Run("H058", func(t *testing.T) {
		for name, tt := range map[string]struct {
			sort   leaderboard.Sort
			op     leaderboard.Operator
			writes [][2]int // score and subscore
			want   [][2]int
		}{
			"best, desc": {leaderboard.Descending, leaderboard.Best, [][2]int{{10, 1}, {1, 20}}, [][2]int{{10, 1}, {10, 20}}},
			"best, asc":  {leaderboard.Ascending, leaderboard.Best, [][2]int{{10, 1}, {1, 20}}, [][2]int{{10, 1}, {1, 1}}},
			"set":        {leaderboard.Ascending, leaderboard.Set, [][2]int{{10, 1}, {1, 20}}, [][2]int{{10, 1}, {1, 20}}},
			"incr":       {leaderboard.Descending, leaderboard.Increment, [][2]int{{10, 1}, {1, 20}}, [][2]int{{10, 1}, {11, 21}}},
			"decr":       {leaderboard.Descending, leaderboard.Decrement, [][2]int{{10, 1}, {1, 20}}, [][2]int{{0, 0}, {0, 0}}},
		} {
			w.board(url.PathEscape(name), tt.sort, tt.op)
			for i, s := range tt.writes {
				got := write(url.PathEscape(url.PathEscape(name)), fmt.Sprintf(`{"score":%d,"subscore":%d}`, s[0], s[1])).ok()
				require.Equal(t, number(tt.want[i][0]), got["score"], name)
				require.Equal(t, number(tt.want[i][1]), got["subscore"], name)
			}
		}
	})
	t.Run("H060", func(t *testing.T) {
		for _, metadata := range []string{"[]", "text", "{"} {
			write("wins", `{"score":1,"metadata":"`+metadata+`"}`).invalid("Metadata value must be JSON, if provided.")
		}
		require.Equal(t, `{"a":2}`, write("wins", `{"score":1}`).ok()["metadata"])
		require.Equal(t, `{"b":3}`, write("wins", `{"score":1,"metadata":"{\"b\":3}"}`).ok()["metadata"])
	})
	t.Run("H061", func(t *testing.T) {
		w.board("set", leaderboard.Descending, leaderboard.Set)
		for _, score := range []string{`"10"`, `10`, `10.0`, `1e1`} {
			require.Equal(t, "10", write("set", `{"score":`+score+`}`).ok()["score"])
		}
		for _, score := range []string{`1.5`, `"x"`, `9223372036854775808`, `true`, `{}`} {
			write("set", `{"score":`+score+`}`).invalid("")
		}
		require.NotContains(t, write("set", "").ok(), "score", "no body is a score of 0")
	})
	t.Run("H062", func(t *testing.T) {
		for _, body := range []string{`{"score":-1}`, `{"subscore":"-1"}`, `{"score":-9223372036854775808}`} {
			write("wins", body).invalid("Score and subscore must be 0 or above.")
		}
		write("wins", fmt.Sprintf(`{"score":%d}`, math.MaxInt64)).invalid("Score or subscore is too large.")
	})
	t.Run("H063", func(t *testing.T) {
		w.board("race", leaderboard.Descending, leaderboard.Increment)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { write("race", `{"score":1}`) })
		}
		wg.Wait()
		require.Contains(t, standing(ann.http("GET", "/v2/leaderboard/race", "").ok()["records"]), ":1:20")
	})
	t.Run("the board's operator holds", func(t *testing.T) {
		before := write("wins", `{"score":0}`).ok()
		for _, op := range []string{"1", "2", "4", `"SET"`} {
			write("wins", `{"score":99,"operator":`+op+`}`).refused(http.StatusForbidden, nakama.PermissionDenied,
				"Leaderboard does not allow another operator.")
		}
		write("wins", `{"score":99,"operator":5}`).invalid("Invalid operator.")
		require.Equal(t, before, write("wins", `{"score":0,"operator":0}`).ok())
		require.Equal(t, before, write("wins", `{"score":0,"operator":3}`).ok(), "its own may be named")
		require.Equal(t, before, write("wins", `{"score":0,"operator":"FUTURE"}`).ok(), "an unknown name is none")
	})
	t.Run("H070", func(t *testing.T) {
		w.board("three", leaderboard.Descending, leaderboard.Set)
		w.fill("three", 2)
		write("three", `{"score":9}`).ok()
		list := func() string {
			return standing(ann.http("GET", "/v2/leaderboard/three?limit=9", "").ok()["records"])
		}
		require.Regexp(t, ":1:9 2:2:1 1:3:1$", list())
		ann.http("DELETE", "/v2/leaderboard/three", "").nothing()
		require.Equal(t, "2:1:1 1:2:1", list())
		ann.http("DELETE", "/v2/leaderboard/three", "").nothing()
	})
}

// number is a score as it is on the wire; 0 is not.
func number(n int) any {
	if n == 0 {
		return nil
	}
	return fmt.Sprint(n)
}

func TestHTTPRecordWriteWithoutEffect(t *testing.T) {
	t.Run("H059", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, nil)
			ann := w.newAccount("ann")
			w.board("best", leaderboard.Descending, leaderboard.Best)
			first := ann.http("POST", "/v2/leaderboard/best", `{"score":5}`).ok()
			time.Sleep(5 * time.Second)
			again := ann.http("POST", "/v2/leaderboard/best", `{"score":4,"metadata":"{\"a\":1}"}`).ok()
			require.Equal(t, first, again)
			better := ann.http("POST", "/v2/leaderboard/best", `{"score":6}`).ok()
			require.Equal(t, 2.0, better["num_score"])
			require.NotEqual(t, first["update_time"], better["update_time"])
		})
	})
}

func TestHTTPRecordList(t *testing.T) {
	w := newWorld(t, nil)
	ann := w.newAccount("ann")
	w.board("desc", leaderboard.Descending, leaderboard.Set)
	w.board("asc", leaderboard.Ascending, leaderboard.Set)
	w.fill("desc", 7)
	w.fill("asc", 7)
	list := func(board, query string) map[string]any {
		return ann.http("GET", "/v2/leaderboard/"+board+"?"+query, "").ok()
	}

	t.Run("H064", func(t *testing.T) {
		require.Equal(t, "7:1:6", standing(list("desc", "")["records"]))
		for _, limit := range []string{"0", "1001", "-1"} {
			ann.http("GET", "/v2/leaderboard/desc?limit="+limit, "").
				invalid("Invalid limit - limit must be between 1 and 1000.")
		}
		require.Len(t, list("desc", "limit=1000")["records"], 7)
	})
	t.Run("H065", func(t *testing.T) {
		require.Equal(t, "7:1:6 6:2:6 5:3:5 4:4:4 3:5:3 2:6:2 1:7:1", standing(list("desc", "limit=9")["records"]))
		require.Equal(t, "1:1:1 2:2:2 3:3:3 4:4:4 5:5:5 6:6:6 7:7:6", standing(list("asc", "limit=9")["records"]))
		require.Equal(t, "7", list("desc", "")["rank_count"])
	})
	t.Run("H066", func(t *testing.T) {
		owners := "owner_ids=" + ownerID(2) + "&owner_ids=" + strings.ToUpper(ownerID(5)) + "&ownerIds=" + ownerID(99)
		got := list("desc", owners)
		require.NotContains(t, got, "records")
		require.Equal(t, "5:3:5 2:6:2", standing(got["owner_records"]))
		got = list("desc", owners+"&limit=1")
		require.Equal(t, "7:1:6", standing(got["records"]))
		require.Equal(t, "5:3:5 2:6:2", standing(got["owner_records"]))
		ann.http("GET", "/v2/leaderboard/desc?owner_ids=x", "").invalid("One or more owner IDs are invalid.")
	})
	t.Run("H067", func(t *testing.T) {
		var pages []string
		var cursors []string
		got := list("desc", "limit=3")
		require.NotContains(t, got, "prev_cursor")
		for {
			pages = append(pages, standing(got["records"]))
			next, more := got["next_cursor"].(string)
			if !more {
				break
			}
			got = list("desc", "limit=3&cursor="+url.QueryEscape(next))
			cursors = append(cursors, got["prev_cursor"].(string))
		}
		require.Equal(t, []string{"7:1:6 6:2:6 5:3:5", "4:4:4 3:5:3 2:6:2", "1:7:1"}, pages)
		for i, cursor := range slices.Backward(cursors) {
			require.Equal(t, pages[i], standing(list("desc", "limit=3&cursor="+url.QueryEscape(cursor))["records"]))
		}
	})
	t.Run("H068", func(t *testing.T) {
		foreign := list("asc", "limit=1")["next_cursor"].(string)
		for _, cursor := range []string{"garbage", "%00", url.QueryEscape(foreign)} {
			const text = "Cursor is invalid or expired."
			ann.http("GET", "/v2/leaderboard/desc?cursor="+cursor, "").invalid(text)
			ann.http("GET", "/v2/leaderboard/desc/owner/"+ownerID(1)+"?cursor="+cursor, "").invalid(text)
		}
	})
	t.Run("H069", func(t *testing.T) {
		around := func(owner int, query string) map[string]any {
			return ann.http("GET", "/v2/leaderboard/desc/owner/"+ownerID(owner)+"?"+query, "").ok()
		}
		for _, tt := range []struct {
			owner, limit int
			want         string // owners
		}{
			{7, 1, "7"},
			{7, 3, "7 6 5"},
			{7, 5, "7 6 5 4 3"},
			{4, 1, "4"},
			{4, 2, "4 3"},
			{4, 3, "5 4 3"},
			{4, 4, "5 4 3 2"},
			{4, 5, "6 5 4 3 2"},
			{1, 1, "1"},
			{1, 2, "2 1"},
			{1, 5, "5 4 3 2 1"},
		} {
			var owners []string
			got := around(tt.owner, fmt.Sprint("limit=", tt.limit))
			for one := range strings.FieldsSeq(standing(got["records"])) {
				owner, _, _ := strings.Cut(one, ":")
				owners = append(owners, owner)
			}
			require.Equal(t, tt.want, strings.Join(owners, " "), "%d of %d", tt.owner, tt.limit)
		}
		require.Equal(t, "4:4:4", standing(around(4, "")["records"]), "the default is 1")
		got := around(4, "limit=2")
		require.Equal(t, "2:6:2 1:7:1", standing(around(4, "limit=2&cursor="+got["next_cursor"].(string))["records"]))
		require.Equal(t, "6:2:6 5:3:5", standing(around(4, "limit=2&cursor="+got["prev_cursor"].(string))["records"]))
		for _, limit := range []string{"0", "101"} {
			ann.http("GET", "/v2/leaderboard/desc/owner/"+ownerID(4)+"?limit="+limit, "").
				invalid("Invalid limit - limit must be between 1 and 100.")
		}
		ann.http("GET", "/v2/leaderboard/desc/owner/me", "").invalid("Invalid owner ID provided.")
		require.NotContains(t, around(99, "limit=5"), "records")
	})
	t.Run("a period that never was is empty", func(t *testing.T) {
		require.Empty(t, list("desc", "limit=9&expiry=1700000000"))
		require.Len(t, list("desc", "limit=9&expiry=0")["records"], 7)
		ann.http("GET", "/v2/leaderboard/desc?expiry=x", "").invalid(`parsing field "expiry"`)
		ann.http("GET", "/v2/leaderboard/none?expiry=1", "").
			refused(http.StatusNotFound, nakama.NotFound, "Leaderboard not found.")
	})
}

func TestHTTPBoardsOfTheHost(t *testing.T) {
	st := memory.New()
	open := func(w *world, c *nakama.Config) {
		boards, err := leaderboard.Open(t.Context(), leaderboard.Config{Store: st})
		require.NoError(t, err)
		w.boards, c.Boards = boards, boards
	}
	w := newWorld(t, open)
	w.board("wins", leaderboard.Descending, leaderboard.Set)
	w.fill("wins", 4)

	t.Run("H072", func(t *testing.T) {
		w.board("wins", leaderboard.Ascending, leaderboard.Increment)
		require.Equal(t, "4:1:3", standing(w.newAccount("ann").http("GET", "/v2/leaderboard/wins", "").ok()["records"]))
	})
	t.Run("H074", func(t *testing.T) {
		again := newWorld(t, open) // a new process on the same store
		got := again.newAccount("ann").http("GET", "/v2/leaderboard/wins?owner_ids="+ownerID(2), "").ok()
		require.Equal(t, "2:3:2", standing(got["owner_records"]))
		require.Equal(t, "4", got["rank_count"])
	})
}
