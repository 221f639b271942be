package arena

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// RulesJSON is the file that [Load] reads, for clients that simulate the game too.
//
//go:embed rules.json
var RulesJSON []byte

// Rules are the figures of the game and its map. Lengths are in 1/256 of a pixel, speeds in that per tick, times in
// ticks. y grows downwards.
type Rules struct {
	TickRate   int `json:"tick_rate"`
	Width      int `json:"width"` // fish bounce off both sides
	HalfWidth  int `json:"half_width"`
	HalfHeight int `json:"half_height"` // of a fish

	Run         int `json:"run"`
	GroundAccel int `json:"ground_accel"`
	AirAccel    int `json:"air_accel"`
	Friction    int `json:"friction"`
	AirFriction int `json:"air_friction"`
	Gravity     int `json:"gravity"`
	Heavy       int `json:"heavy"` // more gravity: when the jump key is let go, or down is held
	Fall        int `json:"fall"`  // no faster
	Jump        int `json:"jump"`
	Flop        int `json:"flop"` // a jump in the air
	Flops       int `json:"flops"`
	Jelly       int `json:"jelly"`  // the bounce of a jellyfish
	Coyote      int `json:"coyote"` // how long after leaving the ground a jump still counts
	Buffer      int `json:"buffer"` // how long before landing a jump already counts
	Drop        int `json:"drop"`   // how long wood lets a fish through

	Dash      int `json:"dash"`
	DashTicks int `json:"dash_ticks"`
	DashCool  int `json:"dash_cool"`
	Push      int `json:"push"`
	PushUp    int `json:"push_up"`
	Stun      int `json:"stun"`
	Freeze    int `json:"freeze"` // how long a fish waits at the start of a round

	UrchinSpeed   int `json:"urchin_speed"`
	UrchinUp      int `json:"urchin_up"`
	UrchinGravity int `json:"urchin_gravity"`
	UrchinRadius  int `json:"urchin_radius"`
	UrchinLife    int `json:"urchin_life"`
	BlasterSpeed  int `json:"blaster_speed"`
	BlasterRadius int `json:"blaster_radius"`
	BlasterLife   int `json:"blaster_life"`
	BlasterAmmo   int `json:"blaster_ammo"`
	BlasterRecoil int `json:"blaster_recoil"`
	Reload        int `json:"reload"`

	ItemRadius int `json:"item_radius"`
	ItemEvery  int `json:"item_every"`
	Items      int `json:"items"` // how many may lie about
	Water      int `json:"water"` // what is below is dead
	TideAfter  int `json:"tide_after"`
	TideSpeed  int `json:"tide_speed"`

	Platforms  []Platform `json:"platforms"`
	Spawns     []Point    `json:"spawns"` // one for each seat
	ItemSpawns []Point    `json:"item_spawns"`
}

// Platform is something to stand on; fish jump through it from below.
type Platform struct {
	X    int  `json:"x"` // of its left end
	Y    int  `json:"y"` // of its top
	W    int  `json:"w"`
	Kind Kind `json:"kind"`
}

// Kind is what a platform is made of.
type Kind string

// Kinds of platform: rock holds, wood lets fish drop through, jelly bounces.
const (
	Rock  Kind = "rock"
	Wood  Kind = "wood"
	Jelly Kind = "jelly"
)

// Point is a place.
type Point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// Load reads the rules that come with the package.
func Load() (*Rules, error) {
	r := new(Rules)
	if err := json.Unmarshal(RulesJSON, r); err != nil {
		return nil, fmt.Errorf("arena: rules.json: %w", err)
	}
	return r, nil
}

// Sea is the height of the water so many ticks after the beginning of a round: it rises in the end, so that every
// round has one.
func (r *Rules) Sea(age int) int {
	return r.Water - max(0, age-r.TideAfter)*r.TideSpeed
}
