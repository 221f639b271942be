// The page: what the address asks for is streamed and shown. #matches, #sessions, #queue, #boards and #events are lists,
// #match/ID is one match.

import { Spark, History, bytes, count, el, micros, reasons, sum, text } from './dom.js';
import { BoardsView, EventsView, QueueView, SessionsView } from './lists.js';
import { MatchView } from './match.js';
import { MatchesView } from './matches.js';

const TABS = {
  matches: ['Matches', MatchesView],
  sessions: ['Sessions', SessionsView],
  queue: ['Matchmaker', QueueView],
  boards: ['Boards', BoardsView],
  events: ['Events', EventsView],
};

const live = document.getElementById('live');
const main = document.getElementById('main');
const nav = document.getElementById('tabs');

let stream; // of the view
let totals; // a stream of totals beside that of one match
let view;

function status(on, what) {
  live.className = on ? 'on' : 'off';
  text(live, what);
}

// open streams an address to a function. The browser connects again by itself, unless it was told that it may not.
function open(address, show) {
  const source = new EventSource(address);
  source.onopen = () => status(true, 'live');
  source.onmessage = (e) => show(JSON.parse(e.data), source);
  source.onerror = async () => {
    status(false, 'connection lost');
    if (source.readyState !== EventSource.CLOSED) return;
    const answer = await fetch(address, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.status === 401) location.reload();
    else if (answer?.status === 404) view.gone?.();
    else if (source === stream) setTimeout(() => source === stream && route(), 2000);
  };
  return source;
}

// Totals are the tiles at the top.
class Totals {
  #history = new History();
  #took = new Spark();
  #late = new Spark('late');
  #tiles = {};

  constructor(node) {
    const tile = (key, title, spark) => {
      const value = el('b', {}, '–');
      const small = spark ? spark.node : el('small');
      this.#tiles[key] = { value, small };
      return el('div', { className: 'tile', id: `total-${key}` }, el('span', {}, title), value, small);
    };
    node.replaceChildren(
      tile('matches', 'Matches'), tile('players', 'Players'), tile('ticks', 'Ticks a second'),
      tile('took', 'Tick duration', this.#took), tile('late', 'Tick lateness', this.#late),
      tile('queues', 'Waiting'), tile('drops', 'Dropped'), tile('traffic', 'Sent a second'),
    );
  }

  show({ totals: t, open_sessions: sessions }) {
    if (!t) return;
    this.#history.take(t);
    this.#took.draw(this.#history.took, 100);
    this.#late.draw(this.#history.late, 1000);
    const set = (key, value, small, title = '') => {
      text(this.#tiles[key].value, value);
      if (small !== undefined) text(this.#tiles[key].small, small);
      this.#tiles[key].value.parentNode.title = title;
    };
    set('matches', count(t.matches), `${count(t.created)} in all`);
    set('players', count(t.players), sessions === undefined ? '' : `${count(sessions)} ${sessions === 1 ? 'session' : 'sessions'}`);
    set('ticks', count(t.ticks), `${t.busy.toFixed(2)} cores busy`);
    set('took', micros(t.now[0]));
    set('late', micros(t.now[1]));
    set('queues', count(t.inbox + t.calls), `${count(t.inbox)} messages, ${count(t.calls)} calls`);
    set('drops', count(sum(t.dropped)), `${count(sum(t.refused))} joins refused`, [reasons(t.dropped), reasons(t.refused)].join('\n'));
    set('traffic', bytes(t.out[1]), `${count(t.out[0])} messages`);
  }
}

const tiles = new Totals(document.getElementById('totals'));

function tabs(names, current) {
  const links = names.map((name) => {
    const link = el('a', { href: `#${name}` }, TABS[name][0]);
    if (name === current) link.setAttribute('aria-current', 'page');
    return link;
  });
  if (nav.dataset.shown === `${names} ${current}`) return;
  nav.dataset.shown = `${names} ${current}`;
  nav.replaceChildren(...links);
}

// route shows what the address asks for.
function route() {
  stream?.close();
  totals?.close();
  const [name, id] = location.hash.slice(1).split('/');
  if (name === 'match' && id) {
    view = new MatchView(decodeURIComponent(id));
    main.replaceChildren(view.node);
    totals = open('stream', (frame) => head(frame, 'matches'));
    stream = open(`stream/match?id=${encodeURIComponent(view.id)}`, (frame, source) => {
      view.show(frame);
      if (frame.ended) source.close();
    });
    return;
  }
  const tab = TABS[name] ? name : 'matches';
  const list = new TABS[tab][1]((query) => follow(list, tab, query));
  view = list;
  main.replaceChildren(view.node);
  follow(list, tab, {});
}

// follow streams a list as its filter and order ask for it.
function follow(list, tab, query) {
  stream?.close();
  stream = open(`stream?${new URLSearchParams({ tab, ...query })}`, (frame) => {
    head(frame, tab);
    list.show(frame);
  });
}

function head(frame, current) {
  tabs(frame.tabs, current);
  tiles.show(frame);
}

addEventListener('hashchange', route);
route();
