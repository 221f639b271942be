// The Fish Game's page with one player in front of it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const PATIENCE_MS = 120_000;

export class FishPage {
  errors = []; // of the page's own code

  // open opens the page of a server (or of a network before it) in a window of its own, with these settings of the browser:
  // nothing is shared with others.
  static async open(t, browser, server, { hash = '', ...settings } = {}) {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...settings });
    const page = new FishPage();
    page.tab = await context.newPage();
    page.tab.setDefaultTimeout(PATIENCE_MS);
    page.tab.on('pageerror', (error) => page.errors.push(error));
    await page.tab.addInitScript(listen);
    await page.tab.goto(`http://${server.host}:${server.port}/${hash}`);
    await page.until(() => globalThis.fishgame !== undefined); // its code is there
    t.after(async () => {
      await context.close();
      assert.deepEqual(page.errors, []);
    });
    return page;
  }

  // signUp makes an account with e-mail and password.
  async signUp(name) {
    this.name = `${name}-${randomUUID().slice(0, 6)}`;
    await this.tab.click('[data-action=play]');
    await this.tab.click('#tab-create');
    await this.tab.fill('#form-create [name=username]', this.name);
    await this.tab.fill('#form-create [name=email]', `${this.name}@fish.example`);
    await this.tab.fill('#form-create [name=password]', 'password-for-fish');
    await this.tab.click('#form-create .big');
    await this.on('match');
  }

  // guest signs in without an account.
  async guest() {
    await this.tab.click('[data-action=play]');
    await this.tab.click('#form-guest .big');
    await this.on('match');
  }

  // on waits until a screen is shown.
  on(screen) {
    return this.tab.waitForSelector(`section[data-screen=${screen}]`, { state: 'visible' });
  }

  click(action) {
    return this.tab.click(`button[data-action=${action}]:visible`);
  }

  // mode chooses who runs the match.
  mode(mode) {
    return this.tab.check(`[name=mode][value=${mode}]`, { force: true });
  }

  // until waits until the page says yes; what runs there, with fishgame at hand.
  until(what, argument) {
    return this.tab.waitForFunction(what, argument, { polling: 50 });
  }

  // phase waits for a phase of the match: 0 lobby, 1 fight, 2 round over, 3 match over.
  phase(phase) {
    return this.until((want) => globalThis.fishgame.game?.roster?.phase === want, phase);
  }

  // free waits until the countdown is over and the player's fish is in the arena.
  free() {
    return this.until(() => globalThis.fishgame.scene?.freeze === 0 && globalThis.fishgame.stage.drawn !== null);
  }

  // hears waits until the page has said something, be it gone since; what it said is forgotten then.
  async hears(words) {
    await this.until((wanted) => globalThis.said.includes(wanted), words);
    await this.tab.evaluate(() => globalThis.said.splice(0));
  }

  text(selector) {
    return this.tab.textContent(selector);
  }
}

// listen runs in the page, before its own code: it keeps all that the page says.
function listen() {
  globalThis.said = [];
  addEventListener('DOMContentLoaded', () => {
    const message = document.getElementById('message');
    if (!message) return; // it is another page
    new MutationObserver(() => message.textContent && globalThis.said.push(message.textContent)).observe(message, { childList: true });
  });
}
