// The Fish Game's prediction over a bad network, on a clock of its own: how soon a key shows, and how far off the own fish was
// each time the server told where it is. The server's side here takes inputs, and gives pushes, as examples/fishgame/arena does.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Prediction } from '../examples/fishgame/web/game/predict.js';
import { fish, JUMP, LEFT, RIGHT, sees, step } from '../examples/fishgame/web/game/sim.js';

const rules = JSON.parse(await readFile(new URL('../examples/fishgame/arena/rules.json', import.meta.url), 'utf8'));
const TICK_MS = 1000 / rules.tick_rate;
const TICKS = 3_000;
const HOME = 74_240; // the middle of a rock
const ALLOWANCE = 20, REWIND = 15, PATIENCE = 15; // as in arena/world.go

// Line is one way of a connection: what is sent arrives later, some of it much later, and never before what was sent earlier.
class Line {
  #sent = [];
  #due = 0;
  #takes;

  constructor(takes) {
    this.#takes = takes;
  }

  send(now, what) {
    this.#due = Math.max(this.#due, now + this.#takes() / TICK_MS);
    this.#sent.push({ due: this.#due, what });
  }

  arrived(now) {
    const n = this.#sent.findIndex(({ due }) => due > now);
    return this.#sent.splice(0, n < 0 ? this.#sent.length : n).map(({ what }) => what);
  }
}

// Server is the part of the world that moves one fish.
class Server {
  fish = fish({ x: HOME, y: 122_112, ground: true });
  #queue = [];
  #credit = ALLOWANCE;
  #view = 0;

  play(tick, inputs) {
    for (const input of inputs) {
      if (this.#queue.length === ALLOWANCE) this.#queue.shift();
      this.#queue.push(input);
    }
    this.#credit = Math.min(this.#credit + 1, ALLOWANCE);
    for (; this.#credit > 0 && this.#queue.length > 0; this.#credit--) {
      const { seq, keys, view } = this.#queue.shift();
      this.#view = Math.min(Math.max(view, tick - REWIND), tick);
      sees(this.fish, view, seq);
      step(rules, this.fish, seq, keys);
    }
  }

  push(tick) {
    const at = this.fish.seq + 1 + Math.min(tick - this.#view, REWIND) + PATIENCE;
    const vx = this.fish.x < rules.width / 2 ? rules.push : -rules.push;
    this.fish.pushes.push({ at, tick, vx, vy: -rules.push_up });
  }
}

// swim plays for a while and returns the corrections, how many keys there were, and how many of them the next frame did not show.
function swim(latency) {
  let state = 1;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const takes = () => latency * (0.95 + random() / 10) + (random() < 0.01 ? Math.max(200, 2 * latency) : 0);
  const up = new Line(takes), down = new Line(takes);
  const server = new Server(), prediction = new Prediction(rules);
  let view = 0, seq = 0, keys = 0, pressed = 0, late = 0;
  for (let tick = 1; tick <= TICKS; tick++) {
    server.play(tick, up.arrived(tick));
    if (tick % 200 === 0) server.push(tick);
    down.send(tick, { tick, fish: structuredClone(server.fish) });
    for (const seen of down.arrived(tick)) {
      view = seen.tick;
      prediction.correct(seen.fish, 1);
    }
    if (!prediction.fish) continue;
    const { x, ground, stun } = prediction.fish;
    const home = x < HOME ? RIGHT : LEFT;
    const wanted = tick % 10 > 0 ? keys : home | (tick % 30 === 0 && ground ? JUMP : 0);
    if (wanted !== keys && stun === 0) {
      const [before, after] = [keys, wanted].map((k) => prediction.look(k, 0.5, 0));
      pressed++;
      if (after.x === before.x && after.y === before.y && after.face === before.face) late++;
    }
    keys = wanted;
    prediction.apply(++seq, keys, view);
    up.send(tick, { seq, keys, view });
    prediction.look(keys, 0, TICK_MS);
  }
  return { corrections: prediction.corrections.toSorted((a, b) => a - b), pressed, late };
}

describe('the prediction of the own fish', () => {
  for (const latency of [0, 50, 150, 250]) {
    it(`${latency} ms away, with jitter and loss, answers at once and is hardly ever corrected`, (t) => {
      const { corrections, pressed, late } = swim(latency);
      const p99 = corrections[Math.floor((corrections.length - 1) * 0.99)];
      t.diagnostic(`${pressed} keys; ${corrections.length} corrections, p99 ${p99.toFixed(2)} px, most ${corrections.at(-1).toFixed(2)} px`);
      assert.ok(corrections.length > TICKS * 0.9 && pressed > 100);
      assert.equal(late, 0, 'keys that the next frame did not show');
      assert.ok(p99 < 8, `p99 of the corrections is ${p99} px`);
    });
  }
});
