// The server is told to stop in the middle of a match: the players hear of it, in order, and it goes in peace.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, OP_GOODBYE, OP_TICK, withOp } from './harness/fish_match.js';
import { Player, wires } from './harness/player.js';
import { Server } from './harness/server.js';

describe('SIGTERM in mid-match', () => {
  for (const { name, formats } of wires) {
    it(`says goodbye, then leave, then closes, over ${name}`, async (t) => {
      const server = new Server();
      t.after(() => server.stop());
      await server.start();
      const [ann, bob] = await Player.pair(t, server, formats);
      const id = await create(ann);
      for (const player of [ann, bob]) {
        await player.join(id);
        await player.events.next('data', withOp(OP_TICK), { what: 'a tick' });
      }

      const gone = server.end('SIGTERM');
      for (const player of [ann, bob]) await farewell(player, id);

      assert.deepEqual(await gone, { code: 0, signal: null }, server.log);
    });
  }
});

async function farewell(player, id) {
  const goodbye = await player.events.next('data', withOp(OP_GOODBYE), { what: 'what Terminate broadcasts' });
  const leave = await player.sees('leaves', player);
  const closed = await player.events.next('closed', () => true, { what: 'a close frame' });

  assert.equal(goodbye.value.match_id, id);
  assert.equal(leave.value.match_id, id);
  assert.ok(goodbye.index < leave.index, 'the goodbye comes before the leave');
  assert.ok(leave.index < closed.index, 'the leave comes before the close');
  assert.equal(closed.value.clean, true, 'closed with a close frame');
  assert.ok([1000, 1001].includes(closed.value.code), `closed with ${closed.value.code}`);
}
