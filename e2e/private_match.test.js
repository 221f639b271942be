// One player opens a match and tells a friend its id.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Player, text, wires } from './harness/player.js';
import { Server } from './harness/server.js';

describe('private match', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  for (const { name, formats } of wires) {
    it(`one creates it, the other joins by id, over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);

      const created = await ann.socket.createMatch();
      ann.sessionID = created.self.session_id;
      assert.match(created.match_id, /^[0-9a-f-]{36}\.$/);
      assert.equal(created.size, 1);
      assert.equal(created.self.user_id, ann.userID);

      const joined = await bob.join(created.match_id);
      assert.equal(joined.match_id, created.match_id);
      assert.equal(joined.self.user_id, bob.userID);
      assert.deepEqual(joined.presences.map((p) => p.session_id), [ann.sessionID]);
      assert.ok(!joined.authoritative);
      await ann.sees('joins', bob);

      await ann.socket.sendMatchState(created.match_id, 9002, 'welcome');
      const { value: welcome } = await bob.events.next('data');
      assert.equal(welcome.op_code, 9002);
      assert.equal(text(welcome), 'welcome');
      assert.equal(welcome.presence.username, ann.username);

      // The game leaves twice when the player goes back; both are acknowledged.
      await bob.socket.leaveMatch(created.match_id);
      await bob.socket.leaveMatch(created.match_id);
      await ann.sees('leaves', bob);

      // The last one out closes the door.
      await ann.socket.leaveMatch(created.match_id);
      await assert.rejects(bob.join(created.match_id), { code: 4, message: 'Match not found' });
    });
  }

  for (const format of ['json', 'protobuf']) {
    it(`what is no match cannot be joined, over ${format}`, async (t) => {
      const ann = await Player.online(t, server, 'ann', format);
      await assert.rejects(ann.join(`${randomUUID()}.`), { code: 4, message: 'Match not found' });
      await assert.rejects(ann.join('zzz'), { code: 3, message: 'Invalid match ID' });
    });
  }
});
