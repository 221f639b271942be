// A page that is loaded again, and one that is open twice: the client keeps what the sign-in gave, and refreshes before
// every call. Tokens live for 6 seconds here, so that what takes a minute and a half otherwise takes nine seconds.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from '@heroiclabs/nakama-js';
import { Player, refused } from './harness/player.js';
import { Server } from './harness/server.js';

const TOKEN_MS = 6_000;

// load is what a page does with the tokens that it has stored: a new client, and the session restored.
function load(server, { token, refresh_token: refresh }) {
  const tab = new Player(server, 'tab');
  tab.session = Session.restore(token, refresh);
  return tab;
}

// play makes calls, as a game does, until a time is over.
async function play(tab, ms) {
  const id = tab.session.user_id;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) {
    assert.equal((await tab.client.getAccount(tab.session)).user.id, id);
  }
}

// signedUp returns a player, and the tokens as a page stores them at the sign-in, once and for all.
async function signedUp(server) {
  const ann = new Player(server, 'ann');
  await ann.signUp();
  const { token, refresh_token } = ann.session;
  return [ann, { token, refresh_token }];
}

describe('a page loaded again, or twice', { concurrency: true }, () => {
  const server = new Server('FISHGAME_BIN', '-token-ttl', `${TOKEN_MS}ms`);
  before(() => server.start());
  after(() => server.stop());

  it('a reload with the tokens of the sign-in, after the first have expired', async (t) => {
    const [ann, stored] = await signedUp(server);
    await play(ann, 1.5 * TOKEN_MS);
    assert.notEqual(ann.session.token, stored.token);

    const again = load(server, stored);
    assert.equal(again.session.isexpired(Date.now() / 1000), true);
    await play(again, TOKEN_MS / 4);
    assert.equal(again.session.username, ann.username);
    await again.connect();
    t.after(() => again.socket.disconnect(false));
    await again.socket.createMatch();
    await play(ann, TOKEN_MS / 4); // the page of before may still be open
  });

  it('two tabs, and calls at the same time in each', async () => {
    const [, stored] = await signedUp(server);
    const tabs = [load(server, stored), load(server, stored)];
    await Promise.all(tabs.flatMap((tab) => [play(tab, 1.5 * TOKEN_MS), play(tab, 1.5 * TOKEN_MS)]));
  });

  it('a logout in one tab is one in the other, and closes its socket', async () => {
    const [ann, stored] = await signedUp(server);
    const tab = load(server, stored);
    await tab.connect();
    await ann.client.sessionLogout(ann.session, ann.session.token, ann.session.refresh_token);
    const closed = await tab.events.next('closed');
    assert.equal(closed.value.reason, 'server-side session disconnect');
    const { status, body } = await refused(tab.client.sessionRefresh(tab.session));
    assert.equal(status, 401);
    assert.equal(body.message, 'Refresh token invalid or expired.');
  });
});

describe('the same where refresh tokens rotate', () => {
  const server = new Server('FISHGAME_BIN', '-token-ttl', `${TOKEN_MS}ms`, '-rotate-refresh');
  before(() => server.start());
  after(() => server.stop());

  it('two tabs that refresh at once get the same tokens', async () => {
    const [, stored] = await signedUp(server);
    const [one, two] = await Promise.all([1, 2].map(async () => {
      const tab = load(server, stored);
      return tab.client.sessionRefresh(tab.session);
    }));
    assert.equal(one.token, two.token);
    assert.equal(one.refresh_token, two.refresh_token);
    await Promise.all([one, two].map((session) => play(load(server, session), TOKEN_MS)));
  });
});
