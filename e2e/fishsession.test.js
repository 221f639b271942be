// The Fish Game when sessions expire and servers come and go.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch } from './harness/chromium.js';
import { FishPage } from './harness/fish_page.js';
import { Server } from './harness/server.js';
import { SlowNetwork } from './harness/slow_network.js';

const FIGHT = 1;
const EXPIRED = 'Your session has expired. Please sign in again.';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe('the Fish Game when the session has expired', () => {
  const server = new Server('FISHGAME_BIN', '-token-ttl', '4s', '-refresh-ttl', '5s');
  before(() => server.start());
  after(() => server.stop());

  // late waits until nothing of the session is good any more, where the page asks the server for nothing.
  const late = async (page) => {
    await page.click('board');
    await page.on('leaderboard');
    await page.until(() => Date.now() > (globalThis.fishgame.who.client.session?.refreshExpires ?? 0) + 500);
  };

  for (const [who, how] of [['a guest', (page) => page.guest()], ['an account', (page) => page.signUp('ann')]]) {
    it(`${who} is signed in again, without being asked`, async (t) => {
      const ann = await FishPage.open(t, browser, server);
      await how(ann);
      const user = await ann.tab.evaluate(() => globalThis.fishgame.who.user);
      await late(ann);
      await ann.click('back'); // to a list of fights that is asked for now and then
      await ann.hears('Session expired! Reconnecting…');
      await late(ann);
      await ann.click('back');
      await ann.click('create'); // which needs a socket too
      await ann.on('ready');
      assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.who.user), user);
    });
  }

  it('who is unknown after a reload is asked, and goes on where it was', async (t) => {
    const ann = await FishPage.open(t, browser, server);
    await ann.signUp('ann');
    await late(ann);
    await ann.tab.reload();
    await ann.on('connection');
    await ann.hears(EXPIRED);
    assert.equal(await ann.text('#message'), EXPIRED, 'for as long as it takes');
    await ann.click('title');
    await ann.click('board');
    await ann.tab.click('#tab-login');
    await ann.tab.fill('#form-login [name=email]', `${ann.name}@fish.example`);
    await ann.tab.fill('#form-login [name=password]', 'password-for-fish');
    await ann.tab.click('#form-login .big');
    await ann.on('leaderboard');
  });
});

describe('the Fish Game when the server goes', () => {
  const server = new Server('FISHGAME_BIN', '-wins', '20', '-countdown', '300ms');
  const network = new SlowNetwork(server);
  before(async () => {
    await server.start();
    await network.start();
  });
  after(async () => {
    network.stop();
    await server.stop();
  });

  it('who was remembered is still known when the browser starts again', async (t) => {
    const ann = await FishPage.open(t, browser, network);
    await ann.signUp('ann');
    const storageState = await ann.tab.context().storageState();
    const later = await FishPage.open(t, browser, network, { storageState });
    await later.on('match');
    assert.equal(await later.text('#who'), ann.name);
  });

  it('in a fight, by SIGTERM and by SIGKILL: the page says so, and is back when the server is', async (t) => {
    const ann = await FishPage.open(t, browser, network);
    await ann.guest();
    for (const signal of ['SIGTERM', 'SIGKILL']) {
      await fight(ann);
      await server.end(signal);
      if (signal === 'SIGTERM') await ann.hears('The server is going down. See you soon!');
      await ann.until(() => !globalThis.fishgame.socket.connected);
      await server.start();
      await ann.until(() => globalThis.fishgame.socket.connected && document.body.dataset.shown === 'match');
    }
    await fight(ann);
  });

  it('while others are looked for: the search is over, and can begin anew', async (t) => {
    const ann = await FishPage.open(t, browser, network);
    await ann.guest();
    await ann.mode('relayed');
    await ann.click('quick');
    await ann.on('search');
    await ann.until(() => globalThis.fishgame.socket.connected);
    network.cut();
    await ann.on('match');
    network.mend();
    await ann.hears('You are back.');
    await ann.click('quick');
    await ann.on('search');
  });
});

// fight plays against bots.
async function fight(page) {
  await page.click('create');
  await page.on('ready');
  await page.click('fill');
  await page.until(() => globalThis.fishgame.game.roster?.players.every(Boolean));
  await page.click('ready');
  await page.phase(FIGHT);
}
