// The page around the arena: one screen at a time, and what stands on it.

import * as art from './art.js';

export const $ = (id) => document.getElementById(id);

const MESSAGE_MS = 5_000;
let timer;

// show puts one screen in front, or none for null, and hands it the keyboard. What was said on another is gone.
export function show(name) {
  if (name !== shown()) say('');
  for (const section of document.querySelectorAll('[data-screen]')) section.hidden = section.dataset.screen !== name;
  $('screens').classList.toggle('away', !name);
  document.body.dataset.shown = name ?? 'fight';
  const find = (what) => name && document.querySelector(`section[data-screen=${name}] ${what}:not([hidden], [hidden] *, :disabled)`);
  const first = find('.big') ?? find('button');
  (first || $('stage')).focus({ preventScroll: true });
}

export const shown = () => document.body.dataset.shown;

// say shows a message for a while; '' takes it away.
export function say(text, ms = MESSAGE_MS) {
  $('message').textContent = text;
  clearTimeout(timer);
  if (text && ms) timer = setTimeout(() => ($('message').textContent = ''), ms);
}

// element makes one with properties and children.
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// portrait is the fish of a seat, that high.
export function portrait(seat, width, height) {
  const ratio = 2, canvas = element('canvas', { width: width * ratio, height: height * ratio });
  const g = canvas.getContext('2d');
  g.scale(ratio, ratio);
  g.translate(width / 2 + 3, height / 2 + 1);
  g.scale(height / 38, height / 38);
  art.fish(g, seat, { face: 1, vx: 0, vy: 0, ground: true, time: 0.2 });
  canvas.setAttribute('aria-hidden', 'true');
  return canvas;
}

// players lists who is in the match, with the status of each.
export function players(roster, seat) {
  const status = (p) => (p.away ? 'Connecting…' : p.bot ? 'Bot' : p.ready ? 'READY!' : 'Connected.');
  $('players').replaceChildren(...roster.players.map((p, i) => (p
    ? element('li', { className: i === seat ? 'own' : '' }, portrait(i, 56, 40), element('b', { textContent: i === seat ? 'You' : p.name }),
      element('span', { textContent: status(p), className: p.ready ? 'is-ready' : '' }))
    : element('li', { className: 'free', textContent: 'A free place' }))));
}

// scores shows the rounds won, above the arena.
export function scores(roster, alive) {
  $('scores').replaceChildren(...roster.players.flatMap((p, i) => (p
    ? [element('li', { className: alive(i) ? '' : 'dead' }, portrait(i, 34, 26), element('b', { textContent: p.name }), element('span', { textContent: `${p.wins}` }))]
    : [])));
}

// winner shows who has won the match, and the others after them: those who were there at its end, wherever they are now.
export function winner(roster, final, seat) {
  const champion = final[roster.winner];
  $('winner-name').textContent = roster.winner === seat ? 'You win!' : `${champion?.name ?? 'Nobody'} wins!`;
  $('champion').replaceChildren(...(champion ? [portrait(roster.winner, 132, 92)] : []));
  $('winner-note').textContent = verdict(roster, champion, roster.winner === seat);
  const order = final.flatMap((p, i) => (p ? [{ ...p, i }] : [])).sort((a, b) => b.wins - a.wins);
  const ready = (p) => !p.bot && roster.players[p.i]?.id === p.id && roster.players[p.i].ready;
  $('final').replaceChildren(...order.map((p) => element('li', { className: p.i === seat ? 'own' : '' }, portrait(p.i, 56, 40), element('b', { textContent: p.i === seat ? 'You' : p.name }),
    element('span', { textContent: ready(p) ? 'READY!' : `${p.wins} won`, className: ready(p) ? 'is-ready' : '' }))));
}

// verdict says what a win is worth.
function verdict(roster, champion, own) {
  if (!roster.ranked) return 'A match against bots does not count on the leaderboard.';
  const walkover = champion && champion.wins < roster.wins ? 'All others have left. ' : '';
  return walkover + (own ? 'One more win for you on the leaderboard.' : '');
}

// records shows the leaderboard, and the player's own row below it if it is not among the best.
export function records({ records: rows, own }, user) {
  const all = own && !rows.some((r) => r.owner_id === own.owner_id) ? [...rows, own] : rows;
  $('norecords').hidden = all.length > 0;
  $('records').replaceChildren(...all.map((r) => element('tr', { className: r.owner_id === user ? 'own' : '' },
    element('td', { textContent: r.rank }), element('td', { textContent: r.username }), element('td', { textContent: r.score ?? 0 }))));
}

// tabs lets one of the forms be seen, by mouse and by arrow keys.
export function tabs(list) {
  const all = [...list.querySelectorAll('[role=tab]')];
  const choose = (tab) => {
    for (const t of all) {
      t.setAttribute('aria-selected', t === tab);
      t.tabIndex = t === tab ? 0 : -1;
      $(t.getAttribute('aria-controls')).hidden = t !== tab;
    }
  };
  for (const [i, tab] of all.entries()) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(i + step + all.length) % all.length];
      choose(next);
      next.focus();
    });
  }
  choose(all[0]);
}
