package host

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/shoal-go/shoal/gateway/nakama"
	"github.com/shoal-go/shoal/leaderboard"
)

// table is a game whose boards are played on.
type table struct{ *game }

func (b table) join(name string) competitor { return competitor{b.device(name)} }

// competitor is a player who sends bodies as they stand.
type competitor struct{ *player }

func (p competitor) ask(method, target, body string) answer {
	p.g.t.Helper()
	return p.g.http(method, target, body, "Authorization", "Bearer "+p.token)
}

func (b table) create(def leaderboard.Board) {
	b.t.Helper()
	require.NoError(b.t, b.h.Boards.Create(b.t.Context(), def))
}

// fill writes records of owners 1 to n: the score is the number of the owner, but for the last two, who share one.
func (b table) fill(board string, n int) {
	b.t.Helper()
	for i := 1; i <= n; i++ {
		_, err := b.h.Boards.Write(b.t.Context(), leaderboard.Submission{Board: board, Owner: owner(i), Score: int64(min(i, n-1))})
		require.NoError(b.t, err)
	}
}

func owner(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// rows writes records as owner:rank:score, with owners by their number.
func rows(records any) string {
	var out []string
	list, _ := records.([]any)
	for _, r := range list {
		m := r.(map[string]any)
		out = append(out, fmt.Sprintf("%s:%v:%v", strings.TrimLeft(m["owner_id"].(string)[24:], "0"), m["rank"], m["score"]))
	}
	return strings.Join(out, " ")
}

const board = "/v2/leaderboard/"

func TestBoardStatements(t *testing.T) {
	for name, check := range boardStatements() {
		t.Run(name, func(t *testing.T) {
			onEveryStore(t, func(t *testing.T, g *game) { check(t, table{g}) },
				func(c *Config) { c.Auth.TokenTTL = 1000 * time.Hour })
		})
	}
}

func boardStatements() map[string]func(t *testing.T, b table) {
	return map[string]func(t *testing.T, b table){
		"H056": func(_ *testing.T, b table) {
			ann := b.join("ann")
			for _, ask := range [][2]string{{"GET", ""}, {"POST", ""}, {"DELETE", ""}, {"GET", "/owner/" + ann.id}} {
				ann.ask(ask[0], board+"none"+ask[1], "").refused(nakama.NotFound, "Leaderboard not found.")
			}
		},
		"H057": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "official", Authoritative: true})
			_, err := b.h.Boards.Write(t.Context(), leaderboard.Submission{Board: "official", Owner: ann.id, Score: 3})
			require.NoError(t, err)
			ann.ask("POST", board+"official", `{"score":9}`).refused(nakama.PermissionDenied, "Leaderboard only allows authoritative score submissions.")
			ann.ask("DELETE", board+"official", "").refused(nakama.PermissionDenied, "Leaderboard only allows authoritative score deletions.")
			require.Contains(t, rows(ann.ask("GET", board+"official", "").ok()["records"]), ":1:3")
		},
		"H058": boardOperators,
		"H059": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "best"})
			first := ann.ask("POST", board+"best", `{"score":5}`).ok()
			time.Sleep(5 * time.Second)
			require.Equal(t, first, ann.ask("POST", board+"best", `{"score":4,"metadata":"{\"a\":1}"}`).ok())
			better := ann.ask("POST", board+"best", `{"score":6}`).ok()
			require.Equal(t, 2.0, better["num_score"])
			require.NotEqual(t, first["update_time"], better["update_time"])
		},
		"H060": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "set", Operator: leaderboard.Set})
			for _, metadata := range []string{"[]", "text", "{"} {
				ann.ask("POST", board+"set", `{"score":1,"metadata":"`+metadata+`"}`).refused(nakama.InvalidArgument, "Metadata value must be JSON, if provided.")
			}
			require.Equal(t, `{"b":3}`, ann.ask("POST", board+"set", `{"score":1,"metadata":"{\"b\":3}"}`).ok()["metadata"])
			require.Equal(t, `{"b":3}`, ann.ask("POST", board+"set", `{"score":2}`).ok()["metadata"])
		},
		"H061": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "set", Operator: leaderboard.Set})
			for _, score := range []string{`"10"`, `10`, `10.0`, `1e1`} {
				require.Equal(t, "10", ann.ask("POST", board+"set", `{"score":`+score+`}`).ok()["score"])
			}
			require.Equal(t, http.StatusBadRequest, ann.ask("POST", board+"set", `{"score":1.5}`).status)
		},
		"H062": func(_ *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "incr", Operator: leaderboard.Increment})
			ann.ask("POST", board+"incr", `{"score":5}`).ok()
			ann.ask("POST", board+"incr", `{"score":-2}`).refused(nakama.InvalidArgument, "Score and subscore must be 0 or above.")
			ann.ask("POST", board+"incr", fmt.Sprintf(`{"score":%d}`, math.MaxInt64)).refused(nakama.InvalidArgument, "Score or subscore is too large.")
		},
		"H063": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "race", Operator: leaderboard.Increment})
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { ann.ask("POST", board+"race", `{"score":1}`) })
			}
			wg.Wait()
			require.Contains(t, rows(ann.ask("GET", board+"race", "").ok()["records"]), ":1:20")
		},
		"H064": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "desc"})
			b.fill("desc", 3)
			require.Equal(t, "3:1:2", rows(ann.ask("GET", board+"desc", "").ok()["records"]))
			for _, limit := range []string{"0", "1001"} {
				ann.ask("GET", board+"desc?limit="+limit, "").refused(nakama.InvalidArgument, "Invalid limit - limit must be between 1 and 1000.")
			}
		},
		"H065": func(t *testing.T, b table) {
			ann := b.join("ann")
			for sort, want := range map[leaderboard.Sort]string{
				leaderboard.Descending: "4:1:3 3:2:3 2:3:2 1:4:1",
				leaderboard.Ascending:  "1:1:1 2:2:2 3:3:3 4:4:3",
			} {
				id := fmt.Sprint("sorted", sort)
				b.create(leaderboard.Board{ID: id, Sort: sort})
				b.fill(id, 4)
				require.Equal(t, want, rows(ann.ask("GET", board+id+"?limit=9", "").ok()["records"]))
			}
		},
		"H066": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "desc"})
			b.fill("desc", 7)
			owners := "owner_ids=" + owner(2) + "&owner_ids=" + owner(5) + "&owner_ids=" + owner(99)
			got := ann.ask("GET", board+"desc?"+owners, "").ok()
			require.NotContains(t, got, "records")
			require.Equal(t, "5:3:5 2:6:2", rows(got["owner_records"]))
			got = ann.ask("GET", board+"desc?limit=1&"+owners, "").ok()
			require.Equal(t, "7:1:6", rows(got["records"]))
			require.Equal(t, "5:3:5 2:6:2", rows(got["owner_records"]))
		},
		"H067": func(t *testing.T, b table) { pagesForwardAndBack(t, b, leaderboard.Board{ID: "desc"}) },
		"H068": boardCursors,
		"H069": func(t *testing.T, b table) { windowsAround(t, b, leaderboard.Board{ID: "desc"}, "4:4:4") },
		"H070": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "three", Operator: leaderboard.Set})
			b.fill("three", 2)
			ann.ask("POST", board+"three", `{"score":9}`).ok()
			for range 2 {
				require.Empty(t, ann.ask("DELETE", board+"three", "").ok())
				require.Equal(t, "2:1:1 1:2:1", rows(ann.ask("GET", board+"three?limit=9", "").ok()["records"]))
			}
		},
		"H071": boardReset,
		"H072": func(t *testing.T, b table) {
			b.create(leaderboard.Board{ID: "wins"})
			b.fill("wins", 4)
			b.create(leaderboard.Board{ID: "wins", Sort: leaderboard.Ascending, Operator: leaderboard.Increment, Reset: "@daily"})
			require.Equal(t, "4:1:3", rows(b.join("ann").ask("GET", board+"wins", "").ok()["records"]))
		},
		"H073": boardWithoutRanks,
		"H074": func(t *testing.T, b table) {
			b.create(leaderboard.Board{ID: "wins"})
			b.fill("wins", 4)
			b.restart()
			got := b.join("ann").ask("GET", board+"wins?owner_ids="+owner(2), "").ok()
			require.Equal(t, "2:3:2", rows(got["owner_records"]))
			require.Equal(t, "4", got["rank_count"])
		},
		"H075": tournamentRules,
		"cursors after a restart": func(t *testing.T, b table) {
			ann := b.join("ann")
			b.create(leaderboard.Board{ID: "three"})
			b.fill("three", 3)
			cursor := ann.ask("GET", board+"three", "").ok()["next_cursor"].(string)
			b.restart()
			require.Equal(t, "2:2:2", rows(ann.ask("GET", board+"three?cursor="+cursor, "").ok()["records"]))
		},
	}
}

func boardOperators(t *testing.T, b table) {
	ann := b.join("ann")
	for name, tt := range map[string]struct {
		sort leaderboard.Sort
		op   leaderboard.Operator
		want [2][2]any // score and subscore after 10, 1 and after 1, 20
	}{
		"best-desc": {leaderboard.Descending, leaderboard.Best, [2][2]any{{"10", "1"}, {"10", "20"}}},
		"best-asc":  {leaderboard.Ascending, leaderboard.Best, [2][2]any{{"10", "1"}, {"1", "1"}}},
		"set":       {leaderboard.Ascending, leaderboard.Set, [2][2]any{{"10", "1"}, {"1", "20"}}},
		"incr":      {leaderboard.Descending, leaderboard.Increment, [2][2]any{{"10", "1"}, {"11", "21"}}},
		"decr":      {leaderboard.Descending, leaderboard.Decrement, [2][2]any{{nil, nil}, {nil, nil}}},
	} {
		b.create(leaderboard.Board{ID: name, Sort: tt.sort, Operator: tt.op})
		for i, body := range []string{`{"score":10,"subscore":1}`, `{"score":1,"subscore":20}`} {
			got := ann.ask("POST", board+name, body).ok()
			after := [2]any{got["score"], got["subscore"]}
			require.Equal(t, tt.want[i], after, name)
		}
	}
}

// pagesForwardAndBack wants the same pages in both directions, numbered alike.
func pagesForwardAndBack(t *testing.T, b table, def leaderboard.Board) {
	ann := b.join("ann")
	b.create(def)
	b.fill(def.ID, 7)
	page := func(cursor string) map[string]any {
		return ann.ask("GET", board+def.ID+"?limit=3&cursor="+url.QueryEscape(cursor), "").ok()
	}
	var pages, cursors []string
	got := page("")
	require.NotContains(t, got, "prev_cursor")
	for {
		pages = append(pages, rows(got["records"]))
		next, more := got["next_cursor"].(string)
		if !more {
			break
		}
		got = page(next)
		cursors = append(cursors, got["prev_cursor"].(string))
	}
	require.Equal(t, []string{"7:1:6 6:2:6 5:3:5", "4:4:4 3:5:3 2:6:2", "1:7:1"}, pages)
	for i, cursor := range slices.Backward(cursors) {
		require.Equal(t, pages[i], rows(page(cursor)["records"]))
	}
}

func boardCursors(_ *testing.T, b table) {
	ann := b.join("ann")
	b.create(leaderboard.Board{ID: "daily", Reset: "@daily"})
	b.create(leaderboard.Board{ID: "other", Reset: "@daily"})
	b.fill("daily", 3)
	b.fill("other", 3)
	old := ann.ask("GET", board+"daily", "").ok()["next_cursor"].(string)
	foreign := ann.ask("GET", board+"other", "").ok()["next_cursor"].(string)
	ann.ask("GET", board+"daily?cursor="+old, "").ok()
	time.Sleep(24 * time.Hour)
	for _, cursor := range []string{"garbage", foreign, old} {
		ann.ask("GET", board+"daily?cursor="+cursor, "").refused(nakama.InvalidArgument, "Cursor is invalid or expired.")
		ann.ask("GET", board+"daily/owner/"+ann.id+"?cursor="+cursor, "").refused(nakama.InvalidArgument, "Cursor is invalid or expired.")
	}
}

// windowsAround wants the windows of a board of seven, and what its record in the middle looks like.
func windowsAround(t *testing.T, b table, def leaderboard.Board, middle string) {
	ann := b.join("ann")
	b.create(def)
	b.fill(def.ID, 7)
	around := func(of int, query string) map[string]any {
		return ann.ask("GET", board+def.ID+"/owner/"+owner(of)+"?"+query, "").ok()
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
		{2, 5, "5 4 3 2 1"},
		{1, 2, "2 1"},
		{1, 5, "5 4 3 2 1"},
		{4, 100, "7 6 5 4 3 2 1"},
	} {
		var owners []string
		for one := range strings.FieldsSeq(rows(around(tt.owner, fmt.Sprint("limit=", tt.limit))["records"])) {
			owner, _, _ := strings.Cut(one, ":")
			owners = append(owners, owner)
		}
		require.Equal(t, tt.want, strings.Join(owners, " "), "%d of %d", tt.owner, tt.limit)
	}
	got := around(4, "limit=2")
	require.Equal(t, middle, rows(got["records"].([]any)[:1]))
	require.Contains(t, rows(around(4, "limit=2&cursor="+got["next_cursor"].(string))["records"]), "2:")
	require.Contains(t, rows(around(4, "limit=2&cursor="+got["prev_cursor"].(string))["records"]), "6:")
	ann.ask("GET", board+def.ID+"/owner/"+ann.id+"?limit=101", "").refused(nakama.InvalidArgument, "Invalid limit - limit must be between 1 and 100.")
	require.NotContains(t, around(99, "limit=5"), "records")
}

func boardReset(t *testing.T, b table) {
	ann := b.join("ann")
	b.create(leaderboard.Board{ID: "daily", Operator: leaderboard.Increment, Reset: "0 4 * * *"})
	b.fill("daily", 3)
	now := time.Now().UTC()
	end := time.Date(now.Year(), now.Month(), now.Day(), 4, 0, 0, 0, time.UTC)
	if !end.After(now) {
		end = end.AddDate(0, 0, 1)
	}
	got := ann.ask("POST", board+"daily", `{"score":9}`).ok()
	require.Equal(t, end.Format(time.RFC3339), got["expiry_time"])

	time.Sleep(time.Until(end))
	require.Empty(t, ann.ask("GET", board+"daily?limit=9", "").ok())
	past := fmt.Sprint("limit=2&expiry=", end.Unix())
	first := ann.ask("GET", board+"daily?"+past, "").ok()
	require.Contains(t, rows(first["records"]), ":1:9 3:2:2")
	require.NotContains(t, first, "rank_count")
	second := ann.ask("GET", board+"daily?"+past+"&cursor="+first["next_cursor"].(string), "").ok()
	require.Equal(t, "2:3:2 1:4:1", rows(second["records"]))
	around := ann.ask("GET", board+"daily/owner/"+owner(1)+"?"+past, "").ok()
	require.Equal(t, "2:<nil>:2 1:<nil>:1", rows(around["records"]))

	got = ann.ask("POST", board+"daily", `{"score":1}`).ok()
	require.Equal(t, 1.0, got["num_score"])
	require.Equal(t, "1", got["score"])
	require.Equal(t, end.AddDate(0, 0, 1).Format(time.RFC3339), got["expiry_time"])
	b.restart()
	require.Contains(t, rows(ann.ask("GET", board+"daily", "").ok()["records"]), ":1:1")
	require.Empty(t, ann.ask("GET", fmt.Sprint(board, "daily?expiry=", end.Unix()+1), "").ok(), "no such period")
}

func boardWithoutRanks(t *testing.T, b table) {
	def := leaderboard.Board{ID: "plain", NoRanks: true}
	windowsAround(t, b, def, "4:<nil>:4")
	got := b.join("bob").ask("GET", board+"plain?limit=2&owner_ids="+owner(3), "").ok()
	require.Equal(t, "7:1:6 6:2:6", rows(got["records"]))
	require.Equal(t, "3:<nil>:3", rows(got["owner_records"]))
	require.NotContains(t, got, "rank_count")
	require.NotContains(t, b.join("bob").ask("POST", board+"plain", `{"score":3}`).ok(), "rank")
	pagesForwardAndBack(t, b, leaderboard.Board{ID: "other", NoRanks: true})
}

func tournamentRules(t *testing.T, b table) {
	ann, bob := b.join("ann"), b.join("bob")
	b.create(leaderboard.Board{ID: "cup", Reset: "@daily", Tournament: leaderboard.Tournament{
		Duration: time.Hour, MaxNumScore: 2, MaxSize: 1, JoinRequired: true,
	}})
	const cup = "/v2/tournament/cup"
	time.Sleep(24 * time.Hour) // into a window
	time.Sleep(time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)))
	ann.ask("POST", cup, `{"score":5}`).refused(nakama.FailedPrecondition, "Must join tournament before attempting to write value.")
	for range 2 {
		require.Empty(t, ann.ask("POST", cup+"/join", "").ok())
	}
	bob.ask("POST", cup+"/join", "").refused(nakama.InvalidArgument, "Tournament cannot be joined as it has reached its max size.")
	require.Contains(t, rows(bob.ask("GET", cup, "").ok()["records"]), ":1:<nil>")
	require.Equal(t, 1.0, ann.ask("PUT", cup, `{"score":5}`).ok()["num_score"])
	require.Equal(t, 2.0, ann.ask("POST", cup, `{"score":3}`).ok()["num_score"], "every score counts")
	ann.ask("POST", cup, `{"score":9}`).refused(nakama.FailedPrecondition, "Reached allowed max number of score attempts.")
	require.NoError(t, b.h.Boards.GrantAttempts(context.Background(), "cup", ann.id, 1))
	require.Equal(t, "9", ann.ask("POST", cup, `{"score":9}`).ok()["score"])

	for _, method := range []string{"POST", "DELETE"} {
		ann.ask(method, board+"cup", `{"score":5}`).refused(nakama.NotFound, "Leaderboard not found.")
	}
	time.Sleep(time.Hour)
	ann.ask("POST", cup, `{"score":5}`).refused(nakama.FailedPrecondition, "Tournament is not active and cannot accept new scores.")
	bob.ask("POST", cup+"/join", "").refused(nakama.InvalidArgument, "Tournament is not active and cannot accept new joins.")
	time.Sleep(23 * time.Hour)
	require.NotContains(t, ann.ask("GET", cup, "").ok(), "records", "the next period begins empty")
	require.Empty(t, bob.ask("POST", cup+"/join", "").ok())
}
