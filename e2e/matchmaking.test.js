// Two strangers find each other, and nothing that they say to each other is lost, doubled or out of order.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Player, text, wires } from './harness/player.js';
import { Server } from './harness/server.js';

const MESSAGES = 100;
const OP_CODE = 9001;

// The ticket of the real Fish Game, for one version of the client.
function queue(player, version) {
  const query = `+properties.game:fish_game +properties.engine:godot +properties.client_version:${version}`;
  return player.socket.addMatchmaker(query, 2, 4, { game: 'fish_game', engine: 'godot', client_version: version });
}

const matched = (player) => player.events.next('matched');

describe('matchmaking', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  for (const { name, formats } of wires) {
    it(`two players are matched and exchange ${MESSAGES} messages each way over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);
      const version = `v1.2.${randomUUID()}`;

      const tickets = await Promise.all([queue(ann, version), queue(bob, version)]);
      const results = (await Promise.all([matched(ann), matched(bob)])).map((event) => event.value);
      checkResults([ann, bob], tickets, results, version);

      await meet(ann, bob, results[0].token);
      await exchange(ann, bob);
    });
  }

  it('other versions of the game are left alone', async (t) => {
    const [ann, bob] = await Player.pair(t, server, ['json', 'json']);
    const old = await Player.online(t, server, 'old', 'json');
    const version = `v1.2.${randomUUID()}`;
    const { ticket } = await queue(old, `${version}-old`);
    await Promise.all([queue(ann, version), queue(bob, version)]);

    const { value } = await matched(ann);
    assert.deepEqual(new Set(value.users.map((u) => u.presence.user_id)), new Set([ann.userID, bob.userID]));
    await matched(bob);
    await old.socket.removeMatchmaker(ticket);
    assert.deepEqual(old.events.all('matched'), []);
  });
});

function checkResults(players, tickets, results, version) {
  const users = (result) => result.users.map((u) => u.presence.session_id);
  assert.deepEqual(users(results[0]), users(results[1]), 'both see the same list in the same order');
  assert.equal(results[0].token, results[1].token);

  players.forEach((player, i) => {
    const result = results[i];
    assert.ok(result.token, 'a relayed match comes as a token');
    assert.ok(!result.match_id, 'and without an id');
    assert.equal(result.ticket, tickets[i].ticket);
    assert.equal(result.self.presence.user_id, player.userID);
    assert.equal(result.self.presence.username, player.username);
    assert.equal(result.users.length, 2);
    for (const user of result.users) assert.equal(user.string_properties.client_version, version);
  });
}

// meet lets both join by token, the second when the first is in.
async function meet(first, second, token) {
  const created = await first.join(undefined, token);
  assert.match(created.match_id, /^[0-9a-f-]{36}\.$/, 'a relayed match has no node in its id');
  assert.deepEqual(created.presences ?? [], []);

  const joined = await second.join(undefined, token);
  assert.equal(joined.match_id, created.match_id);
  assert.deepEqual((joined.presences ?? []).map((p) => p.session_id), [first.sessionID]);

  await first.sees('joins', second);
  first.matchID = second.matchID = created.match_id;
}

async function exchange(ann, bob) {
  for (let n = 0; n < MESSAGES; n++) {
    for (const player of [ann, bob]) {
      await player.socket.sendMatchState(player.matchID, OP_CODE, JSON.stringify({ from: player.username, n }));
    }
  }
  const want = (from) => Array.from({ length: MESSAGES }, (_, n) => JSON.stringify({ from: from.username, n }));
  for (const [to, from] of [[ann, bob], [bob, ann]]) {
    const got = (await to.events.take(MESSAGES, 'data', () => true, { what: `${MESSAGES} messages` })).map((e) => e.value);
    assert.deepEqual(got.map(text), want(from));
    for (const message of got) {
      assert.equal(message.op_code, OP_CODE);
      assert.equal(message.match_id, to.matchID);
      assert.equal(message.presence.session_id, from.sessionID);
    }
  }
  // The acknowledgement of a leave follows everything that was sent before it: nothing came twice, nothing came back.
  for (const player of [ann, bob]) {
    await player.socket.leaveMatch(player.matchID);
    assert.equal(player.events.all('data').length, MESSAGES);
  }
}
