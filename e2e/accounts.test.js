// A player signs up, comes back, and is kept out with the wrong password.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from '@heroiclabs/nakama-js';
import { Player, refused, SERVER_KEY, wires } from './harness/player.js';
import { Server } from './harness/server.js';

describe('accounts', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  it('two users sign up by email, each with an account of their own', async () => {
    const [ann, bob] = [new Player(server, 'ann'), new Player(server, 'bob')];
    await Promise.all([ann.signUp(), bob.signUp()]);

    assert.equal(ann.session.created, true);
    assert.equal(ann.session.username, ann.username);
    assert.notEqual(ann.userID, bob.userID);

    const account = await bob.client.getAccount(bob.session);
    assert.equal(account.user.id, bob.userID);
    assert.equal(account.user.username, bob.username);
    assert.equal(account.email, bob.email);
  });

  it('signing in again finds the same account', async () => {
    const ann = new Player(server, 'ann');
    await ann.signUp();
    const again = await ann.client.authenticateEmail(ann.email, ann.password, false);
    assert.equal(again.created, false);
    assert.equal(again.user_id, ann.userID);
    assert.equal(again.username, ann.username);
  });

  for (const create of [true, false]) {
    it(`a wrong password is refused with create=${create}`, async () => {
      const ann = new Player(server, 'ann');
      await ann.signUp();
      const { status, body } = await refused(ann.client.authenticateEmail(ann.email, 'not-her-password', create));
      assert.equal(status, 401);
      assert.deepEqual(body, { code: 16, message: 'Invalid credentials.', error: 'Invalid credentials.' });
    });
  }

  it('an unknown account is not found', async () => {
    const nobody = new Player(server, 'nobody');
    const { status, body } = await refused(nobody.client.authenticateEmail(nobody.email, nobody.password, false));
    assert.equal(status, 404);
    assert.deepEqual(body, { code: 5, message: 'User account not found.', error: 'User account not found.' });
  });

  it('a taken username is refused', async () => {
    const [ann, copy] = [new Player(server, 'ann'), new Player(server, 'copy')];
    await ann.signUp();
    copy.username = ann.username;
    const { status, body } = await refused(copy.signUp());
    assert.equal(status, 409);
    assert.equal(body.code, 6);
    assert.equal(body.message, 'Username is already in use.');
  });

  it('a wrong server key is refused', async () => {
    const stranger = new Client(`not-${SERVER_KEY}`, server.host, server.port);
    const { status, body } = await refused(stranger.authenticateEmail('who@fish.example', 'password-for-fish', true));
    assert.equal(status, 401);
    assert.equal(body.code, 16);
    assert.equal(body.message, 'Server key invalid');
  });

  it('a refreshed session is the same account', async () => {
    const ann = new Player(server, 'ann');
    await ann.signUp();
    const { user_id: id, token } = ann.session;
    const refreshed = await ann.client.sessionRefresh(ann.session);
    assert.equal(refreshed.user_id, id);
    assert.equal(refreshed.token.split('.').length, token.split('.').length);
    assert.equal((await ann.client.getAccount(refreshed)).user.id, id);
  });

  it('after a logout the session is refused', async () => {
    const ann = new Player(server, 'ann');
    await ann.signUp();
    const { token, refresh_token: refresh } = ann.session;
    await ann.client.sessionLogout(ann.session, token, refresh);

    const { status, body } = await refused(ann.client.sessionRefresh(ann.session));
    assert.equal(status, 401);
    assert.equal(body.message, 'Refresh token invalid or expired.');
  });

  for (const { name, formats } of wires) {
    it(`both open sockets over ${name}`, async (t) => {
      const [ann, bob] = await Player.pair(t, server, formats);
      for (const player of [ann, bob]) {
        await assert.rejects(player.socket.rpc('no_such_function', ''), { code: 6, message: 'RPC function not found' });
      }
    });
  }
});
