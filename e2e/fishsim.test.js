// The Fish Game moves its fish in the browser as the server does: same numbers, bit for bit. The vectors are written and
// checked by examples/fishgame/arena.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fish, fly, step } from '../examples/fishgame/web/game/sim.js';

const game = new URL('../examples/fishgame/arena/', import.meta.url);
const read = async (name) => JSON.parse(await readFile(new URL(name, game), 'utf8'));
const EVERY = 10;

describe('the simulation in the browser', async () => {
  const [rules, vectors] = await Promise.all([read('rules.json'), read('testdata/vectors.json')]);
  for (const [i, v] of vectors.entries()) {
    it(`agrees with the server: ${v.name} ${i}`, () => {
      const f = fish(v.start);
      const shots = [];
      const states = [];
      v.keys.forEach((keys, n) => {
        const shot = step(rules, f, n + 1, keys);
        if (shot) shots.push(trace(rules, shot));
        if ((n + 1) % EVERY === 0) states.push(fish(f));
      });
      assert.deepEqual(states, v.fish.map(fish));
      assert.deepEqual(shots, v.shots.map((path) => path.map((s) => ({ vy: 0, age: 0, ...s }))));
    });
  }
});

function trace(rules, s) {
  const path = [{ ...s }];
  while (fly(rules, s)) if (s.age % EVERY === 0) path.push({ ...s });
  return [...path, { ...s }];
}
