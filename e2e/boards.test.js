// Players compete on leaderboards and in tournaments, as the official client sees them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Player, refused } from './harness/player.js';
import { Server } from './harness/server.js';

// people signs up as many players as there are names.
async function people(server, ...names) {
  const players = names.map((name) => new Player(server, name));
  await Promise.all(players.map((p) => p.signUp()));
  return players;
}

const owners = (records) => records.map((r) => r.owner_id);
const ids = (...players) => players.map((p) => p.userID);

describe('a leaderboard', () => {
  const server = new Server('LOBBY_BIN');
  let ann, bob, cyd, dan;
  before(async () => {
    await server.start();
    [ann, bob, cyd, dan] = await people(server, 'ann', 'bob', 'cyd', 'dan');
  });
  after(() => server.stop());

  const write = (who, record) => who.client.writeLeaderboardRecord(who.session, 'quiz', record);
  const list = (who, ...rest) => who.client.listLeaderboardRecords(who.session, 'quiz', ...rest);
  // The client has it only further inside.
  const remove = (who, id) => who.client.apiClient.deleteLeaderboardRecord(who.session.token, id);
  const around = (who, whom, limit) => who.client.listLeaderboardRecordsAroundOwner(who.session, 'quiz', whom.userID, limit);

  it('keeps the best score of each', async () => {
    const first = await write(ann, { score: '10', subscore: '1', metadata: { level: 3 } });
    assert.equal(first.leaderboard_id, 'quiz');
    assert.equal(first.owner_id, ann.userID);
    assert.equal(first.username, ann.username);
    assert.deepEqual(
      [first.score, first.subscore, first.num_score, first.rank, first.max_num_score, first.metadata],
      [10, 1, 1, 1, 1_000_000, { level: 3 }],
    );
    assert.equal(first.expiry_time, undefined, 'the board never resets');

    const mixed = await write(ann, { score: '1', subscore: '20' });
    assert.deepEqual([mixed.score, mixed.subscore, mixed.num_score, mixed.metadata], [10, 20, 2, { level: 3 }]);
    const worse = await write(ann, { score: '9' });
    assert.deepEqual([worse.score, worse.subscore, worse.num_score], [10, 20, 2]);
  });

  it('is read in pages, forwards and backwards', async () => {
    await write(bob, { score: '30' });
    await write(cyd, { score: '20' });
    await write(dan, { score: '0' });

    const first = await list(ann, undefined, 2);
    assert.deepEqual(owners(first.records), ids(bob, cyd));
    assert.deepEqual(first.records.map((r) => r.rank), [1, 2]);
    assert.equal(first.rank_count, 4);
    assert.equal(first.prev_cursor, undefined);

    const second = await list(ann, undefined, 2, first.next_cursor);
    assert.deepEqual(owners(second.records), ids(ann, dan));
    assert.deepEqual(second.records.map((r) => [r.rank, r.score]), [[3, 10], [4, 0]]);
    assert.equal(second.next_cursor, undefined);

    assert.deepEqual((await list(ann, undefined, 2, second.prev_cursor)).records, first.records);
  });

  it('shows one record unless asked for more, and owners alone or besides', async () => {
    assert.deepEqual(owners((await list(ann)).records), ids(bob));
    const alone = await list(ann, ids(dan, ann));
    assert.deepEqual([owners(alone.records), owners(alone.owner_records)], [[], ids(ann, dan)]);
    assert.deepEqual(alone.owner_records.map((r) => r.rank), [3, 4]);
    const besides = await list(ann, ids(dan), 1);
    assert.deepEqual([owners(besides.records), owners(besides.owner_records)], [ids(bob), ids(dan)]);
  });

  it('shows who stands around a player', async () => {
    assert.deepEqual(owners((await around(ann, cyd, 3)).records), ids(bob, cyd, ann));
    assert.deepEqual(owners((await around(ann, bob, 2)).records), ids(bob, cyd));
    assert.deepEqual(owners((await around(ann, dan, 2)).records), ids(ann, dan));
    const [eve] = await people(server, 'eve');
    assert.deepEqual((await around(ann, eve, 2)).records, []);
  });

  it('lets a player take back the own record, again and again', async () => {
    await remove(cyd, 'quiz');
    await remove(cyd, 'quiz');
    const { records, rank_count: count } = await list(ann, undefined, 10);
    assert.deepEqual(owners(records), ids(bob, ann, dan));
    assert.deepEqual([records.map((r) => r.rank), count], [[1, 2, 3], 3]);
  });

  for (const [what, call, status, code, message] of [
    ['an unknown board', () => ann.client.writeLeaderboardRecord(ann.session, 'nope', { score: '1' }), 404, 5, 'Leaderboard not found.'],
    ['a score on an authoritative board', () => ann.client.writeLeaderboardRecord(ann.session, 'hall_of_fame', { score: '1' }),
      403, 7, 'Leaderboard only allows authoritative score submissions.'],
    ['a deletion on an authoritative board', () => remove(ann, 'hall_of_fame'),
      403, 7, 'Leaderboard only allows authoritative score deletions.'],
    ['too long a page', () => list(ann, undefined, 1001), 400, 3, 'Invalid limit - limit must be between 1 and 1000.'],
    ['too many neighbours', () => around(ann, ann, 101), 400, 3, 'Invalid limit - limit must be between 1 and 100.'],
    ['a cursor that is none', () => list(ann, undefined, 1, 'garbage'), 400, 3, 'Cursor is invalid or expired.'],
    ['an owner who is none', () => list(ann, ['nobody'], 1), 400, 3, 'One or more owner IDs are invalid.'],
    ['a score of a tournament', () => ann.client.writeLeaderboardRecord(ann.session, 'race', { score: '1' }), 404, 5, 'Leaderboard not found.'],
  ]) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(await refused(call()), { status, body: { code, message, error: message } });
    });
  }
});

describe('a tournament', () => {
  const server = new Server('LOBBY_BIN');
  let ann, bob, cyd;
  before(async () => {
    await server.start();
    [ann, bob, cyd] = await people(server, 'ann', 'bob', 'cyd');
  });
  after(() => server.stop());

  const join = (who) => who.client.joinTournament(who.session, 'race');
  const write = (who, score) => who.client.writeTournamentRecord(who.session, 'race', { score });
  const list = (who, ...rest) => who.client.listTournamentRecords(who.session, 'race', ...rest);

  it('is listed, by category', async () => {
    const { tournaments } = await ann.client.listTournaments(ann.session, 1, 1);
    assert.equal(tournaments.length, 1);
    const [race] = tournaments;
    assert.deepEqual(
      [race.id, race.title, race.category, race.sort_order, race.max_num_score, race.can_enter, race.size],
      ['race', 'Race of the year', 1, 0, 3, true, 0],
    );
    const now = Date.now() / 1000;
    assert.ok(race.start_active <= now && now < race.end_active && race.end_active === race.next_reset, JSON.stringify(race));
    assert.equal(Date.parse(race.start_time) / 1000, race.start_active);
    assert.deepEqual((await ann.client.listTournaments(ann.session, 2, 9)).tournaments, []);
  });

  it('is for those who have joined', async () => {
    const { status, body } = await refused(write(ann, '50'));
    assert.deepEqual([status, body.code, body.message], [400, 9, 'Must join tournament before attempting to write value.']);
    assert.equal(await join(ann), true);
    assert.equal(await join(ann), true);
    const { records } = await list(bob);
    assert.deepEqual(records.map((r) => [r.owner_id, r.score, r.num_score, r.rank]), [[ann.userID, 0, 0, 1]]);
  });

  it('takes three scores of each, and the lowest counts', async () => {
    await Promise.all([join(bob), join(cyd)]);
    await write(bob, '45');
    await write(cyd, '55');
    for (const [score, best] of [['50', 50], ['60', 50], ['40', 40]]) assert.equal((await write(ann, score)).score, best);
    const { status, body } = await refused(write(ann, '30'));
    assert.deepEqual([status, body.code, body.message], [400, 9, 'Reached allowed max number of score attempts.']);

    const { records, owner_records: own, next_cursor: next } = await list(ann, ids(cyd), 2);
    assert.deepEqual(owners(records), ids(ann, bob));
    assert.deepEqual(own.map((r) => [r.owner_id, r.rank, r.max_num_score]), [[cyd.userID, 3, 3]]);
    assert.match(records[0].expiry_time, /^\d{4}-01-01T00:00:00Z$/);
    assert.deepEqual(owners((await list(ann, undefined, 2, next)).records), ids(cyd));
    assert.equal((await ann.client.listTournaments(ann.session)).tournaments[0].size, 3);
  });

  it('shows who stands around a player', async () => {
    const around = async (who, limit) => {
      const { records } = await ann.client.listTournamentRecordsAroundOwner(ann.session, 'race', who.userID, limit);
      return owners(records);
    };
    assert.deepEqual(await around(bob), ids(ann, bob, cyd));
    assert.deepEqual(await around(cyd, 2), ids(bob, cyd));
  });

  it('lets a player leave', async () => {
    await bob.client.deleteTournamentRecord(bob.session, 'race');
    assert.deepEqual(owners((await list(ann)).records), ids(ann, cyd));
    const { body } = await refused(write(bob, '1'));
    assert.equal(body.message, 'Must join tournament before attempting to write value.');
  });

  for (const [what, call, status, code, message] of [
    ['to join what is none', () => ann.client.joinTournament(ann.session, 'quiz'), 404, 5, 'Tournament not found.'],
    ['a score for what is none', () => ann.client.writeTournamentRecord(ann.session, 'quiz', { score: '1' }), 404, 5, 'Tournament not found.'],
    ['a deletion from what is none', () => ann.client.deleteTournamentRecord(ann.session, 'quiz'), 404, 5, 'Tournament not found.'],
    ['too long a page', () => list(ann, undefined, 101), 400, 3, 'Invalid limit - limit must be between 1 and 100.'],
    ['too long a list', () => ann.client.listTournaments(ann.session, 0, 9, undefined, undefined, 101),
      400, 3, 'Invalid limit - limit must be between 1 and 100.'],
    ['a cursor that is none', () => list(ann, undefined, 1, 'garbage'), 400, 3, 'Cursor is invalid or expired.'],
  ]) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(await refused(call()), { status, body: { code, message, error: message } });
    });
  }
});
