// The player's own fish, in the present: every input moves it at once, and what the server says later is laid under the
// inputs that it had not seen. Both sides count alike, so there is seldom anything to correct; what there is, is smoothed.

import { fish, sees, step } from './sim.js';

const UNIT = 256;
const SMOOTH_MS = 90; // in which most of a correction is gone
const JUMP = 250; // pixels: that far it is a new place and no correction

export class Prediction {
  // corrections are how far the fish stood off, in pixels, each time the server told where it is.
  corrections = [];

  #rules;
  #fish = null;
  #waiting = []; // inputs that the server has not answered: { seq, keys, view }
  #error = { x: 0, y: 0 };
  #round = -1;

  constructor(rules) {
    this.#rules = rules;
  }

  get fish() {
    return this.#fish;
  }

  // apply moves the fish with one input of a player who has seen the world up to the tick view, and returns what it shot.
  apply(seq, keys, view) {
    const input = { seq, keys, view };
    this.#waiting.push(input);
    if (this.#waiting.length > 120) this.#waiting.shift();
    return this.#fish ? this.#step(this.#fish, input) : null;
  }

  // step is what the server does with an input: World.play in arena/world.go.
  #step(fish, { seq, keys, view }) {
    sees(fish, view, seq);
    return step(this.#rules, fish, seq, keys);
  }

  // correct takes what the server says of the fish, null if it is dead.
  correct(seen, round) {
    if (!seen) {
      this.#fish = null;
      return;
    }
    this.#waiting = this.#waiting.filter((input) => input.seq > (seen.seq ?? 0));
    const now = fish(seen);
    for (const input of this.#waiting) this.#step(now, input);
    const before = this.#fish;
    this.#fish = now;
    if (!before || round !== this.#round) {
      this.#round = round;
      this.#error = { x: 0, y: 0 };
      return;
    }
    const off = { x: before.x - now.x, y: before.y - now.y };
    const pixels = Math.hypot(off.x, off.y) / UNIT;
    this.corrections.push(pixels);
    if (this.corrections.length > 10_000) this.corrections.shift();
    if (pixels > JUMP) this.#error = { x: 0, y: 0 };
    else if (pixels > 0) this.#error = { x: this.#error.x + off.x, y: this.#error.y + off.y };
  }

  // look is the fish as it is to be drawn, a part t of the way into the next step with these keys; ms have passed since the last
  // look. So a key shows in the very next frame, whatever the tick.
  look(keys, t, ms) {
    if (!this.#fish) return null;
    const next = fish(this.#fish);
    step(this.#rules, next, this.#fish.seq + 1, keys);
    const fade = Math.exp(-ms / SMOOTH_MS);
    this.#error = { x: this.#error.x * fade, y: this.#error.y * fade };
    return {
      ...next,
      x: this.#fish.x + (next.x - this.#fish.x) * t + this.#error.x,
      y: this.#fish.y + (next.y - this.#fish.y) * t + this.#error.y,
    };
  }
}
