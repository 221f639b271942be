// The Fish Game, played in a browser as people play it: by its buttons and keys.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch } from './harness/chromium.js';
import { FishPage } from './harness/fish_page.js';
import { Server } from './harness/server.js';
import { SlowNetwork } from './harness/slow_network.js';

const FIGHT = 1, MATCH_OVER = 3;
const BOTS = 3;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe('the Fish Game between two pages', () => {
  const server = new Server('FISHGAME_BIN', '-wins', '2', '-countdown', '500ms', '-bots-after', '1m');
  before(() => server.start());
  after(() => server.stop());

  for (const mode of ['authoritative', 'relayed']) {
    it(`is found by the matchmaker, played to its end and counted: ${mode}`, async (t) => {
      const [ann, bob] = await Promise.all([FishPage.open(t, browser, server), FishPage.open(t, browser, server)]);
      await Promise.all([ann.signUp('ann'), bob.signUp('bob')]);
      for (const page of [ann, bob]) {
        await page.mode(mode);
        await page.click('quick');
      }
      await begin(ann, bob);
      assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.game.kind), mode);

      await walkIntoTheSea(bob, ann);
      await Promise.all([ann.on('winner'), bob.on('winner')]);
      assert.equal(await ann.text('#winner-name'), 'You win!');
      assert.equal(await bob.text('#winner-name'), `${ann.name} wins!`);
      await onTheBoard(bob, ann.name, 1);
    });
  }

  for (const mode of ['authoritative', 'relayed']) {
    it(`who stays when the others leave has won, once: ${mode}`, async (t) => {
      const [ann, bob] = await Promise.all([FishPage.open(t, browser, server), FishPage.open(t, browser, server)]);
      await Promise.all([ann.signUp('ann'), bob.signUp('bob')]);
      await ann.mode(mode);
      await joinByCode(ann, bob);
      await begin(ann, bob);
      await bob.tab.click('#quit');
      await ann.on('winner');
      assert.equal(await ann.text('#winner-name'), 'You win!');
      assert.match(await ann.text('#winner-note'), /^All others have left/);
      await bob.on('match');
      await bob.tab.fill('#join input', await ann.text('#code'));
      await bob.tab.click('#join button');
      await bob.until(() => globalThis.fishgame.game?.roster?.phase === 3);
      await ann.until(() => globalThis.fishgame.wins.pending === 0);
      await ann.tab.reload(); // to come back to a match that one has won is no other win
      await ann.until(() => globalThis.fishgame?.game?.roster?.phase === 3);
      await bob.click('leave');
      await bob.on('match');
      await onTheBoard(bob, ann.name, 1);
    });
  }

  const faults = {
    'does not reach the server': (route) => route.abort(),
    'is done, but its answer is lost': async (route) => {
      await route.fetch();
      await route.abort();
    },
  };
  for (const [how, fault] of Object.entries(faults)) {
    it(`a win that a page writes is tried again, and counted once: the first try ${how}`, async (t) => {
      const [ann, bob] = await Promise.all([FishPage.open(t, browser, server), FishPage.open(t, browser, server)]);
      await Promise.all([ann.signUp('ann'), bob.signUp('bob')]);
      await ann.mode('relayed');
      await joinByCode(ann, bob);
      await begin(ann, bob);
      let writes = 0;
      await ann.tab.route('**/v2/leaderboard/*', (route) => (route.request().method() === 'POST' && ++writes === 1 ? fault(route) : route.continue()));
      await bob.tab.click('#quit');
      await ann.hears('Your win is not on the leaderboard yet. Trying again…');
      await ann.hears('Your win is on the leaderboard now.');
      await bob.on('match');
      await onTheBoard(bob, ann.name, 1);
    });
  }

  it('who comes back to a match that nobody was left in is told', async (t) => {
    const [ann, bob] = await Promise.all([FishPage.open(t, browser, server), FishPage.open(t, browser, server)]);
    await Promise.all([ann.guest(), bob.guest()]);
    await ann.mode('relayed');
    await ann.click('create');
    await ann.on('ready');
    const [page, code] = [ann.tab.url(), await ann.text('#code')];
    await ann.tab.goto('about:blank');
    await bob.until((it) => globalThis.fishgame.who.client.rpc('find_match', { code: it }).then(() => false, () => true), code);
    await ann.tab.goto(page);
    await ann.hears('You are back, but your match is gone.');
    await ann.on('match');
  });

  it('a friend joins a private match by its link', async (t) => {
    const ann = await FishPage.open(t, browser, server);
    await ann.guest();
    await ann.click('create');
    await ann.on('ready');
    const code = await ann.text('#code');
    assert.match(code, /^[A-Z2-9]{5}$/);

    const bob = await FishPage.open(t, browser, server, { hash: `#join=${code}` });
    await bob.tab.click('#form-guest .big');
    await begin(ann, bob);
  });

  for (const mode of ['authoritative', 'relayed']) {
    it(`a page that was cut off, or loaded again, comes back to its seat: ${mode}`, async (t) => {
      const network = new SlowNetwork(server);
      await network.start();
      t.after(() => network.stop());
      const [ann, bob] = [await FishPage.open(t, browser, network), await FishPage.open(t, browser, server)];
      await Promise.all([ann.signUp('ann'), bob.signUp('bob')]);
      for (const page of [ann, bob]) {
        await page.mode(mode);
        await page.click('quick');
      }
      await begin(ann, bob);
      await Promise.all([ann.free(), bob.free()]);
      const before = await ann.tab.evaluate(() => globalThis.fishgame.game.seat);

      network.cut();
      await bob.until(() => globalThis.fishgame.game.roster.players.some((p) => p?.away));
      network.mend();
      await ann.hears('You are back.');
      await bob.until(() => !globalThis.fishgame.game.roster.players.some((p) => p?.away));
      assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.game.seat), before);
      await inAgreement(ann, bob);
      await ann.free();
      await answersKeys(ann);

      await ann.tab.reload();
      await ann.until(() => globalThis.fishgame?.game?.roster);
      await inAgreement(ann, bob);
      await ann.free();
      assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.game.seat), before);
      await answersKeys(ann);
    });
  }
});

describe('the Fish Game against bots', () => {
  const server = new Server('FISHGAME_BIN', '-wins', '9', '-countdown', '300ms', '-bots-after', '1s', '-watch-delay', '500ms');
  before(() => server.start());
  after(() => server.stop());

  it('a lone player gets bots, and somebody watches', async (t) => {
    const ann = await FishPage.open(t, browser, server);
    await ann.guest();
    await playBots(ann);

    const eve = await FishPage.open(t, browser, server);
    await eve.guest();
    await eve.tab.click('#watchable button');
    await eve.until((fish) => globalThis.fishgame.scene?.fish.length === fish, 1 + BOTS);
    assert.equal(await eve.tab.evaluate(() => globalThis.fishgame.game.seat), -1);
    await eve.until(() => document.getElementById('net').textContent.startsWith('Watching'));
    const places = () => eve.tab.evaluate(() => JSON.stringify(globalThis.fishgame.scene.fish.map((f) => [f.x, f.y])));
    const first = await places();
    await eve.until((was) => JSON.stringify(globalThis.fishgame.scene.fish.map((f) => [f.x, f.y])) !== was, first);
    assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.game.roster.players.filter(Boolean).length), 1 + BOTS, 'who watches takes no seat');
  });

  it('a match against bots does not count, and who watches sees who wins', async (t) => {
    const server = new Server('FISHGAME_BIN', '-wins', '1', '-countdown', '300ms', '-watch-delay', '1s');
    await server.start();
    t.after(() => server.stop());
    const [ann, eve] = await Promise.all([FishPage.open(t, browser, server), FishPage.open(t, browser, server)]);
    await Promise.all([ann.guest(), eve.guest()]);
    await gatherBots(ann);
    await eve.tab.click('#watchable button'); // a full match can be watched before it begins: she misses nothing
    await eve.until(() => globalThis.fishgame.game?.roster);
    await fight(ann);
    for (const page of [ann, eve]) await page.tab.waitForSelector('section[data-screen=winner]', { state: 'visible', timeout: 120_000 }); // the tide comes
    assert.equal(await eve.text('#winner-name'), (await ann.text('#winner-name')).replace('You win', `${await ann.text('#who')} wins`));
    assert.match(await ann.text('#winner-note'), /does not count/);
    await ann.click('board');
    await ann.on('leaderboard');
    assert.equal(await ann.tab.locator('#records tr').count(), 0);
    assert.equal(await eve.tab.locator('section[data-screen=winner] [data-action=ready]').isVisible(), false);
    await ann.click('back');
    await ann.click('leave');
    await eve.click('leave');
    await eve.on('match');
  });

  it('150 ms away, with jitter and loss, the own fish answers in one frame, and takes pushes', async (t) => {
    const network = new SlowNetwork(server, { latency: 150, jitter: 0.05, loss: 0.01 });
    await network.start();
    t.after(() => network.stop());
    const [ann, bob] = [await FishPage.open(t, browser, network), await FishPage.open(t, browser, server)];
    await Promise.all([ann.guest(), bob.guest()]);
    await joinByCode(ann, bob);
    await begin(ann, bob);
    await bob.tab.evaluate(hunt);
    const { frames, corrections, latency, hits } = await ann.tab.evaluate(dance, { keys: 20, pushes: 3, seconds: 600 });

    const sorted = corrections.sort((a, b) => a - b);
    const at = (part) => sorted[Math.floor((sorted.length - 1) * part)];
    t.diagnostic(`there and back: ${latency} ms; ${frames.length} keys, answered after ${Math.max(...frames)} frames at most; ${hits} pushes taken`);
    t.diagnostic(`corrections: ${sorted.length}, p50 ${at(0.5).toFixed(2)} px, p99 ${at(0.99).toFixed(2)} px, most ${at(1).toFixed(2)} px`);
    assert.ok(latency > 250, `the network is slow: ${latency} ms`);
    assert.ok(frames.length >= 20, `${frames.length} keys were pressed`);
    assert.ok(hits >= 3, `${hits} pushes were taken`);
    assert.equal(Math.max(...frames), 1);
  });
});

// joinByCode brings two into a private match.
async function joinByCode(host, guest) {
  await host.click('create');
  await host.on('ready');
  await guest.tab.fill('#join input', await host.text('#code'));
  await guest.tab.click('#join button');
}

// begin has both press the button on the ready screen.
async function begin(...pages) {
  for (const page of pages) await page.on('ready');
  for (const page of pages) await page.click('ready');
  await Promise.all(pages.map((page) => page.phase(FIGHT)));
}

async function playBots(page) {
  await gatherBots(page);
  await fight(page);
}

// gatherBots waits in a match until all its places are taken.
async function gatherBots(page) {
  await page.click('quick');
  await page.on('ready');
  await page.until((bots) => globalThis.fishgame.game.roster?.players.filter((p) => p?.bot).length === bots, BOTS);
}

async function fight(page) {
  await page.click('ready');
  await page.phase(FIGHT);
  await page.free();
}

// walkIntoTheSea loses all rounds, by walking away from the middle.
async function walkIntoTheSea(loser, other) {
  for (let round = 1; ; round++) {
    await loser.free();
    const left = await loser.tab.evaluate(() => globalThis.fishgame.stage.drawn.x < 480);
    const key = left ? 'ArrowLeft' : 'ArrowRight';
    await loser.tab.keyboard.down(key);
    await other.until((n) => globalThis.fishgame.game.roster.round > n || globalThis.fishgame.game.roster.phase > 1, round);
    await loser.tab.keyboard.up(key);
    await other.until(([n, over]) => {
      const { roster } = globalThis.fishgame.game;
      return roster.round > n || roster.phase === over;
    }, [round, MATCH_OVER]);
    if (await other.tab.evaluate((over) => globalThis.fishgame.game.roster.phase === over, MATCH_OVER)) return;
    await loser.until((n) => globalThis.fishgame.game.roster.round > n, round);
  }
}

// inAgreement waits until two pages have the same roster, and in a relayed match one host.
async function inAgreement(...pages) {
  const view = () => JSON.stringify([globalThis.fishgame.game.roster, globalThis.fishgame.game.hosting]);
  for (let tries = 0; ; tries++) {
    const [a, b] = await Promise.all(pages.map(async (page) => JSON.parse(await page.tab.evaluate(view))));
    const alike = JSON.stringify(a[0]) === JSON.stringify(b[0]) && a[0].players.every((p) => !p?.away);
    if (alike && (a[1] === null || a[1] !== b[1])) return;
    assert.ok(tries < 1000, `they do not agree: ${JSON.stringify([a, b])}`);
    await pages[0].tab.waitForTimeout(100);
  }
}

// onTheBoard looks until a player has so many wins: in a relayed match it is the winner's page that writes the last one.
async function onTheBoard(page, name, wins) {
  for (let tries = 0; ; tries++) {
    await page.click('board');
    await page.on('leaderboard');
    const rows = await page.tab.$$eval('#records tr', (all) => all.map((tr) => [...tr.cells].map((c) => c.textContent)));
    const row = rows.find(([, fish]) => fish === name);
    if (Number(row?.[2]) === wins) return;
    assert.ok(tries < 100, `${name} has not ${wins}: ${JSON.stringify(rows)}`);
    await page.click('back');
  }
}

// answersKeys shows that the server moves the fish again.
async function answersKeys(page) {
  const x = () => page.tab.evaluate(() => globalThis.fishgame.stage.drawn?.x);
  const was = await x();
  await page.tab.keyboard.down(was < 300 ? 'ArrowRight' : 'ArrowLeft');
  await page.until((from) => Math.abs((globalThis.fishgame.stage.drawn?.x ?? from) - from) > 20, was);
  await page.tab.keyboard.up(was < 300 ? 'ArrowRight' : 'ArrowLeft');
}

// hunt runs in the page and goes on there: it runs to the other fish and dashes into it.
function hunt() {
  const set = (code, down) => document.body.dispatchEvent(new KeyboardEvent(down ? 'keydown' : 'keyup', { code, bubbles: true }));
  setInterval(() => {
    const fish = globalThis.fishgame.scene?.fish ?? [], own = fish.find((f) => f.me), other = fish.find((f) => !f.me && f.alive);
    if (!own?.alive || !other) return;
    const far = (other.x - own.x) / 256, near = Math.abs(far) < 60 && Math.abs(other.y - own.y) / 256 < 24;
    set('ArrowRight', far > 0);
    set('ArrowLeft', far < 0);
    set('Space', Math.abs(far) > 90 && own.ground);
    set('ShiftLeft', near && own.cool === 0 && Math.sign(far) === own.face);
  }, 40);
}

// dance runs in the page: it plays on, staying on the rocks as well as it can, until it has pressed so many keys and taken so many
// pushes, and counts after how many frames each key shows. How well the prediction holds is for fishpredict.test.js, where no
// machine is too slow.
async function dance({ keys, pushes, seconds }) {
  const READY_FRAMES = 8;
  const { stage, game } = globalThis.fishgame;
  const key = (type, code) => document.body.dispatchEvent(new KeyboardEvent(type, { code, bubbles: true }));
  const frames = [], end = performance.now() + seconds * 1000;
  let turn = 0, hits = 0, ready = 0; // frames for which the own fish has done what its player says
  const frame = async () => {
    await new Promise(requestAnimationFrame);
    const { scene } = globalThis.fishgame, own = scene?.fish.find((f) => f.me);
    hits = Math.max(hits, own?.hurt ?? 0);
    ready = own?.alive && stage.drawn && scene.phase === 1 && scene.freeze === 0 && !own.stun && !own.dash ? ready + 1 : 0;
    return own;
  };
  while (performance.now() < end && (frames.length < keys || hits < pushes)) {
    const own = await frame();
    if (ready < READY_FRAMES) continue;
    const home = own.x / 256 < 480 ? 290 : 670;
    const code = Math.abs(own.x / 256 - home) > 50 ? (own.x / 256 < home ? 'ArrowRight' : 'ArrowLeft') : ['ArrowRight', 'ArrowLeft'][turn++ % 2];
    const was = stage.drawn;
    key('keydown', code);
    let count = 0;
    do {
      await frame();
      count++;
    } while (ready > 0 && stage.drawn.x === was.x && stage.drawn.face === was.face && count < 10);
    if (ready > 0 && own.ground) frames.push(count);
    if (turn % 3 === 0) key('keydown', 'Space');
    const until = performance.now() + 250;
    while (performance.now() < until) await frame();
    key('keyup', code);
    key('keyup', 'Space');
  }
  return { frames, hits, corrections: [...game.corrections], latency: game.latency };
}
