package arena

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// brawl is a world with a player in each of the first seats, in a fight that has begun.
func brawl(t *testing.T, players ...string) *World {
	t.Helper()
	r, err := Load()
	require.NoError(t, err)
	w := New(Config{Rules: r, Wins: 2, Freeze: 5, Pause: 10})
	for _, id := range players {
		require.True(t, w.Add(id, id, false))
		w.Player(id).Ready = true
	}
	w.Step()
	require.Equal(t, Fight, w.Phase())
	for _, id := range players {
		p := w.Player(id)
		p.fish.Freeze, p.credit = 0, 1
	}
	return w
}

// play gives each player one input a tick.
func play(w *World, ticks int, keys map[string]Keys) {
	for range ticks {
		for id, k := range keys {
			p := w.Player(id)
			w.Input(id, Input{Seq: p.fish.Seq + 1, Keys: k, View: w.tick})
		}
		w.Step()
	}
}

// put moves a fish somewhere.
func put(w *World, id string, x, y int) *Player {
	p := w.Player(id)
	p.fish.X, p.fish.Y, p.fish.VX, p.fish.VY = x, y, 0, 0
	return p
}

func TestAMatchBeginsWhenAllAreReady(t *testing.T) {
	r, err := Load()
	require.NoError(t, err)
	w := New(Config{Rules: r, Wins: 1})
	w.Add("ann", "Ann", false)
	w.Player("ann").Ready = true
	w.Step()
	require.Equal(t, Lobby, w.Phase(), "one is not enough")
	w.Add("bob", "Bob", false)
	w.Step()
	require.Equal(t, Lobby, w.Phase(), "Bob is not ready")
	w.Player("bob").Ready = true
	require.True(t, w.Step())
	require.Equal(t, Fight, w.Phase())
	require.Equal(t, r.Freeze, w.Player("ann").fish.Freeze)
}

func TestThereAreFourSeats(t *testing.T) {
	w := brawl(t, "a", "b", "c", "d")
	require.False(t, w.Add("e", "E", false))
	w.Remove("b")
	require.True(t, w.Add("e", "E", true))
	players, bots := w.Count()
	require.Equal(t, []int{3, 1}, []int{players, bots})
}

func TestTheLastFishWinsTheRoundAndTwoRoundsTheMatch(t *testing.T) {
	w := brawl(t, "ann", "bob")
	put(w, "bob", 100, w.r.Water+1)
	w.Step()
	require.Equal(t, RoundOver, w.Phase())
	require.Equal(t, 1, w.Player("ann").Wins)
	require.Nil(t, w.Champion())
	for w.Phase() == RoundOver {
		w.Step()
	}
	require.Equal(t, 2, w.round)
	put(w, "bob", 100, w.r.Water+1)
	w.Step()
	require.Equal(t, MatchOver, w.Phase())
	require.Equal(t, "ann", w.Champion().ID)
	require.False(t, w.Player("ann").Ready, "for another match she has to say so")
	w.Player("ann").Ready, w.Player("bob").Ready = true, true
	w.Step()
	require.Equal(t, Fight, w.Phase())
	require.Zero(t, w.Player("ann").Wins)
}

func TestWhoDieTogetherDraw(t *testing.T) {
	w := brawl(t, "ann", "bob")
	put(w, "ann", 100, w.r.Water+1)
	put(w, "bob", 100, w.r.Water+1)
	w.Step()
	require.Equal(t, RoundOver, w.Phase())
	require.Equal(t, -1, w.winner)
	require.Zero(t, w.Player("ann").Wins+w.Player("bob").Wins)
}

func TestTheTideEndsEveryRound(t *testing.T) {
	w := brawl(t, "ann", "bob")
	for range 2 * (w.r.TideAfter + w.r.Water/w.r.TideSpeed) {
		if w.Step() {
			return
		}
	}
	require.Fail(t, "nobody drowned")
}

func TestAFishMovesOneStepForEachInput(t *testing.T) {
	t.Run("inputs that come late come together, and the fish is where its player sees it", func(t *testing.T) {
		w, alone := brawl(t, "ann", "bob"), brawl(t, "ann", "bob")
		play(alone, 10, map[string]Keys{"ann": Right})
		for range 9 {
			w.Step()
		}
		for i := range 10 {
			w.Input("ann", Input{Seq: i + 1, Keys: Right})
		}
		w.Step()
		require.Equal(t, alone.Player("ann").fish, w.Player("ann").fish)
	})
	t.Run("nobody is faster than the clock", func(t *testing.T) {
		w := brawl(t, "ann", "bob")
		for i := range allowance {
			w.Input("ann", Input{Seq: i + 1, Keys: Right})
		}
		w.Step()
		w.Step()
		require.Equal(t, 3, w.Player("ann").fish.Seq, "the first tick was saved up")
	})
	t.Run("what was saved up has a limit", func(t *testing.T) {
		w := brawl(t, "ann", "bob")
		for range 3 * allowance {
			w.Step()
		}
		for i := range 3 * allowance {
			w.Input("ann", Input{Seq: i + 1})
		}
		w.Step()
		ann := w.Player("ann")
		require.Equal(t, 3*allowance, ann.fish.Seq, "the newest inputs count")
		require.Zero(t, ann.credit)
		require.Empty(t, ann.queue, "and nothing waits that would come late")
	})
	t.Run("who sends nothing falls all the same", func(t *testing.T) {
		w := brawl(t, "ann", "bob")
		ann := put(w, "ann", 120*256, 100*256)
		for range allowance + 10 {
			w.Step()
		}
		require.Greater(t, ann.fish.Y, 100*256)
	})
}

func TestInputsAreChecked(t *testing.T) {
	w := brawl(t, "ann", "bob")
	w.Input("nobody", Input{Seq: 1})
	w.Input("ann", Input{Seq: 5, Keys: 1 << 20, View: 1 << 40})
	w.Input("ann", Input{Seq: 5, Keys: Left})
	w.Input("ann", Input{Seq: 4, Keys: Left})
	w.Input("ann", Input{Seq: -1, Keys: Left})
	require.Len(t, w.Player("ann").queue, 1)
	require.Zero(t, w.Player("ann").queue[0].Keys)
	for i := range 3 * allowance {
		w.Input("ann", Input{Seq: 6 + i})
	}
	require.Len(t, w.Player("ann").queue, allowance)
	w.Step()
	require.LessOrEqual(t, w.Player("ann").view, w.tick, "nobody sees the future")
}

// ground is a place on the left rock.
func ground(w *World) (x, y int) {
	p := w.r.Platforms[0]
	return p.X + p.W/2, p.Y - w.r.HalfHeight
}

func TestADashPushes(t *testing.T) {
	w := brawl(t, "ann", "bob")
	x, y := ground(w)
	put(w, "ann", x, y).fish.Face = 1
	bob := put(w, "bob", x+30*256, y)
	w.remember()
	play(w, 1, map[string]Keys{"ann": Dash, "bob": 0})
	require.Equal(t, 1, bob.hurt)
	require.Len(t, bob.fish.Pushes, 1)
	require.Zero(t, bob.fish.Stun, "the push waits for an input of which Bob knows it")
	play(w, 1, map[string]Keys{"ann": 0, "bob": 0})
	require.Positive(t, bob.fish.Stun)
	require.Positive(t, bob.fish.VX)
	require.Equal(t, 1, bob.hurt, "one dash, one push")
}

func TestAPushWaitsUntilItsPlayerHasSeenIt(t *testing.T) {
	const behind = 9
	for name, c := range map[string]struct {
		view  func(pushed, now int) int // what Bob says he has seen
		after int                       // inputs with which he is pushed
	}{
		"at once":       {func(_, now int) int { return now }, 1},
		"some time ago": {func(_, now int) int { return now - behind }, behind},
		"the network had stalled": {func(pushed, now int) int {
			if now < pushed+behind+patience {
				return pushed - behind
			}
			return now
		}, behind + patience},
		"he lies":                {func(int, int) int { return -1 << 62 }, behind + patience + 1},
		"he lies the other way":  {func(int, int) int { return 1 << 62 }, 1},
		"he pretends to be slow": {func(_, now int) int { return now - 10*rewind }, behind + patience + 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := brawl(t, "ann", "bob")
			play(w, 20, map[string]Keys{"bob": 0})
			bob := w.Player("bob")
			bob.view = w.tick - behind
			w.push(bob, 1)
			pushed, inputs := w.tick, 0
			for bob.fish.Stun == 0 {
				inputs++
				require.LessOrEqual(t, inputs, 100)
				w.Input("bob", Input{Seq: bob.fish.Seq + 1, View: c.view(pushed, w.tick+1)})
				w.Step()
			}
			require.Equal(t, c.after, inputs)
		})
	}
}

func TestWhoIsAwayIsPushedAtOnce(t *testing.T) {
	w := brawl(t, "ann", "bob")
	for range allowance {
		w.Step()
	}
	bob := w.Player("bob")
	w.push(bob, 1)
	w.Step()
	require.Positive(t, bob.fish.Stun)
	require.Zero(t, bob.fish.Seq, "no input of his is skipped")
}

func TestNumbersWithoutSenseHarmNobodyElse(t *testing.T) {
	w := brawl(t, "ann", "bob")
	const huge = 1<<63 - 1
	for _, in := range []Input{{Seq: huge - 1, Keys: huge, View: huge}, {Seq: huge, Keys: -1, View: -huge}, {Seq: -huge}} {
		w.Input("ann", in)
	}
	ann := w.Player("ann")
	for range 3 * allowance {
		w.push(ann, 1)
		play(w, 1, map[string]Keys{"bob": 0})
		x := ann.fish.X
		require.True(t, x >= w.r.HalfWidth && x <= w.r.Width-w.r.HalfWidth, "%d", x)
	}
	require.Equal(t, 3*allowance, w.Player("bob").fish.Seq)
}

func TestHitsAreJudgedWhereThePlayerSawThem(t *testing.T) {
	for name, c := range map[string]struct {
		ago int // ticks between what Ann saw and her shot
		hit bool
	}{
		"now":                 {0, false},
		"a moment ago":        {6, true},
		"longer than allowed": {rewind + 10, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := brawl(t, "ann", "bob")
			x, y := ground(w)
			ann := put(w, "ann", x, y)
			ann.fish.Face, ann.fish.Item, ann.fish.Ammo = 1, Blaster, 3
			put(w, "bob", x+30*256, y) // where Bob stands until a moment ago
			at := w.tick
			if c.ago > rewind {
				at = w.tick - c.ago
			}
			w.remember()
			for range 6 { // Bob is gone for good, but Ann does not know
				put(w, "bob", x, 100)
				w.Step()
				put(w, "ann", x, y)
			}
			put(w, "bob", x, 100)
			if c.ago == 0 {
				at = w.tick
			}
			w.Input("ann", Input{Seq: 1, Keys: Use, View: at})
			w.Step()
			require.Equal(t, !c.hit, w.Player("bob").alive)
		})
	}
}

func TestItemsTurnUpArePickedUpAndUsed(t *testing.T) {
	w := brawl(t, "ann", "bob")
	x, y := ground(w)
	ann := put(w, "ann", x, y)
	w.lay(Urchin, Point{X: x, Y: y})
	w.lay(Blaster, Point{X: x, Y: y})
	w.Step()
	require.Equal(t, Urchin, ann.fish.Item)
	require.Len(t, w.items, 1, "one fin, one item")
	play(w, 1, map[string]Keys{"ann": Use})
	require.Len(t, w.shots, 1)
	require.Equal(t, 0, w.shots[0].Owner)
	for range w.r.UrchinLife {
		w.Step()
	}
	require.Empty(t, w.shots)
	require.NotEmpty(t, w.items, "it lies where it fell, to be thrown again")
	for range 4 * w.r.ItemEvery {
		w.Step()
	}
	require.LessOrEqual(t, len(w.items), w.r.Items+1)
}

func TestWhoStaysWhenAllOthersLeaveHasWon(t *testing.T) {
	w := brawl(t, "ann", "bob", "cid")
	w.Remove("ann")
	require.False(t, w.Abandon(), "two can go on")
	w.Remove("bob")
	require.True(t, w.Abandon())
	require.Equal(t, MatchOver, w.Phase())
	require.Equal(t, w.Player("cid"), w.Champion())
	require.True(t, w.Ranked())

	require.False(t, w.Step(), "until she wants to play again")
	w.Player("cid").Ready = true
	require.True(t, w.Step())
	require.Equal(t, Lobby, w.Phase(), "where others may come")
	require.Nil(t, w.Champion())
}

func TestNobodyWinsWhenAllLeave(t *testing.T) {
	w := brawl(t, "ann", "bob")
	w.Remove("ann")
	w.Remove("bob")
	require.True(t, w.Abandon())
	require.Equal(t, Lobby, w.Phase())
	require.Nil(t, w.Champion())
}

func TestAMatchAgainstBotsDoesNotCount(t *testing.T) {
	r, err := Load()
	require.NoError(t, err)
	w := New(Config{Rules: r, Wins: 1})
	w.Add("ann", "Ann", false)
	w.Add("bot-1", "Shelly", true)
	w.Player("ann").Ready = true
	w.Step()
	require.Equal(t, Fight, w.Phase())
	require.False(t, w.Ranked())
	require.False(t, w.Roster().Ranked)
}

func TestBotsPlayAMatchToTheEnd(t *testing.T) {
	r, err := Load()
	require.NoError(t, err)
	w := New(Config{Rules: r, Wins: 3, Seed: 7})
	var bots [Seats]*Bot
	for i := range bots {
		w.Add(string(rune('a'+i)), "Bot", true)
		bots[i] = NewBot(r, uint64(i))
	}
	killed := 0 // before the tide came
	const most = 20 * 60 * 30
	for w.Champion() == nil {
		require.Less(t, w.tick, most, "a match of bots takes minutes, not more")
		s := w.Snapshot()
		for i, b := range bots {
			w.Input(w.seats[i].ID, Input{Seq: w.seats[i].fish.Seq + 1, Keys: b.Keys(&s, i), View: s.Tick})
		}
		if w.Step() && w.phase != Fight && w.tick-w.roundSince < r.TideAfter {
			killed++
		}
	}
	require.Positive(t, killed, "bots are good enough to end a round")
}
