// The client for browsers that comes with the Fish Game (examples/fishgame/web/client), where no page is needed: its sessions,
// parties and its way back. The game's own page uses the rest.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import WS from 'ws';
import { Client } from '../examples/fishgame/web/client/client.js';
import { Socket } from '../examples/fishgame/web/client/socket.js';
import { Server } from './harness/server.js';

// Node has a WebSocket of its own from 22 on. Like a browser's, this one does not throw what nobody listens for.
globalThis.WebSocket ??= class extends WS {
  constructor(url) {
    super(url);
    this.on('error', () => {});
  }
};

const client = ({ host, port }) => new Client({ key: 'defaultkey', base: `http://${host}:${port}` });

// told resolves with what the next event of a socket says that fits.
const told = (socket, type, fits = () => true) => new Promise((resolve) => {
  socket.addEventListener(type, function listen({ detail }) {
    if (!fits(detail)) return;
    socket.removeEventListener(type, listen);
    resolve(detail);
  });
});

async function player(t, server) {
  const who = client(server);
  await who.signInWithDevice(randomUUID());
  const socket = new Socket(who);
  t.after(() => socket.close());
  await socket.open();
  return { who, socket };
}

describe('sessions of the browser client', () => {
  const server = new Server('FISHGAME_BIN', '-token-ttl', '1m', '-rotate-refresh');
  before(() => server.start());
  after(() => server.stop());

  it('a token is renewed before it expires, once for all who wait', async () => {
    const ann = client(server);
    const first = await ann.signInWithDevice(randomUUID());
    const renewed = [];
    ann.onsession = (session) => renewed.push(session);
    first.expires = Date.now() + 1_000;
    await Promise.all([1, 2, 3].map(() => ann.leaderboard('fish_game_wins'))); // the refresh token is good only once
    assert.equal(renewed.length, 1);
    assert.notEqual(ann.session.token, first.token);
    assert.equal(ann.session.userID, first.userID);
  });

  it('a token that the server refuses is renewed too', async () => {
    const ann = client(server);
    const { token } = await ann.signInWithDevice(randomUUID());
    ann.session.token = token.slice(0, -6) + 'AAAAAA';
    assert.deepEqual((await ann.leaderboard('fish_game_wins')).records, []);
    ann.session.token = token.slice(0, -6) + 'AAAAAA';
    const socket = new Socket(ann);
    await assert.rejects(socket.open(), { message: 'The server cannot be reached' }, 'a browser does not say why');
    await socket.open();
    socket.close();
  });

  it('who cannot be renewed has to sign in again', async () => {
    const ann = client(server);
    const { token, refreshToken } = await ann.signInWithDevice(randomUUID());
    const elsewhere = client(server);
    await elsewhere.resume(token, refreshToken);
    await elsewhere.signOut();
    let last;
    ann.onsession = (session) => (last = session);
    await assert.rejects(ann.leaderboard('fish_game_wins'), { name: 'SessionExpired' });
    assert.equal(last, null);
    await assert.rejects(ann.leaderboard('fish_game_wins'), { name: 'SessionExpired' });
  });
});

describe('the socket of the browser client', () => {
  const server = new Server();
  before(() => server.start());
  after(() => server.stop());

  it('two form a party, talk, and find a match together', async (t) => {
    const [ann, bob] = await Promise.all([player(t, server), player(t, server)]);
    const party = await ann.socket.createParty({ open: true, max: 2 });
    const joined = told(ann.socket, 'party', (p) => p.joins?.some((j) => j.user_id === bob.who.session.userID));
    await bob.socket.joinParty(party.party_id);
    assert.equal((await joined).kind, 'party_presence_event');

    const heard = told(bob.socket, 'party', (p) => p.kind === 'party_data');
    await ann.socket.sendToParty(party.party_id, 7, { hello: 'bob' });
    const { data, op_code: op } = await heard;
    assert.deepEqual([Number(op), JSON.parse(atob(data))], [7, { hello: 'bob' }]);

    const found = Promise.all([told(ann.socket, 'matched'), told(bob.socket, 'matched')]);
    assert.ok(await ann.socket.addPartyToMatchmaker(party.party_id, { min: 2, max: 2 }), 'a ticket');
    const tokens = (await found).map((m) => m.token);
    const matches = await Promise.all([ann.socket.joinMatch({ token: tokens[0] }), bob.socket.joinMatch({ token: tokens[1] })]);
    assert.equal(matches[0].match_id, matches[1].match_id);

    const gone = told(ann.socket, 'party', (p) => p.leaves?.length > 0);
    await bob.socket.leaveParty(party.party_id);
    await gone;
    await assert.rejects(bob.socket.sendToParty(party.party_id, 7, {}), { name: 'SocketError' });
  });
});
