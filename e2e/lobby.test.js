// Players meet in a lobby that the server drives: its functions, its streams, its notifications.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Player, refused, wires } from './harness/player.js';
import { Server } from './harness/server.js';

const LOBBY_MODE = 100;
const GIFT = 1;

describe('a lobby', () => {
  const server = new Server('LOBBY_BIN');
  before(() => server.start());
  after(() => server.stop());

  for (const { name, formats } of wires) {
    it(`shows who comes, what is said and who goes, over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);
      const lobby = `lobby of ${ann.username}`;
      const enter = async (who) => JSON.parse((await who.socket.rpc('enter', lobby)).payload);
      assert.deepEqual(await enter(ann), { size: 1 });
      assert.deepEqual(await enter(bob), { size: 2 });
      const { value: { stream } } = await ann.events.next('stream presence', (e) => e.joins?.some((p) => p.user_id === bob.userID));
      assert.equal(stream.mode, LOBBY_MODE);
      assert.equal(stream.label, lobby);

      await ann.socket.rpc('say', JSON.stringify({ lobby, text: 'hello, ä' }));
      for (const who of [ann, bob]) {
        const { value: said } = await who.events.next('stream data');
        assert.equal(said.data, 'hello, ä');
        assert.equal(said.sender.user_id, ann.userID);
        assert.equal(said.stream.label, lobby);
      }
      await bob.socket.rpc('leave', lobby);
      await ann.events.next('stream presence', (e) => e.leaves?.some((p) => p.user_id === bob.userID));
      assert.deepEqual(await enter(bob), { size: 2 });
      bob.socket.disconnect(false);
      await ann.events.next('stream presence', (e) => e.leaves?.length > 0 && e.leaves[0].user_id === bob.userID);
    });

    it(`the server refuses what it has no use for, over ${name}`, async (t) => {
      const [ann] = await Player.pair(t, server, formats);
      await assert.rejects(ann.socket.createParty(true, 2), {
        code: 7, message: 'there are no parties here, only lobbies',
      });
      await ann.socket.rpc('enter', ann.username);
      const there = await fetch(`http://${server.host}:${server.port}/lobby/${ann.username}`);
      assert.deepEqual(await there.json(), [ann.username], 'a route of its own');
    });

    it(`functions answer and fail, over ${name}`, async (t) => {
      const [ann] = await Player.pair(t, server, formats);
      const { id, payload } = await ann.socket.rpc('Enter', 'x');
      assert.equal(id, 'Enter');
      assert.deepEqual(JSON.parse(payload), { size: 1 });
      await assert.rejects(ann.socket.rpc('refuse', ''), { code: 7, message: 'out of luck' });
      await assert.rejects(ann.socket.rpc('refuse', '"typed"'), { code: 7, message: 'not now' });
      await assert.rejects(ann.socket.rpc('nothing', ''), { code: 6, message: 'RPC function not found' });
    });

    it(`a gift is told at once, and kept, over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);
      for (const what of ['a fish', 'a hook']) {
        await ann.socket.rpc('give', JSON.stringify({ to: bob.userID, what }));
      }
      const gifts = await bob.events.take(2, 'notification');
      assert.deepEqual(gifts.map((g) => g.value.subject), ['a gift', 'a gift']);
      assert.equal(gifts[0].value.code, GIFT);
      assert.equal(gifts[0].value.sender_id, ann.userID);
      const whatOf = (n) => (typeof n.content === 'string' ? JSON.parse(n.content) : n.content).what;
      assert.deepEqual(gifts.map((g) => whatOf(g.value)), ['a fish', 'a hook']);

      const first = await bob.client.listNotifications(bob.session, 1);
      assert.deepEqual(first.notifications.map((n) => [whatOf(n), n.persistent]), [['a fish', true]]);
      const rest = await bob.client.listNotifications(bob.session, 10, first.cacheable_cursor);
      assert.deepEqual(rest.notifications.map(whatOf), ['a hook']);
      await bob.client.deleteNotifications(bob.session, [first.notifications[0].id]);
      const left = await bob.client.listNotifications(bob.session, 10);
      assert.deepEqual(left.notifications.map(whatOf), ['a hook']);
    });
  }

  it('functions over HTTP, of a user and of a server', async () => {
    const ann = new Player(server, 'ann');
    await ann.signUp();
    const { status, body } = await refused(ann.client.rpc(ann.session, 'enter', 'x'));
    assert.deepEqual([status, body.code, body.message], [400, 9, 'call this over the socket']);
    const give = { to: ann.userID, what: 'from afar' };
    await ann.client.rpc(ann.session, 'give', give);
    const { notifications } = await ann.client.listNotifications(ann.session, 10);
    assert.equal(notifications.length, 1);
    const keyed = await refused(ann.client.rpcHttpKey('servers only', 'refuse', {}));
    assert.deepEqual([keyed.status, keyed.body.message], [500, 'out of luck']);
    const unkeyed = await refused(ann.client.rpcHttpKey('wrong', 'refuse', {}));
    assert.deepEqual([unkeyed.status, unkeyed.body.message], [401, 'HTTP key invalid']);
  });
});
