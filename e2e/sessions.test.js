// A session of 60 seconds: the client refreshes it before every call, and must never be logged out by that.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Session } from '@heroiclabs/nakama-js';
import { CuttingProxy } from './harness/cutting_proxy.js';
import { Player } from './harness/player.js';
import { Server } from './harness/server.js';

const REFRESH = '/v2/account/session/refresh';

describe('a session of 60 seconds', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  it('ten calls at once, each of which refreshes it, all succeed', async (t) => {
    let refreshes = 0;
    const network = new CuttingProxy(server, (asked) => {
      refreshes += asked.split(REFRESH).length - 1;
      return false;
    });
    await network.start();
    t.after(() => network.stop());
    const ann = new Player(network, 'ann');
    await ann.signUp();
    assert.ok(ann.session.expires_at - ann.session.created_at <= 61, 'it is a short one');
    for (let round = 1; round <= 3; round++) {
      const accounts = await Promise.all(Array.from({ length: 10 }, () => ann.client.getAccount(ann.session)));
      assert.deepEqual(accounts.map((a) => a.user.id), Array(10).fill(ann.userID));
      assert.equal(refreshes, 10 * round, 'every call comes after a refresh of its own');
    }
  });

  it('a refresh whose answer is lost is repeated with the same token', async (t) => {
    let failing = false;
    const network = new CuttingProxy(server, (asked) => failing && asked.includes(REFRESH));
    await network.start();
    t.after(() => network.stop());
    const ann = new Player(network, 'ann');
    await ann.signUp();
    const stored = [ann.session.token, ann.session.refresh_token];

    failing = true;
    await assert.rejects(ann.client.getAccount(ann.session), TypeError, 'the connection breaks');
    await assert.rejects(ann.client.sessionRefresh(ann.session), TypeError);
    assert.equal(network.lost, 2);
    assert.equal(ann.session.refresh_token, stored[1], 'the client knows of no other');

    failing = false;
    const back = await ann.client.sessionRefresh(Session.restore(...stored));
    assert.equal((await ann.client.getAccount(back)).user.id, ann.userID);
  });
});
