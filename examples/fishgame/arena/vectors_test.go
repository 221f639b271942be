package arena

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vector is a fish that is played with some keys, and what became of it. The game in the browser is held to the same
// file by e2e/fishsim.test.js.
type vector struct {
	Name  string   `json:"name"`
	Start Fish     `json:"start"`
	Keys  []Keys   `json:"keys"`
	Fish  []Fish   `json:"fish"`  // after every tenth step
	Shots [][]Shot `json:"shots"` // of each shot: where it was when fired and after every tenth tick, to its end
}

const every = 10

// play fills in what becomes of the fish.
func (v *vector) play(r *Rules) {
	v.Fish, v.Shots = nil, [][]Shot{}
	f := v.Start
	for i, keys := range v.Keys {
		if s := r.Step(&f, i+1, keys); s != nil {
			v.Shots = append(v.Shots, trace(r, *s))
		}
		if (i+1)%every == 0 {
			v.Fish = append(v.Fish, f)
		}
	}
}

func trace(r *Rules, s Shot) []Shot {
	path := []Shot{s}
	for r.Fly(&s) {
		if s.Age%every == 0 {
			path = append(path, s)
		}
	}
	return append(path, s)
}

// vectors are fish that start anywhere, armed or not, pushed now and then, with keys held for a few ticks each.
func vectors(r *Rules) []vector {
	random := rand.New(rand.NewPCG(1, 2))
	var all []vector
	for _, item := range []Item{Nothing, Urchin, Blaster} {
		for range 4 {
			v := vector{Name: []string{"free", "urchin", "blaster"}[item]}
			at := r.Spawns[random.IntN(len(r.Spawns))]
			v.Start = Fish{X: at.X, Y: at.Y, Face: 1, Freeze: random.IntN(10), Item: item}
			if item == Blaster {
				v.Start.Ammo = r.BlasterAmmo
			}
			for n := 40; n < 300; n += 100 {
				v.Start.Pushes = append(v.Start.Pushes, Push{At: n, VX: random.IntN(2*r.Push) - r.Push, VY: -r.PushUp})
			}
			for len(v.Keys) < 300 {
				keys := Keys(random.IntN(allKeys + 1))
				for range 1 + random.IntN(12) {
					v.Keys = append(v.Keys, keys)
				}
			}
			v.Keys = v.Keys[:300]
			v.play(r)
			all = append(all, v)
		}
	}
	return all
}

func TestTheVectorsStillHold(t *testing.T) {
	r, err := Load()
	require.NoError(t, err)
	const path = "testdata/vectors.json"
	if *update {
		data, err := json.Marshal(vectors(r))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(data, '\n'), 0o600))
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var want []vector
	require.NoError(t, json.Unmarshal(data, &want))
	require.NotEmpty(t, want)
	shots := 0
	for _, v := range want {
		got := v
		got.play(r)
		require.Equal(t, v, got, v.Name)
		shots += len(v.Shots)
	}
	require.Positive(t, shots)
}
