// The dashboard in a real browser: a match appears, its figures move, it is ended from the page, and its players are told.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { create } from './harness/fish_match.js';
import { Player } from './harness/player.js';
import { Server } from './harness/server.js';

const KEY = 'the key of the dashboard';

describe('the dashboard', () => {
  const server = new Server('FISHGAME_BIN', '-dashboard-key', KEY, '-bots-after', '0s');
  let browser, url;
  before(async () => {
    await server.start();
    url = `http://${server.host}:${server.port}/shoal/`;
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  // visit opens a page whose mistakes fail the test.
  async function visit(t, options) {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => assert.fail(error));
    return page;
  }

  async function enter(page) {
    await page.goto(url);
    await page.getByLabel('The key of this dashboard').fill(KEY);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('live', { exact: true }).waitFor();
  }

  it('keeps out who has not the key', async (t) => {
    const page = await visit(t);
    await page.goto(url);
    await page.getByLabel('The key of this dashboard').fill('another key, as long');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('That is not the key.').waitFor();
    assert.equal((await page.goto(url)).status(), 401);
    for (const path of ['stream', 'match/end', '../metrics']) {
      const answer = await page.request.fetch(url + path, { method: path === 'match/end' ? 'POST' : 'GET' });
      assert.equal(answer.status(), 401, path);
    }
  });

  it('shows a match that appears and moves, and ends it for its players', async (t) => {
    const [ann, bob] = await Player.pair(t, server, ['json', 'protobuf']);
    const page = await visit(t);
    await enter(page);
    await page.getByText('No matches.').waitFor();

    const id = await create(ann);
    const row = page.locator(`tr[data-id="${id}"]`);
    await row.getByText('0 / 4').waitFor();
    await ann.join(id);
    await bob.join(id);
    await row.getByText('2 / 4').waitFor();

    await row.getByRole('link', { name: 'fish' }).click();
    const roster = (player) => page.locator(`tr[data-session="${player.sessionID}"]`);
    await roster(ann).waitFor();
    await page.locator('.events li', { hasText: `joined ${bob.username}` }).waitFor();
    const age = page.locator('[data-fact="Running for"]');
    const before = await age.textContent();
    await age.filter({ hasNotText: before }).waitFor();
    await ann.socket.sendMatchState(id, 1, 'hello');
    await roster(ann).locator('td[data-name="received"]', { hasText: /^[1-9]/ }).waitFor();

    await roster(bob).getByRole('button', { name: 'Kick' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kick' }).click();
    await roster(bob).waitFor({ state: 'detached' });
    await ann.sees('leaves', bob);

    await page.getByRole('button', { name: 'End the match' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByText('This match has ended.').waitFor();
    await ann.sees('leaves', ann);
    await page.getByRole('link', { name: 'All matches' }).click();
    await page.getByText('No matches.').waitFor();
  });

  it('shows sessions, who waits and why, and boards', async (t) => {
    const ann = await Player.online(t, server, 'ann');
    await ann.socket.addMatchmaker('+properties.region:eu', 2, 2, { region: 'eu' });
    const page = await visit(t, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await page.goto(`${url}?key=${encodeURIComponent(KEY)}`);
    assert.equal(page.url(), url, 'the key is not left in the address');
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByText(ann.username).waitFor();
    await page.getByRole('link', { name: 'Matchmaker' }).click();
    await page.getByText('+properties.region:eu').waitFor();
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText('none of an allowed size').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Boards' }).click();
    await page.getByText('fish_game_wins').waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390, 'nothing sticks out of a phone');

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('The key of this dashboard').waitFor();
    const metrics = await page.request.get(`${url}../metrics`, { headers: { Authorization: `Bearer ${KEY}` } });
    assert.match(await metrics.text(), /^shoal_sessions [1-9]/m);
  });
});
