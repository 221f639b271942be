// What the server acknowledged is still there after it was killed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Player } from './harness/player.js';
import { Server } from './harness/server.js';

const BOARD = 'fish_game_wins';

async function top(player) {
  const { records } = await player.client.listLeaderboardRecords(player.session, BOARD, undefined, 10);
  return records;
}

const win = (player) => player.client.writeLeaderboardRecord(player.session, BOARD, { score: '1', subscore: '0' });

describe('the board and the accounts', () => {
  it('survive kill -9', async (t) => {
    const server = new Server();
    t.after(() => server.stop());
    await server.start();
    const [winner, loser] = [new Player(server, 'winner'), new Player(server, 'loser')];
    await Promise.all([winner.signUp(), loser.signUp()]);

    assert.equal((await win(winner)).score, 1);
    await win(loser);
    const written = await win(winner);
    assert.equal(written.score, 2);
    assert.equal(written.num_score, 2);
    assert.equal(written.rank, 1);

    const want = [[winner.username, 2, 1], [loser.username, 1, 2]];
    const shown = (records) => records.map((r) => [r.username, r.score, r.rank]);
    assert.deepEqual(shown(await top(loser)), want);

    assert.deepEqual(await server.end('SIGKILL'), { code: null, signal: 'SIGKILL' });
    await server.start();

    const back = await Player.back(server, winner);
    assert.equal(back.session.created, false);
    assert.equal(back.userID, winner.userID);
    assert.equal(back.session.username, winner.username);
    assert.deepEqual(shown(await top(back)), want);

    // Ranks and counts go on from where they were.
    assert.equal((await win(back)).score, 3);

    // The keys that sign tokens are kept as well: who was signed in still is.
    loser.client = new Player(server, 'loser').client;
    assert.equal((await loser.client.getAccount(loser.session)).user.id, loser.userID);
  });
});
