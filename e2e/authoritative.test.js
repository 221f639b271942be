// A match that the server runs: made by RPC, found by label, and it ticks.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { create, list, OP_ECHO, OP_SAY, OP_TICK, withOp } from './harness/fish_match.js';
import { Player, text, wires } from './harness/player.js';
import { Server } from './harness/server.js';

const TICKS = 5;

const tickOf = (data) => JSON.parse(text(data)).tick;

describe('authoritative match', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  for (const { name, formats } of wires) {
    it(`is created, listed, joined by both, ticks and echoes over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);

      const id = await create(ann);
      const fresh = await list(bob, id);
      assert.equal(fresh.authoritative, true);
      assert.deepEqual(fresh.label, { mode: 'fish', open: true, players: 0 });

      await enter(ann, bob, id);
      await hearTicks(ann);
      const after = await hearTicks(bob);

      // A tick that came after both were in: the label that the match set when they joined is listed.
      const crowded = await list(ann, id);
      assert.equal(crowded.label.players, 2);
      assert.equal(crowded.size, 2);

      await echo(ann, bob, id, after);
    });
  }

  it('can be made over the socket too', async (t) => {
    const ann = await Player.online(t, server, 'ann', 'protobuf');
    const reply = await ann.socket.rpc('create_match', '{}');
    assert.equal(reply.id, 'create_match');
    const { match_id: id } = JSON.parse(reply.payload);
    assert.equal((await ann.join(id)).match_id, id);
  });

  it('is not found by a label that it does not have', async (t) => {
    const ann = await Player.online(t, server, 'ann', 'json');
    await create(ann);
    const { matches = [] } = await ann.client.listMatches(
      ann.session, 100, true, undefined, undefined, undefined, '+label.mode:chess');
    assert.deepEqual(matches, []);
  });
});

async function enter(ann, bob, id) {
  const first = await ann.join(id);
  assert.equal(first.match_id, id);
  assert.equal(first.authoritative, true);
  assert.equal(JSON.parse(first.label).mode, 'fish');
  assert.equal(first.self.user_id, ann.userID);
  assert.deepEqual(first.presences ?? [], []);

  const second = await bob.join(id);
  assert.deepEqual(second.presences.map((p) => p.session_id), [ann.sessionID]);
  await Promise.all([ann.sees('joins', bob), bob.sees('joins', bob)]);
}

// hearTicks waits for some ticks from now on, and returns the number of the last one.
async function hearTicks(player) {
  const before = player.events.all('data', withOp(OP_TICK)).length;
  const ticks = (await player.events.take(before + TICKS, 'data', withOp(OP_TICK), { what: 'ticks' })).map((e) => e.value);
  const numbers = ticks.map(tickOf);
  for (const data of ticks) assert.ok(!data.presence, 'the server speaks for itself');
  for (let i = 1; i < numbers.length; i++) {
    assert.ok(numbers[i] > numbers[i - 1], `ticks go up: ${numbers}`);
  }
  return numbers.at(-1);
}

async function echo(ann, bob, id, lastTick) {
  await ann.socket.sendMatchState(id, OP_SAY, 'hello, fish');
  const { value: heard } = await ann.events.next('data', withOp(OP_ECHO), { what: 'the echo' });
  assert.equal(text(heard), 'hello, fish');
  assert.equal(heard.match_id, id);

  // The echo is for the sender alone: a later tick has reached the other, the echo has not.
  const answeredBy = tickOf(ann.events.all('data', withOp(OP_TICK)).at(-1));
  const later = Math.max(lastTick, answeredBy) + 1;
  await bob.events.next('data', (d) => withOp(OP_TICK)(d) && tickOf(d) > later, { what: 'a later tick' });
  assert.deepEqual(bob.events.all('data', withOp(OP_ECHO)), []);
}
