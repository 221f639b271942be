// The Fish Game for everybody: by keyboard alone, by touch on a phone, with little motion, and with text that can be read.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch } from './harness/chromium.js';
import { FishPage } from './harness/fish_page.js';
import { Server } from './harness/server.js';

const FIGHT = 1;
const STILL = { reducedMotion: 'reduce' };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the Fish Game for everybody', () => {
  const server = new Server('FISHGAME_BIN', '-wins', '20', '-countdown', '300ms', '-bots-after', '1m');
  let browser;
  before(async () => {
    await server.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  it('every screen can be read, and walked through with the Tab key', async (t) => {
    const ann = await FishPage.open(t, browser, server, STILL), bob = await FishPage.open(t, browser, server, STILL);
    const screens = {
      title: () => ann.on('title'),
      guest: () => ann.click('play'),
      login: () => ann.tab.click('#tab-login'),
      account: () => ann.tab.click('#tab-create'),
      match: () => ann.tab.click('#tab-guest').then(() => ann.tab.click('#form-guest .big')).then(() => ann.on('match')),
      search: () => ann.click('quick').then(() => ann.on('search')),
      ready: async () => {
        await ann.click('cancel');
        await ann.on('match');
        await ann.click('create');
        await ann.on('ready');
      },
      fight: async () => {
        await bob.guest();
        await bob.tab.fill('#join input', await ann.text('#code'));
        await bob.tab.click('#join button');
        for (const page of [ann, bob]) await page.on('ready');
        for (const page of [ann, bob]) await page.click('ready');
        await ann.phase(FIGHT);
        await ann.tab.waitForSelector('#scores li', { state: 'visible' });
      },
      winner: () => bob.tab.click('#quit').then(() => ann.on('winner')),
      leaderboard: () => ann.click('board').then(() => ann.on('leaderboard')),
    };
    for (const [name, go] of Object.entries(screens)) {
      await go();
      const texts = await ann.tab.evaluate(contrasts);
      assert.ok(texts.length > 0, name);
      assert.deepEqual(texts.filter((x) => x.contrast < (x.large ? 3 : 4.5)), [], `${name}: text that is hard to read`);
      const { reached, dull, missed } = await walk(ann);
      assert.deepEqual({ dull, missed }, { dull: [], missed: [] }, `${name}: reached ${reached}`);
    }
  });

  it('from the title into a fight without a mouse', async (t) => {
    const ann = await FishPage.open(t, browser, server);
    const enter = () => ann.tab.keyboard.press('Enter');
    await ann.until(() => document.activeElement.dataset.action === 'play');
    await enter();
    await ann.on('connection');
    await enter();
    await ann.on('match');
    await ann.tab.keyboard.press('Tab');
    await enter(); // a private match
    await ann.on('ready');
    await ann.until(() => document.activeElement.dataset.action !== undefined);
    for (let i = 0; i < 5 && !(await ann.tab.evaluate(() => document.activeElement.dataset.action === 'fill')); i++) await ann.tab.keyboard.press('Tab');
    await enter();
    await ann.until(() => globalThis.fishgame.game.roster.players.every(Boolean));
    await ann.until(() => document.activeElement.id === 'ready', 'the button is gone, and the next has the focus');
    await enter();
    await ann.phase(FIGHT);
    await ann.free();
    await ann.tab.keyboard.down('ArrowRight');
    await ann.until(() => globalThis.fishgame.scene?.fish.find((f) => f.me)?.vx > 0);
    await ann.tab.keyboard.up('ArrowRight');
    await ann.tab.keyboard.press('Escape');
    await ann.hears('Press Escape again to leave.');
    await ann.until(() => { // twice within three seconds, however slow all this is
      const fighting = () => document.body.dataset.shown === 'fight';
      for (let i = 0; i < 2 && fighting(); i++) dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
      return document.body.dataset.shown === 'match';
    });
  });

  it('with two thumbs on a phone', async (t) => {
    const ann = await FishPage.open(t, browser, server, PHONE);
    await ann.tab.tap('[data-action=play]');
    await ann.tab.tap('#form-guest .big');
    await ann.on('match');
    await ann.tab.tap('[data-action=create]');
    await ann.on('ready');
    await ann.tab.tap('[data-action=fill]');
    await ann.until(() => globalThis.fishgame.game.roster.players.every(Boolean));
    await ann.tab.tap('#ready');
    await ann.phase(FIGHT);
    await ann.free();

    const middle = async (selector) => {
      const box = await ann.tab.locator(selector).boundingBox();
      assert.ok(Math.min(box.width, box.height) >= 44, `${selector} is big enough for a thumb`);
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const touch = await ann.tab.context().newCDPSession(ann.tab);
    const fingers = (type, ...touchPoints) => touch.send('Input.dispatchTouchEvent', { type, touchPoints });
    const keys = (want) => ann.until((bits) => globalThis.fishgame.input.keys === bits, want);
    const stick = { ...(await middle('#stick')), id: 0 }, right = { ...stick, x: stick.x + 40 }, down = { ...stick, y: stick.y + 45 };
    const jump = { ...(await middle('[data-key=jump]')), id: 1 };
    const RIGHT = 2, JUMP = 4, DOWN = 8;
    await fingers('touchStart', stick);
    await fingers('touchMove', right);
    await keys(RIGHT);
    await ann.until(() => globalThis.fishgame.scene?.fish.find((f) => f.me)?.vx > 0);
    await fingers('touchStart', right, jump);
    await keys(RIGHT | JUMP);
    await fingers('touchEnd'); // both at once
    await keys(0);
    await fingers('touchStart', stick);
    await fingers('touchMove', down);
    await keys(DOWN);
    await fingers('touchEnd');
    await keys(0);
    assert.equal(await ann.tab.evaluate(() => scrollX + scrollY + visualViewport.scale), 1, 'the page stays where it is');
  });

  it('stands still for those who want it', async (t) => {
    for (const [reducedMotion, moves] of [['reduce', false], ['no-preference', true]]) {
      const page = await FishPage.open(t, browser, server, { reducedMotion });
      await page.on('title');
      assert.equal(await page.tab.evaluate(changes), moves, reducedMotion);
    }
  });

  it('sounds after the first touch, unless it is muted', async (t) => {
    const ann = await FishPage.open(t, browser, server);
    const state = () => ann.tab.evaluate(() => globalThis.fishgame.sound.state);
    assert.equal(await state(), null, 'browsers want that');
    await ann.click('play');
    await ann.until(() => globalThis.fishgame.sound.state === 'running');
    await ann.tab.click('#mute');
    assert.equal(await ann.tab.getAttribute('#mute', 'aria-pressed'), 'true');
    await ann.tab.reload();
    await ann.until(() => globalThis.fishgame?.sound.muted === true);
    assert.equal(await ann.tab.getAttribute('#mute', 'aria-pressed'), 'true', 'that is remembered');
    await ann.tab.click('#mute');
    assert.equal(await ann.tab.evaluate(() => globalThis.fishgame.sound.muted), false);
  });
});

// walk presses Tab until it has come round: which controls it reaches, which of them do not show it, and which are missed.
async function walk(page) {
  const here = () => page.tab.evaluate(() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    globalThis.reached ??= new Set();
    const again = globalThis.reached.has(at);
    globalThis.reached.add(at);
    const ring = getComputedStyle(at.matches('.switch input') ? at.nextElementSibling : at);
    return { again, name: at.id || at.dataset.action || at.name || at.textContent, shows: ring.outlineStyle === 'solid' && parseFloat(ring.outlineWidth) >= 3 };
  });
  const reached = [], dull = [];
  await page.tab.evaluate(() => (globalThis.reached = new Set()));
  let left = 0; // how often the focus has left the page for the browser
  for (let i = 0; i < 60 && left < 2; i++) {
    await page.tab.keyboard.press('Tab');
    const at = await here();
    if (at === null) left++;
    else if (at.again) break;
    else {
      reached.push(at.name);
      if (!at.shows) dull.push(at.name);
    }
  }
  const missed = await page.tab.evaluate(() => [...document.querySelectorAll('button, input, a, select')]
    .filter((e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !globalThis.reached.has(e) && !(e.type === 'radio' && !e.checked))
    .map((e) => e.id || e.dataset.action || e.name));
  return { reached, dull, missed };
}

// contrasts runs in the page: how well each text stands out against what is behind it, as WCAG counts. Over the picture that
// is the brightest, the darkest and the reddest of it; text with an outline stands on that.
function contrasts() {
  const picture = ['rgb(255, 243, 201)', 'rgb(43, 42, 107)', 'rgb(238, 127, 123)'];
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => {
    const mix = (k) => top[k] * top.a + below[k] * (1 - top.a);
    return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 };
  };
  const light = ({ r, g, b }) => [r, g, b]
    .map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text || !e.checkVisibility() || e.closest('[aria-hidden=true], :disabled')) continue;
    const style = getComputedStyle(e), layers = [];
    let opacity = 1, solid = false;
    for (let up = e; up !== document.body && !solid; up = up.parentElement) {
      const layer = parse(getComputedStyle(up).backgroundColor);
      opacity *= Number(getComputedStyle(up).opacity);
      layers.unshift(layer);
      solid = layer.a === 1;
    }
    const outline = parseFloat(style.webkitTextStrokeWidth) > 0 && style.paintOrder.startsWith('stroke');
    const grounds = outline ? [parse(style.webkitTextStrokeColor)]
      : picture.map((colour) => layers.reduce((below, layer) => over(layer, below), parse(colour)));
    const ink = parse(style.color), size = parseFloat(style.fontSize);
    found.push({
      text, large: size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700),
      contrast: Math.min(...grounds.map((ground) => ratio(over({ ...ink, a: ink.a * opacity }, ground), ground))),
    });
  }
  return found;
}

// changes runs in the page: whether the picture of the arena changes within some frames.
async function changes() {
  const picture = () => document.getElementById('stage').toDataURL();
  const frame = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < 3; i++) await frame();
  const first = picture();
  for (let i = 0; i < 30; i++) {
    await frame();
    if (picture() !== first) return true;
  }
  return false;
}
