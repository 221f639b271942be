package leaderboard

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func moment(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestCronLastIsTheOneBeforeNext(t *testing.T) {
	for expr, want := range map[string][2]string{ // last and next at noon on a Wednesday
		"@daily":              {"2026-11-18 00:00:00", "2026-11-19 00:00:00"},
		"0 12 * * *":          {"2026-11-18 12:00:00", "2026-11-19 12:00:00"},
		"*/7 * * * *":         {"2026-11-18 12:00:00", "2026-11-18 12:07:00"},
		"0 0 * * 1":           {"2026-11-16 00:00:00", "2026-11-23 00:00:00"},
		"0 0 1 * *":           {"2026-11-01 00:00:00", "2026-12-01 00:00:00"},
		"0 0 29 2 *":          {"2024-02-29 00:00:00", "2028-02-29 00:00:00"},
		"30 * * * * * *":      {"2026-11-18 11:59:30", "2026-11-18 12:00:30"},
		"0 0 L * *":           {"2026-10-31 00:00:00", "2026-11-30 00:00:00"},
		"0 0 1 1 * 2020,2030": {"2020-01-01 00:00:00", "2030-01-01 00:00:00"},
	} {
		c, err := parseCron(expr)
		require.NoError(t, err)
		at := moment("2026-11-18 12:00:00")
		require.Equal(t, want, [2]string{c.last(at).Format("2006-01-02 15:04:05"), c.next(at).Format("2006-01-02 15:04:05")}, expr)
	}
	c, err := parseCron("0 0 1 1 * 2050")
	require.NoError(t, err)
	require.Zero(t, c.last(moment("2026-11-18 12:00:00")))
	require.Zero(t, c.next(moment("2050-11-18 12:00:00")))
	_, err = parseCron("whenever")
	require.Error(t, err)
}

func TestTournamentPhases(t *testing.T) {
	const start, end = "2026-11-10 06:00:00", "2026-11-12 18:00:00"
	for name, tt := range map[string]struct {
		reset              string
		end                bool
		duration           time.Duration
		at                 string
		period, open, shut string
	}{
		"before the start":         {"@daily", true, time.Hour, "2026-11-01 00:00:00", "2026-11-11 00:00:00", start, "2026-11-10 07:00:00"},
		"first":                    {"@daily", true, time.Hour, start, "2026-11-11 00:00:00", start, "2026-11-10 07:00:00"},
		"second":                   {"@daily", true, time.Hour, "2026-11-11 23:59:59", "2026-11-12 00:00:00", "2026-11-11 00:00:00", "2026-11-11 01:00:00"},
		"last":                     {"@daily", true, 24 * time.Hour, "2026-11-12 00:00:00", end, "2026-11-12 00:00:00", end},
		"over":                     {"@daily", true, 24 * time.Hour, "2027-01-01 00:00:00", end, "2026-11-12 00:00:00", end},
		"longer than the reset":    {"@hourly", false, 24 * time.Hour, "2026-11-20 00:30:00", "2026-11-20 01:00:00", "2026-11-20 00:00:00", "2026-11-20 01:00:00"},
		"no reset":                 {"", true, time.Hour, "2026-11-11 00:00:00", end, start, "2026-11-10 07:00:00"},
		"no reset, and never ends": {"", false, time.Hour, "2026-11-11 00:00:00", "0001-01-01 00:00:00", start, "2026-11-10 07:00:00"},
	} {
		def := Board{ID: "cup", Reset: tt.reset, Tournament: Tournament{Start: moment(start), Duration: tt.duration}}
		if tt.end {
			def.End = moment(end)
		}
		e, err := newBoard(def)
		require.NoError(t, err, name)
		p := e.schedule.at(moment(tt.at))
		require.Equal(t, []time.Time{moment(tt.period), moment(tt.open), moment(tt.shut)}, []time.Time{p.period, p.open, p.closed}, name)
		require.True(t, p.holds(moment(tt.at)), name)
	}
}

// From event to event nothing is told twice, nothing is left out, and phases change only there.
func TestEventsFollowEachOther(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		start := moment("2026-11-10 06:00:00")
		def := Board{
			ID: "cup", Reset: rapid.SampledFrom([]string{"", "@daily", "@hourly", "*/7 * * * *"}).Draw(rt, "reset"),
			Tournament: Tournament{Start: start, Duration: time.Duration(rapid.IntRange(1, 100_000).Draw(rt, "seconds")) * time.Second},
		}
		if rapid.Bool().Draw(rt, "ends") {
			def.End = start.Add(time.Duration(rapid.IntRange(1, 500_000).Draw(rt, "end")) * time.Second)
		}
		e, err := newBoard(def)
		require.NoError(rt, err)
		at := start.Add(-time.Hour)
		for range 10 {
			next, ok := e.schedule.after(at)
			if !ok {
				last := e.schedule.at(at)
				require.Equal(rt, last.period, e.schedule.at(at.Add(1000*time.Hour)).period)
				return
			}
			require.True(rt, next.at.After(at))
			require.True(rt, next.closed || next.ended)
			before, then := e.schedule.at(next.at.Add(-time.Second)), e.schedule.at(next.at)
			require.Equal(rt, next.phase.period, before.period, "what is told is of the period until then")
			require.Equal(rt, next.closed, before.active(next.at.Add(-time.Second)) && !before.active(next.at))
			over := !def.End.IsZero() && !next.at.Before(def.End)
			require.Equal(rt, next.ended && !over, !before.period.Equal(then.period))
			at = next.at
		}
	})
}
