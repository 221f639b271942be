// The Fish Game in the browser: which screen comes when.

import { Socket } from '../client/socket.js';
import { FIGHT, LOBBY, MATCH_OVER, ROUND_OVER } from './authoritative.js';
import { overlay } from './hud.js';
import { Input } from './input.js';
import { Lobby } from './lobby.js';
import { $, element, players, portrait, records, say, show, shown, tabs, winner } from './screens.js';
import { Sound } from './sound.js';
import { Stage } from './stage.js';
import { Who } from './who.js';
import { Wins } from './wins.js';

const BOARD = 'fish_game_wins';
const CURTAIN_MS = 1_600; // between the last hit and the winner screen
const MUTED = 'fishgame.muted', MATCH = 'fishgame.match'; // what this browser, and this tab, remember
const WATCHABLE_MS = 5_000; // how often the fights to watch are listed anew
const MEANT_MS = 400; // after which a key on the winner screen is meant for it
const TWICE_MS = 3_000; // within which Escape has to be pressed twice to leave a fight

const load = async (name) => (await fetch(name)).json();
const [config, rules] = await Promise.all([load('config.json'), load('rules.json')]);

const sound = new Sound(localStorage.getItem(MUTED) === '1');
const stage = new Stage($('stage'), rules, sound);
const input = new Input($('stick'), document.querySelectorAll('#pads button'));
const who = new Who(config.server_key, () => cut || say('Session expired! Reconnecting…'));
const socket = new Socket(who.client);
const wins = new Wins({ who, board: BOARD, say });
const lobby = new Lobby({ client: who.client, socket, rules, config });

let game = null; // the match we are in
let scene = null; // what is drawn of it
let before = 'title'; // the screen under the leaderboard
let cut = false; // the connection broke, and is tried again
let next = null; // what comes after signing in, if not the match screen
let invited = new URLSearchParams(location.hash.slice(1)).get('join');

// For the console, and for tests.
globalThis.fishgame = { input, sound, stage, socket, who, wins, get game() { return game; }, get scene() { return scene; } };

// --- screens

const mode = () => document.querySelector('[name=mode]:checked').value;

// attempt does what a button asks for, and says what goes wrong.
async function attempt(what, otherwise) {
  try {
    return await what();
  } catch (error) {
    if (error.name === 'SessionExpired') return expired();
    if (otherwise) show(otherwise);
    say(error.name === 'TypeError' ? 'The server cannot be reached.' : error.message);
    return undefined;
  }
}

function connect() {
  show('connection');
}

function expired() {
  connect();
  say('Your session has expired. Please sign in again.', 0);
}

async function signedIn() {
  say('');
  $('who').textContent = who.client.session.username;
  if (invited) {
    const code = invited;
    invited = null;
    history.replaceState(null, '', location.pathname);
    return enter(() => lobby.find(code));
  }
  show('match');
  if (next) {
    const wanted = next;
    next = null;
    return wanted();
  }
  const left = sessionStorage.getItem(MATCH); // when the page was loaded again
  sessionStorage.removeItem(MATCH);
  const kept = left && await lobby.join(left).catch(() => null);
  if (kept) return enter(() => kept);
  if (left) say('You are back, but your match is gone.');
  await refreshWatchable();
}

let watchable = '[]';

// refreshWatchable lists the fights that can be watched, if they are not as they were.
async function refreshWatchable() {
  const running = await lobby.running().catch(() => []), now = JSON.stringify(running);
  if (now === watchable) return;
  watchable = now;
  $('watchable').hidden = running.length === 0;
  $('watchable').querySelector('ul').replaceChildren(...running.map(({ id, fish }) => element('li', {},
    `${fish} fish are fighting`, element('button', { type: 'button', textContent: 'Watch', onclick: () => enter(() => lobby.watch(id)) }))));
}

async function board() {
  before = shown() === 'leaderboard' ? before : shown();
  if (!who.client.session && !who.client.again) {
    next = board;
    return connect();
  }
  const list = await attempt(() => who.client.leaderboard(BOARD, { limit: 10, owner: who.user }));
  if (!list) {
    if (shown() === 'connection') next = board;
    return;
  }
  records(list, who.user);
  show('leaderboard');
}

async function quick() {
  const started = performance.now();
  const count = () => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const left = Math.max(0, Math.ceil(config.bots_after_ms / 1000 - seconds));
    const alone = mode() === 'relayed' ? 'Bots only play where the server runs the match. ' : '';
    $('searching').textContent = !alone && config.bots_after_ms ? `Bots will join you in ${left} s.`
      : `${seconds} s. ${alone}Open this page in a second window to play with yourself.`;
  };
  count();
  const timer = setInterval(count, 500);
  $('swimmer').replaceChildren(portrait(Math.floor(Math.random() * 4), 84, 60));
  show('search');
  await enter(() => lobby.quick(mode()));
  clearInterval(timer);
}

// enter goes into a match, however it was found.
async function enter(find) {
  const found = await attempt(find, 'match');
  if (found === null) return show('match');
  if (!found) return;
  game = found;
  known = '';
  game.addEventListener('roster', refresh);
  game.addEventListener('notice', ({ detail }) => say(detail));
  game.addEventListener('won', () => wins.count());
  $('share').hidden = !game.code;
  $('code').textContent = game.code ?? '';
  if (!game.watching) sessionStorage.setItem(MATCH, game.matchID);
  $('quit').hidden = false;
  if (game.roster) refresh();
  else show(null); // until it comes
}

async function leave(message = '') {
  const left = game;
  game = final = null;
  curtain = clearTimeout(curtain);
  $('hud').hidden = $('touch').hidden = $('quit').hidden = true;
  $('banner').textContent = '';
  input.active = false;
  sessionStorage.removeItem(MATCH);
  show('match');
  say(message);
  await left?.leave();
  await refreshWatchable();
}

// --- in a match

let meant = 0; // from when on keys are
let curtain; // the timer of the winner screen
let final = null; // who played the match that is over
let known = ''; // the roster that stands on the screens
let chimed = ''; // the round whose end has sounded

// refresh follows the roster of the match.
function refresh() {
  const { roster, seat } = game ?? {};
  if (!roster) return;
  const fighting = roster.phase === FIGHT || roster.phase === ROUND_OVER;
  $('hud').hidden = roster.phase === LOBBY;
  $('touch').hidden = !fighting || seat < 0 || !matchMedia('(pointer: coarse)').matches;
  input.active = fighting && seat >= 0;
  if (roster.phase === ROUND_OVER && chimed !== `${game.matchID}${roster.round}`) {
    chimed = `${game.matchID}${roster.round}`;
    sound.round();
  }
  if (roster.phase === MATCH_OVER) final ??= structuredClone(roster.players);
  else final = null;
  const first = known === '';
  write(roster, seat);
  if (!final) curtain = clearTimeout(curtain);
  const screen = fighting || game.watching ? null : 'ready';
  if ((!final || first) && shown() !== (screen ?? 'fight')) show(screen);
  if (final && shown() === 'fight') curtain ??= setTimeout(finale, CURTAIN_MS);
}

// write puts the roster on the screens, once: nothing is read out twice.
function write(roster, seat) {
  const news = JSON.stringify([game.matchID, seat, roster]);
  if (news === known) return;
  known = news;
  players(roster, seat);
  if (final) winner(roster, final, seat);
  readiness(roster, seat);
}

function finale() {
  if (game?.roster.phase !== MATCH_OVER || shown() !== 'fight') return;
  $('banner').textContent = '';
  sound.win();
  show('winner');
  meant = performance.now() + MEANT_MS;
}

function readiness(roster, seat) {
  const there = roster.players.filter((p) => p && !p.away), free = roster.players.filter((p) => !p).length;
  const ready = roster.players[seat]?.ready;
  for (const button of document.querySelectorAll('[data-action=ready]')) {
    button.hidden = game.watching;
    button.disabled = Boolean(ready) || (roster.phase === LOBBY && there.length < 2);
  }
  const fill = document.querySelector('[data-action=fill]'), held = document.activeElement === fill;
  fill.hidden = game.kind !== 'authoritative' || roster.phase !== LOBBY || free === 0;
  if (held && fill.hidden) $('ready').focus();
  $('hint').textContent = there.length < 2 ? 'Waiting for at least one more fish…'
    : ready ? 'Waiting for the others…' : `First to ${roster.wins} ${roster.wins === 1 ? 'round' : 'rounds'} wins.`;
}

setInterval(() => shown() === 'match' && !document.hidden && refreshWatchable(), WATCHABLE_MS);

// Other players may depend on this page: nothing of a relayed match stands still because somebody looks elsewhere.
setInterval(() => document.hidden && game?.kind === 'relayed' && game.frame(performance.now(), input), 500);

function frame(now) {
  requestAnimationFrame(frame);
  scene = game?.frame(now, input) ?? null;
  if (scene && game.roster) overlay(scene, { game, final, rules, connected: socket.connected });
  const fighting = scene && scene.phase !== LOBBY;
  const upright = innerHeight > innerWidth;
  stage.draw(now, fighting ? scene : null, game?.roster?.players.map((p) => p?.name) ?? [], {
    inset: upright && !$('touch').hidden ? $('touch').offsetHeight * 0.7 : 0, top: upright && fighting ? 60 : 0,
  });
}

// --- what the player does

const actions = {
  play: () => (who.client.session ? signedIn() : connect()),
  title: () => show('title'),
  board,
  back: () => (show(game || before !== 'title' ? before : 'title'), game && refresh()),
  quick,
  cancel: () => lobby.cancel(),
  create: () => enter(() => lobby.create(mode())),
  ready: () => game?.ready(),
  fill: () => game?.fill(),
  leave: () => leave(),
  copy: async () => {
    const link = `${location.origin}/#join=${game.code}`;
    await navigator.clipboard.writeText(link).then(() => say('The link is copied.'), () => say(link, 15_000));
  },
  'sign-out': async () => {
    socket.close();
    await who.signOut();
    sessionStorage.removeItem(MATCH);
    connect();
  },
};

document.addEventListener('click', ({ target, detail }) => {
  const button = target.closest('button');
  if (!detail && performance.now() < meant) return; // a key that was still held from the fight
  if (button) sound.click();
  actions[button?.dataset.action]?.();
});
for (const type of ['pointerdown', 'keydown']) addEventListener(type, () => sound.wake());

// submit signs in, or whatever else a form does.
function submit(form, what) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    sound.click();
    const button = form.querySelector('button');
    button.disabled = true;
    await what(Object.fromEntries(new FormData(form)));
    button.disabled = false;
  });
}

const signIn = (form, how) => submit(form, async (fields) => (await attempt(() => how(fields))) && signedIn());
signIn($('form-guest'), ({ username }) => who.guest(username.trim()));
signIn($('form-login'), ({ email, password, remember }) => who.email(email.trim(), password, { create: false, remember }));
signIn($('form-create'), ({ username, email, password, remember }) => who.email(email.trim(), password, { create: true, name: username.trim(), remember }));
submit($('join'), ({ code }) => enter(() => lobby.find(code)));

$('quit').addEventListener('click', () => leave());
$('mute').addEventListener('click', () => {
  sound.muted = !sound.muted;
  localStorage.setItem(MUTED, sound.muted ? '1' : '0');
  $('mute').setAttribute('aria-pressed', sound.muted);
});
$('mute').setAttribute('aria-pressed', sound.muted);

// escape goes back by one screen, and leaves a fight only if it is meant.
let escaped = -Infinity;
function escape() {
  const back = { connection: 'title', match: 'title', search: 'cancel', leaderboard: 'back' }[shown()];
  if (back) return actions[back]();
  if (!game || shown() !== 'fight') return undefined;
  if (game.seat < 0 || performance.now() - escaped < TWICE_MS) return leave();
  escaped = performance.now();
  return say('Press Escape again to leave.', TWICE_MS);
}
addEventListener('keydown', (event) => event.key === 'Escape' && !event.repeat && escape());

socket.addEventListener('lost', () => {
  cut = true;
  say('The connection broke. Reconnecting…', 0);
});
socket.addEventListener('back', ({ detail }) => {
  cut = false;
  if (game && detail.failed.includes(game.matchID)) return leave('You are back, but your match is gone.');
  say('You are back.');
});
socket.addEventListener('closed', async ({ detail }) => {
  cut = false;
  if (!detail.error) return;
  if (game) await leave();
  if (detail.error.name === 'SessionExpired') expired();
  else say('The server cannot be reached. Try again later.', 0);
});
socket.addEventListener('presence', ({ detail }) => {
  const gone = game && detail.matchID === game.matchID && detail.leaves.some((p) => p.user_id === who.user) && !detail.joins.length;
  if (!gone || !socket.connected || game.kind !== 'authoritative') return;
  if (game.watching && game.roster?.phase === MATCH_OVER) finale(); // it is the last that there is to be seen
  else leave('The match is over.');
});

tabs(document.querySelector('.tabs'));
for (const button of document.querySelectorAll('[data-screen=title] button')) button.disabled = false;
show('title');
requestAnimationFrame(frame);
const back = await who.resume().catch((error) => (error.name === 'SessionExpired' ? expired() : false));
if (back) await signedIn();
else if (invited && shown() === 'title') connect();
