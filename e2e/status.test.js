// Players follow each other and see who is online, and what they say of themselves.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Player, wires } from './harness/player.js';
import { Server } from './harness/server.js';

const of = (player, status) => (p) => p.user_id === player.userID && p.status === status;
const came = (player, status) => (e) => (e.joins ?? []).some(of(player, status));
const went = (player, status) => (e) => (e.leaves ?? []).some(of(player, status));

describe('status', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  for (const { name, formats } of wires) {
    it(`those who follow are told, over ${name}`, async (t) => {
      const ann = await Player.online(t, server, 'ann', formats[0]);
      const bob = await Player.online(t, server, 'bob', formats[1], { online: true });
      await bob.events.next('status', came(bob, ''), { what: 'its own coming online' });

      const shown = await ann.socket.followUsers([bob.userID, randomUUID()]);
      assert.deepEqual(shown.presences.map((p) => p.username), [bob.username]);
      assert.equal(shown.presences[0].status, '');
      const { users } = await ann.client.getUsers(ann.session, [bob.userID]);
      assert.equal(users[0].online, true);

      await bob.socket.updateStatus('fishing');
      const { value: changed } = await ann.events.next('status', came(bob, 'fishing'));
      assert.ok(went(bob, '')(changed), 'how it was comes with how it is');
      await assert.rejects(bob.socket.updateStatus('x'.repeat(2049)), {
        code: 3, message: 'Status must be 2048 characters or less',
      });

      await bob.socket.updateStatus();
      await ann.events.next('status', went(bob, 'fishing'));
      await bob.socket.updateStatus('back');
      await ann.events.next('status', came(bob, 'back'));

      await ann.socket.unfollowUsers([bob.userID]);
      await bob.socket.updateStatus('unseen');
      await ann.socket.followUsers([bob.userID]);
      bob.socket.disconnect(false);
      await ann.events.next('status', went(bob, 'unseen'));
      assert.deepEqual(ann.events.all('status', came(bob, 'unseen')), [], 'not while it did not follow');
    });
  }

  it('nobody is online who does not say so', async (t) => {
    const [ann, bob] = await Player.pair(t, server, ['json', 'json']);
    assert.deepEqual((await ann.socket.followUsers([bob.userID])).presences ?? [], []);
    const { users } = await ann.client.getUsers(ann.session, [bob.userID]);
    assert.ok(!users[0].online);
    await assert.rejects(ann.socket.followUsers(['bob']), { code: 3, message: 'Invalid user identifier' });
  });
});
